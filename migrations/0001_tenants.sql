-- The ground: who may touch the schema, how a table becomes a tenant's, and the platform's own tables.

create extension if not exists btree_gist;

grant usage on schema app to tailtown_app;

alter default privileges in schema app grant select, insert, update, delete on tables to tailtown_app;

-- Spreads a tenant table over the workers of a sharded cluster; on plain PostgreSQL there is nothing to do.
create function app.distribute(target regclass) returns void language plpgsql as $$
begin
  if exists (select from pg_extension where extname = 'citus') then
    execute format('select create_distributed_table(%L, %L)', target, 'tenant_id');
  end if;
end $$;

-- The same for a table without a tenant: a copy on every worker.
create function app.replicate(target regclass) returns void language plpgsql as $$
begin
  if exists (select from pg_extension where extname = 'citus') then
    execute format('select create_reference_table(%L)', target);
  end if;
end $$;

-- Forces row-level security: the program sees the rows of the tenant its transaction is scoped to, and without
-- a scope none. The owner's policy is for backfills, which would otherwise change no row in silence.
create function app.secure(target regclass) returns void language plpgsql as $$
declare
  mine constant text := 'tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid';
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant on %s for all to tailtown_app using (%s) with check (%s)', target, mine, mine);
  execute format('create policy owner on %s for all to %I using (true) with check (true)', target, current_user);
end $$;

create table app.tenants (
  id uuid not null,
  subdomain text not null,
  name text not null,
  tier text not null,
  status text not null,
  timezone text not null,
  currency text not null,
  tax_rate_bps integer not null,
  rate_limit integer,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint tenants_pkey primary key (id),
  constraint tenants_subdomain_key unique (subdomain),
  constraint tenants_subdomain_check check (subdomain ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  constraint tenants_tier_check check (tier in ('FREE', 'BASIC', 'PRO', 'ENTERPRISE')),
  constraint tenants_status_check check (status in ('TRIAL', 'ACTIVE', 'SUSPENDED', 'CLOSED')),
  constraint tenants_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint tenants_tax_rate_check check (tax_rate_bps between 0 and 10000),
  constraint tenants_rate_limit_check check (rate_limit > 0)
);

select app.replicate('app.tenants');

create table app.operators (
  id uuid not null,
  name text not null,
  email text not null,
  password_hash text not null,
  is_active boolean not null default true,
  failed_attempts integer not null default 0,
  locked_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint operators_pkey primary key (id),
  constraint operators_email_key unique (email),
  constraint operators_email_check check (email = lower(email))
);

select app.replicate('app.operators');

create table app.operator_sessions (
  token_hash bytea not null,
  operator_id uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint operator_sessions_pkey primary key (token_hash),
  constraint operator_sessions_operator_fkey foreign key (operator_id) references app.operators (id) on delete cascade
);

create index operator_sessions_operator_idx on app.operator_sessions (operator_id);

select app.replicate('app.operator_sessions');
