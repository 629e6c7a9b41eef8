//! Whether the database keeps resorts apart, as its catalogue says: the role, its rights, and every table's policies.

use base::problem::Result;

use crate::pool::Database;

/// The catalogue's word for the one condition under which a row is a resort's.
const CONDITION: &str =
    "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)";

/// One row for everything that would let the program's role past row-level security, in the order of gravity.
const CHECK: &str = "
with tables as (
  select c.oid, c.relname, c.relowner, c.relacl, c.relrowsecurity and c.relforcerowsecurity as is_forced,
    exists (select from pg_catalog.pg_attribute a
            where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as is_tenants
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'app' and c.relkind in ('r', 'p')
), policies as (
  select t.relname, p.polname, pg_catalog.pg_get_expr(p.polqual, p.polrelid) as visible,
    pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as checked
  from pg_catalog.pg_policy p join tables t on t.oid = p.polrelid
  where exists (select from unnest(p.polroles) r(role)
                where r.role = 0 or pg_has_role(current_user, r.role, 'member'))
)
select 1, 'it is a superuser' from pg_catalog.pg_roles where rolname = current_user and rolsuper
union all
select 2, 'it has BYPASSRLS' from pg_catalog.pg_roles where rolname = current_user and rolbypassrls
union all
select 3, 'it may write the server''s files' where pg_has_role(current_user, 'pg_write_server_files', 'member')
union all
select 4, 'it owns, or is a member of the owner of, app.' || relname from tables
where pg_has_role(current_user, relowner, 'member')
union all
select 5, 'row-level security is not forced on app.' || relname from tables where is_tenants and not is_forced
union all
select 6, format('the policy %s on app.%s does not compare tenant_id with the request''s', polname, relname) from policies
where visible is distinct from $1 or coalesce(checked, visible) is distinct from $1
union all
select 7, 'it may truncate app.' || relname || ', which row-level security does not hold' from tables
where is_tenants and has_table_privilege(oid, 'truncate')
union all
select 8, 'everybody may use app.' || relname || ' (granted to public)' from tables
where exists (select from aclexplode(relacl) where grantee = 0)
order by 1, 2";

impl Database {
    /// Whether the program's role could reach rows of a resort that a request is not for, and if so how.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn role_could_bypass(&self) -> Result<Option<String>> {
        let connection = self.connection().await?;
        let rows = connection.query(CHECK, &[&CONDITION]).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let role: String = connection.query_one("select current_user::text", &[]).await?.get(0);
        let first: &str = first.get(1);
        Ok(Some(match rows.len() {
            1 => format!("the role {role}: {first}"),
            more => format!("the role {role}: {first}, and {} more", more - 1),
        }))
    }
}
