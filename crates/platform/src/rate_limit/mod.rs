//! How many requests a resort may make in a window: by its tier or its own figure, exactly, over any number of nodes.
//! Only signed-in requests count for the resort; those of strangers count for their address, on each node (`bounded.rs`).
//!
//! With one node the count is kept in the process (`bucket.rs`). Several nodes share Redis (`shared.rs`): it gives each
//! small slices of a window's allowance, by its own clock, in one atomic script (`take.lua`); a request takes one from the
//! slice in hand without asking anybody (`desks.rs`). What is in hand when a window ends is void. Should Redis be lost, each
//! node goes on with its share of what was left; a Redis that comes back gives nothing until the nodes have told it what
//! they used.

mod bounded;
mod bucket;
mod desks;
mod shared;
mod sign_in;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::Platform;
use crate::client_address::{ClientAddress, network};
use crate::clock::Clock;
use crate::config::{Config, LimitMode};
use crate::problem::{Problem, Result};
use crate::redis::Link;
use crate::session::{self, Identity};
use crate::succession::Heir;
use bounded::Bounded;
use desks::Desks;
use shared::Shared;
use sign_in::subject;

/// How long a node that stops takes to give back what it has in hand; what it does not, nobody has in this window.
const FAREWELL: Duration = Duration::from_secs(1);

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
pub struct Limits(Arc<Parts>);

struct Parts {
    mode: LimitMode,
    window_seconds: u32,
    desks: Arc<Desks>,
    strangers: Bounded,
    clock: Clock,
    _beating: AbortOnDropHandle<()>,
}

/// The counts of a node, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    pub admitted: u64,
    pub refused: u64,
    /// Questions to Redis.
    pub questions: u64,
    /// Questions that Redis did not answer: this node decided alone.
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

/// What one program tells the next of a resort.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Count {
    tenant: Uuid,
    limit: u32,
    window: i64,
    used: u32,
}

/// What was decided about one request, and what to expect of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whose limit it is: `tenant` or `address`.
    pub policy: &'static str,
    pub is_admitted: bool,
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until there is more, rounded up: until the window ends, or until a Redis that began anew has heard of all nodes
    /// what they used.
    pub reset_seconds: u32,
    pub window_seconds: u32,
}

impl Limits {
    /// Limits through Redis where there is one, else in this process. Must be called on the runtime that will use it.
    pub fn new(config: &Config, redis: Option<Link>, clock: Clock) -> Self {
        let window_seconds = config.rate_limit_window_seconds;
        let length = i64::from(window_seconds) * 1000;
        let redis = redis.filter(|_| config.rate_limits == LimitMode::On);
        let desks = Arc::new(Desks::new(length, clock.clone(), redis.map(|link| Shared::new(link, length))));
        let beating = AbortOnDropHandle::new(tokio::spawn(desks.clone().keep_beating()));
        let (mode, strangers) = (config.rate_limits, Bounded::new(length));
        Self(Arc::new(Parts { mode, window_seconds, desks, strangers, clock, _beating: beating }))
    }

    /// Counts a request of `tenant`, whose limit is `limit`, and says whether it may go on. `None` when limits are off.
    pub async fn decide(&self, tenant: Uuid, limit: u32) -> Option<Decision> {
        if self.0.mode == LimitMode::Off {
            return None;
        }
        let decision = self.decision("tenant", limit, self.take(tenant, limit).await);
        let counts = &self.0.desks.counts;
        let count = if decision.is_admitted { &counts.admitted } else { &counts.refused };
        count.fetch_add(1, Ordering::Relaxed);
        Some(decision)
    }

    /// The same for what is limited beside the resorts' requests: counted by this node alone, in bounded memory.
    fn judge(&self, subject: Uuid, limit: u32) -> Option<Decision> {
        if self.0.mode == LimitMode::Off {
            return None;
        }
        let now = self.0.clock.now().as_millisecond();
        Some(self.decision("address", limit, self.0.strangers.take(subject, limit, now)))
    }

    /// Counts a request without a session for the network of its address.
    fn stranger(&self, address: ClientAddress, limit: u32) -> Option<Decision> {
        let decision = self.judge(subject(&format!("requests from {}", network(address.0))), limit)?;
        if !decision.is_admitted {
            self.0.desks.counts.strangers_refused.fetch_add(1, Ordering::Relaxed);
        }
        Some(decision)
    }

    fn decision(
        &self,
        policy: &'static str,
        limit: u32,
        (is_admitted, remaining, left): (bool, u32, i64),
    ) -> Decision {
        let window_seconds = self.0.window_seconds;
        let reset = u32::try_from(left.saturating_add(999) / 1000).unwrap_or(1);
        let reset_seconds = reset.clamp(1, window_seconds);
        Decision { policy, is_admitted, limit, remaining, reset_seconds, window_seconds }
    }

    /// Takes one: whether it may, how many are left, and for how many milliseconds; or in how many there is more.
    pub(crate) async fn take(&self, tenant: Uuid, limit: u32) -> (bool, u32, i64) {
        self.0.desks.take(tenant, limit).await
    }

    /// Lets in the program that follows, with what was counted here; it is asked about every request from this moment on.
    pub fn cede(&self, heir: &Heir) {
        self.0.desks.cede(heir);
    }

    /// Gives the other nodes what this one has in hand, as it will not use it.
    pub async fn give_back(&self) {
        let _ = timeout(FAREWELL, self.0.desks.give_back()).await;
    }

    /// The program that was to follow is gone: counts again itself.
    pub fn reclaim(&self) {
        self.0.desks.reclaim();
    }

    /// Goes on where the program before stopped.
    pub(crate) fn restore(&self, counts: &[Count]) {
        self.0.desks.restore(counts);
    }

    pub fn stats(&self) -> Stats {
        let counts = &self.0.desks.counts;
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Stats {
            admitted: count(&counts.admitted),
            refused: count(&counts.refused),
            questions: count(&counts.questions),
            alone: count(&counts.alone),
            tenants: self.0.desks.len(),
            addresses: self.0.strangers.entries(),
            nodes: self.0.desks.nodes(),
            strangers_refused: count(&counts.strangers_refused),
            sign_ins_refused: count(&counts.sign_ins_refused),
            sign_ins_slowed: count(&counts.sign_ins_slowed),
        }
    }
}

/// Finds out who is asking, refuses what goes beyond the limit of the resort or of a stranger's address, and tells on every
/// counted answer how much is left.
pub(crate) async fn layer(
    platform: &Platform,
    mut request: Request,
    identify: impl AsyncFnOnce(&mut Request) -> Result<()>,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let address = request.extensions().get::<ClientAddress>().copied();
    let stranger =
        || address.and_then(|from| platform.limits.stranger(from, platform.config.requests_per_address));
    // One that shows no session is counted before anything is looked up for it.
    let is_shown = session::is_shown(&platform.config, request.headers());
    let mut decision = if is_shown { None } else { stranger() };
    let mut identified = Ok(());
    if decision.is_none_or(|decision| decision.is_admitted) {
        identified = identify(&mut request).await;
    }
    if is_shown && session::is_signed_in(request.extensions()) {
        decision = match counted_for(&request) {
            Some((tenant, limit)) => platform.limits.decide(tenant, limit).await,
            None => None,
        };
    } else if is_shown {
        decision = stranger();
    }
    let refusal = decision.filter(|decision| !decision.is_admitted).map(Decision::refusal);
    let mut response = match (refusal, identified) {
        (Some(problem), _) | (None, Err(problem)) => problem.into_response(),
        (None, Ok(())) => next(request).await,
    };
    if let Some(decision) = decision {
        decision.tell(response.headers_mut());
    }
    response
}

/// The resort that a signed-in request counts for, and its limit. Operators have none.
fn counted_for(request: &Request) -> Option<(Uuid, u32)> {
    let tenant = request.extensions().get::<Identity>().map(|identity| &identity.tenant);
    let tenant = tenant.filter(|_| !UNCOUNTED.contains(&request.uri().path()))?;
    Some((tenant.id, tenant.limit()))
}

impl Decision {
    fn refusal(self) -> Problem {
        if self.policy == "tenant" {
            Problem::too_many_requests(self.reset_seconds)
        } else {
            Problem::too_many_from_address(self.reset_seconds)
        }
    }

    fn tell(&self, headers: &mut HeaderMap) {
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
