//! Which change every node knows of: the protocol that lets nodes keep what they read and never show anything stale.
//!
//! A statement's tables are known (`tables.rs`). What a request read is kept under the generations of those tables at a moment
//! before it read (`generations.rs`, in Redis `shared.rs`); a write marks its tables and moves their generations on before it
//! commits, and takes its mark away after. While a mark stands nothing of these tables is kept or taken. Who may keep anything
//! at all, PostgreSQL says (`lease.rs`).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use base::problem::{Problem, Result};
use database::connect::Server;
use futures_util::future::BoxFuture;
use queries::client::GenericClient;
use queries::queries::cache as sql;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::generations::{Generations, Observation, PLATFORM};
use crate::lease::{Arbiter, Floor};
use crate::redis::{Link, Question};
use crate::settings::CacheMode;
use crate::shared::{self, AlsoAnswered, Parcel, Shared, Wanted};
use crate::tables::Tables;

/// How often a node renews its lease.
const BEAT: Duration = Duration::from_millis(500);

/// Which part of the program holds a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It serves requests, and may keep answers.
    Node,
    /// It only writes, and must tell those who keep answers.
    Command,
}

/// The program that keeps answers from now on, in a memory of its own: the one before asks it.
pub trait Successor: Send + Sync {
    /// Marks tables that are about to change, by a list of tables; the number settles the marks. `None`: it is gone, or keeps nothing.
    fn mark<'a>(&'a self, list: &'a str, changes: Vec<(Uuid, u64)>) -> BoxFuture<'a, Option<u64>>;

    fn settle(&self, marks: u64);
}

/// The protocol's state in this program; copies share it.
#[derive(Clone)]
pub struct Versions(Arc<Parts>);

struct Parts {
    part: Part,
    medium: Medium,
    arbiter: Arbiter,
    successor: RwLock<Option<Arc<dyn Successor>>>,
    /// What this node tells the others of itself.
    status: OnceLock<Box<dyn Fn() -> String + Send + Sync>>,
    statements: AtomicU64,
}

/// Where generations are kept.
enum Medium {
    /// Nowhere: nothing is kept, and a write must see to it that nobody else keeps anything.
    None,
    Process {
        name: String,
        generations: Generations,
    },
    Redis(Shared),
}

/// What held when a request began: it decides what the request may take from the cache, and under what it may keep.
#[derive(Clone, Debug)]
pub struct View {
    pub floor: Floor,
    pub platform: Observation,
    pub tenant: Option<(Uuid, Observation)>,
    /// Whether the answer came from Redis with this.
    pub brought: bool,
}

/// The marks of a write that is about to be committed.
#[must_use = "a mark that is not settled keeps its tables out of the cache for half a minute"]
pub struct Marks {
    versions: Versions,
    made: Made,
}

enum Made {
    Process(Vec<(Uuid, u64)>),
    /// In the program that follows this one.
    Elsewhere(Arc<dyn Successor>, u64),
    Redis(Vec<shared::Mark>),
}

impl Marks {
    /// The write is committed, or certainly rolled back. What it changed is out of every cache since it was marked, so no
    /// request waits for this.
    pub async fn settle(self) {
        match (&self.versions.0.medium, self.made) {
            (Medium::Process { generations, .. }, Made::Process(marks)) => {
                for (group, number) in marks {
                    generations.settle(group, number);
                }
            }
            (_, Made::Elsewhere(successor, marks)) => successor.settle(marks),
            (Medium::Redis(_), Made::Redis(marks)) => {
                let versions = self.versions.clone();
                let settling = tokio::spawn(async move {
                    let Medium::Redis(shared) = &versions.0.medium else { return };
                    for mark in &marks {
                        shared.settle(mark).await;
                    }
                });
                // A command may be over in a moment.
                if self.versions.0.part == Part::Command {
                    let _ = settling.await;
                }
            }
            _ => {}
        }
    }
}

impl Versions {
    /// For the database at `address`. Nothing is kept until [`Self::beat`] was told that it may. `life` is how long a transaction lasts
    /// at most.
    pub fn new(mode: CacheMode, life: Duration, address: &Server, part: Part, redis: Option<Link>) -> Self {
        let medium = match (mode, redis, part) {
            (CacheMode::Off, ..) | (CacheMode::On, None, Part::Command) => Medium::None,
            (CacheMode::On, Some(link), _) => Medium::Redis(Shared::new(link, life)),
            (CacheMode::On, None, Part::Node) => Medium::Process {
                name: format!("process {}", Uuid::from_u128(rand::random())),
                generations: Generations::new(life),
            },
        };
        let (successor, status, statements) = Default::default();
        let arbiter = Arbiter::new(address.clone());
        Self(Arc::new(Parts { part, medium, arbiter, successor, status, statements }))
    }

    /// What this node tells the others of itself with every renewal, as JSON.
    pub fn tell(&self, status: impl Fn() -> String + Send + Sync + 'static) {
        let _ = self.0.status.set(Box::new(status));
    }

    /// Renews the lease under which this node may answer from its cache.
    ///
    /// # Errors
    /// 503 when PostgreSQL does not answer; nothing is answered from the cache then once the lease has run out.
    pub async fn beat(&self) -> Result<()> {
        let (name, reaches) = match &self.0.medium {
            // It cannot be told of anything, so while it is there nobody keeps anything.
            Medium::None => ("none".to_owned(), false),
            Medium::Process { name, .. } => (name.clone(), true),
            Medium::Redis(shared) => {
                let reaches = shared.look().await;
                (shared.name(), reaches)
            }
        };
        let stats = self.0.status.get().map_or_else(|| "{}".to_owned(), |status| status());
        let node = (self.0.part == Part::Node).then_some((name.as_str(), reaches, stats));
        self.0.arbiter.renew(node).await
    }

    /// Renews the lease until `stop`, then says goodbye.
    pub async fn keep_beating(&self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(BEAT);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = ticks.tick() => {}
            }
            if let Err(problem) = self.beat().await {
                tracing::warn!(%problem, "the cache's lease is not renewed");
            }
        }
        self.0.arbiter.leave().await;
    }

    /// Gives up the connection by which the lease was renewed.
    pub async fn close(&self) {
        self.0.arbiter.close().await;
    }

    /// Gets ready to renew the lease, without asking for it.
    ///
    /// # Errors
    /// 503 when PostgreSQL does not answer in time.
    pub async fn prepare(&self) -> Result<()> {
        self.0.arbiter.renew(None).await
    }

    /// How many nodes are alive, as this one last saw.
    pub fn nodes(&self) -> u32 {
        self.0.arbiter.nodes()
    }

    pub fn count_statement(&self) {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// How many statements were sent since the start.
    pub fn statements(&self) -> u64 {
        self.0.statements.load(Ordering::Relaxed)
    }

    /// How many groups of tables have generations in this process.
    pub fn groups(&self) -> u64 {
        match &self.0.medium {
            Medium::Process { generations, .. } => generations.groups() as u64,
            _ => 0,
        }
    }

    /// What several nodes share, where they do.
    pub fn shared(&self) -> Option<&Shared> {
        match &self.0.medium {
            Medium::Redis(shared) => Some(shared),
            _ => None,
        }
    }

    /// What holds at this moment; to be asked after a request arrived. What is `wanted` comes along from Redis in the same round
    /// trip, and so does the answer to `also`. `None`: nothing may be taken or kept, and nothing was asked.
    pub async fn view(
        &self,
        tenant: Option<Uuid>,
        wanted: &[Wanted<'_>],
        also: Option<Question<'static>>,
    ) -> (Option<(View, Vec<Option<Parcel>>)>, Option<AlsoAnswered>) {
        let group = tenant.unwrap_or(PLATFORM);
        match &self.0.medium {
            Medium::None => (None, None),
            Medium::Process { .. } if self.successor().is_some() => (None, None),
            Medium::Process { name, generations } => {
                let Some(floor) = self.0.arbiter.lease(name, group) else { return (None, None) };
                let platform = generations.observe(PLATFORM);
                let tenant = tenant.map(|tenant| (tenant, generations.observe(tenant)));
                (Some((View { floor, platform, tenant, brought: false }, Vec::new())), None)
            }
            Medium::Redis(shared) => {
                let Some(floor) = self.0.arbiter.lease(&shared.name(), group) else { return (None, None) };
                let (observed, parcels, also) = shared.look_at(tenant, wanted, also).await;
                let Some((platform, of_tenant)) = observed else { return (None, also) };
                let view = View { floor, platform, tenant: tenant.zip(of_tenant), brought: false };
                (Some((view, parcels)), also)
            }
        }
    }

    /// Waits until a write can tell the other nodes, or need not. Called before a connection is taken: what it waits for can take two
    /// seconds, as after another node was killed. Where PostgreSQL does not answer, or other nodes switch back and forth meanwhile, the
    /// commit finds out.
    pub async fn until_writable(&self) {
        const LOOKS: u32 = 20;
        for _ in 0..LOOKS {
            if self.can_tell() || self.0.arbiter.is_off() == Some(true) || self.beat().await.is_err() {
                return;
            }
            match self.0.arbiter.is_off() {
                Some(false) if !self.can_tell() => {
                    if self.0.arbiter.switch_off().await.is_err() {
                        return;
                    }
                }
                None => tokio::time::sleep(Duration::from_millis(200)).await,
                Some(_) => return,
            }
        }
    }

    /// Whether a write can tell the other nodes, as far as is known.
    fn can_tell(&self) -> bool {
        match &self.0.medium {
            Medium::None => false,
            Medium::Process { .. } if self.successor().is_some() => true,
            Medium::Process { name, .. } => self.0.arbiter.lease(name, PLATFORM).is_some(),
            Medium::Redis(shared) => {
                shared.reaches() && self.0.arbiter.lease(&shared.name(), PLATFORM).is_some()
            }
        }
    }

    /// Marks the tables that a write is about to change. `None`: the others cannot be told through the cache; then
    /// [`Self::silence`] before committing.
    pub async fn mark(&self, changes: &[(Uuid, Tables)]) -> Option<Marks> {
        match &self.0.medium {
            Medium::None => None,
            Medium::Process { name, generations } => {
                if let Some(successor) = self.successor() {
                    let changes = changes.iter().map(|(group, tables)| (*group, tables.bits())).collect();
                    let marks = successor.mark(Tables::list(), changes).await?;
                    return Some(Marks { versions: self.clone(), made: Made::Elsewhere(successor, marks) });
                }
                self.leased(name).await?;
                let mark = |(group, tables): &(Uuid, Tables)| (*group, generations.mark(*group, *tables));
                Some(Marks {
                    versions: self.clone(),
                    made: Made::Process(changes.iter().map(mark).collect()),
                })
            }
            Medium::Redis(shared) => {
                self.leased(&shared.name()).await?;
                let marks = shared.mark(changes).await?;
                Some(Marks { versions: self.clone(), made: Made::Redis(marks) })
            }
        }
    }

    /// `None` when others cannot be told through `medium` at this moment.
    async fn leased(&self, medium: &str) -> Option<Floor> {
        let arbiter = &self.0.arbiter;
        if arbiter.lease(medium, PLATFORM).is_none() {
            self.beat().await.ok()?;
        }
        arbiter.lease(medium, PLATFORM)
    }

    /// The same for the program before this one, whose last requests are under way. Where it counts by another `list` of
    /// tables than this one, all of a group count as changed.
    pub async fn mark_for_another(&self, list: &str, changes: &[(Uuid, u64)]) -> Option<Marks> {
        let changed = |tables: u64| match list == Tables::list() {
            true => Tables::from_bits(tables),
            false => Tables::all(),
        };
        let changes: Vec<_> = changes.iter().map(|(group, tables)| (*group, changed(*tables))).collect();
        self.mark(&changes).await
    }

    /// Lets `successor` keep answers in its memory: from this moment on nothing is taken from the memory of this one, whose lease
    /// nobody has to wait for.
    pub async fn cede(&self, successor: Arc<dyn Successor>) {
        let Medium::Process { name, .. } = &self.0.medium else { return };
        *self.0.successor.write().unwrap_or_else(PoisonError::into_inner) = Some(successor);
        if let Err(problem) = self.0.arbiter.relinquish(name).await {
            tracing::warn!(%problem, "the cache cannot be handed on: it comes back when this program is gone");
        }
    }

    /// The program that was to follow is gone: keeps answers again itself, with its next lease.
    pub fn reclaim(&self) {
        *self.0.successor.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn successor(&self) -> Option<Arc<dyn Successor>> {
        self.0.successor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sees to it that nobody answers from a cache until the transaction of `client` has ended, which must follow.
    ///
    /// # Errors
    /// 503 when PostgreSQL does not answer.
    pub async fn silence(&self, client: &impl GenericClient) -> Result<()> {
        // OFF since a moment ago, by another writer: two seconds of waiting, and a little more.
        for _ in 0..15 {
            match sql::hold_off().bind(client).opt().await? {
                Some(true) => return Ok(()),
                Some(false) => tokio::time::sleep(Duration::from_millis(200)).await,
                None => self.0.arbiter.switch_off().await?,
            }
        }
        Err(Problem::unavailable(
            "the other nodes could not be told of this change: try again in a moment",
            2,
        ))
    }
}

/// Every node that was seen of late, and what it counted.
///
/// # Errors
/// When the database cannot be asked.
pub async fn nodes(client: &impl GenericClient) -> Result<Vec<Node>> {
    let nodes = sql::nodes().bind(client).all().await?;
    let node = |row: sql::Nodes| Node {
        id: row.id,
        medium: row.medium,
        reaches: row.reaches,
        alive: row.alive,
        status: serde_json::from_str(&row.stats).unwrap_or_default(),
    };
    Ok(nodes.into_iter().map(node).collect())
}

/// A node, as it last said.
pub struct Node {
    pub id: Uuid,
    pub medium: String,
    pub reaches: bool,
    pub alive: bool,
    pub status: serde_json::Value,
}

/// Makes every node forget what it holds of a resort, or of all: for writes that did not pass through the program.
///
/// # Errors
/// When the database cannot be asked.
pub async fn invalidate(client: &impl GenericClient, tenant: Option<Uuid>) -> Result<()> {
    sql::invalidate().bind(client, &tenant).one().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(())
}
