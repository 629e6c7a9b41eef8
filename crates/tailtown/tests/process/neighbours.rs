//! Several programs on one machine: apart in their own folders, and never two in one.

use std::path::Path;

use serde_json::json;

use crate::program::{PASSWORD, Program, free_port, resort, run};
use crate::server::Home;

#[tokio::test]
async fn two_programs_with_their_own_home_and_port_serve_side_by_side() {
    let (first_home, second_home) = (Home::new(), Home::new());
    let (first, second) = tokio::join!(Program::ready(&first_home, &[]), Program::ready(&second_home, &[]));
    tokio::join!(resort(&first_home, "resort1", &[]), resort(&second_home, "resort1", &[]));
    let (owner, other) = tokio::join!(first.owner("resort1"), second.owner("resort1"));
    owner.post("/api/customers", json!({ "firstName": "Ada", "lastName": "Lovelace" })).await.expect(201);
    let count = async |client: &crate::client::Client| {
        client.get("/api/customers").await.expect(200)["data"].as_array().unwrap().len()
    };
    assert_eq!((count(&owner).await, count(&other).await), (1, 0));
    // A token of the one means nothing to the other.
    owner.at(second.port).get("/api/customers").await.expect(401);
    first.stop().await;
    assert_eq!((first_home.postmaster(), count(&other).await), (None, 0));
    second.stop().await;
}

#[tokio::test]
async fn a_second_program_on_one_home_or_one_port_is_refused_and_the_first_serves_on() {
    let (home, other_home) = (Home::new(), Home::new());
    let first = Program::ready(&home, &[]).await;
    let postmaster = home.postmaster();
    let second = Program::start(&home, free_port(), &[]).ended().await.refused();
    assert!(second.contains("is used by another running tailtown"), "{second}");
    assert!(second.contains("choose another TAILTOWN_HOME and PORT"), "{second}");

    let third = Program::start(&other_home, first.port, &[]).ended().await.refused();
    let told = format!(
        "cannot listen on 127.0.0.1:{}: another program listens there: choose another PORT",
        first.port
    );
    assert!(third.contains(&told), "{third}");
    assert_eq!(other_home.postmaster(), None, "it left its database running");

    // A command beside it uses its database, and leaves that running.
    resort(&home, "resort1", &[]).await;
    assert_eq!(home.postmaster(), postmaster);
    let anyone = first.client("resort1.localhost");
    anyone.signed_in("owner@resort1.example", PASSWORD).await;
    first.stop().await;
    // A command alone starts the database and stops it again.
    let list = run(&home, &["tenant", "list"], &[]).await.succeeded();
    assert!(list.starts_with("resort1 "), "{list}");
    assert_eq!(home.postmaster(), None);
    assert!(Path::new(&home.path().join("postgres/PG_VERSION")).exists());
}
