//! A tenant's rows as a whole: held, removed and copied inside one transaction, in the order in which the tables refer to
//! each other.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use queries::client::Params;
use queries::queries::operator_actions;
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use super::tenant_row::TenantRow;
use crate::catalogue::{PASSING, SEALED, TENANTS, Table, held_by_parents};
use crate::census::{Count, of_tenant};
use crate::manifest::Damage;
use base::id;

/// How often it is tried when the tenant's own requests are in the way.
const TRIES: u64 = 10;

/// The tables with rows of tenants, parents first.
pub(super) fn of_tenants(tables: &[Table]) -> impl DoubleEndedIterator<Item = &Table> {
    tables.iter().filter(|table| table.of_tenants)
}

/// Those of them whose rows are worth keeping here.
pub(super) fn lasting(tables: &[Table]) -> impl DoubleEndedIterator<Item = &Table> {
    of_tenants(tables).filter(|table| !PASSING.contains(&table.name.as_str()))
}

/// Those of them that an archive has.
pub(super) fn archived(tables: &[Table]) -> impl DoubleEndedIterator<Item = &Table> {
    lasting(tables).filter(|table| !SEALED.contains(&table.name.as_str()))
}

/// Runs `work` in a transaction, again when a request of the tenant's was in the way.
pub(super) async fn in_transaction<T>(
    client: &Client,
    work: impl AsyncFn() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    for attempt in 1.. {
        client.batch_execute("begin isolation level read committed; set local lock_timeout = '20s'").await?;
        let done = match work().await {
            Ok(done) => client.batch_execute("commit").await.map(|()| done).map_err(anyhow::Error::from),
            Err(error) => Err(error),
        };
        let error = match done {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        // Fails when the connection is gone, and then the server has rolled back.
        let _ = client.batch_execute("rollback").await;
        if attempt == TRIES || !in_the_way(&error) {
            return Err(error.context("nothing was changed"));
        }
        tracing::info!(attempt, "a request of the tenant's is in the way: trying again");
        sleep(Duration::from_millis(100 * attempt)).await;
    }
    bail!("nothing was changed")
}

fn in_the_way(error: &anyhow::Error) -> bool {
    if error.downcast_ref::<InBetween>().is_some() {
        return true;
    }
    let code = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
    let codes = [
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::FOREIGN_KEY_VIOLATION,
    ];
    code.is_some_and(|code| codes.contains(code))
}

/// A row came in while the tenant's were being replaced.
#[derive(Debug, thiserror::Error)]
#[error("{0} got a row of the tenant in between")]
struct InBetween(String);

/// Holds every row of the tenant, its own first and then from parents to children: whoever would add one refers to a row
/// that is held, and waits; what was added before is seen.
pub(super) async fn hold(client: &Client, tables: &[Table], tenant: Uuid) -> anyhow::Result<()> {
    client.query("select from app.tenants where id = $1 for update", &[&tenant]).await?;
    for table in of_tenants(tables) {
        let hold = format!(
            "select count(*) from (select from only {} where tenant_id = '{tenant}' for update) as held",
            table.quoted
        );
        client.query_one(&hold, &[]).await.with_context(|| format!("{} cannot be held", table.name))?;
    }
    Ok(())
}

/// Removes every row of the tenant, children first, and tells how many there were of each table.
pub(super) async fn remove(
    client: &Client,
    tables: &[Table],
    tenant: Uuid,
) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut removed: BTreeMap<String, u64> = BTreeMap::new();
    // Counted before: a row that goes because its parent does is one that went, too.
    for table in of_tenants(tables) {
        let count = format!("select count(*) from only {} where tenant_id = '{tenant}'", table.quoted);
        let count: i64 = client.query_one(&count, &[]).await?.get(0);
        removed.insert(table.name.clone(), u64::try_from(count)?);
    }
    for table in of_tenants(tables).rev() {
        let remove = format!("delete from only {} where tenant_id = '{tenant}'", table.quoted);
        client.execute(&remove, &[]).await.with_context(|| format!("{} cannot be emptied", table.name))?;
    }
    Ok(removed)
}

/// Makes sure that all rows of the tenant are those that this transaction put there: for tables whose rows need not
/// refer to a held one, which are therefore closed to everyone for the moment that is left.
pub(super) async fn nothing_in_between(
    client: &Client,
    tables: &[Table],
    tenant: Uuid,
) -> anyhow::Result<()> {
    let held: BTreeSet<String> = held_by_parents(tables);
    for table in of_tenants(tables).filter(|table| !held.contains(&table.name)) {
        client.batch_execute("set local lock_timeout = '200ms'").await?;
        let close = format!("lock table only {} in share row exclusive mode", table.quoted);
        client.batch_execute(&close).await?;
        let others = format!(
            "select exists (select from only {} where tenant_id = '{tenant}' and xmin <> pg_catalog.pg_current_xact_id()::xid)",
            table.quoted
        );
        if client.query_one(&others, &[]).await?.get(0) {
            return Err(InBetween(table.name.clone()).into());
        }
    }
    Ok(())
}

/// Makes every node forget what it holds of the tenant, at the moment this transaction commits; hence the last statement
/// of it. Who the tenant is, nodes keep under the id that is nobody's.
pub(super) async fn forget(client: &Client, tenant: Uuid) -> anyhow::Result<()> {
    let known = client.query_one("select to_regprocedure('app.invalidate(uuid)') is not null", &[]).await?;
    if known.get(0) {
        for of in [tenant, Uuid::nil()] {
            client.query_one("select app.invalidate($1)", &[&of]).await?;
        }
    }
    Ok(())
}

/// What the record of operators says of a tenant, in the words of the API.
pub(super) fn shown(tenant: &TenantRow, rows: u64) -> Value {
    json!({
        "subdomain": tenant.subdomain(), "name": tenant.name(), "status": tenant.status(), "tier": tenant.tier(), "rows": rows,
    })
}

/// Records what was done to a tenant, in the transaction that did it, as the other commands are recorded.
pub(super) async fn record(
    client: &Client,
    now: Timestamp,
    action: &str,
    tenant: Uuid,
    before: Option<&Value>,
    after: Option<&Value>,
) -> anyhow::Result<()> {
    let (id, before, after) = (id::fresh(now), before.map(Value::to_string), after.map(Value::to_string));
    operator_actions::insert()
        .params(
            client,
            &operator_actions::InsertParams {
                id,
                at: now,
                operator_id: None,
                command: Some("tenant command"),
                request_id: None::<&str>,
                action: &action,
                subject_id: tenant,
                before: before.as_ref(),
                after: after.as_ref(),
            },
        )
        .await
        .context("the record of operators cannot be written: run `tailtown migrate deploy` first")?;
    Ok(())
}

/// How long after the commit no node answers from what it held before.
pub(super) const FORGOTTEN: Duration = Duration::from_secs(2);

/// The columns of a table as a copy names them, the tenant's first.
pub(super) fn copied(table: &Table) -> Vec<String> {
    let rest = table.columns.iter().filter(|column| *column != "tenant_id").cloned();
    std::iter::once("tenant_id".to_owned()).chain(rest).collect()
}

/// The statement that gives a tenant's rows as CSV, in the order of their ids.
pub(super) fn copy_out(table: &Table, tenant: Uuid) -> String {
    let columns = copied(table);
    format!(
        "copy (select {columns} from only {table} where tenant_id = '{tenant}' order by {order}) to stdout (format csv, header)",
        table = table.quoted,
        order = if columns.len() > 1 { "1, 2" } else { "1" },
        columns = columns.join(", "),
    )
}

/// Puts rows in that [`copy_out`] gave, read from a database of ours.
pub(super) async fn copy_in<E>(
    client: &Client,
    table: &Table,
    columns: &[String],
    rows: impl Stream<Item = Result<Bytes, E>>,
) -> anyhow::Result<u64>
where
    anyhow::Error: From<E>,
{
    copy_into(client, table, &table.quoted, columns, rows).await
}

/// Puts in the rows of an archive, which anybody may have written: they are gathered in a table of this transaction, refused if
/// one is not of the tenant `theirs`, and put in as rows of `tenant`, whatever the archive says.
///
/// # Errors
/// [`Damage::Rows`] when a row is another tenant's.
pub(super) async fn take_in<E>(
    client: &Client,
    table: &Table,
    columns: &[String],
    rows: impl Stream<Item = Result<Bytes, E>>,
    theirs: Uuid,
    tenant: Uuid,
) -> anyhow::Result<u64>
where
    anyhow::Error: From<E>,
{
    let (named, into) = (columns.join(", "), &table.quoted);
    let gather = format!(
        "create temporary table arriving on commit drop as select {named} from only {into} with no data"
    );
    client
        .batch_execute(&gather)
        .await
        .context("the role of BACKUP_DATABASE_URL needs TEMPORARY on the database")?;
    let put = copy_into(client, table, "pg_temp.arriving", columns, rows).await?;
    let foreign = "select count(*) from pg_temp.arriving where tenant_id is distinct from $1";
    let foreign: i64 = client.query_one(foreign, &[&theirs]).await?.get(0);
    if foreign > 0 {
        return Err(Damage::Rows(vec![format!("{} has {foreign} rows of another tenant", table.name)]).into());
    }
    let rest = columns.iter().filter(|column| *column != "tenant_id");
    let rest = rest.map(|column| format!(", {column}")).collect::<String>();
    let insert = format!("insert into {into} (tenant_id{rest}) select $1{rest} from pg_temp.arriving");
    client.execute(&insert, &[&tenant]).await.with_context(|| format!("{} refuses the rows", table.name))?;
    client.batch_execute("drop table pg_temp.arriving").await?;
    Ok(put)
}

async fn copy_into<E>(
    client: &Client,
    table: &Table,
    into: &str,
    columns: &[String],
    rows: impl Stream<Item = Result<Bytes, E>>,
) -> anyhow::Result<u64>
where
    anyhow::Error: From<E>,
{
    let copy = format!("copy {into} ({}) from stdin (format csv, header)", columns.join(", "));
    let refused = || format!("{} refuses the rows", table.name);
    let sink = client.copy_in::<_, Bytes>(&copy).await.with_context(refused)?;
    let mut sink = std::pin::pin!(sink);
    let mut rows = std::pin::pin!(rows);
    while let Some(bytes) = rows.next().await {
        futures_util::SinkExt::send(&mut sink, bytes?).await.with_context(refused)?;
    }
    sink.finish().await.with_context(refused)
}

/// Each lasting table's rows of the tenant.
pub(super) async fn census(
    client: &Client,
    tables: &[Table],
    tenant: Uuid,
) -> anyhow::Result<BTreeMap<String, Count>> {
    let mut counts = BTreeMap::new();
    for table in lasting(tables) {
        counts.insert(table.name.clone(), of_tenant(client, table, tenant).await?);
    }
    Ok(counts)
}

/// Adds a tenant's own row. Columns that the row does not have get their defaults.
pub(super) async fn insert_tenant(
    client: &Client,
    tables: &[Table],
    tenant: &TenantRow,
) -> anyhow::Result<()> {
    let columns = own_columns(tables, tenant, &[])?;
    let insert = format!(
        "insert into app.tenants ({columns}) select {columns} from json_populate_record(null::app.tenants, $1)"
    );
    let row = Value::Object(tenant.0.clone());
    client.execute(&insert, &[&row]).await.context("the tenant cannot be added")?;
    Ok(())
}

/// Puts a tenant's own row back, except what the platform's operators decide.
pub(super) async fn update_tenant(
    client: &Client,
    tables: &[Table],
    tenant: &TenantRow,
) -> anyhow::Result<()> {
    let columns = own_columns(tables, tenant, &["id", "subdomain", "status", "tier", "rate_limit"])?;
    let update = format!(
        "update app.tenants set ({columns}) = (select {columns} from json_populate_record(null::app.tenants, $1)) where id = $2"
    );
    let row = Value::Object(tenant.0.clone());
    client
        .execute(&update, &[&row, &tenant.id()?])
        .await
        .context("the tenant's own row cannot be put back")?;
    Ok(())
}

fn own_columns(tables: &[Table], tenant: &TenantRow, except: &[&str]) -> anyhow::Result<String> {
    let table = tables.iter().find(|table| table.name == TENANTS).context("there is no table of tenants")?;
    let columns = table.columns.iter().filter(|column| {
        tenant.0.contains_key(column.trim_matches('"')) && !except.contains(&column.as_str())
    });
    Ok(columns.cloned().collect::<Vec<_>>().join(", "))
}
