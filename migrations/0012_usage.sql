-- What each resort asked for, by the hour and by the day in UTC: counted by the nodes, added up here.

create table app.usage_counts (
  of_tenant uuid not null,
  span text not null,
  starts_at timestamptz not null,
  requests bigint not null,
  errors bigint not null,
  refused bigint not null,
  statements bigint not null,
  database_us bigint not null,
  elapsed_us bigint not null,
  constraint usage_counts_pkey primary key (of_tenant, span, starts_at),
  constraint usage_counts_span_check check (span in ('HOUR', 'DAY'))
);

create index usage_counts_starts_idx on app.usage_counts (span, starts_at);

select app.replicate('app.usage_counts');

-- Adds a node's counts in one statement: a JSON array of [tenant, hour in seconds since 1970, requests, errors, refused,
-- statements, database_us, elapsed_us]. In a fixed order, so that two nodes never wait for each other in a ring.
create function app.add_usage(p_rows text) returns bigint language plpgsql as $$
declare
  one jsonb;
  unit text;
  starts timestamptz;
  added bigint := 0;
begin
  for one in select r from jsonb_array_elements(p_rows::jsonb) as t(r) order by r ->> 0, (r ->> 1)::bigint loop
    foreach unit in array array['DAY', 'HOUR'] loop
      starts := date_trunc(lower(unit), to_timestamp((one ->> 1)::bigint), 'UTC');
      insert into app.usage_counts (of_tenant, span, starts_at, requests, errors, refused, statements, database_us, elapsed_us)
      values ((one ->> 0)::uuid, unit, starts, (one ->> 2)::bigint, (one ->> 3)::bigint, (one ->> 4)::bigint, (one ->> 5)::bigint,
              (one ->> 6)::bigint, (one ->> 7)::bigint)
      on conflict (of_tenant, span, starts_at) do update
      set requests = usage_counts.requests + excluded.requests,
          errors = usage_counts.errors + excluded.errors,
          refused = usage_counts.refused + excluded.refused,
          statements = usage_counts.statements + excluded.statements,
          database_us = usage_counts.database_us + excluded.database_us,
          elapsed_us = usage_counts.elapsed_us + excluded.elapsed_us;
    end loop;
    added := added + 1;
  end loop;
  return added;
end $$;
