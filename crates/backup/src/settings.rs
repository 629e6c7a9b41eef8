//! What the operator decides about backups: when, where to, how long, and with which key.

use std::path::PathBuf;

use database::connect::Server;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::manifest::Manifest;
use super::seal::Keys;
use base::settings::Reader;
use store::url::Address;

/// The settings of backups.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether what is backed up is worth protecting: backups without a key are refused.
    pub in_production: bool,
    /// Whether the program makes backups by itself.
    pub scheduled: bool,
    pub at: Time,
    pub timezone: TimeZone,
    /// The database as a role that sees every row.
    pub database: Option<Server>,
    /// Where backups go, if not to the state folder.
    pub folder: Option<PathBuf>,
    pub to: To,
    pub bucket: Option<BucketSettings>,
    pub keys: Keys,
    /// Let production write backups that anyone can read, and a program with a key read such ones.
    pub allow_plain: bool,
    pub keep: Keep,
    /// How much of a dump goes into one part.
    pub part_bytes: u64,
    /// Tables restored at a time.
    pub jobs: u32,
}

/// What production says when a backup would be readable.
pub(super) const NEEDS_KEY: &str = "production needs BACKUP_KEY: make one with `tailtown backup key` and keep a copy where this \
machine's loss does not take it; or set ALLOW_PLAIN_BACKUPS=true";

/// What to do where no role sees every row.
pub const NEEDS_ROLE: &str = "set BACKUP_DATABASE_URL: backups need a role that sees every row (create role tailtown_backup login \
bypassrls createdb password '…'; grant pg_read_all_data, pg_write_all_data, tailtown_owner to tailtown_backup)";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    Folder,
    S3,
    Both,
}

/// How long backups are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Every backup younger than this many days,
    pub days: u32,
    /// and the newest of each of the last so many days, weeks and months that have one.
    pub daily: u32,
    pub weekly: u32,
    pub monthly: u32,
}

/// An S3-speaking store.
#[derive(Clone, PartialEq, Eq)]
pub struct BucketSettings {
    pub endpoint: Option<String>,
    pub bucket: String,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub prefix: String,
}

impl std::fmt::Debug for BucketSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BucketSettings").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl Settings {
    /// Refuses a backup that anybody who can write where it lies could have made, when there is a key that would tell.
    ///
    /// # Errors
    /// What to do about it.
    pub(super) fn must_be_sealed(&self, manifest: &Manifest) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.keys.first().is_none() || manifest.sealed_with.is_some() || self.allow_plain,
            "{} is not encrypted, and BACKUP_KEY is set: whoever can write where it lies could have changed it. Use an encrypted \
             one, see `tailtown backup list`; if it was made before there was a key and you trust the place, set \
             ALLOW_PLAIN_BACKUPS=true for this command",
            manifest.name
        );
        Ok(())
    }

    /// Refuses to serve with a schedule of which nothing would come: in production, backups without a key or without a role that
    /// sees every row.
    ///
    /// # Errors
    /// What is missing, and what to do.
    pub fn schedule_must_work(&self, private_database: bool) -> anyhow::Result<()> {
        // The private database has such a role.
        let has_role = self.database.is_some() || private_database;
        let has_key = self.keys.first().is_some() || self.allow_plain;
        if !self.in_production || !self.scheduled || (has_key && has_role) {
            return Ok(());
        }
        let key = (!has_key).then_some(NEEDS_KEY);
        let role = (!has_role).then_some(NEEDS_ROLE);
        let missing = [key, role].into_iter().flatten().collect::<Vec<_>>().join("; ");
        anyhow::bail!(
            "BACKUP_SCHEDULE is on, and no backup could be made: {missing}; or set BACKUP_SCHEDULE=off, and see to backups by another way"
        )
    }

    pub fn read(reader: &mut Reader<'_>, in_production: bool) -> Self {
        let scheduled = reader.choice(
            "BACKUP_SCHEDULE",
            if in_production { "on" } else { "off" },
            &[("on", true), ("off", false)],
            "make, verify and prune backups every day by itself; the default is on in production",
        );
        let at = reader.value("BACKUP_AT", "02:00", "a time of day, as in 02:00", "when, of day");
        let zone = reader.checked(
            "BACKUP_TIMEZONE",
            "UTC",
            |name| TimeZone::get(name).is_ok(),
            "a time zone, as in America/Denver",
            "in which time zone BACKUP_AT is",
        );
        let database = reader.secret(
            "BACKUP_DATABASE_URL",
            |text| Address::parse(text).map(|address| address.server),
            "the same database as a role that sees every row (BYPASSRLS), for backups and tenants' archives",
        );
        let folder = reader.optional("BACKUP_FOLDER", "a folder", "unset: backups in the state folder");
        let bucket = bucket(reader);
        let to = reader.choice(
            "BACKUP_TO",
            if bucket.is_some() { "both" } else { "folder" },
            &[("folder", To::Folder), ("s3", To::S3), ("both", To::Both)],
            "where backups go; the default is both as soon as S3_BUCKET is set",
        );
        if to != To::Folder && bucket.is_none() {
            reader.wrong("BACKUP_TO needs S3_BUCKET".to_owned());
        }
        let keys = reader.secret(
            "BACKUP_KEY",
            Keys::parse,
            "encrypts backups: an age identity, as `tailtown backup key` makes them; older keys follow after commas",
        );
        Self {
            in_production,
            scheduled,
            at,
            timezone: TimeZone::get(&zone).unwrap_or(TimeZone::UTC),
            database,
            folder,
            to,
            bucket,
            keys: keys.unwrap_or_default(),
            allow_plain: reader.choice(
                "ALLOW_PLAIN_BACKUPS",
                "false",
                &[("false", false), ("true", true)],
                "let production write backups that are not encrypted, and a program with a BACKUP_KEY read them",
            ),
            keep: Keep {
                days: reader.number("BACKUP_KEEP_DAYS", 30, 1..=3650, "every backup is kept so many days"),
                daily: reader.number(
                    "BACKUP_KEEP_DAILY",
                    0,
                    0..=3650,
                    "and the last of each of so many days",
                ),
                weekly: reader.number("BACKUP_KEEP_WEEKLY", 0, 0..=520, "and of each of so many weeks"),
                monthly: reader.number("BACKUP_KEEP_MONTHLY", 0, 0..=120, "and of each of so many months"),
            },
            part_bytes: 1024
                * 1024
                * reader.number(
                    "BACKUP_PART_MEGABYTES",
                    256,
                    1..=4096,
                    "a backup is written in parts of this size",
                ),
            jobs: reader.number("BACKUP_JOBS", 2, 1..=64, "how many tables a restore fills at a time"),
        }
    }
}

fn bucket(reader: &mut Reader<'_>) -> Option<BucketSettings> {
    let endpoint = reader.text("S3_ENDPOINT", "", "the address of an S3-speaking store; unset: Amazon's");
    let bucket = reader.text("S3_BUCKET", "", "the bucket that backups are copied to");
    let region = reader.text("S3_REGION", "us-east-1", "the bucket's region");
    let prefix = reader.text(
        "S3_PREFIX",
        "tailtown",
        "what the names of our objects begin with; one installation's own, two must not share it",
    );
    let access_key_id = reader.text("S3_ACCESS_KEY_ID", "", "who we are to the store");
    let secret_access_key = reader.secret("S3_SECRET_ACCESS_KEY", str::parse::<String>, "and the proof");
    if bucket.is_empty() {
        return None;
    }
    let Some(secret_access_key) = secret_access_key.filter(|_| !access_key_id.is_empty()) else {
        reader.wrong("S3_BUCKET needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY".to_owned());
        return None;
    };
    Some(BucketSettings {
        endpoint: Some(endpoint).filter(|endpoint| !endpoint.is_empty()),
        bucket,
        region,
        access_key_id,
        secret_access_key,
        prefix: prefix.trim_matches('/').to_owned(),
    })
}
