//! Who may answer from a cache, as PostgreSQL has it: one row says ON or OFF and through which medium; nodes hold short leases
//! on it. A writer that cannot tell the others through the medium switches it OFF and waits until every lease has run out.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use base::problem::{Problem, Result};
use database::connect::Server;
use queries::client::Params;
use queries::queries::cache as sql;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use tokio_postgres::Client;
use uuid::Uuid;

/// How long a lease counts, from the moment its question was sent.
const LEASE: Duration = Duration::from_millis(1500);

/// How long after OFF every lease has run out; the statements `hold_off` and `switch_on` have the same figure.
const SETTLED: Duration = Duration::from_secs(2);

/// How long PostgreSQL may take to answer.
const PATIENCE: Duration = Duration::from_millis(1000);

/// How long it may take to switch OFF: a write waits for it, and would fail.
const SWITCHES_WITHIN: Duration = Duration::from_secs(5);

/// What a node knows, and until when.
#[derive(Debug, Default)]
struct Known {
    until: Option<Instant>,
    on: bool,
    /// OFF for so long that nobody's lease is left.
    settled: bool,
    medium: String,
    epoch: i64,
    resets: i64,
    reset_all: i64,
    reset_tenants: HashMap<Uuid, i64>,
    /// How many nodes are alive.
    nodes: u32,
}

/// Under which switching-on and after which invalidation from outside something was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Floor {
    pub epoch: i64,
    reset: i64,
}

#[derive(Debug)]
pub struct Arbiter {
    node: Uuid,
    address: Server,
    connection: Mutex<Line>,
    known: RwLock<Known>,
}

/// The connection by which leases are renewed, and how the last renewal went.
#[derive(Debug, Default)]
struct Line {
    client: Option<Client>,
    last: Option<Outcome>,
}

/// How a renewal went: all who came before it began share it.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    began: Instant,
    succeeded: bool,
}

impl Outcome {
    fn for_whoever_came(self, at: Instant) -> Option<Result<()>> {
        (self.began >= at).then(|| if self.succeeded { Ok(()) } else { Err(unanswered()) })
    }
}

fn unanswered() -> Problem {
    Problem::unavailable("the database does not answer: try again in a moment", 1)
}

impl Arbiter {
    pub fn new(address: Server) -> Self {
        let (connection, known) = Default::default();
        let node = Uuid::from_u128(rand::random());
        Self { node, address, connection, known }
    }

    /// Under what a node may answer from its cache at this moment; `None` when it may not.
    pub fn lease(&self, medium: &str, tenant: Uuid) -> Option<Floor> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let holds =
            known.on && known.medium == medium && known.until.is_some_and(|until| until > Instant::now());
        holds.then(|| {
            let reset =
                known.reset_tenants.get(&tenant).map_or(known.reset_all, |reset| known.reset_all.max(*reset));
            Floor { epoch: known.epoch, reset }
        })
    }

    /// How many nodes are alive, as last seen.
    pub fn nodes(&self) -> u32 {
        self.known.read().unwrap_or_else(PoisonError::into_inner).nodes
    }

    /// Renews the lease. A node says at the same time through which medium it could cache and whether it reaches that
    /// (`Some`), and switches ON when nobody objects; a command only looks (`None`).
    ///
    /// # Errors
    /// 503 when PostgreSQL does not answer in time; the lease then runs out by itself.
    pub async fn renew(&self, node: Option<(&str, bool, String)>) -> Result<()> {
        let came = Instant::now();
        let mut line = self.connection.lock().await;
        if let Some(shared) = line.last.and_then(|last| last.for_whoever_came(came)) {
            return shared;
        }
        let began = Instant::now();
        let renewed = timeout(PATIENCE, self.ask(&mut line.client, node)).await;
        let renewed = renewed.unwrap_or_else(|_| Err(unanswered()));
        line.last = Some(Outcome { began, succeeded: renewed.is_ok() });
        if renewed.is_err() {
            line.client = None;
        }
        renewed
    }

    /// Whether nobody answers from a cache, as was last seen: a write then need not tell anybody. `None`: not yet, but soon.
    pub fn is_off(&self) -> Option<bool> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let is_off = !known.on && known.until.is_some_and(|until| until > Instant::now());
        if is_off && !known.settled { None } else { Some(is_off) }
    }

    async fn ask(&self, connection: &mut Option<Client>, node: Option<(&str, bool, String)>) -> Result<()> {
        let client = self.connected(connection).await?;
        if let Some((medium, reaches, stats)) = &node {
            sql::beat()
                .params(client, &sql::BeatParams { id: self.node, medium, reaches: *reaches, stats })
                .await?;
        }
        let mut start = Instant::now();
        let mut mode = sql::mode().bind(client).one().await?;
        // A program that was started anew: what the last one kept is gone with it.
        if let Some((medium, true, _)) = &node
            && mode.mode == "ON"
            && mode.medium.as_deref() != Some(*medium)
        {
            sql::switch_off_a_medium_without_nodes().bind(client, medium).await?;
        }
        if let Some((medium, true, _)) = &node
            && mode.mode == "OFF"
            && sql::switch_on().bind(client, medium).await? == 1
        {
            tracing::info!(cache.medium = medium, "the cache is on");
            start = Instant::now();
            mode = sql::mode().bind(client).one().await?;
        }
        let seen = self.known.read().unwrap_or_else(PoisonError::into_inner).resets;
        let resets = if mode.resets > seen {
            sql::resets_since().bind(client, &seen).all().await?
        } else {
            Vec::new()
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for reset in resets {
            known.resets = known.resets.max(reset.number);
            match reset.of_tenant {
                Some(tenant) => {
                    known.reset_tenants.insert(tenant, reset.number);
                }
                None => {
                    known.reset_all = reset.number;
                    known.reset_tenants.clear();
                }
            }
        }
        known.on = mode.mode == "ON";
        known.settled = mode.settled;
        known.medium = mode.medium.unwrap_or_default();
        known.epoch = mode.epoch;
        known.nodes = u32::try_from(mode.nodes).unwrap_or(u32::MAX);
        known.until = Some(start + LEASE);
        Ok(())
    }

    /// Sees to it that no node answers from a cache: once it switched OFF, it returns when every lease from before has run out. Where
    /// another did so a moment ago, it returns at once, and the caller has to look again.
    ///
    /// # Errors
    /// 503 when PostgreSQL does not answer.
    pub async fn switch_off(&self) -> Result<()> {
        let switched = timeout(SWITCHES_WITHIN, async {
            let mut line = self.connection.lock().await;
            let client = self.connected(&mut line.client).await?;
            let switched = sql::switch_off().bind(client).await;
            if switched.is_err() {
                line.client = None;
            }
            Ok::<_, Problem>(switched?)
        });
        if switched.await.unwrap_or_else(|_| Err(unanswered()))? == 0 {
            return Ok(());
        }
        tracing::warn!("the cache is off: a write cannot tell the other nodes through it, and waits");
        self.known.write().unwrap_or_else(PoisonError::into_inner).on = false;
        sleep(SETTLED).await;
        Ok(())
    }

    /// Gives up the medium that only this node has, which answers nothing from it any more: OFF, and nobody's lease to wait for.
    ///
    /// # Errors
    /// 503 when PostgreSQL does not answer in time.
    pub async fn relinquish(&self, medium: &str) -> Result<()> {
        let mut line = self.connection.lock().await;
        let relinquished = timeout(PATIENCE, async {
            let client = self.connected(&mut line.client).await?;
            sql::relinquish().bind(client, &medium).await?;
            Ok::<_, Problem>(())
        });
        let relinquished = relinquished.await;
        self.known.write().unwrap_or_else(PoisonError::into_inner).on = false;
        relinquished.unwrap_or_else(|_| Err(unanswered()))
    }

    /// Says goodbye, so that the others need not wait for this node.
    pub async fn leave(&self) {
        let line = self.connection.lock().await;
        if let Some(client) = line.client.as_ref() {
            let _ = timeout(PATIENCE, sql::leave().bind(client, &self.node)).await;
        }
    }

    /// Gives its connection up; the next who asks opens another.
    pub async fn close(&self) {
        self.connection.lock().await.client.take();
    }

    async fn connected<'a>(&self, connection: &'a mut Option<Client>) -> Result<&'a Client> {
        if connection.as_ref().is_none_or(Client::is_closed) {
            *connection = Some(self.address.connect().await?);
        }
        connection.as_ref().ok_or_else(|| Problem::internal("a connection that was just made is gone"))
    }
}
