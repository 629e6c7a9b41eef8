//! Requests over connections that are kept open, with nothing repeated behind the report's back.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::mixes::Ask;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long an idle connection is trusted: less than the program keeps one.
const TRUSTED: Duration = Duration::from_secs(5);

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    NotConnected,
    Broken,
    TimedOut,
}

/// The connections to one program.
pub(crate) struct Client {
    address: SocketAddr,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    sender: SendRequest<Full<Bytes>>,
    since: Instant,
}

impl Client {
    /// Connects when first asked.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, idle: Mutex::new(Vec::new()) }
    }

    /// Sends on the connection that was used last, or on a new one.
    pub(crate) async fn send(&self, ask: &Ask) -> Result<Answer, Failure> {
        timeout(PATIENCE, self.exchange(ask)).await.unwrap_or(Err(Failure::TimedOut))
    }

    async fn exchange(&self, ask: &Ask) -> Result<Answer, Failure> {
        let mut sender = self.connection().await?;
        let answer = sender.send_request(request(ask)?).await.map_err(|_| Failure::Broken)?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|_| Failure::Broken)?.to_bytes();
        self.idle().push(Idle { sender, since: Instant::now() });
        Ok(Answer { status, body })
    }

    async fn connection(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        loop {
            let Some(Idle { mut sender, since }) = self.idle().pop() else { break };
            if since.elapsed() < TRUSTED && sender.ready().await.is_ok() {
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

fn request(ask: &Ask) -> Result<Request<Full<Bytes>>, Failure> {
    let mut request = Request::builder()
        .method(&ask.method)
        .uri(&ask.path)
        .header(header::HOST, &ask.user.host)
        .header(header::ACCEPT, "application/json");
    if let Some(token) = &ask.user.token {
        request = request.header(header::AUTHORIZATION, token);
    }
    if let Some(key) = &ask.idempotency_key {
        request = request.header("idempotency-key", key);
    }
    if ask.body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = ask.body.clone().map(Bytes::from).unwrap_or_default();
    request.body(Full::new(body)).map_err(|_| Failure::Broken)
}
