--: Tenant(rate_limit?)

--! list (status?, tier?) : Tenant
select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at
from app.tenants
where subdomain > :after
  and case when :status::text is null then true else status = :status end
  and case when :tier::text is null then true else tier = :tier end
order by subdomain
limit :fetch;

--! find : Tenant
select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at
from app.tenants
where id = :id;

--! find_by_subdomain : Tenant
select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at
from app.tenants
where subdomain = :subdomain;

--! lock : Tenant
select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at
from app.tenants
where id = :id
for update;

--! insert (rate_limit?) : Tenant
insert into app.tenants (id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, created_at, updated_at)
values (:id, :subdomain, :name, :tier, :status, :timezone, :currency, :tax_rate_bps, :rate_limit, :now, :now)
returning id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at;

--! update (rate_limit?) : Tenant
update app.tenants
set name = :name, tier = :tier, status = :status, timezone = :timezone, tax_rate_bps = :tax_rate_bps, rate_limit = :rate_limit,
    version = version + 1, updated_at = :now
where id = :id
returning id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, version, created_at, updated_at;

--! any
select exists (select from app.tenants) as any;

--! insert_owner
insert into app.staff (tenant_id, id, first_name, last_name, email, role, password_hash, created_at, updated_at)
values (:tenant_id, :id, :first_name, :last_name, :email, 'OWNER', :password_hash, :now, :now);

--! delete_sessions
delete from app.staff_sessions where tenant_id = :tenant_id;
