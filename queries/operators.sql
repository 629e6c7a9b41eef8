--: Operator()

--! list : Operator
select id, name, email, is_active, created_at, updated_at,
  exists (select from app.operator_second_factors f where f.operator_id = o.id and f.confirmed_at is not null) as second_factor
from app.operators o
where email > :after
order by email
limit :fetch;

--! find : Operator
select id, name, email, is_active, created_at, updated_at,
  exists (select from app.operator_second_factors f where f.operator_id = o.id and f.confirmed_at is not null) as second_factor
from app.operators o
where id = :id;

--! find_by_email : Operator
select id, name, email, is_active, created_at, updated_at,
  exists (select from app.operator_second_factors f where f.operator_id = o.id and f.confirmed_at is not null) as second_factor
from app.operators o
where email = :email;

--! lock : Operator
select id, name, email, is_active, created_at, updated_at,
  exists (select from app.operator_second_factors f where f.operator_id = o.id and f.confirmed_at is not null) as second_factor
from app.operators o
where id = :id
for update;

--! lock_active
select id
from app.operators
where is_active
order by id
for update;

--! update : Operator
update app.operators
set name = :name, is_active = :is_active, updated_at = :now
where id = :id
returning id, name, email, is_active, created_at, updated_at,
  exists (select from app.operator_second_factors f where f.operator_id = operators.id and f.confirmed_at is not null) as second_factor;

--! insert : Operator
insert into app.operators (id, name, email, password_hash, created_at, updated_at)
values (:id, :name, :email, :password_hash, :now, :now)
returning id, name, email, is_active, created_at, updated_at,
  exists (select from app.operator_second_factors f where f.operator_id = operators.id and f.confirmed_at is not null) as second_factor;

--: Account(sealed_secret?, recovery_codes?)

--! find_account : Account
select o.id, o.email, o.password_hash, o.is_active, f.sealed_secret, f.recovery_codes
from app.operators o
left join app.operator_second_factors f on f.operator_id = o.id and f.confirmed_at is not null
where o.email = :email;

--! find_account_by_id : Account
select o.id, o.email, o.password_hash, o.is_active, f.sealed_secret, f.recovery_codes
from app.operators o
left join app.operator_second_factors f on f.operator_id = o.id and f.confirmed_at is not null
where o.id = :id;

-- The account is read after this: what a statement that waited for the lock reads of other tables is older than the lock.
--! lock_account
select id
from app.operators
where id = :id
for update;

--! set_password
update app.operators set password_hash = :password_hash, updated_at = :now where id = :id;

--! insert_session
insert into app.operator_sessions (token_hash, operator_id, created_at, expires_at, second_factor)
values (:token_hash, :operator_id, :now, :expires_at, :second_factor);

--! set_session_second_factor
update app.operator_sessions set second_factor = :second_factor where token_hash = :token_hash;

--! delete_expired_sessions
delete from app.operator_sessions where operator_id = :operator_id and expires_at <= :now;

--! delete_session
delete from app.operator_sessions where token_hash = :token_hash;

--! delete_other_sessions
delete from app.operator_sessions where operator_id = :operator_id and token_hash <> :token_hash;

--! delete_sessions
delete from app.operator_sessions where operator_id = :operator_id;

-- A factor that is not confirmed yet is replaced; one that is stays.
--! start_second_factor
insert into app.operator_second_factors as f (operator_id, sealed_secret, created_at)
values (:operator_id, :sealed_secret, :now)
on conflict on constraint operator_second_factors_pkey do update
set sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
where f.confirmed_at is null;

--! find_started_second_factor
select sealed_secret
from app.operator_second_factors
where operator_id = :operator_id and confirmed_at is null;

--! confirm_second_factor
update app.operator_second_factors
set confirmed_at = :now, recovery_codes = :recovery_codes
where operator_id = :operator_id and sealed_secret = :sealed_secret and confirmed_at is null;

--! use_recovery_code
update app.operator_second_factors
set recovery_codes = array_remove(recovery_codes, :code::bytea)
where operator_id = :operator_id and confirmed_at is not null and :code::bytea = any (recovery_codes);

--! delete_second_factor
delete from app.operator_second_factors where operator_id = :operator_id and confirmed_at is not null;
