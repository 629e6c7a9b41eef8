//! How many requests a resort may make in a window: by its tier or its own figure, exactly, over any number of nodes.
//!
//! With one node the count is kept in the process (`bucket.rs`). Several nodes share Redis (`shared.rs`): it gives each
//! small slices of a window's allowance, by its own clock, in one atomic script (`take.lua`); a request takes one from the
//! slice in hand without asking anybody (`desks.rs`). What is in hand when a window ends is void. Should Redis be lost, each
//! node goes on with its share of what was left; a Redis that comes back gives nothing until the nodes have told it what
//! they used.

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
use crate::clock::Clock;
use crate::config::{Config, LimitMode};
use crate::problem::Problem;
use crate::redis::Link;
use crate::session::Identity;
use crate::succession::Heir;
use desks::Desks;
use shared::Shared;
pub use sign_in::{Peer, Proxies};

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
    /// The nodes that share the limits, as last seen.
    pub nodes: u32,
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
        let desks = Arc::new(Desks::new(length, clock, redis.map(|link| Shared::new(link, length))));
        let beating = AbortOnDropHandle::new(tokio::spawn(desks.clone().keep_beating()));
        let mode = config.rate_limits;
        Self(Arc::new(Parts { mode, window_seconds, desks, _beating: beating }))
    }

    /// Counts a request of `tenant`, whose limit is `limit`, and says whether it may go on. `None` when limits are off.
    pub async fn decide(&self, tenant: Uuid, limit: u32) -> Option<Decision> {
        let decision = self.judge(tenant, limit).await?;
        let counts = &self.0.desks.counts;
        let count = if decision.is_admitted { &counts.admitted } else { &counts.refused };
        count.fetch_add(1, Ordering::Relaxed);
        Some(decision)
    }

    /// The same for what is limited beside the resorts' requests.
    async fn judge(&self, subject: Uuid, limit: u32) -> Option<Decision> {
        if self.0.mode == LimitMode::Off {
            return None;
        }
        let window_seconds = self.0.window_seconds;
        let (is_admitted, remaining, left) = self.take(subject, limit).await;
        let reset = u32::try_from(left.saturating_add(999) / 1000).unwrap_or(1);
        let reset_seconds = reset.clamp(1, window_seconds);
        Some(Decision { is_admitted, limit, remaining, reset_seconds, window_seconds })
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
            nodes: self.0.desks.nodes(),
            sign_ins_refused: count(&counts.sign_ins_refused),
            sign_ins_slowed: count(&counts.sign_ins_slowed),
        }
    }
}

/// Refuses what goes beyond the resort's limit, and tells on every answer how much is left.
pub(crate) async fn layer(
    platform: &Platform,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let tenant = request.extensions().get::<Identity>().map(|identity| &identity.tenant);
    let tenant = tenant.filter(|_| !UNCOUNTED.contains(&request.uri().path()));
    let Some((id, limit)) = tenant.map(|tenant| (tenant.id, tenant.limit())) else {
        return next(request).await;
    };
    let Some(decision) = platform.limits.decide(id, limit).await else { return next(request).await };
    let mut response = if decision.is_admitted {
        next(request).await
    } else {
        Problem::too_many_requests(decision.reset_seconds).into_response()
    };
    decision.tell(response.headers_mut());
    response
}

impl Decision {
    fn tell(&self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, self.limit.into());
        headers.insert(REMAINING, self.remaining.into());
        headers.insert(RESET, self.reset_seconds.into());
        let field = format!("\"tenant\";r={};t={}", self.remaining, self.reset_seconds);
        let policy = format!("\"tenant\";q={};w={}", self.limit, self.window_seconds);
        for (name, text) in [(FIELD, field), (POLICY, policy)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}
