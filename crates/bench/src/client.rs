//! An HTTP client with kept-open connections. It never repeats a request by itself, so that every failure is counted.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::request::{Answer, Request};

/// The longest time to wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest time that an idle connection is used again: shorter than the program keeps one open.
const REUSED_WITHIN: Duration = Duration::from_secs(5);

/// The reason why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    NotConnected,
    Broken,
    TimedOut,
}

/// A client of one program, with its idle connections.
pub(crate) struct Client {
    address: SocketAddr,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    sender: SendRequest<Full<Bytes>>,
    since: Instant,
}

impl Client {
    /// Connects with the first request, not before.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, idle: Mutex::new(Vec::new()) }
    }

    /// Sends on the most recently used idle connection, or on a new one.
    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, Failure> {
        timeout(TIMEOUT, self.exchange(request)).await.unwrap_or(Err(Failure::TimedOut))
    }

    async fn exchange(&self, request: &Request) -> Result<Answer, Failure> {
        let mut sender = self.connection().await?;
        let answer = sender.send_request(http_request(request)?).await.map_err(|_| Failure::Broken)?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|_| Failure::Broken)?.to_bytes();
        self.idle().push(Idle { sender, since: Instant::now() });
        Ok(Answer { status, body })
    }

    async fn connection(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        loop {
            let Some(Idle { mut sender, since }) = self.idle().pop() else { break };
            if since.elapsed() < REUSED_WITHIN && sender.ready().await.is_ok() {
                return Ok(sender);
            }
        }
        let stream = TcpStream::connect(self.address).await.map_err(|_| Failure::NotConnected)?;
        let _ = stream.set_nodelay(true);
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|_| Failure::NotConnected)?;
        tokio::spawn(connection);
        Ok(sender)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn http_request(request: &Request) -> Result<http::Request<Full<Bytes>>, Failure> {
    let mut builder = http::Request::builder()
        .method(&request.method)
        .uri(&request.path)
        .header(header::HOST, &request.user.host)
        .header(header::ACCEPT, "application/json");
    if let Some(token) = &request.user.token {
        builder = builder.header(header::AUTHORIZATION, token);
    }
    if let Some(key) = &request.idempotency_key {
        builder = builder.header("idempotency-key", key);
    }
    if request.body.is_some() {
        builder = builder.header(header::CONTENT_TYPE, "application/json");
    }
    let body = request.body.clone().map(Bytes::from).unwrap_or_default();
    builder.body(Full::new(body)).map_err(|_| Failure::Broken)
}
