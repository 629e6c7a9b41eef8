-- What a pet was given, and what a resort demands. The name of a vaccine is compared by its folded key.

create table app.vaccinations (
  tenant_id uuid not null,
  id uuid not null,
  pet_id uuid not null,
  vaccine text not null,
  vaccine_key text collate "C" not null generated always as (lower(vaccine)) stored,
  given_on date,
  expires_on date not null,
  verified boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint vaccinations_pkey primary key (tenant_id, id),
  constraint vaccinations_pet_fkey foreign key (tenant_id, pet_id) references app.pets (tenant_id, id) on delete cascade,
  constraint vaccinations_dates_check check (given_on is null or given_on <= expires_on)
);

select app.distribute('app.vaccinations');

select app.secure('app.vaccinations');

create index vaccinations_pet_idx on app.vaccinations (tenant_id, pet_id, vaccine_key, expires_on);

create index vaccinations_expiry_idx on app.vaccinations (tenant_id, expires_on, id);

create table app.vaccine_requirements (
  tenant_id uuid not null,
  id uuid not null,
  species text collate "C" not null,
  category text collate "C" not null,
  vaccine text not null,
  vaccine_key text collate "C" not null generated always as (lower(vaccine)) stored,
  enforcement text not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint vaccine_requirements_pkey primary key (tenant_id, id),
  constraint vaccine_requirements_key unique (tenant_id, species, category, vaccine_key),
  constraint vaccine_requirements_species_check check (species in ('DOG', 'CAT', 'RABBIT', 'BIRD', 'REPTILE', 'SMALL_MAMMAL', 'OTHER')),
  constraint vaccine_requirements_category_check check (category in ('BOARDING', 'DAYCARE', 'GROOMING', 'TRAINING')),
  constraint vaccine_requirements_enforcement_check check (enforcement in ('BLOCK', 'WARN')),
  constraint vaccine_requirements_tenant_fkey foreign key (tenant_id) references app.tenants (id)
);

select app.distribute('app.vaccine_requirements');

select app.secure('app.vaccine_requirements');
