//! Told to stop, the program finishes what is under way, takes nothing new, and leaves nothing behind.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::json;

use crate::client::{Client, Unfinished};
use crate::program::{PASSWORD, Program, eventually, resort};
use crate::server::{Home, Server, is_running};

/// A login that the program has read but for its last byte.
async fn half_sent_login(client: &Client) -> Unfinished {
    let login = json!({ "email": "owner@resort1.example", "password": PASSWORD });
    client.begin("POST", "/api/auth/login", Some(login), 1).await.unwrap().until_read().await
}

#[tokio::test]
async fn a_request_under_way_is_answered_after_sigterm_and_a_new_one_is_refused() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let program = Program::ready(&home, &[("DATABASE_URL", &url), ("DRAIN_SECONDS", "600")]).await;
    let client = program.client("resort1.localhost");
    let under_way = half_sent_login(&client).await;
    let late = client.begin("GET", "/readyz", None, 1).await.unwrap().until_read().await;

    program.signal(Signal::SIGTERM);
    program.until_closed().await;
    assert!(late.finish().await.unwrap().unavailable()["detail"].as_str().unwrap().contains("stopping"));
    let answer = under_way.finish().await.unwrap();
    assert!(answer.expect(200)["accessToken"].is_string());

    let ended = program.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.err.contains("stopped") && !ended.err.contains("cut off"), "{}", ended.err);
}

#[tokio::test]
async fn a_request_that_never_ends_holds_a_stop_up_for_the_drain_limit_and_no_longer() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let program = Program::ready(&home, &[("DATABASE_URL", &url), ("DRAIN_SECONDS", "1")]).await;
    let client = program.client("resort1.localhost");
    let _never_sent = half_sent_login(&client).await;
    let start = Instant::now();
    let ended = program.stop().await;
    assert!(start.elapsed() >= Duration::from_secs(1), "{ended:?}");
    assert!(ended.err.contains("cut off"), "{}", ended.err);
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_a_stop_up() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let program = Program::ready(&home, &[("DATABASE_URL", &url), ("DRAIN_SECONDS", "600")]).await;
    // As a browser opens them before it knows what to ask.
    let _idle = tokio::net::TcpStream::connect(("127.0.0.1", program.port)).await.unwrap();
    program.client("localhost").get("/livez").await.expect(200);
    program.stop().await;
}

#[tokio::test]
async fn ctrl_c_lets_a_request_finish_and_takes_the_private_database_along() {
    let home = Home::new();
    let program = Program::ready(&home, &[]).await;
    resort(&home, "resort1", &[]).await;
    let client = program.client("resort1.localhost");
    let under_way = half_sent_login(&client).await;
    let postmaster = home.postmaster().unwrap();

    program.signal_group(Signal::SIGINT);
    program.until_closed().await;
    assert!(is_running(postmaster), "the database went before the request was done");
    under_way.finish().await.unwrap().expect(200);
    let ended = program.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    eventually("the private database runs", async || !is_running(postmaster)).await;
    assert_eq!(home.postmaster(), None);
    assert!(!home.path().join("postgres/postmaster.pid").exists());
}

#[tokio::test]
async fn a_second_ctrl_c_ends_the_wait() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let program = Program::ready(&home, &[("DATABASE_URL", &url), ("DRAIN_SECONDS", "600")]).await;
    let client = program.client("resort1.localhost");
    let _never_sent = half_sent_login(&client).await;
    program.signal(Signal::SIGINT);
    program.until_closed().await;
    program.signal(Signal::SIGINT);
    let ended = program.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.err.contains("cut off"), "{}", ended.err);
}
