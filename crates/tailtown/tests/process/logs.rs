//! What the program writes down: enough to find a request again, in a form that machines read.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{PASSWORD, Program, eventually, resort};
use crate::server::{Home, Server};

/// Every line, each of which must be JSON.
#[track_caller]
fn parsed(text: &str) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    text.lines().map(parse).collect()
}

/// The line about the access of the request with this id.
#[track_caller]
fn access<'a>(lines: &'a [Value], request_id: &str) -> &'a Value {
    let mut found =
        lines.iter().filter(|line| line["target"] == "access" && line["span"]["request.id"] == request_id);
    let line = found.next().unwrap_or_else(|| panic!("{request_id} is not in {lines:?}"));
    assert_eq!(found.count(), 0, "{request_id} is there twice");
    line
}

fn file(folder: &Path, name: &str) -> Vec<Value> {
    parsed(&fs::read_to_string(folder.join(name)).unwrap())
}

#[tokio::test]
async fn in_production_every_line_is_json_and_an_access_line_tells_a_request_whole() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let tenant = resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let program = Program::ready(
        &home,
        &[
            ("DATABASE_URL", &url),
            ("TAILTOWN_ENV", "production"),
            ("BACKUP_SCHEDULE", "off"),
            ("CACHE", "off"),
        ],
    )
    .await;
    let owner = program.owner("resort1").await;
    let me = owner.get("/api/auth/me").await.expect(200)["staff"]["id"].clone();
    let new = json!({ "firstName": "Ada", "lastName": "Lovelace" });
    let added = owner.with("x-request-id", "desk-1").post("/api/customers", new).await;
    let path = format!("/api/customers/{}", added.expect(201)["id"].as_str().unwrap());
    owner.with("x-request-id", "desk-2").get(&path).await.expect(200);
    owner.with("x-request-id", "desk-3").get("/api/nowhere/secret").await.expect(404);
    owner.with("x-request-id", "desk-4").get("/api/customers/0").await;
    program.client("localhost").with("x-request-id", "probe-1").get("/livez").await.expect(200);
    let made = owner.get("/api/customers").await.headers["x-request-id"].clone();
    let ended = program.stop().await;
    assert_eq!(ended.err, "");

    let lines = parsed(&ended.out);
    for line in &lines {
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
        assert!(line["message"].is_string() && line["target"].is_string(), "{line}");
    }
    for message in ["listening", "stopped"] {
        assert!(lines.iter().any(|line| line["message"] == message), "{message} is not in {lines:?}");
    }
    for (id, method, route, status, statements) in
        [("desk-1", "POST", "/api/customers", 201, 2), ("desk-2", "GET", "/api/customers/{id}", 200, 2)]
    {
        let line = access(&lines, id);
        assert_eq!(line["span"]["tenant.id"], tenant.as_str(), "{line}");
        assert_eq!(line["span"]["staff.id"], me, "{line}");
        assert_eq!((&line["http.method"], &line["http.route"]), (&json!(method), &json!(route)));
        assert_eq!(line["http.status"], status);
        let (all, database) = (&line["elapsed_ms"], &line["db.elapsed_ms"]);
        assert!(database.as_f64().unwrap() > 0.0, "{line}");
        assert!(all.as_f64().unwrap() >= database.as_f64().unwrap(), "{line}");
        assert!(line["db.statements"].as_u64().unwrap() >= statements, "{line}");
    }
    assert_eq!(access(&lines, "desk-3")["http.route"], "unmatched");
    assert_eq!(access(&lines, "desk-4")["http.route"], "/api/customers/{id}");
    assert_eq!(access(&lines, "probe-1")["db.statements"], 0);
    assert_eq!(access(&lines, &made)["http.route"], "/api/customers");
}

#[tokio::test]
async fn log_dir_gives_everything_in_one_file_and_errors_in_another() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let url = server.url("tailtown_app", &database);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let folder = home.path().join("logs/tailtown");
    let log_dir = folder.display().to_string();
    let program =
        Program::ready(&home, &[("DATABASE_URL", &url), ("LOG_DIR", &log_dir), ("CACHE", "off")]).await;
    let owner = program.owner("resort1").await;
    owner.with("x-request-id", "works").get("/api/customers").await.expect(200);
    server.admin(&database).await.batch_execute("drop table app.customers cascade").await.unwrap();
    owner.with("x-request-id", "breaks").get("/api/customers").await.expect(500);
    let ended = program.stop().await;

    let (combined, errors) = (file(&folder, "combined.log"), file(&folder, "error.log"));
    assert_eq!(access(&combined, "works")["http.status"], 200);
    assert_eq!(access(&combined, "breaks")["http.status"], 500);
    assert!(combined.last().is_some_and(|line| line["message"] == "stopped"), "{combined:?}");
    assert!(combined.iter().any(|line| line["level"] == "ERROR"), "{combined:?}");
    assert_eq!(errors.len(), 1, "{errors:?}");
    let error = &errors[0];
    assert_eq!(error["level"], "ERROR");
    assert!(error["error"].as_str().unwrap().contains("app.customers"), "{error}");
    // Without it nobody finds the request that failed.
    assert_eq!(error["span"]["request.id"], "breaks", "{error}");
    // The terminal has the readable form.
    assert!(ended.err.contains("request failed"), "{}", ended.err);
    assert!(ended.err.lines().all(|line| !line.starts_with('{')), "{}", ended.err);
}

#[tokio::test]
async fn log_level_is_set_by_module_and_a_request_keeps_its_name() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let tenant = resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("TAILTOWN_ENV", "production"),
        ("BACKUP_SCHEDULE", "off"),
        ("CACHE", "off"),
    ];
    let levels = async |level: &'static str| {
        let settings = [&settings[..], &[("LOG_LEVEL", level)]].concat();
        let program = Program::ready(&home, &settings).await;
        let client = program.client("resort1.localhost").with("x-request-id", "desk-1");
        let login = json!({ "email": "owner@resort1.example", "password": PASSWORD });
        client.post("/api/auth/login", login).await.expect(200);
        parsed(&program.stop().await.out)
    };
    let lines = levels("warn,access=info").await;
    let targets: Vec<_> = lines.iter().map(|line| line["target"].as_str().unwrap()).collect();
    assert!(!targets.is_empty() && targets.iter().all(|target| *target == "access"), "{lines:?}");
    assert_eq!(access(&lines, "desk-1")["span"]["tenant.id"], tenant.as_str());

    let lines = levels("info,access=off").await;
    assert!(lines.iter().any(|line| line["message"] == "listening"), "{lines:?}");
    assert!(lines.iter().all(|line| line["target"] != "access"), "{lines:?}");

    assert_eq!(levels("warn").await, [] as [Value; 0]);
}

#[tokio::test]
async fn an_error_names_its_request_at_any_level() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let url = server.url("tailtown_app", &database);
    let tenant = resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("TAILTOWN_ENV", "production"),
        ("BACKUP_SCHEDULE", "off"),
        ("CACHE", "off"),
        ("LOG_LEVEL", "error"),
    ];
    let program = Program::ready(&home, &settings).await;
    let owner = program.owner("resort1").await;
    server.admin(&database).await.batch_execute("drop table app.customers cascade").await.unwrap();
    owner.with("x-request-id", "breaks").get("/api/customers").await.expect(500);
    eventually("nothing is logged", async || !program.said().is_empty()).await;
    let lines = parsed(&program.stop().await.out);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["span"]["request.id"], "breaks", "{lines:?}");
    assert_eq!(lines[0]["span"]["tenant.id"], tenant.as_str(), "{lines:?}");
}

#[tokio::test]
async fn of_successful_reads_a_share_is_logged_and_of_everything_else_all() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let told = async |share: &'static str, slow: &'static str| {
        let settings = [
            ("DATABASE_URL", url.as_str()),
            ("TAILTOWN_ENV", "production"),
            ("BACKUP_SCHEDULE", "off"),
            ("LOG_SAMPLE", share),
            ("SENTRY_SLOW_MS", slow),
        ];
        let program = Program::ready(&home, &settings).await;
        let owner = program.owner("resort1").await;
        for number in 0..40 {
            owner.with("x-request-id", &format!("read-{number}")).get("/api/customers").await.expect(200);
        }
        let new = json!({ "firstName": "Ada", "lastName": "Lovelace" });
        owner.with("x-request-id", "write").post("/api/customers", new).await.expect(201);
        owner.with("x-request-id", "refused").get("/api/customers/7").await;
        let lines = parsed(&program.stop().await.out);
        access(&lines, "write");
        access(&lines, "refused");
        let is_read = |line: &&Value| {
            let id = line["span"]["request.id"].as_str();
            line["target"] == "access" && id.is_some_and(|id| id.starts_with("read-"))
        };
        lines.iter().filter(is_read).count()
    };
    assert_eq!(told("1", "60000").await, 40);
    assert_eq!(told("0", "60000").await, 0);
    // A share of 0.5 gives 3 to 37 of 40 but for one in 10⁷ times.
    let half = told("0.5", "60000").await;
    assert!((3..=37).contains(&half), "{half}");
    // Every request is slow here.
    assert_eq!(told("0", "0").await, 40);
}

#[tokio::test]
async fn log_dir_holds_no_more_than_it_may_and_the_newest() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let folder = home.path().join("logs");
    let settings =
        [("DATABASE_URL", url.as_str()), ("LOG_DIR", folder.to_str().unwrap()), ("LOG_MAX_MB", "1")];
    let program = Program::ready(&home, &settings).await;
    let held = || -> u64 {
        let files = fs::read_dir(&folder).unwrap().map(|file| fs::symlink_metadata(file.unwrap().path()));
        // One may be removed meanwhile.
        files.flatten().filter(fs::Metadata::is_file).map(|file| file.len()).sum()
    };
    let client = program.client("localhost");
    let mut kept = client.kept_open();
    for _ in 0..6000 {
        kept.get("/livez").await;
    }
    client.with("x-request-id", "last").get("/livez").await.expect(200);
    eventually("the log lags", async || {
        fs::read_to_string(folder.join("combined.log")).unwrap().contains("\"last\"")
    })
    .await;
    let bytes = held();
    assert!((500_000..=1 << 20).contains(&bytes), "{bytes}");
    assert!(fs::read_dir(&folder).unwrap().count() > 8, "it does not rotate");
    program.stop().await;
    assert!(held() <= 1 << 20);
    file(&folder, "combined.log");
}
