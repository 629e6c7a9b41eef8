//! A way out for reports that never holds up whoever makes one: what does not fit into the queue is dropped and counted, and
//! a receiver that is down or slow costs a request nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use reqwest::Client;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// How many reports wait at most.
const QUEUE: usize = 512;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it is left alone after it failed, and at most when it asks for more.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What became of the reports to one receiver.
#[derive(Debug, Default)]
pub(super) struct Counts {
    given: AtomicU64,
    pub(super) sent: Counter,
    pub(super) dropped: Counter,
}

/// Where reports go.
pub(super) struct Receiver {
    pub(super) name: &'static str,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    /// How many reports go in one message.
    pub(super) batch: usize,
}

#[derive(Debug)]
pub(super) struct Sink<T> {
    queue: mpsc::Sender<T>,
    counts: Arc<Counts>,
}

impl<T: Send + 'static> Sink<T> {
    /// Must be called on the runtime that will use it. `encode` makes a message of reports.
    ///
    /// # Errors
    /// When there can be no client.
    pub(super) fn new(
        receiver: Receiver,
        counts: Arc<Counts>,
        encode: impl Fn(Vec<T>) -> Vec<u8> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).build()?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(work(client, receiver, waiting, counts.clone(), encode));
        Ok(Self { queue, counts })
    }

    pub(super) fn give(&self, report: T) {
        self.counts.given.fetch_add(1, Ordering::Relaxed);
        if self.queue.try_send(report).is_err() {
            self.counts.dropped.inc();
        }
    }
}

impl Counts {
    /// Waits until everything that was given has gone one way or the other, or for `patience`.
    pub(super) async fn settle(&self, patience: Duration) {
        let settled = async {
            let gone = || self.sent.get() + self.dropped.get();
            while gone() < self.given.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let _ = timeout(patience, settled).await;
    }
}

async fn work<T>(
    client: Client,
    receiver: Receiver,
    mut queue: mpsc::Receiver<T>,
    counts: Arc<Counts>,
    encode: impl Fn(Vec<T>) -> Vec<u8>,
) {
    let mut works = true;
    let mut reports = Vec::new();
    while queue.recv_many(&mut reports, receiver.batch).await > 0 {
        let count = reports.len() as u64;
        let message = encode(std::mem::take(&mut reports));
        let post = client.post(&receiver.url).headers(receiver.headers.clone()).body(message);
        let (failure, pause) = match post.send().await {
            Ok(answer) if answer.status().is_success() => (None, PAUSE),
            Ok(answer) => {
                let asked =
                    answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
                (Some(answer.status().to_string()), asked.map_or(PAUSE, Duration::from_secs))
            }
            // Without its address, which holds a key.
            Err(error) => (Some(error.without_url().to_string()), PAUSE),
        };
        let count_in = if failure.is_none() { &counts.sent } else { &counts.dropped };
        count_in.inc_by(count);
        match failure {
            Some(failure) => {
                if works {
                    tracing::warn!(
                        receiver = receiver.name,
                        failure,
                        "reports are not taken, and are dropped meanwhile"
                    );
                }
                works = false;
                sleep(pause.min(LONGEST_PAUSE)).await;
            }
            None => works = true,
        }
    }
}
