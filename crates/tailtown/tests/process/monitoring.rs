//! What an operator sees: a real Prometheus hears of a fault and of nothing else, and a real browser shows the figures.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::client::Client;
use crate::program::{Program, eventually, free_port, resort, run};
use crate::server::{Home, Server};

fn ops(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ops").join(file)
}

async fn promtool(arguments: &[&str], input: Option<&str>) {
    let mut command = Command::new("promtool");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("promtool is missing: run `bin/prepare checks`");
    let mut stdin = child.stdin.take().unwrap();
    if let Some(input) = input {
        tokio::io::AsyncWriteExt::write_all(&mut stdin, input.as_bytes()).await.unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

/// Prometheus with the program's own rules, in a hurry.
struct Prometheus {
    client: Client,
    _child: Child,
    _folder: TempDir,
}

impl Prometheus {
    fn start(admin: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rules = fs::read_to_string(ops("prometheus/tailtown.rules.yml")).unwrap();
        // What takes minutes in earnest takes seconds here.
        let hurried = rules.lines().filter(|line| !line.trim_start().starts_with("for: "));
        let hurried = hurried.collect::<Vec<_>>().join("\n").replace("[5m]", "[10s]");
        fs::write(folder.path().join("tailtown.rules.yml"), hurried).unwrap();
        let config = fs::read_to_string(ops("prometheus/prometheus.yml")).unwrap();
        let config =
            config.replace(": 15s", ": 250ms").replace("127.0.0.1:4005", &format!("127.0.0.1:{admin}"));
        fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        let port = free_port();
        let mut command = Command::new("prometheus");
        command
            .current_dir(folder.path())
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=error"])
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn().expect("prometheus is missing: run `bin/prepare checks`");
        Self { client: Client::new(port, "127.0.0.1"), _child: child, _folder: folder }
    }

    /// What a query gives: the values, by their labels.
    async fn query(&self, query: &str) -> Vec<Value> {
        let path = format!("/api/v1/query?query={query}");
        let Ok(answer) = self.client.try_send("GET", &path, None).await else { return Vec::new() };
        let answer: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        answer["data"]["result"].as_array().cloned().unwrap_or_default()
    }

    /// The alerts that fire, but for those about this machine's disk.
    async fn firing(&self) -> BTreeSet<String> {
        let alerts = self.query("ALERTS%7Balertstate=%22firing%22%7D").await;
        let names = alerts.iter().map(|alert| alert["metric"]["alertname"].as_str().unwrap().to_owned());
        names.filter(|name| name != "TailtownDiskFilling").collect()
    }
}

#[tokio::test]
async fn prometheus_hears_of_a_fault_and_of_nothing_else() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let url = server.url("tailtown_app", &database);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let admin = free_port();
    let port = admin.to_string();
    let program = Program::ready(&home, &[("DATABASE_URL", &url), ("ADMIN_PORT", &port)]).await;
    let prometheus = Prometheus::start(admin);
    let owner = program.owner("resort1").await;

    eventually("Prometheus has no rate", async || {
        for _ in 0..20 {
            owner.get("/api/customers").await.expect(200);
        }
        let rate = prometheus.query("tailtown:requests:rate5m%3E1").await;
        let hits = prometheus.query("tailtown:cache_hits:ratio5m%3E0.8").await;
        !rate.is_empty() && !hits.is_empty()
    })
    .await;
    for target in
        ["tailtown:api_p95_seconds:5m", "tailtown:database_p95_seconds:5m", "tailtown:errors:ratio5m"]
    {
        assert!(!prometheus.query(target).await.is_empty(), "{target} is not recorded");
    }
    assert_eq!(prometheus.firing().await, BTreeSet::new());

    let page = Client::new(admin, "127.0.0.1").get("/metrics").await.text;
    promtool(&["check", "metrics"], Some(&page)).await;
    every_name_is_there(&page);

    server.admin(&database).await.batch_execute("drop table app.pets cascade").await.unwrap();
    eventually("nothing fires", async || {
        for _ in 0..20 {
            owner.get("/api/pets").await.expect(500);
        }
        let firing = prometheus.firing().await;
        ["TailtownErrors", "TailtownManyErrors"].iter().all(|name| firing.contains(*name))
    })
    .await;
    program.stop().await;
    eventually("nobody hears that it is gone", async || prometheus.firing().await.contains("TailtownDown"))
        .await;
}

/// Rules and board ask only for what the program tells. A few are told of other settings only.
fn every_name_is_there(page: &str) {
    let elsewhere = ["tailtown_backup_last_verified_timestamp_seconds"];
    let asked = ["prometheus/tailtown.rules.yml", "grafana/tailtown.json"]
        .map(|file| fs::read_to_string(ops(file)).unwrap());
    let mut names = 0;
    for word in asked.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')) {
        let is_name = word.starts_with("tailtown_") || word.starts_with("process_");
        if !is_name || elsewhere.contains(&word) {
            continue;
        }
        assert!(
            page.contains(&format!("\n{word}{{")) || page.contains(&format!("\n{word} ")),
            "{word} is not told"
        );
        names += 1;
    }
    assert!(names > 30, "only {names} names were found");
}

#[tokio::test]
async fn every_alert_is_made_to_fire_and_to_stay_silent() {
    let rules = fs::read_to_string(ops("prometheus/tailtown.rules.yml")).unwrap();
    let tests = fs::read_to_string(ops("prometheus/tailtown.test.yml")).unwrap();
    for alert in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        let silent = format!("alertname: {alert}, exp_alerts: [] }}");
        let fires = format!("alertname: {alert}\n        exp_alerts:\n          - exp_labels");
        assert!(tests.contains(&silent), "{alert} is nowhere silent");
        assert!(tests.contains(&fires), "{alert} fires nowhere");
    }
    // The board's questions are questions that Prometheus understands.
    let board: Value =
        serde_json::from_str(&fs::read_to_string(ops("grafana/tailtown.json")).unwrap()).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let asked = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let mut file = "groups:\n  - name: board\n    rules:\n".to_owned();
    for (number, target) in asked.enumerate() {
        let question = target["expr"].as_str().unwrap().replace("$__rate_interval", "1m");
        file.push_str(&format!("      - {{ record: 'board:{number}', expr: '{question}' }}\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("board.yml");
    fs::write(&path, file).unwrap();
    promtool(&["check", "rules", path.to_str().unwrap()], None).await;
}

/// The page after its script has run, in a browser on this machine.
async fn browse(address: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let names = ["chromium-headless-shell", "chromium", "google-chrome"];
    let found = names.into_iter().find(|name| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(name).exists())
    });
    let output = Command::new(found.expect("there is no Chromium: run `bin/prepare checks`"))
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
        ])
        .args(["--disable-background-networking", "--disable-component-update", "--window-size=390,844"])
        .arg(format!("--user-data-dir={}", folder.path().display()))
        .args(["--virtual-time-budget=2000", "--dump-dom", address])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_browser_shows_the_figures_as_they_are() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let url = server.url("tailtown_app", &database);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let port = free_port().to_string();
    let program = Program::ready(&home, &[("DATABASE_URL", &url), ("ADMIN_PORT", &port)]).await;
    let owner = program.owner("resort1").await;
    for _ in 0..49 {
        owner.get("/api/customers").await.expect(200);
    }
    let address = format!("http://127.0.0.1:{port}/");
    let page = browse(&address).await;
    // The login is the fiftieth request.
    assert!(page.contains("<td>resort1</td><td>50</td><td>0</td>"), "{page}");
    assert!(!page.contains("data-state=\"TROUBLE\""), "{page}");
    for target in ["apiP95", "databaseP95", "cacheHits", "errors"] {
        assert!(page.contains(&format!("data-target=\"{target}\" data-met=\"")), "{target} is not in {page}");
    }
    // How fast this machine is at this moment is not asserted, only that there is a figure.
    assert!(!page.contains("data-met=\"unknown\""), "{page}");
    assert!(page.contains("data-target=\"errors\" data-met=\"yes\""), "{page}");
    assert!(page.contains("aria-label=\"Traffic, requests/s, now: all "), "{page}");

    server.admin(&database).await.batch_execute("drop table app.pets cascade").await.unwrap();
    for _ in 0..50 {
        owner.get("/api/pets").await.expect(500);
    }
    let page = browse(&address).await;
    assert!(page.contains("data-state=\"TROUBLE\""), "{page}");
    assert!(page.contains("50 of 100 requests failed in the last minute"), "{page}");

    let admin = Client::new(port.parse().unwrap(), "127.0.0.1");
    let (bare, told) = (admin.get("/").await.text, admin.get("/overview.json").await.expect(200));
    assert!(fits_on_a_phone(&bare, &told).await);
    let wide = bare.replace("</header>", "</header><p style=\"width: 400px\">wide</p>");
    assert!(!fits_on_a_phone(&wide, &told).await, "the measure measures nothing");
    program.stop().await;
}

/// Whether the page, with what it was told, is as wide as a phone of 390 pixels shows.
async fn fits_on_a_phone(page: &str, told: &Value) -> bool {
    let asks = "await fetch('/overview.json', { signal: AbortSignal.timeout(EVERY - 500) })";
    assert!(page.contains(asks), "the page asks in another way");
    let page = page.replace(asks, &format!("new Response(JSON.stringify({told}))"));
    let measure = "<script>setTimeout(() => { const { scrollWidth, clientWidth } = document.documentElement; \
                   document.body.dataset.fits = innerWidth === 390 && scrollWidth === clientWidth; }, 500)</script></body>";
    let file = tempfile::Builder::new().suffix(".html").tempfile().unwrap();
    fs::write(file.path(), page.replace("</body>", measure)).unwrap();
    let shown = browse(&format!("file://{}", file.path().display())).await;
    assert!(shown.contains("<td>resort1</td>"), "{shown}");
    shown.contains("<body data-fits=\"true\">")
}

#[tokio::test]
async fn the_hour_that_is_kept_goes_on_after_a_reload() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let port = free_port().to_string();
    let settings = [("DATABASE_URL", url.as_str()), ("ADMIN_PORT", &port)];
    resort(&home, "resort1", &settings).await;
    let program = Program::ready(&home, &settings).await;
    let owner = program.owner("resort1").await;
    for _ in 0..50 {
        owner.get("/api/customers").await.expect(200);
    }
    let at = program.port.to_string();
    for _ in 0..2 {
        run(&home, &["reload"], &[settings.as_slice(), &[("PORT", &at)]].concat()).await.succeeded();
        // The new program itself was asked nothing.
        let overview =
            Client::new(port.parse().unwrap(), "127.0.0.1").get("/overview.json").await.expect(200);
        let busy = |point: &Value| point["requestsPerSecond"].as_f64().unwrap() > 0.0;
        assert!(overview["history"].as_array().unwrap().iter().any(busy), "{overview:#}");
        let most = &overview["tenants"][0];
        assert!(most["subdomain"] == "resort1" && most["requests"].as_u64() >= Some(50), "{overview:#}");
    }
    program.stop_successor(&home).await;
}

#[tokio::test]
async fn a_job_that_fails_is_heard_of_until_it_goes_well() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let (url, everything) = (server.url("tailtown_app", &database), server.url("postgres", &database));
    let port = free_port();
    let (at, folder) = (port.to_string(), home.path().join("nights"));
    fs::write(&folder, "in the way of the folder").unwrap();
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("BACKUP_DATABASE_URL", &everything),
        ("BACKUP_SCHEDULE", "on"),
        ("BACKUP_FOLDER", folder.to_str().unwrap()),
        ("ADMIN_PORT", &at),
    ];
    let page = Client::new(port, "127.0.0.1");
    let told = async || {
        let overview = page.get("/overview.json").await.expect(200);
        let jobs = overview["jobs"].as_array().unwrap().iter();
        let backup = jobs.clone().find(|one| one["job"] == "backup").unwrap().clone();
        (backup, overview["verdict"]["findings"].to_string())
    };
    let failing = "The job backup failed the last time";

    let program = Program::ready(&home, &settings).await;
    eventually("no backup fails", async || told().await.0["failed"] == 1).await;
    let (backup, findings) = told().await;
    assert!(backup["isFailing"] == true && backup["lastDoneAt"].is_null(), "{backup}");
    assert!(findings.contains(failing), "{findings}");
    let metrics = page.get("/metrics").await.text;
    assert!(metrics.contains("tailtown_job_failures_in_a_row{task=\"backup\"} 1\n"), "{metrics}");
    let shown = browse(&format!("http://127.0.0.1:{port}/")).await;
    assert!(shown.contains("<dt>backup</dt><dd data-bad=\"yes\">failed 1 ×</dd>"), "{shown}");
    program.stop().await;

    fs::remove_file(&folder).unwrap();
    let program = Program::ready(&home, &settings).await;
    eventually("no backup is made", async || told().await.0["done"] == 1).await;
    let (backup, findings) = told().await;
    assert!(backup["failedInARow"] == 0 && backup["lastDoneAt"].is_string(), "{backup}");
    assert!(!findings.contains(failing), "{findings}");
    program.stop().await;
}
