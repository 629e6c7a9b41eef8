//! The load. In an open loop, requests are sent at times that do not depend on answers, and latency counts from the time a
//! request was due, so that a program that stalls cannot hide it by receiving fewer requests. In a closed loop, each connection
//! sends the next request after the answer, which measures the capacity.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::runtime::{self, Handle};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::mixes::Mix;
use crate::proc::{Cpu, Watch};
use crate::record::{Measured, Record, Sample};
use crate::request::Request;
use crate::schedule::Arrivals;

/// The most requests of an open loop that are in progress at a time. Further ones wait, and the wait counts as latency.
const MOST_IN_PROGRESS: usize = 4000;

/// The number of characters of a failed answer that are kept.
const SAID: usize = 300;

/// The kind of load and its duration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) mode: Mode,
    /// Time of the same load before the measurement, which is not counted.
    pub(crate) warmup: Duration,
    pub(crate) span: Duration,
    pub(crate) seed: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// Requests per second.
    Open {
        rate: f64,
    },
    Closed {
        connections: u16,
    },
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { rate } => write!(f, "open loop, {rate}/s"),
            Self::Closed { connections } => write!(f, "closed loop, {connections} connections"),
        }
    }
}

/// Warms up, then measures.
///
/// # Errors
/// When a watched process has ended.
pub(crate) async fn measure(
    client: &Arc<Client>,
    mix: &Arc<dyn Mix>,
    plan: &Plan,
    watch: Option<&Watch>,
) -> anyhow::Result<Measured> {
    measure_while(client, mix, plan, watch, std::future::pending()).await
}

/// Warms up, then measures while `work` runs, at most for the span of the plan.
///
/// # Errors
/// When a process to be watched is gone, or `work` fails.
pub(crate) async fn measure_while(
    client: &Arc<Client>,
    mix: &Arc<dyn Mix>,
    plan: &Plan,
    watch: Option<&Watch>,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<Measured> {
    let never = Arc::default();
    if !plan.warmup.is_zero() {
        load(client, mix, plan.mode, plan.warmup, plan.seed ^ u64::MAX, &never).await;
    }
    let before = watch.map(Watch::cpu).transpose()?;
    let (start, over) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let mut measuring = std::pin::pin!(load(client, mix, plan.mode, plan.span, plan.seed, &over));
    let (record, loaded) = tokio::select! {
        record = &mut measuring => (record, plan.span),
        worked = work => {
            over.store(true, Ordering::SeqCst);
            let loaded = start.elapsed();
            let record = measuring.await;
            worked?;
            (record, loaded)
        }
    };
    let elapsed = start.elapsed();
    let after = watch.map(Watch::cpu).transpose()?;
    let used = before.zip(after).map(|(before, after)| Cpu {
        program: after.program.saturating_sub(before.program),
        postgres: after.postgres.saturating_sub(before.postgres),
    });
    Ok(record.measured(loaded, elapsed, used, watch.map(Watch::memory).transpose()?))
}

/// Loads from a separate thread until `over` completes, while something else is measured.
pub(crate) fn beside(
    client: Client,
    mix: Arc<dyn Mix>,
    plan: Plan,
    over: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<anyhow::Result<Measured>> {
    tokio::task::spawn_blocking(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let over = async {
            over.await;
            Ok(())
        };
        runtime.block_on(measure_while(&Arc::new(client), &mix, &plan, None, over))
    })
}

/// Loads for `span`, or until `over` is set.
async fn load(
    client: &Arc<Client>,
    mix: &Arc<dyn Mix>,
    mode: Mode,
    span: Duration,
    seed: u64,
    over: &Arc<AtomicBool>,
) -> Record {
    match mode {
        Mode::Open { rate } => open(client, mix, rate, span, seed, over).await,
        Mode::Closed { connections } => closed(client, mix, connections, span, seed, over).await,
    }
}

async fn open(
    client: &Arc<Client>,
    mix: &Arc<dyn Mix>,
    rate: f64,
    span: Duration,
    seed: u64,
    over: &Arc<AtomicBool>,
) -> Record {
    let (done, mut samples) = mpsc::unbounded_channel();
    let (client, mix, over, handle) = (client.clone(), mix.clone(), over.clone(), Handle::current());
    // A separate thread, because the runtime's timer has a precision of one millisecond only.
    std::thread::spawn(move || {
        let mut dice = StdRng::seed_from_u64(!seed);
        let places = Arc::new(Semaphore::new(MOST_IN_PROGRESS));
        let start = Instant::now();
        for at in Arrivals::new(rate, seed).take_while(|at| *at < span) {
            let due = start + at;
            if let Some(early) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(early);
            }
            // The measurement has ended.
            if done.is_closed() || over.load(Ordering::SeqCst) {
                return;
            }
            let request = mix.request(&mut dice);
            handle.spawn(arrive(client.clone(), request, due, places.clone(), over.clone(), done.clone()));
        }
    });
    let mut record = Record::new(Instant::now() + span);
    while let Some(sample) = samples.recv().await {
        record.add(&sample);
    }
    record
}

async fn arrive(
    client: Arc<Client>,
    request: Request,
    due: Instant,
    places: Arc<Semaphore>,
    over: Arc<AtomicBool>,
    done: UnboundedSender<Sample>,
) {
    let Ok(_place) = places.acquire().await else { return };
    // A request that was not sent is not counted.
    if over.load(Ordering::SeqCst) {
        return;
    }
    let _ = done.send(send(&client, request, due).await);
}

async fn closed(
    client: &Arc<Client>,
    mix: &Arc<dyn Mix>,
    connections: u16,
    span: Duration,
    seed: u64,
    over: &Arc<AtomicBool>,
) -> Record {
    let end = Instant::now() + span;
    let workers = (0..connections).map(|worker| {
        let (client, mix, over) = (client.clone(), mix.clone(), over.clone());
        let mut dice = StdRng::seed_from_u64(seed.wrapping_add(u64::from(worker) << 32));
        tokio::spawn(async move {
            let mut record = Record::new(end);
            loop {
                let now = Instant::now();
                if now >= end || over.load(Ordering::SeqCst) {
                    return record;
                }
                let sample = send(&client, mix.request(&mut dice), now).await;
                // Do not send thousands of requests a second to a program that is down.
                if sample.result.is_err() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                record.add(&sample);
            }
        })
    });
    let mut record = Record::new(end);
    for worker in join_all(workers).await.into_iter().flatten() {
        record.merge(&worker);
    }
    record
}

/// Sends a request that was due at `due`, and returns what to record.
async fn send(client: &Client, request: Request, due: Instant) -> Sample {
    let lag = due.elapsed();
    let answer = client.send(&request).await;
    let latency = due.elapsed();
    let result = match &answer {
        Ok(answer) => Ok(answer.status.as_u16()),
        Err(failure) => Err(*failure),
    };
    let answer = answer.ok();
    let failed = answer.as_ref().filter(|answer| !answer.status.is_success());
    let said = failed.map(|answer| String::from_utf8_lossy(&answer.body).chars().take(SAID).collect());
    if let Some(then) = request.then {
        then(answer);
    }
    Sample { class: request.class, result, also: request.also, latency, lag, said }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use bytes::Bytes;
    use http::Response;
    use http_body_util::Full;
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::net::TcpListener;

    use super::*;
    use crate::mixes::Fixed;
    use crate::users;

    /// Starts a server that answers every request with `status`.
    async fn program(status: u16) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = move |_| async move {
            let body = Full::new(Bytes::from_static(b"{}"));
            Response::builder().status(status).body(body)
        };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let server = hyper::server::conn::http1::Builder::new();
                tokio::spawn(server.serve_connection(TokioIo::new(stream), service_fn(answer)));
            }
        });
        address
    }

    async fn of(status: u16) -> (Arc<Client>, Arc<dyn Mix>) {
        let client = Arc::new(Client::new(program(status).await));
        let mix: Arc<dyn Mix> =
            Arc::new(Fixed::new("livez", "/livez", &[users::nobody("localhost").unwrap()], 0.0));
        (client, mix)
    }

    #[tokio::test]
    async fn the_wait_counts_from_the_moment_a_request_was_due() {
        let (client, mix) = of(200).await;
        let request = mix.request(&mut StdRng::seed_from_u64(1));
        let behind = Duration::from_secs(3);
        let due = Instant::now().checked_sub(behind).unwrap();
        let sample = send(&client, request, due).await;
        assert_eq!(sample.result, Ok(200));
        assert!(sample.lag >= behind && sample.latency >= sample.lag, "{sample:?}");
    }

    #[tokio::test]
    async fn an_open_loop_asks_as_often_as_it_is_told() {
        let (client, mix) = of(503).await;
        let plan = Plan {
            mode: Mode::Open { rate: 2000.0 },
            warmup: Duration::ZERO,
            span: Duration::from_millis(300),
            seed: 1,
        };
        let measured = measure(&client, &mix, &plan, None).await.unwrap();
        assert!((480..720).contains(&measured.all.requests), "{}", measured.all.requests);
        assert_eq!(measured.all.failed, measured.all.requests);
        assert_eq!(measured.answers["503"], measured.all.requests);
    }

    #[tokio::test]
    async fn a_closed_loop_ends_and_counts_everything() {
        let (client, mix) = of(200).await;
        let plan = Plan {
            mode: Mode::Closed { connections: 3 },
            warmup: Duration::ZERO,
            span: Duration::from_millis(100),
            seed: 1,
        };
        let watch = Watch { program: std::process::id(), postgres: None };
        let measured = measure(&client, &mix, &plan, Some(&watch)).await.unwrap();
        assert!(measured.all.requests > 3 && measured.all.failed == 0, "{measured:?}");
        assert!(measured.cpu.is_some() && measured.memory_mib.is_some());
    }

    #[tokio::test]
    async fn a_program_that_is_gone_is_a_failure_and_not_an_end() {
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let (client, mix) = (Client::new(address), of(200).await.1);
        let sample = send(&client, mix.request(&mut StdRng::seed_from_u64(1)), Instant::now()).await;
        assert_eq!(sample.result, Err(crate::client::Failure::NotConnected));
    }
}
