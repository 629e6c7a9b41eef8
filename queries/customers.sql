--: Customer(email?, phone?, address_line1?, address_line2?, city?, region?, postal_code?, country?, emergency_contact_name?, emergency_contact_phone?, notes?, external_id?)

--! list (is_active?, tag?) : Customer
select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country,
       emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key
from app.customers
where tenant_id = :tenant_id
  and (sort_key, id) > (:after_key, :after_id)
  and case when :is_active::boolean is null then true else is_active = :is_active end
  and case when :tag::text is null then true else :tag = any (tags) end
order by sort_key, id
limit :fetch;

--! list_by_external_id (is_active?, tag?) : Customer
select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country,
       emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key
from app.customers
where tenant_id = :tenant_id and external_id = :external_id
  and (sort_key, id) > (:after_key, :after_id)
  and case when :is_active::boolean is null then true else is_active = :is_active end
  and case when :tag::text is null then true else :tag = any (tags) end
order by sort_key, id
limit :fetch;

--! search (digits_low?, digits_high?, reversed_low?, reversed_high?, is_active?, tag?, external_id?) : Customer
select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country,
       emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key
from app.customers
where tenant_id = :tenant_id
  and id in (
    select c.id from app.customers c where c.tenant_id = :tenant_id and c.name_key >= :low and c.name_key < :high
    union select c.id from app.customers c where c.tenant_id = :tenant_id and c.sort_key >= :low and c.sort_key < :high
    union select c.id from app.customers c where c.tenant_id = :tenant_id and c.email_key >= :low and c.email_key < :high
    union select c.id from app.customers c where c.tenant_id = :tenant_id and c.phone_key >= :digits_low and c.phone_key < :digits_high
    union select c.id from app.customers c where c.tenant_id = :tenant_id and c.phone_end_key >= :reversed_low and c.phone_end_key < :reversed_high
    union select p.customer_id from app.pets p where p.tenant_id = :tenant_id and p.name_key >= :low and p.name_key < :high)
  and (sort_key, id) > (:after_key, :after_id)
  and case when :is_active::boolean is null then true else is_active = :is_active end
  and case when :tag::text is null then true else :tag = any (tags) end
  and case when :external_id::text is null then true else external_id = :external_id end
order by sort_key, id
limit :fetch;

--! find : Customer
select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country,
       emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key
from app.customers
where tenant_id = :tenant_id and id = :id;

--! lock : Customer
select id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country,
       emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key
from app.customers
where tenant_id = :tenant_id and id = :id
for no key update;

--! insert (email?, phone?, address_line1?, address_line2?, city?, region?, postal_code?, country?, emergency_contact_name?, emergency_contact_phone?, notes?, external_id?) : Customer
insert into app.customers
  (tenant_id, id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country,
   emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, created_at, updated_at)
values
  (:tenant_id, :id, :first_name, :last_name, :email, :phone, :address_line1, :address_line2, :city, :region, :postal_code, :country,
   :emergency_contact_name, :emergency_contact_phone, :notes, :tags, :external_id, :is_active, :now, :now)
returning id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country,
       emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key;

--! update (email?, phone?, address_line1?, address_line2?, city?, region?, postal_code?, country?, emergency_contact_name?, emergency_contact_phone?, notes?, external_id?) : Customer
update app.customers
set first_name = :first_name, last_name = :last_name, email = :email, phone = :phone,
    address_line1 = :address_line1, address_line2 = :address_line2, city = :city, region = :region,
    postal_code = :postal_code, country = :country, emergency_contact_name = :emergency_contact_name,
    emergency_contact_phone = :emergency_contact_phone, notes = :notes, tags = :tags, external_id = :external_id,
    is_active = :is_active, version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, first_name, last_name, email, phone, address_line1, address_line2, city, region, postal_code, country,
       emergency_contact_name, emergency_contact_phone, notes, tags, external_id, is_active, version, created_at, updated_at, sort_key;

--! archive
update app.customers set is_active = false, version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id;

--! pets_of : CustomerPet(breed?, birth_on?, weight_grams?)
select id, customer_id, name, species, breed, sex, birth_on, weight_grams, alerts, is_active
from app.pets
where tenant_id = :tenant_id and customer_id = any (:customer_ids)
order by customer_id, name_key, id;

--! stays_of : CustomerStay(kennel_id?)
select s.id, s.customer_id, s.pet_id, s.service_id, s.kennel_id, s.check_in_date, s.check_out_date, s.status, s.total_cents
from app.customers c
cross join lateral (
  select r.id, r.customer_id, r.pet_id, r.service_id, r.kennel_id, r.check_in_date, r.check_out_date, r.status, r.total_cents
  from app.reservations r
  where r.tenant_id = :tenant_id and r.customer_id = c.id and r.status in ('CONFIRMED', 'CHECKED_IN')
  order by r.check_in_date, r.id
  limit 5) s
where c.tenant_id = :tenant_id and c.id = any (:customer_ids)
order by s.customer_id, s.check_in_date, s.id;
