--: StaffMember()

--! list (role?, is_active?) : StaffMember
select id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at
from app.staff
where tenant_id = :tenant_id
  and email_key > :after
  and case when :role::text is null then true else role = :role end
  and case when :is_active::boolean is null then true else is_active = :is_active end
order by email_key
limit :fetch;

--! find : StaffMember
select id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at
from app.staff
where tenant_id = :tenant_id and id = :id;

--! lock : StaffMember
select id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at
from app.staff
where tenant_id = :tenant_id and id = :id
for update;

--! lock_owners
select id
from app.staff
where tenant_id = :tenant_id and role = 'OWNER' and is_active
order by id
for update;

--! insert : StaffMember
insert into app.staff (tenant_id, id, first_name, last_name, email, role, password_hash, is_active, created_at, updated_at)
values (:tenant_id, :id, :first_name, :last_name, :email, :role, :password_hash, :is_active, :now, :now)
returning id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at;

--! update : StaffMember
update app.staff
set first_name = :first_name, last_name = :last_name, email = :email, role = :role, is_active = :is_active,
    version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, first_name, last_name, email, email_key, role, is_active, version, created_at, updated_at;

--: Account()

--! find_account : Account
select id, email, password_hash, is_active
from app.staff
where tenant_id = :tenant_id and email_key = :email_key;

--! find_account_by_id : Account
select id, email, password_hash, is_active
from app.staff
where tenant_id = :tenant_id and id = :id;

--! lock_account : Account
select id, email, password_hash, is_active
from app.staff
where tenant_id = :tenant_id and id = :id
for update;

-- Held until the session is there, so that a suspension ends it, too.
--! lock_resort
select status
from app.tenants
where id = :tenant_id
for share;

--! set_password
update app.staff set password_hash = :password_hash, updated_at = :now
where tenant_id = :tenant_id and id = :id;

--! insert_session
insert into app.staff_sessions (tenant_id, token_hash, staff_id, created_at, expires_at)
values (:tenant_id, :token_hash, :staff_id, :now, :expires_at);

--! delete_expired_sessions
delete from app.staff_sessions where tenant_id = :tenant_id and staff_id = :staff_id and expires_at <= :now;

--! delete_session
delete from app.staff_sessions where tenant_id = :tenant_id and token_hash = :token_hash;

--! delete_sessions
delete from app.staff_sessions where tenant_id = :tenant_id and staff_id = :staff_id;

--! delete_other_sessions
delete from app.staff_sessions where tenant_id = :tenant_id and staff_id = :staff_id and token_hash <> :token_hash;
