//! A cache that is never stale: once a write is acknowledged, no read that begins later returns anything older, on any node.
//!
//! Nothing is invalidated by hand. A statement's tables are known (`tables.rs`); what a request read is kept under the
//! generations of those tables at a moment before it read (`generations.rs`); a write marks its tables and moves their
//! generations on before it commits, and takes its mark away after. While a mark stands nothing is answered from the cache
//! or kept in it. Who may cache at all, PostgreSQL says (`lease.rs`).

mod answers;
mod generations;
mod identity;
mod lease;
mod memory;
#[cfg(test)]
mod model;
mod sent;
mod shared;
mod tables;

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use database::connect::Server;
use jiff::Timestamp;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use queries::queries::cache as sql;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::{CacheMode, Config};
use crate::metrics::reading::{counters, gauge};
use crate::problem::{Problem, Result};
use crate::redis::{Answered, Link, Question, Unreachable};
use crate::session::Role;
use crate::succession::Heir;

pub(crate) use answers::layer;
pub(crate) use generations::PLATFORM;
use generations::{Generations, Observation};
pub(crate) use identity::Sought;
use lease::{Arbiter, Floor};
use memory::Memory;
use shared::{Fetched, Shared};
pub(crate) use tables::{Tables, touch, used};

/// How often a node renews its lease.
const BEAT: Duration = Duration::from_millis(500);

/// How long answers are kept at most, however valid.
const ANSWER: Duration = Duration::from_secs(300);

/// Which part of the program holds a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It serves requests, and may keep answers.
    Node,
    /// It only writes, and must tell those who keep answers.
    Command,
}

/// The cache; copies share it.
#[derive(Clone)]
pub struct Cache(Arc<Parts>);

struct Parts {
    part: Part,
    medium: Medium,
    arbiter: Arbiter,
    memory: Memory,
    flights: answers::Flights,
    counts: Counts,
    /// The program that keeps answers from now on, in a memory of its own.
    heir: RwLock<Option<Heir>>,
    /// Say in a header where an answer came from.
    describe: bool,
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

/// How often what happened, since the start.
#[derive(Debug, Default)]
struct Counts {
    /// Answered from the process's memory, and from Redis.
    process: Counter,
    redis: Counter,
    misses: Counter,
    bypasses: Counter,
    revalidated: Counter,
    statements: Counter,
}

/// The counts of a node, for people.
#[derive(Clone, Copy, Debug, Serialize, serde::Deserialize)]
pub struct Stats {
    /// Answered from the process's memory or from Redis.
    pub hits: u64,
    /// Those of them that came from Redis.
    pub redis: u64,
    /// Answered by the database, and kept.
    pub misses: u64,
    /// Answered by the database because nothing may be kept or was changing.
    pub bypasses: u64,
    /// Hits for which the client had the bytes already.
    pub revalidated: u64,
    /// Statements sent to the database, cache or not.
    pub statements: u64,
    pub entries: u64,
    /// Groups of tables whose generations are kept in the process.
    #[serde(default)]
    pub groups: u64,
    pub bytes: u64,
}

/// What held when a request began: it decides what the request may take from the cache, and under what it may keep.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) floor: Floor,
    pub(crate) platform: Observation,
    pub(crate) tenant: Option<(Uuid, Observation)>,
    /// Whether the answer came from Redis with this.
    pub(crate) brought: bool,
}

/// The answer to a question that travelled with others.
type AlsoAnswered = std::result::Result<Answered, Unreachable>;

/// What a request turned out to depend on.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    reads: AtomicU64,
    day: AtomicBool,
    instant: AtomicBool,
    caller: AtomicBool,
    least: AtomicU8,
}

impl Notes {
    pub(crate) fn read(&self, tables: Tables) {
        self.reads.fetch_or(tables.bits(), Ordering::Relaxed);
    }

    /// It asked for the date on the resort's wall.
    pub(crate) fn day(&self) {
        self.day.store(true, Ordering::Relaxed);
    }

    /// It asked for the time: nothing of it can be kept.
    pub(crate) fn instant(&self) {
        self.instant.store(true, Ordering::Relaxed);
    }

    /// It asked who is asking.
    pub(crate) fn caller(&self) {
        self.caller.store(true, Ordering::Relaxed);
    }

    /// It let in those who have this role at least.
    pub(crate) fn least(&self, least: Option<Role>) {
        let number = match least {
            None => 1,
            Some(Role::Staff) => 2,
            Some(Role::Manager) => 3,
            Some(Role::Owner) => 4,
        };
        self.least.store(number, Ordering::Relaxed);
    }
}

/// The marks of a write that is about to be committed.
#[must_use = "a mark that is not settled keeps its tables out of the cache for half a minute"]
pub(crate) struct Marks {
    cache: Cache,
    made: Made,
}

enum Made {
    Process(Vec<(Uuid, u64)>),
    /// In the program that follows this one.
    Heir(Heir, u64),
    Redis(Vec<shared::Mark>),
}

impl Marks {
    /// The write is committed, or certainly rolled back. What it changed is out of every cache since it was marked, so no
    /// request waits for this.
    pub(crate) async fn settle(self) {
        match (&self.cache.0.medium, self.made) {
            (Medium::Process { generations, .. }, Made::Process(marks)) => {
                for (group, number) in marks {
                    generations.settle(group, number);
                }
            }
            (_, Made::Heir(heir, question)) => heir.settle(question),
            (Medium::Redis(_), Made::Redis(marks)) => {
                let cache = self.cache.clone();
                let settling = tokio::spawn(async move {
                    let Medium::Redis(shared) = &cache.0.medium else { return };
                    for mark in &marks {
                        shared.settle(mark).await;
                    }
                });
                // A command may be over in a moment.
                if self.cache.0.part == Part::Command {
                    let _ = settling.await;
                }
            }
            _ => {}
        }
    }
}

impl Cache {
    /// A cache for the database at `address`. It keeps nothing until [`Self::beat`] was told that it may.
    pub fn new(config: &Config, address: &Server, part: Part, redis: Option<Link>) -> Self {
        // A transaction is ended by the server when it sits idle this long, or a statement of it runs that long.
        let life = config.statement_timeout + config.idle_in_transaction_timeout + Duration::from_secs(2);
        let medium = match (config.cache, redis, part) {
            (CacheMode::Off, ..) | (CacheMode::On, None, Part::Command) => Medium::None,
            (CacheMode::On, Some(link), _) => Medium::Redis(Shared::new(link, life)),
            (CacheMode::On, None, Part::Node) => Medium::Process {
                name: format!("process {}", Uuid::from_u128(rand::random())),
                generations: Generations::new(life),
            },
        };
        Self(Arc::new(Parts {
            part,
            medium,
            arbiter: Arbiter::new(address.clone()),
            memory: Memory::new(config.cache_memory_bytes),
            flights: answers::Flights::default(),
            counts: Counts::default(),
            heir: RwLock::default(),
            describe: config.environment == crate::config::Environment::Development,
        }))
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
        let stats = serde_json::to_string(&self.stats())?;
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
    pub(crate) async fn prepare(&self) -> Result<()> {
        self.0.arbiter.renew(None).await
    }

    /// How many nodes are alive, as this one last saw.
    pub fn nodes(&self) -> u32 {
        self.0.arbiter.nodes()
    }

    pub(crate) fn count_statement(&self) {
        self.0.counts.statements.inc();
    }

    pub fn stats(&self) -> Stats {
        let counts = &self.0.counts;
        let redis = counts.redis.get();
        Stats {
            hits: counts.process.get() + redis,
            redis,
            misses: counts.misses.get(),
            bypasses: counts.bypasses.get(),
            revalidated: counts.revalidated.get(),
            statements: counts.statements.get(),
            bytes: self.0.memory.bytes(),
            entries: self.0.memory.entries(),
            groups: match &self.0.medium {
                Medium::Process { generations, .. } => generations.groups() as u64,
                _ => 0,
            },
        }
    }

    /// Adds what is counted here to what Prometheus is told.
    pub fn register(&self, registry: &mut Registry) {
        let Counts { process, redis, misses, bypasses, .. } = &self.0.counts;
        let answered =
            [("hit_process", process), ("hit_redis", redis), ("miss", misses), ("bypass", bypasses)]
                .map(|(result, count)| (result, count.clone()));
        let answered =
            counters(move || answered.clone().map(|(result, count)| ([("result", result)], count.get())));
        registry.register("tailtown_cache_requests", "GETs by where their answer came from", answered);
        let about = "Hits for which the client had the bytes already";
        registry.register("tailtown_cache_revalidated", about, self.0.counts.revalidated.clone());
        let cache = self.clone();
        let entries = gauge(move || cache.0.memory.entries());
        registry.register("tailtown_cache_entries", "Answers, sessions and resorts held", entries);
        let cache = self.clone();
        registry.register("tailtown_cache_bytes", "What they take", gauge(move || cache.0.memory.bytes()));
    }

    /// What holds at this moment; to be asked after a request arrived. What it will look for and the process lacks comes along
    /// from Redis, in the same round trip, and so does the answer to `also`. `None`: nothing may be taken or kept; and nothing
    /// was asked.
    pub(crate) async fn view(
        &self,
        tenant: Option<Uuid>,
        sought: &Sought<'_>,
        now: Timestamp,
        also: Option<Question<'static>>,
    ) -> (Option<View>, Option<AlsoAnswered>) {
        let group = tenant.unwrap_or(PLATFORM);
        match &self.0.medium {
            Medium::None => (None, None),
            Medium::Process { .. } if self.heir().is_some() => (None, None),
            Medium::Process { name, generations } => {
                let Some(floor) = self.0.arbiter.lease(name, group) else { return (None, None) };
                let platform = generations.observe(PLATFORM);
                let tenant = tenant.map(|tenant| (tenant, generations.observe(tenant)));
                (Some(View { floor, platform, tenant, brought: false }), None)
            }
            Medium::Redis(shared) => {
                let Some(floor) = self.0.arbiter.lease(&shared.name(), group) else { return (None, None) };
                let missing = self.missing(tenant, sought);
                let wanted: Vec<_> = missing.iter().map(identity::Missing::wanted).collect();
                let (observed, parcels, also) = shared.look_at(tenant, &wanted, also).await;
                let Some((platform, of_tenant)) = observed else { return (None, also) };
                let mut view = View { floor, platform, tenant: tenant.zip(of_tenant), brought: false };
                for (missing, parcel) in missing.iter().zip(parcels) {
                    let entry = parcel.and_then(sent::read).filter(|entry| entry.holds(&view, now));
                    let Some(entry) = entry else { continue };
                    view.brought |= missing.is_answer;
                    self.0.memory.put(&missing.key, entry);
                }
                (Some(view), also)
            }
        }
    }

    /// Waits until a write can tell the other nodes, or need not. Called before a connection is taken: what it waits for can take two
    /// seconds, as after another node was killed. Where PostgreSQL does not answer, or other nodes switch back and forth meanwhile, the
    /// commit finds out.
    pub(crate) async fn until_writable(&self) {
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
            Medium::Process { .. } if self.heir().is_some() => true,
            Medium::Process { name, .. } => self.0.arbiter.lease(name, PLATFORM).is_some(),
            Medium::Redis(shared) => {
                shared.reaches() && self.0.arbiter.lease(&shared.name(), PLATFORM).is_some()
            }
        }
    }

    /// Marks the tables that a write is about to change. `None`: the others cannot be told through the cache; then
    /// [`Self::silence`] before committing.
    pub(crate) async fn mark(&self, changes: &[(Uuid, Tables)]) -> Option<Marks> {
        match &self.0.medium {
            Medium::None => None,
            Medium::Process { name, generations } => {
                if let Some(heir) = self.heir() {
                    let changes = changes.iter().map(|(group, tables)| (*group, tables.bits())).collect();
                    let question = heir.mark(Tables::list(), changes).await?;
                    return Some(Marks { cache: self.clone(), made: Made::Heir(heir, question) });
                }
                self.leased(name).await?;
                let mark = |(group, tables): &(Uuid, Tables)| (*group, generations.mark(*group, *tables));
                Some(Marks { cache: self.clone(), made: Made::Process(changes.iter().map(mark).collect()) })
            }
            Medium::Redis(shared) => {
                self.leased(&shared.name()).await?;
                let marks = shared.mark(changes).await?;
                Some(Marks { cache: self.clone(), made: Made::Redis(marks) })
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
    pub(crate) async fn mark_for_another(&self, list: &str, changes: &[(Uuid, u64)]) -> Option<Marks> {
        let changed = |tables: u64| match list == Tables::list() {
            true => Tables::from_bits(tables),
            false => Tables::all(),
        };
        let changes: Vec<_> = changes.iter().map(|(group, tables)| (*group, changed(*tables))).collect();
        self.mark(&changes).await
    }

    /// Lets `heir` keep answers in its memory: from this moment on nothing is answered from the memory of this one, whose
    /// lease nobody has to wait for.
    pub async fn cede(&self, heir: &Heir) {
        let Medium::Process { name, .. } = &self.0.medium else { return };
        *self.0.heir.write().unwrap_or_else(PoisonError::into_inner) = Some(heir.clone());
        if let Err(problem) = self.0.arbiter.relinquish(name).await {
            tracing::warn!(%problem, "the cache cannot be handed on: it comes back when this program is gone");
        }
    }

    /// The program that was to follow is gone: keeps answers again itself, with its next lease.
    pub fn reclaim(&self) {
        *self.0.heir.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn heir(&self) -> Option<Heir> {
        self.0.heir.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sees to it that nobody answers from a cache until the transaction of `client` has ended, which must follow.
    ///
    /// # Errors
    /// 503 when PostgreSQL does not answer.
    pub(crate) async fn silence(&self, client: &impl queries::client::GenericClient) -> Result<()> {
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
pub async fn nodes(client: &impl queries::client::GenericClient) -> Result<Vec<Node>> {
    let nodes = sql::nodes().bind(client).all().await?;
    let node = |row: sql::Nodes| Node {
        id: row.id,
        medium: row.medium,
        reaches: row.reaches,
        alive: row.alive,
        stats: serde_json::from_str(&row.stats).ok(),
    };
    Ok(nodes.into_iter().map(node).collect())
}

/// A node, as it last said.
pub struct Node {
    pub id: Uuid,
    pub medium: String,
    pub reaches: bool,
    pub alive: bool,
    pub stats: Option<Stats>,
}

/// Makes every node forget what it holds of a resort, or of all: for writes that did not pass through the program.
///
/// # Errors
/// When the database cannot be asked.
pub async fn invalidate(client: &impl queries::client::GenericClient, tenant: Option<Uuid>) -> Result<()> {
    sql::invalidate().bind(client, &tenant).one().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(())
}
