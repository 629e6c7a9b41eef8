//! The private PostgreSQL ends under the program, however it does: it is back by itself within ten seconds, nothing that was
//! acknowledged is lost, and every answer meanwhile is right or a 503 that says why.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_postgres::{Config, NoTls};

use crate::client::Client;
use crate::program::{PASSWORD, Program, Settings, eventually, free_port, resort, run};
use crate::server::{Home, is_running};

/// From the fault, or its end, to an answer.
const BACK_WITHIN: Duration = Duration::from_secs(10);

/// People at work and somebody who signs in, while the database goes and comes.
pub(crate) struct Desk {
    over: Arc<AtomicBool>,
    writers: Vec<JoinHandle<(BTreeSet<String>, BTreeSet<String>)>>,
}

impl Desk {
    pub(crate) fn open(owner: &Client, anyone: &Client) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let mut writers: Vec<_> = (0..4).map(|_| tokio::spawn(write(over.clone(), owner.clone()))).collect();
        writers.push(tokio::spawn(sign_in(over.clone(), anyone.clone())));
        Self { over, writers }
    }

    /// Every customer that was acknowledged is there; what was said in the 503s.
    pub(crate) async fn close(self, owner: &Client) -> BTreeSet<String> {
        self.over.store(true, Ordering::SeqCst);
        let (mut acknowledged, mut refusals) = (BTreeSet::new(), BTreeSet::new());
        for writer in self.writers {
            let (by_it, told) = writer.await.unwrap();
            acknowledged.extend(by_it);
            refusals.extend(told);
        }
        assert!(!acknowledged.is_empty());
        for id in &acknowledged {
            owner.get(&format!("/api/customers/{id}")).await.expect(200);
        }
        refusals
    }
}

async fn write(over: Arc<AtomicBool>, owner: Client) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut acknowledged, mut refusals) = (BTreeSet::new(), BTreeSet::new());
    while !over.load(Ordering::SeqCst) {
        let new = json!({ "firstName": "Ada", "lastName": "Lovelace" });
        let answer = owner.post("/api/customers", new).await;
        if answer.status == 201 {
            acknowledged.insert(answer.expect(201)["id"].as_str().unwrap().to_owned());
        } else {
            refusals.insert(answer.unavailable()["detail"].as_str().unwrap().to_owned());
        }
        let answer = owner.get("/api/customers?limit=1").await;
        if answer.status != 200 {
            answer.unavailable();
        }
    }
    (acknowledged, refusals)
}

async fn sign_in(over: Arc<AtomicBool>, anyone: Client) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut refusals = BTreeSet::new();
    while !over.load(Ordering::SeqCst) {
        let login = json!({ "email": "owner@resort1.example", "password": PASSWORD });
        let answer = anyone.post("/api/auth/login", login).await;
        if answer.status != 200 {
            refusals.insert(answer.unavailable()["detail"].as_str().unwrap().to_owned());
        }
    }
    (BTreeSet::new(), refusals)
}

/// A program on a private database with a resort, its owner and whoever comes.
pub(crate) async fn open(home: &Home, settings: Settings<'_>) -> (Program, Client, Client) {
    let program = Program::ready(home, settings).await;
    resort(home, "resort1", settings).await;
    let (owner, anyone) = (program.owner("resort1").await, program.client("resort1.localhost"));
    (program, owner, anyone)
}

/// Waits until another server runs than before, and the program is ready; how long after `since` that was.
pub(crate) async fn back(home: &Home, anyone: &Client, before: Pid, since: Instant) -> Duration {
    eventually("the private database is not back", async || {
        home.postmaster().is_some_and(|postmaster| postmaster != before)
            && anyone.get("/readyz").await.status == 200
    })
    .await;
    since.elapsed()
}

pub(crate) async fn admin(home: &Home) -> tokio_postgres::Client {
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(home.path().join("postgres")).unwrap());
    let superuser = nix::unistd::User::from_uid(owner.into()).unwrap().unwrap().name;
    let mut config = Config::new();
    config.host_path(home.path().join("socket")).user(&superuser).dbname("postgres");
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Keeps a backend busy that does not notice the end of its server.
async fn occupy(home: &Home) -> JoinHandle<bool> {
    let (busy, watcher) = (admin(home).await, admin(home).await);
    let busy =
        tokio::spawn(async move { busy.batch_execute("do $$ begin loop end loop; end $$").await.is_err() });
    eventually("the backend is idle", async || {
        let at_work = "select from pg_stat_activity where state = 'active' and query like 'do %'";
        watcher.query_opt(at_work, &[]).await.unwrap().is_some()
    })
    .await;
    busy
}

#[tokio::test]
async fn killed_or_stopped_under_load_it_is_back_by_itself_and_nothing_is_lost() {
    let home = Home::new();
    let (program, owner, anyone) = open(&home, &[]).await;
    let desk = Desk::open(&owner, &anyone);
    for signal in [Signal::SIGKILL, Signal::SIGINT, Signal::SIGKILL] {
        let busy = occupy(&home).await;
        let (postmaster, at) = (home.postmaster().unwrap(), Instant::now());
        kill(postmaster, signal).unwrap();
        let took = back(&home, &anyone, postmaster, at).await;
        assert!(took < BACK_WITHIN, "{signal}: {took:?}");
        assert!(busy.await.unwrap(), "a backend of the old server lives");
        anyone.get("/health").await.expect(200);
    }
    desk.close(&owner).await;
    let said = program.said();
    assert_eq!(said.matches("the private database has ended: starting it again").count(), 3, "{said}");
    assert_eq!(said.matches("the private database answers again").count(), 3, "{said}");
    let ended = program.stop().await;
    assert!(!ended.err.contains("panic") && !ended.err.contains("did not stop cleanly"), "{}", ended.err);
    assert_eq!(home.postmaster(), None, "it was started again after an orderly stop");
}

#[tokio::test]
async fn after_a_reload_the_new_program_alone_watches() {
    let home = Home::new();
    let (program, owner, anyone) = open(&home, &[]).await;
    // The old program stays for whoever is connected.
    let mut kept = owner.kept_open();
    kept.get("/api/customers").await.expect(200);
    let first = home.serving(program.port).unwrap();
    let port = program.port.to_string();
    run(&home, &["reload"], &[("PORT", &port)]).await.succeeded();
    assert!(is_running(first), "nobody holds the connection");
    let desk = Desk::open(&owner, &anyone);
    let (postmaster, at) = (home.postmaster().unwrap(), Instant::now());
    kill(postmaster, Signal::SIGKILL).unwrap();
    let took = back(&home, &anyone, postmaster, at).await;
    assert!(took < BACK_WITHIN, "{took:?}");
    let said = program.said();
    assert_eq!(said.matches("the private database has ended: starting it again").count(), 1, "{said}");
    assert!(is_running(first));
    desk.close(&owner).await;
    drop(kept);
    program.stop_successor(&home).await;
    assert_eq!(home.postmaster(), None);
}

#[tokio::test]
async fn what_cannot_be_started_is_named_by_everyone_who_is_asked_and_goes_on_when_it_can() {
    let home = Home::new();
    let admin_port = free_port().to_string();
    let settings: Settings<'_> = &[("ADMIN_PORT", &admin_port)];
    let (program, owner, anyone) = open(&home, settings).await;
    let desk = Desk::open(&owner, &anyone);
    let (whole, away) = (home.path().join("postgres/pg_wal"), home.path().join("pg_wal"));
    let postmaster = home.postmaster().unwrap();
    fs::rename(&whole, &away).unwrap();
    kill(postmaster, Signal::SIGKILL).unwrap();
    let cause =
        "the private database cannot be started (its data folder is damaged): the program keeps trying";
    eventually("health does not name it", async || {
        let health: Value = serde_json::from_str(&anyone.get("/health").await.text).unwrap();
        health["databaseError"] == cause
    })
    .await;

    let health = anyone.get("/health").await;
    assert_eq!(health.expect(503)["checks"]["database"], "unhealthy");
    assert!(!health.text.contains("pg_wal") && !health.text.contains(&home.path().display().to_string()));
    assert_eq!(anyone.get("/readyz").await.unavailable()["detail"], cause);
    assert_eq!(owner.get("/api/customers").await.unavailable()["detail"], cause);
    anyone.get("/livez").await.expect(200);
    let overview: Value =
        Client::new(admin_port.parse().unwrap(), "localhost").get("/overview.json").await.expect(200);
    assert_eq!(overview["database"]["trouble"], cause);
    assert_eq!(overview["verdict"]["state"], "TROUBLE");
    assert!(overview["database"]["log"].as_str().unwrap().contains("LOG:  "), "{overview}");
    let log = program.said();
    assert!(log.contains("it has no pg_wal") && log.contains("tailtown backup restore"), "{log}");

    let port = program.port.to_string();
    let settings: Settings<'_> = &[("PORT", &port), ("ADMIN_PORT", &admin_port)];
    let serving = home.serving(program.port).unwrap();
    let truth = format!("tailtown (process {serving}) runs, and its database does not answer: {cause}");
    for words in [&["tenant", "list"][..], &["backup", "run"], &["migrate", "status"], &["reload"]] {
        let said = run(&home, words, settings).await.refused();
        assert!(said.contains(&truth) && !said.contains("stop that one"), "{words:?}: {said}");
    }
    let doctor = run(&home, &["doctor"], settings).await;
    assert!(doctor.out.contains(&truth) && doctor.out.contains("LOG:  "), "{}", doctor.out);

    fs::rename(&away, &whole).unwrap();
    let took = back(&home, &anyone, postmaster, Instant::now()).await;
    assert!(took < BACK_WITHIN, "{took:?}");
    assert_eq!(anyone.get("/health").await.expect(200).get("databaseError"), None);
    assert!(desk.close(&owner).await.contains(cause));
    run(&home, &["tenant", "list"], settings).await.succeeded();
    program.stop().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_found_before_anything_is_made() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let (text, free) = (port.to_string(), free_port());
    for (port, settings) in [(port, &[][..]), (free, &[("ADMIN_PORT", text.as_str())])] {
        let said = Program::start(&home, port, settings).ended().await.refused();
        let taken =
            format!("cannot listen on 127.0.0.1:{text}: another program listens there: choose another ");
        assert!(said.contains(&taken), "{said}");
        let made: Vec<PathBuf> =
            fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(made.is_empty(), "{made:?}");
    }
}
