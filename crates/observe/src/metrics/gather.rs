//! All counts of the program at one moment. What the other parts count, the program reads from them and hands in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::requests::{Answered, is_api};
use base::histogram::Counted;

/// Everything that only grows, and what stands beside it at that moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub at: Timestamp,
    pub api: Api,
    pub in_flight: u64,
    pub parts: Parts,
}

/// What the API answered.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Api {
    pub took: Counted,
    /// With a status from 500 on.
    pub errors: u64,
    /// With 429.
    pub refused: u64,
}

/// What the parts below the requests count.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub database: Database,
    pub cache: Cache,
    pub limits: Limits,
    /// The lines in which requests wait for a place.
    pub lines: Vec<Line>,
    /// Why a private PostgreSQL does not run, and the end of its log.
    pub fault: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Database {
    /// From a statement until its whole answer.
    pub statements: Counted,
    /// Until a connection was to be had.
    pub waits: Counted,
    /// Requests that got no connection in time.
    pub timeouts: u64,
    pub in_use: u64,
    pub idle: u64,
    pub waiting: u64,
    pub limit: u64,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Cache {
    /// Answered from the process's memory or from Redis; and those of them that came from Redis.
    pub hits: u64,
    pub hits_redis: u64,
    /// Answered by the database: kept, and not kept.
    pub misses: u64,
    pub bypasses: u64,
    pub entries: u64,
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    pub admitted: u64,
    pub refused: u64,
    /// Decided without Redis although there is one.
    pub alone: u64,
    pub nodes: u32,
    pub sign_ins_refused: u64,
    pub sign_ins_slowed: u64,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub name: &'static str,
    pub places: u32,
    pub taken: u32,
    pub classes: Vec<Class>,
}

#[derive(Clone, Copy, Debug)]
pub struct Class {
    pub name: &'static str,
    pub waiting: u64,
    pub admitted: u64,
    pub shed: u64,
}

impl Parts {
    fn classes(&self) -> impl Iterator<Item = &Class> {
        self.lines.iter().flat_map(|line| &line.classes)
    }

    /// Requests that were refused a place.
    pub fn shed(&self) -> u64 {
        self.classes().map(|class| class.shed).sum()
    }

    pub fn waiting(&self) -> u64 {
        self.classes().map(|class| class.waiting).sum()
    }
}

impl Api {
    pub fn of(answered: &[Answered]) -> Self {
        let mut api = Self::default();
        for one in answered.iter().filter(|one| is_api(&one.route)) {
            api.took = api.took.plus(&one.took);
            match one.status {
                429 => api.refused += one.took.total(),
                500.. => api.errors += one.took.total(),
                _ => {}
            }
        }
        api
    }
}
