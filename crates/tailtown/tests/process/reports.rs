//! What leaves the house: errors and slow requests to Sentry, traces to OpenTelemetry, and no personal data; and `doctor`.

use std::sync::{Arc, Mutex};

use sentry_types::protocol::v7::{Envelope, EnvelopeItem, Event, Transaction};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::client::Client;
use crate::program::{Program, free_port, resort, run};
use crate::server::{Home, Server};

/// The heads and bodies that came.
type Taken = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// One who takes reports, or only listens and never answers.
struct Receiver {
    port: u16,
    taken: Taken,
}

impl Receiver {
    async fn start(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, taken) = (listener.local_addr().unwrap().port(), Arc::default());
        let into = Arc::clone(&taken);
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                if answers {
                    tokio::spawn(take(stream, Arc::clone(&into)));
                } else {
                    held.push(stream);
                }
            }
        });
        Self { port, taken }
    }

    /// The bodies that came to a path.
    fn at(&self, path: &str) -> Vec<Vec<u8>> {
        let taken = self.taken.lock().unwrap();
        taken
            .iter()
            .filter(|(head, _)| head.starts_with(&format!("POST {path} ")))
            .map(|(_, body)| body.clone())
            .collect()
    }

    /// What Sentry would have read.
    fn items(&self) -> Vec<EnvelopeItem> {
        let envelopes = self.at("/api/42/envelope/");
        envelopes.iter().flat_map(|bytes| Envelope::from_slice(bytes).unwrap().into_items()).collect()
    }

    fn errors(&self) -> Vec<Event<'static>> {
        let of = |item| if let EnvelopeItem::Event(event) = item { Some(*event) } else { None };
        self.items().into_iter().filter_map(of).collect()
    }

    fn slow(&self) -> Vec<Transaction<'static>> {
        let of = |item| if let EnvelopeItem::Transaction(one) = item { Some(*one) } else { None };
        self.items().into_iter().filter_map(of).collect()
    }

    fn spans(&self) -> Vec<Value> {
        let messages = self.at("/v1/traces");
        let messages = messages.iter().map(|body| serde_json::from_slice::<Value>(body).unwrap());
        let spans = |message: Value| {
            message["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone()
        };
        messages.flat_map(spans).collect()
    }
}

async fn take(mut stream: TcpStream, into: Taken) {
    let mut bytes = Vec::new();
    while stream.read_buf(&mut bytes).await.is_ok_and(|count| count > 0) {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4) else {
            continue;
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        let length: usize = length.unwrap().parse().unwrap();
        if bytes.len() < end + length {
            continue;
        }
        let body = bytes[end..end + length].to_vec();
        bytes.drain(..end + length);
        into.lock().unwrap().push((head, body));
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    }
}

#[tokio::test]
async fn errors_slow_requests_and_traces_are_reported_without_personal_data() {
    let (home, server, receiver) = (Home::new(), Server::shared().await, Receiver::start(true).await);
    let database = server.migrated().await;
    let url = server.url("tailtown_app", &database);
    let tenant = resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let dsn = format!("http://key@127.0.0.1:{}/42", receiver.port);
    let collector = format!("http://127.0.0.1:{}", receiver.port);
    let program = Program::ready(
        &home,
        &[
            ("DATABASE_URL", &url),
            ("SENTRY_DSN", &dsn),
            ("SENTRY_ENVIRONMENT", "night"),
            ("SENTRY_TRACES_SAMPLE_RATE", "1"),
            ("SENTRY_SLOW_MS", "0"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector),
            ("OTEL_TRACES_SAMPLER_ARG", "0"),
            // Reports do not depend on what is logged.
            ("LOG_LEVEL", "off"),
        ],
    )
    .await;
    let owner = program.owner("resort1").await;
    let breaks = "create function app.breaks() returns trigger language plpgsql as $$ begin \
                  raise exception 'ada@example.com of +1 (303) 555-0199 is unknown'; end $$; \
                  create trigger breaks before insert on app.customers for each row execute function app.breaks()";
    server.admin(&database).await.batch_execute(breaks).await.unwrap();
    let new = json!({ "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com" });
    owner.with("x-request-id", "night-1").post("/api/customers", new).await.expect(500);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    owner.with("traceparent", &parent).with("x-request-id", "night-2").get("/api/pets").await.expect(200);
    program.stop().await;

    let errors = receiver.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    let error = &errors[0];
    assert_eq!(
        (error.tags["request_id"].as_str(), error.tags["tenant_id"].as_str()),
        ("night-1", tenant.as_str())
    );
    assert_eq!(error.environment.as_deref(), Some("night"));
    assert!(error.release.as_deref().unwrap().starts_with("tailtown@"), "{error:?}");
    let value = error.exception.values[0].value.as_deref().unwrap();
    assert!(value.contains("[e-mail] of [number] is unknown"), "{value}");

    let slow = receiver.slow();
    let of =
        |id: &str| slow.iter().find(|one| one.tags.get("request_id").is_some_and(|tag| tag == id)).unwrap();
    assert_eq!(of("night-2").name.as_deref(), Some("GET /api/pets"));
    assert_eq!(of("night-2").tags["tenant_id"], tenant);
    assert!(of("night-2").timestamp.unwrap() >= of("night-2").start_timestamp);

    let spans = receiver.spans();
    assert_eq!(spans.len(), 2, "only what whoever asked wanted traced: {spans:?}");
    let request = spans.iter().find(|span| span["name"] == "GET /api/pets").unwrap();
    assert_eq!((&request["traceId"], &request["parentSpanId"]), (&json!(trace), &json!("00f067aa0ba902b7")));
    let database = spans.iter().find(|span| span["name"] == "database").unwrap();
    assert_eq!(database["parentSpanId"], request["spanId"]);

    let all = receiver.taken.lock().unwrap();
    for (head, body) in all.iter() {
        let text = String::from_utf8_lossy(body);
        for personal in ["ada@", "Lovelace", "555-0199", "owner@resort1", "correct horse"] {
            assert!(!text.contains(personal), "{personal} left the house: {head}{text}");
        }
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_slows_nobody() {
    let (home, server, receiver) = (Home::new(), Server::shared().await, Receiver::start(false).await);
    let url = server.url("tailtown_app", &server.migrated().await);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let dsn = format!("http://key@127.0.0.1:{}/42", receiver.port);
    let admin = free_port();
    let port = admin.to_string();
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("ADMIN_PORT", &port),
        ("SENTRY_DSN", &dsn),
        ("SENTRY_TRACES_SAMPLE_RATE", "1"),
        ("SENTRY_SLOW_MS", "0"),
    ];
    let program = Program::ready(&home, &settings).await;
    let probe = program.client("localhost");
    // More than wait in the queue.
    for _ in 0..600 {
        probe.get("/livez").await.expect(200);
    }
    let page = Client::new(admin, "127.0.0.1").get("/metrics").await.text;
    let dropped = "tailtown_reports_dropped_total{sink=\"sentry\"} ";
    let dropped: u64 = page.lines().find_map(|line| line.strip_prefix(dropped)).unwrap().parse().unwrap();
    assert!(dropped > 50, "{dropped}");
    assert!(page.contains("tailtown_reports_sent_total{sink=\"sentry\"} 0\n"), "{page}");
    program.stop().await;
}

#[tokio::test]
async fn the_doctor_explains_what_is_wrong_and_what_to_do() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let (url, superuser) =
        (server.url("tailtown_app", &database), server.url(&server.superuser(), &database));
    let doctor = async |settings: &[(&str, &str)]| run(&home, &["doctor"], settings).await;

    let said = doctor(&[("DATABASE_URL", &url), ("ADMIN_PORT", "4005")]).await;
    for line in [
        "ok     clock: this machine and the database are 0 s apart",
        "ok     isolation: the role, its rights and every policy keep resorts apart",
        "ok     schema: it is the one this program needs",
        "look   settings: RATE_LIMITS=off",
        "look   backups: none was proven by restoring it",
    ] {
        assert!(said.out.contains(line), "{line} is not in {said:?}");
    }

    let unknown = server.database().await;
    let said = doctor(&[("DATABASE_URL", &server.url("tailtown_app", &unknown))]).await;
    assert!(
        said.out.contains("WRONG  schema: the schema is behind: 0001_tenants is not applied"),
        "{said:?}"
    );
    assert!(said.out.contains("run `tailtown migrate deploy`"), "{said:?}");
    assert!(said.refused().contains("must be mended"));

    let said = doctor(&[("DATABASE_URL", &superuser), ("REDIS_URL", "redis://127.0.0.1:1")]).await;
    assert!(said.out.contains("WRONG  isolation: the role "), "{said:?}");
    assert!(said.out.contains("look   redis: "), "{said:?}");
    assert!(said.out.contains("Everything works, slower"), "{said:?}");

    let redis = testkit::redis::Redis::start().await;
    let small = [("DATABASE_URL", url.as_str()), ("REDIS_URL", &redis.url())];
    let said = doctor(&small).await;
    assert!(said.out.contains("ok     redis: it answers") && !said.out.contains("threw"), "{said:?}");
    for setting in [["maxmemory-policy", "allkeys-lru"], ["maxmemory", "3mb"]] {
        let _: String = redis.ask(&["CONFIG", "SET", setting[0], setting[1]]).await;
    }
    let much = "x".repeat(200_000);
    for number in 0..20 {
        let _: String = redis.ask(&["SET", &format!("key{number}"), &much]).await;
    }
    let said = doctor(&small).await;
    assert!(
        said.out.contains("look   redis: it threw ") && said.out.contains("Raise its maxmemory"),
        "{said:?}"
    );

    let away = "postgresql://tailtown_app:hunter2@127.0.0.1:1/tailtown?connect_timeout=1";
    let said = doctor(&[("DATABASE_URL", away)]).await;
    assert!(
        said.out.contains("WRONG  database: DATABASE_URL: cannot connect to PostgreSQL at 127.0.0.1:1"),
        "{said:?}"
    );
    assert!(!said.out.contains("hunter2"), "{said:?}");
    said.refused();

    let said = doctor(&[]).await.succeeded();
    assert!(said.contains("look   database: there is none yet"), "{said}");
    assert!(!home.path().join("postgres").exists(), "a look made a database");
}
