//! What every scenario gets: the settings, the program that it measures, and signed-in users.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::client::Client;
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::program::Program;
use crate::record::Measured;
use crate::request::User;

/// The default domain of resorts.
pub(super) const BASE_DOMAIN: &str = "localhost";

/// The setting without a cache, so that a scenario measures the database's work.
pub(super) const UNCACHED: (&str, &str) = ("CACHE", "off");

/// The setting without limits, for scenarios that exceed the highest limit.
pub(super) const UNLIMITED: (&str, &str) = ("RATE_LIMITS", "off");

/// The time of load before a measurement: long enough to open connections and prepare statements.
pub(super) const WARMUP: Duration = Duration::from_secs(3);

/// How often compared values are measured, alternating, because the speed of a machine changes.
pub(super) const ROUNDS: u64 = 3;

/// Settings of a run.
pub(crate) struct Settings {
    pub(crate) program: PathBuf,
    pub(crate) home: Option<PathBuf>,
    pub(crate) tenants: u32,
    pub(crate) span: Duration,
    pub(crate) desk_rate: f64,
    pub(crate) seed: u64,
}

/// What a scenario works with: a program that is ready, with filled and analyzed resorts, signed-in users, and limits lifted. A
/// scenario may stop and start the program, and leaves it running.
pub(super) struct Stage<'a> {
    pub(super) settings: &'a Settings,
    pub(super) program: Program,
    pub(super) client: Arc<Client>,
    pub(super) users: Vec<Arc<User>>,
}

impl Stage<'_> {
    /// Restarts the program with these settings.
    pub(super) fn restart(&mut self, settings: &[(&str, &str)]) -> anyhow::Result<()> {
        self.program.stop()?;
        self.program.set(settings);
        self.program.start("serve").map(drop)
    }

    /// Measures the mix for the span of the settings.
    pub(super) async fn measure(&self, mix: &Arc<dyn Mix>, mode: Mode) -> anyhow::Result<Measured> {
        let Settings { span, seed, .. } = *self.settings;
        let plan = Plan { mode, warmup: WARMUP.min(span), span, seed };
        load::measure(&self.client, mix, &plan, Some(&self.program.watch()?)).await
    }
}

/// The median of a figure over several measurements.
pub(super) fn median<T>(runs: &[T], of: impl Fn(&T) -> f64) -> f64 {
    let mut values: Vec<f64> = runs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}
