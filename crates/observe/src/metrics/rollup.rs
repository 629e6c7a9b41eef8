//! What each resort asked for, added up in the database: by the hour for two days, by the day for thirty.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use queries::client::Params;
use queries::queries::usage as sql;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::Metrics;
use super::usage::Hourly;
use base::problem::Result;
use store::pool::Database;

/// How long counts are kept.
const DAYS: i64 = 30;
const HOURS: i64 = 48;

/// So many rows go in one statement, which takes a millisecond or two; then it rests for as long: it has time, and those who ask at
/// the same moment have not.
const BATCH: usize = 50;

/// What was asked for in an hour or a day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageCount {
    /// In UTC.
    pub starts_at: Timestamp,
    pub requests: i64,
    /// Answered with a status from 500 on.
    pub errors: i64,
    /// Answered with 429.
    pub refused: i64,
    pub statements: i64,
    pub database_ms: i64,
    pub elapsed_ms: i64,
}

/// A resort among those that asked most in thirty days.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantMonth {
    pub subdomain: String,
    pub requests: i64,
    pub errors: i64,
    pub refused: i64,
    pub database_ms: i64,
}

/// Writes down what this node counted since the last time. What could not be written is kept for the next.
///
/// # Errors
/// When the database does not take it.
pub async fn write(metrics: &Metrics, database: &Database) -> Result<()> {
    let taken = metrics.usage.take(metrics.about.clock.now());
    let mut left = taken.as_slice();
    while !left.is_empty() {
        let (batch, rest) = left.split_at(left.len().min(BATCH));
        let start = Instant::now();
        if let Err(problem) = add(database, batch).await {
            metrics.usage.give_back(left);
            return Err(problem);
        }
        left = rest;
        if !left.is_empty() {
            tokio::time::sleep(start.elapsed()).await;
        }
    }
    Ok(())
}

async fn add(database: &Database, batch: &[Hourly]) -> Result<()> {
    let row = |one: &Hourly| {
        let of = one.figures;
        json!([
            one.tenant,
            one.starts_at.as_second(),
            of.requests,
            of.errors,
            of.refused,
            of.statements,
            of.database_us,
            of.elapsed_us
        ])
    };
    let rows = serde_json::to_string(&batch.iter().map(row).collect::<Vec<_>>())?;
    let client = database.unscoped(std::sync::Arc::default()).await?;
    sql::add().bind(&client, &rows).one().await?;
    Ok(())
}

/// Forgets what is too old to be told.
///
/// # Errors
/// When the database cannot be asked.
pub async fn prune(database: &Database, now: Timestamp) -> Result<()> {
    let client = database.unscoped(std::sync::Arc::default()).await?;
    sql::prune().params(&client, &sql::PruneParams { span: "HOUR", before: since(now, HOURS) }).await?;
    sql::prune().params(&client, &sql::PruneParams { span: "DAY", before: since(now, DAYS * 24) }).await?;
    Ok(())
}

/// The last 48 hours and the last 30 days of one resort, oldest first; what is missing was nothing.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of_tenant(
    client: &impl queries::client::GenericClient,
    tenant: Uuid,
    now: Timestamp,
) -> Result<(Vec<UsageCount>, Vec<UsageCount>)> {
    let (hours, days) = (since(now, HOURS), since(now, DAYS * 24));
    let (hourly, daily) = (sql::counts_of(), sql::counts_of());
    Ok(tokio::try_join!(
        hourly.bind(client, &tenant, &"HOUR", &hours).map(count).all(),
        daily.bind(client, &tenant, &"DAY", &days).map(count).all()
    )?)
}

/// The last 30 days of all resorts together, and those that asked most in them.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of_all(
    client: &impl queries::client::GenericClient,
    now: Timestamp,
) -> Result<(Vec<UsageCount>, Vec<TenantMonth>)> {
    let since = since(now, DAYS * 24);
    let (daily, most) = (sql::counts_of_all(), sql::busiest());
    let (days, busiest) = tokio::try_join!(
        daily.bind(client, &"DAY", &since).map(count).all(),
        most.bind(client, &since, &20).all()
    )?;
    let month = |row: sql::Busiest| TenantMonth {
        subdomain: row.subdomain,
        requests: row.requests,
        errors: row.errors,
        refused: row.refused,
        database_ms: row.database_us / 1000,
    };
    Ok((days, busiest.into_iter().map(month).collect()))
}

fn count(row: sql::UsageCount) -> UsageCount {
    UsageCount {
        starts_at: row.starts_at,
        requests: row.requests,
        errors: row.errors,
        refused: row.refused,
        statements: row.statements,
        database_ms: row.database_us / 1000,
        elapsed_ms: row.elapsed_us / 1000,
    }
}

fn since(now: Timestamp, hours: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(now)
}
