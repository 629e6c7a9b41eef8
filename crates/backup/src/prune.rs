//! Which backups are kept: the young, the last of some days, weeks and months, and always the last good one.

use std::collections::{BTreeMap, BTreeSet};

use database::connect::Server;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::backups::Backups;
use super::catalogue::connect;
use super::manifest;
use super::notes::{DAMAGED, Damaged, VERIFIED, Verified};
use super::server::{WRITING, take_lock};
use super::settings::Keep;
use super::store::Store;

/// A backup, as far as keeping it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Standing {
    name: String,
    at: Timestamp,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Restored and compared.
    Good,
    /// Nobody has looked.
    Unknown,
    Damaged,
}

impl Backups {
    /// Removes the backups that need not be kept, and what cut-off runs left; `dry` only tells. The answer is each
    /// removed backup and where it lay.
    ///
    /// # Errors
    /// When a backup is being made, or a place cannot be read or written.
    pub async fn prune(&self, server: &Server, dry: bool) -> anyhow::Result<Vec<(String, &'static str)>> {
        let client = connect(server, "tailtown prune").await?;
        take_lock(&client, WRITING, "a backup of this database is being made or removed").await?;
        if !dry {
            self.sweep().await?;
        }
        let mut removed = Vec::new();
        for store in &self.stores {
            for name in doomed(standings(store).await?, self.settings.keep, self.clock.now()) {
                if !dry {
                    store.remove(&name).await?;
                    tracing::info!(name, store = store.kind(), "removed");
                }
                removed.push((name, store.kind()));
            }
        }
        Ok(removed)
    }
}

async fn standings(store: &Store) -> anyhow::Result<Vec<Standing>> {
    let mut found = Vec::new();
    for name in store.names().await? {
        let Some(at) = manifest::time_of(&name) else { continue };
        let state = if store.note::<Damaged>(&name, DAMAGED).await?.is_some() {
            State::Damaged
        } else if store.note::<Verified>(&name, VERIFIED).await?.is_some() {
            State::Good
        } else {
            State::Unknown
        };
        found.push(Standing { name, at, state });
    }
    Ok(found)
}

/// The backups that need not be kept, oldest first.
fn doomed(mut backups: Vec<Standing>, keep: Keep, now: Timestamp) -> Vec<String> {
    backups.sort_by_key(|backup| backup.at);
    let mut kept: BTreeSet<String> = BTreeSet::new();
    let last = |state: State| backups.iter().rev().find(|backup| backup.state == state);
    // The last good one is what a restore would use. Until there is one, the last that may be good.
    let safest = last(State::Good).or(last(State::Unknown)).or(backups.last());
    kept.extend(safest.map(|backup| backup.name.clone()));
    // One that nobody has looked at may yet prove to be the best there is.
    kept.extend(backups.last().map(|backup| backup.name.clone()));
    let young = i64::from(keep.days) * 24 * 3600;
    let age = |backup: &Standing| now.as_second() - backup.at.as_second();
    kept.extend(backups.iter().filter(|backup| age(backup) <= young).map(|backup| backup.name.clone()));
    let day = |backup: &Standing| backup.at.to_zoned(TimeZone::UTC).date();
    kept.extend(last_of_each(&backups, keep.daily, day));
    kept.extend(last_of_each(&backups, keep.weekly, |backup| monday(day(backup))));
    kept.extend(last_of_each(&backups, keep.monthly, |backup| day(backup).first_of_month()));
    backups.into_iter().map(|backup| backup.name).filter(|name| !kept.contains(name)).collect()
}

fn monday(date: Date) -> Date {
    let days = date.weekday().to_monday_zero_offset();
    date.checked_sub(i64::from(days).days()).unwrap_or(date)
}

/// Of each of the last `most` periods that have a backup, the last good one, or else the last that may be.
fn last_of_each(backups: &[Standing], most: u32, period: impl Fn(&Standing) -> Date) -> Vec<String> {
    let mut best: BTreeMap<Date, &Standing> = BTreeMap::new();
    for backup in backups.iter().filter(|backup| backup.state != State::Damaged) {
        let place = best.entry(period(backup)).or_insert(backup);
        if backup.state == State::Good || place.state != State::Good {
            *place = backup;
        }
    }
    best.values().rev().take(most as usize).map(|backup| backup.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use State::{Damaged, Good, Unknown};

    const NOW: &str = "2026-11-25T03:00:00Z";

    /// A backup at two o'clock so many days before.
    fn before(days: i64, state: State) -> Standing {
        let now: Timestamp = NOW.parse().unwrap();
        let at = now - (days * 24 + 1).hours();
        Standing { name: days.to_string(), at, state }
    }

    fn keep(days: u32, daily: u32, weekly: u32, monthly: u32) -> Keep {
        Keep { days, daily, weekly, monthly }
    }

    fn left(backups: &[Standing], keep: Keep) -> Vec<String> {
        let doomed = doomed(backups.to_vec(), keep, NOW.parse().unwrap());
        backups.iter().map(|backup| backup.name.clone()).filter(|name| !doomed.contains(name)).collect()
    }

    #[test]
    fn thirty_days_are_kept() {
        let all: Vec<_> = (0..60).map(|days| before(days, Good)).collect();
        assert_eq!(left(&all, keep(30, 0, 0, 0)).len(), 30);
    }

    #[test]
    fn the_last_good_one_is_kept_however_old() {
        let all = [before(0, Damaged), before(50, Unknown), before(80, Good), before(90, Good)];
        assert_eq!(left(&all, keep(30, 0, 0, 0)), ["0", "80"]);
        let none_good = [before(40, Damaged), before(50, Unknown), before(60, Unknown)];
        assert_eq!(left(&none_good, keep(30, 0, 0, 0)), ["40", "50"]);
        assert_eq!(left(&[before(99, Damaged)], keep(1, 0, 0, 0)), ["99"]);
    }

    #[test]
    fn of_days_weeks_and_months_the_last_good_one_is_kept() {
        let all: Vec<_> = (0..400).map(|days| before(days, Good)).collect();
        // Months: November's last is 0 days old, October's 25, September's 56.
        assert_eq!(left(&all, keep(1, 3, 0, 3)), ["0", "1", "2", "25", "56"]);
        // The 25th is a Wednesday: the last of a week is a Sunday.
        assert_eq!(left(&all, keep(1, 0, 3, 0)), ["0", "3", "10"]);
        let mut one_bad = all;
        one_bad[25].state = Damaged;
        one_bad[26].state = Unknown;
        assert_eq!(left(&one_bad, keep(1, 0, 0, 2)), ["0", "27"]);
    }
}
