-- transaction: none
-- What was asked for when an add-on was booked, kept with its line: the catalogue may change later. `unit` is null in lines
-- that an older program wrote.

alter table app.reservation_lines add column unit text;

alter table app.reservation_lines add column category text;

alter table app.reservation_lines add column asked integer;

-- lint: allow new-restriction: an older program writes null, which it allows
alter table app.reservation_lines add constraint reservation_lines_unit_check check (unit in ('STAY', 'DAY')) not valid;

alter table app.reservation_lines validate constraint reservation_lines_unit_check;

-- lint: allow new-restriction: an older program writes null, which it allows
alter table app.reservation_lines add constraint reservation_lines_asked_check check ((unit is null) = (asked is null) and asked > 0) not valid;

alter table app.reservation_lines validate constraint reservation_lines_asked_check;

-- Nothing was kept of those booked before: the catalogue as it is now says it. An add-on sold by the day was asked for
-- once for each unit of the service; where the numbers do not fit that, it was sold by the stay.
-- backfill: app.reservation_lines l, batch 1000, pause 20ms
update app.reservation_lines l
set category = a.category,
    unit = case when (a.unit = 'DAY' or l.quantity > 100) and l.quantity % s.quantity = 0 then 'DAY' else 'STAY' end,
    asked = case when (a.unit = 'DAY' or l.quantity > 100) and l.quantity % s.quantity = 0 then l.quantity / s.quantity else l.quantity end
from app.add_ons a, app.reservation_lines s
where a.tenant_id = l.tenant_id and a.id = l.add_on_id
  and s.tenant_id = l.tenant_id and s.reservation_id = l.reservation_id and s.kind = 'SERVICE'
  and l.kind = 'ADD_ON' and l.unit is null
  and :batch;
