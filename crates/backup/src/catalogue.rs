//! The tables of a database as the database itself lists them: nothing here knows a table by name.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use database::connect::Server;
use tokio_postgres::{Client, GenericClient};

/// A table and what copying its rows needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Schema and name with a dot between, as people say it.
    pub name: String,
    /// The same, quoted where SQL needs it.
    pub quoted: String,
    /// Quoted, in the table's order, without those the database computes.
    pub columns: Vec<String>,
    /// Whether its rows belong to tenants.
    pub of_tenants: bool,
    /// The tables its rows refer to, and whether every row does.
    pub refers_to: Vec<(String, bool)>,
}

/// The platform's table of tenants, which every tenant's rows hang on.
pub const TENANTS: &str = "app.tenants";

/// Tables whose rows are worth nothing elsewhere or later, and could do harm: a session that was ended must not come back
/// to life. They are in a backup of everything; a single tenant's archive or restore leaves them out.
pub const PASSING: [&str; 2] = ["app.staff_sessions", "app.idempotency_keys"];

/// Tables whose rows can be read with this installation's keys only. A tenant's restore puts them back; its archive, which is for
/// another installation, leaves them out.
pub const SEALED: [&str; 1] = ["app.staff_second_factors"];

/// Connects for a tool: no limit on a statement's time but the program's own life, and values are written one way whatever the server's defaults.
///
/// # Errors
/// When the database cannot be reached.
pub async fn connect(server: &Server, application: &str) -> anyhow::Result<Client> {
    let mut server = server.clone();
    server.application_name(application);
    let client = server.connect().await?;
    client
        .batch_execute(
            "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set idle_session_timeout = 0; \
             set client_connection_check_interval = '1s'; \
             set search_path = ''; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC'; \
             set bytea_output = 'hex'; set extra_float_digits = 1; set client_encoding = 'UTF8'; set row_security = off",
        )
        .await?;
    Ok(client)
}

/// Refuses a role that row-level security could hide rows from: what it dumps would be empty, and nothing would say so.
///
/// # Errors
/// Which role, and how to make one that will do.
pub async fn must_see_everything(client: &Client) -> anyhow::Result<()> {
    let role = client
        .query_one(
            "select rolname::text, rolsuper or rolbypassrls from pg_catalog.pg_roles where rolname = current_user",
            &[],
        )
        .await?;
    if role.get(1) {
        return Ok(());
    }
    bail!(
        "the role {} does not see every row: row-level security would hide the tenants' rows and the backup would be empty. \
         Set BACKUP_DATABASE_URL to a role made like this: create role tailtown_backup login bypassrls createdb password '…'; \
         grant pg_read_all_data, pg_write_all_data, tailtown_owner to tailtown_backup",
        role.get::<_, &str>(0)
    )
}

/// Every table that is not the server's or an extension's, each after those it refers to.
///
/// # Errors
/// When the tables refer to each other in a circle, which no order of copying would satisfy.
pub async fn tables(client: &impl GenericClient) -> anyhow::Result<Vec<Table>> {
    let rows = client
        .query(
            "select n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname), \
               array(select format('%I', a.attname) from pg_catalog.pg_attribute a \
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum), \
               exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' \
                 and not a.attisdropped and a.atttypid = 'pg_catalog.uuid'::pg_catalog.regtype), \
               array(select rn.nspname || '.' || r.relname from pg_catalog.pg_constraint f \
                 join pg_catalog.pg_class r on r.oid = f.confrelid join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace \
                 where f.conrelid = c.oid and f.contype = 'f' order by f.conname), \
               array(select not exists (select from pg_catalog.pg_attribute a \
                   where a.attrelid = c.oid and a.attnum = any (f.conkey) and not a.attnotnull) \
                 from pg_catalog.pg_constraint f where f.conrelid = c.oid and f.contype = 'f' order by f.conname) \
             from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
             where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_' \
               and not exists (select from pg_catalog.pg_depend d \
                 where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e') \
             order by 1",
            &[],
        )
        .await
        .context("the list of tables cannot be read")?;
    let tables = rows.iter().map(|row| {
        let (names, always): (Vec<String>, Vec<bool>) = (row.get(4), row.get(5));
        Table {
            name: row.get(0),
            quoted: row.get(1),
            columns: row.get(2),
            of_tenants: row.get(3),
            refers_to: names.into_iter().zip(always).collect(),
        }
    });
    in_order(tables.collect())
}

/// Parents before children. A table may refer to itself: one statement copies it whole.
fn in_order(mut waiting: Vec<Table>) -> anyhow::Result<Vec<Table>> {
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let left: BTreeSet<String> = waiting.iter().map(|table| table.name.clone()).collect();
        let (ready, later): (Vec<Table>, Vec<Table>) = waiting
            .into_iter()
            .partition(|table| table.refers_to.iter().all(|(to, _)| *to == table.name || !left.contains(to)));
        if ready.is_empty() {
            let names = left.into_iter().collect::<Vec<_>>().join(", ");
            bail!(
                "the tables {names} refer to each other in a circle: their rows cannot be put back in any order"
            );
        }
        ordered.extend(ready);
        waiting = later;
    }
    Ok(ordered)
}

/// Tables into which nobody can add a row of a tenant while that tenant's row in [`TENANTS`] and all rows of the tables
/// before it are locked: every row refers to one of those.
pub fn held_by_parents(tables: &[Table]) -> BTreeSet<String> {
    let mut held = BTreeSet::from([TENANTS.to_owned()]);
    for table in tables.iter().filter(|table| table.of_tenants) {
        if table.refers_to.iter().any(|(to, always)| *always && *to != table.name && held.contains(to)) {
            held.insert(table.name.clone());
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, refers_to: &[(&str, bool)]) -> Table {
        let refers_to = refers_to.iter().map(|(to, always)| ((*to).to_owned(), *always)).collect();
        Table {
            name: name.to_owned(),
            quoted: name.to_owned(),
            columns: Vec::new(),
            of_tenants: name != TENANTS,
            refers_to,
        }
    }

    fn names(tables: &[Table]) -> Vec<&str> {
        tables.iter().map(|table| table.name.as_str()).collect()
    }

    #[test]
    fn parents_come_before_children_and_a_circle_is_refused() {
        let ordered = in_order(vec![
            table("lines", &[("invoices", true), ("lines", false)]),
            table("invoices", &[(TENANTS, true)]),
            table(TENANTS, &[]),
        ]);
        assert_eq!(names(&ordered.unwrap()), [TENANTS, "invoices", "lines"]);
        let circle = in_order(vec![table("a", &[("b", true)]), table("b", &[("a", false)]), table("c", &[])]);
        assert!(circle.unwrap_err().to_string().contains("a, b refer to each other"));
    }

    #[test]
    fn a_table_is_held_when_each_of_its_rows_hangs_on_a_held_one() {
        let tables = [
            table(TENANTS, &[]),
            table("customers", &[(TENANTS, true)]),
            table("pets", &[("customers", true)]),
            table("notes", &[("pets", false)]),
            table("loose", &[]),
        ];
        let held = held_by_parents(&tables);
        assert_eq!(held.into_iter().collect::<Vec<_>>(), [TENANTS, "customers", "pets"]);
    }
}
