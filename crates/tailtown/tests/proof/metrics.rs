//! What the program counts of itself is what happened, and is told in a bounded page.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use gateway::state::Platform;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use observe::metrics::{admin, rollup, sampling};
use serde_json::{Value, json};
use testkit::{Single, house_with, resort};
use tower::ServiceExt;

async fn ask(admin: &Router, path: &str, host: &str) -> (StatusCode, String) {
    let request = Request::builder().uri(path).header("host", host).body(Body::empty()).unwrap();
    let response = admin.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn metrics(house: &Single) -> String {
    let admin = admin::routes(&house.house.program.metrics, true);
    ask(&admin, "/metrics", "127.0.0.1:4005").await.1
}

async fn overview(house: &Single) -> Value {
    let admin = admin::routes(&house.house.program.metrics, true);
    serde_json::from_str(&ask(&admin, "/overview.json", "localhost:4005").await.1).unwrap()
}

async fn sample(platform: &Platform) {
    sampling::sample(&platform.metrics, &platform.database, platform.redis.as_ref()).await;
}

/// What was found, but for what this machine's disk is to blame for.
fn found(overview: &Value) -> Vec<&str> {
    let findings = overview["verdict"]["findings"].as_array().unwrap().iter();
    findings.map(|one| one["what"].as_str().unwrap()).filter(|what| !what.starts_with("The disk")).collect()
}

/// The value of the line that begins so; 0 when there is none.
fn value(page: &str, line: &str) -> f64 {
    let found = page.lines().find_map(|one| one.strip_prefix(line)?.strip_prefix(' '));
    found.map_or(0.0, |value| value.parse().unwrap())
}

#[tokio::test]
async fn what_happened_is_counted_by_route_and_status() {
    let single = resort().await;
    let ada = single.add_customer().await;
    let path = format!("/api/customers/{}", ada["id"].as_str().unwrap());
    let before = metrics(&single).await;
    for _ in 0..3 {
        single.staff.get(&path).await.ok();
    }
    single.staff.get("/api/customers/0190b3f2-7a1c-7c3e-8f00-000000000000").await.problem(404);
    single.anyone.get("/livez").await;
    let after = metrics(&single).await;
    let grown = |line: &str| value(&after, line) - value(&before, line);
    let route = "method=\"GET\",route=\"/api/customers/{id}\"";
    assert_eq!(grown(&format!("tailtown_http_requests_total{{{route},status=\"200\"}}")), 3.0);
    assert_eq!(grown(&format!("tailtown_http_requests_total{{{route},status=\"404\"}}")), 1.0);
    assert_eq!(grown(&format!("tailtown_http_request_duration_seconds_count{{{route}}}")), 4.0);
    assert_eq!(grown("tailtown_http_requests_total{method=\"GET\",route=\"/livez\",status=\"200\"}"), 1.0);
    assert_eq!(grown("tailtown_cache_requests_total{result=\"hit_process\"}"), 2.0);
    assert_eq!(grown("tailtown_cache_requests_total{result=\"miss\"}"), 1.0);
    assert_eq!(grown("tailtown_limiter_decisions_total{decision=\"admitted\"}"), 4.0);
    assert_eq!(grown("tailtown_tenant_hour_requests{tenant=\"resort1\"}"), 4.0);
    assert!(grown("tailtown_db_statement_duration_seconds_count") >= 2.0, "{after}");
    assert!(grown("tailtown_db_pool_wait_seconds_count") >= 2.0, "{after}");
    assert_eq!(value(&after, "tailtown_part_up{part=\"database\"}"), 1.0);
    assert!(after.contains("tailtown_build_info{version=\""), "{after}");
}

#[tokio::test]
async fn the_overview_tells_the_last_minute_the_hour_and_what_is_wrong() {
    let single = resort().await;
    let house = &single.house;
    house.advance(Duration::from_secs(3600));
    sample(&house.program).await;
    for _ in 0..25 {
        single.staff.get("/api/customers").await.ok();
    }
    house.advance(Duration::from_secs(10));
    let told = overview(&single).await;
    assert_eq!(told["traffic"]["requestsPerSecond"], 2.5);
    assert_eq!(told["tenants"][0]["subdomain"], "resort1");
    let target = |told: &Value, name: &str| {
        told["targets"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone()
    };
    assert_eq!(target(&told, "cacheHits")["value"], 96.0);
    assert_eq!(target(&told, "errors")["isMet"], true);
    assert!(target(&told, "apiP95")["value"].as_f64().unwrap() > 0.0, "{told}");
    assert_eq!(told["history"].as_array().unwrap().len(), 1);

    // A table that is gone is a fault of ours: every answer is a 500.
    let admin = house.database.connect("postgres").await;
    admin
        .batch_execute("drop table app.kennel_closures cascade; drop table app.kennels cascade")
        .await
        .unwrap();
    house.advance(Duration::from_secs(3600));
    sample(&house.program).await;
    for _ in 0..25 {
        single.staff.get("/api/kennels").await.problem(500);
    }
    house.advance(Duration::from_secs(10));
    let told = overview(&single).await;
    assert_eq!(told["verdict"]["state"], "TROUBLE");
    assert_eq!(target(&told, "errors")["value"], 100.0);
    let first = told["verdict"]["findings"][0]["what"].as_str().unwrap();
    assert!(first.contains("25 of 25 requests failed"), "{first}");

    // Soon it is over, and only the line through the hour remembers it.
    house.advance(Duration::from_secs(95));
    sample(&house.program).await;
    house.advance(Duration::from_secs(15));
    assert_eq!(found(&overview(&single).await), [""; 0]);
}

#[tokio::test]
async fn passwords_that_are_tried_are_told() {
    let house = house_with(&[("SIGN_INS_PER_ADDRESS", "4")]).await;
    let one = house.resort("resort1").await;
    sample(&house.program).await;
    let elsewhere = one.anyone.with("x-forwarded-for", "203.0.113.7");
    for number in 0..6 {
        let login =
            json!({ "email": format!("nobody{number}@resort1.example"), "password": "wrong horse battery" });
        elsewhere.post("/api/auth/login", login).await;
    }
    house.advance(Duration::from_secs(10));
    let admin = admin::routes(&house.program.metrics, true);
    let (_, page) = ask(&admin, "/metrics", "localhost:4005").await;
    assert_eq!(value(&page, "tailtown_limiter_sign_ins_total{decision=\"refused\"}"), 2.0);
    let told = serde_json::from_str(&ask(&admin, "/overview.json", "localhost:4005").await.1).unwrap();
    assert_eq!(found(&told), ["2 attempts to sign in were held up in the last minute"]);
}

#[tokio::test]
async fn the_admin_pages_answer_to_the_machines_own_names_and_no_resort_reaches_them() {
    let single = resort().await;
    let admin = admin::routes(&single.house.program.metrics, true);
    for path in ["/", "/metrics", "/overview.json"] {
        assert_eq!(ask(&admin, path, "localhost:4005").await.0, StatusCode::OK, "{path}");
        assert_eq!(ask(&admin, path, "evil.example").await.0, StatusCode::MISDIRECTED_REQUEST, "{path}");
        single.owner.get(path).await.problem(404);
        single.house.operator.get(path).await.problem(404);
    }
    let (_, page) = ask(&admin, "/", "localhost:4005").await;
    for foreign in ["http://", "https://", "//cdn", "@import"] {
        let own = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!own.contains(foreign), "the page asks {foreign}");
    }
}

#[tokio::test]
async fn what_a_resort_asked_for_is_added_up_over_nodes_hours_and_days() {
    let single = resort().await;
    let house = &single.house;
    let (platform, operator) = (&house.program, &house.operator);
    let usage = format!("/platform/tenants/{}/usage", single.id);
    rollup::write(&platform.metrics, &platform.database).await.unwrap();
    let before = operator.get(&usage).await.ok();
    // 15:00 in UTC; 9 hours later it is another day.
    let other = house.node(&[], house.clock.now()).await;
    let there = other.take_in(&single.staff);
    for _ in 0..3 {
        single.staff.get("/api/customers").await.ok();
        there.get("/api/pets").await.ok();
    }
    house.advance(Duration::from_secs(9 * 3600));
    single.staff.get("/api/customers").await.ok();
    for platform in [platform, &other.program] {
        rollup::write(&platform.metrics, &platform.database).await.unwrap();
        rollup::write(&platform.metrics, &platform.database).await.unwrap();
    }
    let operator = house
        .operator
        .signed_in("/platform/auth/login", "operator@tailtown.example", testkit::PASSWORD)
        .await;
    let after = operator.get(&usage).await.ok();
    let requests = |of: &Value, starts_at: &str, list: &str| {
        let found = of[list].as_array().unwrap().iter().find(|one| one["startsAt"] == starts_at);
        found.map_or(0, |one| one["requests"].as_i64().unwrap())
    };
    for (list, at, more) in [
        ("hours", "2026-11-24T15:00:00Z", 6),
        ("hours", "2026-11-25T00:00:00Z", 1),
        ("days", "2026-11-24T00:00:00Z", 6),
        ("days", "2026-11-25T00:00:00Z", 1),
    ] {
        assert_eq!(requests(&after, at, list) - requests(&before, at, list), more, "{list} {at}: {after}");
    }
    assert_eq!(after["subdomain"], "resort1");
    let overview = operator.get("/platform/overview").await.ok();
    assert_eq!(overview["days"][1]["requests"], 1, "{overview}");
    assert_eq!(overview["busiest"][0]["subdomain"], "resort1");
    assert_eq!(overview["busiest"][0]["requests"], requests(&after, "2026-11-24T00:00:00Z", "days") + 1);
    assert_eq!(found(&overview), [""; 0]);
    operator.get("/platform/tenants/0190b3f2-7a1c-7c3e-8f00-000000000000/usage").await.problem(404);

    // What is older than it is told for is forgotten; while the database is away, counts wait.
    house.advance(Duration::from_secs(49 * 3600));
    rollup::prune(&platform.database, house.clock.now()).await.unwrap();
    let admin = house.database.connect("postgres").await;
    let left = "select span, count(*) from app.usage_counts group by span";
    let left = admin.query(left, &[]).await.unwrap();
    assert_eq!(left.iter().map(|row| (row.get(0), row.get(1))).collect::<Vec<(&str, i64)>>(), [("DAY", 2)]);
    admin.batch_execute("alter table app.usage_counts rename to away").await.unwrap();
    single.anyone.get("/api/auth/me").await.problem(401);
    rollup::write(&platform.metrics, &platform.database).await.unwrap_err();
    admin.batch_execute("alter table app.away rename to usage_counts").await.unwrap();
    rollup::write(&platform.metrics, &platform.database).await.unwrap();
    let sum = "select requests from app.usage_counts where span = 'HOUR'";
    assert_eq!(admin.query_one(sum, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn a_scrape_with_ten_thousand_resorts_stays_small() {
    let single = resort().await;
    let admin = single.house.database.connect("postgres").await;
    let many = "insert into app.tenants (id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, created_at, updated_at) \
                select gen_random_uuid(), 'crowd' || g, 'T', 'FREE', 'ACTIVE', 'UTC', 'USD', 0, now(), now() from generate_series(1, 10000) g";
    admin.batch_execute(many).await.unwrap();
    let before = metrics(&single).await.len();
    for number in 1..=10_000 {
        let host = format!("crowd{number}.localhost:4004");
        let from = format!("10.0.{}.{}", number / 256, number % 256);
        single
            .anyone
            .with("host", &host)
            .with("x-forwarded-for", &from)
            .get("/api/auth/me")
            .await
            .problem(401);
    }
    let page = metrics(&single).await;
    assert_eq!(page.matches("\ntailtown_tenant_hour_requests{").count(), 20);
    assert!(page.len() < before + 10_000 && page.len() < 1_000_000, "{} bytes", page.len());
    let platform = &single.house.program;
    rollup::write(&platform.metrics, &platform.database).await.unwrap();
    let sum = "select count(*) from app.usage_counts where span = 'DAY'";
    assert_eq!(admin.query_one(sum, &[]).await.unwrap().get::<_, i64>(0), 10_001);
}
