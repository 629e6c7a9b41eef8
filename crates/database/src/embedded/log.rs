//! The end of PostgreSQL's log, limited to lines that explain why the server does not run.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The number of bytes that are read, and of lines that are returned.
const BYTES: u64 = 16 * 1024;
const LINES: usize = 8;

/// The last lines about the server itself; empty if there are none.
pub fn tail(home: &Path) -> String {
    Mark::default().since(&home.join("postgres"))
}

/// A position in the log from which to read.
#[derive(Debug, Default)]
pub(super) struct Mark(Option<(PathBuf, u64)>);

impl Mark {
    /// The current end of the log.
    pub(super) fn now(data: &Path) -> Self {
        Self(newest(data).and_then(|file| Some((file.clone(), fs::metadata(file).ok()?.len()))))
    }

    /// The last lines after this position about the server itself.
    pub(super) fn since(&self, data: &Path) -> String {
        let Some(file) = newest(data) else { return String::new() };
        let from = self.0.as_ref().filter(|(marked, _)| *marked == file).map_or(0, |(_, length)| *length);
        of_server(&end_of(&file, from).unwrap_or_default())
    }
}

fn newest(data: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(data.join("log")).ok()?.flatten();
    files.max_by_key(|file| file.metadata().and_then(|file| file.modified()).ok()).map(|file| file.path())
}

fn end_of(file: &Path, from: u64) -> std::io::Result<String> {
    let mut file = File::open(file)?;
    let length = file.metadata()?.len();
    let from = from.min(length);
    let start = from.max(length.saturating_sub(BYTES));
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // The first line may be incomplete, and without its beginning its kind is unknown.
    Ok(if start > from {
        text.split_once('\n').map_or_else(String::new, |(_, rest)| rest.to_owned())
    } else {
        text
    })
}

/// The lines about the server itself. Lines that a request causes are left out, because the message of an ERROR may quote a
/// value, and that of a slow statement its text.
pub(super) fn of_server(text: &str) -> String {
    const OF_REQUESTS: [&str; 4] =
        ["duration: ", "the database system is ", "terminating connection", "checkpoint "];
    let says = |line: &&str| {
        // A line that begins with a tab continues the previous one.
        let Some((head, message)) = line.split_once(":  ").filter(|_| !line.starts_with('\t')) else {
            return false;
        };
        let level = head.rsplit(' ').next().unwrap_or_default();
        ["LOG", "WARNING", "FATAL", "PANIC"].contains(&level)
            && !OF_REQUESTS.iter().any(|start| message.starts_with(start))
    };
    let lines: Vec<&str> = text.lines().filter(says).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::of_server;

    #[test]
    fn what_a_request_caused_is_not_told() {
        let text = "half a line\n\
            2026-11-28 06:00:00.000 UTC [7] tailtown/0017 ERROR:  invalid input syntax for type uuid: \"ada@example.com\"\n\
            2026-11-28 06:00:00.100 UTC [7] tailtown/0017 LOG:  duration: 612.1 ms  statement: select 'ada@example.com'\n\
            \tLOG:  'ada@example.com'\n\
            2026-11-28 06:00:00.150 UTC [7] tailtown/0017 ERROR:  no such word: \"FATAL:  ada@example.com\"\n\
            2026-11-28 06:00:00.200 UTC [9]  FATAL:  the database system is starting up\n\
            2026-11-28 06:00:00.300 UTC [7]  PANIC:  could not write to file \"pg_wal/xlogtemp.7\": No space left on device\n";
        assert_eq!(
            of_server(text),
            "2026-11-28 06:00:00.300 UTC [7]  PANIC:  could not write to file \"pg_wal/xlogtemp.7\": No space left on device"
        );
    }
}
