//! What is over is deleted: ended sessions, answers kept for a repeat, failed sign-ins; nothing that still counts is.

use std::time::Duration;

use serde_json::json;
use tailtown::sweep::sweep;
use testkit::{House, PASSWORD, house};

const HOUR: Duration = Duration::from_secs(3600);
const TABLES: [&str; 5] = [
    "staff_sessions",
    "idempotency_keys",
    "operator_sessions",
    "operator_idempotency_keys",
    "sign_in_attempts",
];

async fn rows(house: &House) -> [i64; 5] {
    let owner = house.database.connect("postgres").await;
    let mut rows = [0; 5];
    for (rows, table) in rows.iter_mut().zip(TABLES) {
        let count = owner.query_one(&format!("select count(*) from app.{table}"), &[]).await.unwrap();
        *rows = count.get(0);
    }
    rows
}

#[tokio::test]
async fn what_is_over_goes_and_what_counts_stays() {
    let house = house().await;
    let (one, two) = (house.resort("resort1").await, house.resort("resort2").await);
    let new = json!({ "firstName": "Ada", "lastName": "Lovelace" });
    for resort in [&one, &two] {
        for key in ["a", "b", "c"] {
            resort.staff.with("idempotency-key", key).post("/api/customers", new.clone()).await.created();
        }
        let wrong = json!({ "email": "owner@resort1.example", "password": "wrong" });
        resort.anyone.post("/api/auth/login", wrong).await.problem(401);
    }
    let resort = json!({
        "name": "Third", "subdomain": "resort3", "timezone": "America/Denver", "currency": "USD",
        "owner": { "email": "owner@resort3.example", "firstName": "O", "lastName": "P", "password": PASSWORD },
    });
    house.operator.with("idempotency-key", "a").post("/platform/tenants", resort).await.created();
    let before = rows(&house).await;
    assert!(before.iter().all(|rows| *rows > 0), "{before:?}");

    // Nothing is over yet.
    assert_eq!(sweep(&house.program).await.unwrap(), 0);
    assert_eq!(rows(&house).await, before);
    one.staff.get("/api/customers").await.ok();

    house.advance(39 * HOUR);
    let staff = one.anyone.signed_in("/api/auth/login", "staff@resort1.example", PASSWORD).await;
    staff.with("idempotency-key", "d").post("/api/customers", new).await.created();
    house.advance(HOUR);
    let total = async || rows(&house).await.iter().sum::<i64>();
    let before = total().await;
    let swept = sweep(&house.program).await.unwrap();
    assert_eq!(rows(&house).await, [1, 1, 0, 0, 0]);
    assert_eq!(i64::try_from(swept).unwrap(), before - total().await);
    staff.get("/api/customers").await.ok();
    assert_eq!(sweep(&house.program).await.unwrap(), 0);
}

#[tokio::test]
async fn more_than_a_batch_goes_too() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let owner = house.database.connect("postgres").await;
    let fill = "insert into app.idempotency_keys (tenant_id, staff_id, key, fingerprint, created_at) \
                select s.tenant_id, s.id, 'key ' || n, '', now() - interval '10 years' \
                from app.staff s, generate_series(1, 401) n where s.tenant_id = $1";
    let filled = owner.execute(fill, &[&resort.id]).await.unwrap();
    assert!(filled > 1000, "{filled}");
    assert_eq!(sweep(&house.program).await.unwrap(), filled);
}
