--! add
select app.add_usage(:rows) as added;

--: UsageCount()

--! counts_of : UsageCount
select starts_at, requests, errors, refused, statements, database_us, elapsed_us
from app.usage_counts
where of_tenant = :of_tenant and span = :span and starts_at >= :since
order by starts_at;

--! counts_of_all : UsageCount
select starts_at, sum(requests)::bigint as requests, sum(errors)::bigint as errors, sum(refused)::bigint as refused,
       sum(statements)::bigint as statements, sum(database_us)::bigint as database_us, sum(elapsed_us)::bigint as elapsed_us
from app.usage_counts
where span = :span and starts_at >= :since
group by starts_at
order by starts_at;

--! busiest
select t.subdomain, sum(u.requests)::bigint as requests, sum(u.errors)::bigint as errors, sum(u.refused)::bigint as refused,
       sum(u.database_us)::bigint as database_us
from app.usage_counts u
join app.tenants t on t.id = u.of_tenant
where u.span = 'DAY' and u.starts_at >= :since
group by t.subdomain
order by 2 desc, 1
limit :fetch;

--! prune
delete from app.usage_counts where span = :span and starts_at < :before;
