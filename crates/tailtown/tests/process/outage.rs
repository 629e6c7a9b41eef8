//! PostgreSQL gone: clear 503s, nothing acknowledged is lost, and back by itself.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::Signal;
use serde_json::json;

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

#[tokio::test]
async fn a_database_that_is_restarted_is_a_pause() {
    database_goes_and_comes_back(Signal::SIGINT).await;
}

#[tokio::test]
async fn a_database_that_was_killed_is_a_pause() {
    database_goes_and_comes_back(Signal::SIGKILL).await;
}
