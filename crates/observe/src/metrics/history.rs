//! An hour of the program's counts, noted four times a minute, and what happened between any two of them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::gather::{Api, Parts, Snapshot};
use base::histogram::Counted;

/// How often the counts are noted.
pub(super) const SAMPLE: Duration = Duration::from_secs(15);

const KEPT: usize = 3600 / SAMPLE.as_secs() as usize + 1;

/// Over how long a figure of the moment is taken: as many samples.
const WINDOW: usize = 4;

#[derive(Debug, Default)]
pub(super) struct History(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// The minutes of the program before this one.
    before: Vec<Minute>,
    own: VecDeque<Snapshot>,
}

/// What happened in a minute or less. One program hands it on to the next, which may be of another version.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Minute {
    pub at: Timestamp,
    pub seconds: f64,
    pub api: Api,
    pub statements: Counted,
    pub waits: Counted,
    pub pool_timeouts: u64,
    pub pool_in_use: u64,
    pub hits: u64,
    pub hits_redis: u64,
    pub misses: u64,
    pub bypasses: u64,
    pub limiter_alone: u64,
    pub sign_ins_held_up: u64,
    pub in_flight: u64,
    pub shed: u64,
    pub waiting: u64,
}

impl History {
    pub(super) fn note(&self, snapshot: Snapshot) {
        let kept = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner).own;
        // A clock that was set back: what came after is no past any more.
        while kept.back().is_some_and(|last| last.at >= snapshot.at) {
            kept.pop_back();
        }
        kept.push_back(snapshot);
        while kept.len() > KEPT {
            kept.pop_front();
        }
    }

    /// Goes on where another program's minutes end.
    pub(super) fn follow(&self, before: Vec<Minute>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).before = before;
    }

    /// The minute that ends at each sample of the past hour, and at last the one that ends with `now`.
    pub(super) fn minutes(&self, now: &Snapshot) -> Vec<Minute> {
        let Kept { before, own } = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent =
            |at: Timestamp| at < now.at && now.at.duration_since(at) <= SignedDuration::from_hours(1);
        let kept: Vec<&Snapshot> = own.iter().filter(|one| is_recent(one.at)).chain([now]).collect();
        let first = kept[0].at;
        let before: Vec<Minute> =
            before.iter().filter(|minute| is_recent(minute.at) && minute.at < first).copied().collect();
        // Samples that a pause of the machine tore apart make no minute.
        let near =
            |at: usize, end: usize| kept[end].at.duration_since(kept[at].at) <= SignedDuration::from_secs(90);
        let minute = |end: usize| {
            let begin = (end.saturating_sub(WINDOW)..end).find(|at| near(*at, end)).unwrap_or(end);
            Minute::between(kept[begin], kept[end])
        };
        // A sample alone says nothing: it is left out where there are others.
        let begin = usize::from(kept.len() > 1 || !before.is_empty());
        before.into_iter().chain((begin..kept.len()).map(minute)).collect()
    }
}

impl Minute {
    fn between(from: &Snapshot, to: &Snapshot) -> Self {
        let api = Api {
            took: to.api.took.since(&from.api.took),
            errors: to.api.errors - from.api.errors,
            refused: to.api.refused - from.api.refused,
        };
        let elapsed = Duration::try_from(to.at.duration_since(from.at)).unwrap_or_default();
        let (before, parts) = (&from.parts, &to.parts);
        let held_up = |of: &Parts| of.limits.sign_ins_refused + of.limits.sign_ins_slowed;
        Self {
            at: to.at,
            seconds: elapsed.as_secs_f64(),
            api,
            statements: parts.database.statements.since(&before.database.statements),
            waits: parts.database.waits.since(&before.database.waits),
            pool_timeouts: parts.database.timeouts - before.database.timeouts,
            pool_in_use: parts.database.in_use,
            hits: parts.cache.hits - before.cache.hits,
            hits_redis: parts.cache.hits_redis - before.cache.hits_redis,
            misses: parts.cache.misses - before.cache.misses,
            bypasses: parts.cache.bypasses - before.cache.bypasses,
            limiter_alone: parts.limits.alone - before.limits.alone,
            sign_ins_held_up: held_up(parts) - held_up(before),
            in_flight: to.in_flight,
            shed: parts.shed() - before.shed(),
            waiting: parts.waiting(),
        }
    }

    pub(super) fn per_second(&self, count: u64) -> f64 {
        if self.seconds > 0.0 { count as f64 / self.seconds } else { 0.0 }
    }

    /// Per cent of the API's requests; `None` of none.
    pub(super) fn errors_percent(&self) -> Option<f64> {
        share(self.api.errors, self.api.took.total())
    }

    /// Per cent of those who could have been answered from the cache.
    pub(super) fn hits_percent(&self) -> Option<f64> {
        share(self.hits, self.hits + self.misses + self.bypasses)
    }
}

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| 100.0 * part as f64 / of as f64)
}
