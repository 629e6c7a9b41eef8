--: Service(duration_minutes?, daily_capacity?)

--! list (category?, is_active?) : Service
select id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active,
       version, created_at, updated_at
from app.services
where tenant_id = :tenant_id
  and (name_key, id) > (:after_key, :after_id)
  and case when :category::text is null then true else category = :category end
  and case when :is_active::boolean is null then true else is_active = :is_active end
order by name_key, id
limit :fetch;

--! find : Service
select id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active,
       version, created_at, updated_at
from app.services
where tenant_id = :tenant_id and id = :id;

--! lock : Service
select id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active,
       version, created_at, updated_at
from app.services
where tenant_id = :tenant_id and id = :id
for no key update;

--! insert (duration_minutes?, daily_capacity?) : Service
insert into app.services
  (tenant_id, id, name, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active,
   created_at, updated_at)
values
  (:tenant_id, :id, :name, :category, :price_cents, :unit, :duration_minutes, :daily_capacity, :taxable, :requires_kennel, :is_active,
   :now, :now)
returning id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active,
       version, created_at, updated_at;

--! update (duration_minutes?, daily_capacity?) : Service
update app.services
set name = :name, category = :category, price_cents = :price_cents, unit = :unit, duration_minutes = :duration_minutes,
    daily_capacity = :daily_capacity, taxable = :taxable, requires_kennel = :requires_kennel, is_active = :is_active,
    version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, name, name_key, category, price_cents, unit, duration_minutes, daily_capacity, taxable, requires_kennel, is_active,
       version, created_at, updated_at;

--: AddOn(category?)

--! list_add_ons (category?, is_active?) : AddOn
select id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at
from app.add_ons
where tenant_id = :tenant_id
  and (name_key, id) > (:after_key, :after_id)
  and case when :category::text is null then true else category is null or category = :category end
  and case when :is_active::boolean is null then true else is_active = :is_active end
order by name_key, id
limit :fetch;

--! find_add_on : AddOn
select id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at
from app.add_ons
where tenant_id = :tenant_id and id = :id;

--! find_add_ons : AddOn
select id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at
from app.add_ons
where tenant_id = :tenant_id and id = any (:ids);

--! lock_add_on : AddOn
select id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at
from app.add_ons
where tenant_id = :tenant_id and id = :id
for no key update;

--! insert_add_on (category?) : AddOn
insert into app.add_ons (tenant_id, id, name, category, price_cents, unit, taxable, is_active, created_at, updated_at)
values (:tenant_id, :id, :name, :category, :price_cents, :unit, :taxable, :is_active, :now, :now)
returning id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at;

--! update_add_on (category?) : AddOn
update app.add_ons
set name = :name, category = :category, price_cents = :price_cents, unit = :unit, taxable = :taxable, is_active = :is_active,
    version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, name, name_key, category, price_cents, unit, taxable, is_active, version, created_at, updated_at;
