//! The newest backup that was proven, as `/health`, the overview and Prometheus are told of it; kept in memory.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use prometheus_client::registry::Registry;
use schemars::JsonSchema;
use serde::Serialize;

use base::clock::Clock;
use base::figures::{gauge, gauges};

/// After how long without a verified backup `/health` calls it stale: one night may be missed, not two.
const STALE_SECONDS: i64 = 50 * 3600;

#[derive(Clone, Debug, Default)]
pub struct Standing(Arc<Mutex<Option<Last>>>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    pub name: String,
    pub created_at: Timestamp,
    pub verified_at: Timestamp,
}

/// As `/health` shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BackupStanding")]
pub struct Shown {
    pub schedule: &'static str,
    /// The newest backup that was restored and compared.
    pub last_verified: Option<ShownLast>,
    /// Whether there ought to be a newer one.
    pub stale: bool,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "VerifiedBackup")]
pub struct ShownLast {
    pub name: String,
    pub created_at: Timestamp,
    pub verified_at: Timestamp,
    pub age_seconds: i64,
}

impl Shown {
    pub fn age_seconds(&self) -> Option<i64> {
        self.last_verified.as_ref().map(|last| last.age_seconds)
    }

    pub fn is_stale(&self) -> bool {
        self.stale
    }
}

impl Standing {
    pub fn shown(&self, scheduled: bool, now: Timestamp) -> Shown {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let last_verified = last.map(|last| ShownLast {
            age_seconds: now.as_second() - last.created_at.as_second(),
            name: last.name,
            created_at: last.created_at,
            verified_at: last.verified_at,
        });
        let old = last_verified.as_ref().is_none_or(|last| last.age_seconds > STALE_SECONDS);
        Shown { schedule: if scheduled { "on" } else { "off" }, last_verified, stale: scheduled && old }
    }

    pub fn set(&self, newest: Option<Last>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = newest;
    }

    pub(super) fn register(&self, registry: &mut Registry, scheduled: bool, clock: &Clock) {
        let shown = {
            let (standing, clock) = (self.clone(), clock.clone());
            move || standing.shown(scheduled, clock.now())
        };
        let about = "Whether this node makes backups by itself";
        registry.register("tailtown_backup_scheduled", about, gauge(move || u32::from(scheduled)));
        let about = "Whether there ought to be a newer proven backup";
        let stale = shown.clone();
        registry.register("tailtown_backup_stale", about, gauge(move || u32::from(stale().stale)));
        let about = "When the newest backup that was restored and compared was made";
        let made_at = move || shown().last_verified.map(|last| ([("", ""); 0], last.created_at.as_second()));
        registry.register("tailtown_backup_last_verified_timestamp_seconds", about, gauges(made_at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn health_tells_the_last_verified_one_and_whether_it_is_stale() {
        let standing = Standing::default();
        assert!(standing.shown(true, at("2026-11-25T03:00:00Z")).stale);
        assert!(!standing.shown(false, at("2026-11-25T03:00:00Z")).stale);
        let created_at = at("2026-11-24T02:00:00Z");
        standing.set(Some(Last {
            name: "backup_20261124_020000".into(),
            created_at,
            verified_at: created_at,
        }));
        assert!(!standing.shown(true, at("2026-11-25T03:00:00Z")).stale);
        assert!(standing.shown(true, at("2026-11-27T03:00:00Z")).stale);
    }
}
