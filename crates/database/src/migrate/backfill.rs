//! Backfills: a statement over a whole table, in batches by primary key, each in a transaction, with pauses. The last key is
//! recorded with each batch, so that no row is left out or changed twice.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::time::sleep;
use tokio_postgres::Client;

use super::deployment::{Deployment, PROGRESS_INTERVAL, in_transaction, invalidate, pause_if_locked};
use super::migration::Migration;
use super::script::{BATCH, Backfill, batches};

/// The longest time that a batch should take. On a busy server batches take longer; then they become smaller, and pauses longer.
const LONGEST_BATCH: Duration = Duration::from_millis(100);

/// The number of rows of the first batch, and of the smallest.
const FIRST: u32 = 200;
const FEWEST: u32 = 20;

/// The shortest pause, as a multiple of the time that the batch took: with 2, requests have two thirds of the time.
const REST: u32 = 2;

/// The columns of the primary key in order, with their types.
struct Key(Vec<(String, String)>);

/// Runs a backfill from the last recorded key to the end of the table.
pub(super) async fn run(
    deployment: &Deployment<'_>,
    migration: &Migration,
    backfill: &Backfill,
    statement: &str,
) -> anyhow::Result<()> {
    let client = deployment.client;
    let key = Key::of(client, &backfill.table).await?;
    let about = "select greatest(reltuples, 0)::bigint from pg_class where oid = $1::text::regclass";
    let about: i64 = client.query_one(about, &[&backfill.table]).await?.get(0);
    let stands = "select place, rows_done from app.migrations where version = $1";
    let stands = client.query_one(stands, &[&migration.version]).await?;
    let (mut place, mut rows): (Option<Vec<String>>, i64) = (stands.get(0), stands.get(1));
    let (mut size, mut told, mut attempt) = (FIRST.min(backfill.batch), Instant::now(), 1);
    loop {
        let start = Instant::now();
        let Some((last, count)) = key.next(client, &backfill.table, place.as_deref(), size).await? else {
            (deployment.tell)(&format!("  {rows} rows, done"));
            return Ok(());
        };
        let range = key.range(&backfill.alias, place.as_deref(), &last);
        let at = batches(statement).next().context("the statement names its batch")?;
        let batch = format!("{}({range}){}", &statement[..at], &statement[at + BATCH.len()..]);
        let done = in_transaction(client, async || {
            client.execute(&batch, &[]).await?;
            let note = "update app.migrations set place = $2, rows_done = $3 where version = $1";
            client.execute(note, &[&migration.version, &last, &(rows + count)]).await?;
            invalidate(client).await
        });
        if let Err(error) = done.await {
            pause_if_locked(deployment, migration, attempt, error).await?;
            attempt += 1;
            continue;
        }
        (place, rows, attempt) = (Some(last), rows + count, 1);
        let took = start.elapsed();
        if told.elapsed() >= PROGRESS_INTERVAL {
            (deployment.tell)(&format!(
                "  {rows} of about {about} rows, {size} at a time in {} ms",
                took.as_millis()
            ));
            told = Instant::now();
        }
        size = if took > LONGEST_BATCH { (size / 2).max(FEWEST) } else { size.saturating_mul(2) }
            .min(backfill.batch);
        sleep(backfill.pause.max(took * REST)).await;
    }
}

impl Key {
    async fn of(client: &Client, table: &str) -> anyhow::Result<Self> {
        let columns = client
            .query(
                "select format('%I', a.attname), format_type(a.atttypid, a.atttypmod) from pg_index i \
                 cross join unnest(i.indkey) with ordinality k (number, place) \
                 join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number \
                 where i.indrelid = $1::text::regclass and i.indisprimary order by k.place",
                &[&table],
            )
            .await?;
        ensure!(!columns.is_empty(), "a backfill goes by the primary key, and {table} has none");
        Ok(Self(columns.iter().map(|row| (row.get(0), row.get(1))).collect()))
    }

    fn columns(&self, as_each: impl Fn(&str) -> String) -> String {
        self.0.iter().map(|(column, _)| as_each(column)).collect::<Vec<_>>().join(", ")
    }

    /// The values of a key as SQL literals.
    fn literals(&self, values: &[String]) -> String {
        let literals = self
            .0
            .iter()
            .zip(values)
            .map(|((_, of), value)| format!("'{}'::{of}", value.replace('\'', "''")));
        literals.collect::<Vec<_>>().join(", ")
    }

    /// The last key of the next batch, and the number of its rows; `None` at the end of the table.
    async fn next(
        &self,
        client: &Client,
        table: &str,
        after: Option<&[String]>,
        size: u32,
    ) -> anyhow::Result<Option<(Vec<String>, i64)>> {
        let columns = self.columns(str::to_owned);
        let after = after.map(|after| format!("where ({columns}) > ({})", self.literals(after)));
        let (after, texts) = (after.unwrap_or_default(), self.columns(|column| format!("{column}::text")));
        let backwards = self.columns(|column| format!("{column} desc"));
        let next = format!(
            "select array[{texts}], count(*) over () from \
             (select {columns} from {table} {after} order by {columns} limit {size}) batch order by {backwards} limit 1"
        );
        Ok(client.query_opt(&next, &[]).await?.map(|row| (row.get(0), row.get(1))))
    }

    fn range(&self, alias: &str, after: Option<&[String]>, last: &[String]) -> String {
        let columns = self.columns(|column| format!("{alias}.{column}"));
        let from = after.map(|after| format!("({columns}) > ({}) and ", self.literals(after)));
        format!("{}({columns}) <= ({})", from.unwrap_or_default(), self.literals(last))
    }
}
