-- Where guests sleep. A kennel's capacity is its rows in kennel_slots: a stay holds one slot, and the constraint
-- on reservations keeps any slot from being held twice.

create table app.kennels (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  name_key text collate "C" not null generated always as (lower(name)) stored,
  kind text not null,
  area text,
  capacity integer not null,
  is_active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint kennels_pkey primary key (tenant_id, id),
  constraint kennels_name_key unique (tenant_id, name_key),
  constraint kennels_kind_check check (kind in ('RUN', 'SUITE', 'ROOM', 'CAGE', 'CONDO', 'OTHER')),
  constraint kennels_capacity_check check (capacity between 1 and 50),
  constraint kennels_tenant_fkey foreign key (tenant_id) references app.tenants (id)
);

select app.distribute('app.kennels');

select app.secure('app.kennels');

create table app.kennel_slots (
  tenant_id uuid not null,
  kennel_id uuid not null,
  slot integer not null,
  constraint kennel_slots_pkey primary key (tenant_id, kennel_id, slot),
  constraint kennel_slots_slot_check check (slot between 1 and 50),
  constraint kennel_slots_kennel_fkey foreign key (tenant_id, kennel_id) references app.kennels (tenant_id, id) on delete cascade
);

select app.distribute('app.kennel_slots');

select app.secure('app.kennel_slots');

-- Out of service, half-open: usable again on ends_on.
create table app.kennel_closures (
  tenant_id uuid not null,
  id uuid not null,
  kennel_id uuid not null,
  starts_on date not null,
  ends_on date not null,
  reason text,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint kennel_closures_pkey primary key (tenant_id, id),
  constraint kennel_closures_kennel_fkey foreign key (tenant_id, kennel_id) references app.kennels (tenant_id, id) on delete cascade,
  constraint kennel_closures_dates_check check (starts_on < ends_on),
  constraint kennel_closures_overlap_excl exclude using gist
    (tenant_id with =, kennel_id with =, daterange(starts_on, ends_on) with &&)
);

select app.distribute('app.kennel_closures');

select app.secure('app.kennel_closures');

create index kennel_closures_dates_idx on app.kennel_closures (tenant_id, kennel_id, starts_on, ends_on);
