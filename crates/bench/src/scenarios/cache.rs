//! The same load with the cache off, in the process, and in Redis: how much work it saves the database, how fast a cached answer
//! is compared with one that does no work, and what the cache costs a write.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use http::Method;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::json;

use super::stage::{Stage, UNCACHED};
use crate::load::Mode;
use crate::mixes::desk::Desk;
use crate::mixes::{Fixed, LIST, Mix};
use crate::record::Measured;
use crate::redis::Redis;
use crate::report::{Figure, Outcome, Run};
use crate::request::{Request, User};

const NAME: &str = "cache";
const CONNECTIONS: u16 = 16;

/// The memory for the cache in this scenario.
const MEMORY_MIB: &str = "16";

/// The longest time until the cache in Redis is in use.
const USED_WITHIN: Duration = Duration::from_secs(90);

/// The counts that a node reports.
struct Counts {
    hits: f64,
    misses: f64,
    bypasses: f64,
    statements: f64,
    cached_kib: f64,
}

/// A mix of new customers for random users: typical writes.
struct Writes(Vec<Arc<User>>);

impl Mix for Writes {
    fn request(&self, dice: &mut StdRng) -> Request {
        let user = &self.0[dice.random_range(0..self.0.len())];
        let body = json!({ "firstName": "Ada", "lastName": format!("Lovelace {}", dice.random::<u32>()) });
        Request::new("new customer", user, Method::POST, "/api/customers".to_owned()).body(&body)
    }
}

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let redis = Redis::start()?;
    let url = redis.url();
    let memory = ("CACHE_MEMORY_MB", MEMORY_MIB);
    let (off, on) = (vec![UNCACHED, memory], vec![("CACHE", "on"), memory]);
    let shared = vec![("CACHE", "on"), memory, ("REDIS_URL", &*url)];
    let mut phases = Vec::new();
    for (name, settings) in [("off", &off), ("in the process", &on), ("with Redis", &shared)] {
        stage.restart(settings)?;
        if name == "with Redis" {
            wait_until_used(stage).await?;
        }
        phases.push(phase(stage, name, &mut outcome).await?);
    }
    let [plain, kept, shared] = &phases[..] else { return Ok(outcome) };
    // After everything that reads, because hundreds of thousands of new rows cause autovacuum. Twice without the cache, so that
    // other load on the machine during one of the runs does not make writes with the cache look cheap.
    let mut writes = Vec::new();
    for (name, settings) in [("off", &off), ("in the process", &on), ("off again", &off)] {
        stage.restart(settings)?;
        let mix: Arc<dyn Mix> = Arc::new(Writes(stage.users.clone()));
        let measured = stage.measure(&mix, Mode::Closed { connections: CONNECTIONS }).await?;
        writes.push(measured.cpu.as_ref().map(|cpu| cpu.both_us).context("the program was not measured")?);
        let name = format!("new customers, cache {name}");
        outcome.runs.push(Run { scenario: NAME, name, measured });
    }
    stage.restart(&[UNCACHED])?;
    let percent = |part: f64, whole: f64| 100.0 * part / whole.max(1.0);
    let spared = |phase: &Phase| 100.0 - percent(phase.statements, plain.statements);
    let of_empty = |phase: &Phase| percent(phase.list.rate, phase.empty.rate);
    let write = 100.0 * (writes[1] / writes[0].min(writes[2]) - 1.0);
    outcome.figures = vec![
        Figure::new(NAME, "desk: hits", kept.hits_percent, "%").at_least(80.0),
        Figure::new(NAME, "desk: hits, with Redis", shared.hits_percent, "%").at_least(80.0),
        Figure::new(NAME, "desk: statements spared for each request", spared(kept), "%").at_least(80.0),
        Figure::new(NAME, "desk: statements spared, with Redis", spared(shared), "%").at_least(80.0),
        Figure::new(NAME, "list: kept, of what an empty answer reaches", of_empty(kept), "%").at_least(50.0),
        Figure::new(NAME, "list: with Redis, of what an empty answer reaches", of_empty(shared), "%")
            .at_least(25.0),
        Figure::new(NAME, "list: kept, against not kept", kept.list.rate / plain.list.rate.max(1.0), "×")
            .at_least(10.0),
        Figure::new(NAME, "write: CPU for each dearer than with the cache off", write, "%").target(15.0),
        Figure::new(NAME, "held", kept.cached_kib, "KiB").target(16.0 * 1024.0),
    ];
    Ok(outcome)
}

/// Waits until the cache is in use. A resort that is new to a Redis is not cached until every earlier transaction must have
/// ended, 27 seconds with default settings; and nothing is cached while a node joins.
async fn wait_until_used(stage: &Stage<'_>) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut before = counts(stage)?;
    loop {
        Desk::prepare(&stage.client, &stage.users, 1.0).await?;
        let after = counts(stage)?;
        if after.hits + after.misses > before.hits + before.misses && after.bypasses == before.bypasses {
            return Ok(());
        }
        ensure!(start.elapsed() < USED_WITHIN, "after {USED_WITHIN:?} the cache is still not used");
        before = after;
    }
}

struct Phase {
    empty: Measured,
    list: Measured,
    /// Percentage of the desks' reads.
    hits_percent: f64,
    /// Statements per request of the desks.
    statements: f64,
    cached_kib: f64,
}

async fn phase(stage: &Stage<'_>, name: &str, outcome: &mut Outcome) -> anyhow::Result<Phase> {
    let users = &stage.users;
    let desk: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, users, 1.0).await?.all_day());
    let before = counts(stage)?;
    let desk = stage.measure(&desk, Mode::Open { rate: stage.settings.desk_rate }).await?;
    let after = counts(stage)?;
    let statements = (after.statements - before.statements) / desk.all.requests as f64;
    let hits = after.hits - before.hits;
    let reads = hits + after.misses - before.misses + after.bypasses - before.bypasses;
    let hits_percent = 100.0 * hits / reads.max(1.0);
    let closed = Mode::Closed { connections: CONNECTIONS };
    let empty: Arc<dyn Mix> = Arc::new(Fixed::new("livez", "/livez", users, 1.0));
    let empty = stage.measure(&empty, closed).await?;
    let list: Arc<dyn Mix> = Arc::new(Fixed::new("customers list", LIST, users, 1.0));
    let list = stage.measure(&list, closed).await?;
    for (what, measured) in [("desk", &desk), ("livez", &empty), ("customers list", &list)] {
        outcome.runs.push(Run {
            scenario: NAME,
            name: format!("{what}, cache {name}"),
            measured: measured.clone(),
        });
    }
    let cached_kib = counts(stage)?.cached_kib;
    Ok(Phase { empty, list, hits_percent, statements, cached_kib })
}

/// The counts of the running node. It reports them every half second.
fn counts(stage: &Stage<'_>) -> anyhow::Result<Counts> {
    std::thread::sleep(Duration::from_millis(1100));
    let said = stage.program.tell(&["cache", "stats"])?;
    let of_alive = said.split("node ").find(|node| node.contains("alive")).context("no node is running")?;
    let number = |after: &str, before: &str| -> anyhow::Result<f64> {
        let text = of_alive.split(before).next().and_then(|text| text.rsplit(after).next());
        text.and_then(|text| text.trim().parse().ok()).with_context(|| format!("no number in {of_alive}"))
    };
    Ok(Counts {
        hits: number("\n", " hits")?,
        misses: number("body; ", " misses")?,
        bypasses: number("misses; ", " past the cache")?,
        cached_kib: number("entries, ", " KiB")?,
        statements: number("KiB; ", " statements")?,
    })
}
