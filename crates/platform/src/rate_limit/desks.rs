//! Where each resort's requests queue on this node: most go straight on, and few have to ask.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{MissedTickBehavior, interval, sleep};
use uuid::Uuid;

use super::Count;
use super::bucket::{Bucket, Taken};
use super::shared::{BEAT, Reading, Shared};
use crate::clock::Clock;
use crate::redis::RunId;
use crate::succession::Heir;

/// How often one request looks for a place; more than twice only where a window ends.
const TRIES: u32 = 6;

const SHARDS: usize = 16;

/// How many resorts are spoken of at a time when all are.
const AT_A_TIME: usize = 64;

/// Where one resort's requests queue.
pub(super) struct Desk {
    bucket: Mutex<Bucket>,
    clock: Mutex<Option<Reading>>,
    /// The process that was last told what is used here.
    told: Mutex<Option<RunId>>,
    /// One question at a time, so that Redis hears them in order.
    question: tokio::sync::Mutex<()>,
    waiting: AtomicU32,
}

pub(super) struct Desks {
    length: i64,
    clock: Clock,
    shared: Option<Shared>,
    shards: [Mutex<HashMap<Uuid, Arc<Desk>>>; SHARDS],
    hasher: RandomState,
    /// The program that counts from now on, where this one did alone.
    heir: RwLock<Option<Heir>>,
    pub(super) counts: Counts,
}

/// How often what happened, since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) admitted: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) questions: AtomicU64,
    pub(super) alone: AtomicU64,
    pub(super) strangers_refused: AtomicU64,
    pub(super) sign_ins_refused: AtomicU64,
    pub(super) sign_ins_slowed: AtomicU64,
}

impl Desks {
    pub(super) fn new(length: i64, clock: Clock, shared: Option<Shared>) -> Self {
        let (shards, hasher, heir, counts) = Default::default();
        Self { length, clock, shared, shards, hasher, heir, counts }
    }

    pub(super) fn nodes(&self) -> u32 {
        self.shared.as_ref().map_or(1, Shared::nodes)
    }

    /// Takes one of the resort's allowance, if there is one. Also says how many are left, and for how many milliseconds; or in how
    /// many there is more.
    pub(super) async fn take(self: &Arc<Self>, tenant: Uuid, limit: u32) -> (bool, u32, i64) {
        match &self.shared {
            Some(shared) => {
                let desk = self.desk(tenant, limit);
                let is_admitted = self.take_shared(shared, &desk, tenant, limit).await;
                self.told(&desk, is_admitted)
            }
            None => match self.take_alone(tenant, limit) {
                Ok(taken) => taken,
                Err(heir) => match heir.take(tenant, limit).await {
                    Some(taken) => taken,
                    None => self.count_here(tenant, limit),
                },
            },
        }
    }

    /// `Err`: another program counts for this one.
    fn take_alone(&self, tenant: Uuid, limit: u32) -> Result<(bool, u32, i64), Heir> {
        let heir = self.heir.read().unwrap_or_else(PoisonError::into_inner);
        match &*heir {
            Some(heir) => Err(heir.clone()),
            None => Ok(self.count_here(tenant, limit)),
        }
    }

    fn count_here(&self, tenant: Uuid, limit: u32) -> (bool, u32, i64) {
        let desk = self.desk(tenant, limit);
        let taken = desk.bucket().take_alone(self.now(), limit);
        self.told(&desk, matches!(taken, Taken::Admitted { .. }))
    }

    fn told(&self, desk: &Desk, is_admitted: bool) -> (bool, u32, i64) {
        let now = self.now_at(desk);
        let bucket = desk.bucket();
        if is_admitted {
            (true, bucket.remaining(), bucket.end() - now)
        } else {
            (false, 0, bucket.more_in(now))
        }
    }

    /// Lets `heir` count from this moment on, beginning with what was counted here.
    pub(super) fn cede(&self, heir: &Heir) {
        // Nobody counts here any more once this is held, nor asks the heir before it is let in.
        let mut ceded = self.heir.write().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let mut counts = Vec::new();
        if self.shared.is_none() {
            for shard in &self.shards {
                for (tenant, desk) in lock(shard).iter() {
                    let bucket = desk.bucket();
                    let (window, used) = bucket.count();
                    if bucket.end() > now {
                        counts.push(Count { tenant: *tenant, limit: bucket.limit(), window, used });
                    }
                }
            }
            *ceded = Some(heir.clone());
        }
        heir.enter(counts);
    }

    /// Counts again itself.
    pub(super) fn reclaim(&self) {
        *self.heir.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn restore(&self, counts: &[Count]) {
        for count in counts {
            self.desk(count.tenant, count.limit).bucket().restore(count.window, count.used);
        }
    }

    async fn take_shared(
        self: &Arc<Self>,
        shared: &Shared,
        desk: &Arc<Desk>,
        tenant: Uuid,
        limit: u32,
    ) -> bool {
        let mut taken = desk.bucket().take(self.now_at(desk), limit, shared.nodes());
        if taken == Taken::Ask {
            let _waiting = Waiting::new(&desk.waiting);
            let _turn = desk.question.lock().await;
            for attempt in 0..TRIES {
                taken = desk.bucket().take(self.now_at(desk), limit, shared.nodes());
                if taken != Taken::Ask {
                    break;
                }
                // The last moments of a window: what they give is void before it can be taken.
                if attempt > 1 {
                    sleep(Duration::from_millis(5)).await;
                }
                self.ask(shared, desk, tenant, desk.waiting.load(Ordering::Relaxed)).await;
            }
        }
        let (is_admitted, refill) = match taken {
            Taken::Admitted { refill } => (true, refill),
            Taken::Refused { refill } => (false, refill),
            Taken::Ask => (false, false),
        };
        if refill {
            tokio::spawn(self.clone().refill(desk.clone(), tenant));
        }
        is_admitted
    }

    /// Asks for more while nobody waits for it.
    async fn refill(self: Arc<Self>, desk: Arc<Desk>, tenant: Uuid) {
        let Some(shared) = &self.shared else { return };
        match desk.question.try_lock() {
            Ok(_turn) => self.ask(shared, &desk, tenant, 0).await,
            Err(_) => desk.bucket().need_no_refill(),
        }
    }

    /// One question to Redis; the caller holds the turn.
    async fn ask(&self, shared: &Shared, desk: &Desk, tenant: Uuid, waiting: u32) {
        let (stated, limit) = {
            let mut bucket = desk.bucket();
            (bucket.state(waiting, shared.nodes()), bucket.limit())
        };
        // Should the client go away meanwhile.
        let asking = Asking(desk);
        self.counts.questions.fetch_add(1, Ordering::Relaxed);
        let answer = shared.take(tenant, limit, stated, waiting).await;
        let lost = shared.lost(tenant);
        match answer {
            Ok((grant, reading, run)) => {
                *lock(&desk.clock) = Some(reading);
                *lock(&desk.told) = Some(run);
                desk.bucket().granted(reading.now(), grant, lost);
                if grant.holds_back > 0 {
                    shared.recall(tenant);
                }
                if desk.bucket().is_hot() {
                    shared.tell(tenant);
                }
            }
            Err(_) => {
                self.counts.alone.fetch_add(1, Ordering::Relaxed);
                desk.bucket().unanswered(self.now_at(desk), lost);
            }
        }
        drop(asking);
    }

    /// Keeps in touch with the other nodes, and gives back what they may need.
    pub(super) async fn keep_beating(self: Arc<Self>) {
        let Some(shared) = &self.shared else { return };
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut knows_all = true;
        loop {
            beats.tick().await;
            let hot = shared.beat().await;
            join_all(hot.into_iter().map(|tenant| self.refresh(shared, tenant))).await;
            knows_all &= !shared.has_changed();
            if !knows_all {
                knows_all = self.state_all(shared).await;
            }
        }
    }

    /// Tells a Redis that may know nothing of it what was used here, of every resort, before it gives anything to others.
    /// Says whether it knows all.
    async fn state_all(&self, shared: &Shared) -> bool {
        let mut knows_all = true;
        for some in self.all().chunks(AT_A_TIME) {
            let told = join_all(some.iter().map(|(tenant, desk)| self.state(shared, *tenant, desk))).await;
            knows_all &= told.into_iter().all(|is_told| is_told);
        }
        knows_all
    }

    async fn state(&self, shared: &Shared, tenant: Uuid, desk: &Desk) -> bool {
        let is_told = || shared.run(tenant).is_none_or(|run| *lock(&desk.told) == Some(run));
        let now = self.now_at(desk);
        if is_told() || !desk.bucket().has_used(now) {
            return true;
        }
        let _turn = desk.question.lock().await;
        self.ask(shared, desk, tenant, 0).await;
        is_told()
    }

    /// Gives back what is in hand: nobody will use it here.
    pub(super) async fn give_back(&self) {
        let Some(shared) = &self.shared else { return };
        for some in self.all().chunks(AT_A_TIME) {
            join_all(some.iter().map(|(tenant, desk)| self.leave(shared, *tenant, desk))).await;
        }
    }

    async fn leave(&self, shared: &Shared, tenant: Uuid, desk: &Desk) {
        let _turn = desk.question.lock().await;
        let now = self.now_at(desk);
        let stated = desk.bucket().give_back(now);
        if let Some(stated) = stated {
            let _asking = Asking(desk);
            // Of a limit of nothing nothing is given.
            let _ = shared.take(tenant, 0, stated, 0).await;
        }
    }

    fn all(&self) -> Vec<(Uuid, Arc<Desk>)> {
        let all = |shard: &Mutex<HashMap<Uuid, Arc<Desk>>>| {
            lock(shard).iter().map(|(tenant, desk)| (*tenant, desk.clone())).collect::<Vec<_>>()
        };
        self.shards.iter().flat_map(all).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Looks at a resort that is hot: gives back what is too much in hand, and learns once a second what is left.
    async fn refresh(&self, shared: &Shared, tenant: Uuid) {
        let known = lock(self.shard(tenant)).get(&tenant).cloned();
        let Some(desk) = known else { return };
        let now = self.now_at(&desk);
        let is_old = lock(&desk.clock).is_none_or(|reading| reading.age() > Duration::from_secs(1));
        let due = {
            let bucket = desk.bucket();
            bucket.holds_too_much(now, shared.nodes()) || (bucket.has_used(now) && is_old)
        };
        if due && let Ok(_turn) = desk.question.try_lock() {
            self.ask(shared, &desk, tenant, 0).await;
        }
    }

    /// The desk of a resort; those where nothing happened for long are cleared away as new ones come.
    fn desk(&self, tenant: Uuid, limit: u32) -> Arc<Desk> {
        let mut shard = lock(self.shard(tenant));
        if let Some(desk) = shard.get(&tenant) {
            return desk.clone();
        }
        if shard.len() >= 64 && shard.len().is_power_of_two() {
            let old = self.now() - self.length;
            shard.retain(|_, desk| Arc::strong_count(desk) > 1 || desk.bucket().end() > old);
        }
        let desk = Arc::new(Desk {
            bucket: Mutex::new(Bucket::new(limit, self.length)),
            clock: Mutex::default(),
            told: Mutex::default(),
            question: tokio::sync::Mutex::default(),
            waiting: AtomicU32::default(),
        });
        shard.insert(tenant, desk.clone());
        desk
    }

    fn shard(&self, tenant: Uuid) -> &Mutex<HashMap<Uuid, Arc<Desk>>> {
        let number = self.hasher.hash_one(tenant) % SHARDS as u64;
        &self.shards[usize::try_from(number).unwrap_or(0)]
    }

    /// By the clock that rules a resort's windows, or what is nearest to it.
    fn now_at(&self, desk: &Desk) -> i64 {
        let reading = *lock(&desk.clock);
        reading.map_or_else(|| self.now(), |reading| reading.now())
    }

    fn now(&self) -> i64 {
        let shared = self.shared.as_ref().and_then(Shared::now);
        shared.unwrap_or_else(|| self.clock.now().as_millisecond())
    }
}

impl Desk {
    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        lock(&self.bucket)
    }
}

/// A request that waits for an answer.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A question under way.
struct Asking<'a>(&'a Desk);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.bucket().asked();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
