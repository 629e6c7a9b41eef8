//! A tenant's archive: one file that holds everything of a tenant, and says so.
//!
//! It is a gzipped tar. First comes `manifest.json`: who the tenant is, of which schema the rows are, and of each table its
//! columns, rows, bytes and SHA-256; its own last member, `sha256`, is the checksum of all bytes of it before that member.
//! Then comes, in an order in which they can be put in, `tables/<schema>.<table>.csv` for each table: CSV with a header, as
//! PostgreSQL's `COPY … (FORMAT csv, HEADER)` writes it (UTF-8, RFC 4180; an empty field without quotes is NULL, `""` is
//! the empty text), the column `tenant_id` first. Any spreadsheet opens them. Sessions and the answers kept for repeated
//! requests are left out: they must not come to life elsewhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::TenantRow;
use crate::backup::census::Count;
use crate::backup::manifest::{Damage, Program, check, sign};
use crate::backup::seal::hex;
use crate::backup::store::explain;

const MANIFEST: &str = "manifest.json";

/// The layout this program writes; it reads no newer one.
const FORMAT: u32 = 1;

/// The most that a manifest may take: it is read into memory before anything is known of the file.
const LARGEST_MANIFEST: u64 = 4 * 1024 * 1024;

/// What an archive says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchiveManifest {
    pub format: u32,
    pub tenant: TenantRow,
    pub created_at: Timestamp,
    pub program: Program,
    pub schema: Option<String>,
    pub tables: Vec<ArchivedTable>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArchivedTable {
    pub name: String,
    pub columns: Vec<String>,
    #[serde(flatten)]
    pub count: Count,
    pub bytes: u64,
    pub sha256: String,
}

impl ArchiveManifest {
    pub(super) const CURRENT: u32 = FORMAT;

    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.count.rows).sum()
    }
}

/// The bytes and the SHA-256 of a file.
pub(super) fn measure(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut hash, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((bytes, hex(&hash.finalize()))),
            read => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}

/// Writes an archive of tables that lie in `folder` as `<table>.csv`. The file is there whole or not at all.
///
/// # Errors
/// When it is there already, or cannot be written.
pub(super) fn write(
    manifest: &ArchiveManifest,
    folder: impl Fn(&str) -> PathBuf,
    to: &Path,
) -> anyhow::Result<()> {
    let mut aside = to.as_os_str().to_owned();
    aside.push(".unfinished");
    let aside = PathBuf::from(aside);
    let packed = sign(manifest)?;
    let pack = || -> io::Result<()> {
        let file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&aside)?;
        let mut archive = tar::Builder::new(GzEncoder::new(BufWriter::new(file), Compression::new(4)));
        let modified = u64::try_from(manifest.created_at.as_second()).unwrap_or(0);
        append(&mut archive, MANIFEST, packed.len() as u64, modified, packed.as_slice())?;
        for table in &manifest.tables {
            let rows = BufReader::new(File::open(folder(&table.name))?);
            append(&mut archive, &entry_of(&table.name), table.bytes, modified, rows)?;
        }
        let file = archive.into_inner()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        // A link, unlike a renaming, never takes the place of another file.
        std::fs::hard_link(&aside, to)?;
        std::fs::remove_file(&aside)
    };
    pack().map_err(|error| {
        let _ = std::fs::remove_file(&aside);
        explain(&error, "write", to)
    })
}

fn entry_of(table: &str) -> String {
    format!("tables/{table}.csv")
}

fn append(
    archive: &mut tar::Builder<impl Write>,
    name: &str,
    bytes: u64,
    modified: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(modified);
    archive.append_data(&mut header, name, content)
}

/// Reads an archive, compares every checksum, and puts the tables' rows where `folder` says.
///
/// # Errors
/// [`Damage`] names what is missing, cut short or changed.
pub(super) fn read(from: &Path, folder: impl Fn(&str) -> PathBuf) -> anyhow::Result<ArchiveManifest> {
    let shown = from.display().to_string();
    let file = File::open(from).map_err(|error| explain(&error, "read", from))?;
    let broken = |error: &io::Error| Damage::Unreadable { name: shown.clone(), reason: error.to_string() };
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    let mut entries = archive.entries().map_err(|error| broken(&error))?;
    let first = entries.next().ok_or_else(|| Damage::Missing(format!("{shown}/{MANIFEST}")))?;
    let mut first = first.map_err(|error| broken(&error))?;
    let mut text = Vec::new();
    first.by_ref().take(LARGEST_MANIFEST).read_to_end(&mut text).map_err(|error| broken(&error))?;
    let name = format!("{shown}/{MANIFEST}");
    if first.path_bytes().as_ref() != MANIFEST.as_bytes() {
        return Err(Damage::Missing(name).into());
    }
    let value: serde_json::Value = serde_json::from_slice(check(&name, &text)?)
        .map_err(|error| Damage::Unreadable { name: name.clone(), reason: error.to_string() })?;
    anyhow::ensure!(
        value["format"].as_u64() == Some(FORMAT.into()),
        "{shown} was written by a newer program: import it with that one"
    );
    let manifest: ArchiveManifest = serde_json::from_value(value)
        .map_err(|error| Damage::Unreadable { name: name.clone(), reason: error.to_string() })?;
    let mut missing: BTreeMap<String, &ArchivedTable> =
        manifest.tables.iter().map(|table| (entry_of(&table.name), table)).collect();
    for entry in entries {
        let mut entry = entry.map_err(|error| broken(&error))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(table) = missing.remove(&name) else {
            return Err(Damage::Unreadable { name, reason: "it is not in the manifest".to_owned() }.into());
        };
        unpack(&mut entry, table, &folder(&table.name)).map_err(|error| match error {
            Unpacking::Write(error) => explain(&error, "write", &folder(&table.name)),
            Unpacking::Read(error) => broken(&error).into(),
            Unpacking::Damaged(damage) => damage.into(),
        })?;
    }
    if let Some(name) = missing.into_keys().next() {
        return Err(Damage::Missing(format!("{shown}/{name}")).into());
    }
    // Behind the last entry is the checksum of the packing.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(|error| broken(&error))?;
    Ok(manifest)
}

enum Unpacking {
    Read(io::Error),
    Write(io::Error),
    Damaged(Damage),
}

fn unpack(entry: &mut impl Read, table: &ArchivedTable, to: &Path) -> Result<(), Unpacking> {
    let mut file = File::create_new(to).map_err(Unpacking::Write)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = entry.read(&mut buffer).map_err(Unpacking::Read)?;
        if read == 0 {
            break;
        }
        file.write_all(&buffer[..read]).map_err(Unpacking::Write)?;
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    let name = table.name.clone();
    if bytes < table.bytes {
        return Err(Unpacking::Damaged(Damage::Truncated { name, found: bytes, expected: table.bytes }));
    }
    if hex(&hash.finalize()) != table.sha256 {
        return Err(Unpacking::Damaged(Damage::Changed(name)));
    }
    Ok(())
}
