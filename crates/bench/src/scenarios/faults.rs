//! Failures under load, one at a time: the time until all requests succeed again, whether acknowledged writes are lost, and
//! whether requests are answered with an internal error.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::bail;
use http::{Method, StatusCode};
use nix::sys::signal::Signal;
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::stage::{Stage, UNCACHED, WARMUP};
use crate::client::Client;
use crate::program::Program;
use crate::redis::Redis;
use crate::report::{Figure, Outcome, progress};
use crate::request::{Request, User};

const NAME: &str = "faults";

/// Number of readers, and of writers; each sends one request at a time.
const WORKERS: usize = 8;

/// How long PostgreSQL is stopped.
const HANGS: Duration = Duration::from_secs(15);

/// The delay before systemd restarts the program: `RestartSec` in `ops/systemd/tailtown.service`.
const RESTART: Duration = Duration::from_secs(1);

/// The program has recovered when no request has failed for this long.
const CALM: Duration = Duration::from_secs(3);
const RECOVERS_WITHIN: Duration = Duration::from_secs(120);

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let mut figures = Vec::new();
    stage.restart(&[("CACHE", "on")])?;
    let endured = endure(stage, async |program| {
        let at = Instant::now();
        program.signal_postgres(Signal::SIGKILL)?;
        Ok(at)
    });
    figures.extend(endured.await?.figures("PostgreSQL killed"));
    let endured = endure(stage, async |program| {
        program.signal_postgres(Signal::SIGSTOP)?;
        sleep(HANGS).await;
        program.signal_postgres(Signal::SIGCONT)?;
        Ok(Instant::now())
    });
    figures.extend(endured.await?.figures("PostgreSQL hung for 15 s"));
    let endured = endure(stage, async |program| {
        let at = Instant::now();
        program.kill()?;
        sleep(RESTART).await;
        tokio::task::block_in_place(|| program.start("serve"))?;
        Ok(at)
    });
    figures.extend(endured.await?.figures("program killed"));
    let endured = endure(stage, async |program| {
        let at = Instant::now();
        program.kill()?;
        program.signal_postgres(Signal::SIGKILL)?;
        sleep(RESTART).await;
        tokio::task::block_in_place(|| program.start("serve"))?;
        Ok(at)
    });
    figures.extend(endured.await?.figures("program and PostgreSQL killed"));
    let redis = Redis::start()?;
    stage.restart(&[("CACHE", "on"), ("REDIS_URL", &redis.url())])?;
    let endured = endure(stage, async move |_| {
        let at = Instant::now();
        drop(redis);
        Ok(at)
    });
    figures.extend(endured.await?.figures("Redis killed"));
    stage.restart(&[UNCACHED])?;
    Ok(Outcome { runs: Vec::new(), figures })
}

/// The effects of a failure.
struct Endured {
    reads: f64,
    writes: f64,
    slowest: f64,
    requests: u64,
    internal: u64,
    acknowledged: usize,
    lost: usize,
}

impl Endured {
    fn figures(&self, fault: &str) -> Vec<Figure> {
        let figure = |what: &str, value, unit| Figure::new(NAME, &format!("{fault}: {what}"), value, unit);
        vec![
            figure("until all reads are served", self.reads, "s").target(10.0),
            figure("until all writes are served", self.writes, "s").target(10.0),
            figure("the slowest answer", self.slowest, "s"),
            figure("answered with 500", self.internal as f64, "")
                .target(1.0)
                .against("of", self.requests as f64),
            figure("acknowledged and lost", self.lost as f64, "")
                .target(1.0)
                .against("of", self.acknowledged as f64),
        ]
    }
}

/// A request and its status, which is `None` if there was no answer.
struct Seen {
    began: Instant,
    ended: Instant,
    is_write: bool,
    status: Option<StatusCode>,
}

impl Seen {
    fn failed(&self) -> bool {
        self.status.is_none_or(|status| !status.is_success())
    }
}

#[derive(Default)]
struct Log {
    over: AtomicBool,
    seen: Mutex<Vec<Seen>>,
    acknowledged: Mutex<Vec<(Arc<User>, String)>>,
}

impl Log {
    fn note(&self, seen: Seen) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

/// Reads and writes while `fault` happens and until the program has recovered. `fault` returns the moment from which recovery is
/// counted.
async fn endure(
    stage: &mut Stage<'_>,
    fault: impl AsyncFnOnce(&mut Program) -> anyhow::Result<Instant>,
) -> anyhow::Result<Endured> {
    let log = Arc::new(Log::default());
    let mut workers = JoinSet::new();
    for (number, user) in stage.users.iter().cycle().take(2 * WORKERS).enumerate() {
        workers.spawn(work(stage.client.clone(), user.clone(), log.clone(), number % 2 == 0));
    }
    sleep(WARMUP).await;
    let happened = fault(&mut stage.program).await;
    let start = Instant::now();
    let mut calm = happened.is_ok();
    while calm
        && start.elapsed()
            < CALM.max(
                last_failure(&log, |_| true).map_or(CALM, |at| at.saturating_duration_since(start) + CALM),
            )
    {
        sleep(Duration::from_millis(50)).await;
        calm = start.elapsed() < RECOVERS_WITHIN;
    }
    log.over.store(true, Ordering::SeqCst);
    while workers.join_next().await.is_some() {}
    let happened = happened?;
    if !calm {
        bail!("requests still failed {RECOVERS_WITHIN:?} after the fault");
    }
    let until = |is_write: bool| {
        let last = last_failure(&log, |seen| seen.is_write == is_write);
        last.map_or(0.0, |at| at.saturating_duration_since(happened).as_secs_f64())
    };
    let (reads, writes) = (until(false), until(true));
    let acknowledged = std::mem::take(&mut *log.acknowledged.lock().unwrap_or_else(PoisonError::into_inner));
    let mut lost = 0;
    for (user, id) in &acknowledged {
        let answer = stage.client.send(&Request::get("look", user, format!("/api/customers/{id}"))).await;
        lost += usize::from(!answer.is_ok_and(|answer| answer.status.is_success()));
    }
    let seen = log.seen.lock().unwrap_or_else(PoisonError::into_inner);
    let took = seen.iter().map(|seen| (seen.ended - seen.began).as_secs_f64());
    let internal = seen.iter().filter(|seen| seen.status == Some(StatusCode::INTERNAL_SERVER_ERROR)).count();
    progress(&format!("{} requests, {} acknowledged writes", seen.len(), acknowledged.len()));
    Ok(Endured {
        reads,
        writes,
        slowest: took.fold(0.0, f64::max),
        requests: seen.len() as u64,
        internal: internal as u64,
        acknowledged: acknowledged.len(),
        lost,
    })
}

fn last_failure(log: &Log, of: impl Fn(&Seen) -> bool) -> Option<Instant> {
    let seen = log.seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.iter().filter(|seen| seen.failed() && of(seen)).map(|seen| seen.ended).max()
}

async fn work(client: Arc<Client>, user: Arc<User>, log: Arc<Log>, is_write: bool) {
    while !log.over.load(Ordering::SeqCst) {
        let request = if is_write {
            let new = json!({ "firstName": "Faulty", "lastName": "Tower" });
            Request::new("write", &user, Method::POST, "/api/customers".to_owned()).body(&new)
        } else {
            Request::get("read", &user, "/api/customers?limit=20".to_owned())
        };
        let began = Instant::now();
        let answer = client.send(&request).await;
        let status = answer.as_ref().ok().map(|answer| answer.status);
        let seen = Seen { began, ended: Instant::now(), is_write, status };
        let failed = seen.failed();
        log.note(seen);
        if failed {
            // Like a client that retries, instead of as fast as possible.
            sleep(Duration::from_millis(20)).await;
        } else if let Ok(answer) = answer
            && let Ok(made) = serde_json::from_slice::<Made>(&answer.body)
        {
            log.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).push((user.clone(), made.id));
        }
    }
}
