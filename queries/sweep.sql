-- What is over, a batch at a time. Rows that somebody holds are left for the next time.

--! tenants
select id from app.tenants where id > :after order by id limit 200;

--! find_staff_session
select staff_id from app.staff_sessions where tenant_id = :tenant_id and expires_at <= :before limit 1;

--! find_idempotency_key
select key from app.idempotency_keys where tenant_id = :tenant_id and created_at < :before limit 1;

--! staff_sessions
delete from app.staff_sessions
where tenant_id = :tenant_id
  and token_hash in (
    select s.token_hash from app.staff_sessions s
    where s.tenant_id = :tenant_id and s.expires_at <= :before
    limit 500
    for update skip locked);

--! idempotency_keys
delete from app.idempotency_keys
where tenant_id = :tenant_id
  and (staff_id, key) in (
    select k.staff_id, k.key from app.idempotency_keys k
    where k.tenant_id = :tenant_id and k.created_at < :before
    order by k.created_at limit 500
    for update skip locked);

--! operator_sessions
delete from app.operator_sessions
where token_hash in (
  select s.token_hash from app.operator_sessions s
  where s.expires_at <= :before
  limit 500
  for update skip locked);

--! operator_idempotency_keys
delete from app.operator_idempotency_keys
where (operator_id, key) in (
  select k.operator_id, k.key from app.operator_idempotency_keys k
  where k.created_at < :before
  order by k.created_at limit 500
  for update skip locked);

--! sign_in_attempts
delete from app.sign_in_attempts
where key in (
  select a.key from app.sign_in_attempts a
  where a.failed_at <= :before
  order by a.failed_at limit 500
  for update skip locked);

--! accepted_codes
delete from app.accepted_codes
where key in (
  select c.key from app.accepted_codes c
  where c.accepted_at <= :before
  order by c.accepted_at limit 500
  for update skip locked);
