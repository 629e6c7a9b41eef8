//! A deploy in progress, and what its parts share: transactions, locks, and the invalidation of caches.

use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::migration::Migration;
use crate::connect::Server;

/// The longest time that a statement waits for a lock. Other statements on the table queue behind it, so the time is short;
/// afterwards they run, and the statement is tried again.
const LOCK_TIMEOUT: &str = "200ms";
/// The number of attempts, and the longest pause between them.
const TRIES: u32 = 60;
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The interval between progress messages of a long statement.
pub(super) const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

/// A deploy in progress: its connection, the address for further ones, and the receiver of its messages.
pub(super) struct Deployment<'a> {
    pub(super) client: &'a Client,
    pub(super) owner: &'a Server,
    pub(super) tell: &'a (dyn Fn(&str) + Sync),
}

/// Runs `work` in a transaction, which is committed if it succeeds.
pub(super) async fn in_transaction(
    client: &Client,
    work: impl AsyncFnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    client.batch_execute("begin").await?;
    let result = async {
        work().await?;
        client.batch_execute("commit").await.map_err(anyhow::Error::from)
    };
    let result = result.await;
    if result.is_err() {
        client.batch_execute("rollback").await?;
    }
    result
}

/// Pauses if the error is that a lock could not be had, so that requests can run before the next attempt.
///
/// # Errors
/// Any other error, and the last attempt.
pub(super) async fn pause_if_locked(
    deployment: &Deployment<'_>,
    migration: &Migration,
    attempt: u32,
    error: anyhow::Error,
) -> anyhow::Result<()> {
    let state = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
    let is_locked = matches!(state, Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::T_R_DEADLOCK_DETECTED));
    if !is_locked {
        return Err(error);
    }
    if attempt == TRIES {
        return Err(error.context(
            "another session held a lock during all attempts: look for old transactions in pg_stat_activity, end them, and deploy again",
        ));
    }
    tracing::warn!(migration = %migration.name, attempt, of = TRIES, "waiting for a lock: letting requests run before the next attempt");
    if attempt == 1 {
        (deployment.tell)(&format!(
            "{}: waiting for a lock: letting requests run before the next attempt",
            migration.name
        ));
    }
    sleep((Duration::from_millis(100) * attempt).min(LONGEST_PAUSE)).await;
    Ok(())
}

/// The statement that limits how long this connection waits for a lock.
pub(super) fn lock_timeout() -> String {
    format!("set lock_timeout = '{LOCK_TIMEOUT}'")
}

/// Invalidates all cached answers, as part of the transaction that changes rows. Two seconds after the commit, no node uses older
/// ones.
pub(super) async fn invalidate(client: &Client) -> anyhow::Result<()> {
    let exists = "select to_regprocedure('app.invalidate(uuid)') is not null";
    if client.query_one(exists, &[]).await?.get::<_, bool>(0) {
        client.execute("select app.invalidate()", &[]).await?;
    }
    Ok(())
}
