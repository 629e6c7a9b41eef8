--: Vaccination(given_on?)

--! list (vaccine_key?, verified?) : Vaccination
select id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at
from app.vaccinations
where tenant_id = :tenant_id
  and (expires_on, id) > (:after_date, :after_id)
  and case when :vaccine_key::text is null then true else vaccine_key = :vaccine_key end
  and expires_on < :expires_before
  and case when :verified::boolean is null then true else verified = :verified end
order by expires_on, id
limit :fetch;

--! list_of_pet (vaccine_key?, verified?) : Vaccination
select id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at
from app.vaccinations
where tenant_id = :tenant_id and pet_id = :pet_id
  and (expires_on, id) > (:after_date, :after_id)
  and case when :vaccine_key::text is null then true else vaccine_key = :vaccine_key end
  and expires_on < :expires_before
  and case when :verified::boolean is null then true else verified = :verified end
order by expires_on, id
limit :fetch;

--! find : Vaccination
select id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at
from app.vaccinations
where tenant_id = :tenant_id and id = :id;

--! lock : Vaccination
select id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at
from app.vaccinations
where tenant_id = :tenant_id and id = :id
for update;

--! insert (given_on?) : Vaccination
insert into app.vaccinations (tenant_id, id, pet_id, vaccine, given_on, expires_on, verified, created_at, updated_at)
values (:tenant_id, :id, :pet_id, :vaccine, :given_on, :expires_on, :verified, :now, :now)
returning id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at;

--! update (given_on?) : Vaccination
update app.vaccinations
set vaccine = :vaccine, given_on = :given_on, expires_on = :expires_on, verified = :verified,
    version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, pet_id, vaccine, given_on, expires_on, verified, version, created_at, updated_at;

--! delete
delete from app.vaccinations where tenant_id = :tenant_id and id = :id;

--! records_of : VaccinationRecord(given_on?)
select pet_id, vaccine_key, given_on, expires_on
from app.vaccinations
where tenant_id = :tenant_id and pet_id = any (:pet_ids)
order by pet_id, vaccine_key, expires_on;

--: Requirement()

--! list_requirements (species?, category?) : Requirement
select id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at
from app.vaccine_requirements
where tenant_id = :tenant_id
  and (species, category, vaccine_key) > (:after_species, :after_category, :after_vaccine)
  and case when :species::text is null then true else species = :species end
  and case when :category::text is null then true else category = :category end
order by species, category, vaccine_key
limit :fetch;

--! requirements_for : Requirement
select id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at
from app.vaccine_requirements
where tenant_id = :tenant_id and species = any (:species_of_pets) and category = :category
order by species, category, vaccine_key;

--! lock_requirement : Requirement
select id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at
from app.vaccine_requirements
where tenant_id = :tenant_id and id = :id
for update;

--! insert_requirement : Requirement
insert into app.vaccine_requirements (tenant_id, id, species, category, vaccine, enforcement, created_at, updated_at)
values (:tenant_id, :id, :species, :category, :vaccine, :enforcement, :now, :now)
returning id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at;

--! update_requirement : Requirement
update app.vaccine_requirements
set species = :species, category = :category, vaccine = :vaccine, enforcement = :enforcement,
    version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, species, category, vaccine, vaccine_key, enforcement, version, created_at, updated_at;

--! delete_requirement
delete from app.vaccine_requirements where tenant_id = :tenant_id and id = :id;
