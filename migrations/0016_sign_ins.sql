-- Wrong passwords in a row, for growing delays that all nodes share. A row is kept under a keyed hash of what is counted
-- together (an account and the network that tries it, a device, a session), so it names nobody, exists for accounts that do not
-- exist as well, and is deleted after a right password or an hour.

create table app.sign_in_attempts (
  key bytea not null,
  failed integer not null,
  failed_at timestamptz not null,
  constraint sign_in_attempts_pkey primary key (key),
  constraint sign_in_attempts_key_check check (length(key) = 32),
  constraint sign_in_attempts_failed_check check (failed > 0)
);

create index sign_in_attempts_failed_idx on app.sign_in_attempts (failed_at);

select app.replicate('app.sign_in_attempts');
