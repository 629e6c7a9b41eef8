//! What the cache gives is what the database holds, and who may not see it does not get it from there either.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, House, Single, house, house_with, resort};
use tokio::task::JoinSet;

/// Where an answer came from: `hit`, `miss` or `bypass`.
fn source(answer: &Answer) -> &str {
    answer.headers.get("x-cache").map_or("none", |text| text.to_str().unwrap().split(';').next().unwrap())
}

pub(crate) async fn renewed(house: &House) {
    house.program.versions.beat().await.unwrap();
}

/// A path that is in the cache.
async fn warm(resort: &Single, path: &str) -> Answer {
    renewed(&resort.house).await;
    resort.staff.get(path).await;
    let answer = resort.staff.get(path).await;
    assert_eq!(source(&answer), "hit", "{path}");
    answer
}

#[test]
fn every_statement_has_a_record_of_what_it_touches() {
    let known: Vec<&str> = queries::tables::STATEMENTS.iter().map(|(sql, ..)| *sql).collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../queries/src/queries");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        // A generated statement is a tuple of its text.
        for after in text.split("Stmt(").skip(1) {
            let Some(start) = after.trim_start().strip_prefix('"') else { continue };
            let (sql, _) = start.split_once("\")").or_else(|| start.split_once("\",\n")).unwrap();
            let sql = sql.replace("\\\"", "\"");
            assert!(known.contains(&sql.as_str()), "there is no record for: {sql}");
            count += 1;
        }
    }
    assert!(count > 150, "only {count} statements were found");
}

#[tokio::test]
async fn a_second_reader_is_answered_without_the_database() {
    let resort = resort().await;
    resort.add_customer().await;
    for path in
        ["/api/customers?include=pets", "/api/kennels", "/api/auth/me", "/api/reservations?status=CONFIRMED"]
    {
        let answer = warm(&resort, path).await;
        assert_eq!(answer.statements, 0, "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
    }
    let stats = resort.house.program.cache.stats();
    assert!(stats.hits >= 4 && stats.entries > 0 && stats.bytes > 1000, "{stats:?}");
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_read_and_spares_what_it_did_not_touch() {
    let resort = resort().await;
    let customer = resort.add_customer().await;
    let path = format!("/api/customers/{}?include=pets", customer["id"].as_str().unwrap());
    for round in 0..20 {
        warm(&resort, &path).await;
        warm(&resort, "/api/kennels").await;
        let name = format!("Pet {round}");
        let pet = json!({ "customerId": customer["id"], "name": name, "species": "DOG" });
        resort.staff.post("/api/pets", pet).await.created();
        let pets = resort.staff.get(&path).await.ok()["pets"].as_array().unwrap().clone();
        assert_eq!(pets.len(), round + 1);
        assert!(pets.iter().any(|pet| pet["name"] == name));
        assert_eq!(source(&resort.staff.get("/api/kennels").await), "hit");
    }
}

#[tokio::test]
async fn a_step_of_a_stay_spares_what_it_did_not_touch() {
    let resort = resort().await;
    let customer = resort.add_customer().await;
    let pet = resort.add_pet(&customer).await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Run 1", 1).await);
    let new = json!({
        "customerId": customer["id"], "serviceId": service["id"], "checkInDate": "2026-11-24", "checkOutDate": "2026-11-27",
        "pets": [{ "petId": pet["id"], "kennelId": kennel["id"] }],
    });
    let made = resort.staff.post("/api/reservations", new).await.created();
    let stay = format!("/api/reservations/{}", made["reservations"][0]["id"].as_str().unwrap());
    for verb in ["check-in", "undo", "check-in", "check-out"] {
        warm(&resort, &stay).await;
        warm(&resort, "/api/customers").await;
        resort.staff.post(&format!("{stay}/{verb}"), json!({})).await.ok();
        assert_eq!(source(&resort.staff.get(&stay).await), "miss", "{verb}");
        assert_eq!(source(&resort.staff.get("/api/customers").await), "hit", "{verb}");
    }
}

#[tokio::test]
async fn bytes_that_the_client_has_are_not_sent_again() {
    let resort = resort().await;
    let customer = resort.add_customer().await;
    let path = format!("/api/customers/{}?include=pets", customer["id"].as_str().unwrap());
    let first = warm(&resort, &path).await;
    let again = resort.staff.with("if-none-match", first.header("etag"));
    let answer = again.get(&path).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (304, &Value::Null));
    assert_eq!(answer.header("etag"), first.header("etag"));
    // A pet changes the answer but not the customer's version: the bytes are new, and the version still guards a change.
    let pet = resort.add_pet(&customer).await;
    let answer = again.get(&path).await;
    assert_ne!(answer.header("etag"), first.header("etag"));
    assert_eq!(answer.ok()["pets"][0]["id"], pet["id"]);
    let change = resort.staff.with("if-match", first.header("etag"));
    let path = path.split('?').next().unwrap();
    change.patch(path, json!({ "notes": "x" })).await.ok();
    change.patch(path, json!({ "notes": "y" })).await.problem(412);
}

#[tokio::test]
async fn what_depends_on_who_asks_is_kept_for_each() {
    let resort = resort().await;
    let mut emails = BTreeSet::new();
    for client in [&resort.owner, &resort.manager, &resort.staff] {
        let answer = warm_for(&resort, client, "/api/auth/me").await;
        emails.insert(answer.ok()["staff"]["email"].as_str().unwrap().to_owned());
    }
    assert_eq!(emails.len(), 3);
}

async fn warm_for(resort: &Single, client: &testkit::Client, path: &str) -> Answer {
    renewed(&resort.house).await;
    client.get(path).await;
    let answer = client.get(path).await;
    assert_eq!(source(&answer), "hit");
    answer
}

#[tokio::test]
async fn a_session_and_a_resort_end_at_once_though_they_are_kept() {
    let resort = resort().await;
    warm(&resort, "/api/customers").await;
    let tenant = format!("/platform/tenants/{}", resort.resort.id);
    resort.house.operator.post(&format!("{tenant}/suspend"), json!({})).await.ok();
    resort.staff.get("/api/customers").await.problem(403);
    resort.house.operator.post(&format!("{tenant}/resume"), json!({})).await.ok();
    resort.staff.get("/api/customers").await.problem(401);
    let sign_in =
        async || resort.anyone.signed_in("/api/auth/login", "staff@resort1.example", testkit::PASSWORD).await;
    let (first, second) = (sign_in().await, sign_in().await);
    warm_for(&resort, &first, "/api/customers").await;
    first.post("/api/auth/logout", json!({})).await.done();
    first.get("/api/customers").await.problem(401);
    second.get("/api/customers").await.ok();
    resort.house.advance(Duration::from_secs(17 * 3600));
    second.get("/api/customers").await.problem(401);
}

#[tokio::test]
async fn a_name_that_no_resort_has_is_remembered_until_one_has_it() {
    let house = house().await;
    renewed(&house).await;
    let stranger = house.client("resort7.localhost:4004");
    stranger.get("/api/customers").await.problem(404);
    let again = stranger.get("/api/customers").await;
    assert_eq!(again.statements, 0);
    again.problem(404);
    let resort = house.resort("resort7").await;
    resort.staff.get("/api/customers").await.ok();
}

#[tokio::test]
async fn an_answer_about_today_ends_with_the_day() {
    let resort = resort().await;
    let customer = resort.add_customer().await;
    let line = json!([{ "description": "Bone", "quantity": 1, "unitPriceCents": 900 }]);
    let invoice =
        json!({ "customerId": customer["id"], "lines": line, "status": "OPEN", "dueDate": "2026-11-24" });
    resort.staff.post("/api/invoices", invoice).await.created();
    let overdue =
        async || resort.staff.get("/api/invoices?overdue=true").await.ok()["data"].as_array().unwrap().len();
    warm(&resort, "/api/invoices?overdue=true").await;
    assert_eq!(overdue().await, 0);
    // From 8 in the morning to past midnight in Denver; sessions last 16 hours.
    resort.house.advance(Duration::from_secs(15 * 3600 + 3599));
    renewed(&resort.house).await;
    assert_eq!(overdue().await, 0);
    let later = resort.anyone.signed_in("/api/auth/login", "staff@resort1.example", testkit::PASSWORD).await;
    resort.house.advance(Duration::from_secs(1));
    assert_eq!(later.get("/api/invoices?overdue=true").await.ok()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_thousand_readers_of_what_is_not_kept_cost_one_load() {
    let resort = Arc::new(resort().await);
    resort.add_customer().await;
    renewed(&resort.house).await;
    resort.staff.get("/api/kennels").await.ok();
    let before = resort.house.program.cache.stats();
    let mut readers = JoinSet::new();
    for _ in 0..1000 {
        let staff = resort.staff.clone();
        readers.spawn(async move { staff.get("/api/customers?include=pets,reservations").await });
    }
    let answers = readers.join_all().await;
    let loads = answers.iter().filter(|answer| answer.statements > 0).count();
    assert!(answers.iter().all(|answer| answer.body["data"].as_array().unwrap().len() == 1));
    let after = resort.house.program.cache.stats();
    assert_eq!((loads, after.misses - before.misses), (1, 1), "{after:?}");
}

#[tokio::test]
async fn the_cache_holds_no_more_than_it_may() {
    let house = house_with(&[("CACHE_MEMORY_MB", "1")]).await;
    let resort = house.resort("resort1").await;
    for number in 0..30 {
        let new = json!({ "firstName": "Ada", "lastName": format!("Lovelace {number}"), "notes": "x".repeat(2000) });
        resort.staff.post("/api/customers", new).await.created();
    }
    for limit in 1..=100 {
        renewed(&house).await;
        resort.staff.get(&format!("/api/customers?limit={limit}")).await.ok();
    }
    let stats = house.program.cache.stats();
    assert!(stats.misses > 80 && stats.bytes <= 1_048_576, "{stats:?}");
}

#[tokio::test]
async fn two_programs_that_cannot_tell_each_other_keep_nothing_and_show_nothing_old() {
    let resort = resort().await;
    let customer = resort.add_customer().await;
    let path = format!("/api/customers/{}", customer["id"].as_str().unwrap());
    warm(&resort, &path).await;
    let node = resort.house.node(&[], resort.house.clock.now()).await;
    let other = node.take_in(&resort.staff);
    // It writes before anyone knows of it.
    for round in 0..3 {
        let notes = format!("round {round}");
        other.patch(&path, json!({ "notes": notes })).await.ok();
        assert_eq!(resort.staff.get(&path).await.ok()["notes"], notes, "what the other wrote");
        node.program.versions.beat().await.unwrap();
        let notes = format!("back {round}");
        resort.staff.patch(&path, json!({ "notes": notes })).await.ok();
        assert_eq!(other.get(&path).await.ok()["notes"], notes, "what this one wrote");
        renewed(&resort.house).await;
    }
    assert_eq!(source(&resort.staff.get(&path).await), "bypass");
}

#[tokio::test]
async fn a_change_from_outside_is_seen_after_it_is_said() {
    let resort = resort().await;
    let customer = resort.add_customer().await;
    let path = format!("/api/customers/{}", customer["id"].as_str().unwrap());
    warm(&resort, &path).await;
    let admin = resort.house.database.connect("postgres").await;
    admin.execute("update app.customers set notes = 'by hand'", &[]).await.unwrap();
    assert_eq!(source(&resort.staff.get(&path).await), "hit");
    admin.query_one("select app.invalidate($1)", &[&resort.resort.id]).await.unwrap();
    renewed(&resort.house).await;
    assert_eq!(resort.staff.get(&path).await.ok()["notes"], "by hand");
    warm(&resort, &path).await;
    admin.execute("update app.customers set notes = 'again'", &[]).await.unwrap();
    admin.query_one("select app.invalidate()", &[]).await.unwrap();
    renewed(&resort.house).await;
    assert_eq!(resort.staff.get(&path).await.ok()["notes"], "again");
}

#[tokio::test]
async fn an_answer_read_while_a_write_commits_is_not_kept() {
    let resort = resort().await;
    let customer = resort.add_customer().await;
    let path = format!("/api/customers/{}", customer["id"].as_str().unwrap());
    renewed(&resort.house).await;
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let (staff, path) = (resort.staff.clone(), path.clone());
        tasks.spawn(async move {
            for _ in 0..150 {
                staff.get(&path).await.ok();
            }
        });
    }
    // One writer, who knows what it acknowledged last.
    for round in 0..150 {
        let notes = round.to_string();
        resort.staff.patch(&path, json!({ "notes": notes })).await.ok();
        assert_eq!(resort.staff.get(&path).await.ok()["notes"], notes);
    }
    tasks.join_all().await;
}
