//! The same request twice acts once: the answer is kept with the change it made, in the same transaction.

use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use jiff::ToSpan;
use queries::queries::idempotency_keys;
use schemars::json_schema;
use sha2::{Digest, Sha256};

use crate::db::Scope;
use crate::extract::RequestBody;
use crate::openapi;
use crate::problem::{Problem, Result};

pub(crate) const HEADER: &str = "Idempotency-Key";

/// How long an answer is kept for a repeat.
const KEPT_HOURS: i64 = 24;

/// A key this request claimed first; the answer goes with it.
#[derive(Debug)]
pub(crate) struct Claim {
    key: String,
}

pub(crate) enum Outcome {
    /// The request carries no key.
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
pub(crate) async fn claim(scope: &Scope, parts: &Parts) -> Result<Outcome> {
    let Some(value) = parts.headers.get(HEADER).filter(|_| parts.method == Method::POST) else {
        return Ok(Outcome::Unkeyed);
    };
    let Ok(caller) = scope.caller() else { return Ok(Outcome::Unkeyed) };
    let key = value.to_str().ok().map(str::trim).filter(|key| (1..=255).contains(&key.len()));
    let key = key.ok_or_else(|| Problem::invalid(HEADER, "must be 1 to 255 visible ASCII characters"))?;
    let fingerprint = fingerprint(parts);
    let oldest = scope.now().checked_sub(KEPT_HOURS.hours())?;

    idempotency_keys::purge().bind(scope, &scope.tenant.id, &oldest).await?;
    let inserted = idempotency_keys::claim()
        .bind(scope, &scope.tenant.id, &caller.staff_id, &key, &fingerprint.as_slice(), &scope.now())
        .await?;
    if inserted == 1 {
        return Ok(Outcome::First(Claim { key: key.to_owned() }));
    }
    let kept = idempotency_keys::get().bind(scope, &scope.tenant.id, &caller.staff_id, &key).one().await?;
    if kept.fingerprint != fingerprint {
        return Err(Problem::invalid(HEADER, "was used for a different request: use a new key"));
    }
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
    Ok(Outcome::Repeat(response))
}

/// Keeps the answer of a request that succeeded; the caller commits it together with what the request did.
///
/// # Errors
/// When the database cannot take it; nothing of the request remains then.
pub(crate) async fn keep(scope: &Scope, claim: &Claim, response: Response) -> Result<Response> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    let text = |name| header_text(&parts.headers, name);
    idempotency_keys::keep()
        .bind(
            scope,
            &i32::from(parts.status.as_u16()),
            &text(header::LOCATION),
            &text(header::ETAG),
            &body.as_ref(),
            &scope.tenant.id,
            &scope.caller()?.staff_id,
            &claim.key,
        )
        .await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn fingerprint(parts: &Parts) -> Vec<u8> {
    let body = parts.extensions.get::<RequestBody>().cloned().unwrap_or_default().0;
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let mut hash = Sha256::new();
    hash.update(target.as_bytes());
    hash.update([0]);
    hash.update(&body);
    hash.finalize().to_vec()
}

pub(crate) fn document(ctx: &mut GenContext, operation: &mut Operation) {
    let schema = json_schema!({ "type": "string", "maxLength": 255, "pattern": "^[\\t -~]*[!-~][\\t -~]*$" });
    openapi::refuses(operation, &[422]);
    openapi::header_parameter(
        ctx,
        operation,
        HEADER,
        schema,
        "A key of your choice: the same request sent again with it within 24 hours acts once and gets the same answer.",
    );
}
