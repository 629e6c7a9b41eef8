//! Operators can be removed and reset, and whatever they change is recorded.

use queries::client::Params;
use queries::queries::operators as sql;
use serde_json::{Value, json};
use testkit::{Client, House, PASSWORD, code_of, house};

use crate::document::{furnish, operations, path_of};

const NEW_PASSWORD: &str = "a marmot under the porch";

async fn add(house: &House, email: &str) -> (String, Client) {
    let new = json!({ "name": "Other", "email": email, "password": PASSWORD });
    let added = house.operator.post("/platform/operators", new).await;
    let path = added.header("location").to_owned();
    let added = added.created();
    assert_eq!(house.operator.get(&path).await.ok(), added);
    let anyone = house.client("localhost:4004");
    (path, anyone.signed_in("/platform/auth/login", email, PASSWORD).await)
}

async fn log_in(house: &House, email: &str, password: &str) -> u16 {
    let login = json!({ "email": email, "password": password });
    house.client("localhost:4004").post("/platform/auth/login", login).await.status.as_u16()
}

async fn newest(house: &House, filter: &str) -> Vec<Value> {
    let list = house.operator.get(&format!("/platform/actions?limit=100&{filter}")).await.ok();
    list["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_operator_is_deactivated_at_once_and_can_come_back() {
    let house = house().await;
    let (path, other) = add(&house, "other@tailtown.example").await;
    house.operator.delete(&path).await.done();
    other.get("/platform/auth/me").await.problem(401);
    assert_eq!(log_in(&house, "other@tailtown.example", PASSWORD).await, 401);
    assert_eq!(house.operator.get(&path).await.ok()["isActive"], false);
    assert_eq!(house.operator.patch(&path, json!({ "isActive": true })).await.ok()["isActive"], true);
    other.get("/platform/auth/me").await.problem(401);
    assert_eq!(log_in(&house, "other@tailtown.example", PASSWORD).await, 200);
    house.operator.patch(&path, json!({ "isActive": false, "name": "Gone" })).await.ok();
    assert_eq!(log_in(&house, "other@tailtown.example", PASSWORD).await, 401);
    house.operator.patch(&path, json!({ "email": "x@tailtown.example" })).await.problem(422);
}

#[tokio::test]
async fn nobody_deactivates_themselves_or_the_last_operator() {
    let house = house().await;
    let me = format!("/platform/operators/{}", house.operator_id);
    for answer in
        [house.operator.delete(&me).await, house.operator.patch(&me, json!({ "isActive": false })).await]
    {
        let problem = answer.problem(409);
        assert!(problem["detail"].as_str().unwrap().contains("your own account"), "{problem}");
    }
    let scope = gateway::doors::PlatformScope::of_command(&house.program.database, "test", house.clock.now())
        .await
        .unwrap();
    let last = tailtown::features::operators::deactivate_one(&scope, house.operator_id.into()).await;
    assert!(last.unwrap_err().detail().contains("add another one first"));
    drop(scope);
    let nobody = "/platform/operators/0190b3f2-7a1c-7c3e-8f00-000000000000";
    house.operator.get(nobody).await.problem(404);
    house.operator.delete(nobody).await.problem(404);
    house.operator.patch(nobody, json!({})).await.problem(404);
    house
        .operator
        .post(&format!("{nobody}/password"), json!({ "newPassword": NEW_PASSWORD }))
        .await
        .problem(404);
}

#[tokio::test]
async fn a_reset_password_ends_sessions_and_is_not_for_oneself() {
    let house = house().await;
    let (path, other) = add(&house, "other@tailtown.example").await;
    let reset = json!({ "newPassword": NEW_PASSWORD });
    house.operator.post(&format!("{path}/password"), reset.clone()).await.done();
    other.get("/platform/auth/me").await.problem(401);
    assert_eq!(log_in(&house, "other@tailtown.example", PASSWORD).await, 401);
    assert_eq!(log_in(&house, "other@tailtown.example", NEW_PASSWORD).await, 200);
    let mine = format!("/platform/operators/{}/password", house.operator_id);
    let problem = house.operator.post(&mine, reset).await.problem(403);
    assert!(problem["detail"].as_str().unwrap().contains("POST /platform/auth/password"), "{problem}");
}

/// Every operation of the document that changes something under `/platform` leaves one record, of the one who did it.
#[tokio::test]
async fn whatever_an_operator_changes_is_recorded() {
    /// These open and end the caller's own session, and change nothing else.
    const SESSIONS: [&str; 2] = ["operators_log_in", "operators_log_out"];
    let house = house().await;
    let mut things = furnish(&house.resort("resort1").await).await;
    let database = house.database.connect("postgres").await;
    let mut walked = 0;
    let mut secret = String::new();
    for operation in operations() {
        let changes = operation.path.starts_with("/platform/") && operation.method != "GET";
        if !changes || SESSIONS.contains(&operation.id.as_str()) {
            continue;
        }
        let (other, _) = add(&house, &format!("other{walked}@tailtown.example")).await;
        things.insert("operator", other.rsplit('/').next().unwrap().to_owned());
        let new = crate::document::body_of(&tenants_add(), &things).unwrap();
        let mut new = new.clone();
        new["subdomain"] = format!("fresh{walked}").into();
        let tenant = house.operator.post("/platform/tenants", new).await.created();
        things.insert("tenant", tenant["id"].as_str().unwrap().to_owned());
        let path = path_of(&operation, &things);
        if operation.id == "tenants_resume" {
            house.operator.post(&path.replace("resume", "suspend"), json!({})).await.ok();
        }
        let body = match operation.id.as_str() {
            "operators_change_password" => {
                Some(json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD }))
            }
            "operators_start_second_factor" => Some(json!({ "currentPassword": NEW_PASSWORD })),
            "operators_confirm_second_factor" => Some(json!({ "code": code_of(&secret, house.clock.now()) })),
            "operators_remove_second_factor" => {
                house.advance(std::time::Duration::from_secs(30));
                let code = code_of(&secret, house.clock.now());
                Some(json!({ "currentPassword": NEW_PASSWORD, "code": code }))
            }
            "operators_remove_second_factor_of" => {
                let factor = "insert into app.operator_second_factors values ($1::text::uuid, 'x', '{}', now(), now())";
                database.execute(factor, &[&things["operator"]]).await.unwrap();
                None
            }
            _ => crate::document::body_of(&operation, &things),
        };
        let before = newest(&house, "").await.len();
        let client = house.operator.with("x-request-id", &format!("request-{walked}"));
        let body = body.map(|body| body.to_string().into_bytes());
        let answer = client.send(operation.method.parse().unwrap(), &path, body).await;
        assert!(answer.status.is_success(), "{}: {} {}", operation.id, answer.status, answer.body);
        if let Some(shared) = answer.body["secret"].as_str() {
            secret = shared.to_owned();
        }
        let rows = newest(&house, &format!("operatorId={}", house.operator_id)).await;
        let of_request = |row: &&Value| row["requestId"] == format!("request-{walked}");
        let mine: Vec<_> = rows.iter().filter(of_request).collect();
        assert_eq!(mine.len(), 1, "{}: {rows:#?}", operation.id);
        assert_eq!(newest(&house, "").await.len(), before + 1, "{}", operation.id);
        if operation.id == "tenants_suspend" {
            assert_eq!(mine[0]["action"], "tenant.suspend");
            assert_eq!(
                (&mine[0]["before"]["status"], &mine[0]["after"]["status"]),
                (&json!("ACTIVE"), &json!("SUSPENDED"))
            );
        }
        walked += 1;
    }
    assert!(walked >= 9, "only {walked}");
    let all = Value::Array(newest(&house, "").await).to_string();
    for secret in [PASSWORD, NEW_PASSWORD, "argon2", "long enough, this", &secret] {
        assert!(!all.contains(secret), "{secret} is in the record");
    }
}

fn tenants_add() -> crate::document::Operation {
    operations().into_iter().find(|operation| operation.id == "tenants_add").unwrap()
}

#[tokio::test]
async fn the_record_is_read_by_page_operator_subject_and_time() {
    let house = house().await;
    let (path, _) = add(&house, "other@tailtown.example").await;
    house.advance(std::time::Duration::from_secs(60));
    house.operator.patch(&path, json!({ "name": "Renamed" })).await.ok();
    let actions = |rows: &[Value]| {
        rows.iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let subject = path.rsplit('/').next().unwrap();
    let of_subject = newest(&house, &format!("subjectId={subject}")).await;
    assert_eq!(actions(&of_subject), ["operator.change", "operator.add"]);
    assert_eq!(
        (&of_subject[0]["before"]["name"], &of_subject[0]["after"]["name"]),
        (&json!("Other"), &json!("Renamed"))
    );
    let first = house.operator.get(&format!("/platform/actions?limit=1&subjectId={subject}")).await.ok();
    let next = first["nextCursor"].as_str().unwrap();
    let second = house
        .operator
        .get(&format!("/platform/actions?limit=1&subjectId={subject}&cursor={next}"))
        .await
        .ok();
    assert_eq!((&second["data"][0]["action"], &second["nextCursor"]), (&json!("operator.add"), &Value::Null));
    let late = "2026-11-24T15:00:30Z";
    assert_eq!(actions(&newest(&house, &format!("from={late}")).await), ["operator.change"]);
    assert!(!actions(&newest(&house, &format!("to={late}")).await).contains(&"operator.change".to_owned()));
    // The first operator was added by the harness: a command, in the record's eyes.
    let all = newest(&house, "").await;
    assert!(all.iter().any(|row| row["command"] == "testkit" && row["operatorId"] == Value::Null), "{all:?}");
}

#[tokio::test]
async fn a_change_that_is_not_recorded_is_not_made_and_a_record_stays() {
    let house = house().await;
    let scope = gateway::doors::PlatformScope::of_command(&house.program.database, "test", house.clock.now())
        .await
        .unwrap();
    sql::set_password()
        .params(
            &scope,
            &sql::SetPasswordParams {
                password_hash: "stolen",
                now: house.clock.now(),
                id: house.operator_id,
            },
        )
        .await
        .unwrap();
    assert_eq!(scope.commit().await.unwrap_err().status().as_u16(), 500);
    drop(scope);
    assert_eq!(log_in(&house, "operator@tailtown.example", PASSWORD).await, 200);
    let program = house.database.connect("tailtown_app").await;
    for statement in [
        "update app.operator_actions set action = 'nothing'",
        "delete from app.operator_actions",
        "truncate app.operator_actions",
    ] {
        let error = program.batch_execute(statement).await.unwrap_err();
        assert!(error.as_db_error().unwrap().message().contains("permission denied"), "{error}");
    }
}
