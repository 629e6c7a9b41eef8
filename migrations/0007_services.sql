-- What a resort sells.

create table app.services (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  name_key text collate "C" not null generated always as (lower(name)) stored,
  category text not null,
  price_cents bigint not null,
  unit text not null,
  duration_minutes integer,
  daily_capacity integer,
  taxable boolean not null,
  requires_kennel boolean not null,
  is_active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint services_pkey primary key (tenant_id, id),
  constraint services_name_key unique (tenant_id, name_key),
  constraint services_category_check check (category in ('BOARDING', 'DAYCARE', 'GROOMING', 'TRAINING')),
  constraint services_unit_check check (unit in ('NIGHT', 'DAY', 'SESSION')),
  constraint services_price_check check (price_cents between 0 and 100000000),
  constraint services_duration_check check (duration_minutes between 1 and 1440),
  constraint services_capacity_check check (daily_capacity between 1 and 10000),
  constraint services_tenant_fkey foreign key (tenant_id) references app.tenants (id)
);

select app.distribute('app.services');

select app.secure('app.services');

create table app.add_ons (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  name_key text collate "C" not null generated always as (lower(name)) stored,
  category text,
  price_cents bigint not null,
  unit text not null,
  taxable boolean not null,
  is_active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint add_ons_pkey primary key (tenant_id, id),
  constraint add_ons_name_key unique (tenant_id, name_key),
  constraint add_ons_category_check check (category in ('BOARDING', 'DAYCARE', 'GROOMING', 'TRAINING')),
  constraint add_ons_unit_check check (unit in ('STAY', 'DAY')),
  constraint add_ons_price_check check (price_cents between 0 and 100000000),
  constraint add_ons_tenant_fkey foreign key (tenant_id) references app.tenants (id)
);

select app.distribute('app.add_ons');

select app.secure('app.add_ons');
