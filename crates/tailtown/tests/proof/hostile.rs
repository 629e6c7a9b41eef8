//! Whatever is sent, the answer is one that a client can read: a problem of the 4xx kind, never a 500 and never silence.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use gateway::server::Server;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};
use testkit::{Answer, Client, House, PASSWORD, Resort, house, house_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::document::{Operation, Things, body_of, furnish, operations, path_of};

/// Who may call everything that this operation's side of the house allows.
fn caller<'a>(operation: &Operation, house: &'a House, resort: &'a Resort) -> &'a Client {
    if operation.path.starts_with("/platform/") { &house.operator } else { &resort.owner }
}

/// What is wrong with an answer to a request that nobody sane would send.
fn complaint(answer: &Answer) -> Option<String> {
    let status = answer.status.as_u16();
    let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if status >= 500 {
        Some(format!("answered {status}: {}", answer.body))
    } else if status >= 400
        && (kind != "application/problem+json" || answer.body["detail"].as_str().is_none())
    {
        Some(format!("answered {status} without a problem"))
    } else {
        None
    }
}

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let house = house_with(&[("BODY_LIMIT_BYTES", "65536")]).await;
    let resort = house.resort("resort1").await;
    let things = furnish(&resort).await;
    let bodies: [(&str, Vec<u8>, u16); 12] = [
        ("half an object", b"{".to_vec(), 400),
        ("two values", b"{} {}".to_vec(), 400),
        ("not JSON", b"firstName=Ada".to_vec(), 400),
        ("invalid UTF-8", b"{\"firstName\":\"\xff\xfe\"}".to_vec(), 400),
        ("half a surrogate pair", br#"{"firstName":"\ud800"}"#.to_vec(), 400),
        ("deep arrays", [b"[".repeat(30_000), b"]".repeat(30_000)].concat(), 422),
        ("deep objects", [b"{\"notes\":".repeat(5_000), b"1".to_vec(), b"}".repeat(5_000)].concat(), 422),
        ("an array", b"[]".to_vec(), 422),
        ("a number", b"1e999".to_vec(), 400),
        ("null", b"null".to_vec(), 422),
        ("an unknown field", br#"{"surprise":1}"#.to_vec(), 422),
        ("too much", vec![b' '; 65_537], 413),
    ];
    let mut wrong = Vec::new();
    for operation in operations().iter().filter(|operation| operation.body.is_some()) {
        let client = caller(operation, &house, &resort);
        let path = path_of(operation, &things);
        let method = || operation.method.parse().unwrap();
        for (name, body, status) in &bodies {
            let answer = client.send(method(), &path, Some(body.clone())).await;
            // Which of a body's faults is met first, its form or its content, depends on the operation.
            let fits =
                answer.status == *status || (*status != 413 && [400, 422].contains(&answer.status.as_u16()));
            if !fits || complaint(&answer).is_some() {
                wrong.push(format!("{} with {name}: {} {}", operation.id, answer.status, answer.body));
            }
        }
        let as_form = client.with("content-type", "application/x-www-form-urlencoded");
        let body = body_of(operation, &things).unwrap().to_string().into_bytes();
        let answer = as_form.send(method(), &path, Some(body)).await;
        if answer.status != 415 {
            wrong.push(format!("{} as a form: {}", operation.id, answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let things = furnish(&resort).await;
    let mut wrong = Vec::new();
    for operation in operations().iter().filter(|operation| !operation.query.is_empty()) {
        let path = path_of(operation, &things);
        let client = caller(operation, &house, &resort);
        let mut queries = vec![("surprise=1".to_owned(), 422)];
        for (name, _) in &operation.query {
            queries.push((format!("{name}=%ff"), 400));
            queries.push((format!("{name}=1&{name}=1"), 422));
            match name.as_str() {
                "limit" => {
                    queries.extend(
                        ["0", "101", "-1", "1e9", "99999999999999999999"]
                            .map(|limit| (format!("limit={limit}"), 422)),
                    );
                }
                "cursor" => {
                    let made_up = ["x", "AAAA", "bnVsbA", "W10", "e30", &"A".repeat(4000)];
                    queries.extend(made_up.map(|cursor| (format!("cursor={cursor}"), 400)));
                }
                "fields" => queries.push(("fields=surprise".to_owned(), 422)),
                "include" => queries.push(("include=surprise".to_owned(), 422)),
                _ => {}
            }
        }
        for (query, status) in queries {
            let path = if path.contains('?') { path.split_once('?').unwrap().0 } else { &path };
            let answer = client.get(&format!("{path}?{query}")).await;
            // An empty list has no row whose fields could be unknown.
            let nothing_to_show = query.starts_with("fields=") && answer.body["data"] == json!([]);
            let fits = answer.status == status || answer.status == 422 && status == 400 || nothing_to_show;
            if !fits || complaint(&answer).is_some() {
                wrong.push(format!("{} with {query}: {} {}", operation.id, answer.status, answer.body));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every operation with bodies, queries and ids made up from its own schema and from what breaks software; the seed makes
/// each run the same.
#[tokio::test]
async fn nothing_that_can_be_sent_makes_the_program_fail() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let other = house.resort("resort2").await;
    let mut things = furnish(&resort).await;
    things.insert("tenant", other.id.to_string());
    let mut random = StdRng::seed_from_u64(2026);
    let mut wrong = Vec::new();
    let mut accepted = 0;
    for operation in operations() {
        // Hashing a password takes its time by design, and a logout would end the owner's session.
        let rounds = match operation.id.as_str() {
            "staff_log_out" | "operators_log_out" => continue,
            id if id.contains("password") || id.ends_with("log_in") || id.ends_with("second_factor") => 8,
            "operators_add" | "tenants_add" | "staff_add" => 20,
            _ => 40,
        };
        let mut client = caller(&operation, &house, &resort).clone();
        if operation.id.ends_with("second_factor") {
            // Wrong guesses may end the session.
            let (door, email) = match operation.id.split('_').next() {
                Some("operators") => ("/platform/auth/login", "operator@tailtown.example"),
                _ => ("/api/auth/login", "owner@resort1.example"),
            };
            client = client.signed_in(door, email, PASSWORD).await;
        }
        for _ in 0..rounds {
            let path = strange_path(&operation, &things, &mut random);
            let body = operation.body.as_ref().map(|schema| {
                if random.random_bool(0.5) {
                    made_up(schema, &things, &mut random, 0)
                } else {
                    spoiled(body_of(&operation, &things).unwrap(), schema, &things, &mut random)
                }
            });
            let sent = body.as_ref().map(|body| body.to_string().into_bytes());
            let answer = client.send(operation.method.parse().unwrap(), &path, sent).await;
            accepted += u32::from(answer.status.is_success());
            if let Some(complaint) = complaint(&answer) {
                let body = body.unwrap_or_default().to_string();
                let body: String = body.chars().take(600).collect();
                wrong.push(format!("{} {path} {complaint}\n    {body}", operation.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{} failed:\n{}", wrong.len(), wrong.join("\n"));
    assert!(accepted > 200, "only {accepted} requests got past the first check");
}

fn strange_path(operation: &Operation, things: &Things, random: &mut StdRng) -> String {
    let mut path = path_of(operation, things).split('?').next().unwrap().to_owned();
    if operation.path.contains('{') && random.random_bool(0.15) {
        let ids =
            ["%00", "%ff", "1", "00000000-0000-0000-0000-000000000000", "..%2f..", "null", "%F0%9F%90%95"];
        let id = things.values().find(|id| path.contains(id.as_str())).unwrap();
        path = path.replace(id.as_str(), ids.choose(random).unwrap());
    }
    let mut pairs = Vec::new();
    for (name, schema) in &operation.query {
        if !random.random_bool(0.4) {
            continue;
        }
        let value = match name.as_str() {
            "cursor" => strange_cursor(things, random),
            _ => match made_up(schema, things, random, 0) {
                Value::String(text) => text,
                other => other.to_string(),
            },
        };
        pairs.push(format!("{name}={}", percent_encoded(&value)));
    }
    if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
}

/// A cursor of the right make with the wrong things in it.
fn strange_cursor(things: &Things, random: &mut StdRng) -> String {
    let mut parts: Vec<Value> = (0..random.random_range(0..3)).map(|_| oddity(things, random)).collect();
    parts.push(json!(things["customer"]));
    BASE64_URL_SAFE_NO_PAD.encode(Value::Array(parts).to_string())
}

fn percent_encoded(text: &str) -> String {
    text.bytes().take(3000).map(|byte| format!("%{byte:02x}")).collect()
}

/// A value for a schema: mostly of the right type, seldom of the right kind.
fn made_up(schema: &Value, things: &Things, random: &mut StdRng, depth: u32) -> Value {
    if depth > 6 || random.random_bool(0.06) {
        return oddity(things, random);
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(schema) = schema[choice].as_array().and_then(|schemas| schemas.choose(random)) {
            return made_up(schema, things, random, depth + 1);
        }
    }
    if let Some(value) = schema["enum"].as_array().and_then(|values| values.choose(random)) {
        return value.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.choose(random).and_then(Value::as_str).unwrap_or("null").to_owned(),
        kind => kind.as_str().unwrap_or("null").to_owned(),
    };
    match kind.as_str() {
        "object" => {
            let mut object = Map::new();
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                if random.random_bool(0.8) {
                    object.insert(name.clone(), made_up(schema, things, random, depth + 1));
                }
            }
            Value::Object(object)
        }
        "array" => {
            let length = *[0, 1, 2, 40].choose(random).unwrap();
            (0..length).map(|_| made_up(&schema["items"], things, random, depth + 1)).collect()
        }
        "integer" | "number" => number(random),
        "boolean" => json!(random.random_bool(0.5)),
        "string" => match schema["format"].as_str() {
            Some("uuid") => json!(things.values().nth(random.random_range(0..things.len())).unwrap()),
            Some("date") => date(random),
            _ => text(random),
        },
        _ => Value::Null,
    }
}

/// A valid body with one to three of its values replaced.
fn spoiled(mut body: Value, schema: &Value, things: &Things, random: &mut StdRng) -> Value {
    for _ in 0..random.random_range(1..=3) {
        let Some(object) = body.as_object_mut() else { break };
        let fields: Vec<String> = schema["properties"]
            .as_object()
            .map(|fields| fields.keys().cloned().collect())
            .unwrap_or_default();
        let Some(field) = fields.choose(random) else { break };
        let value = if random.random_bool(0.6) {
            made_up(&schema["properties"][field], things, random, 0)
        } else {
            oddity(things, random)
        };
        object.insert(field.clone(), value);
    }
    body
}

fn oddity(things: &Things, random: &mut StdRng) -> Value {
    match random.random_range(0..8) {
        0 => Value::Null,
        1 => json!([]),
        2 => json!({}),
        3 => json!(random.random_bool(0.5)),
        4 => number(random),
        5 => date(random),
        6 => json!(things.values().nth(random.random_range(0..things.len())).unwrap()),
        _ => text(random),
    }
}

fn number(random: &mut StdRng) -> Value {
    let numbers = [
        json!(0),
        json!(1),
        json!(-1),
        json!(2),
        json!(100),
        json!(10_000),
        json!(i32::MAX),
        json!(i32::MIN),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(-0.0),
        json!(1e300),
        json!(9_007_199_254_740_993_i64),
    ];
    numbers.choose(random).unwrap().clone()
}

fn date(random: &mut StdRng) -> Value {
    let dates = [
        "2026-11-24",
        "2026-11-30",
        "2027-02-29",
        "0000-00-00",
        "0001-01-01",
        "-009999-01-01",
        "9999-12-31",
        "+010000-01-01",
        "2026-11-24T10:00:00Z",
        "2026-11-24T25:00:00Z",
        "-4713-01-01T00:00:00Z",
        "infinity",
        "-infinity",
        "08:00",
        "24:00:00",
        "23:59:60",
        "today",
        "2026-13-01",
        "1600-01-01",
    ];
    json!(dates.choose(random).unwrap())
}

fn text(random: &mut StdRng) -> Value {
    let texts = [
        String::new(),
        " ".to_owned(),
        "Rex".to_owned(),
        "\0".to_owned(),
        "a\0b".to_owned(),
        "'; drop table app.pets; --".to_owned(),
        "%".to_owned(),
        "\\".to_owned(),
        "%_\\%".to_owned(),
        "\u{202e}xeR".to_owned(),
        "🐕‍🦺".to_owned(),
        "e\u{301}".repeat(40),
        "\u{feff}".to_owned(),
        "\u{ffff}".to_owned(),
        "ﬃ".to_owned(),
        "x".repeat(200),
        "y".repeat(20_000),
        "a@b.example".to_owned(),
        "a@".to_owned(),
        "${jndi:ldap://x}".to_owned(),
        "America/Denver".to_owned(),
        "Mars/Olympus".to_owned(),
        "-1".to_owned(),
        "true".to_owned(),
        "pets,reservations".to_owned(),
        "\n\r\t".to_owned(),
        "DOG".to_owned(),
    ];
    json!(texts.choose(random).unwrap())
}

/// The program on a real socket; what a client gets for these bytes, until the connection ends.
async fn exchange(house: &House, bytes: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let server = Server::default();
    server.serve(listener, house.service.clone());
    let mut stream = TcpStream::connect(at).await.unwrap();
    // The program may answer and hang up before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(server.stop(Duration::from_secs(5)).await);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn bytes_that_are_hardly_http_are_answered_too() {
    let house = house_with(&[("BODY_LIMIT_BYTES", "1024")]).await;
    house.resort("resort1").await;
    let head = "POST /api/auth/login HTTP/1.1\r\nhost: resort1.localhost\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let chunks = format!("{:x}\r\n{}\r\n", 600, "x".repeat(600)).repeat(3);
    for (name, bytes, status) in [
        ("no HTTP", "HELO there\r\n\r\n".to_owned(), "400"),
        ("a broken chunk", format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n"), "400"),
        (
            "a length that is a lie twice",
            format!("{head}content-length: 1\r\ncontent-length: 2\r\n\r\n{{}}"),
            "400",
        ),
        ("a declared flood", format!("{head}content-length: 99999999999\r\n\r\n{{"), "413"),
        ("an undeclared flood", format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"), "413"),
        ("a head without end", format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(1_000_000)), "431"),
        ("a thousand fields", format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(1000)), "431"),
    ] {
        let answer = exchange(&house, bytes.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{name}: {answer:?}");
    }
    let login = r#"{"email":"owner@resort1.example","password":"correct horse battery"}"#;
    let answer =
        exchange(&house, format!("{head}content-length: {}\r\n\r\n{login}", login.len()).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_body_that_breaks_off_changes_nothing() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let server = Server::default();
    server.serve(listener, house.service.clone());
    let token = resort.owner.header("authorization").to_owned();
    let mut stream = TcpStream::connect(at).await.unwrap();
    let request = format!(
        "POST /api/customers HTTP/1.1\r\nhost: resort1.localhost\r\nauthorization: {token}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{{\"firstName\":\"Ada\",\"lastName\":\"Lovelace\"}}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert_eq!(resort.owner.get("/api/customers").await.ok()["data"], json!([]));
}
