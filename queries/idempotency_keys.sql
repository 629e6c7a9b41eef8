--: Kept(status?, location?, etag?, body?)

--! claim
insert into app.idempotency_keys (tenant_id, staff_id, key, fingerprint, created_at)
values (:tenant_id, :staff_id, :key, :fingerprint, :now)
on conflict (tenant_id, staff_id, key) do nothing;

--! get : Kept
select fingerprint, status, location, etag, body
from app.idempotency_keys
where tenant_id = :tenant_id and staff_id = :staff_id and key = :key;

--! keep (location?, etag?)
update app.idempotency_keys
set status = :status, location = :location, etag = :etag, body = :body
where tenant_id = :tenant_id and staff_id = :staff_id and key = :key;

--! release
delete from app.idempotency_keys
where tenant_id = :tenant_id and staff_id = :staff_id and key = :key;

--! claim_by_operator
insert into app.operator_idempotency_keys (operator_id, key, fingerprint, created_at)
values (:operator_id, :key, :fingerprint, :now)
on conflict (operator_id, key) do nothing;

--! get_of_operator : Kept
select fingerprint, status, location, etag, body
from app.operator_idempotency_keys
where operator_id = :operator_id and key = :key;

--! keep_for_operator (location?, etag?)
update app.operator_idempotency_keys
set status = :status, location = :location, etag = :etag, body = :body
where operator_id = :operator_id and key = :key;

--! release_of_operator
delete from app.operator_idempotency_keys where operator_id = :operator_id and key = :key;
