//! A place in line for the database: who asks much waits for itself, not for its neighbours.
//!
//! Every request that needs a connection asks for a place first, under its resort's name and as what its route is: the
//! desk's work, a list or a report. Who is next says `queue.rs`, how many places there are `limit.rs`. A line has bounds:
//! who would wait in vain hears so at once, as a 503 with `Retry-After`, before its body is read.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::figures::{counters, gauges};
use base::problem::{Problem, Result};
use base::tenant::{Tenant, Tier};
use prometheus_client::registry::Registry;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::class::{Class, Work};
use super::limit::Limit;
use super::queue::{Arrival, Ask, Queue};

/// The upper bounds of the counts of waits, in milliseconds; what took longer is counted after the last.
pub const WAIT_BOUNDS_MS: [u64; 7] = [1, 3, 10, 30, 100, 300, 1000];

/// How often the line looks whether it still has to refuse.
const CALM: Duration = Duration::from_secs(2);

/// Whom a request is queued for, and with which weight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    id: Uuid,
    weight: u32,
}

impl Flow {
    /// The operators of the platform.
    pub(crate) const PLATFORM: Self = Self { id: Uuid::nil(), weight: 8 };
    /// Whoever names a resort that nobody has found so far: all of them together.
    const STRANGERS: Self = Self { id: Uuid::max(), weight: 8 };

    /// Sign-ins, of which only as many ask the database at a time as there are places to hash passwords at.
    pub(crate) const SIGN_INS: Self = Self { id: Uuid::from_u128(u128::MAX - 1), weight: 8 };

    pub(crate) fn of(tenant: &Tenant) -> Self {
        let weight = match tenant.tier {
            Tier::Free => 1,
            Tier::Basic => 2,
            Tier::Pro => 4,
            Tier::Enterprise => 8,
        };
        Self { id: tenant.id, weight }
    }

    /// One of many that count alike: an address, or an account.
    pub(crate) fn one(id: Uuid) -> Self {
        Self { id, weight: 1 }
    }
}

/// A line; copies share it.
#[derive(Clone)]
pub struct Line(Arc<Parts>);

struct Parts {
    name: &'static str,
    began: Instant,
    patience: Duration,
    inner: Mutex<Inner>,
    counts: [Counts; Class::COUNT],
    /// The resorts by the names that requests have for them, once found.
    known: Mutex<HashMap<String, Flow>>,
    is_shedding: AtomicBool,
}

struct Inner {
    queue: Queue<oneshot::Sender<Outcome>>,
    limit: Limit,
}

type Outcome = std::result::Result<Place, u32>;

/// How often what happened, since the start.
#[derive(Debug, Default)]
struct Counts {
    admitted: AtomicU64,
    shed: AtomicU64,
    gave_up: AtomicU64,
    waited_micros: AtomicU64,
    waits: [AtomicU64; WAIT_BOUNDS_MS.len() + 1],
}

/// The state of a line, in plain numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// How many places there are at this moment, and how many of them are taken.
    pub limit: u32,
    pub in_use: u32,
    /// In the order of [`Class::ALL`].
    pub classes: [ClassStats; Class::COUNT],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassStats {
    pub class: Class,
    /// Waiting at this moment.
    pub waiting: u64,
    /// Since the start: those that got a place,
    pub admitted: u64,
    /// were refused, at once or after waiting,
    pub shed: u64,
    /// or went away while they waited.
    pub gave_up: u64,
    /// What those that got a place waited for it, in all.
    pub waited_micros: u64,
    /// How many of them waited up to each of [`WAIT_BOUNDS_MS`], and longer; not cumulated.
    pub waits: [u64; WAIT_BOUNDS_MS.len() + 1],
}

/// Adds what the lines count to what Prometheus is told.
pub fn register(registry: &mut Registry, lines: &[Line]) {
    let by_line = |of: fn(&Stats) -> u32| {
        let lines = lines.to_vec();
        gauges(move || {
            let told = lines.iter().map(|line| ([("line", line.0.name)], of(&line.stats())));
            told.collect::<Vec<_>>()
        })
    };
    registry.register("tailtown_queue_places", "How many may work at a time", by_line(|stats| stats.limit));
    registry.register("tailtown_queue_taken", "How many do", by_line(|stats| stats.in_use));
    let waiting = gauges(by_class(lines, |class| class.waiting));
    registry.register("tailtown_queue_waiting", "Requests that wait for a place", waiting);
    let admitted = counters(by_class(lines, |class| class.admitted));
    registry.register("tailtown_queue_admitted", "Requests that got a place", admitted);
    let shed = counters(by_class(lines, |class| class.shed));
    registry.register("tailtown_queue_shed", "Requests that were refused one", shed);
    let gave_up = counters(by_class(lines, |class| class.gave_up));
    registry.register("tailtown_queue_gave_up", "Requests that went away while they waited", gave_up);
    let waited = counters(by_class(lines, |class| class.waited_micros as f64 / 1e6));
    registry.register("tailtown_queue_waited_seconds", "What they waited, in all", waited);
}

/// A figure of each line's classes, with its labels.
fn by_class<V>(
    lines: &[Line],
    of: fn(&ClassStats) -> V,
) -> impl Fn() -> Vec<([(&'static str, &'static str); 2], V)> + use<V> {
    let lines = lines.to_vec();
    move || {
        let told = lines.iter().flat_map(|line| {
            let of_class = |one: ClassStats| ([("line", line.0.name), ("class", one.class.into())], of(&one));
            line.stats().classes.map(of_class)
        });
        told.collect()
    }
}

impl Line {
    /// A line for the database, whose number of places finds itself between `least` and `most`; nobody waits longer than
    /// `patience`.
    pub fn adaptive(name: &'static str, most: usize, patience: Duration) -> Self {
        let most = u32::try_from(most).unwrap_or(u32::MAX).max(1);
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let [least, first] = [cores + 2, 2 * cores + 2].map(|places| u32::try_from(places).unwrap_or(most));
        Self::new(name, Limit::new(least, first, most), patience)
    }

    /// A line for work on the processor: a fixed number of places, for which one may wait as long as `patience`.
    pub(crate) fn fixed(name: &'static str, places: u32, patience: Duration) -> Self {
        Self::new(name, Limit::new(places, places, places), patience)
    }

    fn new(name: &'static str, limit: Limit, patience: Duration) -> Self {
        let inner = Inner { queue: Queue::new(limit.places()), limit };
        let (counts, known, is_shedding) = Default::default();
        Self(Arc::new(Parts {
            name,
            began: Instant::now(),
            patience,
            inner: Mutex::new(inner),
            counts,
            known,
            is_shedding,
        }))
    }

    /// Waits for its turn.
    ///
    /// # Errors
    /// 503 when it would wait in vain, or did.
    pub(crate) async fn place(&self, flow: Flow, work: Work) -> Result<Place> {
        let asked = Instant::now();
        let ask = self.ask(flow, work);
        let mut turn = {
            let mut inner = self.inner();
            match inner.queue.arrive(self.at(asked), &ask) {
                Arrival::Admitted { charged } => {
                    let place = self.seat(&inner, ask, charged);
                    drop(inner);
                    self.admitted(ask.class, Duration::ZERO);
                    return Ok(place);
                }
                Arrival::Refused { after } => {
                    drop(inner);
                    return Err(self.shed(ask.class, after));
                }
                Arrival::Waits => {
                    let (sender, receiver) = oneshot::channel();
                    let (ticket, gone) = inner.queue.join(ask, sender);
                    drop(inner);
                    if let Some(gone) = gone {
                        let _ = gone.send(Err(1));
                    }
                    Turn { line: self, ask, ticket: Some(ticket), receiver }
                }
            }
        };
        let left = Duration::from_micros(ask.until.saturating_sub(self.at(asked)));
        let outcome = timeout(left, &mut turn.receiver).await;
        turn.end();
        match outcome {
            Ok(Ok(Ok(place))) => {
                self.admitted(ask.class, asked.elapsed());
                Ok(place)
            }
            Ok(Ok(Err(after))) => Err(self.shed(ask.class, after)),
            Ok(Err(_)) | Err(_) => Err(self.shed(ask.class, 1)),
        }
    }

    /// Whether one that asks now would be refused at once; counted as refused then.
    ///
    /// # Errors
    /// 503.
    pub(crate) fn turn_away(&self, flow: Flow, work: Work) -> Result<()> {
        let verdict = self.inner().queue.judge(self.at(Instant::now()), &self.ask(flow, work));
        match verdict {
            Arrival::Refused { after } => Err(self.shed(work.class, after)),
            Arrival::Admitted { .. } | Arrival::Waits => Ok(()),
        }
    }

    /// Begins with so many places, where that is within the bounds.
    pub fn begin_with(&self, places: usize) {
        let mut inner = self.inner();
        inner.limit.set_places(u32::try_from(places).unwrap_or(u32::MAX));
        let places = inner.limit.places();
        inner.queue.set_places(places);
    }

    pub fn name(&self) -> &'static str {
        self.0.name
    }

    pub fn stats(&self) -> Stats {
        let (limit, in_use, waiting) = {
            let inner = self.inner();
            (inner.queue.places(), inner.queue.taken(), inner.queue.waiting())
        };
        let of = |class: Class| {
            let counts = &self.0.counts[class.index()];
            let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
            ClassStats {
                class,
                waiting: waiting[class.index()] as u64,
                admitted: count(&counts.admitted),
                shed: count(&counts.shed),
                gave_up: count(&counts.gave_up),
                waited_micros: count(&counts.waited_micros),
                waits: std::array::from_fn(|bound| count(&counts.waits[bound])),
            }
        };
        Stats { limit, in_use, classes: Class::ALL.map(of) }
    }

    /// For whom a request is that names its resort so.
    pub(crate) fn flow_of(&self, name: &str) -> Flow {
        self.known().get(name).copied().unwrap_or(Flow::STRANGERS)
    }

    /// From here on requests with this name are this resort's. Only names of resorts that exist are kept.
    pub(crate) fn know(&self, name: &str, tenant: &Tenant) {
        self.known().insert(name.to_owned(), Flow::of(tenant));
    }

    fn ask(&self, flow: Flow, work: Work) -> Ask {
        Ask {
            flow: flow.id,
            weight: flow.weight,
            class: work.class,
            kind: work.kind,
            since: self.at(work.since),
            until: self.at(work.since + self.0.patience),
        }
    }

    fn seat(&self, inner: &Inner, ask: Ask, charged: f64) -> Place {
        Place { line: self.clone(), ask, charged, taken: inner.queue.taken(), since: Instant::now() }
    }

    fn admitted(&self, class: Class, waited: Duration) {
        let counts = &self.0.counts[class.index()];
        counts.admitted.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        counts.waited_micros.fetch_add(micros, Ordering::Relaxed);
        let bound = WAIT_BOUNDS_MS.partition_point(|bound| bound * 1000 < micros);
        counts.waits[bound].fetch_add(1, Ordering::Relaxed);
    }

    fn shed(&self, class: Class, after: u32) -> Problem {
        self.0.counts[class.index()].shed.fetch_add(1, Ordering::Relaxed);
        if !self.0.is_shedding.swap(true, Ordering::Relaxed) {
            tokio::spawn(self.clone().tell());
        }
        Problem::overloaded(after)
    }

    /// Logs once that requests are refused, and once that they are no longer.
    async fn tell(self) {
        let shed = |stats: &Stats| stats.classes.iter().map(|class| class.shed).sum::<u64>();
        let first = self.stats();
        let before = shed(&first) - 1;
        let waiting: u64 = first.classes.iter().map(|class| class.waiting).sum();
        tracing::warn!(
            line = self.0.name,
            places = first.limit,
            waiting,
            "too much is asked: some is refused"
        );
        let mut seen = before;
        loop {
            let now = shed(&self.stats());
            if now == seen {
                break;
            }
            seen = now;
            tokio::time::sleep(CALM).await;
        }
        self.0.is_shedding.store(false, Ordering::Relaxed);
        tracing::info!(line = self.0.name, refused = seen - before, "nothing is refused any more");
    }

    /// Gives what is free to those who are next.
    fn serve(&self, mut inner: MutexGuard<'_, Inner>) {
        let places = inner.limit.places();
        inner.queue.set_places(places);
        let now = self.at(Instant::now());
        let mut called = Vec::new();
        while let Some(next) = inner.queue.next(now) {
            called.push((next.value, self.seat(&inner, next.ask, next.charged)));
        }
        drop(inner);
        // Who went away meanwhile gives its place back by this, which asks for the line.
        for (turn, place) in called {
            let _ = turn.send(Ok(place));
        }
    }

    fn at(&self, moment: Instant) -> u64 {
        let since = moment.saturating_duration_since(self.0.began);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Flow>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that stands in line. Dropped while it waits, it leaves at once.
struct Turn<'a> {
    line: &'a Line,
    ask: Ask,
    ticket: Option<u64>,
    receiver: oneshot::Receiver<Outcome>,
}

impl Turn<'_> {
    fn end(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.line.inner().queue.leave(self.ask.flow, self.ask.class, ticket);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            self.line.0.counts[self.ask.class.index()].gave_up.fetch_add(1, Ordering::Relaxed);
            self.end();
        }
    }
}

/// A place, given to the next in line when it is dropped.
#[must_use = "a place is held until it is dropped"]
pub(crate) struct Place {
    line: Line,
    ask: Ask,
    charged: f64,
    /// How many were taken when it was given.
    taken: u32,
    since: Instant,
}

impl Drop for Place {
    fn drop(&mut self) {
        let held = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let now = self.line.at(Instant::now());
        let mut inner = self.line.inner();
        inner.queue.finish(now, &self.ask, self.charged, held);
        inner.limit.finished(self.ask.kind, held, self.taken);
        self.line.serve(inner);
    }
}
