//! Whoever has no session pays for itself: no resort's limit, no memory and no key of Redis is at its disposal.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;
use testkit::redis::Redis;
use testkit::{Answer, Client, PASSWORD, Resort, house, house_with};
use uuid::Uuid;

fn from(client: &Client, address: &str) -> Client {
    client.with("x-forwarded-for", address)
}

fn remaining(answer: &Answer) -> u32 {
    answer.header("ratelimit-remaining").parse().unwrap()
}

async fn fail_to_log_in(client: &Client) -> u16 {
    let login = json!({ "email": "nobody@resort1.example", "password": "wrong horse battery" });
    client.post("/api/auth/login", login).await.status.as_u16()
}

#[tokio::test]
async fn strangers_leave_a_resorts_limit_alone() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let path = format!("/platform/tenants/{}", resort.id);
    house.operator.patch(&path, json!({ "rateLimit": null })).await.ok();
    let before = remaining(&resort.staff.get("/api/customers").await);
    for number in 0..150 {
        let stranger = from(&resort.anyone, "203.0.113.7");
        let answer = match number % 3 {
            0 => stranger.get("/api/customers").await,
            1 => stranger.bearing("made up").get("/api/customers").await,
            _ => stranger.bearing(&"A".repeat(64)).post("/api/pets", json!({})).await,
        };
        assert_eq!(answer.header("ratelimit-policy"), "\"address\";q=3000;w=900");
        answer.problem(401);
    }
    for _ in 0..3 {
        assert_eq!(fail_to_log_in(&from(&resort.anyone, "203.0.113.7")).await, 401);
    }
    assert_eq!(remaining(&resort.staff.get("/api/customers").await), before - 1);
    resort.owner.get("/api/customers").await.ok();
}

#[tokio::test]
async fn an_address_is_limited_whatever_it_asks_and_nobody_else_with_it() {
    let house =
        house_with(&[("REQUESTS_PER_ADDRESS", "20"), ("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")]).await;
    let resort = house.resort("resort1").await;
    let used_up = async |address: &str, of: &str| {
        for number in 0..20 {
            let stranger = from(&resort.anyone, address);
            let (answer, status) = match number % 5 {
                0 => (stranger.get("/api/customers").await, 401),
                1 => (stranger.with("host", "nowhere.localhost").get("/api/customers").await, 404),
                2 => (stranger.bearing("made up").get("/api/customers").await, 401),
                3 => (stranger.with("host", "localhost").get("/platform/tenants").await, 401),
                _ => (stranger.with("x-tenant-id", "not a label").get("/api/customers").await, 404),
            };
            assert_eq!(remaining(&answer), 19 - number, "{address}");
            answer.problem(status);
        }
        for path in ["/api/customers", "/platform/tenants"] {
            let refused = from(&resort.anyone, of).get(path).await;
            assert_eq!(remaining(&refused), 0, "{address}");
            assert!(refused.header("retry-after").parse::<u32>().unwrap() > 1);
            let detail = refused.problem(429)["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("from this address"), "{detail}");
        }
        assert_eq!(fail_to_log_in(&from(&resort.anyone, of)).await, 429, "{address}");
        from(&resort.anyone, of).bearing("made up").get("/api/customers").await.problem(429);
        from(&resort.staff, of).get("/api/customers").await.ok();
        from(&house.operator, of).get("/platform/tenants").await.ok();
    };
    used_up("203.0.113.7", "203.0.113.7:5678").await;
    used_up("198.51.100.1, 203.0.113.8:1, 10.9.8.7", "nonsense, 203.0.113.8").await;
    // What cannot be read counts as the proxy that sent it.
    used_up("203.0.113.9, nonsense, 10.1.1.1", "10.1.1.1").await;
    used_up("2001:db8:1:2::1", "2001:db8:1:2::ffff").await;
    from(&resort.anyone, "203.0.113.10").get("/api/customers").await.problem(401);
    assert!(house.program.limits.stats().strangers_refused >= 12);
    house.advance(Duration::from_secs(900));
    from(&resort.anyone, "203.0.113.7").get("/api/customers").await.problem(401);
}

/// Anonymous requests from everywhere, each with another host, header, path and account.
async fn come(resort: &Resort, requests: std::ops::Range<u32>) {
    let visits = stream::iter(requests).map(|number| async move {
        let id = Uuid::from_u128(rand::random());
        let client = from(&resort.anyone, &std::net::Ipv4Addr::from(0x2000_0000 + number).to_string());
        let client = client.with("x-request-id", &id.to_string());
        let answer = match number % 8 {
            0 => client.with("host", &format!("{id}.localhost")).get("/api/customers").await,
            1 => client.with("host", "localhost").with("x-tenant-id", &id.to_string()).get("/api/pets").await,
            2 => client.with("x-tenant-id", &format!("a{number}")).get("/api/pets").await,
            3 => client.get(&format!("/api/customers/{id}?{number}")).await,
            4 => client.get(&format!("/api/{id}/{number}")).await,
            5 => client.bearing(&testkit_token(id)).get("/api/customers").await,
            6 => client.with("host", "localhost").bearing(&testkit_token(id)).get("/platform/tenants").await,
            _ => {
                client
                    .with("cookie", &format!("tailtown_session={}", testkit_token(id)))
                    .get("/api/pets")
                    .await
            }
        };
        assert!((400..500).contains(&answer.status.as_u16()), "{}", answer.status);
    });
    visits.buffer_unordered(16).collect::<Vec<()>>().await;
}

/// Made up, and formed like one that counts.
fn testkit_token(tenant: Uuid) -> String {
    gateway::identity::Token::new(tenant).text()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_from_everywhere_leave_nothing_behind() {
    let house = house_with(&[("CACHE_MEMORY_MB", "1")]).await;
    let resort = house.resort("resort1").await;
    let held = || (house.program.limits.stats().tenants, house.program.cache.stats().groups);
    come(&resort, 0..2_000).await;
    let before = held();
    assert!(before.0 <= 1 && before.1 <= 2, "{before:?}");
    come(&resort, 2_000..16_000).await;
    assert_eq!(held(), before);
    let (limits, cache) = (house.program.limits.stats(), house.program.cache.stats());
    assert!(limits.addresses <= 65_536 && cache.bytes <= 1_048_576, "{limits:?} {cache:?}");
    assert_eq!(fail_to_log_in(&resort.anyone).await, 401);
    resort.anyone.signed_in("/api/auth/login", "staff@resort1.example", PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_in_redis_expires_and_strangers_leave_none_of_a_resort_they_made_up() {
    let redis = Redis::start().await;
    let house = house_with(&[("REDIS_URL", &redis.url())]).await;
    let resort = house.resort("resort1").await;
    come(&resort, 0..400).await;
    resort.staff.get("/api/customers").await.ok();
    let keys: Vec<String> = redis.ask(&["KEYS", "*"]).await;
    let generations: Vec<_> = keys.iter().filter(|key| key.ends_with(":generations")).collect();
    assert!(generations.len() <= 2, "{generations:?}");
    // One key that names this Redis stays.
    let others: Vec<_> = keys.iter().filter(|key| *key != "tailtown:medium").collect();
    assert!(!others.is_empty());
    for key in others {
        let left: i64 = redis.ask(&["PTTL", key]).await;
        // -2: it has expired meanwhile.
        assert!(left > 0 || left == -2, "{key} stays for ever");
    }
}

#[tokio::test]
async fn a_browser_changes_something_from_the_own_pages_only_at_a_resort_and_at_the_platform() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let sessions = [
        (&resort.anyone, "/api/auth/", "owner@resort1.example", "http://resort1.localhost:4004"),
        (
            &house.client("localhost:4004"),
            "/platform/auth/",
            "operator@tailtown.example",
            "http://localhost:4004",
        ),
    ];
    for (anyone, auth, email, own) in sessions {
        let login = json!({ "email": email, "password": PASSWORD });
        let answer = anyone.post(&format!("{auth}login"), login).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let browser = anyone.with("cookie", &cookie);
        let me = format!("{auth}me");
        browser.get(&me).await.ok();
        let log_out = async |client: Client| client.post(&format!("{auth}logout"), json!({})).await;
        log_out(browser.clone()).await.problem(403);
        for origin in ["http://resort2.localhost:4004", "http://localhost", "https://evil.example", "null"] {
            log_out(browser.with("origin", origin)).await.problem(403);
        }
        for site in ["same-site", "cross-site", "none"] {
            log_out(browser.with("sec-fetch-site", site)).await.problem(403);
            log_out(browser.with("sec-fetch-site", site).with("origin", own)).await.problem(403);
        }
        anyone.with("cookie", &format!("{cookie}; {cookie}")).get(&me).await.problem(400);
        anyone.with("cookie", &format!("{cookie}; tailtown_session=x")).get(&me).await.problem(400);
        anyone.with("cookie", &format!("__Host-{cookie}")).get(&me).await.problem(401);
        browser.get(&me).await.ok();
        log_out(browser.with("sec-fetch-site", "same-origin")).await.done();
        browser.get(&me).await.problem(401);
    }
}
