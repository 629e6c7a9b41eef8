-- Keys that every program on this database shares: what clients are handed sealed or signed (a page's cursor, a device that
-- signed in before) is made with them, so that any node can read what another one made.

create table app.keys (
  name text not null,
  secret bytea not null,
  created_at timestamptz not null,
  constraint keys_pkey primary key (name),
  constraint keys_secret_check check (length(secret) = 32)
);

select app.replicate('app.keys');

insert into app.keys (name, secret, created_at)
values ('root', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), now());
