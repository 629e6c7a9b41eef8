--: Reservation(kennel_id?, kennel_slot?, arrival_time?, departure_time?, notes?, invoice_id?)

--! list (service_id?, kennel_id?, check_out_date?, from?) : Reservation
select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
       arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at
from app.reservations
where tenant_id = :tenant_id
  and (check_in_date, id) > (:after_date, :after_id)
  and check_in_date between :first and :last
  and case when :service_id::uuid is null then true else service_id = :service_id end
  and case when :kennel_id::uuid is null then true else kennel_id = :kennel_id end
  and case when :check_out_date::date is null then true else check_out_date = :check_out_date end
  and case when :from::date is null then true else held_until > :from end
order by check_in_date, id
limit :fetch;

--! list_by_status (service_id?, kennel_id?, check_out_date?, from?) : Reservation
select r.id, r.booking_id, r.customer_id, r.pet_id, r.service_id, r.kennel_id, r.kennel_slot, r.check_in_date, r.check_out_date, r.held_until,
       r.arrival_time, r.departure_time, r.status, r.notes, r.total_cents, r.invoice_id, r.version, r.created_at, r.updated_at
from unnest(:statuses::text[]) as wanted (status)
cross join lateral (
  select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
         arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at
  from app.reservations
  where tenant_id = :tenant_id and status = wanted.status
    and (check_in_date, id) > (:after_date, :after_id)
    and check_in_date between :first and :last
    and case when :service_id::uuid is null then true else service_id = :service_id end
    and case when :kennel_id::uuid is null then true else kennel_id = :kennel_id end
    and case when :check_out_date::date is null then true else check_out_date = :check_out_date end
    and case when :from::date is null then true else held_until > :from end
  order by check_in_date, id
  limit :fetch) r
order by r.check_in_date, r.id
limit :fetch;

--! list_of_customer (statuses?, pet_id?) : Reservation
select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
       arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at
from app.reservations
where tenant_id = :tenant_id and customer_id = :customer_id
  and (check_in_date, id) > (:after_date, :after_id)
  and case when :statuses::text[] is null then true else status = any (:statuses) end
  and case when :pet_id::uuid is null then true else pet_id = :pet_id end
order by check_in_date, id
limit :fetch;

--! list_of_pet (statuses?) : Reservation
select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
       arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at
from app.reservations
where tenant_id = :tenant_id and pet_id = :pet_id
  and (check_in_date, id) > (:after_date, :after_id)
  and case when :statuses::text[] is null then true else status = any (:statuses) end
order by check_in_date, id
limit :fetch;

--! list_of_booking : Reservation
select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
       arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at
from app.reservations
where tenant_id = :tenant_id and booking_id = :booking_id
  and (check_in_date, id) > (:after_date, :after_id)
order by check_in_date, id
limit :fetch;

--! find : Reservation
select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
       arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at
from app.reservations
where tenant_id = :tenant_id and id = :id;

--: Stay(kennel_id?)

--! stays : Stay
select id, kennel_id
from app.reservations
where tenant_id = :tenant_id and id = any (:ids);

--! lock_stays : Stay
select id, kennel_id
from app.reservations
where tenant_id = :tenant_id and id = any (:ids)
order by id
for update;

--! lock : Reservation
select id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
       arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at
from app.reservations
where tenant_id = :tenant_id and id = :id
for update;

--! insert (kennel_id?, kennel_slot?, arrival_time?, departure_time?, notes?) : Reservation
insert into app.reservations
  (tenant_id, id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
   arrival_time, departure_time, status, notes, total_cents, created_at, updated_at)
values
  (:tenant_id, :id, :booking_id, :customer_id, :pet_id, :service_id, :kennel_id, :kennel_slot, :check_in_date, :check_out_date, :held_until,
   :arrival_time, :departure_time, :status, :notes, :total_cents, :now, :now)
returning id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
       arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at;

--! update (kennel_id?, kennel_slot?, arrival_time?, departure_time?, notes?) : Reservation
update app.reservations
set service_id = :service_id, kennel_id = :kennel_id, kennel_slot = :kennel_slot, check_in_date = :check_in_date,
    check_out_date = :check_out_date, held_until = :held_until, arrival_time = :arrival_time, departure_time = :departure_time,
    notes = :notes, total_cents = :total_cents, version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
       arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at;

--! set_status (kennel_slot?) : Reservation
update app.reservations
set status = :status, kennel_slot = :kennel_slot, version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, booking_id, customer_id, pet_id, service_id, kennel_id, kennel_slot, check_in_date, check_out_date, held_until,
       arrival_time, departure_time, status, notes, total_cents, invoice_id, version, created_at, updated_at;

--! move_slots
update app.reservations
set kennel_slot = (:slots::integer[])[array_position(:ids::uuid[], id)]
where tenant_id = :tenant_id and id = any (:ids);

--: Line(add_on_id?, unit?, category?, asked?)

--! lines_of : Line
select reservation_id, position, kind, add_on_id, description, quantity, unit_price_cents, amount_cents, taxable, unit, category, asked
from app.reservation_lines
where tenant_id = :tenant_id and reservation_id = any (:reservation_ids)
order by reservation_id, position;

--! insert_line (add_on_id?, unit?, category?, asked?)
insert into app.reservation_lines
  (tenant_id, id, reservation_id, position, kind, add_on_id, description, quantity, unit_price_cents, amount_cents, taxable, unit, category,
   asked)
values
  (:tenant_id, :id, :reservation_id, :position, :kind, :add_on_id, :description, :quantity, :unit_price_cents, :amount_cents, :taxable,
   :unit, :category, :asked);

--! delete_lines
delete from app.reservation_lines where tenant_id = :tenant_id and reservation_id = :reservation_id;

--: Step(reason?, undone_by?, undone_at?)

--! steps_of : Step
select id, verb, from_status, to_status, reason, staff_id, created_at, undone_by, undone_at
from app.reservation_steps
where tenant_id = :tenant_id and reservation_id = :reservation_id
order by position;

--! insert_step (reason?)
insert into app.reservation_steps
  (tenant_id, id, reservation_id, position, verb, from_status, to_status, reason, staff_id, created_at)
values
  (:tenant_id, :id, :reservation_id,
   (select coalesce(max(position), 0) + 1 from app.reservation_steps where tenant_id = :tenant_id and reservation_id = :reservation_id),
   :verb, :from_status, :to_status, :reason, :staff_id, :now);

--! undo_step
update app.reservation_steps set undone_by = :staff_id, undone_at = :now
where tenant_id = :tenant_id and id = :id;

--: BookedPet(breed?)

--! lock_pets : BookedPet
select id, customer_id, name, species, breed, alerts, is_active
from app.pets
where tenant_id = :tenant_id and id = any (:ids)
order by id
for no key update;

--! pets_of : BookedPet
select id, customer_id, name, species, breed, alerts, is_active
from app.pets
where tenant_id = :tenant_id and id = any (:ids);

--: BookedCustomer(email?, phone?)

--! customers_of : BookedCustomer
select id, first_name, last_name, email, phone, is_active
from app.customers
where tenant_id = :tenant_id and id = any (:ids);

--: Place()

--! lock_kennels : Place
select id, name, capacity, is_active
from app.kennels
where tenant_id = :tenant_id and id = any (:ids)
order by id
for update;

--! lock_active_kennels : Place
select id, name, capacity, is_active
from app.kennels
where tenant_id = :tenant_id and (is_active or id = any (:ids))
order by id
for update;

--! kennels (kennel_id?) : Place
select id, name, capacity, is_active
from app.kennels
where tenant_id = :tenant_id and is_active and (:kennel_id::uuid is null or id = :kennel_id)
order by name_key, id;

--! closures
select kennel_id, starts_on, ends_on
from app.kennel_closures
where tenant_id = :tenant_id and kennel_id = any (:kennel_ids) and starts_on < :until and ends_on > :from
order by kennel_id, starts_on;

--: Hold()

--! holds : Hold
select id, kennel_id, kennel_slot, check_in_date, held_until
from app.reservations
where tenant_id = :tenant_id and kennel_id = any (:kennel_ids) and kennel_slot is not null
  and check_in_date < :until and held_until > :from
order by check_in_date, id;

--! service_days
select id, check_in_date, held_until
from app.reservations
where tenant_id = :tenant_id and service_id = :service_id and status in ('PENDING', 'CONFIRMED', 'CHECKED_IN')
  and check_in_date < :until and held_until > :from;

--! boarded_pets
select r.id, r.pet_id, r.check_in_date, r.held_until
from app.reservations r
join app.services s on s.tenant_id = :tenant_id and s.id = r.service_id
where r.tenant_id = :tenant_id and r.pet_id = any (:pet_ids) and r.status in ('PENDING', 'CONFIRMED', 'CHECKED_IN')
  and s.category = 'BOARDING' and r.check_in_date < :until and r.held_until > :from
order by r.check_in_date, r.id;

--! defer_places
set constraints app.reservations_kennel_excl deferred;
