//! The link to Redis, one server or a cluster: one connection per master that all requests share, so that those at the same
//! moment travel together; it remakes itself, and never keeps a request waiting longer than [`PATIENCE`].
//!
//! Every answer says which process gave it. A process that starts anew has forgotten, and one that took over may have
//! missed the last moments: whoever relies on what was written before compares the [`RunId`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{
    Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, Pipeline, RedisError, ServerErrorKind, ToRedisArgs, Value,
};
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::call::{PATIENCE, RunId, Script, Unreachable};
use super::master::{Connection, Master};
use super::slots::{self, SLOTS};
use super::url::RedisUrl;

/// How often a cluster's map is read anew without a reason to.
const REFRESH: Duration = Duration::from_secs(5);

/// The least time between two looks at the map, and between two tries where a cluster asks to come back.
const PAUSE: Duration = Duration::from_millis(20);

/// Where Redis keeps its own name.
const IDENTITY: &str = "tailtown:medium";

/// The link; copies share it, and with the last of them it ends.
#[derive(Clone)]
pub struct Link(pub(super) Arc<Parts>);

pub(super) struct Parts {
    pub(super) map: watch::Sender<Map>,
    pub(super) masters: Arc<Masters>,
    identity: Script,
    _seeker: AbortOnDropHandle<()>,
}

/// Which masters there are.
#[derive(Clone)]
pub(super) enum Map {
    /// The first look is under way.
    Seeking,
    /// None was found: why not.
    Unknown(String),
    One(Arc<Master>),
    Many(Arc<Slots>),
}

/// The master of each slot, as an index.
pub(super) struct Slots {
    owner: Vec<u16>,
    masters: Vec<Arc<Master>>,
}

const NOBODY: u16 = u16::MAX;

/// The masters that have been met, by address, and word that the map is out of date.
pub(super) struct Masters {
    seeds: Vec<ConnectionInfo>,
    met: Mutex<HashMap<(String, u16), Arc<Master>>>,
    pub(super) outdated: Notify,
}

impl Link {
    /// Connects in the background. Must be called on the runtime that will use it.
    pub fn new(url: &RedisUrl) -> Self {
        let (map, _) = watch::channel(Map::Seeking);
        let masters =
            Arc::new(Masters { seeds: url.seeds.clone(), met: Mutex::default(), outdated: Notify::new() });
        let seeker = tokio::spawn(seek(masters.clone(), map.clone()));
        let identity = Script::new(
            "local is = redis.call('GET', KEYS[1])
             if is then return is end
             redis.call('SET', KEYS[1], ARGV[1])
             return ARGV[1]",
        );
        Self(Arc::new(Parts { map, masters, identity, _seeker: AbortOnDropHandle::new(seeker) }))
    }

    /// Runs `script` with `key` as KEYS[1] and `keys` after it, all in the slot of `key`, and says whose answer it is.
    ///
    /// # Errors
    /// [`Unreachable`] within [`PATIENCE`]; then the connection is remade, and the script may have run or not. It is run
    /// twice in no case.
    pub async fn eval(
        &self,
        script: &Script,
        key: &str,
        keys: &[&str],
        args: impl ToRedisArgs + Send + Sync,
    ) -> Result<(Value, RunId), Unreachable> {
        let call = |by_hash: bool| {
            let (name, script) =
                if by_hash { ("EVALSHA", script.hash.as_str()) } else { ("EVAL", script.code) };
            let mut call = ::redis::cmd(name);
            call.arg(script).arg(keys.len() + 1).arg(key).arg(keys).arg(&args);
            call
        };
        let mut used = None;
        let run = self.run_call(key, &call, &mut used);
        let failed = match timeout(PATIENCE, run).await {
            Ok(Ok(answered)) => return Ok(answered),
            Ok(Err(unreachable)) => unreachable,
            Err(_) => Unreachable("no answer in time".into()),
        };
        if let Some((master, connection)) = used {
            master.give_up(&connection);
            self.0.masters.outdated.notify_one();
        }
        Err(failed)
    }

    /// The process that holds `key` at this moment, if it is connected.
    pub fn run(&self, key: &str) -> Option<RunId> {
        match &*self.0.map.borrow() {
            Map::One(master) => master.run(),
            Map::Many(slots) => slots.of(key)?.run(),
            Map::Seeking | Map::Unknown(_) => None,
        }
    }

    /// The id of this Redis, kept in it and the same for all who use it.
    ///
    /// # Errors
    /// As [`Self::eval`].
    pub async fn identity(&self) -> Result<String, Unreachable> {
        let fresh = format!("{:032x}", rand::random::<u128>());
        let (id, _) = self.eval(&self.0.identity, IDENTITY, &[], &fresh).await?;
        ::redis::from_redis_value(id).map_err(|error| Unreachable(error.to_string()))
    }

    /// The time on the clock of a master.
    ///
    /// # Errors
    /// As [`Self::eval`].
    pub async fn clock(&self) -> Result<Timestamp, Unreachable> {
        let script = Script::new("local t = redis.call('TIME') return {tonumber(t[1]), tonumber(t[2])}");
        let (time, _) = self.eval(&script, IDENTITY, &[], &[0]).await?;
        let (seconds, micros): (i64, i32) =
            ::redis::from_redis_value(time).map_err(|error| Unreachable(error.to_string()))?;
        Timestamp::new(seconds, micros * 1000).map_err(|error| Unreachable(error.to_string()))
    }

    /// How many keys a master had to throw away for want of memory, since its start.
    ///
    /// # Errors
    /// As [`Self::eval`].
    pub async fn evicted(&self) -> Result<u64, Unreachable> {
        let script = Script::new("return string.match(redis.call('INFO', 'stats'), 'evicted_keys:(%d+)')");
        let (count, _) = self.eval(&script, IDENTITY, &[], &[0]).await?;
        ::redis::from_redis_value(count).map_err(|error| Unreachable(error.to_string()))
    }

    /// Whether every master answered lately.
    pub fn reaches(&self) -> bool {
        match &*self.0.map.borrow() {
            Map::One(master) => master.is_up(),
            Map::Many(slots) => {
                !slots.owner.contains(&NOBODY) && slots.masters.iter().all(|master| master.is_up())
            }
            Map::Seeking | Map::Unknown(_) => false,
        }
    }

    /// Sends `call` to the master of `key`, wherever it turns out to be. Every retry follows an answer that says the script
    /// did not run. `used` is what a failure must give up.
    pub(super) async fn run_call(
        &self,
        key: &str,
        call: &(impl Fn(bool) -> Cmd + Sync),
        used: &mut Option<(Arc<Master>, Arc<Connection>)>,
    ) -> Result<(Value, RunId), Unreachable> {
        let masters = &self.0.masters;
        let (mut redirected, mut by_hash): (Option<(Arc<Master>, bool)>, bool) = (None, true);
        loop {
            let (master, asking) = match redirected.take() {
                Some(redirected) => redirected,
                None => (self.master(key).await?, false),
            };
            let connection = master.connection().await.inspect_err(|_| masters.outdated.notify_one())?;
            *used = Some((master.clone(), connection.clone()));
            let call = call(by_hash);
            let error = match send(connection.wire.clone(), &call, asking).await {
                Ok(value) => return Ok((value, connection.run)),
                Err(error) => error,
            };
            let redirect = error.redirect_node().map(|(address, _)| address.to_owned());
            let elsewhere = redirect
                .as_deref()
                .and_then(|address| slots::split_address(address, &connection.host))
                .map(|(host, port)| masters.meet(host, port));
            match (error.kind(), elsewhere) {
                (ErrorKind::Server(ServerErrorKind::NoScript), _) if by_hash => {
                    redirected = Some((master, asking));
                    by_hash = false;
                }
                (ErrorKind::Server(ServerErrorKind::Moved), Some(other)) => {
                    masters.outdated.notify_one();
                    redirected = Some((other, false));
                }
                (ErrorKind::Server(ServerErrorKind::Ask), Some(other)) => redirected = Some((other, true)),
                (ErrorKind::Server(ServerErrorKind::TryAgain | ServerErrorKind::ClusterDown), _) => {
                    masters.outdated.notify_one();
                    sleep(PAUSE).await;
                }
                (kind, _) => {
                    // A server that could answer is no reason to connect anew, unless it says that it is the wrong one.
                    if matches!(kind, ErrorKind::Server(kind) if kind != ServerErrorKind::ReadOnly) {
                        *used = None;
                    }
                    return Err(Unreachable(error.to_string()));
                }
            }
        }
    }

    async fn master(&self, key: &str) -> Result<Arc<Master>, Unreachable> {
        let mut maps = self.0.map.subscribe();
        let map = maps.wait_for(|map| !matches!(map, Map::Seeking)).await.map(|map| map.clone());
        let master = match map {
            Ok(Map::One(master)) => Some(master),
            Ok(Map::Many(slots)) => slots.of(key),
            Ok(Map::Unknown(reason)) => return Err(Unreachable(reason)),
            Ok(Map::Seeking) | Err(_) => None,
        };
        master.ok_or_else(|| Unreachable("no server".into()))
    }
}

async fn send(mut wire: MultiplexedConnection, call: &Cmd, asking: bool) -> Result<Value, RedisError> {
    if !asking {
        return wire.send_packed_command(call).await?.extract_error();
    }
    let mut both = Pipeline::new();
    both.cmd("ASKING").add_command(call.clone());
    let answer = wire.send_packed_commands(&both, 0, 2).await?.pop();
    answer.unwrap_or(Value::Nil).extract_error()
}

impl Slots {
    pub(super) fn of(&self, key: &str) -> Option<Arc<Master>> {
        let owner = self.owner[usize::from(slots::slot(key.as_bytes()))];
        self.masters.get(usize::from(owner)).cloned()
    }
}

impl Masters {
    fn meet(&self, host: &str, port: u16) -> Arc<Master> {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let master = met.entry((host.to_owned(), port)).or_insert_with(|| {
            let address = self.seeds[0].clone().set_addr(ConnectionAddr::Tcp(host.to_owned(), port));
            Master::new(vec![address])
        });
        master.clone()
    }

    /// The addresses at which a cluster's map may be read: those met, then those given.
    fn addresses(&self) -> Vec<ConnectionInfo> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let met = met.keys().map(|(host, port)| ConnectionAddr::Tcp(host.clone(), *port));
        let met = met.map(|address| self.seeds[0].clone().set_addr(address));
        met.chain(self.seeds.iter().cloned()).collect()
    }

    /// Looks which masters there are. One server is looked for once: its address does not change.
    ///
    /// # Errors
    /// Why none was found, for each address.
    async fn look(&self) -> Result<Map, String> {
        let mut failed = Vec::new();
        for address in self.addresses() {
            let seed = match Connection::open(&address).await {
                Ok(seed) => seed,
                Err(reason) => {
                    failed.push(reason);
                    continue;
                }
            };
            if !seed.is_cluster {
                return Ok(Map::One(Master::new(self.seeds.clone())));
            }
            match timeout(PATIENCE, self.map(seed)).await {
                Ok(Some(map)) => return Ok(map),
                _ => failed.push(format!("{}: its CLUSTER SLOTS cannot be read", address.addr())),
            }
        }
        Err(failed.join("; "))
    }

    /// The map of the cluster that this server is in.
    async fn map(&self, seed: Connection) -> Option<Map> {
        let answer = send(seed.wire, ::redis::cmd("CLUSTER").arg("SLOTS"), false).await.ok()?;
        let ranges = slots::ranges(answer, &seed.host).filter(|ranges| !ranges.is_empty())?;
        let mut found: Vec<(String, u16)> = Vec::new();
        let mut owner = vec![NOBODY; usize::from(SLOTS)];
        for range in ranges {
            let name = (range.host, range.port);
            let at = found.iter().position(|known| *known == name).unwrap_or(found.len());
            if at == found.len() {
                found.push(name);
            }
            owner[usize::from(range.first)..=usize::from(range.last)].fill(u16::try_from(at).ok()?);
        }
        let masters = found.iter().map(|(host, port)| self.meet(host, *port)).collect();
        self.met.lock().unwrap_or_else(PoisonError::into_inner).retain(|name, _| found.contains(name));
        Some(Map::Many(Arc::new(Slots { owner, masters })))
    }
}

/// Finds the masters, and keeps a cluster's map fresh.
async fn seek(masters: Arc<Masters>, map: watch::Sender<Map>) {
    let mut told = String::new();
    loop {
        match masters.look().await {
            Ok(found @ Map::One(_)) => {
                map.send_replace(found);
                return;
            }
            Ok(found) => {
                told.clear();
                map.send_replace(found);
            }
            Err(reason) => {
                if reason != told {
                    tracing::warn!(error = reason, "redis cannot be used");
                    told.clone_from(&reason);
                }
                // Masters that were known may be there still.
                map.send_if_modified(|map| {
                    let found = matches!(map, Map::One(_) | Map::Many(_));
                    if !found {
                        *map = Map::Unknown(reason);
                    }
                    !found
                });
            }
        }
        let unknown = matches!(&*map.borrow(), Map::Unknown(_));
        let wait = if unknown { PAUSE * 5 } else { REFRESH };
        tokio::select! {
            () = masters.outdated.notified() => {}
            () = sleep(wait) => {}
        }
        sleep(PAUSE).await;
    }
}
