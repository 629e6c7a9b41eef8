-- Who may answer from a cache. Nodes hold short leases on the one row of cache_mode: a node that must write and cannot tell
-- the others through the cache's medium switches the cache off here, and waits until every lease has run out.

create table app.cache_mode (
  id boolean not null default true,
  mode text not null,
  medium text,
  epoch bigint not null,
  resets bigint not null,
  changed_at timestamptz not null,
  constraint cache_mode_pkey primary key (id),
  constraint cache_mode_id_check check (id),
  constraint cache_mode_mode_check check (mode in ('ON', 'OFF'))
);

select app.replicate('app.cache_mode');

insert into app.cache_mode (mode, epoch, resets, changed_at) values ('OFF', 0, 0, '-infinity');

create table app.cache_nodes (
  id uuid not null,
  medium text not null,
  reaches boolean not null,
  stats text not null,
  seen_at timestamptz not null,
  constraint cache_nodes_pkey primary key (id)
);

select app.replicate('app.cache_nodes');

-- What was invalidated from outside the program, in the order of its commits.
create table app.cache_resets (
  number bigint not null,
  of_tenant uuid,
  created_at timestamptz not null,
  constraint cache_resets_pkey primary key (number)
);

select app.replicate('app.cache_resets');

-- For writes that do not pass through the program: after they are committed, `select app.invalidate('<tenant id>')`, or without
-- an id for every resort. No node answers from what it held before once two seconds have passed.
create function app.invalidate(p_tenant_id uuid default null) returns bigint language plpgsql as $$
declare
  issued bigint;
begin
  update app.cache_mode set resets = resets + 1 returning resets into issued;
  insert into app.cache_resets (number, of_tenant, created_at) values (issued, p_tenant_id, clock_timestamp());
  return issued;
end $$;
