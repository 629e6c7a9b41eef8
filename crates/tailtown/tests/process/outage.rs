//! PostgreSQL gone: clear 503s, nothing acknowledged is lost, and back by itself.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use nix::sys::signal::Signal;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::client::Client;
use crate::program::{PASSWORD, Program, eventually, resort};
use crate::server::{Home, Server};

/// Reads and writes without pause; every answer is right or a 503, never anything else. The customers acknowledged.
async fn work_until(done: Arc<AtomicBool>, client: Client) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    while !done.load(Ordering::SeqCst) {
        let new = json!({ "firstName": "Ada", "lastName": "Lovelace" });
        let answer = client.post("/api/customers", new).await;
        if answer.status == 201 {
            acknowledged.insert(answer.expect(201)["id"].as_str().unwrap().to_owned());
        } else {
            answer.unavailable();
        }
        let answer = client.get("/api/customers?limit=1").await;
        if answer.status != 200 {
            answer.unavailable();
        }
    }
    acknowledged
}

async fn database_goes_and_comes_back(signal: Signal) {
    let (home, server) = (Home::new(), Server::start().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let program = Program::ready(&home, &[("DATABASE_URL", &url)]).await;
    let (anyone, owner) = (program.client("resort1.localhost"), program.owner("resort1").await);
    let done = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..4).map(|_| tokio::spawn(work_until(done.clone(), owner.clone()))).collect();
    eventually("no work is done", async || {
        owner.get("/api/customers?limit=30").await.expect(200)["nextCursor"].is_string()
    })
    .await;

    server.kill(signal).await;
    for _ in 0..3 {
        let problem = owner.get("/api/customers").await.unavailable();
        assert!(problem["detail"].as_str().unwrap().contains("database"), "{problem}");
        let login = json!({ "email": "owner@resort1.example", "password": PASSWORD });
        anyone.post("/api/auth/login", login).await.unavailable();
        anyone.get("/readyz").await.unavailable();
        assert_eq!(anyone.get("/livez").await.text, "alive\n");
        let health = anyone.get("/health").await.expect(503);
        assert_eq!(health["checks"]["database"], "unhealthy");
        assert_ne!(health["status"], "healthy");
    }

    server.start_again().await;
    eventually("the program is not ready", async || anyone.get("/readyz").await.status == 200).await;
    assert_eq!(anyone.get("/health").await.expect(200)["status"], "healthy");
    owner.get("/api/customers").await.expect(200);
    done.store(true, Ordering::SeqCst);
    for worker in workers {
        for id in worker.await.unwrap() {
            owner.get(&format!("/api/customers/{id}")).await.expect(200);
        }
    }
    let ended = program.stop().await;
    assert!(!ended.err.contains("panic"), "{}", ended.err);
}

#[tokio::test]
async fn a_database_that_hangs_is_a_pause() {
    let (home, server) = (Home::new(), Server::start().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let settings = [("DATABASE_URL", url.as_str()), ("STATEMENT_TIMEOUT_SECONDS", "1")];
    resort(&home, "resort1", &settings).await;
    let program = Program::ready(&home, &settings).await;
    let (anyone, owner) = (program.client("resort1.localhost"), program.owner("resort1").await);
    let done = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..30).map(|_| tokio::spawn(work_until(done.clone(), owner.clone()))).collect();
    eventually("no work is done", async || {
        owner.get("/api/customers?limit=30").await.expect(200)["nextCursor"].is_string()
    })
    .await;

    // Everybody is answered although nothing moves: those who had a connection, those who wait for one, and those who come later.
    let stopped = server.stop();
    for _ in 0..3 {
        owner.get("/api/customers").await.unavailable();
        owner.post("/api/customers", json!({ "firstName": "Ada", "lastName": "L" })).await.unavailable();
        anyone.get("/readyz").await.unavailable();
        assert_eq!(anyone.get("/livez").await.text, "alive\n");
    }

    drop(stopped);
    eventually("the program is not ready", async || anyone.get("/readyz").await.status == 200).await;
    eventually("nothing is read", async || owner.get("/api/customers").await.status == 200).await;
    let new = json!({ "firstName": "Ada", "lastName": "Lovelace" });
    eventually("nothing is written", async || owner.post("/api/customers", new.clone()).await.status == 201)
        .await;
    done.store(true, Ordering::SeqCst);
    for worker in workers {
        for id in worker.await.unwrap() {
            owner.get(&format!("/api/customers/{id}")).await.expect(200);
        }
    }
    let ended = program.stop().await;
    assert!(!ended.err.contains("panic"), "{}", ended.err);
}

/// Passes on what the database says, up to a number of bytes: then it holds the rest back, as a server that is stopped does.
async fn relay(from: UnixListener, to: PathBuf, bytes_left: Arc<AtomicUsize>) {
    loop {
        let (client, _) = from.accept().await.unwrap();
        let server = UnixStream::connect(&to).await.unwrap();
        let ((mut asks, mut hears), (mut answers, mut takes)) = (client.into_split(), server.into_split());
        tokio::spawn(async move { tokio::io::copy(&mut asks, &mut takes).await });
        let left = bytes_left.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            while let Ok(count @ 1..) = answers.read(&mut buffer).await {
                let less = |left: usize| left.checked_sub(count);
                if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_err() {
                    left.store(0, Ordering::SeqCst);
                    std::future::pending::<()>().await;
                }
                if hears.write_all(&buffer[..count]).await.is_err() {
                    break;
                }
            }
        });
    }
}

#[tokio::test]
async fn a_database_that_stops_in_the_middle_of_an_answer_holds_no_request() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join(".s.PGSQL.5432");
    let bytes_left = Arc::new(AtomicUsize::new(usize::MAX));
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(relay(listener, server.socket().join(".s.PGSQL.5432"), bytes_left.clone()));
    let host = folder.path().display().to_string().replace('/', "%2F");
    let url = format!("postgresql://tailtown_app@/{database}?host={host}");
    let settings = [("DATABASE_URL", url.as_str()), ("STATEMENT_TIMEOUT_SECONDS", "1")];
    resort(&home, "resort1", &settings).await;
    let program = Program::ready(&home, &settings).await;
    let owner = program.owner("resort1").await;
    for _ in 0..40 {
        owner.post("/api/customers", json!({ "firstName": "Ada", "lastName": "Lovelace" })).await.expect(201);
    }

    let page = owner.get("/api/customers?limit=39").await.expect(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 39);
    // Not the same page again, which is in the cache.
    bytes_left.store(2_000, Ordering::SeqCst);
    owner.get("/api/customers?limit=40").await.unavailable();
    assert_eq!(bytes_left.load(Ordering::SeqCst), 0);
    owner.get("/api/customers?limit=40").await.unavailable();
    bytes_left.store(usize::MAX, Ordering::SeqCst);
    eventually("nothing is read", async || owner.get("/api/customers?limit=40").await.status == 200).await;
    program.stop().await;
}

#[tokio::test]
async fn a_database_that_is_restarted_is_a_pause() {
    database_goes_and_comes_back(Signal::SIGINT).await;
}

#[tokio::test]
async fn a_database_that_was_killed_is_a_pause() {
    database_goes_and_comes_back(Signal::SIGKILL).await;
}
