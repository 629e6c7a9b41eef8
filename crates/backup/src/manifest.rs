//! What a backup says of itself: its parts with their checksums, and what must be found once it is restored.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::census::Census;
use super::hex::hex;
use super::seal::{Key, Keys};

/// The manifest's place in a backup. A folder without one is not a backup: it is written last.
pub const FILE: &str = "manifest.json";

/// The layout this program writes; it reads no newer one. Before 2, parts were not age files and a manifest had no code.
const FORMAT: u32 = 2;

/// A backup's description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    pub format: u32,
    pub name: String,
    /// The moment whose rows these are.
    pub created_at: Timestamp,
    pub elapsed_ms: u64,
    pub program: Program,
    /// The name of the last migration that was applied.
    pub schema: Option<String>,
    /// The major version of the server, and of the `pg_dump` that wrote the archive.
    pub server_major: u32,
    pub dump_major: u32,
    pub database: Locale,
    /// The roles that own something or may do something; a server needs them before a restore.
    pub roles: Vec<String>,
    /// The public half of the key that the parts are encrypted with.
    pub sealed_with: Option<String>,
    /// Bytes of the archive that the parts make together, opened.
    pub archive_bytes: u64,
    pub parts: Vec<Part>,
    pub tables: Census,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    pub version: String,
    pub commit: String,
}

/// What a database must be made with, so that text is folded and ordered as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locale {
    pub encoding: String,
    pub collate: String,
    pub ctype: String,
}

/// A file of a backup: a stretch of the archive that `pg_dump` wrote, sealed if there is a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// What is wrong with a backup itself, as opposed to what it is restored with.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    #[error("{0} is missing")]
    Missing(String),
    #[error("{name} is cut short: {found} of {expected} bytes are there")]
    Truncated { name: String, found: u64, expected: u64 },
    #[error("{name} is longer than it was written: {found} bytes in place of {expected}")]
    Longer { name: String, found: u64, expected: u64 },
    #[error("{0} was changed after it was written: its checksum is another")]
    Changed(String),
    #[error("{name} cannot be read: {reason}")]
    Unreadable { name: String, reason: String },
    #[error("restored, it is not what was backed up:\n  {}", .0.join("\n  "))]
    Rows(Vec<String>),
}

impl Manifest {
    pub(super) const CURRENT: u32 = FORMAT;

    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }

    /// As it is stored: JSON whose last member is the checksum of everything before it; with a key, the member before that is a
    /// code that nobody makes without the key.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn write(&self, key: Option<&Key>) -> anyhow::Result<Vec<u8>> {
        let mut text = as_json(self)?;
        if let Some(key) = key {
            let code = key.code(&text);
            add_member(&mut text, CODE, &code);
            text.extend_from_slice(b",\n");
        }
        Ok(with_checksum(text))
    }

    /// Reads what [`Manifest::write`] wrote. Of one that is encrypted with one of `keys`, nothing counts that was not written with
    /// that key; without the key, its parts cannot be read either.
    ///
    /// # Errors
    /// [`Damage`] when it is not whole; otherwise when it is newer than this program.
    pub fn read(name: &str, bytes: &[u8], keys: &Keys) -> anyhow::Result<Self> {
        let file = format!("{name}/{FILE}");
        let unreadable = |reason: String| Damage::Unreadable { name: file.clone(), reason };
        let value: serde_json::Value =
            serde_json::from_slice(check(&file, bytes)?).map_err(|error| unreadable(error.to_string()))?;
        let format = value["format"].as_u64();
        anyhow::ensure!(
            format.is_some_and(|format| (1..=FORMAT.into()).contains(&format)),
            "{name} was written by a newer program: restore it with that one ({})",
            value["program"]["version"].as_str().unwrap_or("unknown")
        );
        let manifest: Self = serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))?;
        if manifest.name != name {
            return Err(unreadable(format!("it is of {}", manifest.name)).into());
        }
        if let Some(id) = &manifest.sealed_with
            && let Some(key) = keys.with_id(id).filter(|key| key.id() == *id)
            && !has_code(bytes, key)
        {
            let reason = format!(
                "it was not written with the key {id}, which its parts are said to be encrypted with"
            );
            return Err(unreadable(reason).into());
        }
        // Names become paths, and sizes are what is read at most.
        if !manifest.parts.iter().zip(1..).all(|(part, number)| part.name == part_name(number)) {
            return Err(unreadable("its parts are not part-0001, part-0002 and so on".to_owned()).into());
        }
        let bytes = manifest.parts.iter().try_fold(0u64, |sum, part| sum.checked_add(part.bytes));
        if bytes.is_none_or(|bytes| bytes < manifest.archive_bytes) {
            return Err(unreadable("its parts do not have the bytes of its archive".to_owned()).into());
        }
        Ok(manifest)
    }
}

/// An elapsed time, as manifests and notes have it.
pub(super) fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// The name of a part; the first has the number 1.
pub(super) fn part_name(number: usize) -> String {
    format!("part-{number:04}")
}

const CHECKSUM: &str = "sha256";
const CODE: &str = "hmac";
const END: &[u8] = b"\"\n}\n";

/// JSON whose last member is the checksum of all bytes before it.
///
/// # Errors
/// When the value is not a JSON object.
pub(super) fn sign(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    as_json(value).map(with_checksum)
}

/// JSON that another member can be added to.
fn as_json(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    anyhow::ensure!(text.ends_with(b"\n}"), "only an object with members can be signed");
    text.truncate(text.len() - 2);
    text.extend_from_slice(b",\n");
    Ok(text)
}

fn add_member(text: &mut Vec<u8>, name: &str, digits: &str) {
    text.extend_from_slice(member(name).as_bytes());
    text.extend_from_slice(digits.as_bytes());
    text.push(b'"');
}

fn with_checksum(mut text: Vec<u8>) -> Vec<u8> {
    let sum = hex(&Sha256::digest(&text));
    add_member(&mut text, CHECKSUM, &sum);
    text.extend_from_slice(&END[1..]);
    text
}

fn member(name: &str) -> String {
    format!("  \"{name}\": \"")
}

/// Splits text that ends with a member of 64 digits and `end`.
fn split_member<'a>(text: &'a [u8], name: &str, end: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let text = text.strip_suffix(end)?;
    let (text, digits) = text.split_at(text.len().checked_sub(64)?);
    Some((text.strip_suffix(member(name).as_bytes())?, digits))
}

/// Whether a manifest, whose checksum was compared, has the code of this key.
fn has_code(bytes: &[u8], key: &Key) -> bool {
    let code = split_member(bytes, CHECKSUM, END).and_then(|(text, _)| split_member(text, CODE, b"\",\n"));
    code.is_some_and(|(text, code)| str::from_utf8(code).is_ok_and(|code| key.made(code, text)))
}

/// The bytes, if they are what [`sign`] made.
///
/// # Errors
/// Whether it was cut short or changed.
pub(super) fn check<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a [u8], Damage> {
    if !bytes.ends_with(END) {
        let reason = "it does not end as it was written".to_owned();
        return Err(Damage::Unreadable { name: file.to_owned(), reason });
    }
    let whole = split_member(bytes, CHECKSUM, END)
        .is_some_and(|(text, sum)| hex(&Sha256::digest(text)).as_bytes() == sum);
    if !whole {
        return Err(Damage::Changed(file.to_owned()));
    }
    Ok(bytes)
}

const PREFIX: &str = "backup_";

/// The name of a backup made at `at`, in UTC.
pub(super) fn name(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("backup_%Y%m%d_%H%M%S").to_string()
}

/// When a backup of this name was made; `None` when it is not the name of a backup.
pub(super) fn time_of(name: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y%m%d_%H%M%S", name.strip_prefix(PREFIX)?).ok()?;
    let time = time.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (self::name(time) == name).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let sha256 = "0".repeat(64);
        Manifest {
            format: FORMAT,
            name: "backup_20261125_020000".into(),
            created_at: "2026-11-25T02:00:00Z".parse().unwrap(),
            elapsed_ms: 5,
            program: Program { version: "0".into(), commit: "c".into() },
            schema: Some("0010_payments".into()),
            server_major: 15,
            dump_major: 15,
            database: Locale { encoding: "UTF8".into(), collate: "C".into(), ctype: "C".into() },
            roles: vec!["tailtown_app".into()],
            sealed_with: None,
            archive_bytes: 7,
            parts: vec![Part { name: "part-0001".into(), bytes: 7, sha256 }],
            tables: Census::default(),
        }
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written_and_only_so() {
        let manifest = manifest();
        let bytes = manifest.write(None).unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
        assert_eq!(Manifest::read(&manifest.name, &bytes, &Keys::default()).unwrap(), manifest);
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 4;
            let error = Manifest::read(&manifest.name, &changed, &Keys::default()).unwrap_err();
            assert!(error.downcast_ref::<Damage>().is_some(), "{place}: {error}");
            let error = Manifest::read(&manifest.name, &bytes[..place], &Keys::default()).unwrap_err();
            assert!(error.downcast_ref::<Damage>().is_some(), "cut at {place}: {error}");
        }
        assert!(Manifest::read("backup_20261126_020000", &bytes, &Keys::default()).is_err());
    }

    #[test]
    fn of_an_encrypted_backup_nothing_counts_that_was_not_written_with_its_key() {
        let keys = [crate::make_key(), "ab".repeat(32)].map(|text| Keys::parse(&text).unwrap());
        for keys in &keys {
            let key = keys.first().unwrap();
            let manifest = Manifest { sealed_with: Some(key.id()), ..manifest() };
            let written = manifest.write(Some(key)).unwrap();
            assert_eq!(Manifest::read(&manifest.name, &written, keys).unwrap(), manifest);
            // Whose parts nobody can read may be listed.
            assert_eq!(Manifest::read(&manifest.name, &written, &Keys::default()).unwrap(), manifest);
            let other = Keys::parse(&crate::make_key()).unwrap();
            let spliced = Manifest { archive_bytes: 6, ..manifest.clone() };
            let mut forged = vec![
                manifest.write(None).unwrap(),
                Manifest { format: 1, ..manifest.clone() }.write(None).unwrap(),
                manifest.write(other.first()).unwrap(),
            ];
            // Another's code, under a checksum that is right.
            let code = key.code(&as_json(&manifest).unwrap());
            let mut text = as_json(&spliced).unwrap();
            add_member(&mut text, CODE, &code);
            text.extend_from_slice(b",\n");
            forged.push(with_checksum(text));
            for forged in forged {
                let error = Manifest::read(&manifest.name, &forged, keys).unwrap_err();
                assert!(error.downcast_ref::<Damage>().is_some(), "{error}");
                assert!(error.to_string().contains("it was not written with the key age1"), "{error}");
            }
        }
    }

    #[test]
    fn a_part_is_named_by_its_number_and_sizes_add_up() {
        let part = |name: &str, bytes| Part { name: name.into(), bytes, sha256: "0".repeat(64) };
        let read = |parts: Vec<Part>| {
            let manifest = Manifest { parts, ..manifest() };
            Manifest::read(&manifest.name, &manifest.write(None).unwrap(), &Keys::default())
        };
        assert!(read(vec![part("part-0001", 4), part("part-0002", 4)]).is_ok());
        for parts in [
            vec![part("../../etc/shadow", 7)],
            vec![part("/etc/shadow", 7)],
            vec![part("part-0002", 7), part("part-0001", 7)],
            vec![part("part-0001", 7), part("part-0001", 7)],
            vec![part("part-0001", 6)],
            vec![part("part-0001", u64::MAX), part("part-0002", u64::MAX)],
        ] {
            let error = read(parts).unwrap_err();
            assert!(error.downcast_ref::<Damage>().is_some(), "{error}");
        }
    }

    #[test]
    fn a_newer_format_is_told_apart_from_damage() {
        let newer = Manifest { format: FORMAT + 1, ..manifest() };
        let error = Manifest::read(&newer.name, &newer.write(None).unwrap(), &Keys::default()).unwrap_err();
        assert!(error.downcast_ref::<Damage>().is_none());
        assert!(error.to_string().contains("newer program"), "{error}");
    }

    #[test]
    fn a_name_tells_the_time() {
        let at = "2026-11-25T02:00:00.7Z".parse().unwrap();
        assert_eq!(name(at), "backup_20261125_020000");
        assert_eq!(time_of(&name(at)), Some("2026-11-25T02:00:00Z".parse().unwrap()));
        for other in
            ["backup_20261325_020000", "backup_2026112_020000", ".backup_20261125_020000", "backup_", "x"]
        {
            assert_eq!(time_of(other), None, "{other}");
        }
    }
}
