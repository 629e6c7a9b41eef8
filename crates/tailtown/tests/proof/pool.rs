//! A full pool and a database that hangs up: a clear refusal at once, and no restart needed.

use std::time::{Duration, Instant};

use store::habits::Habits;
use testkit::{House, Resort, house_with};

async fn small_house(settings: &str) -> (House, Resort) {
    let house = house_with(&[("DATABASE_URL", &format!("postgresql://tailtown_app@/x?{settings}"))]).await;
    let resort = house.resort("resort1").await;
    (house, resort)
}

#[tokio::test]
async fn a_full_pool_answers_within_its_timeout_and_says_when_to_come_back() {
    let (house, resort) = small_house("connection_limit=1&pool_timeout=1").await;
    let held = house.program.database.unscoped(std::sync::Arc::default()).await.unwrap();
    let start = Instant::now();
    let answer = resort.staff.get("/api/customers").await;
    let waited = start.elapsed();
    assert_eq!(answer.header("retry-after"), "1");
    let problem = answer.problem(503);
    assert!(problem["detail"].as_str().unwrap().contains("in use"), "{problem}");
    assert!(waited >= Duration::from_millis(900) && waited < Duration::from_secs(5), "{waited:?}");
    drop(held);
    resort.staff.get("/api/customers").await.ok();
}

#[tokio::test]
async fn many_more_requests_than_connections_all_get_their_turn() {
    let (_house, resort) = small_house("connection_limit=2&pool_timeout=60").await;
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let staff = resort.staff.clone();
        requests.spawn(async move { staff.get("/api/customers?include=pets").await.ok() });
    }
    assert_eq!(requests.join_all().await.len(), 60);
}

#[tokio::test]
async fn a_connection_that_the_server_ended_is_replaced() {
    let (house, resort) = small_house("connection_limit=3").await;
    resort.add_customer().await;
    let admin = house.database.connect("postgres").await;
    let ended = admin
        .query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'tailtown_app'", &[])
        .await
        .unwrap();
    assert!(!ended.is_empty());
    let left = "select from pg_stat_activity where datname = current_database() and usename = 'tailtown_app'";
    while !admin.query(left, &[]).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    // What met the cut is refused as the database's trouble, not as a bug; what comes after works again.
    let first = resort.staff.get("/api/customers").await;
    assert!(first.status == 200 || first.status == 503, "{} {}", first.status, first.body);
    let customers = resort.staff.get("/api/customers").await.ok();
    assert_eq!(customers["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_request_given_up_gives_its_connection_and_its_changes_back() {
    let (house, resort) = small_house("connection_limit=1&pool_timeout=5").await;
    let admin = house.database.connect("postgres").await;
    admin.batch_execute("begin; lock table app.customers in access exclusive mode").await.unwrap();
    let staff = resort.staff.clone();
    let stuck = tokio::spawn(async move {
        let new = serde_json::json!({ "firstName": "Ada", "lastName": "Lovelace" });
        staff.post("/api/customers", new).await
    });
    let waiting =
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while admin.query(waiting, &[]).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    stuck.abort();
    assert!(stuck.await.unwrap_err().is_cancelled());
    admin.batch_execute("commit").await.unwrap();
    let customers = resort.staff.get("/api/customers").await.ok();
    assert_eq!(customers["data"], serde_json::json!([]));
}

#[tokio::test]
async fn every_statement_can_be_planned_before_it_is_asked_and_that_changes_nothing() {
    let (house, resort) = small_house("connection_limit=4").await;
    resort.add_customer().await;
    let all = queries::tables::STATEMENTS.iter().map(|(sql, ..)| *sql);
    let habits = Habits::new(2, all);
    let planned = house.program.database.take_up(&habits, house.program.database.places()).await.unwrap();
    assert_eq!(planned, (queries::tables::STATEMENTS.len(), 2));
    let customers = resort.staff.get("/api/customers").await.ok();
    assert_eq!(customers["data"].as_array().unwrap().len(), 1);

    // What was usual before and what is used is usual, up to so many; what another version uses is left out.
    let usual = house.program.database.habits();
    assert_eq!(house.program.database.take_up(&usual, house.program.database.places()).await.unwrap().0, 96);
    let listed = Habits::new(0, ["select 1"]);
    assert_eq!(
        house.program.database.take_up(&listed, house.program.database.places()).await.unwrap(),
        (0, 0)
    );
}

/// The statement that waits for a lock fails first, the one sent together with it is told that the transaction is aborted:
/// whichever is looked at first, the client hears of the lock.
#[tokio::test]
async fn of_two_statements_that_fail_together_the_first_counts() {
    let house = house_with(&[("STATEMENT_TIMEOUT_SECONDS", "1")]).await;
    let resort = house.resort("resort1").await;
    let things = crate::document::furnish(&resort).await;
    let path = format!("/api/invoices/{}/payments", things["invoice"]);
    let admin = house.database.connect("postgres").await;
    let before: i64 = admin.query_one("select count(*) from app.payments", &[]).await.unwrap().get(0);
    // A new payment refers to the member of staff who took it.
    admin.batch_execute("begin; select from app.staff for update").await.unwrap();
    let mut payments = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (staff, path) = (resort.staff.clone(), path.clone());
        payments.spawn(async move {
            staff.post(&path, serde_json::json!({ "amountCents": 1, "method": "CASH" })).await
        });
    }
    for answer in payments.join_all().await {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.headers.contains_key("retry-after"));
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains("someone else is changing this"), "{detail}");
    }
    admin.batch_execute("rollback").await.unwrap();
    let after: i64 = admin.query_one("select count(*) from app.payments", &[]).await.unwrap().get(0);
    assert_eq!(after, before);
    resort.staff.post(&path, serde_json::json!({ "amountCents": 1, "method": "CASH" })).await.created();
}
