//! Every request has an id: taken from the client when it is sane, else made; on every answer, log line and database session.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use tracing::Instrument;

use crate::state::Platform;
use base::id;
use base::problem::Problem;

pub static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id taken from a client. With the program's name before it, it still fits PostgreSQL's application_name.
const LONGEST: usize = 48;

/// The id of the request at hand, in its extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// Letters, digits, dot, dash and underscore: nothing that could break out of a log line or an SQL comment.
fn is_sane(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Gives the request its id and a log span, and renders what a handler refused, now that the id is known.
pub(crate) async fn layer(
    platform: &Platform,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let given = request.headers().get(&X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let id: Arc<str> = match given.filter(|text| is_sane(text)) {
        Some(text) => text.into(),
        None => id::fresh(platform.clock.now()).to_string().into(),
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    // The highest level: what is logged names its request whatever LOG_LEVEL says, and in error.log too.
    let span = tracing::error_span!(
        "request", request.id = %id, tenant.id = tracing::field::Empty, staff.id = tracing::field::Empty,
        operator.id = tracing::field::Empty, trace.parent = tracing::field::Empty
    );
    // The trace it is part of, where whoever asks keeps one.
    if let Some(parent) = request.headers().get("traceparent").and_then(|value| value.to_str().ok())
        && parent.len() == 55
    {
        span.record("trace.parent", parent);
    }
    async {
        let mut response = next(request).await;
        if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
            let bare = response;
            response = problem.render(&id);
            // What a layer on the way out already said stays said, such as which methods are allowed.
            for (name, value) in bare.headers() {
                if !response.headers().contains_key(name) {
                    response.headers_mut().insert(name, value.clone());
                }
            }
        }
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(&X_REQUEST_ID, value);
        }
        response
    }
    .instrument(span)
    .await
}

#[cfg(test)]
mod tests {
    use super::is_sane;
    use proptest::prelude::*;

    #[test]
    fn an_id_is_bounded_in_length_and_characters() {
        assert!(is_sane("0190b3f2-7a1c-7c3e-8f00-000000000000"));
        for text in ["", "a b", "a\nb", "a'b", "*/", "é", &"x".repeat(49)] {
            assert!(!is_sane(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_sane_id_needs_no_escaping_anywhere(text in "\\PC{0,60}") {
            if is_sane(&text) {
                prop_assert!(!text.contains(['\'', '"', '\\', '*', '/', '\n', ' ']));
            }
        }
    }
}
