//! Steady work on a program while something is done to it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::client::Client;

/// Clients who keep their connections and never ask twice; any answer but the right one ends the test.
pub(crate) struct Load {
    done: Arc<AtomicBool>,
    workers: Vec<JoinHandle<BTreeSet<String>>>,
}

impl Load {
    pub(crate) fn begin(owner: &Client) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        // Without a pause, and with one that is longer than a reload takes.
        let pauses = [0, 0, 5, 100, 700].map(Duration::from_millis);
        let workers = pauses.map(|pause| tokio::spawn(work(done.clone(), owner.clone(), pause)));
        Self { done, workers: workers.into() }
    }

    /// How many requests were answered, each as it should be; every customer acknowledged is there.
    pub(crate) async fn end(self, owner: &Client) -> usize {
        self.done.store(true, Ordering::SeqCst);
        let mut acknowledged = BTreeSet::new();
        for worker in join_all(self.workers).await {
            acknowledged.extend(worker.unwrap());
        }
        for id in &acknowledged {
            owner.get(&format!("/api/customers/{id}")).await.expect(200);
        }
        acknowledged.len()
    }
}

/// Adds a customer, renames it, and reads it again on another connection, which must show what was acknowledged last.
async fn work(done: Arc<AtomicBool>, owner: Client, pause: Duration) -> BTreeSet<String> {
    let (mut writes, mut reads) = (owner.kept_open(), owner.kept_open());
    let mut acknowledged = BTreeSet::new();
    while !done.load(Ordering::SeqCst) {
        let new = json!({ "firstName": "Ada", "lastName": "Lovelace" });
        let added = writes.send("POST", "/api/customers", Some(new)).await.unwrap().expect(201);
        let id = added["id"].as_str().unwrap().to_owned();
        let path = format!("/api/customers/{id}");
        assert_eq!(reads.get(&path).await.expect(200)["lastName"], "Lovelace");
        let change = json!({ "lastName": "King" });
        writes.send("PATCH", &path, Some(change)).await.unwrap().expect(200);
        assert_eq!(reads.get(&path).await.expect(200)["lastName"], "King");
        acknowledged.insert(id);
        sleep(pause).await;
    }
    acknowledged
}
