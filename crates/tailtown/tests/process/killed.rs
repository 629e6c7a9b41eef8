//! Killed at any instant, the program finds everything it ever acknowledged.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::client::Client;
use crate::program::{Program, command_of, eventually, resort};
use crate::server::{Home, Server, is_running};

/// Adds customers until the program is gone; those that it acknowledged.
async fn add_until_gone(client: Client, writer: usize) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    for turn in 0.. {
        let new = json!({ "firstName": format!("Writer {writer}"), "lastName": format!("Turn {turn}") });
        let Ok(answer) = client.try_send("POST", "/api/customers", Some(new)).await else { break };
        acknowledged.insert(answer.expect(201)["id"].as_str().unwrap().to_owned());
    }
    acknowledged
}

async fn ids(client: &Client) -> BTreeSet<String> {
    let (mut ids, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let page = client.get(&format!("/api/customers?limit=100&fields=id{cursor}")).await.expect(200);
        let rows = page["data"].as_array().unwrap().iter();
        ids.extend(rows.map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["nextCursor"].as_str() else { return ids };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_kill_in_the_middle_of_writes() {
    let home = Home::new();
    let program = Program::ready(&home, &[]).await;
    resort(&home, "resort1", &[]).await;
    let owner = program.owner("resort1").await;
    let writers: Vec<_> = (0..4).map(|writer| tokio::spawn(add_until_gone(owner.clone(), writer))).collect();
    eventually("too few customers were added", async || ids(&owner).await.len() >= 40).await;
    program.signal(Signal::SIGKILL);
    let ended = program.ended().await;
    assert!(!ended.status.success(), "{ended:?}");
    let mut acknowledged = BTreeSet::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    let postmaster = home.postmaster().expect("the private database outlives a program that was killed");

    let program = Program::ready(&home, &[]).await;
    assert_eq!(home.postmaster(), Some(postmaster));
    assert!(program.said().contains("took over the private database"), "{}", program.said());
    // The session is there too: nobody has to sign in again.
    let owner = owner.at(program.port);
    let there = ids(&owner).await;
    assert!(acknowledged.len() >= 40 && acknowledged.is_subset(&there), "{acknowledged:?} {there:?}");

    // Now both die.
    program.signal(Signal::SIGKILL);
    nix::sys::signal::kill(postmaster, Signal::SIGKILL).unwrap();
    program.ended().await;
    eventually("the database runs", async || !is_running(postmaster)).await;
    let program = Program::ready(&home, &[]).await;
    let owner = owner.at(program.port);
    assert_eq!(ids(&owner).await, there);
    owner.post("/api/customers", json!({ "firstName": "One", "lastName": "More" })).await.expect(201);
    let health: Value = program.client("localhost").get("/health").await.expect(200);
    assert_eq!(health["status"], "healthy");
    program.stop().await;
    assert_eq!(home.postmaster(), None);
}

#[tokio::test]
async fn after_a_kill_reads_do_not_wait_for_writes_that_wait() {
    const CONNECTIONS: usize = 4;
    let server = Server::shared().await;
    let database = server.migrated().await;
    let url = server.url("tailtown_app", &database);
    let url = format!("{url}&connection_limit={CONNECTIONS}");
    let (home, settings) = (Home::new(), [("DATABASE_URL", url.as_str())]);
    resort(&home, "resort1", &settings).await;
    let program = Program::ready(&home, &settings).await;
    let owner = program.owner("resort1").await;
    // Kept in its cache: the program that is killed has a lease then, which writes have to wait out.
    eventually("nothing is cached", async || {
        owner
            .get("/api/customers")
            .await
            .headers
            .get("x-cache")
            .is_some_and(|source| source.starts_with("hit"))
    })
    .await;
    program.signal(Signal::SIGKILL);
    program.ended().await;
    // To the next program it seems alive for as long as this takes: one row after the other is in its three seconds.
    let admin = server.admin(&database).await;
    admin
        .batch_execute(
            "insert into app.cache_nodes (id, medium, reaches, stats, seen_at)
             select gen_random_uuid(), m.medium, true, '{}', clock_timestamp() + s * interval '1 second'
             from app.cache_mode m, generate_series(0, 120) s",
        )
        .await
        .unwrap();

    let program = Program::ready(&home, &settings).await;
    let owner = owner.at(program.port);
    // Nobody can switch the cache off until the reads are done, and every write has to.
    admin.batch_execute("begin; select from app.cache_mode for update").await.unwrap();
    let new = |n: usize| json!({ "firstName": "Writer", "lastName": format!("No. {n}") });
    let mut writes = Vec::new();
    for n in 0..3 * CONNECTIONS {
        writes.push(owner.begin("POST", "/api/customers", Some(new(n)), 0).await.unwrap());
    }
    let writes = tokio::spawn(async move {
        for write in writes {
            write.answer().await.unwrap().expect(201);
        }
    });
    for _ in 0..10 {
        owner.get("/api/customers").await.expect(200);
    }
    assert!(!writes.is_finished(), "writes did not wait");
    admin.batch_execute("rollback").await.unwrap();
    writes.await.unwrap();
    assert_eq!(ids(&owner).await.len(), 3 * CONNECTIONS);
    program.stop().await;
}

#[tokio::test]
async fn killed_in_the_middle_of_its_stop_it_starts_again() {
    let home = Home::new();
    let program = Program::ready(&home, &[]).await;
    program.signal(Signal::SIGTERM);
    program.until_closed().await;
    program.signal(Signal::SIGKILL);
    program.ended().await;
    // The database may be running still, on its way out, or gone.
    Program::ready(&home, &[]).await.stop().await;
    assert_eq!(home.postmaster(), None);
}

/// A manager of services as systemd is one: it holds the listening socket, and starts the program on it whenever that has ended.
struct Supervisor {
    home: Home,
    settings: Vec<(String, String)>,
    listener: TcpListener,
    program: Option<Program>,
}

impl Supervisor {
    fn new(url: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = vec![("DATABASE_URL".to_owned(), url)];
        Self { home: Home::new(), settings, listener, program: None }
    }

    fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    fn start(&mut self) {
        let settings: Vec<_> =
            self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\" 3<&0 </dev/null";
        let mut command = command_of(Path::new("/bin/sh"), self.home.path(), &settings);
        command.args(["-c", script, env!("CARGO_BIN_EXE_tailtown")]);
        command.stdin(Stdio::from(OwnedFd::from(self.listener.try_clone().unwrap())));
        self.program = Some(Program::spawn(command, self.port()));
    }

    /// Kills the program, and starts it again when it is dead.
    async fn kill(&mut self) {
        let program = self.program.take().unwrap();
        program.signal(Signal::SIGKILL);
        let ended = program.ended().await;
        assert!(!ended.status.success(), "{ended:?}");
        self.start();
    }
}

/// Adds customers over connections of their own until it is over; those that were acknowledged, and how many were cut off. Nobody
/// is ever refused.
async fn add_until_over(client: Client, writer: usize, over: Arc<AtomicBool>) -> (BTreeSet<String>, usize) {
    let (mut acknowledged, mut cut_off) = (BTreeSet::new(), 0);
    for turn in 0.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let new = json!({ "firstName": format!("Writer {writer}"), "lastName": format!("Turn {turn}") });
        match client.try_send("POST", "/api/customers", Some(new)).await {
            Ok(answer) => {
                acknowledged.insert(answer.expect(201)["id"].as_str().unwrap().to_owned());
            }
            Err(error) => {
                assert_ne!(error.kind(), ErrorKind::ConnectionRefused, "the supervisor holds the socket");
                cut_off += 1;
            }
        }
    }
    (acknowledged, cut_off)
}

#[tokio::test]
async fn killed_again_and_again_under_a_supervisor_it_loses_nothing_and_refuses_nobody() {
    const KILLS: usize = 4;
    const WRITERS: usize = 4;
    let server = Server::shared().await;
    let url = server.url("tailtown_app", &server.migrated().await);
    let mut supervisor = Supervisor::new(url.clone());
    resort(&supervisor.home, "resort1", &[("DATABASE_URL", &url)]).await;
    supervisor.start();
    let owner = supervisor.program.as_ref().unwrap().owner("resort1").await;
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(add_until_over(owner.clone(), writer, over.clone())))
        .collect();
    for kill in 1..=KILLS {
        eventually("nothing is added", async || ids(&owner).await.len() >= 20 * kill).await;
        supervisor.kill().await;
    }
    eventually("nothing is added", async || ids(&owner).await.len() >= 20 * (KILLS + 1)).await;
    over.store(true, Ordering::SeqCst);
    let (mut acknowledged, mut cut_off) = (BTreeSet::new(), 0);
    for writer in writers {
        let (by_it, of_it) = writer.await.unwrap();
        acknowledged.extend(by_it);
        cut_off += of_it;
    }
    let there = ids(&owner).await;
    assert!(acknowledged.len() >= 20 && acknowledged.is_subset(&there), "{acknowledged:?} {there:?}");
    // Only what was under way when it was killed, each time.
    assert!(cut_off <= KILLS * WRITERS, "{cut_off}");
    supervisor.program.take().unwrap().stop().await;
}
