--: Identity(rate_limit?, session_tenant_id?, staff_id?, role?, session_expires_at?)

--! identify (subdomain?, id?, session_tenant_id?, token_hash?) : Identity
select id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, rate_limit, session_tenant_id, staff_id, role,
  session_expires_at
from app.identify(:subdomain, :id, :session_tenant_id, :token_hash, :now);

--! identify_operator
select o.id, s.second_factor
from app.operator_sessions s
join app.operators o on o.id = s.operator_id
where s.token_hash = :token_hash and s.expires_at > :now and o.is_active;
