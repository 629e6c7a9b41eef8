//! Wrong passwords in a row, and the growing delays that follow. All nodes share the counts through one small table.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use queries::client::Params;
use queries::queries::sign_ins as sql;

use crate::fairness::{Flow, Work};
use crate::state::Platform;
use base::problem::{Problem, Result};
use store::transaction::Stats;

/// Wrong passwords in a row after which the next attempt has to wait: a second, and twice as long after each further one.
pub(super) const FREE: i32 = 5;
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Failures older than this are forgotten. As each costs a password hash, an hour's are a bounded number of rows.
pub const FORGOTTEN: Duration = Duration::from_secs(60 * 60);

/// How far the clocks of two nodes may be apart.
const SKEW: Duration = Duration::from_secs(60);

/// How long the next attempt waits after so many failures in a row.
fn delay(failed: i32) -> Duration {
    let doublings = u32::try_from(failed - FREE).ok();
    doublings.map_or(Duration::ZERO, |doublings| {
        2u64.checked_pow(doublings).map_or(LONGEST, Duration::from_secs).min(LONGEST)
    })
}

/// The least number of failures that is followed by the longest delay.
fn steps() -> i32 {
    (1..).find(|failed| delay(*failed) == LONGEST).unwrap_or(FREE)
}

/// For whom the database is asked.
#[derive(Clone)]
pub(super) struct Asking {
    pub(super) platform: Platform,
    pub(super) flow: Flow,
    pub(super) work: Work,
    pub(super) stats: Arc<Stats>,
}

/// One attempt that may be made, counted as failed until it is [forgotten](Self::forget).
pub struct Attempt {
    asking: Asking,
    key: [u8; 32],
    /// The failures in a row, with this one.
    pub(super) failed: i32,
}

impl Attempt {
    /// Counts an attempt of those with the same key.
    ///
    /// # Errors
    /// 429 when too many before failed, with the time until the next may be made.
    pub(super) async fn count(asking: &Asking, key: [u8; 32]) -> Result<Self> {
        let platform = &asking.platform;
        let (now, steps) = (platform.clock.now(), steps());
        let open = (1..=steps).map(|failed| now.checked_sub(delay(failed))).collect::<Result<Vec<_>, _>>()?;
        let client = platform.unscoped_for(asking.flow, asking.work, asking.stats.clone()).await?;
        let forgotten = now.checked_sub(FORGOTTEN)?;
        let ahead = now.checked_add(SKEW)?;
        let counted = sql::count()
            .params(
                &client,
                &sql::CountParams { key: key.as_slice(), now, forgotten, ahead, open: &open, steps },
            )
            .opt()
            .await?;
        if let Some(failed) = counted {
            return Ok(Self { asking: asking.clone(), key, failed });
        }
        let found = sql::find().bind(&client, &key.as_slice()).opt().await?;
        platform.limits.sign_in_delayed();
        Err(Problem::too_many_sign_ins(found.map_or(1, |found| wait(found.failed, found.failed_at, now))))
    }

    /// The password was right: none of this row's failures count any more.
    ///
    /// # Errors
    /// 503 when the database cannot be reached.
    pub async fn forget(self) -> Result<()> {
        let Asking { platform, flow, work, stats } = self.asking;
        let client = platform.unscoped_for(flow, work, stats).await?;
        sql::forget().bind(&client, &self.key.as_slice()).await?;
        Ok(())
    }
}

/// In how many seconds the next attempt may be made, one at least.
fn wait(failed: i32, failed_at: Timestamp, now: Timestamp) -> u32 {
    let waited = Duration::try_from(now.duration_since(failed_at)).unwrap_or_default();
    let left = delay(failed).saturating_sub(waited);
    u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_begin_at_the_fifth_failure_and_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = (1..=16).map(|failed| delay(failed).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(delay(i32::MAX), LONGEST);
        assert_eq!(steps(), 15);
    }

    #[test]
    fn what_is_left_of_a_delay_is_told_in_whole_seconds() {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        let ago = |millis: u64| now.checked_sub(Duration::from_millis(millis)).unwrap();
        assert_eq!(wait(8, ago(0), now), 8);
        assert_eq!(wait(8, ago(7_500), now), 1);
        assert_eq!(wait(15, ago(100_000), now), 800);
        assert_eq!(wait(1, ago(0), now), 1);
    }
}
