//! The days around today, as the demo resorts count them.

use base::clock;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The days and hours of a resort, counted from its today.
pub(super) struct Calendar {
    zone: TimeZone,
    today: Date,
    now: Timestamp,
}

impl Calendar {
    pub(super) fn new(timezone: &str, now: Timestamp) -> Self {
        let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        Self { today: clock::today(&zone, now), zone, now }
    }

    /// The date `day` days from today.
    pub(super) fn date(&self, day: i32) -> Date {
        self.today.saturating_add(day.days())
    }

    /// The day from today of a date.
    pub(super) fn day(&self, date: Date) -> i32 {
        self.today.until(date).map_or(0, |span| span.get_days())
    }

    pub(super) fn weekday(&self, day: i32) -> Weekday {
        self.date(day).weekday()
    }

    /// The moment `minute` minutes into `day` on the resort's wall.
    pub(super) fn at(&self, day: i32, minute: i32) -> Timestamp {
        let wall = self.date(day).at(0, 0, 0, 0).saturating_add(minute.minutes());
        self.zone.to_ambiguous_timestamp(wall).compatible().unwrap_or(self.now)
    }

    /// Draws times that lie ahead back behind now, keeping each at least a minute before the next.
    pub(super) fn settle(&self, times: &mut [Timestamp]) {
        let minute = jiff::SignedDuration::from_mins(1);
        let mut latest = self.now - minute * 20;
        for time in times.iter_mut().rev() {
            *time = latest.min(*time);
            latest = *time - minute;
        }
    }
}
