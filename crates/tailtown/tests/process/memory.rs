//! What strangers ask leaves nothing behind in memory.

use std::fs;

use nix::unistd::Pid;
use serde_json::json;

use crate::client::Client;
use crate::program::{PASSWORD, Program, eventually, resort};
use crate::server::{Home, Server};

/// Strangers beside each other.
const STRANGERS: u64 = 8;

/// Of so many requests one is an attempt to sign in, whose password is hashed.
const LOGINS: u64 = 100;

#[tokio::test]
async fn memory_stays_flat_under_anonymous_requests() {
    flat(8_000, 12_000, 4096).await;
}

/// As many as are promised, each from an address of its own: the table of addresses is full when measuring begins.
#[tokio::test]
#[ignore = "takes long; run it with --ignored"]
async fn memory_stays_flat_under_a_million_anonymous_requests() {
    flat(100_000, 900_000, u64::MAX).await;
}

/// Sends requests with hosts, tenants, paths, addresses and accounts that were never there before; after `warm_up` of them memory
/// may not grow by more than a little under as many as `measured`. They come from so many `addresses`, whose table would have to be
/// full else, which takes longer; it has a test of its own (`rate_limit/bounded.rs`).
async fn flat(warm_up: u64, measured: u64, addresses: u64) {
    /// The noise of measuring. A map that kept every stranger would need hundreds of bytes for each.
    const SMALL: u64 = 2 << 20;
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let settings = [
        ("DATABASE_URL", url.as_str()),
        // With every limit on: a stranger's requests come from addresses of their own choice.
        ("RATE_LIMITS", "on"),
        // Full before measuring begins.
        ("CACHE_MEMORY_MB", "1"),
        ("LOG_LEVEL", "warn"),
        // The allocator gives what is free back at once: hashing a password takes 19 MiB for a moment.
        ("MIMALLOC_PURGE_DELAY", "0"),
    ];
    let program = Program::ready(&home, &settings).await;
    let mut pid = None;
    eventually("the pid file names nobody", async || {
        pid = home.serving(program.port);
        pid.is_some()
    })
    .await;
    let pid = pid.unwrap();
    let client = program.client("localhost");
    let ask = async |from: u64, count: u64| {
        let strangers = (0..STRANGERS).map(|stranger| {
            let client = client.clone();
            tokio::spawn(strange(client, from + stranger, from + count, addresses))
        });
        for stranger in strangers.collect::<Vec<_>>() {
            stranger.await.unwrap();
        }
    };
    ask(0, warm_up).await;
    let before = resident(pid);
    let mut after = before;
    // In steps, so that a failure tells how it grew.
    let mut seen = vec![before];
    for step in 0..10 {
        ask(warm_up + step * (measured / 10), measured / 10).await;
        after = resident(pid);
        seen.push(after);
    }
    #[expect(clippy::print_stdout, reason = "the figures are what the long run is for")]
    {
        println!("resident after {warm_up} requests and each tenth of {measured} more: {seen:?}");
    }
    assert!(after <= before + SMALL, "{measured} requests made {before} bytes {after}: {seen:?}");
    // It was not refused everything because of one limit, and serves on.
    program.owner("resort1").await.get("/api/customers").await.expect(200);
    program.stop().await;
}

/// Every eighth request up to `end`, over a connection that is kept.
async fn strange(client: Client, mut number: u64, end: u64, addresses: u64) {
    while number < end {
        // A connection serves so many, then another is opened, as strangers do.
        let mut kept = client.kept_open();
        for _ in 0..50 {
            if number >= end {
                return;
            }
            let id = uuid::Uuid::from_u128(u128::from(number) << 64 | 0x4000_8000_0000_0000_0000);
            let place = number % addresses;
            let address = format!("203.{}.{}.{}", place >> 16 & 0xff, place >> 8 & 0xff, place & 0xff);
            kept.headers(&[
                ("host", &host(number)),
                ("x-tenant-id", &id.to_string()),
                ("x-forwarded-for", &address),
                ("authorization", &format!("Bearer {}", "a".repeat(64 - 7) + &format!("{number:07}"))),
            ]);
            let answer = match number % LOGINS {
                0 => {
                    let login =
                        json!({ "email": format!("p{number}@resort1.example"), "password": PASSWORD });
                    kept.headers(&[("host", "resort1.localhost"), ("x-forwarded-for", &address)]);
                    kept.send("POST", "/api/auth/login", Some(login)).await
                }
                _ => kept.send("GET", &path(number), None).await,
            };
            let status = answer.unwrap().status;
            assert!((400..=503).contains(&status) && status != 500, "{status}");
            number += STRANGERS;
        }
    }
}

fn host(number: u64) -> String {
    match number % 3 {
        0 => format!("h{number}.localhost"),
        1 => format!("h{number}.example.com"),
        _ => "localhost".to_owned(),
    }
}

fn path(number: u64) -> String {
    match number % 4 {
        0 => format!("/p{number}"),
        1 => format!("/api/customers/{number}"),
        2 => format!("/api/customers?q={number}"),
        _ => format!("/platform/tenants/{number}"),
    }
}

/// What it holds of the machine's memory, in bytes.
fn resident(pid: Pid) -> u64 {
    let pages = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap();
    let pages: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
