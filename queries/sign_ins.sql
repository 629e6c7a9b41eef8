-- An attempt counts as failed before the password is looked at, and is forgotten when it was right: so of many at the same
-- moment no more are let in than of many in a row. `open` says since when nobody may have failed, by the number of failures.
-- Failures later than `ahead` are from before the clock was set back: they are forgotten.

--! count
insert into app.sign_in_attempts as attempts (key, failed, failed_at)
values (:key, 1, :now)
on conflict on constraint sign_in_attempts_pkey do update
set failed = case when attempts.failed_at > :forgotten and attempts.failed_at <= :ahead then attempts.failed + 1 else 1 end, failed_at = :now
where attempts.failed_at <= (:open::timestamptz[])[least(attempts.failed, :steps::integer)] or attempts.failed_at > :ahead
returning failed;

--! find
select failed, failed_at
from app.sign_in_attempts
where key = :key;

--! forget
delete from app.sign_in_attempts where key = :key;

-- Of two requests with the same code, the second waits for the first at the key and adds nothing.
--! accept_code
insert into app.accepted_codes (key, accepted_at)
values (:key, :now)
on conflict on constraint accepted_codes_pkey do nothing;
