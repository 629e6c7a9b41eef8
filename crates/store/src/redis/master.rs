//! One master and the one connection to it, which many requests share and which remakes itself.

use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, InfoDict, RedisResult};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::call::{PATIENCE, RunId, Unreachable};
use super::failure;

/// How often a master is asked whether it is still there and still the master.
const CHECK: Duration = Duration::from_millis(300);

/// How long to wait after a failed attempt to connect: first, and at most.
const WAIT: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(400));

/// Requests that may queue up for one write.
const QUEUE: usize = 1024;

/// A master: it is kept connected until this value is dropped.
pub(super) struct Master {
    state: watch::Sender<State>,
    _keeper: AbortOnDropHandle<()>,
}

#[derive(Clone)]
enum State {
    /// The first attempt since the start or since a connection was lost.
    Connecting,
    Up(Arc<Connection>),
    /// Why not.
    Down(String),
}

/// A connection, and who is at its other end as long as it lasts.
pub(super) struct Connection {
    pub(super) wire: MultiplexedConnection,
    pub(super) run: RunId,
    pub(super) host: String,
    pub(super) is_cluster: bool,
    is_master: bool,
    replication: String,
}

impl Connection {
    /// Connects within [`PATIENCE`], and learns whose memory it will speak to before anything else is asked.
    ///
    /// # Errors
    /// Why not, with the address and what to do.
    pub(super) async fn open(address: &ConnectionInfo) -> Result<Self, String> {
        match timeout(PATIENCE, Self::begin(address)).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(failure::explain(address, &error)),
            Err(_) => Err(failure::silent(address)),
        }
    }

    async fn begin(address: &ConnectionInfo) -> RedisResult<Self> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None)
            .set_pipeline_buffer_size(QUEUE);
        let client = Client::open(address.clone())?;
        let mut wire = client.get_multiplexed_async_connection_with_config(&config).await?;
        let (_, server, replication): (String, InfoDict, InfoDict) = ::redis::pipe()
            .cmd("PING")
            .cmd("INFO")
            .arg("server")
            .cmd("INFO")
            .arg("replication")
            .query_async(&mut wire)
            .await?;
        let field = |info: &InfoDict, name: &str| info.get::<String>(name).unwrap_or_default();
        let (is_master, replication) =
            (field(&replication, "role") == "master", field(&replication, "master_replid"));
        let run = RunId::of(&field(&server, "run_id"), &replication);
        let host = match address.addr() {
            ConnectionAddr::Tcp(host, _) => host.clone(),
            _ => String::new(),
        };
        let is_cluster = field(&server, "redis_mode") == "cluster";
        Ok(Self { wire, run, host, is_cluster, is_master, replication })
    }

    /// Whether the other end answers, and is the master with the same history that it was.
    async fn is_well(&self) -> bool {
        let mut wire = self.wire.clone();
        let mut question = ::redis::pipe();
        question.cmd("PING").cmd("INFO").arg("replication");
        match timeout(PATIENCE, question.query_async::<(String, InfoDict)>(&mut wire)).await {
            Ok(Ok((_, info))) => {
                info.get::<String>("role").as_deref() == Some("master")
                    && info.get::<String>("master_replid").as_deref() == Some(&self.replication)
            }
            _ => false,
        }
    }
}

impl RunId {
    /// A process starts with an empty memory under a new run id, and takes over another's under a new replication id.
    fn of(run: &str, replication: &str) -> Self {
        let digest = Sha256::digest(format!("{run}:{replication}"));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(u128::from_be_bytes(bytes))
    }
}

impl Master {
    /// Keeps a connection to the first of `addresses` that is a master.
    pub(super) fn new(addresses: Vec<ConnectionInfo>) -> Arc<Self> {
        let (state, _) = watch::channel(State::Connecting);
        let keeper = tokio::spawn(keep(addresses, state.clone()));
        Arc::new(Self { state, _keeper: AbortOnDropHandle::new(keeper) })
    }

    /// The connection, waiting for one only while the first attempt is under way; the caller sets the limit.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, Unreachable> {
        let mut states = self.state.subscribe();
        match states.wait_for(|state| !matches!(state, State::Connecting)).await.as_deref() {
            Ok(State::Up(connection)) => Ok(connection.clone()),
            Ok(State::Down(reason)) => Err(Unreachable::of(reason)),
            _ => Err(Unreachable::of("no connection")),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(&*self.state.borrow(), State::Up(_))
    }

    /// The run of the process at the other end at this moment.
    pub(super) fn run(&self) -> Option<RunId> {
        match &*self.state.borrow() {
            State::Up(connection) => Some(connection.run),
            _ => None,
        }
    }

    /// Gives up a connection that failed; a new one is made at once.
    pub(super) fn give_up(&self, connection: &Arc<Connection>) {
        self.state.send_if_modified(|state| match state {
            State::Up(current) if Arc::ptr_eq(current, connection) => {
                *state = State::Connecting;
                true
            }
            _ => false,
        });
    }
}

async fn keep(addresses: Vec<ConnectionInfo>, state: watch::Sender<State>) {
    let names = addresses.iter().map(|address| address.addr().to_string()).collect::<Vec<_>>().join(",");
    let (mut wait, mut told) = (WAIT.0, String::new());
    loop {
        match connect(&addresses).await {
            Ok(connection) => {
                (wait, told) = (WAIT.0, String::new());
                tracing::info!(redis.address = %names, redis.run = %connection.run, "redis is connected");
                let connection = Arc::new(connection);
                state.send_replace(State::Up(connection.clone()));
                watch(&state, &connection).await;
                state.send_replace(State::Connecting);
            }
            Err(reason) => {
                if reason != told {
                    tracing::warn!(redis.address = %names, error = reason, "redis cannot be used");
                    told.clone_from(&reason);
                }
                state.send_replace(State::Down(reason));
                sleep(wait).await;
                wait = (wait * 2).min(WAIT.1);
            }
        }
    }
}

async fn connect(addresses: &[ConnectionInfo]) -> Result<Connection, String> {
    let mut failed = Vec::new();
    for address in addresses {
        match Connection::open(address).await {
            Ok(connection) if connection.is_master => return Ok(connection),
            Ok(_) => failed.push(failure::replica(address)),
            Err(reason) => failed.push(reason),
        }
    }
    Err(failed.join("; "))
}

/// Returns when the connection was given up or is no longer good.
async fn watch(state: &watch::Sender<State>, connection: &Arc<Connection>) {
    let mut states = state.subscribe();
    loop {
        let replaced = states.wait_for(|state| match state {
            State::Up(current) => !Arc::ptr_eq(current, connection),
            _ => true,
        });
        tokio::select! {
            _ = replaced => return,
            () = sleep(CHECK) => {}
        }
        if !connection.is_well().await {
            return;
        }
    }
}
