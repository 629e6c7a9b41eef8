//! The transaction of one request: opened when it is its turn, ended when the handler has answered.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use base::problem::{Problem, Result};
use futures_util::future::BoxFuture;
use http::request::Parts;
use jiff::Timestamp;
use store::notes::Notes;
use store::transaction::{Stats, Tx};
use tracing::Instrument;

use crate::fairness::{Flow, Work};
use crate::idempotency::{self, Claim, Outcome, Principal};
use crate::identity::Identity;
use crate::request_id::RequestId;
use crate::state::Platform;

/// A transaction, and the idempotency key that its request claimed, until its answer is kept or the key is given back.
pub(super) struct RequestTx {
    tx: Tx,
    claim: Mutex<Option<Claim>>,
}

impl Deref for RequestTx {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl RequestTx {
    pub(super) fn new(tx: Tx) -> Self {
        Self { tx, claim: Mutex::default() }
    }

    fn take_claim(&self) -> Option<Claim> {
        self.claim.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Commits while the request is not over: it may still be refused, so its key is given back.
    pub(super) async fn commit_early(&self) -> Result<()> {
        if let Some(claim) = self.take_claim() {
            idempotency::release(&self.tx, &claim).await?;
        }
        self.tx.commit().await
    }

    /// Commits a request that succeeded, together with its answer where it has a key.
    pub(super) async fn commit_with(&self, response: Response) -> Result<Response> {
        let response = match self.take_claim() {
            Some(claim) => idempotency::keep(&self.tx, &claim, response).await?,
            None => response,
        };
        self.tx.commit().await?;
        Ok(response)
    }

    /// Claims the request's idempotency key for `principal`.
    ///
    /// # Errors
    /// The answer kept from the first time the same request was made, or a refusal.
    pub(super) async fn claim(
        &self,
        principal: Principal,
        now: Timestamp,
        parts: &Parts,
        platform: &Platform,
    ) -> Result<(), Response> {
        match idempotency::claim(&self.tx, principal, now, &platform.keys, parts).await {
            Ok(Outcome::Unkeyed) => Ok(()),
            Ok(Outcome::First(claim)) => {
                *self.claim.lock().unwrap_or_else(PoisonError::into_inner) = Some(claim);
                Ok(())
            }
            Ok(Outcome::Repeat(response)) => Err(response),
            Err(problem) => Err(problem.into_response()),
        }
    }
}

type End = Box<dyn FnOnce(Response) -> BoxFuture<'static, Result<Response>> + Send>;

/// Where a handler's transaction waits for [`layer`] to end it.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<Option<End>>>);

/// Has `end` commit what was changed when the handler succeeds.
pub(super) fn at_the_end<F>(parts: &Parts, end: impl FnOnce(Response) -> F + Send + 'static)
where
    F: Future<Output = Result<Response>> + Send + 'static,
{
    if let Some(mut slot) = parts.extensions.get::<Slot>().and_then(|slot| slot.0.lock().ok()) {
        *slot = Some(Box::new(|response| Box::pin(end(response))));
    }
}

/// Ends the write a handler began: committed, together with the answer kept for a repeat, when the handler succeeded.
pub(crate) async fn layer(mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let slot = Slot::default();
    request.extensions_mut().insert(slot.clone());
    let response = next(request).await;
    let end = slot.0.lock().ok().and_then(|mut slot| slot.take());
    let Some(end) = end.filter(|_| response.status().is_success()) else { return response };
    // Its own task: a client that goes away now leaves a commit that is carried through, and no mark behind.
    let ended = tokio::spawn(end(response).in_current_span()).await;
    let ended = ended.unwrap_or_else(|error| Err(Problem::internal(error)));
    ended.unwrap_or_else(IntoResponse::into_response)
}

/// Begins a transaction for a request, when it is its turn.
///
/// # Errors
/// 503.
pub(super) async fn open(parts: &Parts, platform: &Platform, mode: &str) -> Result<RequestTx> {
    let stats = parts.extensions.get::<Arc<Stats>>().cloned().unwrap_or_default();
    let request_id = parts.extensions.get::<RequestId>().map_or("", |id| &id.0);
    let notes = parts.extensions.get::<Arc<Notes>>().cloned().unwrap_or_default();
    let work = parts.extensions.get::<Work>().copied().unwrap_or_default();
    let of_resort = || parts.extensions.get::<Identity>().map_or(Flow::PLATFORM, |who| Flow::of(&who.tenant));
    let flow = parts.extensions.get::<Flow>().copied().unwrap_or_else(of_resort);
    if !parts.method.is_safe() {
        stats.wait(platform.versions.until_writable()).await;
    }
    let place = stats.wait(platform.line.place(flow, work)).await?;
    let leased = platform.database.lease(stats, notes, Some(Box::new(place))).await?;
    Ok(RequestTx::new(Tx::begin(leased, mode, request_id)))
}
