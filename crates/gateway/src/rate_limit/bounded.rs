//! Counts by subject in a bounded table of this node: for strangers, of whom there are as many as somebody likes to be.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::taken::Taken;
use super::usage::window;

/// The most subjects that are remembered, a few hundred bytes each.
const MOST: u64 = 65_536;

#[derive(Debug)]
pub(super) struct Bounded {
    length: i64,
    counts: Cache<Uuid, Arc<Mutex<Used>>>,
}

#[derive(Debug, Default)]
struct Used {
    window: i64,
    requests: u32,
}

impl Bounded {
    /// Counts in windows of `length` milliseconds. What was not counted for that long is forgotten.
    pub(super) fn new(length: i64) -> Self {
        let idle = Duration::from_millis(length.unsigned_abs());
        Self { length, counts: Cache::builder().max_capacity(MOST).time_to_idle(idle).build() }
    }

    pub(super) fn take(&self, subject: Uuid, limit: u32, now: i64) -> Taken {
        let used = self.counts.get_with(subject, Arc::default);
        let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
        let current = window(now, self.length);
        if used.window != current {
            *used = Used { window: current, requests: 0 };
        }
        let is_admitted = used.requests < limit;
        used.requests += u32::from(is_admitted);
        let remaining = limit.saturating_sub(used.requests);
        Taken { is_admitted, remaining, left: current + self.length - now }
    }

    pub(super) fn entries(&self) -> u64 {
        self.counts.run_pending_tasks();
        self.counts.entry_count()
    }
}

/// The id under which something beside the resorts' requests is counted or queued, such as an address.
pub(crate) fn subject(text: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_its_allowance_once_in_each_window() {
        let bounded = Bounded::new(1000);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let take = |subject, now| {
            let Taken { is_admitted, remaining, left } = bounded.take(subject, 2, now);
            (is_admitted, remaining, left)
        };
        assert_eq!(take(one, 5100), (true, 1, 900));
        assert_eq!(take(one, 5200), (true, 0, 800));
        assert_eq!(take(one, 5999), (false, 0, 1));
        assert_eq!(take(other, 5999), (true, 1, 1));
        assert_eq!(take(one, 6000), (true, 1, 1000));
    }

    #[test]
    fn a_million_subjects_do_not_take_more_room_than_there_is() {
        let bounded = Bounded::new(900_000);
        for subject in 0..1_000_000 {
            bounded.take(Uuid::from_u128(subject), 100, 1);
        }
        assert!(bounded.entries() <= MOST, "{}", bounded.entries());
    }
}
