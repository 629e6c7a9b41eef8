//! Counts every request for its resort, or for the address of a stranger.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use base::problem::Result;
use uuid::Uuid;

use super::limits::{Decision, Early, is_counted};
use crate::client_address::ClientAddress;
use crate::identity::{Identity, is_shown, is_signed_in};
use crate::state::Platform;

/// Finds out who is asking, refuses what goes beyond the limit of the resort or of a stranger's address, and tells on every
/// counted answer how much is left.
pub(crate) async fn layer(
    platform: &Platform,
    mut request: Request,
    identify: impl AsyncFnOnce(&mut Request) -> Result<Option<Early>>,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let address = request.extensions().get::<ClientAddress>().copied();
    let stranger =
        || address.and_then(|from| platform.limits.stranger(from, platform.settings.requests_per_address));
    // One that shows no session is counted before anything is looked up for it.
    let shows_session = is_shown(&platform.settings, request.headers());
    let mut decision = if shows_session { None } else { stranger() };
    let mut identified = Ok(None);
    if decision.is_none_or(|decision| decision.is_admitted) {
        identified = identify(&mut request).await;
    }
    if shows_session && is_signed_in(request.extensions()) {
        decision = match counted_for(&request) {
            Some((tenant, limit)) => {
                let early = identified.as_mut().ok().and_then(Option::take);
                match early.and_then(|early| early.used_for(tenant, limit)) {
                    Some(decision) => Some(decision),
                    None => platform.limits.decide(tenant, limit).await,
                }
            }
            None => None,
        };
    } else if shows_session {
        decision = stranger();
    }
    let refusal = decision.filter(|decision| !decision.is_admitted).map(Decision::refusal);
    let mut response = match (refusal, identified) {
        (Some(problem), _) | (None, Err(problem)) => problem.into_response(),
        (None, Ok(_)) => next(request).await,
    };
    if let Some(decision) = decision {
        decision.tell(response.headers_mut());
    }
    response
}

/// The resort that a signed-in request counts for, and its limit. Operators have none.
fn counted_for(request: &Request) -> Option<(Uuid, u32)> {
    let tenant = request.extensions().get::<Identity>().map(|identity| &identity.tenant);
    let tenant = tenant.filter(|_| is_counted(request))?;
    Some((tenant.id, tenant.limit()))
}
