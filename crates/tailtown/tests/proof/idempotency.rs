//! A key makes a request act once, and nothing is kept of what is refused or secret.

use serde_json::{Value, json};
use testkit::{Client, House, PASSWORD, Single, resort};
use tokio::task::JoinSet;

use crate::document;

const STAFF: &str = "staff@resort1.example";

fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

fn customer(name: &str) -> Value {
    json!({ "firstName": name, "lastName": "Lovelace" })
}

/// How many keys are kept, of staff and of operators.
async fn kept(house: &House) -> (i64, i64) {
    let admin = house.database.connect("postgres").await;
    let count = "select (select count(*) from app.idempotency_keys), (select count(*) from app.operator_idempotency_keys)";
    let row = admin.query_one(count, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn a_login_has_no_key_whether_it_succeeds_or_not_and_whoever_is_signed_in() {
    let resort = resort().await;
    let operator = "operator@tailtown.example";
    let doors = [
        ("/api/auth/login", STAFF, &resort.anyone),
        ("/api/auth/login", STAFF, &resort.staff),
        ("/platform/auth/login", operator, &resort.house.operator),
    ];
    for (path, email, client) in doors {
        let keyed = client.with("idempotency-key", "login");
        for _ in 0..2 {
            keyed.post(path, credentials(email, "wrong horse battery")).await.problem(401);
        }
        let first = keyed.post(path, credentials(email, PASSWORD)).await;
        let second = keyed.post(path, credentials(email, PASSWORD)).await;
        assert!([&first, &second].iter().all(|answer| !answer.headers.contains_key("idempotency-replayed")));
        assert_ne!(first.ok()["accessToken"], second.ok()["accessToken"]);
    }
    assert_eq!(kept(&resort.house).await, (0, 0));
}

#[tokio::test]
async fn a_change_of_password_has_no_key() {
    let resort = resort().await;
    let other = "another horse battery";
    let change = |from: &str, to: &str| json!({ "currentPassword": from, "newPassword": to });
    let keyed = resort.staff.with("idempotency-key", "password");
    keyed.post("/api/auth/password", change(PASSWORD, other)).await.done();
    keyed.post("/api/auth/password", change(other, PASSWORD)).await.done();
    let id = resort.staff.get("/api/auth/me").await.ok()["staff"]["id"].clone();
    let path = format!("/api/staff/{}/password", id.as_str().unwrap());
    let keyed = resort.owner.with("idempotency-key", "password");
    keyed.post(&path, json!({ "newPassword": other })).await.done();
    keyed.post(&path, json!({ "newPassword": PASSWORD })).await.done();
    assert_eq!(kept(&resort.house).await, (0, 0));
}

/// Whoever adds such a route declares it with `post_unkeyed`.
#[test]
fn no_route_whose_request_or_answer_is_a_secret_takes_a_key() {
    let spec = serde_json::to_value(tailtown::app::routes().1).unwrap();
    let schemas = &spec["components"]["schemas"];
    let mut secret = 0;
    for operation in document::operations().iter().filter(|operation| operation.method == "POST") {
        let described = &spec["paths"][&operation.path]["post"];
        let parameters = described["parameters"].as_array();
        let keyed = parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key"));
        let mut answers = String::new();
        for (status, answer) in described["responses"].as_object().unwrap() {
            if status.starts_with('2') {
                let schema = &answer["content"]["application/json"]["schema"];
                let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
                answers += &name.map_or(schema, |name| &schemas[name])["properties"].to_string();
            }
        }
        let hidden = ["\"accessToken\"", "ecret\"", "assword\"", "Codes\""];
        let is_secret = operation.path.contains("/auth/")
            || operation.path.ends_with("/password")
            || hidden.iter().any(|word| answers.contains(word));
        assert!(!(is_secret && keyed), "{} takes an Idempotency-Key", operation.path);
        if is_secret {
            let text = described["description"].as_str().unwrap_or_default();
            assert!(text.contains("`Idempotency-Key` is ignored"), "{} does not say so", operation.path);
        }
        secret += usize::from(is_secret);
    }
    assert!(secret >= 7, "only {secret} were found");
}

#[tokio::test]
async fn a_request_that_was_refused_is_corrected_with_the_same_key() {
    let resort = resort().await;
    let keyed = resort.staff.with("idempotency-key", "correct me");
    keyed.post("/api/customers", json!({ "firstName": "Ada" })).await.problem(422);
    keyed.post("/api/customers", customer("Ada")).await.created();
    let keyed = resort.manager.with("idempotency-key", "correct me");
    let kennel = |name: &str| json!({ "name": name, "kind": "RUN" });
    resort.manager.post("/api/kennels", kennel("Run 1")).await.created();
    keyed.post("/api/kennels", kennel("Run 1")).await.problem(409);
    assert_eq!(kept(&resort.house).await, (1, 0));
    let made = keyed.post("/api/kennels", kennel("Run 2")).await.created();
    assert_eq!(keyed.post("/api/kennels", kennel("Run 2")).await.created(), made);
    keyed.post("/api/kennels", kennel("Run 3")).await.problem(422);
}

#[tokio::test]
async fn operators_have_keys_too_each_their_own() {
    let Single { house, .. } = resort().await;
    let new = |name: &str| json!({ "name": name, "email": format!("{name}@tailtown.example"), "password": PASSWORD });
    let keyed = house.operator.with("idempotency-key", "add");
    let first = keyed.post("/platform/operators", new("anna")).await;
    let again = keyed.post("/platform/operators", new("anna")).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.created(), again.created());
    keyed.post("/platform/operators", new("bert")).await.problem(422);
    let anna = house.client("localhost:4004");
    let anna = anna.signed_in("/platform/auth/login", "anna@tailtown.example", PASSWORD);
    let anna = anna.await.with("idempotency-key", "add");
    anna.post("/platform/operators", new("bert")).await.created();
    // Refused, and then corrected.
    let keyed = house.operator.with("idempotency-key", "other");
    keyed.post("/platform/operators", new("anna")).await.problem(409);
    let copies = (0..8).map(|_| {
        let keyed: Client = keyed.clone();
        async move {
            keyed
                .post(
                    "/platform/operators",
                    json!({ "name": "Carl", "email": "carl@tailtown.example", "password": PASSWORD }),
                )
                .await
                .created()
        }
    });
    let answers = copies.collect::<JoinSet<_>>().join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(kept(&house).await, (0, 3));
}

#[tokio::test]
async fn what_is_kept_of_a_password_is_a_hash_that_nobody_can_test_a_guess_against() {
    let resort = resort().await;
    let new = json!({
        "firstName": "New", "lastName": "Hand", "email": "new@resort1.example", "role": "STAFF", "password": PASSWORD,
    });
    let keyed = resort.owner.with("idempotency-key", "hire");
    keyed.post("/api/staff", new.clone()).await.created();
    let admin = resort.house.database.connect("postgres").await;
    let row = admin.query_one("select fingerprint, body from app.idempotency_keys", &[]).await.unwrap();
    let (fingerprint, body): (Vec<u8>, Vec<u8>) = (row.get(0), row.get(1));
    assert!(!String::from_utf8(body).unwrap().contains(PASSWORD));
    let request = [b"/api/staff\0".as_slice(), &serde_json::to_vec(&new).unwrap()].concat();
    let plain: Vec<u8> = admin.query_one("select sha256($1)", &[&request]).await.unwrap().get(0);
    assert_ne!(fingerprint, plain);
}
