--: Pet(breed?, birth_on?, weight_grams?, neutered?, microchip?, vet_name?, vet_phone?, feeding?, medication?, allergies?, behavior?)

--! list (species?, is_active?) : Pet
select id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone,
       feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key
from app.pets
where tenant_id = :tenant_id
  and (name_key, id) > (:after_key, :after_id)
  and name_key >= :low and name_key < :high
  and case when :species::text is null then true else species = :species end
  and case when :is_active::boolean is null then true else is_active = :is_active end
order by name_key, id
limit :fetch;

--! list_of_customer (species?, is_active?) : Pet
select id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone,
       feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key
from app.pets
where tenant_id = :tenant_id and customer_id = :customer_id
  and (name_key, id) > (:after_key, :after_id)
  and name_key >= :low and name_key < :high
  and case when :species::text is null then true else species = :species end
  and case when :is_active::boolean is null then true else is_active = :is_active end
order by name_key, id
limit :fetch;

--! find : Pet
select id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone,
       feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key
from app.pets
where tenant_id = :tenant_id and id = :id;

--! lock : Pet
select id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone,
       feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key
from app.pets
where tenant_id = :tenant_id and id = :id
for no key update;

--! insert (breed?, birth_on?, weight_grams?, neutered?, microchip?, vet_name?, vet_phone?, feeding?, medication?, allergies?, behavior?) : Pet
insert into app.pets
  (tenant_id, id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone,
   feeding, medication, allergies, behavior, alerts, is_active, created_at, updated_at)
values
  (:tenant_id, :id, :customer_id, :name, :species, :breed, :sex, :birth_on, :weight_grams, :neutered, :microchip, :vet_name, :vet_phone,
   :feeding, :medication, :allergies, :behavior, :alerts, :is_active, :now, :now)
returning id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone,
       feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key;

--! update (breed?, birth_on?, weight_grams?, neutered?, microchip?, vet_name?, vet_phone?, feeding?, medication?, allergies?, behavior?) : Pet
update app.pets
set name = :name, species = :species, breed = :breed, sex = :sex, birth_on = :birth_on, weight_grams = :weight_grams,
    neutered = :neutered, microchip = :microchip, vet_name = :vet_name, vet_phone = :vet_phone, feeding = :feeding,
    medication = :medication, allergies = :allergies, behavior = :behavior, alerts = :alerts, is_active = :is_active,
    version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, customer_id, name, species, breed, sex, birth_on, weight_grams, neutered, microchip, vet_name, vet_phone,
       feeding, medication, allergies, behavior, alerts, is_active, version, created_at, updated_at, name_key;

--! archive
update app.pets set is_active = false, version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id;

--! customers_of : PetCustomer(email?, phone?)
select id, first_name, last_name, email, phone, is_active
from app.customers
where tenant_id = :tenant_id and id = any (:customer_ids);

--! vaccinations_of : PetVaccination(given_on?)
select id, pet_id, vaccine, given_on, expires_on, verified
from app.vaccinations
where tenant_id = :tenant_id and pet_id = any (:pet_ids)
order by pet_id, vaccine_key, expires_on, id;
