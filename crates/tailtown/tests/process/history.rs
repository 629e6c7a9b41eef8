//! Three nodes, one Redis and everything that can go wrong between them: whoever asks after a write was acknowledged is shown
//! that write or a later one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix::sys::signal::Signal;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use testkit::redis::{Data, Redis};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::client::{Answer, Client};
use crate::program::{Program, free_port, resort};
use crate::server::{Home, Server};

/// Reads and writes together.
const OPERATIONS: u64 = 100_000;

/// How long an answer is waited for: longer than a node is stopped.
const PATIENCE: Duration = Duration::from_secs(10);

/// One customer. A change makes its version one more, whatever came of the answer; so the version tells what is older.
struct Register {
    path: String,
    acknowledged: AtomicU64,
}

/// What was asked and shown.
struct History {
    registers: Vec<Register>,
    operations: AtomicU64,
    sources: Mutex<BTreeMap<String, u64>>,
    stale: Mutex<Vec<String>>,
    over: AtomicBool,
}

impl History {
    async fn new(owner: &Client, registers: u32) -> Self {
        let mut found = Vec::new();
        for number in 0..registers {
            let new = json!({ "firstName": "Ada", "lastName": format!("Lovelace {number}") });
            let id = owner.post("/api/customers", new).await.expect(201)["id"].as_str().unwrap().to_owned();
            found.push(Register { path: format!("/api/customers/{id}"), acknowledged: AtomicU64::new(1) });
        }
        let (operations, sources, stale, over) = Default::default();
        Self { registers: found, operations, sources, stale, over }
    }

    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::SeqCst) && self.stale.lock().unwrap().is_empty()
    }

    async fn read(&self, client: &Client, random: &mut StdRng) {
        let register = self.registers.choose(random).unwrap();
        let least = register.acknowledged.load(Ordering::SeqCst);
        let Some(answer) = ask(client, "GET", &register.path, None).await else { return };
        let Some(version) = version(&answer) else { return };
        self.operations.fetch_add(1, Ordering::SeqCst);
        let source =
            answer.headers.get("x-cache").map_or("", |text| text.split(';').next().unwrap()).to_owned();
        *self.sources.lock().unwrap().entry(source).or_default() += 1;
        if version < least {
            let told = answer.headers.get("x-cache").cloned().unwrap_or_default();
            self.stale.lock().unwrap().push(format!("{version} after {least} ({told})"));
        }
    }

    async fn write(&self, client: &Client, random: &mut StdRng) {
        let register = self.registers.choose(random).unwrap();
        let change = json!({ "notes": random.random::<u32>().to_string() });
        let Some(answer) = ask(client, "PATCH", &register.path, Some(change)).await else { return };
        if let Some(version) = version(&answer) {
            self.operations.fetch_add(1, Ordering::SeqCst);
            register.acknowledged.fetch_max(version, Ordering::SeqCst);
        }
    }
}

async fn ask(client: &Client, method: &str, path: &str, body: Option<Value>) -> Option<Answer> {
    timeout(PATIENCE, client.try_send(method, path, body)).await.ok()?.ok()
}

/// The version that an answer shows, if it is one.
fn version(answer: &Answer) -> Option<u64> {
    let tag = answer.headers.get("etag").filter(|_| answer.status == 200)?.trim_matches('"');
    tag.split('.').next()?.parse().ok()
}

/// Readers and writers at all nodes while `trouble` lasts.
async fn work(history: &Arc<History>, owner: &Client, ports: &[u16], trouble: impl Future<Output = ()>) {
    let mut tasks = JoinSet::new();
    for task in 0..12 {
        let (history, owner, ports) = (history.clone(), owner.clone(), ports.to_vec());
        tasks.spawn(async move {
            let mut random = StdRng::seed_from_u64(task);
            while history.goes_on() {
                let client = owner.at(*ports.choose(&mut random).unwrap());
                let before = history.operations.load(Ordering::SeqCst);
                if task < 2 {
                    history.write(&client, &mut random).await;
                    sleep(Duration::from_millis(random.random_range(0..150))).await;
                } else {
                    history.read(&client, &mut random).await;
                }
                if before == history.operations.load(Ordering::SeqCst) {
                    // Nobody is there at the moment.
                    sleep(Duration::from_millis(5)).await;
                }
            }
        });
    }
    trouble.await;
    history.over.store(true, Ordering::SeqCst);
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

/// A way to Redis that can be cut.
struct Way {
    port: u16,
    cut: tokio::sync::watch::Sender<bool>,
}

impl Way {
    async fn to(redis: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cut, is_cut) = tokio::sync::watch::channel(false);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut is_cut = is_cut.clone();
                tokio::spawn(async move {
                    if *is_cut.borrow() {
                        return;
                    }
                    let Ok(mut far) = TcpStream::connect(("127.0.0.1", redis)).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = is_cut.wait_for(|cut| *cut) => {}
                    }
                });
            }
        });
        Self { port, cut }
    }
}

fn port_of(redis: &Redis) -> u16 {
    redis.url().rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap()
}

fn settings<'a>(database: &'a str, redis: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("DATABASE_URL", database),
        ("REDIS_URL", redis),
        ("STATEMENT_TIMEOUT_SECONDS", "1"),
        ("IDLE_IN_TRANSACTION_TIMEOUT_SECONDS", "5"),
        ("LOG_LEVEL", "error"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_shown_anything_older_than_what_was_acknowledged() {
    let server = Server::start().await;
    let database = server.url("tailtown_app", &server.migrated().await);
    let mut redis = Redis::start().await;
    let homes = [Home::new(), Home::new(), Home::new()];
    resort(&homes[0], "resort1", &[("DATABASE_URL", &database)]).await;
    let (mut ways, mut urls) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let way = Way::to(port_of(&redis)).await;
        urls.push(format!("redis://127.0.0.1:{}", way.port));
        ways.push(way);
    }
    let ports = [free_port(), free_port(), free_port()];
    let mut nodes = Vec::new();
    for node in 0..3 {
        let mut program = Program::start(&homes[node], ports[node], &settings(&database, &urls[node]));
        program.until_ready().await;
        nodes.push(program);
    }
    let owner = nodes[0].owner("resort1").await;
    let history = Arc::new(History::new(&owner, 8).await);
    let watched = history.clone();
    let mut troubles = BTreeMap::<&str, u32>::new();
    let trouble = async {
        let mut random = StdRng::seed_from_u64(7);
        while watched.operations.load(Ordering::SeqCst) < OPERATIONS
            && watched.stale.lock().unwrap().is_empty()
        {
            sleep(Duration::from_millis(random.random_range(500..6000))).await;
            let (node, pause) =
                (random.random_range(0..3), Duration::from_millis(random.random_range(0..2500)));
            let name = match random.random_range(0..5) {
                0 => {
                    redis.kill(Data::Lost).await;
                    sleep(pause / 4).await;
                    redis.start_again().await;
                    "Redis died and forgot"
                }
                1 => {
                    redis.pause();
                    sleep(pause / 4).await;
                    redis.resume();
                    "Redis paused"
                }
                2 => {
                    ways[node].cut.send_replace(true);
                    sleep(pause).await;
                    ways[node].cut.send_replace(false);
                    "a node was cut off"
                }
                3 => {
                    nodes[node].signal(Signal::SIGSTOP);
                    sleep(pause).await;
                    nodes[node].signal(Signal::SIGCONT);
                    "a node paused"
                }
                _ => {
                    let killed = nodes.remove(node);
                    killed.signal(Signal::SIGKILL);
                    killed.ended().await;
                    let mut again =
                        Program::start(&homes[node], ports[node], &settings(&database, &urls[node]));
                    again.until_ready().await;
                    nodes.insert(node, again);
                    "a node died"
                }
            };
            *troubles.entry(name).or_default() += 1;
        }
    };
    work(&history, &owner, &ports, trouble).await;
    let (stale, sources) = (history.stale.lock().unwrap().clone(), history.sources.lock().unwrap().clone());
    assert!(stale.is_empty(), "{stale:?} {troubles:?}");
    assert!(history.operations.load(Ordering::SeqCst) >= OPERATIONS);
    // It has to have been the cache that answered, much of the time, and trouble has to have come.
    assert!(
        sources["hit"] > OPERATIONS / 10 && troubles.values().sum::<u32>() >= 5,
        "{sources:?} {troubles:?}"
    );
}

/// Two Redis servers that both say they are the same one: the nodes trust each other and cannot hear each other. The same
/// readers find that out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_checker_finds_a_medium_that_lies() {
    let server = Server::start().await;
    let database = server.url("tailtown_app", &server.migrated().await);
    let (mine, yours) = (Redis::start().await, Redis::start().await);
    for redis in [&mine, &yours] {
        let _: () = redis.ask(&["SET", "tailtown:medium", "00000000000000000000000000000007"]).await;
    }
    let homes = [Home::new(), Home::new()];
    resort(&homes[0], "resort1", &[("DATABASE_URL", &database)]).await;
    let ports = [free_port(), free_port()];
    let mut nodes = Vec::new();
    for (node, redis) in [mine.url(), yours.url()].iter().enumerate() {
        let mut program = Program::start(&homes[node], ports[node], &settings(&database, redis));
        program.until_ready().await;
        nodes.push(program);
    }
    let owner = nodes[0].owner("resort1").await;
    let history = Arc::new(History::new(&owner, 2).await);
    let watched = history.clone();
    let found = async {
        while watched.stale.lock().unwrap().is_empty() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    work(&history, &owner, &ports, async {
        let _ = timeout(Duration::from_secs(60), found).await;
    })
    .await;
    assert!(!history.stale.lock().unwrap().is_empty(), "a lie went unnoticed");
}
