//! The allowance as Redis keeps it, and what the nodes know of each other through it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::redis::from_redis_value;
use uuid::Uuid;

use super::bucket::{Grant, Lost, Statement};
use crate::redis::{Link, RunId, Script, Unreachable};

/// How often a node says that it is there.
pub(super) const BEAT: Duration = Duration::from_millis(300);

/// After how long without a word a node is gone.
const LIFE_MS: u64 = 3000;

/// For how many beats a resort counts as hot after the last word of it: longer than a Redis that forgot holds back.
const HOT_BEATS: u64 = 15;

/// Before the id of a resort of which something was lost.
const LOST: char = '?';

/// How long a Redis that may have forgotten gives nothing: by then every node has found it again.
const GRACE_MS: u64 = 2000;

/// What a node knows of Redis' clock: what it showed, and when that was asked, so that a node is early rather than late.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    asked: Instant,
    shown: i64,
}

impl Reading {
    pub(super) fn age(&self) -> Duration {
        self.asked.elapsed()
    }

    pub(super) fn now(&self) -> i64 {
        self.shown + i64::try_from(self.asked.elapsed().as_millis()).unwrap_or(i64::MAX / 2)
    }
}

pub(super) struct Shared {
    link: Link,
    node: String,
    length: i64,
    take: Script,
    meet: Script,
    questions: AtomicU64,
    nodes: AtomicU32,
    beats: AtomicU64,
    clock: Mutex<Option<Reading>>,
    runs: Mutex<Vec<RunId>>,
    hot: Mutex<HashMap<Uuid, u64>>,
    to_tell: Mutex<HashSet<Uuid>>,
    to_recall: Mutex<HashSet<Uuid>>,
    lost: AtomicBool,
}

impl Shared {
    pub(super) fn new(link: Link, length: i64) -> Self {
        Self {
            link,
            node: Uuid::from_u128(rand::random()).simple().to_string(),
            length,
            take: Script::new(include_str!("take.lua")),
            meet: Script::new(include_str!("meet.lua")),
            questions: AtomicU64::default(),
            nodes: AtomicU32::new(1),
            beats: AtomicU64::default(),
            clock: Mutex::default(),
            runs: Mutex::default(),
            hot: Mutex::default(),
            to_tell: Mutex::default(),
            to_recall: Mutex::default(),
            lost: AtomicBool::default(),
        }
    }

    pub(super) fn nodes(&self) -> u32 {
        self.nodes.load(Ordering::Relaxed)
    }

    /// The time by Redis' clock, when that was ever seen.
    pub(super) fn now(&self) -> Option<i64> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner).map(|reading| reading.now())
    }

    /// What is known should Redis be lost.
    pub(super) fn lost(&self, tenant: Uuid) -> Lost {
        let since = self.clock.lock().unwrap_or_else(PoisonError::into_inner).map(|reading| reading.shown);
        let hot = self.hot.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&tenant);
        Lost { nodes: self.nodes(), since: since.unwrap_or(i64::MIN), hot }
    }

    /// The other nodes should look at this resort, too.
    pub(super) fn tell(&self, tenant: Uuid) {
        self.to_tell.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
        let beat = self.beats.load(Ordering::Relaxed);
        self.hot.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, beat);
    }

    /// What was known of this resort is lost: the other nodes should say what they used.
    pub(super) fn recall(&self, tenant: Uuid) {
        self.to_recall.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant);
    }

    /// Asks for some of a resort's allowance.
    pub(super) async fn take(
        &self,
        tenant: Uuid,
        limit: u32,
        stated: Statement,
        waiting: u32,
    ) -> Result<(Grant, Reading, RunId), Unreachable> {
        let key = self.key(tenant);
        let number = self.questions.fetch_add(1, Ordering::SeqCst) + 1;
        let asked = Instant::now();
        let answer = self.link.eval_as(&self.take, &key, &[], |run| {
            let who = (run.to_string(), &self.node, number, self.length, limit, self.nodes(), GRACE_MS);
            (who, stated.window.max(0), stated.obtained, stated.held, waiting)
        });
        let (answer, run) = answer.await.inspect_err(|error| self.note(Some(error)))?;
        self.note(None);
        let (shown, window, granted, free, others, holds_back): (i64, i64, u32, u32, u32, i64) =
            from_redis_value(answer).map_err(|_| Unreachable::of("an answer that came too late"))?;
        Ok((Grant { window, granted, free, others, holds_back }, Reading { asked, shown }, run))
    }

    /// The plan's name for the usual window; another length of window is counted apart.
    fn key(&self, tenant: Uuid) -> String {
        match self.length {
            900_000 => format!("rl:tenant:{tenant}"),
            other => format!("rl:tenant:{tenant}:{other}"),
        }
    }

    /// The process that keeps this resort's count at this moment.
    pub(super) fn run(&self, tenant: Uuid) -> Option<RunId> {
        self.link.run(&self.key(tenant))
    }

    /// Whether other processes than the last time are at the other end.
    pub(super) fn has_changed(&self) -> bool {
        let runs = self.link.runs();
        let mut known = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let has_changed = *known != runs;
        *known = runs;
        has_changed
    }

    /// Says that this node is there, and hears who else is and which resorts should be looked at: those that are hot, and those
    /// of which something was lost.
    pub(super) async fn beat(&self) -> Vec<Uuid> {
        let taken = |from: &Mutex<HashSet<Uuid>>| {
            std::mem::take(&mut *from.lock().unwrap_or_else(PoisonError::into_inner))
        };
        let mut told: Vec<String> = taken(&self.to_tell).iter().map(Uuid::to_string).collect();
        told.extend(taken(&self.to_recall).iter().map(|tenant| format!("{LOST}{tenant}")));
        let asked = Instant::now();
        let answer =
            self.link.eval(&self.meet, "{rl}:nodes", &["{rl}:hot"], (&self.node, LIFE_MS, told)).await;
        let answer = answer.and_then(|(answer, _)| {
            from_redis_value::<(i64, u32, Vec<String>)>(answer).map_err(|_| Unreachable::of("nonsense"))
        });
        let (shown, nodes, named) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.note(Some(&error));
                return Vec::new();
            }
        };
        self.note(None);
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(Reading { asked, shown });
        self.nodes.store(nodes.max(1), Ordering::Relaxed);
        let beat = self.beats.fetch_add(1, Ordering::Relaxed) + 1;
        let mut hot = self.hot.lock().unwrap_or_else(PoisonError::into_inner);
        hot.extend(named.iter().filter_map(|name| name.parse().ok()).map(|tenant| (tenant, beat)));
        hot.retain(|_, seen| *seen + HOT_BEATS > beat);
        named.iter().filter_map(|name| name.strip_prefix(LOST).unwrap_or(name).parse().ok()).collect()
    }

    /// Logs once that Redis is lost, and once that it is back.
    fn note(&self, error: Option<&Unreachable>) {
        let was_lost = self.lost.swap(error.is_some(), Ordering::Relaxed);
        match error {
            Some(error) if !was_lost => {
                tracing::warn!(%error, nodes = self.nodes(), "limits: redis is lost, each node limits to its share");
            }
            None if was_lost => tracing::info!("limits: redis is back, limits are exact again"),
            _ => {}
        }
    }
}
