//! The way of a request, in order, on one screen.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aide::openapi::OpenApi;
use aide::redoc::Redoc;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state as with};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt;
use http::{HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::db::{self, Stats};
use crate::extract::RequestBody;
use crate::fairness::Classes;
use crate::metrics::Answered;
use crate::problem::{Problem, Result};
use crate::{Platform, cache, fairness, health, rate_limit, request_id, session, tenant};

/// How long a client may take to send a request's head, and then its body.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// The whole service. What a request passes, first to last, is read from the bottom up.
pub fn service(platform: &Platform, features: Router<Platform>, document: &OpenApi) -> Router {
    features
        .layer(from_fn(db::layer)) //                           commit what a handler wrote, or roll it back
        .layer(with(platform.clone(), body)) //                 the body, within its limits
        .layer(with(platform.clone(), fairness::turn_away)) //  is there room in the line for the database
        .layer(with(platform.clone(), cache::layer)) //         the answer, where it is known
        .layer(with(platform.clone(), rate_limit::layer)) //    is it within the resort's limit
        .layer(with(platform.clone(), session::layer)) //       who is asking, and does the resort exist
        .layer(with(platform.clone(), tenant::layer)) //        which resort, by host name
        .layer(with(Classes::read(document), fairness::layer)) // the desk's work, a list or a report
        .merge(health::routes())
        .merge(reference(document))
        .fallback(|| async { Problem::not_found("address: see /docs") })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(from_fn(survive)) //                             a panic is a 500, not a dropped connection
        .layer(with(platform.clone(), access)) //               one log line and the counts, with the database's share
        .layer(with(platform.clone(), request_id::layer)) //    the id, on everything that follows
        .with_state(platform.clone())
}

/// `/openapi.json`, and a page to browse it, both from the program itself.
fn reference(document: &OpenApi) -> Router<Platform> {
    let json: Arc<[u8]> = serde_json::to_vec(document).unwrap_or_default().into();
    let page: Arc<str> = Redoc::new("/openapi.json").with_title("Tailtown API").html().into();
    let document = move || async move {
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json.to_vec())
    };
    Router::new()
        .route("/openapi.json", get(document))
        .route("/docs", get(move || async move { Html(page.to_string()) }))
}

/// Reads the body before anything is held for the request, so that a slow sender keeps nobody waiting but itself.
async fn body(State(platform): State<Platform>, request: Request, next: Next) -> Result<Response> {
    let limit = platform.config.body_limit_bytes;
    let (mut parts, body) = request.into_parts();
    if body.size_hint().lower() > limit as u64 {
        return Err(Problem::too_large(limit));
    }
    let read =
        timeout(PATIENCE, Limited::new(body, limit).collect()).await.map_err(|_| Problem::too_slow())?;
    let bytes = read.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Problem::too_large(limit)
        } else {
            Problem::malformed("the body broke off: send it again")
        }
    })?;
    parts.extensions.insert(RequestBody(bytes.to_bytes()));
    Ok(next.run(Request::from_parts(parts, Body::empty())).await)
}

async fn survive(request: Request, next: Next) -> Response {
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Problem::internal(format!("panic: {}", message.unwrap_or("without a message"))).into_response()
    })
}

async fn access(State(platform): State<Platform>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let _under_way = platform.metrics.begin();
    let stats = Arc::new(Stats::default());
    request.extensions_mut().insert(stats.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let (status, took) = (response.status(), start.elapsed());
    let answered = Answered { method: &method, route, status, took, stats: &stats };
    platform.metrics.count(platform.clock.now(), &answered);
    let problem = response.extensions().get::<Arc<Problem>>();
    if !problem.is_some_and(|problem| problem.is_shed()) {
        tracing::info!(
            target: "access",
            {
                http.method = %method,
                http.route = route,
                http.status = status.as_u16(),
                elapsed_ms = millis(took),
                db.waited_ms = millis(stats.waited()),
                db.elapsed_ms = millis(stats.elapsed()),
                db.statements = stats.statements()
            },
            "request"
        );
    }
    response.extensions_mut().insert(stats);
    response
}

fn millis(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e6).round() / 1e3
}
