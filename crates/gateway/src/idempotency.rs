//! The same request twice acts once: the answer is kept with the change it made, in the same transaction.
//!
//! Nothing is kept of a request that is refused, and nothing at all on routes whose requests or answers are secret
//! (`Routes::post_unkeyed`).

use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use jiff::Timestamp;
use queries::client::{GenericClient, Params};
use queries::queries::idempotency_keys as sql;
use schemars::json_schema;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::describe;
use crate::extract::RequestBody;
use base::problem::{Problem, Result};
use store::keys::Keys;

pub(crate) const HEADER: &str = "Idempotency-Key";

/// What the document says of a route without keys.
pub(crate) const IGNORED: &str =
    "An `Idempotency-Key` is ignored here: nothing of this request or its answer is kept.";

/// How long an answer is kept for a repeat.
pub const KEPT_HOURS: i64 = 24;

/// In the extensions of requests to a route without keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unkeyed;

/// Whose key it is: each has their own.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Principal {
    Staff { tenant_id: Uuid, staff_id: Uuid },
    Operator(Uuid),
}

/// A key this request claimed first; the answer goes with it.
#[derive(Debug)]
pub(crate) struct Claim {
    principal: Principal,
    key: String,
}

pub(crate) enum Outcome {
    /// The request carries no key, or goes to a route without keys.
    Unkeyed,
    First(Claim),
    /// The same request succeeded before: this was its answer.
    Repeat(Response),
}

/// Claims the request's `Idempotency-Key`. While another request with the same key is under way this waits for it: the
/// database's unique index decides which of them acts.
///
/// # Errors
/// 422 for a key that cannot be used, or that was used for a different request.
pub(crate) async fn claim<C: GenericClient>(
    client: &C,
    principal: Principal,
    now: Timestamp,
    keys: &Keys,
    parts: &Parts,
) -> Result<Outcome> {
    if parts.method != Method::POST || parts.extensions.get::<Unkeyed>().is_some() {
        return Ok(Outcome::Unkeyed);
    }
    let Some(value) = parts.headers.get(HEADER) else { return Ok(Outcome::Unkeyed) };
    let key = value.to_str().ok().map(str::trim).filter(|key| (1..=255).contains(&key.len()));
    let key = key.ok_or_else(|| Problem::invalid(HEADER, "must be 1 to 255 visible ASCII characters"))?;
    let fingerprint = fingerprint(keys, principal, parts)?;
    let inserted = match principal {
        Principal::Staff { tenant_id, staff_id } => {
            sql::claim()
                .params(
                    client,
                    &sql::ClaimParams {
                        tenant_id,
                        staff_id,
                        key: &key,
                        fingerprint: fingerprint.as_slice(),
                        now,
                    },
                )
                .await?
        }
        Principal::Operator(id) => {
            sql::claim_by_operator()
                .params(
                    client,
                    &sql::ClaimByOperatorParams {
                        operator_id: id,
                        key: &key,
                        fingerprint: fingerprint.as_slice(),
                        now,
                    },
                )
                .await?
        }
    };
    if inserted == 1 {
        return Ok(Outcome::First(Claim { principal, key: key.to_owned() }));
    }
    let kept = match principal {
        Principal::Staff { tenant_id, staff_id } => {
            sql::get().params(client, &sql::GetParams { tenant_id, staff_id, key: &key }).one().await?
        }
        Principal::Operator(id) => {
            sql::get_of_operator()
                .params(client, &sql::GetOfOperatorParams { operator_id: id, key: &key })
                .one()
                .await?
        }
    };
    if kept.fingerprint != fingerprint && kept.fingerprint != fingerprint_of_version_0_1_0(parts) {
        return Err(Problem::invalid(HEADER, "was used for a different request: use a new key"));
    }
    Ok(Outcome::Repeat(answer(kept)))
}

/// The answer as it was given the first time.
fn answer(kept: sql::Kept) -> Response {
    let status = kept.status.and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    let mut response = (status.unwrap_or(StatusCode::OK), kept.body.unwrap_or_default()).into_response();
    let headers = response.headers_mut();
    let known = [
        (header::CONTENT_TYPE, Some("application/json".to_owned())),
        (header::LOCATION, kept.location),
        (header::ETAG, kept.etag),
        (HeaderName::from_static("idempotency-replayed"), Some("true".to_owned())),
    ];
    for (name, value) in known {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// Keeps the answer of a request that succeeded; the caller commits it together with what the request did.
///
/// # Errors
/// When the database cannot take it; nothing of the request remains then.
pub(crate) async fn keep<C: GenericClient>(
    client: &C,
    claim: &Claim,
    response: Response,
) -> Result<Response> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    let status = i32::from(parts.status.as_u16());
    let location = header_text(&parts.headers, header::LOCATION);
    let etag = header_text(&parts.headers, header::ETAG);
    match claim.principal {
        Principal::Staff { tenant_id, staff_id } => {
            sql::keep()
                .params(
                    client,
                    &sql::KeepParams {
                        status,
                        location: location.as_ref(),
                        etag: etag.as_ref(),
                        body: &body.as_ref(),
                        tenant_id,
                        staff_id,
                        key: &claim.key,
                    },
                )
                .await?
        }
        Principal::Operator(id) => {
            sql::keep_for_operator()
                .params(
                    client,
                    &sql::KeepForOperatorParams {
                        status,
                        location: location.as_ref(),
                        etag: etag.as_ref(),
                        body: &body.as_ref(),
                        operator_id: id,
                        key: &claim.key,
                    },
                )
                .await?
        }
    };
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// Gives a key back whose request commits before it is known how it ends.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn release<C: GenericClient>(client: &C, claim: &Claim) -> Result<()> {
    match claim.principal {
        Principal::Staff { tenant_id, staff_id } => {
            sql::release()
                .params(client, &sql::ReleaseParams { tenant_id, staff_id, key: &claim.key })
                .await?
        }
        Principal::Operator(id) => {
            sql::release_of_operator()
                .params(client, &sql::ReleaseOfOperatorParams { operator_id: id, key: &claim.key })
                .await?
        }
    };
    Ok(())
}

fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A hash of who asks for what. It has a key, as a body may hold a password that could be guessed against it.
fn fingerprint(keys: &Keys, principal: Principal, parts: &Parts) -> Result<[u8; 32]> {
    let (tenant_id, caller) = match principal {
        Principal::Staff { tenant_id, staff_id } => (tenant_id, staff_id),
        Principal::Operator(id) => (Uuid::nil(), id),
    };
    let (target, body) = request(parts);
    let method = parts.method.as_str().as_bytes();
    keys.sign("idempotency", &[method, target.as_bytes(), tenant_id.as_bytes(), caller.as_bytes(), &body])
}

/// How version 0.1.0 hashed a request: while nodes are replaced, a repeat may meet an answer that it kept.
fn fingerprint_of_version_0_1_0(parts: &Parts) -> Vec<u8> {
    let (target, body) = request(parts);
    Sha256::new().chain_update(target).chain_update([0]).chain_update(&body).finalize().to_vec()
}

fn request(parts: &Parts) -> (&str, bytes::Bytes) {
    let body = parts.extensions.get::<RequestBody>().cloned().unwrap_or_default().0;
    (parts.uri.path_and_query().map_or("", |target| target.as_str()), body)
}

pub(crate) fn document(ctx: &mut GenContext, operation: &mut Operation) {
    let schema = json_schema!({ "type": "string", "maxLength": 255, "pattern": "^[\\t -~]*[!-~][\\t -~]*$" });
    describe::refuses(operation, &[422]);
    describe::header_parameter(
        ctx,
        operation,
        HEADER,
        schema,
        "A key of your choice: the same request sent again with it within 24 hours acts once and gets the same answer. \
         A request that is refused leaves its key free.",
    );
}
