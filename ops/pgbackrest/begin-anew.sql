-- After a return to a moment: what nodes kept in Redis of the time that was left must not pass for what is true now. No number under
-- which anything was kept comes again: an epoch begins two seconds after another at the earliest, so the clock is ahead of all.
update app.cache_mode
set mode = 'OFF', changed_at = clock_timestamp(), epoch = greatest(epoch + 1, extract(epoch from clock_timestamp())::bigint);

-- Then every lease has run out, of a node that nobody remembered to stop, too.
select pg_sleep(2);
