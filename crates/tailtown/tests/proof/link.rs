//! The link to Redis: it says whose answer it has, never keeps anyone waiting, and mends itself.

use std::time::{Duration, Instant};

use redis::Value;
use store::redis::{Link, Question, RedisUrl, RunId, Script};
use testkit::redis::{Cluster, Data, Redis};

const LONGEST: Duration = Duration::from_millis(400);

fn link(url: &str) -> Link {
    Link::new(&RedisUrl::parse(url).unwrap())
}

fn count() -> Script {
    Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])")
}

/// Waits until it is so, for as long as a slow machine may need.
async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !so().await {
        assert!(start.elapsed() < Duration::from_secs(20), "not {what} in time");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn add(link: &Link, key: &str) -> Option<(i64, RunId)> {
    let (value, run) = link.eval(&count(), key, &[], 1).await.ok()?;
    let Value::Int(value) = value else { panic!("{value:?}") };
    Some((value, run))
}

#[tokio::test]
async fn a_question_is_answered_from_the_first_moment_on() {
    let redis = Redis::start().await;
    let link = link(&redis.url());
    assert_eq!(add(&link, "a").await.unwrap().0, 1);
    assert_eq!(add(&link, "a").await.unwrap().0, 2);
    assert_eq!(link.run("a"), Some(add(&link, "b").await.unwrap().1));
    assert!(link.reaches());
    let (value, _) = link.eval(&Script::new("return {KEYS[2], ARGV[1]}"), "a", &["b"], "c").await.unwrap();
    assert_eq!(redis::from_redis_value::<Vec<String>>(value).unwrap(), ["b", "c"]);
    redis.ask::<()>(&["SCRIPT", "FLUSH"]).await;
    assert_eq!(add(&link, "a").await.unwrap().0, 3, "a script that was forgotten is sent again");
}

#[tokio::test]
async fn a_script_that_fails_fails_alone() {
    let redis = Redis::start().await;
    let link = link(&redis.url());
    let (_, run) = add(&link, "a").await.unwrap();
    let before: String = redis.ask(&["INFO", "stats"]).await;
    let error = link.eval(&Script::new("return redis.call('NONSENSE')"), "a", &[], 1).await.unwrap_err();
    assert!(error.to_string().contains("Unknown Redis command"), "{error}");
    assert_eq!(add(&link, "a").await, Some((2, run)));
    assert!(before.contains("total_connections_received"));
}

#[tokio::test]
async fn all_who_use_a_redis_know_it_by_one_name() {
    let redis = Redis::start().await;
    let (one, other) = (link(&redis.url()), link(&redis.url()));
    let (a, b) = tokio::join!(one.identity(), other.identity());
    assert_eq!(a, b);
    let another = Redis::start().await;
    assert_ne!(link(&another.url()).identity().await.unwrap(), a.unwrap());
}

#[tokio::test]
async fn a_restart_makes_another_run_with_or_without_the_data() {
    let mut redis = Redis::start().await;
    let link = link(&redis.url());
    let (_, first) = add(&link, "a").await.unwrap();
    let name = link.identity().await.unwrap();

    redis.kill(Data::Kept).await;
    let start = Instant::now();
    assert_eq!(add(&link, "a").await, None);
    assert!(start.elapsed() < LONGEST);
    until("lost", async || !link.reaches()).await;
    redis.start_again().await;
    until("back", async || link.reaches()).await;
    let (value, second) = add(&link, "a").await.unwrap();
    assert_eq!(value, 2, "the data was kept");
    assert_ne!(second, first);
    assert_eq!(link.identity().await.unwrap(), name);

    redis.kill(Data::Lost).await;
    redis.start_again().await;
    until("back", async || add(&link, "a").await.is_some_and(|(_, run)| run != second)).await;
    let (value, third) = add(&link, "b").await.unwrap();
    assert!(value == 1 && third != first);
    assert_ne!(link.identity().await.unwrap(), name);
}

#[tokio::test]
async fn a_server_that_hangs_or_is_not_there_is_told_quickly() {
    let redis = Redis::start().await;
    let link = link(&redis.url());
    let (_, run) = add(&link, "a").await.unwrap();
    redis.pause();
    for _ in 0..10 {
        let start = Instant::now();
        assert_eq!(add(&link, "a").await, None);
        assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
    }
    until("lost", async || !link.reaches()).await;
    let start = Instant::now();
    for _ in 0..1000 {
        assert_eq!(add(&link, "a").await, None);
    }
    assert!(start.elapsed() < LONGEST, "once it is lost nobody waits: {:?}", start.elapsed());
    redis.resume();
    until("back", async || add(&link, "a").await.is_some_and(|(_, again)| again == run)).await;

    let nowhere = self::link("redis://127.0.0.1:1");
    let start = Instant::now();
    assert!(add(&nowhere, "a").await.is_none() && !nowhere.reaches());
    assert!(start.elapsed() < LONGEST);
}

/// Bytes arrive together when they are written together: the server counts how often it read.
async fn reads(redis: &Redis) -> u64 {
    let info: String = redis.ask(&["INFO", "stats"]).await;
    let line = info.lines().find_map(|line| line.strip_prefix("total_reads_processed:"));
    line.unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn those_who_ask_at_the_same_moment_travel_together() {
    let redis = Redis::start().await;
    let link = link(&redis.url());
    add(&link, "a").await.unwrap();
    let before = reads(&redis).await;
    let asked = (0..500).map(|_| {
        let link = link.clone();
        tokio::spawn(async move { add(&link, "a").await.unwrap().0 })
    });
    let mut counts = Vec::new();
    for asked in asked.collect::<Vec<_>>() {
        counts.push(asked.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (2..=501).collect::<Vec<_>>());
    let reads = reads(&redis).await - before;
    assert!(reads < 60, "500 questions took {reads} reads");
}

#[tokio::test]
async fn what_one_request_asks_is_one_message() {
    let redis = Redis::start().await;
    let link = link(&redis.url());
    add(&link, "a").await.unwrap();
    let before = reads(&redis).await;
    for _ in 0..200 {
        answers_in_order(&link).await;
    }
    let reads = reads(&redis).await - before;
    assert!(reads < 260, "200 requests with five questions each took {reads} reads");
}

#[tokio::test]
async fn what_one_request_asks_of_a_cluster_is_answered_in_order() {
    let cluster = Cluster::start().await;
    let link = link(&cluster.url());
    add(&link, "a").await.unwrap();
    answers_in_order(&link).await;
}

async fn answers_in_order(link: &Link) {
    let echo = Script::new("return KEYS[1] .. ARGV[1]");
    let keys = ["a", "b", "c", "d"];
    let mut questions: Vec<Question<'_>> =
        keys.iter().map(|key| Question::script(&echo, (*key).to_owned(), vec!["!".to_owned()])).collect();
    questions.push(Question::command("STRLEN", "nothing".to_owned(), &[]));
    let answers = link.ask(&questions).await;
    let said: Vec<Value> = answers.into_iter().map(|answer| answer.unwrap().value).collect();
    let echoed = keys.map(|key| Value::BulkString(format!("{key}!").into_bytes()));
    assert_eq!(said, echoed.into_iter().chain([Value::Int(0)]).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cluster_is_asked_where_the_key_lives() {
    let cluster = Cluster::start().await;
    for url in [cluster.url(), cluster.masters[2].url()] {
        let link = link(&url);
        let mut runs = std::collections::HashSet::new();
        for number in 0..60 {
            let (_, run) = add(&link, &format!("{{{number}}}:count")).await.unwrap();
            assert_eq!(link.run(&format!("{{{number}}}:other")), Some(run), "a tag has one home");
            runs.insert(run);
        }
        assert_eq!(runs.len(), 3);
        until("all there", async || link.reaches()).await;
        assert_eq!(link.identity().await, self::link(&cluster.url()).identity().await);
    }
}

#[tokio::test]
async fn a_slot_that_moves_is_followed() {
    let cluster = Cluster::start().await;
    let link = link(&cluster.url());
    let key = "{moving}";
    assert_eq!(add(&link, key).await.unwrap().0, 1);
    let slot: u16 = cluster.masters[0].ask(&["CLUSTER", "KEYSLOT", key]).await;
    let mut ids = Vec::new();
    for master in &cluster.masters {
        ids.push(master.ask::<String>(&["CLUSTER", "MYID"]).await);
    }
    let from = usize::from(slot) * 3 / 16_384;
    let to = (from + 1) % 3;
    let slot = slot.to_string();
    let set = async |at: usize, words: &[&str]| {
        let words = [&["CLUSTER", "SETSLOT", &slot], words].concat();
        cluster.masters[at].ask::<()>(&words).await;
    };
    set(to, &["IMPORTING", &ids[from]]).await;
    set(from, &["MIGRATING", &ids[to]]).await;
    let port = cluster.masters[to].url().rsplit_once(':').unwrap().1.to_owned();
    cluster.masters[from].ask::<String>(&["MIGRATE", "127.0.0.1", &port, key, "0", "1000"]).await;
    assert_eq!(add(&link, key).await.unwrap().0, 2, "it asks where it is sent");
    for at in [to, from] {
        set(at, &["NODE", &ids[to]]).await;
    }
    assert_eq!(add(&link, key).await.unwrap().0, 3, "it goes where it has moved");
    until("known to have moved", async || link.run(key) == add(&link, key).await.map(|(_, run)| run)).await;
}

#[tokio::test]
async fn a_master_that_goes_takes_only_its_own_keys() {
    let mut cluster = Cluster::start().await;
    let link = link(&cluster.url());
    let mut homes = Vec::new();
    for number in 0..30 {
        homes.push((format!("{{{number}}}"), add(&link, &format!("{{{number}}}")).await.unwrap().1));
    }
    let gone = homes[0].1;
    let key = homes[0].0.clone();
    let slot: u16 = cluster.masters[0].ask(&["CLUSTER", "KEYSLOT", &key]).await;
    let master = usize::from(slot) * 3 / 16_384;
    cluster.masters[master].kill(Data::Lost).await;
    for (key, home) in &homes {
        let start = Instant::now();
        let answer = add(&link, key).await;
        assert!(start.elapsed() < LONGEST);
        assert_eq!(answer.is_some(), *home != gone, "{key}");
    }
    assert!(!link.reaches());
    cluster.masters[master].start_again().await;
    until("back", async || add(&link, &key).await.is_some_and(|(_, run)| run != gone)).await;
    until("all there", async || link.reaches()).await;
}
