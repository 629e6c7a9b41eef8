//! `pg_dump`'s archive, streamed into the parts of a draft; and the parts put together again.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, Read, Take, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, anyhow, bail};
use database::connect::Server;
use database::programs::Programs;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::files::{self, explain};
use super::hex::hex;
use super::manifest::{Damage, Manifest, Part, part_name};
use super::part::{PartReader, PartWriter};
use super::seal::Key;
use super::settings::Settings;
use super::store::{Draft, Store};

/// How much is read at a time.
const STRIDE: usize = 256 * 1024;

/// How `pg_dump` compresses: a third of the time of its default for a tenth more bytes.
const COMPRESSION: &str = "--compress=3";

/// What the dump gave.
pub(super) struct Dumped {
    pub(super) archive_bytes: u64,
    pub(super) parts: Vec<Part>,
}

/// Dumps the rows of `snapshot`, which the caller holds, into the parts of `draft`.
///
/// # Errors
/// When `pg_dump` fails, in its words, or the parts cannot be written.
pub(super) async fn dump(
    programs: &Programs,
    server: &Server,
    snapshot: &str,
    draft: &Draft,
    key: Option<Key>,
    part_bytes: u64,
) -> anyhow::Result<Dumped> {
    let mut command = programs.command("pg_dump", server, "tailtown backup");
    command.args([
        "--format=custom",
        COMPRESSION,
        "--no-password",
        "--lock-wait-timeout=60s",
        "--snapshot",
        snapshot,
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("pg_dump cannot be started")?;
    let output = child.stdout.take().context("pg_dump has an output")?.into_owned_fd()?;
    let said = tokio::spawn(words(child.stderr.take()));
    let splitter = Splitter { draft: draft.clone(), key, part_bytes, runtime: Handle::current() };
    let written = spawn_blocking(move || splitter.split(File::from(output))).await?;
    // Whatever went wrong with the parts, pg_dump's output is closed by now and it ends.
    let result = ended(&mut child, "pg_dump", said).await;
    // A part that cannot be written makes pg_dump fail, too; the part's reason is the one that counts.
    let dumped = written?;
    result?;
    Ok(dumped)
}

struct Splitter {
    draft: Draft,
    key: Option<Key>,
    part_bytes: u64,
    runtime: Handle,
}

impl Splitter {
    fn split(self, mut archive: File) -> anyhow::Result<Dumped> {
        let mut dumped = Dumped { archive_bytes: 0, parts: Vec::new() };
        let mut buffer = vec![0; STRIDE];
        let mut ended = false;
        while !ended {
            let part = part_name(dumped.parts.len() + 1);
            let mut sink = Sink {
                writer: self.draft.part(&part, &self.runtime)?,
                hash: Sha256::new(),
                bytes: 0,
                refused: None,
            };
            let mut left = self.part_bytes;
            let filled = if let Some(key) = &self.key {
                key.seal(&mut sink).and_then(|mut sealer| {
                    ended = fill(&mut archive, &mut sealer, &mut left, &mut buffer)?;
                    sealer.finish().map(|_| ())
                })
            } else {
                fill(&mut archive, &mut sink, &mut left, &mut buffer).map(|end| ended = end)
            };
            if let Err(error) = filled {
                return Err(sink
                    .refused
                    .unwrap_or_else(|| anyhow!(error).context("the dump cannot be read")));
            }
            dumped.archive_bytes += self.part_bytes - left;
            let sha256 = hex(&sink.hash.finalize());
            sink.writer.finish()?;
            tracing::info!(part, bytes = sink.bytes, "part written");
            dumped.parts.push(Part { name: part, bytes: sink.bytes, sha256 });
        }
        Ok(dumped)
    }
}

/// Copies until `left` is used up or the archive ends, and tells which.
fn fill(from: &mut impl Read, to: &mut impl Write, left: &mut u64, buffer: &mut [u8]) -> io::Result<bool> {
    while *left > 0 {
        let most = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
        let read = from.read(&mut buffer[..most])?;
        if read == 0 {
            return Ok(true);
        }
        to.write_all(&buffer[..read])?;
        *left -= read as u64;
    }
    Ok(false)
}

/// A part's file, hashed on the way.
struct Sink {
    writer: PartWriter,
    hash: Sha256,
    bytes: u64,
    refused: Option<anyhow::Error>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.writer.write(bytes) {
            self.refused = Some(error);
            return Err(io::Error::other("refused"));
        }
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Puts the parts together into the archive they were, in a file at `to`; every checksum is compared on the way.
///
/// # Errors
/// [`Damage`] names the part and what is wrong with it; or a key is missing or was not used, or the disk is full.
pub(super) async fn assemble(
    store: &Store,
    manifest: &Manifest,
    settings: &Settings,
    to: &Path,
) -> anyhow::Result<()> {
    settings.must_be_sealed(manifest)?;
    let key = match &manifest.sealed_with {
        None => None,
        Some(id) => {
            let key = settings.keys.with_id(id).cloned().ok_or_else(|| {
                anyhow!(
                    "{} is encrypted with the key {id}: add that key to BACKUP_KEY, after the present one",
                    manifest.name
                )
            })?;
            Some((key, id.clone()))
        }
    };
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    files::must_have_room(folder.unwrap_or(Path::new(".")), manifest.bytes())?;
    let mut file = files::create(to).map_err(|error| explain(&error, "write", to))?;
    for part in &manifest.parts {
        let name = place(&manifest.name, &part.name);
        let reader = open_part(store, &manifest.name, part).await?;
        let (expected, key, path) = (part.sha256.clone(), key.clone(), to.to_owned());
        file = spawn_blocking(move || {
            append(reader, &mut file, &expected, key.as_ref(), &name, &path).map(|()| file)
        })
        .await??;
        tracing::info!(part = part.name, bytes = part.bytes, "part is whole");
    }
    let length = file.metadata()?.len();
    if length != manifest.archive_bytes {
        let name = manifest.name.clone();
        return Err(Damage::Truncated { name, found: length, expected: manifest.archive_bytes }.into());
    }
    Ok(())
}

/// What a part is called in errors; parts of earlier versions were sealed under this name.
fn place(backup: &str, part: &str) -> String {
    format!("{backup}/{part}")
}

/// A part, of which no more is read than the manifest says.
///
/// # Errors
/// [`Damage`] when it is missing, shorter or longer.
pub(super) async fn open_part(store: &Store, backup: &str, part: &Part) -> anyhow::Result<Take<PartReader>> {
    let name = place(backup, &part.name);
    let (found, reader) =
        store.open(backup, &part.name).await?.ok_or_else(|| Damage::Missing(name.clone()))?;
    match found.cmp(&part.bytes) {
        Ordering::Less => Err(Damage::Truncated { name, found, expected: part.bytes }.into()),
        Ordering::Greater => Err(Damage::Longer { name, found, expected: part.bytes }.into()),
        Ordering::Equal => Ok(reader.take(part.bytes)),
    }
}

fn append(
    reader: Take<PartReader>,
    file: &mut File,
    sha256: &str,
    key: Option<&(Key, String)>,
    name: &str,
    path: &Path,
) -> anyhow::Result<()> {
    let mut hashed = Hashed { reader, hash: Sha256::new() };
    let mut buffer = vec![0; STRIDE];
    let copied = match key {
        Some((key, id)) => key
            .open(&mut hashed, id, name)
            .map_err(Copying::Read)
            .and_then(|mut opened| copy(&mut opened, file, &mut buffer)),
        None => copy(&mut hashed, file, &mut buffer),
    };
    let broken = match copied {
        Ok(()) => None,
        Err(Copying::Write(error)) => return Err(explain(&error, "write", path)),
        // The key's verdict came first; whether the bytes are those that were written decides what it means.
        Err(Copying::Read(error))
            if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
        {
            io::copy(&mut hashed, &mut io::sink())
                .with_context(|| format!("the connection broke at {name}"))?;
            Some(error)
        }
        Err(Copying::Read(error)) => return Err(anyhow!(error).context(format!("reading {name} broke off"))),
    };
    if hex(&hashed.hash.finalize()) != sha256 {
        return Err(Damage::Changed(name.to_owned()).into());
    }
    broken.map_or(Ok(()), |error| {
        Err(Damage::Unreadable { name: name.to_owned(), reason: error.to_string() }.into())
    })
}

enum Copying {
    Read(io::Error),
    Write(io::Error),
}

fn copy(from: &mut impl Read, to: &mut File, buffer: &mut [u8]) -> Result<(), Copying> {
    loop {
        match from.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => to.write_all(&buffer[..read]).map_err(Copying::Write)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Copying::Read(error)),
        }
    }
}

struct Hashed<R> {
    reader: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(bytes)?;
        self.hash.update(&bytes[..read]);
        Ok(read)
    }
}

/// Which part of an archive `pg_restore` puts back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Everything,
    /// Tables and rows, without what makes them fast and keeps them right: to read from, once.
    RowsOnly,
}

/// Restores an archive into the database of `server`, `jobs` tables at a time.
///
/// # Errors
/// When `pg_restore` fails, in its words.
pub(super) async fn restore(
    programs: &Programs,
    server: &Server,
    archive: PathBuf,
    extent: Extent,
    jobs: u32,
    application: &str,
) -> anyhow::Result<()> {
    let mut command = programs.command("pg_restore", server, application);
    command.arg("--dbname").arg(server.get_dbname().unwrap_or_default());
    command.args(["--no-password", "--exit-on-error", "--no-publications", "--no-subscriptions"]);
    command.arg(format!("--jobs={jobs}"));
    if extent == Extent::RowsOnly {
        command.args(["--section=pre-data", "--section=data"]);
    }
    command.arg(archive).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().context("pg_restore cannot be started")?;
    let said = tokio::spawn(words(child.stderr.take()));
    ended(&mut child, "pg_restore", said).await
}

/// The last that a program said, which is where the reason is.
async fn words(output: Option<ChildStderr>) -> String {
    const MOST: usize = 4096;
    let mut text = Vec::new();
    if let Some(mut output) = output {
        let mut buffer = vec![0; MOST];
        while let Ok(read @ 1..) = output.read(&mut buffer).await {
            text.extend_from_slice(&buffer[..read]);
            let surplus = text.len().saturating_sub(MOST);
            text.drain(..surplus);
        }
    }
    String::from_utf8_lossy(&text).trim().to_owned()
}

async fn ended(
    child: &mut Child,
    program: &str,
    said: tokio::task::JoinHandle<String>,
) -> anyhow::Result<()> {
    let status = child.wait().await.with_context(|| format!("{program} got lost"))?;
    let said = said.await.unwrap_or_default();
    if status.success() {
        return Ok(());
    }
    if said.contains("No space left on device") {
        bail!("the disk of the database is full: make room, then run the same command again\n{said}");
    }
    if said.contains("row-level security") {
        bail!("{program} may not see every row: use a role with BYPASSRLS for BACKUP_DATABASE_URL\n{said}");
    }
    let reason = if said.is_empty() { "it said nothing".to_owned() } else { said };
    bail!("{program} failed ({status}): {reason}");
}
