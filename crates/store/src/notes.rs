//! What a request turned out to depend on, which decides whether and for how long its answer can be kept.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use crate::tables::Tables;

/// What a request turned out to depend on.
#[derive(Debug, Default)]
pub struct Notes {
    reads: AtomicU64,
    day: AtomicBool,
    instant: AtomicBool,
    caller: AtomicBool,
    least: AtomicU8,
}

impl Notes {
    pub fn read(&self, tables: Tables) {
        self.reads.fetch_or(tables.bits(), Ordering::Relaxed);
    }

    /// It asked for the date of the resort's time zone.
    pub fn day(&self) {
        self.day.store(true, Ordering::Relaxed);
    }

    /// It asked for the time: nothing of it can be kept.
    pub fn instant(&self) {
        self.instant.store(true, Ordering::Relaxed);
    }

    /// It asked who is asking.
    pub fn caller(&self) {
        self.caller.store(true, Ordering::Relaxed);
    }

    /// It let in those who have this rank at least; 0 was not said.
    pub fn least(&self, least: u8) {
        self.least.store(least, Ordering::Relaxed);
    }

    pub fn reads(&self) -> Tables {
        Tables::from_bits(self.reads.load(Ordering::Relaxed))
    }

    pub fn asked_day(&self) -> bool {
        self.day.load(Ordering::Relaxed)
    }

    pub fn asked_instant(&self) -> bool {
        self.instant.load(Ordering::Relaxed)
    }

    pub fn asked_caller(&self) -> bool {
        self.caller.load(Ordering::Relaxed)
    }

    /// The rank that it let in at least; 0 when it did not say.
    pub fn lowest_rank(&self) -> u8 {
        self.least.load(Ordering::Relaxed)
    }
}
