//! Who is signed in, and how soon that ends: with the very next request.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Client, PASSWORD, Resort, house, house_with, resort};
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
    resort.staff.get("/api/customers").await.ok();
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

#[tokio::test]
async fn of_twenty_guesses_at_once_five_are_heard_and_then_the_account_is_locked() {
    let resort = resort().await;
    let mut guesses = JoinSet::new();
    for guess in 0..20 {
        let client = resort.anyone.clone();
        guesses.spawn(async move { log_in(&client, STAFF, &format!("guess {guess}")).await });
    }
    let answers = guesses.join_all().await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(401), count(429)), (5, 15));
    let locked = log_in(&resort.anyone, STAFF, PASSWORD).await;
    assert_eq!(locked.header("retry-after"), "901");
    locked.problem(429);
    // Those who are in stay in, others are not locked, and time heals.
    resort.staff.get("/api/auth/me").await.ok();
    log_in(&resort.anyone, "owner@resort1.example", PASSWORD).await.ok();
    resort.house.advance(Duration::from_secs(15 * 60));
    log_in(&resort.anyone, STAFF, PASSWORD).await.ok();
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_look_the_same() {
    let resort = resort().await;
    let wrong = log_in(&resort.anyone, STAFF, "wrong").await.problem(401);
    let unknown = log_in(&resort.anyone, "nobody@resort1.example", "wrong").await.problem(401);
    assert_eq!(wrong["detail"], unknown["detail"]);
    assert_eq!(wrong["title"], unknown["title"]);
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

#[tokio::test]
async fn an_address_may_sign_in_only_so_often_and_another_is_not_held_up_by_it() {
    // As many as it takes to set it up.
    let settings = [("SIGN_INS_PER_ADDRESS", "7")];
    let house = house_with(&settings).await;
    let (one, other) = (house.resort("resort1").await, house.resort("resort2").await);
    let from = |client: &Client, address: &str| client.with("x-forwarded-for", address);
    for number in 0..7 {
        let email = format!("nobody{number}@resort1.example");
        log_in(&from(&one.anyone, "203.0.113.7"), &email, "wrong horse battery").await.problem(401);
    }
    for resort in [&one, &other] {
        let refused = log_in(&from(&resort.anyone, "203.0.113.7"), "staff@resort2.example", PASSWORD).await;
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 1);
        refused.problem(429);
    }
    log_in(&from(&one.anyone, "203.0.113.7, 203.0.113.8"), STAFF, PASSWORD).await.ok();
    // Whoever has one address of a network of IPv6 has all of them.
    for number in 0..7 {
        let email = format!("nobody{number}@resort1.example");
        let neighbour = from(&one.anyone, &format!("2001:db8:1:2::{number}"));
        log_in(&neighbour, &email, "wrong horse battery").await.problem(401);
    }
    log_in(&from(&one.anyone, "2001:db8:1:2::ffff"), STAFF, PASSWORD).await.problem(429);
    log_in(&from(&one.anyone, "2001:db8:1:3::ffff"), STAFF, PASSWORD).await.ok();
    let stats = house.platform.limits.stats();
    assert_eq!((stats.sign_ins_refused, stats.sign_ins_slowed), (3, 0));
}

#[tokio::test]
async fn passwords_tried_on_many_accounts_of_a_resort_are_tried_slowly() {
    // Three were used to set it up.
    let house = house_with(&[("SIGN_INS_PER_RESORT", "4")]).await;
    let (one, other) = (house.resort("resort1").await, house.resort("resort2").await);
    log_in(&one.anyone, "nobody@resort1.example", "wrong horse battery").await.problem(401);
    let mut attempts = JoinSet::new();
    for number in 0..7 {
        let (anyone, email) = (one.anyone.clone(), format!("nobody{number}@resort1.example"));
        attempts.spawn(async move { log_in(&anyone, &email, "wrong horse battery").await.status });
    }
    log_in(&other.anyone, "staff@resort2.example", PASSWORD).await.ok();
    let answers = attempts.join_all().await;
    assert_eq!(answers.iter().filter(|status| status.as_u16() == 429).count(), 3, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| status.as_u16() == 401).count(), 4, "{answers:?}");
    log_in(&one.anyone, STAFF, PASSWORD).await.ok();
    let stats = house.platform.limits.stats();
    assert_eq!((stats.sign_ins_refused, stats.sign_ins_slowed), (3, 5));
}
