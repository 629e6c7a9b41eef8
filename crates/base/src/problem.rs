//! One error, one problem (RFC 9457): what a client can fix is told; anything else is a 500 whose cause stays in the log.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use ::database::connect::ConnectError;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;
use tokio_postgres::error::DbError;

pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// A refusal. Made by the named constructors for what the client can fix, by `?` for everything else.
pub struct Problem {
    kind: &'static str,
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u32>,
    cause: Option<Box<dyn Error + Send + Sync>>,
    is_shed: bool,
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// The path of the field, as in `lines[0].quantity`.
    pub field: String,
    pub message: String,
}

/// An RFC 9457 problem, as sent.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Problem")]
pub struct Wire<'a> {
    /// `about:blank`: the status says what kind of problem it is. `urn:tailtown:problem:second-factor-required` (401): the password
    /// was right, and the login also needs a right `code`. `urn:tailtown:problem:second-factor-missing` (403): an operator has to
    /// set up a second factor first.
    pub r#type: &'a str,
    pub title: &'a str,
    pub status: u16,
    /// What went wrong and what to do about it.
    pub detail: &'a str,
    /// Quote this when asking for help.
    pub request_id: &'a str,
    /// For 422: each field at fault.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schemars(default)]
    pub errors: &'a [FieldError],
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            status,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
            cause: None,
            is_shed: false,
        }
    }

    /// 400: the request cannot be read at all.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 401: sign in first.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// 401 for a login with a right password that needs a right code as well.
    pub fn second_factor_required(detail: impl Into<String>) -> Self {
        Self { kind: "urn:tailtown:problem:second-factor-required", ..Self::unauthenticated(detail) }
    }

    /// 403 for an operator without a second factor where it is required.
    pub fn second_factor_missing() -> Self {
        let detail = "operators need a second factor here: set one up with POST /platform/auth/second-factor and                       POST /platform/auth/second-factor/confirm";
        Self { kind: "urn:tailtown:problem:second-factor-missing", ..Self::forbidden(detail) }
    }

    /// 403: signed in, and not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 404: there is no such `noun` here; the same answer whether it is another tenant's or nobody's.
    pub fn not_found(noun: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no such {noun}"))
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take that method: see /docs")
    }

    /// 408: the body did not arrive in time.
    pub fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "the request body did not arrive in time: send it again")
    }

    /// 409: right in itself, and not possible as things stand.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 412: somebody else changed it first.
    pub fn changed_meanwhile() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "it was changed since you read it: read it again, then repeat your change",
        )
    }

    /// 413.
    pub fn too_large(limit_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is larger than {limit_bytes} bytes: send less at a time"),
        )
    }

    /// 415.
    pub fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send JSON, with the header `content-type: application/json`",
        )
    }

    /// 422 for one field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// 422 for several fields.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] if only.field.is_empty() => only.message.clone(),
            [only] => format!("{}: {}", only.field, only.message),
            many => format!("{} fields are invalid", many.len()),
        };
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// 429 for a resort that has used up its window's requests.
    pub fn too_many_requests(retry_after_seconds: u32) -> Self {
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests from this tenant")
        }
    }

    /// 429 for an address from which too much is asked without a session.
    pub fn too_many_from_address(retry_after_seconds: u32) -> Self {
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too many requests without a session from this address: wait, or sign in",
            )
        }
    }

    /// 429 for too many attempts to sign in from an address, or wrong passwords in a row.
    pub fn too_many_sign_ins(retry_after_seconds: u32) -> Self {
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too many attempts to sign in: wait, then try again")
        }
    }

    /// 503 for what would wait in vain.
    pub fn overloaded(retry_after_seconds: u32) -> Self {
        let detail = "too much is asked at this moment: try again a little later";
        Self { is_shed: true, ..Self::unavailable(detail, retry_after_seconds) }
    }

    /// Whether it is one of many, of which the log tells the beginning and the end.
    pub fn is_shed(&self) -> bool {
        self.is_shed
    }

    /// 503: come back in `retry_after_seconds`.
    pub fn unavailable(detail: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }

    /// 500, with a cause that is logged and never sent.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "something went wrong on our side; it was logged under the request id",
            )
        }
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The fields that are at fault, for tests.
    pub fn fields(&self) -> Vec<&str> {
        self.errors.iter().map(|error| error.field.as_str()).collect()
    }

    pub fn caused_by(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// After how many seconds to come back, where it says so.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.retry_after_seconds
    }

    /// What led to it; never sent.
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.cause.as_deref()
    }

    /// For a command, which tells why it failed.
    pub fn into_error(self) -> anyhow::Error {
        let said = self.to_string();
        let cause = self.cause.and_then(|cause| cause.downcast::<ConnectError>().ok());
        cause.map_or_else(|| anyhow::anyhow!(said), |cause| anyhow::Error::new(*cause))
    }

    /// The answer as it is sent, logging the cause: called once, at the edge, where the request id is known.
    pub fn render(&self, request_id: &str) -> Response {
        if let Some(cause) = &self.cause {
            let chain = chain(cause.as_ref());
            if self.status.is_server_error() {
                tracing::error!(http.status = self.status.as_u16(), error = %chain, "request failed");
            } else {
                tracing::warn!(http.status = self.status.as_u16(), error = %chain, "request refused by the database");
            }
        }
        let body = Wire {
            r#type: self.kind,
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            request_id,
            errors: &self.errors,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (self.status, Body::from(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tailtown\""));
        }
        response
    }
}

/// An operation's refusals are documented by what it takes in: the gateway's `describe`.
impl aide::OperationOutput for Problem {
    type Inner = ();
}

/// An error and what led to it. PostgreSQL's DETAIL is left out: it quotes rows, and rows hold names and addresses.
fn chain(error: &(dyn Error + 'static)) -> String {
    let words = |error: &(dyn Error + 'static)| match error.downcast_ref::<DbError>() {
        Some(error) => format!("{}: {}", error.severity(), error.message()),
        None => error.to_string(),
    };
    let mut text = words(error);
    let mut next = error.source();
    while let Some(error) = next {
        let part = words(error);
        if !text.contains(&part) {
            text = format!("{text}: {part}");
        }
        next = error.source();
    }
    text
}

/// For a terminal or a log: what to do, and for what nobody expected also why.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            // The detail is for clients: it says less, or speaks of a request.
            Some(cause) if self.status == StatusCode::INTERNAL_SERVER_ERROR || cause.is::<ConnectError>() => {
                f.write_str(&chain(cause.as_ref()))
            }
            Some(cause) => write!(f, "{} ({})", self.detail, chain(cause.as_ref())),
            None => f.write_str(&self.detail),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("status", &self.status)
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

/// The answer leaves the handler bare; the gateway renders it where the request id is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// For handlers whose refusal may be an answer kept from before.
impl From<Problem> for Response {
    fn from(problem: Problem) -> Self {
        problem.into_response()
    }
}
