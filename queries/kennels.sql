--: Kennel(area?)

--! list (kind?, area?, is_active?) : Kennel
select id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at
from app.kennels
where tenant_id = :tenant_id
  and (name_key, id) > (:after_key, :after_id)
  and case when :kind::text is null then true else kind = :kind end
  and case when :area::text is null then true else area = :area end
  and case when :is_active::boolean is null then true else is_active = :is_active end
order by name_key, id
limit :fetch;

--! find : Kennel
select id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at
from app.kennels
where tenant_id = :tenant_id and id = :id;

--! lock : Kennel
select id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at
from app.kennels
where tenant_id = :tenant_id and id = :id
for update;

--! insert (area?) : Kennel
insert into app.kennels (tenant_id, id, name, kind, area, capacity, is_active, created_at, updated_at)
values (:tenant_id, :id, :name, :kind, :area, :capacity, :is_active, :now, :now)
returning id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at;

--! update (area?) : Kennel
update app.kennels
set name = :name, kind = :kind, area = :area, capacity = :capacity, is_active = :is_active,
    version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, name, name_key, kind, area, capacity, is_active, version, created_at, updated_at;

--! insert_slots
insert into app.kennel_slots (tenant_id, kennel_id, slot)
select :tenant_id, :kennel_id, slot
from generate_series(:first_slot::integer, :last_slot::integer) as slot;

--! delete_slots
delete from app.kennel_slots where tenant_id = :tenant_id and kennel_id = :kennel_id and slot > :last_slot;

--! held_from
select check_in_date, held_until, kennel_slot
from app.reservations
where tenant_id = :tenant_id and kennel_id = :kennel_id and kennel_slot is not null
  and check_in_date < :before and held_until > :after
order by check_in_date, id;

--: Closure(reason?)

--! closures_of : Closure
select id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at
from app.kennel_closures
where tenant_id = :tenant_id and kennel_id = any (:kennel_ids) and ends_on > :after
order by kennel_id, starts_on, id;

--! list_closures : Closure
select id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at
from app.kennel_closures
where tenant_id = :tenant_id and kennel_id = :kennel_id and (starts_on, id) > (:after_date, :after_id)
order by starts_on, id
limit :fetch;

--! find_closure : Closure
select id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at
from app.kennel_closures
where tenant_id = :tenant_id and kennel_id = :kennel_id and id = :id;

--! insert_closure (reason?) : Closure
insert into app.kennel_closures (tenant_id, id, kennel_id, starts_on, ends_on, reason, created_at, updated_at)
values (:tenant_id, :id, :kennel_id, :starts_on, :ends_on, :reason, :now, :now)
returning id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at;

--! update_closure (reason?) : Closure
update app.kennel_closures
set starts_on = :starts_on, ends_on = :ends_on, reason = :reason, version = version + 1, updated_at = :now
where tenant_id = :tenant_id and kennel_id = :kennel_id and id = :id
returning id, kennel_id, starts_on, ends_on, reason, version, created_at, updated_at;

--! delete_closure
delete from app.kennel_closures where tenant_id = :tenant_id and kennel_id = :kennel_id and id = :id;
