//! The same load with the cache off, on in the process and on with Redis, in one run: what it spares the database, how near an answer comes to one that touches
//! nothing, and what it costs a write.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use http::Method;
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::json;

use super::{Stage, UNCACHED};
use crate::load::Mode;
use crate::mixes::desk::Desk;
use crate::mixes::{Ask, Fixed, LIST, Mix};
use crate::record::Measured;
use crate::redis::Redis;
use crate::report::{Figure, Outcome, Run};
use crate::users::User;

const NAME: &str = "cache";
const CONNECTIONS: u16 = 16;

/// How much the process may hold while this is measured.
const MEMORY_MIB: &str = "16";

/// What a node says of itself.
struct Counts {
    hits: f64,
    misses: f64,
    bypasses: f64,
    statements: f64,
    kept_kib: f64,
}

/// New customers, for users in turn: a write whose cost is what a write costs.
struct Writes(Vec<Arc<User>>);

impl Mix for Writes {
    fn ask(&self, dice: &mut StdRng) -> Ask {
        let user = &self.0[dice.random_range(0..self.0.len())];
        let body = json!({ "firstName": "Ada", "lastName": format!("Lovelace {}", dice.random::<u32>()) });
        Ask::new("new customer", user, Method::POST, "/api/customers".to_owned()).body(&body)
    }
}

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let redis = Redis::start()?;
    let url = redis.url();
    let memory = ("CACHE_MEMORY_MB", MEMORY_MIB);
    let mut phases = Vec::new();
    for (name, settings) in [
        ("off", vec![UNCACHED, memory]),
        ("in the process", vec![("CACHE", "on"), memory]),
        ("with Redis", vec![("CACHE", "on"), memory, ("REDIS_URL", &url)]),
    ] {
        stage.program.stop()?;
        stage.program.set(&settings);
        stage.program.start("serve")?;
        if name == "with Redis" {
            season(stage).await?;
        }
        phases.push(phase(stage, name, &mut outcome).await?);
    }
    stage.program.stop()?;
    stage.program.set(&[UNCACHED]);
    stage.program.start("serve")?;
    let [off, on, shared] = &phases[..] else { return Ok(outcome) };
    let each = |measured: &Measured| {
        measured.cpu.as_ref().map(|cpu| cpu.both_us).context("the program was not watched")
    };
    let percent = |part: f64, whole: f64| 100.0 * part / whole.max(1.0);
    let spared = |phase: &Phase| 100.0 - percent(phase.statements, off.statements);
    let of_empty = |phase: &Phase| percent(phase.list.rate, phase.empty.rate);
    let write = 100.0 * (each(&on.writes)? / each(&off.writes)? - 1.0);
    outcome.figures = vec![
        Figure::new(NAME, "desk: hits", on.hits_percent, "%").at_least(80.0),
        Figure::new(NAME, "desk: hits, with Redis", shared.hits_percent, "%").at_least(80.0),
        Figure::new(NAME, "desk: statements spared for each request", spared(on), "%").at_least(80.0),
        Figure::new(NAME, "desk: statements spared, with Redis", spared(shared), "%").at_least(80.0),
        Figure::new(NAME, "list: kept, of what an empty answer reaches", of_empty(on), "%").at_least(50.0),
        Figure::new(NAME, "list: with Redis, of what an empty answer reaches", of_empty(shared), "%")
            .at_least(25.0),
        Figure::new(NAME, "list: kept, against not kept", on.list.rate / off.list.rate.max(1.0), "×")
            .at_least(10.0),
        Figure::new(NAME, "write: CPU for each dearer than with the cache off", write, "%").target(15.0),
        Figure::new(NAME, "held", on.kept_kib, "KiB").target(16.0 * 1024.0),
    ];
    Ok(outcome)
}

/// A resort that a Redis has not met counts for nothing until every transaction from before must be over: by the default
/// settings that is 27 seconds, once.
async fn season(stage: &Stage<'_>) -> anyhow::Result<()> {
    Desk::prepare(&stage.client, &stage.users, 1.0).await?;
    tokio::time::sleep(Duration::from_secs(30)).await;
    Ok(())
}

struct Phase {
    empty: Measured,
    list: Measured,
    writes: Measured,
    /// Of the desk's reads.
    hits_percent: f64,
    /// For each request of the desk.
    statements: f64,
    kept_kib: f64,
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
    let writes: Arc<dyn Mix> = Arc::new(Writes(users.clone()));
    let writes = stage.measure(&writes, closed).await?;
    for (what, measured) in
        [("desk", &desk), ("livez", &empty), ("customers list", &list), ("new customers", &writes)]
    {
        outcome.runs.push(Run {
            scenario: NAME,
            name: format!("{what}, cache {name}"),
            measured: measured.clone(),
        });
    }
    let kept_kib = counts(stage)?.kept_kib;
    Ok(Phase { empty, list, writes, hits_percent, statements, kept_kib })
}

/// As the node that is alive says with its beat, which is half a second old at most.
fn counts(stage: &Stage<'_>) -> anyhow::Result<Counts> {
    std::thread::sleep(Duration::from_millis(1100));
    let said = stage.program.tell(&["cache", "stats"])?;
    let of_alive = said.split("node ").find(|node| node.contains("alive")).context("no node is alive")?;
    let number = |after: &str, before: &str| -> anyhow::Result<f64> {
        let text = of_alive.split(before).next().and_then(|text| text.rsplit(after).next());
        text.and_then(|text| text.trim().parse().ok()).with_context(|| format!("no number in {of_alive}"))
    };
    Ok(Counts {
        hits: number("\n", " hits")?,
        misses: number("body; ", " misses")?,
        bypasses: number("misses; ", " past the cache")?,
        kept_kib: number("entries, ", " KiB")?,
        statements: number("KiB; ", " statements")?,
    })
}
