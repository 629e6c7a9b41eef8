//! What each resort asks for: exactly, until it is written down; and for the past hour, whoever asks most.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::AddAssign;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use base::clock::Clock;

/// How many resorts are named: each is a time series for as long as Prometheus keeps it.
pub(super) const NAMED: usize = 20;

const SHARDS: usize = 16;

/// The past hour in slices.
const SLICE_SECONDS: i64 = 300;
const SLICES: i64 = 12;

/// How many resorts are remembered of a slice that is over: those who asked most. Whoever is among the first of the hour is
/// among these in some slice, and is told too low by what the others had of it.
const REMEMBERED: usize = 256;

/// And how many of a slice the program that follows is told of.
const HANDED_ON: usize = 40;

pub const HOUR: i64 = 3600;

/// What a resort asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
pub struct Usage {
    hasher: RandomState,
    /// By resort and hour, since it was last looked at.
    fresh: [Mutex<HashMap<(Uuid, i64), Asked>>; SHARDS],
    kept: Mutex<Kept>,
}

/// Tells Prometheus who asked most in the past hour.
#[derive(Debug)]
pub(super) struct Busiest {
    pub(super) usage: Arc<Usage>,
    pub(super) clock: Clock,
}

/// What one resort asked for in a slice or an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub id: Uuid,
    pub subdomain: String,
    pub figures: Figures,
}

/// Who asked most in a part of the past hour; one program hands it on to the next, which may be of another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// In seconds since 1970.
    starts_at: i64,
    most: Vec<Asked>,
}

#[derive(Debug, Default)]
struct Kept {
    slices: VecDeque<(i64, HashMap<Uuid, Asked>)>,
    unwritten: HashMap<(Uuid, i64), Figures>,
}

impl Usage {
    pub fn add(&self, tenant: Uuid, subdomain: &str, now: Timestamp, figures: Figures) {
        let shard = usize::try_from(self.hasher.hash_one(tenant) % SHARDS as u64).unwrap_or(0);
        let mut fresh = lock(&self.fresh[shard]);
        fresh
            .entry((tenant, now.as_second() / HOUR))
            .or_insert_with(|| nothing(tenant, subdomain))
            .figures += figures;
    }

    /// Those who asked most in the past hour, most first.
    pub fn top(&self, now: Timestamp, count: usize) -> Vec<Asked> {
        let mut kept = self.gather(now);
        kept.forget_before(now.as_second() - HOUR);
        let mut all = HashMap::new();
        for asked in kept.slices.iter().flat_map(|(_, slice)| slice.values()) {
            add(&mut all, asked.id, &asked.subdomain, asked.figures);
        }
        drop(kept);
        most_of(all.into_values(), count)
    }

    /// The past hour for the program that follows, oldest first.
    pub fn slices(&self, now: Timestamp) -> Vec<Slice> {
        let kept = self.gather(now);
        let slices = kept.slices.iter().filter(|(_, slice)| !slice.is_empty());
        slices
            .map(|(start, slice)| Slice {
                starts_at: *start,
                most: most_of(slice.values().cloned(), HANDED_ON),
            })
            .collect()
    }

    /// Goes on where another program's hour ends.
    pub fn follow(&self, before: Vec<Slice>) {
        let slices = &mut lock(&self.kept).slices;
        for Slice { starts_at, most } in before {
            let place = slices.partition_point(|(start, _)| *start < starts_at);
            if slices.get(place).is_none_or(|(start, _)| *start != starts_at) {
                slices.insert(place, (starts_at, HashMap::new()));
            }
            for asked in most {
                add(&mut slices[place].1, asked.id, &asked.subdomain, asked.figures);
            }
        }
    }

    /// What was not written down yet; it is the caller's from now on.
    pub fn take(&self, now: Timestamp) -> Vec<Hourly> {
        let taken = std::mem::take(&mut self.gather(now).unwritten).into_iter();
        let hourly = |((tenant, hour), figures)| Hourly {
            tenant,
            starts_at: Timestamp::from_second(hour * HOUR).unwrap_or(Timestamp::UNIX_EPOCH),
            figures,
        };
        taken.map(hourly).collect()
    }

    /// What was taken and could not be written down.
    pub fn give_back(&self, hourly: &[Hourly]) {
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
            for ((tenant, hour), asked) in std::mem::take(&mut *lock(shard)) {
                *kept.unwritten.entry((tenant, hour)).or_default() += asked.figures;
                if let Some((_, slice)) = kept.slices.back_mut() {
                    add(slice, tenant, &asked.subdomain, asked.figures);
                }
            }
        }
        kept
    }
}

impl Collector for Busiest {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        type Figure = fn(&Figures) -> f64;
        let families: [(&str, &str, Figure); 4] = [
            (
                "tailtown_tenant_hour_requests",
                "Requests in the past hour of those resorts that asked most.",
                |figures| figures.requests as f64,
            ),
            ("tailtown_tenant_hour_errors", "Those answered with a status from 500 on.", |figures| {
                figures.errors as f64
            }),
            ("tailtown_tenant_hour_refused", "Those answered with 429.", |figures| figures.refused as f64),
            ("tailtown_tenant_hour_database_seconds", "Time of the database for them.", |figures| {
                figures.database_us as f64 / 1e6
            }),
        ];
        let top = self.usage.top(self.clock.now(), NAMED);
        for (name, about, figure) in families {
            let mut family = encoder.encode_descriptor(name, about, None, MetricType::Gauge)?;
            for asked in &top {
                let labels = [("tenant", asked.subdomain.as_str())];
                family.encode_family(&labels)?.encode_gauge(&figure(&asked.figures))?;
            }
        }
        Ok(())
    }
}

impl Kept {
    fn forget_before(&mut self, second: i64) {
        self.slices.retain(|(start, _)| *start >= second);
    }
}

fn add(sums: &mut HashMap<Uuid, Asked>, id: Uuid, subdomain: &str, figures: Figures) {
    sums.entry(id).or_insert_with(|| nothing(id, subdomain)).figures += figures;
}

fn nothing(id: Uuid, subdomain: &str) -> Asked {
    Asked { id, subdomain: subdomain.to_owned(), figures: Figures::default() }
}

fn shorten(slice: &mut HashMap<Uuid, Asked>) {
    if slice.len() > REMEMBERED {
        let most = most_of(std::mem::take(slice).into_values(), REMEMBERED);
        *slice = most.into_iter().map(|asked| (asked.id, asked)).collect();
    }
}

fn most_of(all: impl Iterator<Item = Asked>, count: usize) -> Vec<Asked> {
    let mut all: Vec<Asked> = all.collect();
    all.sort_unstable_by(|a, b| (b.figures.requests, a.id).cmp(&(a.figures.requests, b.id)));
    all.truncate(count);
    all
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(usage: &Usage, tenant: u128, second: i64, figures: Figures) {
        usage.add(Uuid::from_u128(tenant), &format!("resort{tenant}"), at(second), figures);
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
        count(&usage, 1, 0, requests(5));
        count(&usage, 2, 1, requests(9));
        let told = |second| {
            let top = usage.top(at(second), 2);
            top.iter().map(|one| (one.id.as_u128(), one.figures.requests)).collect::<Vec<_>>()
        };
        assert_eq!(told(10), [(2, 9), (1, 5)]);
        count(&usage, 1, 1800, requests(6));
        assert_eq!(told(1800), [(1, 11), (2, 9)]);
        assert_eq!(told(3700), [(1, 6)]);
        assert_eq!(told(7300), []);
    }

    #[test]
    fn ten_thousand_resorts_are_written_down_exactly_and_remembered_in_bounds() {
        let usage = Usage::default();
        for number in 0..10_000 {
            count(&usage, number, 3599, requests(1));
            count(&usage, number, 3600, requests(number as u64));
        }
        let top = usage.top(at(3600), 3);
        assert_eq!(top.iter().map(|one| one.figures.requests).collect::<Vec<_>>(), [10_000, 9999, 9998]);
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
    fn the_program_that_follows_goes_on_with_the_hour_and_its_slices_end_as_they_would_have() {
        let (before, after) = (Usage::default(), Usage::default());
        count(&before, 1, 0, requests(5));
        before.top(at(0), 1);
        count(&before, 1, 300, requests(1));
        count(&before, 2, 301, requests(2));
        count(&after, 1, 302, requests(10));
        after.top(at(302), 1);
        let text = serde_json::to_string(&before.slices(at(302))).unwrap();
        after.follow(serde_json::from_str(&text).unwrap());
        let told = |second| {
            let top = after.top(at(second), 9);
            top.iter().map(|one| (one.id.as_u128(), one.figures.requests)).collect::<Vec<_>>()
        };
        assert_eq!(told(303), [(1, 16), (2, 2)]);
        assert_eq!(told(3601), [(1, 11), (2, 2)]);
        assert_eq!(told(3901), []);
        // What the old one counted, it writes down itself.
        assert_eq!(after.take(at(3902)).len(), 1);
    }

    #[test]
    fn what_could_not_be_written_down_is_taken_again_with_what_came_since() {
        let usage = Usage::default();
        count(&usage, 1, 0, requests(5));
        let taken = usage.take(at(1));
        count(&usage, 1, 2, requests(1));
        usage.give_back(&taken);
        let again = usage.take(at(3));
        assert_eq!(again, [Hourly { tenant: Uuid::from_u128(1), starts_at: at(0), figures: requests(6) }]);
    }
}
