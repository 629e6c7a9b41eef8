//! Several nodes with one Redis, or a cluster of them: what one writes the others show at once, whatever happens to Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use testkit::redis::{Cluster, Data, Redis};
use testkit::{Answer, Client, House, Node, Resort, house_with};
use tokio::task::JoinSet;

/// Two or three nodes on one database, and a customer whose notes are written and read.
struct Nodes {
    house: House,
    resort: Resort,
    nodes: Vec<Node>,
    path: String,
}

/// Short transactions, so that what waits until they must be over waits eight seconds.
fn settings(url: &str) -> [(&'static str, &str); 3] {
    [("REDIS_URL", url), ("STATEMENT_TIMEOUT_SECONDS", "1"), ("IDLE_IN_TRANSACTION_TIMEOUT_SECONDS", "5")]
}

async fn nodes(url: &str) -> Nodes {
    let settings = settings(url);
    let house = house_with(&settings).await;
    let resort = house.resort("resort1").await;
    let customer = resort.add_customer().await;
    let path = format!("/api/customers/{}", customer["id"].as_str().unwrap());
    let now = house.clock.now();
    let nodes = vec![house.node(&settings, now).await, house.node(&settings, now).await];
    Nodes { house, resort, nodes, path }
}

impl Nodes {
    /// The staff of the resort at each node.
    fn staff(&self) -> Vec<Client> {
        let others = self.nodes.iter().map(|node| node.take_in(&self.resort.staff));
        std::iter::once(self.resort.staff.clone()).chain(others).collect()
    }

    /// Reads at a node until its cache answers.
    async fn until_hit(&self, client: &Client) -> Answer {
        let start = Instant::now();
        loop {
            let answer = client.get(&self.path).await;
            if source(&answer).starts_with("hit") {
                return answer;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "never a hit: {}", source(&answer));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn source(answer: &Answer) -> String {
    answer.headers.get("x-cache").map_or_else(String::new, |text| text.to_str().unwrap().to_owned())
}

async fn what_one_writes_the_others_show(url: &str) {
    let nodes = nodes(url).await;
    let staff = nodes.staff();
    for client in &staff {
        nodes.until_hit(client).await;
    }
    for round in 0..60 {
        let notes = format!("round {round}");
        let writer = &staff[round % 3];
        writer.patch(&nodes.path, json!({ "notes": notes })).await.ok();
        for client in &staff {
            assert_eq!(client.get(&nodes.path).await.ok()["notes"], notes);
        }
    }
    for client in &staff {
        nodes.until_hit(client).await;
    }
    // One node has loaded it: the next finds it in Redis.
    let fresh = nodes.house.node(&settings(url), nodes.house.clock.now()).await.take_in(&nodes.resort.staff);
    nodes.until_hit(&staff[0]).await;
    let answer = nodes.until_hit(&fresh).await;
    assert!(source(&answer).contains("redis"), "{}", source(&answer));
    assert_eq!(answer.statements, 0, "the resort and the session are in Redis, too");
    // Next time it has it itself.
    assert!(source(&fresh.get(&nodes.path).await).contains("process"));
    // A session and a resort end everywhere at once.
    staff[1].post("/api/auth/logout", json!({})).await.done();
    for client in &staff {
        client.get(&nodes.path).await.problem(401);
    }
    let managers = [&staff[0], &staff[1], &staff[2]]
        .map(|node| node.with("authorization", nodes.resort.manager.header("authorization")));
    let tenant = format!("/platform/tenants/{}", nodes.resort.id);
    for client in &managers {
        client.get(&nodes.path).await.ok();
    }
    nodes.house.operator.post(&format!("{tenant}/suspend"), json!({})).await.ok();
    for client in &managers {
        client.get(&nodes.path).await.problem(403);
    }
    nodes.house.operator.post(&format!("{tenant}/resume"), json!({})).await.ok();
    for client in &managers {
        client.get(&nodes.path).await.problem(401);
    }
}

#[tokio::test]
async fn what_one_node_writes_the_others_show_by_one_redis() {
    let redis = Redis::start().await;
    what_one_writes_the_others_show(&redis.url()).await;
}

#[tokio::test]
async fn what_one_node_writes_the_others_show_by_a_cluster() {
    let cluster = Cluster::start().await;
    what_one_writes_the_others_show(&cluster.url()).await;
}

/// Readers and a writer at every node; `trouble` happens meanwhile. Nobody is refused, and nobody is shown anything older than
/// what was acknowledged before they asked.
async fn undisturbed_by(nodes: &Nodes, trouble: impl Future<Output = ()>) -> u32 {
    let (acknowledged, reads, over) =
        (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let mut tasks = JoinSet::new();
    for client in nodes.staff() {
        let (path, acknowledged, reads, over) =
            (nodes.path.clone(), acknowledged.clone(), reads.clone(), over.clone());
        tasks.spawn(async move {
            while !over.load(Ordering::SeqCst) {
                let least = acknowledged.load(Ordering::SeqCst);
                let shown = client.get(&path).await.ok();
                let shown: u32 = shown["notes"].as_str().unwrap_or("0").parse().unwrap();
                assert!(shown >= least, "{shown} was shown after {least} was acknowledged");
                reads.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        });
    }
    let (staff, path, writing) = (nodes.staff(), nodes.path.clone(), over.clone());
    tasks.spawn(async move {
        for value in 1.. {
            if writing.load(Ordering::SeqCst) {
                break;
            }
            staff[value as usize % 3].patch(&path, json!({ "notes": value.to_string() })).await.ok();
            acknowledged.store(value, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    trouble.await;
    over.store(true, Ordering::SeqCst);
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    reads.load(Ordering::SeqCst)
}

#[tokio::test]
async fn redis_may_die_and_come_back_empty_under_load() {
    let mut redis = Redis::start().await;
    let nodes = nodes(&redis.url()).await;
    for client in nodes.staff() {
        nodes.until_hit(&client).await;
    }
    let reads = undisturbed_by(&nodes, async {
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(700)).await;
            redis.kill(Data::Lost).await;
            tokio::time::sleep(Duration::from_millis(700)).await;
            redis.start_again().await;
        }
        redis.pause();
        tokio::time::sleep(Duration::from_millis(700)).await;
        redis.resume();
        tokio::time::sleep(Duration::from_millis(300)).await;
    })
    .await;
    assert!(reads > 100, "only {reads} reads");
    for client in nodes.staff() {
        nodes.until_hit(&client).await;
    }
}

#[tokio::test]
async fn a_node_without_redis_writes_nothing_that_the_others_miss() {
    let redis = Redis::start().await;
    let nodes = nodes(&redis.url()).await;
    let staff = nodes.staff();
    for client in &staff {
        nodes.until_hit(client).await;
    }
    // As a command does that was started without the setting.
    let cut_off =
        nodes.house.node(&[("CACHE", "off")], nodes.house.clock.now()).await.take_in(&nodes.resort.staff);
    for round in 0..3 {
        let notes = format!("round {round}");
        cut_off.patch(&nodes.path, json!({ "notes": notes })).await.ok();
        for client in &staff {
            assert_eq!(client.get(&nodes.path).await.ok()["notes"], notes);
        }
    }
}
