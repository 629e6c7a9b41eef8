//! The way of a request, in order, on one screen.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aide::openapi::OpenApi;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state as with};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::{HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::db::{self, Stats};
use crate::extract::RequestBody;
use crate::fairness::Classes;
use crate::metrics::Answered;
use crate::problem::{Problem, Result};
use crate::{Platform, cache, fairness, health, rate_limit, reference, request_id, session, tenant};

/// How long a client may take to send a request's head, and then its body.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// The whole service.
pub fn service(platform: &Platform, features: Router<Platform>, document: &OpenApi) -> Router {
    features
        .layer(with((platform.clone(), Classes::read(document)), feature))
        .merge(health::routes())
        .merge(reference::routes(document))
        .fallback(|| async { Problem::not_found("address: see /docs") })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(with(platform.clone(), every))
        .with_state(platform.clone())
}

/// The way of every request.
async fn every(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    // The id, on everything that follows.
    request_id::layer(&platform, request, async |request| {
        // One log line and the counts, with the database's share.
        access(&platform, request, async |request| {
            // A panic is a 500, not a dropped connection.
            survive(next.run(request)).await
        })
        .await
    })
    .await
}

/// From there on, the way of a feature's request.
async fn feature(
    State((platform, classes)): State<(Platform, Classes)>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    // The desk's work, a list or a report.
    classes.note(&mut request);
    // Which resort, by host name.
    tenant::name(&platform, &mut request)?;
    // Who is asking, and does the resort exist.
    session::identify(&platform, &mut request).await?;
    // Is it within the resort's limit.
    let answer = rate_limit::layer(&platform, request, async |request| {
        // The answer, where it is known.
        cache::layer(&platform, request, async |request| {
            let work = async {
                // Is there room in the line for the database.
                fairness::turn_away(&platform, request.extensions())?;
                // The body, within its limits.
                let request = body(&platform, request).await?;
                // Commit what a handler wrote, or roll it back.
                Ok(db::layer(request, async |request| next.run(request).await).await)
            };
            work.await.unwrap_or_else(Problem::into_response)
        })
        .await
    });
    Ok(answer.await)
}

/// Reads the body before anything is held for the request, so that a slow sender keeps nobody waiting but itself.
async fn body(platform: &Platform, request: Request) -> Result<Request> {
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
    Ok(Request::from_parts(parts, Body::empty()))
}

async fn survive(answer: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Problem::internal(format!("panic: {}", message.unwrap_or("without a message"))).into_response()
    })
}

async fn access(
    platform: &Platform,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let start = Instant::now();
    let _under_way = platform.metrics.begin();
    let stats = Arc::new(Stats::default());
    request.extensions_mut().insert(stats.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next(request).await;
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
    // No answer is anything but what its type says.
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn millis(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e6).round() / 1e3
}
