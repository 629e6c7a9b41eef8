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

--! insert : Operator
insert into app.operators (id, name, email, password_hash, created_at, updated_at)
values (:id, :name, :email, :password_hash, :now, :now)
returning id, name, email, is_active, created_at, updated_at;

--: Account(locked_until?)

--! lock_account : Account
select id, password_hash, is_active, failed_attempts, locked_until
from app.operators
where email = :email
for update;

--! lock_account_by_id : Account
select id, password_hash, is_active, failed_attempts, locked_until
from app.operators
where id = :id
for update;

--! count_attempt (locked_until?)
update app.operators set failed_attempts = :failed_attempts, locked_until = :locked_until where id = :id;

--! set_password
update app.operators set password_hash = :password_hash, failed_attempts = 0, locked_until = null, updated_at = :now where id = :id;

--! insert_session
insert into app.operator_sessions (token_hash, operator_id, created_at, expires_at)
values (:token_hash, :operator_id, :now, :expires_at);

--! delete_expired_sessions
delete from app.operator_sessions where operator_id = :operator_id and expires_at <= :now;

--! delete_session
delete from app.operator_sessions where token_hash = :token_hash;

--! delete_other_sessions
delete from app.operator_sessions where operator_id = :operator_id and token_hash <> :token_hash;
