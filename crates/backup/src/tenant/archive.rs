//! A tenant's archive: one file that holds everything of a tenant, and says so.
//!
//! It is a gzipped tar. First comes `manifest.json`: who the tenant is, of which schema the rows are, and of each table its
//! columns, rows, bytes and SHA-256; its own last member, `sha256`, is the checksum of all bytes of it before that member.
//! Then comes, in the manifest's order, `tables/<schema>.<table>.csv` for each table and nothing else: CSV with a header, as
//! PostgreSQL's `COPY … (FORMAT csv, HEADER)` writes it (UTF-8, RFC 4180; an empty field without quotes is NULL, `""` is
//! the empty text), the column `tenant_id` first. Any spreadsheet opens them. Sessions and the answers kept for repeated
//! requests are left out: they must not come to life elsewhere.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::tenant_row::TenantRow;
use crate::census::Count;
use crate::files::{self, explain};
use crate::hex::hex;
use crate::manifest::{Damage, Program, check, sign};

const MANIFEST: &str = "manifest.json";

/// The layout this program writes; it reads no newer one.
const FORMAT: u32 = 1;

/// The most that a manifest may take: it is read into memory before anything is known of the file.
const LARGEST_MANIFEST: u64 = 4 * 1024 * 1024;

/// The most zeros behind the last entry: programs that write a tar fill it up to a multiple of this.
const LARGEST_PADDING: u64 = 10 * 1024;

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

/// Writes an archive of tables whose rows lie in the file of their number. The file is there whole or not at all.
///
/// # Errors
/// When it is there already, or cannot be written.
pub(super) fn write(
    manifest: &ArchiveManifest,
    rows: impl Fn(usize) -> PathBuf,
    to: &Path,
) -> anyhow::Result<()> {
    let mut aside = to.as_os_str().to_owned();
    aside.push(".unfinished");
    let aside = PathBuf::from(aside);
    let packed = sign(manifest)?;
    let pack = || -> io::Result<()> {
        let file = files::create_anew(&aside)?;
        let mut archive = tar::Builder::new(GzEncoder::new(BufWriter::new(file), Compression::new(4)));
        let modified = u64::try_from(manifest.created_at.as_second()).unwrap_or(0);
        append(&mut archive, MANIFEST, packed.len() as u64, modified, packed.as_slice())?;
        for (number, table) in manifest.tables.iter().enumerate() {
            let rows = BufReader::new(File::open(rows(number))?);
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

/// Reads an archive and puts each table's rows into the file that `rows` says for its number. Nothing of a table is read before
/// `accept` agreed to the manifest; nothing but what the manifest says is unpacked, and no byte more.
///
/// # Errors
/// [`Damage`] names what is missing, cut short, changed or too much.
pub(super) fn read<T>(
    from: &Path,
    accept: impl FnOnce(&ArchiveManifest) -> anyhow::Result<T>,
    rows: impl Fn(usize) -> PathBuf,
) -> anyhow::Result<(ArchiveManifest, T)> {
    let shown = from.display().to_string();
    let file = File::open(from).map_err(|error| explain(&error, "read", from))?;
    let broken = |error: &io::Error| Damage::Unreadable { name: shown.clone(), reason: error.to_string() };
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    // Raw: an extension that renames the next entry, or sets its size, is an entry like any other, and none that is expected.
    let mut entries = archive.entries().map_err(|error| broken(&error))?.raw(true);
    let mut next = |name: &str| -> anyhow::Result<_> {
        let entry = entries.next().ok_or_else(|| Damage::Missing(format!("{shown}/{name}")))?;
        let entry = entry.map_err(|error| broken(&error))?;
        if entry.path_bytes().as_ref() == name.as_bytes() && entry.header().entry_type().is_file() {
            return Ok(entry);
        }
        let found = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let reason = format!("it has {found:?} in the place of {name}");
        Err(Damage::Unreadable { name: shown.clone(), reason }.into())
    };
    let manifest = read_manifest(&mut next(MANIFEST)?, &format!("{shown}/{MANIFEST}"))?;
    let accepted = accept(&manifest)?;
    for (number, table) in manifest.tables.iter().enumerate() {
        let mut entry = next(&entry_of(&table.name))?;
        let (to, name) = (rows(number), table.name.clone());
        match entry.size() {
            found if found < table.bytes => {
                return Err(Damage::Truncated { name, found, expected: table.bytes }.into());
            }
            found if found > table.bytes => {
                return Err(Damage::Longer { name, found, expected: table.bytes }.into());
            }
            _ => {}
        }
        files::must_have_room(to.parent().unwrap_or(Path::new(".")), table.bytes)?;
        unpack(&mut entry, table, &to).map_err(|error| match error {
            Unpacking::Write(error) => explain(&error, "write", &to),
            Unpacking::Read(error) => broken(&error).into(),
            Unpacking::Damaged(damage) => damage.into(),
        })?;
    }
    let unexpected = |reason: &str| Damage::Unreadable { name: shown.clone(), reason: reason.to_owned() };
    if entries.next().is_some() {
        return Err(unexpected("it has more than its manifest says").into());
    }
    // Behind the last entry is the checksum of the packing, which is compared when the end is read.
    let mut rest = Vec::new();
    let end = archive.into_inner().take(LARGEST_PADDING + 1).read_to_end(&mut rest);
    end.map_err(|error| broken(&error))?;
    if rest.len() as u64 > LARGEST_PADDING || rest.iter().any(|byte| *byte != 0) {
        return Err(unexpected("it goes on behind its last table").into());
    }
    Ok((manifest, accepted))
}

fn read_manifest(entry: &mut impl Read, name: &str) -> anyhow::Result<ArchiveManifest> {
    let unreadable = |reason: String| Damage::Unreadable { name: name.to_owned(), reason };
    let mut text = Vec::new();
    let read = entry.take(LARGEST_MANIFEST + 1).read_to_end(&mut text);
    read.map_err(|error| unreadable(error.to_string()))?;
    if text.len() as u64 > LARGEST_MANIFEST {
        return Err(unreadable(format!("it has more than {LARGEST_MANIFEST} bytes")).into());
    }
    let value: serde_json::Value =
        serde_json::from_slice(check(name, &text)?).map_err(|error| unreadable(error.to_string()))?;
    anyhow::ensure!(
        value["format"].as_u64() == Some(FORMAT.into()),
        "{name} was written by a newer program: import it with that one"
    );
    Ok(serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))?)
}

enum Unpacking {
    Read(io::Error),
    Write(io::Error),
    Damaged(Damage),
}

fn unpack(entry: &mut impl Read, table: &ArchivedTable, to: &Path) -> Result<(), Unpacking> {
    let mut file = files::create(to).map_err(Unpacking::Write)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 256 * 1024];
    let mut entry = entry.take(table.bytes);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const TABLES: [&str; 3] = ["app.customers", "app.kennels", "app.pets"];

    fn manifest(contents: &[Vec<u8>]) -> ArchiveManifest {
        let tables = TABLES.iter().zip(contents).map(|(name, content)| ArchivedTable {
            name: (*name).to_owned(),
            columns: vec!["tenant_id".to_owned()],
            count: Count::default(),
            bytes: content.len() as u64,
            sha256: hex(&Sha256::digest(content)),
        });
        ArchiveManifest {
            format: FORMAT,
            tenant: serde_json::from_value(json!({ "id": "x" })).unwrap(),
            created_at: Timestamp::UNIX_EPOCH,
            program: Program { version: "0".into(), commit: "c".into() },
            schema: None,
            tables: tables.collect(),
        }
    }

    /// An archive as [`write`] makes it, before it is packed.
    fn tar(manifest: &ArchiveManifest, contents: &[Vec<u8>]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        let signed = sign(manifest).unwrap();
        append(&mut archive, MANIFEST, signed.len() as u64, 0, signed.as_slice()).unwrap();
        for (name, content) in TABLES.iter().zip(contents) {
            append(&mut archive, &entry_of(name), content.len() as u64, 0, content.as_slice()).unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn packed(tar: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(tar).unwrap();
        packed.finish().unwrap()
    }

    /// One change to bytes: flipped, cut, a block of a tar left out, doubled, exchanged or of another kind or name.
    fn change(bytes: &mut Vec<u8>, what: u8, at: usize, with: u8) {
        const BLOCK: usize = 512;
        let at = at % bytes.len().max(1);
        let block = at - at % BLOCK;
        let end = (block + BLOCK).min(bytes.len());
        match what % 7 {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << (with % 8),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(block..end)),
            3 => bytes.extend_from_within(block..end),
            4 => bytes.extend(std::iter::repeat_n(with, usize::from(with) * BLOCK)),
            5 if end - block == BLOCK => {
                // The kind of an entry, with the checksum that its head then has.
                bytes[block + 156] = b"012345LKxgS"[usize::from(with) % 11];
                mend(&mut bytes[block..end]);
            }
            6 if end - block == BLOCK => {
                let name = [&b"../../escaped\0"[..], b"/tmp/escaped\0", b"tables/app.pets.csv\0"]
                    [usize::from(with) % 3];
                bytes[block..block + name.len()].copy_from_slice(name);
                mend(&mut bytes[block..end]);
            }
            _ => {}
        }
    }

    fn mend(head: &mut [u8]) {
        head[148..156].fill(b' ');
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn whatever_an_archive_holds_only_what_its_manifest_says_is_unpacked(
            lengths in proptest::array::uniform3(0usize..3000),
            sizes in proptest::option::of((0usize..3, any::<u64>())),
            within in proptest::collection::vec((any::<u8>(), any::<usize>(), any::<u8>()), 0..3),
            without in proptest::option::of((0u8..2, any::<usize>(), any::<u8>())),
        ) {
            let contents: Vec<Vec<u8>> = lengths.iter().map(|length| vec![b'x'; *length]).collect();
            let mut said = manifest(&contents);
            if let Some((table, bytes)) = sizes {
                said.tables[table].bytes = bytes;
            }
            let mut bytes = tar(&said, &contents);
            for (what, at, with) in &within {
                change(&mut bytes, *what, *at, *with);
            }
            let mut bytes = packed(&bytes);
            if let Some((what, at, with)) = without {
                change(&mut bytes, what, at, with);
            }
            let folder = tempfile::tempdir().unwrap();
            let (file, work) = (folder.path().join("archive"), folder.path().join("work"));
            std::fs::create_dir(&work).unwrap();
            std::fs::write(&file, bytes).unwrap();
            let outcome = read(&file, |_| Ok(()), |number| work.join(number.to_string()));
            let names = |folder: &Path| {
                let entries = std::fs::read_dir(folder).unwrap();
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
            };
            prop_assert_eq!(names(folder.path()).len(), 2);
            for name in names(&work) {
                let number: usize = name.parse().unwrap();
                let unpacked = std::fs::read(work.join(name)).unwrap();
                prop_assert!(unpacked.len() as u64 <= said.tables[number].bytes);
            }
            if let Ok((manifest, ())) = outcome {
                prop_assert_eq!(&manifest, &said);
                for (number, content) in contents.iter().enumerate() {
                    prop_assert_eq!(&std::fs::read(work.join(number.to_string())).unwrap(), content);
                }
            } else {
                prop_assert!(sizes.is_some() || !within.is_empty() || without.is_some());
            }
        }
    }
}
