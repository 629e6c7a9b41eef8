//! The time, the resort's calendar, and the one place that reads the system clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Tells the time. Tests hold one that stands still until it is moved.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    frozen: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `at` until [`Clock::advance`] moves it.
    pub fn frozen(at: Timestamp) -> Self {
        Self { frozen: Some(Arc::new(AtomicI64::new(at.as_microsecond()))) }
    }

    /// Moves a frozen clock; every copy of it shows the new time. Does nothing to the machine's clock.
    pub fn advance(&self, by: std::time::Duration) {
        if let Some(frozen) = &self.frozen {
            frozen.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// Moves a frozen clock back, as an operator does who sets a clock that was ahead.
    pub fn set_back(&self, by: std::time::Duration) {
        if let Some(frozen) = &self.frozen {
            frozen.fetch_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// Now, to the microsecond: what PostgreSQL keeps, so that a time read back equals the time written.
    pub fn now(&self) -> Timestamp {
        let micros = match &self.frozen {
            Some(frozen) => frozen.load(Ordering::SeqCst),
            #[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
            None => Timestamp::now().as_microsecond(),
        };
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// The date on the wall of a resort in `zone` at `now`.
pub fn today(zone: &TimeZone, now: Timestamp) -> Date {
    now.to_zoned(zone.clone()).date()
}

/// The half-open instants of `date` in `zone`: from its first moment to the first moment of the next day. On the days
/// the clocks change a day is 23 or 25 hours long, and where midnight is skipped it begins at the first that exists.
///
/// # Errors
/// When the date lies at the edge of what the calendar can hold.
pub fn day(zone: &TimeZone, date: Date) -> Result<(Timestamp, Timestamp), jiff::Error> {
    let start = zone.to_ambiguous_zoned(date.at(0, 0, 0, 0)).compatible()?;
    let next = zone.to_ambiguous_zoned(date.checked_add(1.day())?.at(0, 0, 0, 0)).compatible()?;
    Ok((start.timestamp(), next.timestamp()))
}

/// The rule for a date that someone sends: in the 20th to the 22nd century, so that no sum of days leaves the calendar.
///
/// # Errors
/// What is wrong with it.
pub fn plausible(date: &Date, (): &()) -> garde::Result {
    if (1900..2200).contains(&date.year()) {
        return Ok(());
    }
    Err(garde::Error::new("must lie in the years 1900 to 2199"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const ZONES: [&str; 6] = [
        "America/New_York",
        "Europe/Berlin",
        "Australia/Sydney",
        "America/Santiago",
        "Asia/Tokyo",
        "Asia/Beirut",
    ];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("zone of the bundled database")
    }

    proptest! {
        #[test]
        fn every_instant_belongs_to_exactly_one_day(name in prop::sample::select(&ZONES[..]), second in 1_600_000_000i64..1_900_000_000) {
            let (zone, now) = (zone(name), Timestamp::from_second(second).unwrap());
            let date = today(&zone, now);
            let (start, end) = day(&zone, date).unwrap();
            prop_assert!(start <= now && now < end);
        }

        #[test]
        fn days_follow_without_gap_or_overlap(name in prop::sample::select(&ZONES[..]), offset in 0i64..6000) {
            let (zone, first) = (zone(name), date(2020, 1, 1).checked_add(offset.days()).unwrap());
            let (_, end) = day(&zone, first).unwrap();
            let (start, _) = day(&zone, first.tomorrow().unwrap()).unwrap();
            prop_assert_eq!(end, start);
        }
    }

    #[test]
    fn a_day_is_an_hour_shorter_or_longer_when_the_clocks_change() {
        let hours = |name: &str, on: Date| {
            let (start, end) = day(&zone(name), on).unwrap();
            (end.as_second() - start.as_second()) / 3600
        };
        let changes = [
            ("America/New_York", date(2026, 3, 8), date(2026, 11, 1)),
            ("Europe/Berlin", date(2026, 3, 29), date(2026, 10, 25)),
            ("Australia/Sydney", date(2026, 10, 4), date(2026, 4, 5)),
        ];
        for (name, spring, autumn) in changes {
            assert_eq!(hours(name, spring), 23, "{name} springs forward");
            assert_eq!(hours(name, autumn), 25, "{name} falls back");
            assert_eq!(hours(name, spring.tomorrow().unwrap()), 24);
        }
    }

    #[test]
    fn a_midnight_that_does_not_exist_starts_the_day_at_the_first_moment_that_does() {
        let (start, _) = day(&zone("America/Santiago"), date(2026, 9, 6)).unwrap();
        assert_eq!(start.to_zoned(zone("America/Santiago")).hour(), 1);
    }

    #[test]
    fn a_frozen_clock_stands_still_until_it_is_moved() {
        let clock = Clock::frozen("2026-11-24T08:00:00Z".parse().unwrap());
        let copy = clock.clone();
        assert_eq!(clock.now(), copy.now());
        clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(copy.now(), "2026-11-24T08:01:00Z".parse().unwrap());
    }
}
