//! What each resort asks for: exactly, until it is written down; and for the past hour, whoever asks most.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::ops::AddAssign;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

use crate::tenant::Tenant;

const SHARDS: usize = 16;

/// The past hour in slices.
const SLICE_SECONDS: i64 = 300;
const SLICES: i64 = 12;

/// How many resorts are remembered of a slice that is over: those who asked most. Whoever is among the first of the hour is
/// among these in some slice, and is told too low by what the others had of it.
const REMEMBERED: usize = 256;

pub(crate) const HOUR: i64 = 3600;

/// What a resort asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub requests: u64,
    /// Answered with a status from 500 on.
    pub errors: u64,
    /// Beyond its limit, or before its turn could come: answered with 429.
    pub refused: u64,
    pub statements: u64,
    pub database_us: u64,
    pub elapsed_us: u64,
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.refused += other.refused;
        self.statements += other.statements;
        self.database_us += other.database_us;
        self.elapsed_us += other.elapsed_us;
    }
}

/// A resort's figures for one hour, not yet written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hourly {
    pub tenant: Uuid,
    pub starts_at: Timestamp,
    pub figures: Figures,
}

#[derive(Debug, Default)]
pub(crate) struct Usage {
    hasher: RandomState,
    /// By resort and hour, since it was last looked at.
    fresh: [Mutex<HashMap<(Uuid, i64), Of>>; SHARDS],
    kept: Mutex<Kept>,
}

#[derive(Clone, Debug)]
struct Of {
    tenant: Arc<Tenant>,
    figures: Figures,
}

#[derive(Debug, Default)]
struct Kept {
    slices: VecDeque<(i64, HashMap<Uuid, Of>)>,
    unwritten: HashMap<(Uuid, i64), Figures>,
}

impl Usage {
    pub(crate) fn add(&self, tenant: &Arc<Tenant>, now: Timestamp, figures: Figures) {
        let shard = usize::try_from(self.hasher.hash_one(tenant.id) % SHARDS as u64).unwrap_or(0);
        let mut fresh = lock(&self.fresh[shard]);
        let of = fresh
            .entry((tenant.id, now.as_second() / HOUR))
            .or_insert_with(|| Of { tenant: tenant.clone(), figures: Figures::default() });
        of.figures += figures;
    }

    /// Those who asked most in the past hour, most first.
    pub(crate) fn top(&self, now: Timestamp, count: usize) -> Vec<(Arc<Tenant>, Figures)> {
        let mut kept = self.gather(now);
        kept.forget_before(now.as_second() - HOUR);
        let mut all: HashMap<Uuid, Of> = HashMap::new();
        for of in kept.slices.iter().flat_map(|(_, slice)| slice.values()) {
            add(&mut all, of);
        }
        drop(kept);
        let mut all: Vec<Of> = all.into_values().collect();
        most_first(&mut all);
        all.truncate(count);
        all.into_iter().map(|of| (of.tenant, of.figures)).collect()
    }

    /// What was not written down yet; it is the caller's from now on.
    pub(crate) fn take(&self, now: Timestamp) -> Vec<Hourly> {
        let taken = std::mem::take(&mut self.gather(now).unwritten).into_iter();
        let hourly = |((tenant, hour), figures)| Hourly {
            tenant,
            starts_at: Timestamp::from_second(hour * HOUR).unwrap_or(Timestamp::UNIX_EPOCH),
            figures,
        };
        taken.map(hourly).collect()
    }

    /// What was taken and could not be written down.
    pub(crate) fn give_back(&self, hourly: &[Hourly]) {
        let mut kept = lock(&self.kept);
        for Hourly { tenant, starts_at, figures } in hourly {
            *kept.unwritten.entry((*tenant, starts_at.as_second() / HOUR)).or_default() += *figures;
        }
    }

    fn gather(&self, now: Timestamp) -> MutexGuard<'_, Kept> {
        let start = now.as_second() - now.as_second().rem_euclid(SLICE_SECONDS);
        let mut kept = lock(&self.kept);
        if kept.slices.back().is_none_or(|(last, _)| *last != start) {
            if let Some((_, over)) = kept.slices.back_mut() {
                shorten(over);
            }
            kept.slices.push_back((start, HashMap::new()));
            kept.forget_before(start - SLICE_SECONDS * (SLICES - 1));
        }
        for shard in &self.fresh {
            for ((tenant, hour), of) in std::mem::take(&mut *lock(shard)) {
                *kept.unwritten.entry((tenant, hour)).or_default() += of.figures;
                if let Some((_, slice)) = kept.slices.back_mut() {
                    add(slice, &of);
                }
            }
        }
        kept
    }
}

impl Kept {
    fn forget_before(&mut self, second: i64) {
        self.slices.retain(|(start, _)| *start >= second);
    }
}

fn add(sums: &mut HashMap<Uuid, Of>, of: &Of) {
    match sums.get_mut(&of.tenant.id) {
        Some(sum) => sum.figures += of.figures,
        None => _ = sums.insert(of.tenant.id, of.clone()),
    }
}

fn shorten(slice: &mut HashMap<Uuid, Of>) {
    if slice.len() > REMEMBERED {
        let mut all: Vec<Of> = std::mem::take(slice).into_values().collect();
        most_first(&mut all);
        all.truncate(REMEMBERED);
        *slice = all.into_iter().map(|of| (of.tenant.id, of)).collect();
    }
}

fn most_first(all: &mut [Of]) {
    all.sort_unstable_by(|a, b| (b.figures.requests, a.tenant.id).cmp(&(a.figures.requests, b.tenant.id)));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::{Status, Tier};
    use jiff::tz::TimeZone;

    fn tenant(number: u128) -> Arc<Tenant> {
        Arc::new(Tenant {
            id: Uuid::from_u128(number),
            subdomain: format!("resort{number}"),
            name: String::new(),
            tier: Tier::Free,
            status: Status::Active,
            timezone: TimeZone::UTC,
            currency: "USD".into(),
            tax_rate_bps: 0,
            rate_limit: None,
        })
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn requests(requests: u64) -> Figures {
        Figures { requests, ..Figures::default() }
    }

    #[test]
    fn the_first_of_the_hour_are_told_and_forgotten_when_it_is_over() {
        let usage = Usage::default();
        usage.add(&tenant(1), at(0), requests(5));
        usage.add(&tenant(2), at(1), requests(9));
        let told = |second| {
            let top = usage.top(at(second), 2);
            top.iter().map(|(tenant, figures)| (tenant.id.as_u128(), figures.requests)).collect::<Vec<_>>()
        };
        assert_eq!(told(10), [(2, 9), (1, 5)]);
        usage.add(&tenant(1), at(1800), requests(6));
        assert_eq!(told(1800), [(1, 11), (2, 9)]);
        assert_eq!(told(3700), [(1, 6)]);
        assert_eq!(told(7300), []);
    }

    #[test]
    fn ten_thousand_resorts_are_written_down_exactly_and_remembered_in_bounds() {
        let usage = Usage::default();
        for number in 0..10_000 {
            usage.add(&tenant(number), at(3599), requests(1));
            usage.add(&tenant(number), at(3600), requests(number as u64));
        }
        let top = usage.top(at(3600), 3);
        assert_eq!(top.iter().map(|(_, of)| of.requests).collect::<Vec<_>>(), [10_000, 9999, 9998]);
        let taken = usage.take(at(3600));
        assert_eq!(taken.len(), 20_000);
        let of = |tenant, hour: i64| {
            let mut found = taken.iter().filter(|one| one.tenant == Uuid::from_u128(tenant));
            found.find(|one| one.starts_at == at(hour * HOUR)).unwrap().figures.requests
        };
        assert_eq!((of(7, 0), of(7, 1)), (1, 7));
        assert_eq!(usage.take(at(3601)), []);
        usage.top(at(3900), 1);
        let kept = lock(&usage.kept);
        let sizes: Vec<_> = kept.slices.iter().map(|(_, slice)| slice.len()).collect();
        assert_eq!(sizes, [REMEMBERED, 0]);
    }

    #[test]
    fn what_could_not_be_written_down_is_taken_again_with_what_came_since() {
        let usage = Usage::default();
        usage.add(&tenant(1), at(0), requests(5));
        let taken = usage.take(at(1));
        usage.add(&tenant(1), at(2), requests(1));
        usage.give_back(&taken);
        let again = usage.take(at(3));
        assert_eq!(again, [Hourly { tenant: Uuid::from_u128(1), starts_at: at(0), figures: requests(6) }]);
    }
}
