//! The people who own the pets.

use serde_json::json;
use testkit::{resort, uncached_resort};

#[tokio::test]
async fn a_customer_is_added_read_changed_and_archived() {
    let resort = resort().await;
    let added =
        resort.staff.post("/api/customers", json!({ "firstName": " Ada ", "lastName": "Lovelace" })).await;
    let location = added.header("location").to_owned();
    let customer = added.created();
    assert_eq!(customer["firstName"], "Ada");
    assert_eq!(customer["isActive"], true);

    let changed =
        resort.staff.with("if-match", "\"1\"").patch(&location, json!({ "phone": "555 0100" })).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(changed.ok()["lastName"], "Lovelace");
    resort.staff.with("if-match", "\"1\"").patch(&location, json!({ "phone": null })).await.problem(412);

    resort.staff.delete(&location).await.done();
    assert_eq!(resort.staff.get(&location).await.ok()["isActive"], false);
    assert_eq!(resort.staff.get("/api/customers?isActive=true").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn every_fault_of_a_form_is_told_at_once() {
    let resort = resort().await;
    let form = json!({ "firstName": "", "lastName": "L", "email": "nowhere", "tags": ["ok", ""] });
    let problem = resort.staff.post("/api/customers", form).await.problem(422);
    let fields: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(fields, ["email", "firstName", "tags[1]"]);
    let unknown = json!({ "firstName": "A", "lastName": "L", "tenantId": "x" });
    let problem = resort.staff.post("/api/customers", unknown).await.problem(422);
    assert!(problem["detail"].as_str().unwrap().contains("unknown field `tenantId`"), "{problem}");
}

#[tokio::test]
async fn a_customer_is_found_by_name_mail_phone_and_pet() {
    let resort = resort().await;
    let new = json!({ "firstName": "Zoë", "lastName": "Müller", "email": "Zoe@post.example", "phone": "+1 (555) 010-7788" });
    let id = resort.staff.post("/api/customers", new).await.created()["id"].clone();
    resort.staff.post("/api/customers", json!({ "firstName": "Al", "lastName": "Other" })).await.created();
    for q in ["zoe", "Muller", "müller,%20z", "zoë%20mü", "ZOE@post", "1555010", "7788"] {
        let found = resort.staff.get(&format!("/api/customers?q={q}")).await.ok();
        assert_eq!(found["data"][0]["id"], id, "{q}");
        assert_eq!(found["data"].as_array().unwrap().len(), 1, "{q}");
    }
    assert_eq!(resort.staff.get("/api/customers?q=%25").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn pages_hold_every_customer_once_while_others_are_added() {
    let resort = resort().await;
    for name in 'a'..='g' {
        let new = json!({ "firstName": "Same", "lastName": format!("Name {name}") });
        resort.staff.post("/api/customers", new).await.created();
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = resort.staff.get(&format!("/api/customers?limit=2&fields=id,lastName{cursor}")).await.ok();
        seen.extend(
            page["data"].as_array().unwrap().iter().map(|row| row["lastName"].as_str().unwrap().to_owned()),
        );
        resort
            .staff
            .post("/api/customers", json!({ "firstName": "A", "lastName": "Aardvark" }))
            .await
            .created();
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ('a'..='g').map(|name| format!("Name {name}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_list_takes_the_same_few_statements_whatever_its_length() {
    let resort = uncached_resort().await;
    let mut counts = Vec::new();
    for _ in 0..3 {
        resort.staff.post("/api/customers", json!({ "firstName": "A", "lastName": "B" })).await.created();
        counts.push(resort.staff.get("/api/customers?include=pets").await.statements);
        counts.push(resort.staff.get("/api/customers?include=pets,reservations").await.statements);
    }
    // The look-up of tenant and session, the customers, and one for each thing that is nested.
    assert_eq!(counts, [3, 4, 3, 4, 3, 4]);
}
