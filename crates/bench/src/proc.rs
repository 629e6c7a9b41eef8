//! Processor time and memory of processes, from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

/// The length of one tick of processor time: Linux reports 100 ticks a second in `/proc`, whatever the kernel uses inside.
const TICK: Duration = Duration::from_millis(10);

/// The processes that are measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    pub(crate) program: u32,
    /// The postmaster; its children are included.
    pub(crate) postgres: Option<u32>,
}

/// Processor time that processes have used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cpu {
    pub(crate) program: Duration,
    pub(crate) postgres: Duration,
}

/// Memory of the program, in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Memory {
    pub(crate) resident: f64,
    pub(crate) resident_at_most: f64,
}

impl Watch {
    /// The processor time used so far.
    ///
    /// # Errors
    /// When the program or the postmaster has ended.
    pub(crate) fn cpu(&self) -> anyhow::Result<Cpu> {
        let program = stat(self.program)?.own();
        let Some(postmaster) = self.postgres else { return Ok(Cpu { program, postgres: Duration::ZERO }) };
        // The time of a child that ended between two readings is included in the postmaster's count of ended children.
        let main = stat(postmaster)?;
        let children: Duration =
            children(postmaster).into_iter().filter_map(|pid| Some(stat(pid).ok()?.own())).sum();
        Ok(Cpu { program, postgres: main.own() + main.ended() + children })
    }

    /// The memory in use now, and the highest so far.
    ///
    /// # Errors
    /// When the program has ended.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let path = format!("/proc/{}/status", self.program);
        let text = fs::read_to_string(&path).with_context(|| format!("{path}: is the program running?"))?;
        let memory = parse_memory(&text);
        memory.with_context(|| format!("{path} has no memory figures"))
    }
}

/// Fields of `/proc/<pid>/stat`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) name: String,
    pub(crate) parent: u32,
    state: char,
    ticks: [u32; 4],
}

impl Stat {
    /// Parses the file as proc(5) describes it: the name is in parentheses and may itself contain any character, so fields are
    /// counted from the last parenthesis.
    fn parse(text: &str) -> Option<Self> {
        let (start, rest) = text.rsplit_once(')')?;
        let (_, name) = start.split_once('(')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse().ok();
        Some(Self {
            name: name.to_owned(),
            parent: field(4)?,
            state: fields.first()?.chars().next()?,
            ticks: [field(14)?, field(15)?, field(16)?, field(17)?],
        })
    }

    /// Whether the process has ended and its parent has not collected it yet.
    pub(crate) fn is_dead(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    /// Processor time of the process, in user and kernel mode.
    fn own(&self) -> Duration {
        TICK * (self.ticks[0] + self.ticks[1])
    }

    /// Processor time of its children that have ended.
    fn ended(&self) -> Duration {
        TICK * (self.ticks[2] + self.ticks[3])
    }
}

/// Reads `/proc/<pid>/stat`.
///
/// # Errors
/// When there is no such process.
pub(crate) fn stat(pid: u32) -> anyhow::Result<Stat> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("there is no process {pid}"))?;
    Stat::parse(&text).with_context(|| format!("{path} cannot be read"))
}

/// The running children of `parent`.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| stat(*pid).is_ok_and(|stat| stat.parent == parent)).collect()
}

/// The command line of a process, in which PostgreSQL's processes describe what they do; empty if it has ended.
pub(crate) fn title(pid: u32) -> String {
    let text = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&text).replace('\0', " ").trim().to_owned()
}

fn parse_memory(status: &str) -> Option<Memory> {
    let mebibytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kibibytes / 1024.0)
    };
    Some(Memory { resident: mebibytes("VmRSS:")?, resident_at_most: mebibytes("VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "4217 (tail) town (x)) S 17 4217 4217 0 -1 4194560 900 80 0 0 1234 766 50 7 20 0 3 0 8900 1 2";

    #[test]
    fn a_name_with_parentheses_moves_no_field() {
        let stat = Stat::parse(LINE).unwrap();
        assert_eq!((stat.name.as_str(), stat.parent), ("tail) town (x)", 17));
        assert!(!stat.is_dead());
        assert!(Stat::parse(&LINE.replace(" S ", " Z ")).unwrap().is_dead());
        assert_eq!(stat.own(), Duration::from_secs(20));
        assert_eq!(stat.ended(), Duration::from_millis(570));
        assert_eq!(Stat::parse("4217 (x) S 17"), None);
        assert_eq!(Stat::parse(""), None);
    }

    #[test]
    fn memory_is_read_in_mebibytes() {
        let memory = parse_memory("Name:\tx\nVmHWM:\t   20480 kB\nVmRSS:\t   15360 kB\n").unwrap();
        assert_eq!((memory.resident, memory.resident_at_most), (15.0, 20.0));
        assert_eq!(parse_memory("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn this_very_process_can_be_watched() {
        let pid = std::process::id();
        let watch = Watch { program: pid, postgres: Some(pid) };
        let cpu = watch.cpu().unwrap();
        assert!(cpu.postgres >= cpu.program);
        assert!(watch.memory().unwrap().resident > 0.5);
        assert!(children(stat(pid).unwrap().parent).contains(&pid));
        assert!(title(pid).contains("bench"));
        assert!(Watch { program: u32::MAX, postgres: None }.cpu().is_err());
    }
}
