//! No tenant sees another: every operation of the document is called by everyone who may not.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Client, House, PASSWORD, Resort, house};
use tokio_postgres::Client as Database;
use uuid::Uuid;

use crate::document::{Operation, Things, body_of, furnish, operations, path_of};

async fn call(client: &Client, operation: &Operation, things: &Things) -> Answer {
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

/// Where the matrix below does not apply, and why.
const EXCEPTIONS: [(&str, &str); 2] = [
    ("staff_log_in", "signs in: anyone may try, and its own tests are about wrong passwords"),
    ("operators_log_in", "signs in: anyone may try, and its own tests are about wrong passwords"),
];

/// Those who may not call an operation on the victim's things, each with what they are told.
struct Stranger {
    who: &'static str,
    client: Client,
    /// Which operations: by the prefix of their path.
    at: &'static str,
    /// Not for requests that only read: they are let through.
    only_changes: bool,
    status: u16,
}

fn strangers(cast: &Cast) -> Vec<Stranger> {
    let Cast { victim, other, expired, deactivated, suspended, operator, expired_operator, cookie } = cast;
    let token = |client: &Client| client.header("authorization").trim_start_matches("Bearer ").to_owned();
    let at_victim = |token: &str| victim.anyone.bearing(token);
    let platform = |client: &Client| client.with("host", "localhost:4004");
    // The tenant's id is the first 16 bytes of a token: 64 bits more or less shift everything behind.
    let (own, theirs) = (token(&other.owner), token(&victim.owner));
    let swapped = format!("{}{}", &theirs[..22], &own[22..]);
    let cross_site = victim.anyone.with("cookie", cookie).with("origin", "https://evil.example");
    let from_sibling = victim.anyone.with("cookie", cookie).with("origin", "http://other.localhost:4004");
    let mut strangers = Vec::new();
    let mut add = |who, client: Client, at, status| {
        strangers.push(Stranger { who, client, at, only_changes: false, status });
    };
    add("anyone", victim.anyone.clone(), "/api/", 401);
    add("an unreadable token", at_victim("made up"), "/api/", 401);
    add("an empty token", at_victim(""), "/api/", 401);
    add("a token cut short", at_victim(&theirs[..60]), "/api/", 401);
    add("a token made longer", at_victim(&format!("{theirs}AAAA")), "/api/", 401);
    add("another's secret under the victim's id", at_victim(&swapped), "/api/", 401);
    add("an expired session", expired.clone(), "/api/", 401);
    add("a deactivated owner", deactivated.clone(), "/api/", 401);
    add("a suspended resort's owner", suspended.clone(), "/api/", 403);
    add("an operator at a resort", at_victim(&token(operator)), "/api/", 401);
    add("another resort's owner on the victim's host", at_victim(&own), "/api/", 403);
    add("the victim's token elsewhere", victim.owner.with("host", "other.localhost:4004"), "/api/", 403);
    add("another resort by header", other.owner.with("x-tenant-id", "victim"), "/api/", 403);
    add(
        "another resort by id",
        platform(&other.owner).with("x-tenant-id", &victim.id.to_string()),
        "/api/",
        403,
    );
    add("anyone on the platform", platform(&victim.anyone), "/platform/", 401);
    add("a resort's owner on the platform", platform(&victim.owner), "/platform/", 401);
    add("an unreadable token on the platform", platform(&at_victim("made up")), "/platform/", 401);
    add("an expired operator", expired_operator.clone(), "/platform/", 401);
    for (who, client) in
        [("a cookie from another site", cross_site), ("a cookie from a sibling", from_sibling)]
    {
        strangers.push(Stranger { who, client, at: "/api/", only_changes: true, status: 403 });
    }
    strangers
}

/// Everyone the matrix needs.
struct Cast {
    victim: Resort,
    other: Resort,
    expired: Client,
    deactivated: Client,
    suspended: Client,
    operator: Client,
    expired_operator: Client,
    /// A cookie of the victim's owner, as a browser sends it.
    cookie: String,
}

async fn cast(house: &House) -> Cast {
    let sign_in =
        async |client: &Client, email: &str| client.signed_in("/api/auth/login", email, PASSWORD).await;
    let mut victim = house.resort("victim").await;
    let (expired, expired_operator) = (victim.owner.clone(), house.operator.clone());
    house.advance(Duration::from_secs(16 * 3600));
    let operator = house.operator.with("authorization", "");
    let operator = operator.signed_in("/platform/auth/login", "operator@tailtown.example", PASSWORD).await;
    victim.owner = sign_in(&victim.anyone, "owner@victim.example").await;
    victim.manager = sign_in(&victim.anyone, "manager@victim.example").await;
    victim.staff = sign_in(&victim.anyone, "staff@victim.example").await;
    let other = house.resort("other").await;
    let shut = house.resort("shut").await;
    operator.post(&format!("/platform/tenants/{}/suspend", shut.id), json!({})).await.ok();
    let gone = json!({
        "firstName": "G", "lastName": "One", "email": "gone@victim.example", "role": "OWNER", "password": PASSWORD,
    });
    let gone = victim.owner.post("/api/staff", gone).await.created();
    let deactivated = sign_in(&victim.anyone, "gone@victim.example").await;
    victim.owner.delete(&format!("/api/staff/{}", gone["id"].as_str().unwrap())).await.done();
    let login = json!({ "email": "owner@victim.example", "password": PASSWORD });
    let login = victim.anyone.post("/api/auth/login", login).await;
    let cookie = login.header("set-cookie").split(';').next().unwrap().to_owned();
    Cast { victim, other, expired, deactivated, suspended: shut.owner, operator, expired_operator, cookie }
}

#[tokio::test]
async fn no_operation_lets_in_who_may_not() {
    let house = house().await;
    let cast = cast(&house).await;
    let (victim, other) = (&cast.victim, &cast.other);
    let things = furnish(victim).await;
    let others_things = furnish(other).await;
    let database = house.database.connect("postgres").await;
    let before = everything(&database, victim.id).await;
    assert!(before.len() > 15, "{before:?}");

    let strangers = strangers(&cast);
    let mut wrong = Vec::new();
    let mut calls = 0;
    for operation in operations() {
        if EXCEPTIONS.iter().any(|(id, _)| *id == operation.id) {
            continue;
        }
        let mut expect = |who: &str, answer: &Answer, allowed: &[u16]| {
            calls += 1;
            if !allowed.contains(&answer.status.as_u16()) {
                wrong.push(format!("{} as {who}: {} instead of {allowed:?}", operation.id, answer.status));
            }
        };
        for stranger in &strangers {
            if !operation.path.starts_with(stranger.at) || stranger.only_changes && operation.method == "GET"
            {
                continue;
            }
            let answer = call(&stranger.client, &operation, &things).await;
            expect(stranger.who, &answer, &[stranger.status]);
        }
        if operation.path.starts_with("/platform/") {
            continue;
        }
        let below: &[&Client] = match operation.role.as_deref() {
            Some("OWNER") => &[&victim.staff, &victim.manager],
            Some("MANAGER") => &[&victim.staff],
            _ => &[],
        };
        for client in below {
            expect("a lower role", &call(client, &operation, &things).await, &[403]);
        }
        // Whoever is signed in at another resort finds nothing of the victim's, whichever way it is named.
        if operation.path.contains("{id}") {
            expect(
                "another's owner by id in the path",
                &call(&other.owner, &operation, &things).await,
                &[404],
            );
        }
        for (field, body) in bodies_with_a_strangers_id(&operation, &others_things, &things) {
            let path = path_of(&operation, &others_things);
            let answer = other.owner.send(operation.method.parse().unwrap(), &path, Some(body)).await;
            expect(&format!("another's owner by id in {field}"), &answer, &[404, 409, 422]);
        }
        if operation.method == "GET" && !operation.path.contains("{id}") {
            let answer = call(&other.owner, &operation, &things).await;
            expect("another's owner", &answer, &[200]);
            let text = answer.body.to_string();
            if let Some((name, _)) = things.iter().find(|(_, id)| text.contains(id.as_str())) {
                wrong.push(format!("{} shows the victim's {name}", operation.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(calls > 1_200, "the matrix has become too small: {calls} calls");
    assert_eq!(everything(&database, victim.id).await, before);
}

/// The operation's body with `own` things, once for each field that names one, with the victim's in its place.
fn bodies_with_a_strangers_id(
    operation: &Operation,
    own: &Things,
    victims: &Things,
) -> Vec<(String, Vec<u8>)> {
    let Some(body) = body_of(operation, own) else { return Vec::new() };
    let mut fields = Vec::new();
    ids_in(&body, String::new(), own, &mut fields);
    let swap = |(pointer, thing): (String, &str)| {
        let mut body = body.clone();
        *body.pointer_mut(&pointer).unwrap() = victims[thing].clone().into();
        (pointer, body.to_string().into_bytes())
    };
    fields.into_iter().map(swap).collect()
}

fn ids_in(value: &Value, pointer: String, things: &Things, found: &mut Vec<(String, &'static str)>) {
    match value {
        Value::String(text) => {
            if let Some((thing, _)) = things.iter().find(|(_, id)| *id == text) {
                found.push((pointer, thing));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                ids_in(item, format!("{pointer}/{index}"), things, found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                ids_in(field, format!("{pointer}/{name}"), things, found);
            }
        }
        _ => {}
    }
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
    assert_eq!(BTreeSet::from_iter(open), BTreeSet::from(EXCEPTIONS.map(|(id, _)| id.to_owned())));
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
