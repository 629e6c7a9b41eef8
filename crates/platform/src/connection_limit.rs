//! How many connections a listener has at a time, and who makes room when there are more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Resource, getrlimit};
use tokio_util::sync::CancellationToken;

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
}

/// One connection; it leaves when it is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    limit: Arc<ConnectionLimit>,
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
    pub(crate) fn new(most: usize) -> Self {
        let (open, next, idle) = Default::default();
        Self { most, open, next, idle }
    }

    /// Takes in one more. Beyond the limit the connection that is idle for longest is closed for it; where all are busy it is
    /// beyond the limit itself, and past the headroom too it is refused: `None`.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Connection> {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        let mut connection = Connection {
            limit: self.clone(),
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
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_idle_makes_room_and_where_none_is_idle_there_is_headroom() {
        let limit = Arc::new(ConnectionLimit::new(2));
        let (first, second) = (limit.enter().unwrap(), limit.enter().unwrap());
        first.begins();
        first.ends();
        let third = limit.enter().unwrap();
        assert!(second.closing.is_cancelled() && !first.closing.is_cancelled() && !third.is_beyond_limit);
        drop(second);
        first.begins();
        third.begins();
        let beyond: Vec<_> = (0..HEADROOM)
            .map(|_| {
                let connection = limit.enter().unwrap();
                connection.begins();
                connection
            })
            .collect();
        assert!(beyond.iter().all(|connection| connection.is_beyond_limit));
        assert!(limit.enter().is_none());
        drop(beyond);
        drop(third);
        assert!(!limit.enter().unwrap().is_beyond_limit);
        drop(first);
        assert_eq!(limit.open.load(Ordering::SeqCst), 0);
        assert!(lock(&limit.idle).is_empty());
    }
}
