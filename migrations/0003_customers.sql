-- The people who own the pets. The *_key columns are folded copies for search and order; they compare bytewise
-- ("C"), so that range conditions are leakproof and reach the index under row-level security.

create table app.customers (
  tenant_id uuid not null,
  id uuid not null,
  first_name text not null,
  last_name text not null,
  email text,
  phone text,
  address_line1 text,
  address_line2 text,
  city text,
  region text,
  postal_code text,
  country text,
  emergency_contact_name text,
  emergency_contact_phone text,
  notes text,
  tags text[] not null default '{}',
  external_id text,
  is_active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  name_key text collate "C" not null generated always as (
    translate(lower(first_name || ' ' || last_name), 'áàâäãåāçčéèêëēęíìîïīłñńóòôöõøōšúùûüūýÿžź', 'aaaaaaacceeeeeeiiiiilnnooooooosuuuuuyyzz')) stored,
  sort_key text collate "C" not null generated always as (
    translate(lower(last_name || ' ' || first_name), 'áàâäãåāçčéèêëēęíìîïīłñńóòôöõøōšúùûüūýÿžź', 'aaaaaaacceeeeeeiiiiilnnooooooosuuuuuyyzz')) stored,
  email_key text collate "C" generated always as (lower(email)) stored,
  phone_key text collate "C" generated always as (regexp_replace(phone, '[^0-9]', '', 'g')) stored,
  phone_end_key text collate "C" generated always as (reverse(regexp_replace(phone, '[^0-9]', '', 'g'))) stored,
  constraint customers_pkey primary key (tenant_id, id),
  constraint customers_tenant_fkey foreign key (tenant_id) references app.tenants (id)
);

select app.distribute('app.customers');

select app.secure('app.customers');

create unique index customers_external_id_key on app.customers (tenant_id, external_id) where external_id is not null;

create index customers_sort_idx on app.customers (tenant_id, sort_key, id);

create index customers_name_idx on app.customers (tenant_id, name_key, id);

create index customers_email_idx on app.customers (tenant_id, email_key);

create index customers_phone_idx on app.customers (tenant_id, phone_key);

create index customers_phone_end_idx on app.customers (tenant_id, phone_end_key);
