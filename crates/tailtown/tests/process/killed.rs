//! Killed at any instant, the program finds everything it ever acknowledged.

use std::collections::BTreeSet;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::client::Client;
use crate::program::{Program, eventually, resort};
use crate::server::{Home, is_running};

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
