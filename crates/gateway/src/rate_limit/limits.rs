//! Limits of requests for each resort and window: by its tier or its own figure, exactly, over any number of nodes. Only
//! signed-in requests count for the resort; those of strangers count for their address, on each node (`bounded.rs`).
//!
//! With one node the count is kept in the process. Several nodes share Redis, which counts every request by its own clock
//! (`tenants.rs`, `count.lua`). While it cannot be reached, each node admits its part of what was left (`usage.rs`).

use std::sync::Arc;

use axum::extract::Request;
use base::clock::Clock;
use base::figures::{counters, gauge};
use base::problem::Problem;
use http::{HeaderMap, HeaderName, HeaderValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use store::redis::{Answered, Link, Question, Unreachable};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::bounded::{Bounded, subject};
use super::taken::{Count, Successor, Taken};
use super::tenants::Tenants;
use crate::client_address::{ClientAddress, network};
use crate::settings::{LimitMode, Settings};

/// Open streams are held for hours: they are not counted.
const UNCOUNTED: [&str; 1] = ["/api/events"];

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// The two fields of draft-ietf-httpapi-ratelimit-headers-10.
const FIELD: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The limits of a node; copies share them.
#[derive(Clone)]
pub struct Limits(pub(super) Arc<Parts>);

pub(super) struct Parts {
    mode: LimitMode,
    window_seconds: u32,
    tenants: Arc<Tenants>,
    strangers: Bounded,
    clock: Clock,
    pub(super) counts: Counts,
    _telling: AbortOnDropHandle<()>,
}

/// How often what happened, since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    admitted: Counter,
    refused: Counter,
    strangers_refused: Counter,
    pub(super) sign_ins_refused: Counter,
    pub(super) sign_ins_slowed: Counter,
}

/// The counts of a node, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    pub admitted: u64,
    pub refused: u64,
    /// Requests that this node decided alone, as Redis did not answer.
    pub alone: u64,
    /// Resorts, and strangers' addresses, that are remembered at this moment.
    pub tenants: usize,
    pub addresses: u64,
    /// The nodes that share the limits, as last seen.
    pub nodes: u32,
    /// Requests without a session that were too many for their address.
    pub strangers_refused: u64,
    /// Attempts to sign in that were too many for their address.
    pub sign_ins_refused: u64,
    /// Those that were told to wait, after wrong passwords before them.
    pub sign_ins_slowed: u64,
}

/// What was decided about one request, and what to expect of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whose limit it is: `tenant` or `address`.
    pub policy: &'static str,
    pub is_admitted: bool,
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until the window ends, rounded up.
    pub reset_seconds: u32,
    pub window_seconds: u32,
}

impl Limits {
    /// Limits through Redis where there is one, else in this process. `nodes` says how many nodes there are at the moment. Must be
    /// called on the runtime that will use it.
    pub fn new(
        settings: &Settings,
        redis: Option<Link>,
        clock: Clock,
        nodes: impl Fn() -> u32 + Send + Sync + 'static,
    ) -> Self {
        let window_seconds = settings.rate_limit_window_seconds;
        let length = i64::from(window_seconds) * 1000;
        let redis = redis.filter(|_| settings.rate_limits == LimitMode::On);
        let tenants = Arc::new(Tenants::new(length, clock.clone(), redis, nodes));
        let telling = AbortOnDropHandle::new(tokio::spawn(tenants.clone().keep_telling()));
        let (mode, strangers, counts) = (settings.rate_limits, Bounded::new(length), Counts::default());
        Self(Arc::new(Parts { mode, window_seconds, tenants, strangers, clock, counts, _telling: telling }))
    }

    /// Counts a request of `tenant`, whose limit is `limit`, and says whether it may go on. `None` when limits are off.
    pub async fn decide(&self, tenant: Uuid, limit: u32) -> Option<Decision> {
        if self.0.mode == LimitMode::Off {
            return None;
        }
        let taken = self.take(tenant, limit).await;
        Some(self.decided(limit, taken))
    }

    fn decided(&self, limit: u32, taken: Taken) -> Decision {
        let counts = &self.0.counts;
        let count = if taken.is_admitted { &counts.admitted } else { &counts.refused };
        count.inc();
        self.decision("tenant", limit, taken)
    }

    /// The question that counts a request of whoever seems to be asking, to be sent together with others. `None` where
    /// Redis does not count.
    pub(crate) fn question(&self, tenant: Uuid, limit: u32) -> Option<Question<'static>> {
        self.0.tenants.link.is_some().then(|| self.0.tenants.question(tenant, limit))
    }

    /// What was answered to [`Self::question`].
    pub(crate) fn early(
        &self,
        tenant: Uuid,
        limit: u32,
        answered: std::result::Result<Answered, Unreachable>,
    ) -> Early {
        let (taken, window) = self.0.tenants.hear(tenant, limit, answered);
        Early { limits: self.clone(), tenant, limit, taken, window, is_used: false }
    }

    /// The same for what is limited beside the resorts' requests: counted by this node alone, in bounded memory.
    pub(super) fn judge(&self, subject: Uuid, limit: u32) -> Option<Decision> {
        if self.0.mode == LimitMode::Off {
            return None;
        }
        let now = self.0.clock.now().as_millisecond();
        Some(self.decision("address", limit, self.0.strangers.take(subject, limit, now)))
    }

    /// Counts a request without a session for the network of its address.
    pub(super) fn stranger(&self, address: ClientAddress, limit: u32) -> Option<Decision> {
        let decision = self.judge(subject(&format!("requests from {}", network(address.0))), limit)?;
        if !decision.is_admitted {
            self.0.counts.strangers_refused.inc();
        }
        Some(decision)
    }

    fn decision(&self, policy: &'static str, limit: u32, taken: Taken) -> Decision {
        let Taken { is_admitted, remaining, left } = taken;
        let window_seconds = self.0.window_seconds;
        let reset = u32::try_from(left.saturating_add(999) / 1000).unwrap_or(1);
        let reset_seconds = reset.clamp(1, window_seconds);
        Decision { policy, is_admitted, limit, remaining, reset_seconds, window_seconds }
    }

    pub async fn take(&self, tenant: Uuid, limit: u32) -> Taken {
        self.0.tenants.take(tenant, limit).await
    }

    /// Lets in the program that follows, with what was counted here; without Redis it is asked about every request from this
    /// moment on.
    pub fn cede(&self, successor: Arc<dyn Successor>) {
        self.0.tenants.cede(successor);
    }

    /// The program that was to follow is gone: counts again itself.
    pub fn reclaim(&self) {
        self.0.tenants.reclaim();
    }

    /// Goes on where the program before stopped.
    pub fn restore(&self, counts: &[Count]) {
        self.0.tenants.restore(counts);
    }

    pub fn stats(&self) -> Stats {
        let counts = &self.0.counts;
        Stats {
            admitted: counts.admitted.get(),
            refused: counts.refused.get(),
            alone: self.0.tenants.alone.get(),
            tenants: self.0.tenants.len(),
            addresses: self.0.strangers.entries(),
            nodes: self.0.tenants.nodes(),
            strangers_refused: counts.strangers_refused.get(),
            sign_ins_refused: counts.sign_ins_refused.get(),
            sign_ins_slowed: counts.sign_ins_slowed.get(),
        }
    }

    /// Adds what is counted here to what Prometheus is told.
    pub fn register(&self, registry: &mut Registry) {
        let by_decision = |counts: [(&'static str, &Counter); 2]| {
            let counts = counts.map(|(decision, count)| (decision, count.clone()));
            counters(move || counts.clone().map(|(decision, count)| ([("decision", decision)], count.get())))
        };
        let counts = &self.0.counts;
        let decisions = by_decision([("admitted", &counts.admitted), ("refused", &counts.refused)]);
        let about = "Requests within their resort's limit, and beyond";
        registry.register("tailtown_limiter_decisions", about, decisions);
        let held_up =
            by_decision([("slowed", &counts.sign_ins_slowed), ("refused", &counts.sign_ins_refused)]);
        let about =
            "Attempts to sign in that were held up: after wrong passwords, or too many from an address";
        registry.register("tailtown_limiter_sign_ins", about, held_up);
        let tenants = &self.0.tenants;
        let about = "Requests that were decided without Redis";
        registry.register("tailtown_limiter_alone", about, tenants.alone.clone());
        let tenants = tenants.clone();
        let nodes = gauge(move || tenants.nodes());
        registry.register("tailtown_limiter_nodes", "Nodes that share the limits", nodes);
    }
}

/// A request that was counted before it was certain who asks. Dropped unused, it is taken back.
pub(crate) struct Early {
    limits: Limits,
    tenant: Uuid,
    limit: u32,
    taken: Taken,
    /// The window in which Redis counted it; `None` when it was counted here.
    window: Option<i64>,
    is_used: bool,
}

impl Early {
    pub(super) fn used_for(mut self, tenant: Uuid, limit: u32) -> Option<Decision> {
        self.is_used = (self.tenant, self.limit) == (tenant, limit);
        self.is_used.then(|| self.limits.decided(limit, self.taken))
    }
}

impl Drop for Early {
    fn drop(&mut self) {
        if self.is_used || !self.taken.is_admitted {
            return;
        }
        let (tenants, tenant, limit) = (self.limits.0.tenants.clone(), self.tenant, self.limit);
        match self.window {
            Some(window) => {
                tokio::spawn(async move { tenants.take_back(tenant, limit, window).await });
            }
            None => tenants.take_back_here(tenant),
        }
    }
}

pub(crate) fn is_counted(request: &Request) -> bool {
    !UNCOUNTED.contains(&request.uri().path())
}

impl Decision {
    pub(super) fn refusal(self) -> Problem {
        if self.policy == "tenant" {
            Problem::too_many_requests(self.reset_seconds)
        } else {
            Problem::too_many_from_address(self.reset_seconds)
        }
    }

    pub(super) fn tell(&self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, self.limit.into());
        headers.insert(REMAINING, self.remaining.into());
        headers.insert(RESET, self.reset_seconds.into());
        let field = format!("\"{}\";r={};t={}", self.policy, self.remaining, self.reset_seconds);
        let policy = format!("\"{}\";q={};w={}", self.policy, self.limit, self.window_seconds);
        for (name, text) in [(FIELD, field), (POLICY, policy)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}
