-- Invalidates every answer that nodes cached in Redis, after the database was restored to an earlier moment. Those answers may come from changes
-- that the restore discarded. The epoch identifies a period in which the cache is on; it must never repeat. A period lasts two
-- seconds at least, so the current time in seconds is greater than every earlier epoch.
update app.cache_mode
set mode = 'OFF', changed_at = clock_timestamp(), epoch = greatest(epoch + 1, extract(epoch from clock_timestamp())::bigint);

-- After two seconds every node's lease on the cache has ended, also that of a node that was not stopped.
select pg_sleep(2);
