//! All counts of the program at one moment, from every room that counts something.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::histogram::Counted;
use super::requests::{Answered, is_api};
use crate::db::Metered;
use crate::{Platform, cache, fairness, rate_limit};

/// Everything that only grows, and what stands beside it at that moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) at: Timestamp,
    pub(crate) api: Api,
    pub(crate) database: Metered,
    pub(crate) cache: cache::Stats,
    pub(crate) limits: rate_limit::Stats,
    pub(crate) in_flight: u64,
    /// Those who wait for a place, by line.
    pub(crate) lines: [(&'static str, fairness::Stats); 3],
}

impl Snapshot {
    /// Requests that were refused a place.
    pub(crate) fn shed(&self) -> u64 {
        self.lines.iter().flat_map(|(_, line)| &line.classes).map(|class| class.shed).sum()
    }
}

/// What the API answered.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Api {
    pub(crate) took: Counted,
    /// With a status from 500 on.
    pub(crate) errors: u64,
    /// With 429.
    pub(crate) refused: u64,
}

pub(crate) fn snapshot(platform: &Platform) -> Snapshot {
    let [strangers, known] = platform.passwords.lines();
    Snapshot {
        at: platform.clock.now(),
        api: Api::of(&platform.metrics.requests.answered()),
        database: platform.database.metered(),
        cache: platform.cache.stats(),
        limits: platform.limits.stats(),
        in_flight: platform.metrics.in_flight.load(Ordering::Relaxed),
        lines: [
            ("database", platform.database.line().stats()),
            ("passwords", strangers.stats()),
            ("known-passwords", known.stats()),
        ],
    }
}

impl Api {
    pub(crate) fn of(answered: &[Answered]) -> Self {
        let mut api = Self::default();
        for one in answered.iter().filter(|one| is_api(&one.route)) {
            api.took = api.took.plus(&one.took);
            match one.status {
                429 => api.refused += one.took.total(),
                500.. => api.errors += one.took.total(),
                _ => {}
            }
        }
        api
    }
}
