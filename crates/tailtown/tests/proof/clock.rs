//! A clock that jumps ahead and is set back leaves nothing behind.

use std::time::Duration;

use serde_json::json;
use testkit::{PASSWORD, house, resort, uncached_resort};

use crate::cache::renewed;

const STAFF: &str = "staff@resort1.example";
const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn sessions_that_were_over_while_the_clock_was_ahead_go_on_when_it_is_set_back() {
    let resort = resort().await;
    renewed(&resort.house).await;
    resort.house.advance(DAY);
    // Seen twice: the second time from the cache.
    resort.staff.get("/api/customers").await.problem(401);
    resort.staff.get("/api/customers").await.problem(401);
    resort.house.clock.set_back(DAY);
    resort.staff.get("/api/customers").await.ok();
}

#[tokio::test]
async fn an_answer_about_a_day_that_was_not_yet_ends_when_the_clock_is_set_back() {
    let resort = resort().await;
    let customer = resort.add_customer().await;
    let line = json!([{ "description": "Bone", "quantity": 1, "unitPriceCents": 900 }]);
    let invoice =
        json!({ "customerId": customer["id"], "lines": line, "status": "OPEN", "dueDate": "2026-11-24" });
    resort.staff.post("/api/invoices", invoice).await.created();
    resort.house.advance(DAY);
    let staff = resort.anyone.signed_in("/api/auth/login", STAFF, PASSWORD).await;
    let overdue =
        async || staff.get("/api/invoices?overdue=true").await.ok()["data"].as_array().unwrap().len();
    renewed(&resort.house).await;
    assert_eq!((overdue().await, overdue().await), (1, 1));
    resort.house.clock.set_back(DAY);
    assert_eq!(overdue().await, 0);
}

#[tokio::test]
async fn a_limit_that_was_used_up_while_the_clock_was_ahead_begins_anew() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let path = format!("/platform/tenants/{}", resort.id);
    house.operator.patch(&path, json!({ "rateLimit": 3 })).await.ok();
    house.advance(Duration::from_secs(3600));
    for _ in 0..3 {
        resort.staff.get("/api/customers").await.ok();
    }
    resort.staff.get("/api/customers").await.problem(429);
    house.clock.set_back(Duration::from_secs(3600));
    for _ in 0..3 {
        resort.staff.get("/api/customers").await.ok();
    }
    resort.staff.get("/api/customers").await.problem(429);
}

#[tokio::test]
async fn wrong_passwords_of_a_time_that_was_not_yet_slow_nobody() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let log_in = async |password: &str| {
        resort.anyone.post("/api/auth/login", json!({ "email": STAFF, "password": password })).await
    };
    house.advance(Duration::from_secs(3600));
    for _ in 0..5 {
        log_in("wrong").await.problem(401);
    }
    log_in(PASSWORD).await.problem(429);
    // By as much as the clocks of two nodes may differ, it changes nothing: they cannot be played off against each other.
    house.clock.set_back(Duration::from_secs(50));
    log_in(PASSWORD).await.problem(429);
    house.clock.set_back(Duration::from_secs(3550));
    log_in(PASSWORD).await.ok();
}

#[tokio::test]
async fn a_database_whose_clock_was_set_back_while_the_cache_was_off_takes_writes() {
    let resort = uncached_resort().await;
    let owner = resort.house.database.connect("postgres").await;
    owner
        .batch_execute(
            "update app.cache_mode set mode = 'OFF', changed_at = clock_timestamp() + interval '1 hour'; \
             update app.cache_nodes set seen_at = clock_timestamp() + interval '1 hour'",
        )
        .await
        .unwrap();
    resort.add_customer().await;
}
