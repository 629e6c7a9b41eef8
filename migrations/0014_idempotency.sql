-- Idempotency keys of operators, and an end to what the first program kept of logins and passwords.

create table app.operator_idempotency_keys (
  operator_id uuid not null,
  key text collate "C" not null,
  fingerprint bytea not null,
  status integer,
  location text,
  etag text,
  body bytea,
  created_at timestamptz not null,
  constraint operator_idempotency_keys_pkey primary key (operator_id, key),
  constraint operator_idempotency_keys_operator_fkey foreign key (operator_id) references app.operators (id)
);

select app.replicate('app.operator_idempotency_keys');

create index operator_idempotency_keys_created_idx on app.operator_idempotency_keys (created_at);

-- Keys of refused logins (no status), of answers with a session's token, and of requests with a password in them, whose
-- fingerprint was a hash without a key: changes of a password answer 204, new staff has its place in the answer.
-- lint: allow bulk-change: keys live for a day, so there are few
delete from app.idempotency_keys
where status is null or status = 204 or location like '/api/staff/%'
   or position('"accessToken"'::bytea in body) > 0;
