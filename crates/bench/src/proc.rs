//! What processes cost, as Linux counts it under `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

/// How much processor time one tick is: 100 a second for every process Linux shows, whatever the kernel counts in.
const TICK: Duration = Duration::from_millis(10);

/// The processes whose cost is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    pub(crate) program: u32,
    /// The postmaster; its children count too.
    pub(crate) postgres: Option<u32>,
}

/// Processor time used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cpu {
    pub(crate) program: Duration,
    pub(crate) postgres: Duration,
}

/// What the program holds, in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Memory {
    pub(crate) resident: f64,
    pub(crate) resident_at_most: f64,
}

impl Watch {
    /// # Errors
    /// When the program or the postmaster is gone.
    pub(crate) fn cpu(&self) -> anyhow::Result<Cpu> {
        let program = stat(self.program)?.own();
        let Some(postmaster) = self.postgres else { return Ok(Cpu { program, postgres: Duration::ZERO }) };
        // A child that ended between two readings is in the postmaster's count of those that ended.
        let main = stat(postmaster)?;
        let children: Duration =
            children(postmaster).into_iter().filter_map(|pid| Some(stat(pid).ok()?.own())).sum();
        Ok(Cpu { program, postgres: main.own() + main.ended() + children })
    }

    /// # Errors
    /// When the program is gone.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let path = format!("/proc/{}/status", self.program);
        let text = fs::read_to_string(&path).with_context(|| format!("{path}: is the program running?"))?;
        let memory = parse_memory(&text);
        memory.with_context(|| format!("{path} says nothing of memory"))
    }
}

/// What is of interest in `/proc/<pid>/stat`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) name: String,
    pub(crate) parent: u32,
    state: char,
    ticks: [u32; 4],
}

impl Stat {
    /// By proc(5): the name stands in parentheses and may hold any letter, so the fields count from the last one.
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

    /// Whether it has ended and only waits to be counted.
    pub(crate) fn is_dead(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    /// In its own code and the kernel's.
    fn own(&self) -> Duration {
        TICK * (self.ticks[0] + self.ticks[1])
    }

    /// The same of its children that have ended.
    fn ended(&self) -> Duration {
        TICK * (self.ticks[2] + self.ticks[3])
    }
}

/// # Errors
/// When there is no such process.
pub(crate) fn stat(pid: u32) -> anyhow::Result<Stat> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("there is no process {pid}"))?;
    Stat::parse(&text).with_context(|| format!("{path} cannot be read"))
}

/// The processes that `parent` started and that have not ended.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| stat(*pid).is_ok_and(|stat| stat.parent == parent)).collect()
}

/// What a process calls itself in full, as PostgreSQL's say what they do; empty when it is gone.
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
