//! Log files within a size and an age: a file a day, more when one gets large, and the oldest are removed first.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use base::clock::{self, Clock};

/// Everything, and errors alone.
pub(super) const COMBINED: &str = "combined.log";
pub(super) const ERRORS: &str = "error.log";

/// Days for which a log file is kept.
const KEPT: i64 = 14;

/// How many files of full size there is room for: both names' newest are written to, the others are removed when they must be.
const PIECES: u64 = 16;

/// The files of one name, of which the newest is written to.
#[derive(Debug)]
pub(super) struct LogFiles {
    folder: PathBuf,
    name: &'static str,
    /// For the files of all names.
    most_bytes: u64,
    clock: Clock,
    open: Option<Open>,
    /// Lines that could not be written since the last that was.
    lost: u64,
}

#[derive(Debug)]
struct Open {
    day: Date,
    lines: Lines<File>,
}

/// Whole lines, whatever becomes of a write: after one that was cut off, the next line begins on a line of its own.
#[derive(Debug)]
struct Lines<W> {
    writer: W,
    /// What was written last has no end.
    is_torn: bool,
}

/// A log file that is there.
#[derive(Debug)]
struct Found {
    path: PathBuf,
    name: &'static str,
    day: Date,
    number: u32,
    modified: SystemTime,
    bytes: u64,
}

impl LogFiles {
    /// # Errors
    /// When the folder or the file cannot be made.
    pub(super) fn open(
        folder: &Path,
        name: &'static str,
        most_bytes: u64,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(folder)
            .with_context(|| format!("LOG_DIR {} cannot be made", folder.display()))?;
        let mut files = Self { folder: folder.to_owned(), name, most_bytes, clock, open: None, lost: 0 };
        files.close_to_others();
        files
            .rotate(files.today(), 0)
            .with_context(|| format!("LOG_DIR {} cannot be written", folder.display()))?;
        Ok(files)
    }

    fn today(&self) -> Date {
        clock::today(&TimeZone::UTC, self.clock.now())
    }

    /// Closes to other users what an earlier version left readable. The folder itself keeps the mode that whoever made it gave it.
    fn close_to_others(&self) {
        for file in self.found() {
            // Fails on another user's, which this program cannot write to either.
            let _ = fs::set_permissions(file.path, Permissions::from_mode(0o600));
        }
    }

    fn put(&mut self, line: &[u8]) -> io::Result<()> {
        let today = self.today();
        let open = match self.open.take() {
            Some(open) if self.is_fit(&open, today, line.len())? => self.open.insert(open),
            _ => self.rotate(today, line.len())?,
        };
        open.lines.put(line)
    }

    /// Whether a line may be written to this file. Without a link it was removed: by hand, or by another process to make room.
    fn is_fit(&self, open: &Open, today: Date, line: usize) -> io::Result<bool> {
        let file = open.lines.writer.metadata()?;
        Ok(open.day == today && !self.is_full(file.len(), line) && file.nlink() > 0)
    }

    /// The most that a file may hold.
    fn piece(&self) -> u64 {
        self.most_bytes / PIECES
    }

    /// Whether a file of this size has no room for a line. An empty one has room for any.
    fn is_full(&self, bytes: u64, line: usize) -> bool {
        bytes > 0 && bytes + line as u64 > self.piece()
    }

    /// Goes on with today's last file, or begins another when that has no room for the line.
    fn rotate(&mut self, today: Date, line: usize) -> io::Result<&mut Open> {
        self.make_room(today, line);
        let last = self.found().into_iter().filter(|file| file.name == self.name && file.day == today);
        let number = match last.max_by_key(|file| file.number) {
            Some(last) if self.is_full(last.bytes, line) => last.number + 1,
            Some(last) => last.number,
            None => 0,
        };
        let file_name = match number {
            0 => format!("{}.{today}", self.name),
            _ => format!("{}.{today}.{number}", self.name),
        };
        let path = self.folder.join(&file_name);
        let file = File::options().create(true).append(true).read(true).mode(0o600).open(path)?;
        self.link_to(&file_name);
        let (length, mut end) = (file.metadata()?.len(), [b'\n']);
        if length > 0 {
            file.read_exact_at(&mut end, length - 1)?;
        }
        let lines = Lines { writer: file, is_torn: end != [b'\n'] };
        Ok(self.open.insert(Open { day: today, lines }))
    }

    /// The name without a date always leads to the newest file.
    fn link_to(&self, file_name: &str) {
        let link = self.folder.join(self.name);
        if fs::read_link(&link).is_ok_and(|target| target == Path::new(file_name)) {
            return;
        }
        let fresh = self.folder.join(format!("{}.link", self.name));
        let _ = fs::remove_file(&fresh);
        // For people: nothing depends on it.
        let _ = symlink(file_name, &fresh).and_then(|()| fs::rename(&fresh, &link));
    }

    /// Removes what is too old, and the oldest of what is too much beside two files that may become full.
    fn make_room(&self, today: Date, line: usize) {
        let oldest = today.saturating_sub(KEPT.days());
        let (mut kept, old): (Vec<_>, Vec<_>) = self.found().into_iter().partition(|file| file.day > oldest);
        kept.sort_by_key(|file| (file.day, file.modified, file.number));
        let newest = |name| {
            let of_name = kept.iter().filter(|file| file.name == name);
            of_name.max_by_key(|file| (file.day, file.number)).map(|file| file.path.clone())
        };
        let in_use = [newest(COMBINED), newest(ERRORS)];
        kept.retain(|file| !in_use.contains(&Some(file.path.clone())) || self.is_full(file.bytes, line));
        let mut bytes: u64 = kept.iter().map(|file| file.bytes).sum();
        let too_many = kept.into_iter().take_while(|file| {
            let is_too_much = bytes + 2 * self.piece() > self.most_bytes;
            bytes -= file.bytes;
            is_too_much
        });
        for file in old.into_iter().chain(too_many) {
            let _ = fs::remove_file(file.path);
        }
    }

    /// All log files in the folder, of every name.
    fn found(&self) -> Vec<Found> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let found = entries.filter_map(|entry| {
            let text = entry.file_name().into_string().ok()?;
            let name = [COMBINED, ERRORS].into_iter().find(|name| text.starts_with(name))?;
            let rest = text[name.len()..].strip_prefix('.')?;
            let (day, number) = rest.split_once('.').unwrap_or((rest, "0"));
            let (day, number) = (day.parse().ok()?, number.parse().ok()?);
            let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let (modified, bytes) = (about.modified().ok()?, about.len());
            Some(Found { path: entry.path(), name, day, number, modified, bytes })
        });
        found.collect()
    }
}

/// The worker that writes gives one line at a time. A line that cannot be written is lost, and counted.
impl Write for LogFiles {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.put(line) {
            Ok(()) if self.lost > 0 => {
                let lost = std::mem::take(&mut self.lost);
                tracing::warn!(
                    file = self.name,
                    lost,
                    "lines are missing in the log file, which can be written again"
                );
            }
            Ok(()) => {}
            Err(error) => {
                self.lost += 1;
                if self.lost == 1 {
                    tracing::error!(file = self.name, %error, "the log file cannot be written: lines are lost until it can");
                }
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Lines<W> {
    fn put(&mut self, line: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.writer.write_all(b"\n")?;
            self.is_torn = false;
        }
        let mut rest = line;
        while !rest.is_empty() {
            match self.writer.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    rest = &rest[written..];
                    self.is_torn = !rest.is_empty();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use proptest::prelude::*;

    fn total(folder: &Path) -> u64 {
        let files =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().symlink_metadata().unwrap());
        files.filter(fs::Metadata::is_file).map(|file| file.len()).sum()
    }

    fn names(folder: &Path) -> BTreeSet<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        fs::read_dir(folder).unwrap().map(name).collect()
    }

    fn clock() -> Clock {
        Clock::frozen("2026-11-28T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn all_files_together_stay_within_the_size_and_the_newest_lines_are_kept() {
        const MOST: u64 = 64 * 1024;
        let folder = tempfile::tempdir().unwrap();
        let open = |name| LogFiles::open(folder.path(), name, MOST, clock()).unwrap();
        let (mut combined, mut errors) = (open(COMBINED), open(ERRORS));
        for number in 0..10_000 {
            let line = format!("{{\"number\":{number},\"filler\":\"{}\"}}\n", "x".repeat(100));
            combined.write_all(line.as_bytes()).unwrap();
            if number % 3 == 0 {
                errors.write_all(line.as_bytes()).unwrap();
            }
            let total = total(folder.path());
            assert!(total <= MOST, "{total} bytes after {number} lines");
        }
        assert!(total(folder.path()) > MOST / 2, "more was removed than had to be");
        for (name, last) in [(COMBINED, 9999), (ERRORS, 9999)] {
            let text = fs::read_to_string(folder.path().join(name)).unwrap();
            assert!(
                text.ends_with('\n') && text.lines().last().unwrap().contains(&format!(":{last},")),
                "{text}"
            );
        }
        // A program that starts goes on with the last file, or begins the next.
        drop((combined, errors));
        open(COMBINED).write_all(b"the next program\n").unwrap();
        let text = fs::read_to_string(folder.path().join(COMBINED)).unwrap();
        assert!(text.ends_with("the next program\n"), "{text}");
        assert!(total(folder.path()) <= MOST);
    }

    #[test]
    fn a_file_a_day_is_kept_for_two_weeks_and_nothing_else_is_touched() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
        for other in ["combined.log.bak", "combined.log.2026-01-01.gz", "mine.log.2026-01-01", "error.logs"] {
            fs::write(folder.path().join(other), "mine").unwrap();
        }
        fs::write(folder.path().join("combined.log.2026-11-14"), "too old\n").unwrap();
        fs::write(folder.path().join("error.log.2026-11-15"), "just kept\n").unwrap();
        let mut files = LogFiles::open(folder.path(), COMBINED, 1 << 20, clock.clone()).unwrap();
        for _ in 0..20 {
            files.write_all(b"today\n").unwrap();
            clock.advance(Duration::from_secs(86_400));
        }
        let names = names(folder.path());
        let of_combined = names.iter().filter(|name| name.starts_with("combined.log.2026-1"));
        assert_eq!(of_combined.count(), 14, "{names:?}");
        assert!(
            names.contains("combined.log.2026-12-17") && !names.contains("error.log.2026-11-15"),
            "{names:?}"
        );
        for other in ["combined.log.bak", "combined.log.2026-01-01.gz", "mine.log.2026-01-01", "error.logs"] {
            assert!(names.contains(other), "{names:?}");
        }
        assert_eq!(fs::read_to_string(folder.path().join(COMBINED)).unwrap(), "today\n");
    }

    #[test]
    fn a_file_that_was_removed_or_cut_off_is_no_trap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("combined.log.2026-11-28");
        // As a process leaves it that was killed in the middle of a line.
        fs::write(&path, "{\"half\":").unwrap();
        let mut files = LogFiles::open(folder.path(), COMBINED, 1 << 20, clock()).unwrap();
        files.write_all(b"whole\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"half\":\nwhole\n");
        fs::remove_file(&path).unwrap();
        files.write_all(b"again\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "again\n");
    }

    /// A disk that takes so many bytes with each write, and none where there is a zero.
    struct Disk {
        held: Vec<u8>,
        room: Vec<usize>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.room.pop() {
                Some(0) => Err(io::ErrorKind::StorageFull.into()),
                Some(room) => {
                    let taken = room.min(bytes.len());
                    self.held.extend_from_slice(&bytes[..taken]);
                    Ok(taken)
                }
                None => {
                    self.held.extend_from_slice(bytes);
                    Ok(bytes.len())
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    proptest! {
        /// Wherever the disk is full, a line that was taken is whole, and nothing is appended to half a line.
        #[test]
        fn a_line_is_whole_or_stands_cut_off_on_its_own(room in proptest::collection::vec(prop_oneof![Just(0usize), 1usize..30], 0..60)) {
            let mut lines = Lines { writer: Disk { held: Vec::new(), room }, is_torn: false };
            let line = |number: usize| format!("{{\"line\":{number:04}}}\n");
            let taken: Vec<usize> = (0..40).filter(|number| lines.put(line(*number).as_bytes()).is_ok()).collect();
            let text = String::from_utf8(lines.writer.held).unwrap();
            let whole: Vec<usize> = (0..40).filter(|number| text.lines().any(|found| found == line(*number).trim_end())).collect();
            prop_assert!(taken.iter().all(|number| whole.contains(number)), "{text}");
            for found in text.lines() {
                prop_assert!((0..40).any(|number| line(number).starts_with(found)), "{found:?} in {text}");
            }
        }
    }
}
