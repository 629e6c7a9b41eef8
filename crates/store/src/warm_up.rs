//! Gets ready what a program that takes over needs: the first request on a new connection waits until PostgreSQL has started a
//! process, read its catalogs and planned the statement, which takes longer than the request.

use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, Instant};

use base::problem::Result;
use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::habits::{Habits, digest};
use crate::pool::Database;
use crate::tables;

/// So many statements at most are usual: those that are asked most.
const MOST: usize = 96;

/// After so much work it rests for as long: those who are being served want the processors, too.
const STINT: Duration = Duration::from_millis(2);

/// A value for a statement that is planned and not run.
#[derive(Debug)]
struct Null;

impl ToSql for Null {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl Database {
    /// What whoever takes over should know.
    pub fn habits(&self) -> Habits {
        let mut used: Vec<(&str, u64)> =
            tables::used().map(|(sql, _, times)| (sql, times)).filter(|(_, times)| *times > 0).collect();
        used.sort_unstable_by_key(|(_, times)| std::cmp::Reverse(*times));
        let mut habits = Habits::new(self.pool.status().size, used.iter().map(|(sql, _)| *sql));
        // What was usual stays so for a program that had no time to find out.
        let before = self.before.get().map_or(&[] as &[u64], |before| &before.statements);
        let told: Vec<u64> = before.iter().filter(|sql| !habits.statements.contains(sql)).copied().collect();
        habits.statements.extend(told);
        habits.statements.truncate(MOST);
        habits
    }

    /// Opens as many connections as the program before had, and has PostgreSQL plan on each what that program used, on `places` connections at most. What only
    /// reads is executed, too, for nobody; nothing is changed. How many statements were planned, on how many connections.
    ///
    /// # Errors
    /// When a connection is not to be had, or a statement cannot be planned.
    pub async fn take_up(&self, habits: &Habits, places: usize) -> Result<(usize, usize)> {
        let _ = self.before.set(habits.clone());
        let known: HashMap<u64, _> =
            tables::used().map(|(sql, touch, _)| (digest(sql), (sql, touch))).collect();
        let statements: Vec<_> = habits.statements.iter().filter_map(|sql| known.get(sql)).collect();
        if !habits.statements.is_empty() {
            self.versions.prepare().await?;
        }
        // All are held until the last is ready: the pool gives out what it has before it opens another.
        let mut ready = Vec::new();
        let mut began = Instant::now();
        for _ in 0..habits.connections.min(places) {
            let mut connection = self.connection().await?;
            let transaction = connection.transaction().await?;
            transaction.batch_execute(&format!("SET LOCAL app.tenant_id = '{}'", Uuid::nil())).await?;
            for (sql, touch) in &statements {
                let statement = transaction.prepare_cached(sql).await?;
                let values = vec![&Null as &(dyn ToSql + Sync); statement.params().len()];
                let portal = transaction.bind(&statement, &values).await?;
                if touch.changes.is_empty() {
                    transaction.query_portal(&portal, 1).await?;
                }
                let worked = began.elapsed();
                if worked > STINT {
                    tokio::time::sleep(worked).await;
                    began = Instant::now();
                }
            }
            transaction.rollback().await?;
            ready.push(connection);
        }
        Ok((statements.len(), ready.len()))
    }
}
