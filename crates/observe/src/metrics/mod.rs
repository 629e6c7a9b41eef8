//! What the program counts of itself while it serves, and how it tells: to Prometheus and the dashboard on a listener of its own
//! (`admin.rs`), and to the operators' console (`overview.rs`, `verdict.rs`).
//!
//! Each part registers what it counts; the program makes the registry and hands it in, with a way to read the figures that the
//! overview shows. A request costs a look at its route's place, a few atomic additions and one short lock of a sixteenth of the
//! resorts.

pub mod admin;
pub mod backups;
pub mod gather;
mod history;
pub mod jobs;
pub mod machine;
pub mod overview;
mod requests;
pub mod rollup;
pub mod sampling;
pub mod usage;
pub mod verdict;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use backups::Standing;
use base::clock::Clock;
use base::figures::{gauge, gauges};
use gather::{Api, Parts, Snapshot};
use history::{History, Minute};
use jobs::Jobs;
use requests::Requests;
use usage::{Busiest, Figures, Slice, Usage};

/// What a program tells of itself that never changes, and what the others change.
#[derive(Clone, Debug)]
pub struct About {
    /// The program's version and the commit it was built from.
    pub version: &'static str,
    pub commit: &'static str,
    pub started: Instant,
    /// The state folder.
    pub home: PathBuf,
    pub clock: Clock,
    pub has_redis: bool,
    pub has_cache: bool,
    pub has_limits: bool,
    /// Whether this node makes backups by itself, and how those that there are stand.
    pub makes_backups: bool,
    pub backup: Standing,
    /// Set once the program was told to stop.
    pub draining: Arc<AtomicBool>,
}

/// The counts of a node.
pub struct Metrics {
    pub jobs: Jobs,
    about: About,
    requests: Requests,
    in_flight: Gauge<u64, AtomicU64>,
    usage: Arc<Usage>,
    history: History,
    up: Arc<Up>,
    registry: Registry,
    read: Box<dyn Fn() -> Parts + Send + Sync>,
}

/// Whether what the program stands on answered when it was last asked.
#[derive(Debug)]
struct Up {
    database: AtomicBool,
    redis: AtomicBool,
    /// What keeps the database from its work.
    trouble: Mutex<Option<String>>,
}

impl Up {
    fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Default for Up {
    fn default() -> Self {
        Self { database: AtomicBool::new(true), redis: AtomicBool::new(true), trouble: Mutex::default() }
    }
}

/// What a program hands on to the one that follows it, so that the hour that is kept goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Past {
    /// The figures of the dashboard's lines.
    past: Vec<Minute>,
    /// Who asked most.
    most: Vec<Slice>,
}

/// A request that was answered.
pub struct Answered<'a> {
    pub method: &'a Method,
    pub route: &'a str,
    pub status: StatusCode,
    pub took: Duration,
    /// Whose it was, with the subdomain.
    pub tenant: Option<(Uuid, &'a str)>,
    pub statements: u32,
    /// The time of the database for it.
    pub database: Duration,
}

/// A request under way; one whose client goes away ends, too.
pub struct InFlight<'a>(&'a Gauge<u64, AtomicU64>);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// `registry` has what the other parts registered, and `read` tells what they count at the moment.
    pub fn new(
        about: About,
        mut registry: Registry,
        read: impl Fn() -> Parts + Send + Sync + 'static,
    ) -> Self {
        let (jobs, requests, in_flight) = (Jobs::default(), Requests::default(), Gauge::default());
        let (usage, up): (Arc<Usage>, Arc<Up>) = Default::default();
        about.register(&mut registry);
        register_up(&mut registry, &up, about.has_redis);
        machine::register(&mut registry, about.home.clone());
        registry.register("tailtown_http_requests_in_flight", "Requests under way", in_flight.clone());
        registry.register_collector(Box::new(requests.clone()));
        jobs.register(&mut registry);
        about.backup.register(&mut registry, about.makes_backups, &about.clock);
        let busiest = Busiest { usage: usage.clone(), clock: about.clock.clone() };
        registry.register_collector(Box::new(busiest));
        let (history, read) = (History::default(), Box::new(read));
        Self { jobs, about, requests, in_flight, usage, history, up, registry, read }
    }

    pub fn begin(&self) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight(&self.in_flight)
    }

    pub fn count(&self, answered: &Answered<'_>) {
        let Answered { method, route, status, took, tenant, statements, database } = *answered;
        self.requests.count(method, route, status.as_u16(), took);
        let Some((tenant, subdomain)) = tenant else { return };
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let figures = Figures {
            requests: 1,
            errors: status.is_server_error().into(),
            refused: (status == StatusCode::TOO_MANY_REQUESTS).into(),
            statements: statements.into(),
            database_us: micros(database),
            elapsed_us: micros(took),
        };
        self.usage.add(tenant, subdomain, self.about.clock.now(), figures);
    }

    /// The hour up to now.
    pub fn past(&self) -> Past {
        let now = self.snapshot();
        Past { past: self.history.minutes(&now), most: self.usage.slices(now.at) }
    }

    /// Goes on where the program before ended.
    pub fn follow(&self, past: Past) {
        self.history.follow(past.past);
        self.usage.follow(past.most);
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            at: self.about.clock.now(),
            api: Api::of(&self.requests.answered()),
            in_flight: self.in_flight.get(),
            parts: (self.read)(),
        }
    }
}

impl About {
    fn register(&self, registry: &mut Registry) {
        let build = Info::new([("version", self.version), ("commit", self.commit)]);
        registry.register("tailtown_build", "The program, by version and commit", build);
        let started = self.started;
        registry.register(
            "tailtown_uptime_seconds",
            "Since the start",
            gauge(move || started.elapsed().as_secs_f64()),
        );
        let draining = self.draining.clone();
        let is_draining = gauge(move || u32::from(draining.load(Ordering::SeqCst)));
        registry.register("tailtown_draining", "Whether the node is stopping", is_draining);
    }
}

fn register_up(registry: &mut Registry, up: &Arc<Up>, has_redis: bool) {
    let up = up.clone();
    let parts = gauges(move || {
        let parts = [("database", &up.database), ("redis", &up.redis)].into_iter();
        let parts = parts.filter(|(part, _)| has_redis || *part != "redis");
        parts
            .map(|(part, is_up)| ([("part", part)], u32::from(is_up.load(Ordering::Relaxed))))
            .collect::<Vec<_>>()
    });
    registry.register("tailtown_part_up", "Whether what the program stands on answered of late", parts);
}
