//! Limits are exact over any number of nodes, whatever their clocks say, and after Redis lost what it knew. While it is lost, the
//! nodes admit together no more than was left.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base::clock::Clock;
use futures_util::future::join_all;
use gateway::rate_limit::Limits;
use serde_json::json;
use store::redis::{Link, RedisUrl};
use tailtown::config;
use testkit::redis::{Cluster, Data, Redis};
use testkit::{MORNING, Resort, house, house_with};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);

/// A day: no test meets its end, but for the one that wants to.
const LONG: &str = "86400";

/// The limits of one of three nodes, at this Redis.
fn node_at(url: &str, window: &str, clock: Clock) -> Limits {
    let settings = [("RATE_LIMIT_WINDOW_SECONDS".to_owned(), window.to_owned())];
    let (config, _) = config::read(&BTreeMap::from(settings), None).unwrap();
    Limits::new(&config.gateway, Some(Link::new(&RedisUrl::parse(url).unwrap())), clock, || 3)
}

fn three_at(url: &str, window: &str) -> Vec<Limits> {
    (0..3).map(|_| node_at(url, window, Clock::system())).collect()
}

async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !so().await {
        assert!(start.elapsed() < PATIENCE, "not {what} in time");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// How many requests of a resort this Redis knows of.
async fn known(redis: &Redis, tenant: Uuid) -> u32 {
    let total: Option<u32> = redis.ask(&["HGET", &format!("rl:tenant:{tenant}:86400000"), "total"]).await;
    total.unwrap_or(0)
}

async fn is_admitted(node: &Limits, tenant: Uuid, limit: u32) -> bool {
    node.decide(tenant, limit).await.unwrap().is_admitted
}

/// Eight at a time at every node, each until it is refused five times in a row; says how many were admitted.
async fn flood(nodes: &[Limits], tenant: Uuid, limit: u32) -> u32 {
    let admitted = Arc::new(AtomicU32::new(0));
    let floods = nodes.iter().flat_map(|node| std::iter::repeat_n(node.clone(), 8)).map(|node| {
        let admitted = admitted.clone();
        tokio::spawn(async move {
            let mut refused = 0;
            while refused < 5 {
                match is_admitted(&node, tenant, limit).await {
                    true => (_, refused) = (admitted.fetch_add(1, Ordering::SeqCst), 0),
                    false => refused += 1,
                }
            }
        })
    });
    for flood in join_all(floods).await {
        flood.unwrap();
    }
    admitted.load(Ordering::SeqCst)
}

async fn floods_are_exact(url: &str) {
    let nodes = three_at(url, LONG);
    for limit in [1, 7, 100, 500, 1000, 5000] {
        assert_eq!(flood(&nodes, Uuid::from_u128(rand::random()), limit).await, limit);
    }
    // Many resorts at once do not take from each other.
    let floods = (1..=30).map(|number| {
        let nodes = &nodes;
        async move { (flood(nodes, Uuid::from_u128(rand::random()), number * 10).await, number * 10) }
    });
    for (admitted, limit) in join_all(floods).await {
        assert_eq!(admitted, limit);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_at_three_nodes_gets_exactly_the_limit() {
    floods_are_exact(&Redis::start().await.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_at_three_nodes_of_a_cluster_gets_exactly_the_limit() {
    floods_are_exact(&Cluster::start().await.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_whose_clocks_are_minutes_apart_count_in_the_same_window() {
    let redis = Redis::start().await;
    let clock = |now: &str| Clock::frozen(now.parse().unwrap());
    let clocks = ["2026-11-24T15:00:00Z", "2026-11-24T15:14:59Z", "2031-01-01T00:00:00Z"];
    let nodes: Vec<_> = clocks.iter().map(|now| node_at(&redis.url(), LONG, clock(now))).collect();
    let resets = join_all(nodes.iter().map(|node| node.decide(Uuid::nil(), 100))).await;
    let resets: Vec<_> = resets.into_iter().map(|decision| decision.unwrap().reset_seconds).collect();
    assert!(resets.iter().all(|reset| reset.abs_diff(resets[0]) <= 1), "{resets:?}");
    let tenant = Uuid::from_u128(rand::random());
    assert_eq!(flood(&nodes, tenant, 1000).await, 1000);
}

/// By the clock of the server that holds the windows, in milliseconds.
async fn time(redis: &Redis) -> u64 {
    let (seconds, micros): (u64, u64) = redis.ask(&["TIME"]).await;
    seconds * 1000 + micros / 1000
}

async fn windows_are_apart(redis: &Redis, url: &str) {
    let nodes = three_at(url, "1");
    let (limit, tenants) = (200, [Uuid::from_u128(rand::random()), Uuid::from_u128(rand::random())]);
    let start = time(redis).await;
    let mut admitted = [0, 0];
    while time(redis).await < start + 5000 {
        for (tenant, admitted) in tenants.iter().zip(&mut admitted) {
            *admitted += flood(&nodes, *tenant, limit).await;
        }
    }
    let end = time(redis).await;
    let touched = u32::try_from(end / 1000 - start / 1000 + 1).unwrap();
    for admitted in admitted {
        assert!(admitted <= touched * limit, "{admitted} in {touched} windows of {limit}");
        // The first and the last were not whole.
        assert!(admitted >= (touched - 2) * limit, "{admitted} in {touched} windows of {limit}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_windows_and_two_resorts_never_share_a_bucket() {
    let redis = Redis::start().await;
    windows_are_apart(&redis, &redis.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_windows_and_two_resorts_never_share_a_bucket_of_a_cluster() {
    let cluster = Cluster::start().await;
    windows_are_apart(&cluster.masters[0], &cluster.url()).await;
}

/// Resorts that are far from their limits notice nothing of what becomes of Redis.
async fn nobody_notices(nodes: &[Limits], tenants: &[Uuid], rounds: u32) {
    for _ in 0..rounds {
        for tenant in tenants {
            for node in nodes {
                let start = Instant::now();
                assert!(is_admitted(node, *tenant, 5000).await, "refused for Redis' sake");
                assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
            }
        }
    }
}

fn some_tenants() -> Vec<Uuid> {
    (0..10).map(|_| Uuid::from_u128(rand::random())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn far_from_the_limit_no_request_fails_for_redis_sake() {
    let mut redis = Redis::start().await;
    let nodes = three_at(&redis.url(), LONG);
    let tenants = some_tenants();
    nobody_notices(&nodes, &tenants, 50).await;
    for data in [Data::Lost, Data::Kept] {
        redis.kill(data).await;
        nobody_notices(&nodes, &tenants, 50).await;
        redis.start_again().await;
        nobody_notices(&nodes, &tenants, 50).await;
    }
    redis.pause();
    nobody_notices(&nodes, &tenants, 50).await;
    redis.resume();
    nobody_notices(&nodes, &tenants, 50).await;
    assert!(nodes.iter().all(|node| node.stats().refused == 0));
    assert!(nodes.iter().any(|node| node.stats().alone > 0), "it was counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn far_from_the_limit_no_request_fails_for_a_lost_masters_sake() {
    let mut cluster = Cluster::start().await;
    let nodes = three_at(&cluster.url(), LONG);
    let tenants = some_tenants();
    for master in 0..3 {
        nobody_notices(&nodes, &tenants, 30).await;
        cluster.masters[master].kill(Data::Lost).await;
        nobody_notices(&nodes, &tenants, 30).await;
        cluster.masters[master].start_again().await;
        nobody_notices(&nodes, &tenants, 30).await;
    }
    assert!(nodes.iter().all(|node| node.stats().refused == 0));
}

/// Some is used, Redis goes, the nodes take what they get without it, and Redis is back.
async fn stays_within(redis: &mut Redis, data: Option<Data>) {
    let nodes = three_at(&redis.url(), LONG);
    let (tenant, limit) = (Uuid::from_u128(rand::random()), 300);
    let mut admitted = 0;
    // What is left when each of them last heard: 210, 180 and 150.
    for (node, used) in nodes.iter().zip([90, 30, 30]) {
        for _ in 0..used {
            admitted += u32::from(is_admitted(node, tenant, limit).await);
        }
    }
    assert_eq!(admitted, 150);
    match data {
        Some(data) => redis.kill(data).await,
        None => redis.pause(),
    }
    for (node, share) in nodes.iter().zip([70, 60, 50]) {
        let mut alone = 0;
        while is_admitted(node, tenant, 300).await {
            alone += 1;
            if alone == 40 {
                break;
            }
        }
        assert!(alone == 40.min(share), "{alone}");
        admitted += alone;
    }
    match data {
        Some(_) => redis.start_again().await,
        None => redis.resume(),
    }
    // Nobody asks: the nodes tell it by themselves.
    until("told", async || known(redis, tenant).await >= admitted).await;
    admitted += flood(&nodes, tenant, limit).await;
    assert_eq!(admitted, limit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_admitted_without_redis_counts_when_it_is_back() {
    let mut redis = Redis::start().await;
    for data in [Some(Data::Lost), Some(Data::Kept), None] {
        stays_within(&mut redis, data).await;
    }
}

/// Floods far beyond the limit while Redis is killed and comes back at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_gets_all_of_its_limit_and_never_twice_when_redis_is_killed() {
    let mut redis = Redis::start().await;
    for before in [20, 150, 1000] {
        let nodes = three_at(&redis.url(), LONG);
        let over = AtomicBool::new(false);
        let floods = join_all([100, 700, 5000].map(async |limit| {
            let (tenant, admitted) = (Uuid::from_u128(rand::random()), AtomicU32::new(0));
            let floods = nodes.iter().flat_map(|node| [node, node]).map(async |node| {
                while !over.load(Ordering::SeqCst) {
                    admitted.fetch_add(is_admitted(node, tenant, limit).await.into(), Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            });
            join_all(floods).await;
            (admitted.load(Ordering::SeqCst) + flood(&nodes, tenant, limit).await, limit)
        }));
        let events = async {
            tokio::time::sleep(Duration::from_millis(before)).await;
            redis.kill(Data::Lost).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            redis.start_again().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            over.store(true, Ordering::SeqCst);
        };
        for (admitted, limit) in tokio::join!(floods, events).0 {
            assert!(admitted >= limit, "only {admitted} of {limit} were admitted");
            assert!(admitted < limit * 2, "{admitted} of {limit} were admitted");
        }
    }
}

/// One node uses some and is idle, another a single one; then Redis forgets it, and `last` takes all that it gets.
async fn what_an_idle_node_used_counts(
    url: &str,
    tenant: Uuid,
    used: u32,
    last: usize,
    forget: impl AsyncFnOnce(),
) {
    let nodes = three_at(url, LONG);
    let limit = 5000;
    for _ in 0..used {
        assert!(is_admitted(&nodes[0], tenant, limit).await);
    }
    assert!(is_admitted(&nodes[1], tenant, limit).await);
    forget().await;
    let admitted = used + 1 + flood(&nodes[last..=last], tenant, limit).await;
    assert_eq!((admitted, flood(&nodes, tenant, limit).await), (limit, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_idle_node_used_counts_after_redis_began_anew() {
    let mut redis = Redis::start().await;
    for used in [20, 2400] {
        let (url, tenant) = (redis.url(), Uuid::from_u128(rand::random()));
        let anew = async || {
            redis.kill(Data::Lost).await;
            redis.start_again().await;
            until("told", async || known(&redis, tenant).await > used).await;
        };
        what_an_idle_node_used_counts(&url, tenant, used, 2, anew).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_idle_node_used_counts_after_a_master_began_anew() {
    let mut cluster = Cluster::start().await;
    let (url, tenant) = (cluster.url(), Uuid::from_u128(rand::random()));
    let anew = async || {
        for master in &mut cluster.masters {
            master.kill(Data::Lost).await;
            master.start_again().await;
        }
        until("told", async || {
            for master in &cluster.masters {
                let held: Vec<String> = master.ask(&["KEYS", "rl:tenant:*"]).await;
                if !held.is_empty() {
                    return known(master, tenant).await == 21;
                }
            }
            false
        })
        .await;
    };
    what_an_idle_node_used_counts(&url, tenant, 20, 2, anew).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_idle_node_used_counts_after_it_was_deleted() {
    let redis = Redis::start().await;
    for used in [20, 2400] {
        let delete = async || {
            let _: String = redis.ask(&["FLUSHALL"]).await;
        };
        let tenant = Uuid::from_u128(rand::random());
        what_an_idle_node_used_counts(&redis.url(), tenant, used, 1, delete).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_from_the_start_nobody_waits_and_a_node_gets_its_share() {
    let node = node_at("redis://127.0.0.1:1", LONG, Clock::system());
    let start = Instant::now();
    let admitted = flood(std::slice::from_ref(&node), Uuid::from_u128(rand::random()), 1000).await;
    assert_eq!(admitted, 333, "a third of it");
    assert!(start.elapsed() < Duration::from_secs(2));
}

/// What an answer says of its limit: the limit, what remains, and the seconds until the window ends.
fn told(answer: &testkit::Answer) -> (u32, u32, u32) {
    let number = |name: &str| answer.header(name).parse::<u32>().unwrap();
    let told = (number("ratelimit-limit"), number("ratelimit-remaining"), number("ratelimit-reset"));
    assert_eq!(answer.header("ratelimit"), format!("\"tenant\";r={};t={}", told.1, told.2));
    assert_eq!(answer.header("ratelimit-policy"), format!("\"tenant\";q={};w=900", told.0));
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("x-ratelimit")));
    told
}

async fn limited(house: &testkit::House, resort: &Resort, limit: Option<u32>) {
    let path = format!("/platform/tenants/{}", resort.id);
    house.operator.patch(&path, json!({ "rateLimit": limit })).await.ok();
}

#[tokio::test]
async fn the_fields_say_what_happens_next() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    limited(&house, &resort, None).await;
    // Setting up the resort has used some of it.
    let (limit, mut remaining, reset) = told(&resort.staff.get("/api/auth/me").await);
    assert!(limit == 100 && remaining < 100 && reset <= 900, "{limit} {remaining} {reset}");
    while remaining > 0 {
        let answer = match remaining % 4 {
            0 => resort.staff.get("/api/customers").await,
            1 => resort.staff.get(&format!("/api/customers/{}", Uuid::nil())).await,
            2 => resort.staff.get("/api/customers/7").await,
            _ => resort.staff.post("/api/pets", json!({})).await,
        };
        assert_eq!(answer.status.as_u16(), [200, 404, 400, 422][(remaining % 4) as usize]);
        assert_eq!(told(&answer), (100, remaining - 1, reset));
        remaining -= 1;
    }
    for client in [&resort.owner, &resort.staff] {
        let answer = client.get("/api/customers").await;
        assert_eq!(told(&answer), (100, 0, reset));
        assert_eq!(answer.header("retry-after"), reset.to_string());
        assert_eq!(answer.problem(429)["detail"], "Too many requests from this tenant");
    }
    for path in ["/health", "/livez", "/readyz", "/openapi.json", "/docs"] {
        let answer = house.client("resort1.localhost:4004").get(path).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.contains_key("ratelimit-limit"), "{path}");
    }
    // A moment before the time that was told, and then.
    house.advance(Duration::from_secs(u64::from(reset) - 1));
    assert_eq!(told(&resort.staff.get("/api/customers").await), (100, 0, 1));
    house.advance(Duration::from_secs(1));
    assert_eq!(told(&resort.staff.get("/api/customers").await), (100, 99, 900));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resorts_own_figure_counts_in_place_of_its_tiers_at_once() {
    let redis = Redis::start().await;
    own_figures(&[]).await;
    own_figures(&[("REDIS_URL", &redis.url())]).await;
}

async fn own_figures(settings: &[(&str, &str)]) {
    let house = house_with(settings).await;
    let resort = house.resort("resort1").await;
    let limit = async || told(&resort.staff.get("/api/auth/me").await).0;
    assert_eq!(limit().await, 1_000_000);
    for (tier, figure) in [("FREE", 100), ("BASIC", 500), ("PRO", 1000), ("ENTERPRISE", 5000)] {
        let change = json!({ "tier": tier, "rateLimit": null });
        house.operator.patch(&format!("/platform/tenants/{}", resort.id), change).await.ok();
        assert_eq!(limit().await, figure, "{tier}");
    }
    limited(&house, &resort, Some(3)).await;
    resort.staff.get("/api/auth/me").await.problem(429);
    limited(&house, &resort, Some(300)).await;
    assert_eq!(limit().await, 300);
}

#[tokio::test]
async fn a_neighbour_at_its_limit_is_nobody_elses_matter() {
    let house = house().await;
    let (one, other) = (house.resort("resort1").await, house.resort("resort2").await);
    limited(&house, &one, Some(1)).await;
    one.staff.get("/api/customers").await.problem(429);
    let (_, remaining, _) = told(&other.staff.get("/api/customers").await);
    assert_eq!(told(&other.staff.get("/api/customers").await).1, remaining - 1);
}

#[tokio::test]
async fn limits_may_be_off_but_not_in_production() {
    let house = house_with(&[("RATE_LIMITS", "off")]).await;
    let resort = house.resort("resort1").await;
    limited(&house, &resort, Some(1)).await;
    for _ in 0..5 {
        let answer = resort.staff.get("/api/customers").await;
        assert!(answer.status == 200 && !answer.headers.contains_key("ratelimit-limit"));
    }
    let settings = [("RATE_LIMITS", "off"), ("TAILTOWN_ENV", "production")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let refusal = config::read(&BTreeMap::from(settings), None).unwrap_err().to_string();
    assert!(refusal.contains("RATE_LIMITS=off: must be on in production"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_programs_admit_exactly_the_limit_between_them() {
    let redis = Redis::start().await;
    let url = redis.url();
    let settings = [("REDIS_URL", url.as_str()), ("RATE_LIMIT_WINDOW_SECONDS", LONG)];
    let house = house_with(&settings).await;
    let resort = house.resort("resort1").await;
    let mut others = Vec::new();
    for minutes in [7, 14] {
        let now = MORNING.parse::<jiff::Timestamp>().unwrap() + Duration::from_secs(60 * minutes);
        others.push(house.node(&settings, now).await);
    }
    let nodes = [&house.program, &others[0].program, &others[1].program];
    until("acquainted", async || nodes.iter().all(|node| node.limits.stats().nodes == 3)).await;
    let used = house.program.limits.stats().admitted as u32;
    limited(&house, &resort, Some(used + 200)).await;
    let clients = [resort.staff.clone(), others[0].take_in(&resort.staff), others[1].take_in(&resort.staff)];
    let mut answers = Vec::new();
    // As many at once as may stand in line: more than that would be refused for another reason.
    for _ in 0..5 {
        answers.extend(join_all((0..60).map(|number| clients[number % 3].get("/api/customers"))).await);
    }
    let admitted = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((admitted, refused), (200, 100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_was_ended_costs_its_resort_nothing() {
    let redis = Redis::start().await;
    let url = redis.url();
    let settings = [("REDIS_URL", url.as_str()), ("RATE_LIMIT_WINDOW_SECONDS", LONG)];
    let house = house_with(&settings).await;
    let resort = house.resort("resort1").await;
    let other = house.node(&settings, MORNING.parse().unwrap()).await;
    let (here, there) = (resort.staff.clone(), other.take_in(&resort.staff));
    // The other node knows the session from here on, and counts its requests before it has looked whether it still holds.
    until("known", async || {
        there.get("/api/auth/me").await.ok();
        other.program.cache.stats().hits > 0
    })
    .await;
    here.post("/api/auth/logout", json!({})).await.done();
    let before = known(&redis, resort.id).await;
    for _ in 0..3 {
        there.get("/api/customers").await.problem(401);
    }
    until("taken back", async || known(&redis, resort.id).await == before).await;
    let stats = other.program.limits.stats();
    assert_eq!(stats.alone, 0, "{stats:?}");
}
