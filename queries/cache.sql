--: CacheMode(medium?)

--! beat
insert into app.cache_nodes (id, medium, reaches, stats, seen_at)
values (:id, :medium, :reaches, :stats, clock_timestamp())
on conflict (id) do update
set medium = excluded.medium, reaches = excluded.reaches, stats = excluded.stats, seen_at = excluded.seen_at;

-- The database's clock can be set back: what lies ahead of it counts from now, and a node that is seen to live in the future is
-- not known to live.

--! mode : CacheMode
select
  mode, medium, epoch, resets, changed_at <= clock_timestamp() - interval '2 seconds' as settled,
  (select count(*) from app.cache_nodes n
   where n.seen_at > clock_timestamp() - interval '3 seconds' and n.seen_at <= clock_timestamp()) as nodes
from app.cache_mode;

--: CacheReset(of_tenant?)

--! resets_since : CacheReset
select number, of_tenant from app.cache_resets where number > :number order by number;

--! switch_off
update app.cache_mode set mode = 'OFF', changed_at = clock_timestamp() where mode = 'ON' or changed_at > clock_timestamp();

--! switch_off_a_medium_without_nodes
update app.cache_mode m
set mode = 'OFF', changed_at = clock_timestamp()
where m.mode = 'ON'
  and m.medium <> :medium
  and not exists (
    select from app.cache_nodes n
    where n.seen_at > clock_timestamp() - interval '3 seconds' and n.seen_at <= clock_timestamp() and n.medium = m.medium);

--! switch_on
update app.cache_mode m
set mode = 'ON', medium = :medium, epoch = m.epoch + 1, changed_at = clock_timestamp()
where m.mode = 'OFF'
  and m.changed_at <= clock_timestamp() - interval '2 seconds'
  and not exists (
    select from app.cache_nodes n
    where n.seen_at > clock_timestamp() - interval '3 seconds' and n.seen_at <= clock_timestamp() and (n.medium <> :medium or not n.reaches))
  and not exists (
    select from pg_catalog.pg_stat_activity a
    where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_xid is not null
      and a.xact_start < m.changed_at + interval '2 seconds');

--! relinquish
update app.cache_mode
set mode = 'OFF', changed_at = clock_timestamp() - interval '2 seconds'
where mode = 'ON' and medium = :medium;

--! hold_off
select changed_at <= clock_timestamp() - interval '2 seconds' as settled
from app.cache_mode
where mode = 'OFF' and changed_at <= clock_timestamp()
for share;

--! leave
delete from app.cache_nodes where id = :id or seen_at < clock_timestamp() - interval '1 day';

--! nodes
select id, medium, reaches, stats, seen_at between clock_timestamp() - interval '3 seconds' and clock_timestamp() as alive
from app.cache_nodes
order by id;

--! invalidate (tenant_id?)
select app.invalidate(:tenant_id) as number;
