//! Who is signed in, and how soon that ends: with the very next request.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Client, PASSWORD, Resort, house, resort};
use tokio::task::JoinSet;

async fn log_in(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/api/auth/login", json!({ "email": email, "password": password })).await
}

async fn staff_id(client: &Client) -> Value {
    client.get("/api/auth/me").await.ok()["staff"]["id"].clone()
}

const STAFF: &str = "staff@resort1.example";

#[tokio::test]
async fn a_logout_ends_this_session_and_no_other() {
    let resort = resort().await;
    let second = resort.anyone.signed_in("/api/auth/login", STAFF, PASSWORD).await;
    resort.staff.post("/api/auth/logout", json!({})).await.done();
    resort.staff.get("/api/auth/me").await.problem(401);
    second.get("/api/auth/me").await.ok();
}

#[tokio::test]
async fn a_deactivated_member_of_staff_is_out_at_once_and_cannot_return() {
    let resort = resort().await;
    let id = staff_id(&resort.staff).await;
    let path = format!("/api/staff/{}", id.as_str().unwrap());
    resort.owner.patch(&path, json!({ "isActive": false })).await.ok();
    resort.staff.get("/api/customers").await.problem(401);
    log_in(&resort.anyone, STAFF, PASSWORD).await.problem(401);
    resort.owner.patch(&path, json!({ "isActive": true })).await.ok();
    resort.staff.get("/api/customers").await.problem(401);
    log_in(&resort.anyone, STAFF, PASSWORD).await.ok();
}

#[tokio::test]
async fn a_role_counts_from_the_next_request() {
    let resort = resort().await;
    let kennel = || json!({ "name": "Run 1", "kind": "RUN" });
    resort.staff.post("/api/kennels", kennel()).await.problem(403);
    let path = format!("/api/staff/{}", staff_id(&resort.staff).await.as_str().unwrap());
    resort.owner.patch(&path, json!({ "role": "MANAGER" })).await.ok();
    resort.staff.post("/api/kennels", kennel()).await.created();
    resort.owner.patch(&path, json!({ "role": "STAFF" })).await.ok();
    resort.staff.post("/api/kennels", json!({ "name": "Run 2", "kind": "RUN" })).await.problem(403);
}

#[tokio::test]
async fn a_suspended_resort_is_shut_at_once_and_open_at_once() {
    let resort = resort().await;
    let tenant = format!("/platform/tenants/{}", resort.resort.id);
    resort.house.operator.post(&format!("{tenant}/suspend"), json!({})).await.ok();
    resort.staff.get("/api/customers").await.problem(403);
    log_in(&resort.anyone, STAFF, PASSWORD).await.problem(403);
    resort.house.operator.post(&format!("{tenant}/resume"), json!({})).await.ok();
    // Sessions from before stay ended.
    resort.staff.get("/api/customers").await.problem(401);
    let staff = resort.anyone.signed_in("/api/auth/login", STAFF, PASSWORD).await;
    staff.get("/api/customers").await.ok();
    resort.house.operator.post(&format!("{tenant}/close"), json!({})).await.ok();
    resort.house.operator.post(&format!("{tenant}/resume"), json!({})).await.ok();
    staff.get("/api/customers").await.problem(401);
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let resort = resort().await;
    resort.house.advance(Duration::from_secs(16 * 3600 - 1));
    resort.staff.get("/api/auth/me").await.ok();
    resort.house.advance(Duration::from_secs(1));
    resort.staff.get("/api/auth/me").await.problem(401);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let resort = resort().await;
    let second = resort.anyone.signed_in("/api/auth/login", STAFF, PASSWORD).await;
    let change =
        |old: &str| json!({ "currentPassword": old, "newPassword": "another horse, another battery" });
    resort.staff.post("/api/auth/password", change("wrong")).await.problem(422);
    resort.staff.post("/api/auth/password", change(PASSWORD)).await.done();
    resort.staff.get("/api/auth/me").await.ok();
    second.get("/api/auth/me").await.problem(401);
    log_in(&resort.anyone, STAFF, PASSWORD).await.problem(401);
    log_in(&resort.anyone, STAFF, "another horse, another battery").await.ok();
}

fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_browsers_cookie_works_from_the_resorts_own_pages_only() {
    let resort = resort().await;
    let answer = log_in(&resort.anyone, STAFF, PASSWORD).await;
    let browser = resort.anyone.with("cookie", &cookie_of(&answer));
    browser.get("/api/customers").await.ok();
    let ada = || json!({ "firstName": "Ada", "lastName": "Lovelace" });
    let own = browser.with("origin", "http://resort1.localhost:4004");
    own.post("/api/customers", ada()).await.created();
    for stranger in ["http://resort2.localhost:4004", "https://evil.example", "null"] {
        browser.with("origin", stranger).post("/api/customers", ada()).await.problem(403);
    }
    own.post("/api/auth/logout", json!({})).await.done();
    browser.get("/api/customers").await.problem(401);
    // A cookie that counts for nothing any more does not stand in the way of the next login.
    log_in(&own, STAFF, PASSWORD).await.ok();
}

#[tokio::test]
async fn a_token_is_nothing_elsewhere_and_a_header_grants_nothing() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    house.resort("resort2").await;
    let there = |client: &Client| client.with("host", "resort2.localhost:4004");
    there(&resort.owner).get("/api/customers").await.problem(403);
    resort.owner.with("x-tenant-id", "resort2").get("/api/customers").await.problem(403);
    let by_header =
        |client: &Client, tenant: &str| client.with("host", "localhost:4004").with("x-tenant-id", tenant);
    by_header(&resort.owner, "resort1").get("/api/customers").await.ok();
    by_header(&resort.owner, &resort.id.to_string()).get("/api/customers").await.ok();
    by_header(&resort.owner, "resort2").get("/api/customers").await.problem(403);
    by_header(&resort.anyone, "resort1").get("/api/customers").await.problem(401);
    by_header(&resort.anyone, "nowhere").get("/api/customers").await.problem(404);
    by_header(&resort.anyone, "not a label").get("/api/customers").await.problem(404);
    resort.anyone.with("host", "nowhere.localhost:4004").get("/api/customers").await.problem(404);
    resort.anyone.bearing("made up").get("/api/customers").await.problem(401);
}

async fn customers(resort: &Resort) -> usize {
    resort.staff.get("/api/customers").await.ok()["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_same_request_twice_acts_once() {
    let resort = resort().await;
    let ada = || json!({ "firstName": "Ada", "lastName": "Lovelace" });
    let keyed = resort.staff.with("idempotency-key", "first");
    let first = keyed.post("/api/customers", ada()).await;
    let again = keyed.post("/api/customers", ada()).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.header("etag"), again.header("etag"));
    assert_eq!(first.created(), again.created());
    keyed.post("/api/customers", json!({ "firstName": "Bob", "lastName": "Lovelace" })).await.problem(422);
    keyed.post("/api/pets", ada()).await.problem(422);
    assert_eq!(customers(&resort).await, 1);
    // Another member of staff has keys of their own, and a refused request leaves its key free.
    resort.manager.with("idempotency-key", "first").post("/api/customers", ada()).await.created();
    let second = resort.staff.with("idempotency-key", "second");
    second.post("/api/customers", json!({ "firstName": "Ada" })).await.problem(422);
    second.post("/api/customers", ada()).await.created();
    assert_eq!(customers(&resort).await, 3);
    resort.house.advance(Duration::from_secs(24 * 3600));
    let resort_again = resort.anyone.signed_in("/api/auth/login", STAFF, PASSWORD).await;
    resort_again.with("idempotency-key", "first").post("/api/customers", ada()).await.created();
}

#[tokio::test]
async fn ten_copies_of_a_request_at_once_act_once() {
    let resort = resort().await;
    let keyed = resort.staff.with("idempotency-key", "one");
    let mut copies = JoinSet::new();
    for _ in 0..10 {
        let keyed = keyed.clone();
        copies.spawn(async move {
            keyed
                .post("/api/customers", json!({ "firstName": "Ada", "lastName": "Lovelace" }))
                .await
                .created()
        });
    }
    let answers = copies.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(customers(&resort).await, 1);
}
