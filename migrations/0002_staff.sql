-- The people who work at a resort, their sessions, and the answers kept for repeated requests.

create table app.staff (
  tenant_id uuid not null,
  id uuid not null,
  first_name text not null,
  last_name text not null,
  email text not null,
  email_key text collate "C" not null generated always as (lower(email)) stored,
  role text not null,
  password_hash text not null,
  is_active boolean not null default true,
  failed_attempts integer not null default 0,
  locked_until timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint staff_pkey primary key (tenant_id, id),
  constraint staff_email_key unique (tenant_id, email_key),
  constraint staff_role_check check (role in ('OWNER', 'MANAGER', 'STAFF')),
  constraint staff_tenant_fkey foreign key (tenant_id) references app.tenants (id)
);

select app.distribute('app.staff');

select app.secure('app.staff');

create table app.staff_sessions (
  tenant_id uuid not null,
  token_hash bytea not null,
  staff_id uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint staff_sessions_pkey primary key (tenant_id, token_hash),
  constraint staff_sessions_staff_fkey foreign key (tenant_id, staff_id) references app.staff (tenant_id, id) on delete cascade
);

select app.distribute('app.staff_sessions');

select app.secure('app.staff_sessions');

create index staff_sessions_staff_idx on app.staff_sessions (tenant_id, staff_id, expires_at);

-- status is null while the first request is still being answered; its transaction holds the row.
create table app.idempotency_keys (
  tenant_id uuid not null,
  staff_id uuid not null,
  key text collate "C" not null,
  fingerprint bytea not null,
  status integer,
  location text,
  etag text,
  body bytea,
  created_at timestamptz not null,
  constraint idempotency_keys_pkey primary key (tenant_id, staff_id, key),
  constraint idempotency_keys_staff_fkey foreign key (tenant_id, staff_id) references app.staff (tenant_id, id) on delete cascade
);

select app.distribute('app.idempotency_keys');

select app.secure('app.idempotency_keys');

create index idempotency_keys_created_idx on app.idempotency_keys (tenant_id, created_at);

-- Who is asking, and at which resort: the one look-up before a request has a scope, hence past row-level security.
-- The resort is found by subdomain or id; the session only by the hash of a secret, within the tenant its token names.
-- The caller compares session_tenant_id with id: a session of another resort is refused, never used.
create function app.identify(
  p_subdomain text, p_id uuid, p_session_tenant_id uuid, p_token_hash bytea, p_now timestamptz
) returns table (
  id uuid, subdomain text, name text, tier text, status text, timezone text, currency text, tax_rate_bps integer,
  rate_limit integer, session_tenant_id uuid, staff_id uuid, role text, session_expires_at timestamptz
) language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query
    select t.id, t.subdomain, t.name, t.tier, t.status, t.timezone, t.currency, t.tax_rate_bps,
           t.rate_limit, s.tenant_id, s.staff_id, p.role, s.expires_at
    from app.tenants t
    left join (app.staff_sessions s join app.staff p on p.tenant_id = s.tenant_id and p.id = s.staff_id and p.is_active)
      on s.tenant_id = p_session_tenant_id and s.token_hash = p_token_hash and s.expires_at > p_now
    where t.id = coalesce(p_id, (select b.id from app.tenants b where b.subdomain = p_subdomain));
end $$;

revoke all on function app.identify from public;

grant execute on function app.identify to tailtown_app;
