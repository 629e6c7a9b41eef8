//! Takes connections in, and gives them up without a request lost: to a program that follows, or at the end.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use http::{HeaderValue, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::util::{MapRequest, MapResponse};

use crate::body::PATIENCE;
use crate::client_address::{Peer, Proxies};
use crate::connection_limit::{BeyondLimit, ConnectionLimit, by_open_files};
use crate::settings::Settings;

/// How long those may take that were told to end now.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long a client may leave an answer unread, unless the settings say otherwise.
const UNREAD: Duration = Duration::from_secs(30);

/// Whether new connections are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doors {
    Open,
    /// They wait in the kernel's queue.
    Held,
    Shut,
}

/// The connections of this program, on every listener.
pub struct Server {
    doors: watch::Sender<Doors>,
    connections: Connections,
}

#[derive(Clone)]
struct Connections {
    protocol: http1::Builder,
    /// How long a write may make no progress.
    unread: Duration,
    /// How many a listener may have, and of them one address.
    most: usize,
    most_of_one: usize,
    proxies: Proxies,
    /// Every answer from now on is the last on its connection.
    last_answers: Arc<AtomicBool>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl Default for Server {
    fn default() -> Self {
        let mut protocol = http1::Builder::new();
        protocol.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(64 * 1024);
        let (last_answers, closing, tasks) = Default::default();
        let (unread, most) = (UNREAD, by_open_files());
        let (most_of_one, proxies) = (0, Proxies::default());
        let connections =
            Connections { protocol, unread, most, most_of_one, proxies, last_answers, closing, tasks };
        Self { doors: watch::Sender::new(Doors::Open), connections }
    }
}

impl Server {
    /// With the limits that the settings have.
    pub fn new(settings: &Settings) -> Self {
        let mut server = Self::default();
        server.connections.unread = settings.write_timeout;
        if settings.max_connections > 0 {
            server.connections.most = settings.max_connections;
        }
        server.connections.most_of_one = settings.connections_per_address;
        server.connections.proxies = settings.trusted_proxies.clone();
        server
    }

    /// Takes in who comes to this listener.
    pub fn serve(&self, listener: TcpListener, service: Router) {
        tokio::spawn(accept(listener, self.doors.subscribe(), service, self.connections.clone()));
    }

    /// Lets new connections wait.
    pub fn hold(&self) {
        self.doors.send_replace(Doors::Held);
    }

    /// Takes them in again.
    pub fn resume(&self) {
        self.doors.send_replace(Doors::Open);
    }

    /// Leaves the listeners to the program that follows, and waits until every connection has had its last answer. One that
    /// is kept open is not closed under a client that may be asking at this very moment: it ends with the answer to its
    /// next request, or when it was idle for too long. Whether all of them ended within `limit`.
    pub async fn hand_on(&self, limit: Duration) -> bool {
        self.connections.last_answers.store(true, Ordering::Release);
        self.shut();
        timeout(limit, self.connections.tasks.wait()).await.is_ok() || self.close(LAST_WORDS).await
    }

    /// Takes nothing new, closes what is idle, and waits for the requests under way. Whether all were finished within
    /// `limit`.
    pub async fn stop(&self, limit: Duration) -> bool {
        self.shut();
        self.close(limit).await
    }

    fn shut(&self) {
        self.doors.send_replace(Doors::Shut);
        self.connections.tasks.close();
    }

    async fn close(&self, limit: Duration) -> bool {
        self.connections.closing.cancel();
        timeout(limit, self.connections.tasks.wait()).await.is_ok()
    }
}

async fn accept(
    listener: TcpListener,
    mut doors: watch::Receiver<Doors>,
    service: Router,
    connections: Connections,
) {
    let (most, most_of_one) = (connections.most, connections.most_of_one);
    let limit = Arc::new(ConnectionLimit::new(most, most_of_one, connections.proxies.clone()));
    loop {
        let now = *doors.borrow_and_update();
        if now == Doors::Shut {
            return;
        }
        let (stream, peer) = tokio::select! {
            changed = doors.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            accepted = listener.accept(), if now == Doors::Open => match accepted {
                Ok(accepted) => accepted,
                // Out of file descriptors, most likely: those under way free some.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        connections.take_in(stream, peer.ip(), service.clone(), &limit);
    }
}

impl Connections {
    fn take_in(&self, stream: TcpStream, peer: IpAddr, service: Router, limit: &Arc<ConnectionLimit>) {
        // Past the headroom, or its address's part, it is closed without a word.
        let Some(seat) = limit.enter(peer).map(Arc::new) else { return };
        let _ = stream.set_nodelay(true);
        let is_last = if seat.is_beyond_limit { Arc::new(true.into()) } else { self.last_answers.clone() };
        let begins = seat.clone();
        let service = MapRequest::new(service, move |mut request: http::Request<Incoming>| {
            begins.begins();
            request.extensions_mut().insert(Peer(peer));
            if begins.is_beyond_limit {
                request.extensions_mut().insert(BeyondLimit);
            }
            request
        });
        let ends = seat.clone();
        let service = MapResponse::new(service, move |mut answer: Response| {
            if is_last.load(Ordering::Acquire) {
                answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            // What is left of the answer is sent to its end, whatever happens to an idle connection.
            ends.ends();
            answer
        });
        let mut stream = Box::pin(TimeoutStream::new(stream));
        stream.as_mut().set_write_timeout_pinned(Some(self.unread));
        let connection =
            self.protocol.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let closing = self.closing.clone();
        self.tasks.spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = closing.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
                () = seat.closing.cancelled() => {
                    // One that never sent a whole request has nothing to lose.
                    if !seat.has_begun() {
                        return;
                    }
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended badly");
            }
        });
    }
}
