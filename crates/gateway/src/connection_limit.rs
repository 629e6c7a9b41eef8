//! How many connections a listener has at a time, in all and from one address, and who makes room when there are more.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit};
use tokio_util::sync::CancellationToken;

use crate::client_address::{Proxies, network};

/// How many connections one address may have at least, so that a whole office behind one is not held up.
const OFFICE: usize = 100;

/// How often the log tells of an address that has its part.
const TOLD: Duration = Duration::from_secs(60);

/// Connections beyond the limit that are still answered, for health checks and operators.
const HEADROOM: usize = 64;

/// That a request came over a connection beyond the limit, in its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BeyondLimit;

/// The connections of one listener.
#[derive(Debug)]
pub(crate) struct ConnectionLimit {
    most: usize,
    open: AtomicUsize,
    next: AtomicU64,
    /// Those that no request is under way on, longest idle first.
    idle: Mutex<BTreeMap<u64, CancellationToken>>,
    most_of_one: usize,
    /// Open ones by address; a network of IPv6 is one. Proxies that are trusted are not in it: they speak for many.
    by_address: Mutex<HashMap<IpAddr, usize>>,
    proxies: Proxies,
    /// When the log last told of an address that has its part.
    told: Mutex<Option<Instant>>,
}

/// One connection; it leaves when it is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    limit: Arc<ConnectionLimit>,
    /// Under which it is counted, if it is.
    address: Option<IpAddr>,
    place: Mutex<Option<u64>>,
    /// Whether it ever sent a request.
    has_begun: AtomicBool,
    /// It is to close: another needs its room.
    pub(crate) closing: CancellationToken,
    pub(crate) is_beyond_limit: bool,
}

/// Three quarters of the files that this process may have open; the rest is for the database, Redis, logs and backups.
pub(crate) fn by_open_files() -> usize {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(65_536);
    usize::try_from(files / 4 * 3).unwrap_or(usize::MAX)
}

impl ConnectionLimit {
    /// `most_of_one` of 0 stands for a quarter of `most`, and no less than an office needs, as far as others keep half.
    pub(crate) fn new(most: usize, most_of_one: usize, proxies: Proxies) -> Self {
        let most_of_one = match most_of_one {
            0 => (most / 4).max(OFFICE).min(most / 2).max(1),
            chosen => chosen,
        };
        let (open, next, idle, by_address, told) = Default::default();
        Self { most, open, next, idle, most_of_one, by_address, proxies, told }
    }

    /// Takes in one more. Beyond the limit the connection that is idle for longest is closed for it; where all are busy it is
    /// beyond the limit itself. `None` past the headroom, or when its address has as many as one may have.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Connection> {
        let peer = peer.to_canonical();
        let address = (!self.proxies.trusts(peer)).then(|| network(peer));
        if let Some(address) = address {
            let mut by_address = lock(&self.by_address);
            let open = by_address.entry(address).or_default();
            if *open >= self.most_of_one {
                drop(by_address);
                self.tell();
                return None;
            }
            *open += 1;
        }
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        let mut connection = Connection {
            limit: self.clone(),
            address,
            place: Mutex::default(),
            has_begun: AtomicBool::default(),
            closing: CancellationToken::new(),
            is_beyond_limit: false,
        };
        if open > self.most {
            let longest_idle = lock(&self.idle).pop_first();
            match longest_idle {
                Some((_, closing)) => closing.cancel(),
                None if open > self.most.saturating_add(HEADROOM) => return None,
                None => connection.is_beyond_limit = true,
            }
        }
        connection.ends();
        Some(connection)
    }

    /// Tells the log that an address has its part: not which, and not at every connection.
    fn tell(&self) {
        let mut told = lock(&self.told);
        if told.is_none_or(|told| told.elapsed() >= TOLD) {
            *told = Some(Instant::now());
            tracing::warn!(
                most = self.most_of_one,
                "an address has as many connections as one may have, and its further ones are closed: if it is a proxy, name it in \
                 TRUSTED_PROXIES; else see CONNECTIONS_PER_ADDRESS"
            );
        }
    }
}

impl Connection {
    /// A request begins on it.
    pub(crate) fn begins(&self) {
        self.has_begun.store(true, Ordering::Release);
        if let Some(place) = lock(&self.place).take() {
            lock(&self.limit.idle).remove(&place);
        }
    }

    /// No request is under way on it any more.
    pub(crate) fn ends(&self) {
        let place = self.limit.next.fetch_add(1, Ordering::Relaxed);
        *lock(&self.place) = Some(place);
        lock(&self.limit.idle).insert(place, self.closing.clone());
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Acquire)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(place) = lock(&self.place).take() {
            lock(&self.limit.idle).remove(&place);
        }
        self.limit.open.fetch_sub(1, Ordering::SeqCst);
        if let Some(address) = self.address {
            let mut by_address = lock(&self.limit.by_address);
            if let Some(open) = by_address.get_mut(&address) {
                *open -= 1;
                if *open == 0 {
                    by_address.remove(&address);
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn proxies() -> Proxies {
        "127.0.0.1".parse().unwrap()
    }

    #[test]
    fn one_address_has_its_part_and_leaves_the_rest_to_others() {
        let limit = Arc::new(ConnectionLimit::new(1000, 0, proxies()));
        let from = |address: &str| limit.enter(address.parse().unwrap());
        let mut stranger: Vec<_> = (0..250).map(|_| from("203.0.113.7").unwrap()).collect();
        assert!(from("203.0.113.7").is_none() && from("::ffff:203.0.113.7").is_none());
        let other = from("203.0.113.8").unwrap();
        assert!(!other.is_beyond_limit && stranger.iter().all(|one| !one.closing.is_cancelled()));
        stranger.pop();
        stranger.push(from("203.0.113.7").unwrap());
        // The addresses of one site of IPv6 are one.
        let site: Vec<_> = (0..250).map(|one| from(&format!("2001:db8::{one:x}")).unwrap()).collect();
        assert!(from("2001:db8::ffff:1").is_none() && from("2001:db8:0:1::1").is_some());
        // A proxy speaks for many.
        let proxied: Vec<_> = (0..400).map(|_| limit.enter(PROXY).unwrap()).collect();
        drop((stranger, other, site, proxied));
        assert_eq!(limit.open.load(Ordering::SeqCst), 0);
        assert!(lock(&limit.by_address).is_empty());
    }

    #[test]
    fn an_office_is_not_held_up_and_never_has_more_than_half() {
        let most = |all, of_one| ConnectionLimit::new(all, of_one, proxies()).most_of_one;
        assert_eq!((most(49_152, 0), most(768, 0), most(300, 0)), (12_288, 192, 100));
        assert_eq!((most(150, 0), most(1, 0), most(768, 7)), (75, 1, 7));
    }

    #[test]
    fn the_longest_idle_makes_room_and_where_none_is_idle_there_is_headroom() {
        let limit = Arc::new(ConnectionLimit::new(2, 0, proxies()));
        let (first, second) = (limit.enter(PROXY).unwrap(), limit.enter(PROXY).unwrap());
        first.begins();
        first.ends();
        let third = limit.enter(PROXY).unwrap();
        assert!(second.closing.is_cancelled() && !first.closing.is_cancelled() && !third.is_beyond_limit);
        drop(second);
        first.begins();
        third.begins();
        let beyond: Vec<_> = (0..HEADROOM)
            .map(|_| {
                let connection = limit.enter(PROXY).unwrap();
                connection.begins();
                connection
            })
            .collect();
        assert!(beyond.iter().all(|connection| connection.is_beyond_limit));
        assert!(limit.enter(PROXY).is_none());
        drop(beyond);
        drop(third);
        assert!(!limit.enter(PROXY).unwrap().is_beyond_limit);
        drop(first);
        assert_eq!(limit.open.load(Ordering::SeqCst), 0);
        assert!(lock(&limit.idle).is_empty());
    }
}
