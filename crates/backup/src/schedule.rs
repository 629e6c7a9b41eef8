//! When backups are due, one night's work of them on one node of all, and the newest that was proven.

use database::connect::Server;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::backups::Backups;
use super::catalogue::connect;
use super::manifest;
use super::notes::{VERIFIED, Verified};

/// The session lock of the node whose turn it is; the number means nothing.
const LEADER: i64 = 0x6c65_6164;

/// The newest backup that was restored and compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    pub name: String,
    pub created_at: Timestamp,
    pub verified_at: Timestamp,
}

impl Backups {
    /// Finds the newest verified backup; one small file of each that is newer than it is read.
    ///
    /// # Errors
    /// When a place cannot be read.
    pub async fn newest_proven(&self) -> anyhow::Result<Option<Proven>> {
        let mut newest: Option<Proven> = None;
        for store in self.stores() {
            for name in store.names().await?.into_iter().rev() {
                if newest.as_ref().is_some_and(|newest| newest.name >= name) {
                    break;
                }
                let verified = store.note::<Verified>(&name, VERIFIED).await?;
                if let Some((verified, created_at)) = verified.zip(manifest::time_of(&name)) {
                    newest = Some(Proven { name, created_at, verified_at: verified.verified_at });
                    break;
                }
            }
        }
        Ok(newest)
    }
}

/// The last moment at which a backup was due, at or before `now`. On a day whose clock skips the hour, it is due as much
/// later; on one that has it twice, at the first.
pub fn last_due(at: Time, zone: &TimeZone, now: Timestamp) -> Timestamp {
    around(at, zone, now).filter(|due| *due <= now).max().unwrap_or(now)
}

/// The next moment at which a backup is due, after `now`.
pub fn next_due(at: Time, zone: &TimeZone, now: Timestamp) -> Timestamp {
    around(at, zone, now).filter(|due| *due > now).min().unwrap_or(now)
}

/// When backups are due on the days around `now`.
fn around(at: Time, zone: &TimeZone, now: Timestamp) -> impl Iterator<Item = Timestamp> {
    let today = now.to_zoned(zone.clone()).date();
    (-2..=2).filter_map(move |days: i64| {
        let date = today.checked_add(days.days()).ok()?;
        Some(zone.to_ambiguous_zoned(date.to_datetime(at)).compatible().ok()?.timestamp())
    })
}

/// One night's work, unless it is done; whether it is done now, which it is not while another node is at it.
///
/// # Errors
/// Which step failed.
pub async fn night(backups: &Backups, server: &Server, due: Timestamp) -> anyhow::Result<bool> {
    let leader = connect(server, "tailtown backup leader").await?;
    if !leader.query_one("select pg_catalog.pg_try_advisory_lock($1)", &[&LEADER]).await?.get::<_, bool>(0) {
        tracing::info!("another node is making the scheduled backup");
        return Ok(false);
    }
    let worked = work(backups, server, due).await;
    // Now, and not only when the server notices that the connection has ended. Fails when it ended before.
    let _ = leader.query_one("select pg_catalog.pg_advisory_unlock($1)", &[&LEADER]).await;
    worked.map(|()| true)
}

async fn work(backups: &Backups, server: &Server, due: Timestamp) -> anyhow::Result<()> {
    let newest = backups.list().await?.pop();
    let newest = newest.filter(|newest| manifest::time_of(&newest.name).is_some_and(|at| at >= due));
    let name = match newest {
        Some(newest) if newest.verified.is_some() => return Ok(()),
        Some(newest) if newest.damaged.is_none() => newest.name,
        _ => backups.run(server).await?.name,
    };
    let (_, verified) = backups.verify(&name, None, server).await?;
    tracing::info!(
        name,
        rows = verified.rows,
        elapsed_ms = verified.elapsed_ms,
        "the scheduled backup is verified"
    );
    backups.prune(server, false).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn due_at_two_every_day() {
        let (two, utc) = (time(2, 0, 0, 0), TimeZone::UTC);
        assert_eq!(last_due(two, &utc, at("2026-11-25T01:59:59Z")), at("2026-11-24T02:00:00Z"));
        assert_eq!(last_due(two, &utc, at("2026-11-25T02:00:00Z")), at("2026-11-25T02:00:00Z"));
        assert_eq!(next_due(two, &utc, at("2026-11-25T01:59:59Z")), at("2026-11-25T02:00:00Z"));
        assert_eq!(next_due(two, &utc, at("2026-11-25T02:00:00Z")), at("2026-11-26T02:00:00Z"));
    }

    #[test]
    fn once_on_the_days_the_clocks_change() {
        let zone = TimeZone::get("America/New_York").unwrap();
        // 02:30 does not exist on the 8th of March and is there twice on the 1st of November at 01:30.
        for (time, first) in
            [(time(2, 30, 0, 0), at("2026-03-06T00:00:00Z")), (time(1, 30, 0, 0), at("2026-10-30T00:00:00Z"))]
        {
            let mut now = first;
            for _ in 0..5 {
                let next = next_due(time, &zone, now);
                let hours = next.duration_since(now).as_hours();
                assert!(next > now && hours <= 25, "{now} {next}");
                assert_eq!(last_due(time, &zone, next), next);
                now = next;
            }
            assert_eq!(
                now.to_zoned(zone.clone()).date(),
                first.to_zoned(zone.clone()).date().checked_add(5.days()).unwrap()
            );
        }
    }
}
