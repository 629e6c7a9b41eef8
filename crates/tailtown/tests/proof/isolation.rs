//! No tenant sees another: every operation of the document is called by those who may not.

use std::collections::BTreeSet;

use serde_json::Value;
use testkit::{Client, house};
use tokio_postgres::Client as Database;
use uuid::Uuid;

use crate::document::{Things, body_of, furnish, operations, path_of};

async fn call(client: &Client, operation: &crate::document::Operation, things: &Things) -> testkit::Answer {
    let body = body_of(operation, things).map(|body| body.to_string().into_bytes());
    client.send(operation.method.parse().unwrap(), &path_of(operation, things), body).await
}

/// Everything a tenant has, as one hash, read by one who sees all.
async fn everything(database: &Database, tenant: Uuid) -> Vec<(String, String)> {
    let tables = "select table_name::text from information_schema.columns where table_schema = 'app' and column_name = 'tenant_id' \
                  and table_name not in ('staff_sessions', 'idempotency_keys') order by 1";
    let mut hashes = Vec::new();
    for row in database.query(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let hash = format!(
            "select md5(coalesce(string_agg(t::text, ',' order by t::text), '')) from app.{table} t where tenant_id = $1"
        );
        hashes.push((table, database.query_one(&hash, &[&tenant]).await.unwrap().get(0)));
    }
    hashes
}

#[tokio::test]
async fn no_operation_lets_in_who_may_not() {
    let house = house().await;
    let victim = house.resort("victim").await;
    let other = house.resort("other").await;
    let things = furnish(&victim).await;
    furnish(&other).await;
    let database = house.database.connect("postgres").await;
    let before = everything(&database, victim.id).await;
    assert!(before.len() > 15, "{before:?}");

    let mut wrong = Vec::new();
    for operation in operations() {
        let mut expect = |who: &str, answer: &testkit::Answer, allowed: &[u16]| {
            if !allowed.contains(&answer.status.as_u16()) {
                wrong.push(format!("{} as {who}: {} instead of {allowed:?}", operation.id, answer.status));
            }
        };
        if operation.role.as_deref() == Some("OPERATOR") {
            let anyone = house.client("localhost:4004");
            expect("anyone", &call(&anyone, &operation, &things).await, &[401]);
            let owner = &victim.owner.with("host", "localhost:4004");
            expect("a resort's owner", &call(owner, &operation, &things).await, &[401]);
            continue;
        }
        if operation.path.starts_with("/platform/") {
            continue;
        }
        let answer = call(&victim.anyone, &operation, &things).await;
        expect("anyone", &answer, &[401]);
        let below: &[&Client] = match operation.role.as_deref() {
            Some("OWNER") => &[&victim.staff, &victim.manager],
            Some("MANAGER") => &[&victim.staff],
            _ => &[],
        };
        for client in below {
            expect("a lower role", &call(client, &operation, &things).await, &[403]);
        }
        // The victim's token on the other's host, and the victim named by a header that grants nothing.
        let stolen = victim.owner.with("host", "other.localhost:4004");
        let named = other.owner.with("x-tenant-id", "victim");
        if operation.role.is_some() {
            expect("the victim's token elsewhere", &call(&stolen, &operation, &things).await, &[403]);
            expect("another resort by header", &call(&named, &operation, &things).await, &[403]);
        }
        let ends_session = ["staff_log_out", "staff_change_password"].contains(&operation.id.as_str());
        if operation.role.is_none() || ends_session {
            continue;
        }
        let answer = call(&other.owner, &operation, &things).await;
        let names_thing = operation.path.contains("{id}");
        let body = body_of(&operation, &things).map(|body| body.to_string()).unwrap_or_default();
        let sends_thing = things.values().any(|id| body.contains(id));
        match (names_thing, sends_thing) {
            (true, _) => expect("another resort's owner", &answer, &[404]),
            (false, true) => expect("another resort's owner", &answer, &[404, 409, 422]),
            (false, false) => {
                expect("another resort's owner", &answer, &[200, 201]);
                let text = answer.body.to_string();
                if let Some((name, _)) = things.iter().find(|(_, id)| text.contains(id.as_str())) {
                    wrong.push(format!("{} shows the victim's {name}", operation.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(everything(&database, victim.id).await, before);
}

#[tokio::test]
async fn filters_by_anothers_ids_find_nothing() {
    let house = house().await;
    let victim = house.resort("victim").await;
    let other = house.resort("other").await;
    let things = furnish(&victim).await;
    for (path, thing) in [
        ("/api/pets?customerId=", "customer"),
        ("/api/vaccinations?petId=", "pet"),
        ("/api/reservations?customerId=", "customer"),
        ("/api/reservations?petId=", "pet"),
        ("/api/reservations?kennelId=", "kennel"),
        ("/api/reservations?serviceId=", "service"),
        ("/api/reservations?bookingId=", "booking"),
        ("/api/invoices?customerId=", "customer"),
        ("/api/payments?invoiceId=", "invoice"),
        ("/api/customers?q=", "customer"),
    ] {
        let path = format!("{path}{}", things[thing]);
        assert_eq!(other.owner.get(&path).await.ok()["data"], Value::Array(Vec::new()), "{path}");
    }
}

#[tokio::test]
async fn every_operation_says_who_may_call_it_or_is_known_to_be_open() {
    let open: Vec<_> = operations()
        .into_iter()
        .filter(|operation| operation.role.is_none())
        .map(|operation| operation.id)
        .collect();
    assert_eq!(open, ["staff_log_in", "operators_log_in"]);
    let ids: BTreeSet<_> = operations().into_iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), operations().len(), "two operations have one id");
    // A new operation with an id or a body must be known to the tests that call them all.
    let house = house().await;
    let things = furnish(&house.resort("resort1").await).await;
    for operation in operations() {
        body_of(&operation, &things);
        let path = path_of(&operation, &things);
        assert!(
            !path.contains("//") && !path.contains('{') && !path.ends_with('/'),
            "{}: {path}",
            operation.id
        );
    }
}
