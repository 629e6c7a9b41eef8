//! The counts of every resort: kept in this process, or with Redis asked about each request (`count.lua`).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::taken::{Count, Successor, Taken};
use super::usage::{Answer, Usage};
use base::clock::Clock;
use store::redis::{Answered, Link, Question, Script, Unreachable};

/// How often a node looks whether Redis has to be told anew what was admitted here.
const LOOK: Duration = Duration::from_millis(300);

/// How many resorts are told of in one message.
const AT_A_TIME: usize = 64;

static COUNT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("count.lua")));

pub(super) struct Tenants {
    length: i64,
    clock: Clock,
    pub(super) link: Option<Link>,
    /// This node's name in Redis.
    node: String,
    nodes: Box<dyn Fn() -> u32 + Send + Sync>,
    state: Mutex<State>,
    is_lost: AtomicBool,
    /// Requests that were decided without Redis, where there is one.
    pub(super) alone: Counter,
}

#[derive(Default)]
struct State {
    usages: HashMap<Uuid, Usage>,
    /// What Redis' clock last showed, and when.
    clock: Option<(Instant, i64)>,
    /// After a reload without Redis: the program that counts from now on.
    successor: Option<Arc<dyn Successor>>,
}

impl Tenants {
    pub(super) fn new(
        length: i64,
        clock: Clock,
        link: Option<Link>,
        nodes: impl Fn() -> u32 + Send + Sync + 'static,
    ) -> Self {
        let node = Uuid::from_u128(rand::random()).simple().to_string();
        let (state, is_lost, alone) = Default::default();
        Self { length, clock, link, node, nodes: Box::new(nodes), state, is_lost, alone }
    }

    /// How many nodes share the limits, as far as is known.
    pub(super) fn nodes(&self) -> u32 {
        if self.link.is_some() { (self.nodes)().max(1) } else { 1 }
    }

    /// Counts a request if the limit allows it.
    pub(super) async fn take(&self, tenant: Uuid, limit: u32) -> Taken {
        if let Some(link) = &self.link {
            let answer = link.ask(&[self.question(tenant, limit)]).await.pop();
            let answer = answer.unwrap_or_else(|| Err(Unreachable::of("no answer")));
            return self.hear(tenant, limit, answer).0;
        }
        let successor = {
            let mut state = self.state();
            match state.successor.clone() {
                Some(successor) => successor,
                None => return self.take_here(&mut state, tenant, limit),
            }
        };
        match successor.take(tenant, limit).await {
            Some(taken) => taken,
            None => self.take_here(&mut self.state(), tenant, limit),
        }
    }

    fn take_here(&self, state: &mut State, tenant: Uuid, limit: u32) -> Taken {
        let now = self.now(state);
        let (length, nodes) = (self.length, self.nodes());
        self.usage(state, tenant, now).take(now, length, limit, nodes)
    }

    /// The question to Redis that counts a request.
    pub(super) fn question(&self, tenant: Uuid, limit: u32) -> Question<'static> {
        self.ask(tenant, limit, 1, None)
    }

    fn ask(&self, tenant: Uuid, limit: u32, count: i32, window: Option<i64>) -> Question<'static> {
        let usage = self.state().usages.get(&tenant).cloned().unwrap_or_default();
        let is_current = window.is_none_or(|window| window == usage.window);
        let (own, known) = if is_current { (usage.own, usage.known()) } else { (0, 0) };
        let words = [self.length, limit.into(), window.unwrap_or(usage.window), own.into(), known.into()];
        let words = words.iter().map(i64::to_string);
        let words = [self.node.clone(), count.to_string()].into_iter().chain(words).collect();
        Question::script(&COUNT, self.key(tenant), words)
    }

    /// The plan's name for the usual window; windows of another length are counted apart.
    fn key(&self, tenant: Uuid) -> String {
        match self.length {
            900_000 => format!("rl:tenant:{tenant}"),
            other => format!("rl:tenant:{tenant}:{other}"),
        }
    }

    /// What Redis' answer to [`Self::question`] means, and the window in which it counted the request. Without an answer the
    /// request is counted here.
    pub(super) fn hear(
        &self,
        tenant: Uuid,
        limit: u32,
        answered: Result<Answered, Unreachable>,
    ) -> (Taken, Option<i64>) {
        match self.note(tenant, answered) {
            Ok(Answer { now, window, count, total, .. }) => {
                let left = window + self.length - now;
                let taken = Taken { is_admitted: count > 0, remaining: limit.saturating_sub(total), left };
                (taken, Some(window))
            }
            Err(error) => {
                self.alone.inc();
                if !self.is_lost.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, nodes = self.nodes(), "limits: redis is lost, each node limits to its share");
                }
                (self.take_here(&mut self.state(), tenant, limit), None)
            }
        }
    }

    fn note(&self, tenant: Uuid, answered: Result<Answered, Unreachable>) -> Result<Answer, Unreachable> {
        let Answered { value, run, .. } = answered?;
        let (now, window, count, total, own) =
            redis::from_redis_value(value).map_err(|error| Unreachable::of(&error.to_string()))?;
        let answer = Answer { now, window, count, total, own };
        if self.is_lost.swap(false, Ordering::Relaxed) {
            tracing::info!("limits: redis is back, limits are exact again");
        }
        let mut state = self.state();
        state.clock = Some((Instant::now(), now));
        self.usage(&mut state, tenant, now).hear(&answer, run);
        Ok(answer)
    }

    /// Takes back a request that Redis counted in `window`.
    pub(super) async fn take_back(&self, tenant: Uuid, limit: u32, window: i64) {
        self.say(&[(tenant, self.ask(tenant, limit, -1, Some(window)))]).await;
    }

    /// Takes back a request that was counted here.
    pub(super) fn take_back_here(&self, tenant: Uuid) {
        if let Some(usage) = self.state().usages.get_mut(&tenant) {
            usage.own = usage.own.saturating_sub(1);
        }
    }

    async fn say(&self, questions: &[(Uuid, Question<'static>)]) {
        let Some(link) = &self.link else { return };
        let (tenants, questions): (Vec<Uuid>, Vec<_>) = questions.iter().cloned().unzip();
        for (tenant, answer) in tenants.into_iter().zip(link.ask(&questions).await) {
            // Without an answer it is said again, or costs the resort one request.
            let _ = self.note(tenant, answer);
        }
    }

    /// Tells Redis again what was admitted here whenever it may not know: after it began anew, and after a time without it.
    pub(super) async fn keep_telling(self: Arc<Self>) {
        let Some(link) = &self.link else { return };
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let untold: Vec<_> = {
                let state = self.state();
                let now = self.now(&state);
                let is_untold = |tenant: Uuid, usage: &Usage| {
                    let run = link.run(&self.key(tenant));
                    usage.own > 0 && usage.window + self.length > now && run.is_some() && usage.told != run
                };
                let usages = state.usages.iter().map(|(tenant, usage)| (*tenant, usage));
                usages.filter(|(tenant, usage)| is_untold(*tenant, usage)).map(|(tenant, _)| tenant).collect()
            };
            for some in untold.chunks(AT_A_TIME) {
                let questions = some.iter().map(|tenant| (*tenant, self.ask(*tenant, 0, 0, None)));
                self.say(&questions.collect::<Vec<_>>()).await;
            }
        }
    }

    /// Lets `successor` in, which counts from this moment on, beginning with what was counted here.
    pub(super) fn cede(&self, successor: Arc<dyn Successor>) {
        // Nobody counts here any more while this is held, nor asks the successor before it is let in.
        let mut state = self.state();
        let mut counts = Vec::new();
        if self.link.is_none() {
            let now = self.now(&state);
            let current = state.usages.iter().filter(|(_, usage)| usage.window + self.length > now);
            counts.extend(current.map(|(tenant, usage)| Count {
                tenant: *tenant,
                window: usage.window,
                used: usage.own,
            }));
            state.successor = Some(successor.clone());
        }
        successor.enter(counts);
    }

    /// The successor is gone: counts again here.
    pub(super) fn reclaim(&self) {
        self.state().successor = None;
    }

    pub(super) fn restore(&self, counts: &[Count]) {
        let restored = |count: &Count| (count.tenant, Usage::restored(count.window, count.used));
        self.state().usages.extend(counts.iter().map(restored));
    }

    pub(super) fn len(&self) -> usize {
        self.state().usages.len()
    }

    /// What is known of a resort; those whose windows are over are dropped before more room is taken.
    fn usage<'a>(&self, state: &'a mut State, tenant: Uuid, now: i64) -> &'a mut Usage {
        let usages = &mut state.usages;
        if usages.len() == usages.capacity() && !usages.contains_key(&tenant) {
            usages.retain(|_, usage| usage.window + self.length > now);
        }
        usages.entry(tenant).or_default()
    }

    /// By Redis' clock, if it was ever seen.
    fn now(&self, state: &State) -> i64 {
        match state.clock {
            Some((at, shown)) => shown + i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX / 2),
            None => self.clock.now().as_millisecond(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
