--: Operator()

--! list : Operator
select id, name, email, is_active, created_at, updated_at
from app.operators
where email > :after
order by email
limit :fetch;

--! find : Operator
select id, name, email, is_active, created_at, updated_at
from app.operators
where id = :id;

--! find_by_email : Operator
select id, name, email, is_active, created_at, updated_at
from app.operators
where email = :email;

--! lock : Operator
select id, name, email, is_active, created_at, updated_at
from app.operators
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
returning id, name, email, is_active, created_at, updated_at;

--! insert : Operator
insert into app.operators (id, name, email, password_hash, created_at, updated_at)
values (:id, :name, :email, :password_hash, :now, :now)
returning id, name, email, is_active, created_at, updated_at;

--: Account()

--! find_account : Account
select id, email, password_hash, is_active
from app.operators
where email = :email;

--! find_account_by_id : Account
select id, email, password_hash, is_active
from app.operators
where id = :id;

--! lock_account : Account
select id, email, password_hash, is_active
from app.operators
where id = :id
for update;

--! set_password
update app.operators set password_hash = :password_hash, updated_at = :now where id = :id;

--! insert_session
insert into app.operator_sessions (token_hash, operator_id, created_at, expires_at)
values (:token_hash, :operator_id, :now, :expires_at);

--! delete_expired_sessions
delete from app.operator_sessions where operator_id = :operator_id and expires_at <= :now;

--! delete_session
delete from app.operator_sessions where token_hash = :token_hash;

--! delete_other_sessions
delete from app.operator_sessions where operator_id = :operator_id and token_hash <> :token_hash;

--! delete_sessions
delete from app.operator_sessions where operator_id = :operator_id;
