-- The guests.

create table app.pets (
  tenant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  name text not null,
  species text not null,
  breed text,
  sex text not null,
  birth_on date,
  weight_grams integer,
  neutered boolean,
  microchip text,
  vet_name text,
  vet_phone text,
  feeding text,
  medication text,
  allergies text,
  behavior text,
  alerts text[] not null default '{}',
  is_active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  name_key text collate "C" not null generated always as (
    translate(lower(name), 'áàâäãåāçčéèêëēęíìîïīłñńóòôöõøōšúùûüūýÿžź', 'aaaaaaacceeeeeeiiiiilnnooooooosuuuuuyyzz')) stored,
  constraint pets_pkey primary key (tenant_id, id),
  constraint pets_customer_key unique (tenant_id, customer_id, id),
  constraint pets_customer_fkey foreign key (tenant_id, customer_id) references app.customers (tenant_id, id),
  constraint pets_species_check check (species in ('DOG', 'CAT', 'RABBIT', 'BIRD', 'REPTILE', 'SMALL_MAMMAL', 'OTHER')),
  constraint pets_sex_check check (sex in ('MALE', 'FEMALE', 'UNKNOWN')),
  constraint pets_weight_check check (weight_grams > 0)
);

select app.distribute('app.pets');

select app.secure('app.pets');

create index pets_customer_idx on app.pets (tenant_id, customer_id);

create index pets_active_idx on app.pets (tenant_id, is_active);

create index pets_name_idx on app.pets (tenant_id, name_key, id);
