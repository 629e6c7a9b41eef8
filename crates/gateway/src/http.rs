//! The way of a request, in order, on one screen.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aide::openapi::OpenApi;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state as with};
use axum::response::{IntoResponse, Response};
use base::problem::{Problem, Result};
use futures_util::FutureExt;
use http::{Extensions, HeaderValue, Method, header};
use observe::metrics::Answered;
use store::transaction::Stats;
use tracing::Level;

use crate::body::Bodies;
use crate::connection_limit::BeyondLimit;
use crate::fairness::{Classes, Flow, NeedsSession, Work};
use crate::identity::{self, Identity};
use crate::state::Platform;
use crate::{cache, client_address, doors, rate_limit, reference, request_id, session, tenant};

/// The whole service: the features' routes, and those of `health`, which anyone may ask at any time.
pub fn service(
    platform: &Platform,
    features: Router<Platform>,
    health: Router,
    document: &OpenApi,
) -> Router {
    features
        .layer(with((platform.clone(), Classes::read(document), Bodies::new(&platform.settings)), feature))
        .with_state(platform.clone())
        .merge(health)
        .merge(reference::routes(document))
        .fallback(|| async { Problem::not_found("address: see /docs") })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(with(platform.clone(), every))
}

/// The way of every request.
async fn every(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    // The id, on everything that follows.
    request_id::layer(&platform, request, async |request| {
        // One log line and the counts, with the database's share.
        access(&platform, request, async |mut request| {
            // A panic is a 500, not a dropped connection.
            survive(async {
                // Has its connection room, or is it what the headroom is for.
                if request.extensions().get::<BeyondLimit>().is_some()
                    && !is_for_headroom(request.uri().path())
                {
                    return Problem::unavailable("too many connections are open: try again in a moment", 1)
                        .into_response();
                }
                // Which host it is for.
                match tenant::host(&mut request) {
                    Ok(()) => next.run(request).await,
                    Err(problem) => problem.into_response(),
                }
            })
            .await
        })
        .await
    })
    .await
}

/// What is answered over connections beyond the limit, too: whether the program is well, and the operators.
fn is_for_headroom(path: &str) -> bool {
    ["/livez", "/readyz", "/health"].contains(&path) || path.starts_with("/platform/")
}

/// From there on, the way of a feature's request.
async fn feature(
    State((platform, classes, bodies)): State<(Platform, Classes, Bodies)>,
    mut request: Request,
    next: Next,
) -> Response {
    // A HEAD is a GET whose body is left out at the end.
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    // The desk's work, a list or a report.
    classes.note(&mut request);
    // From where it comes.
    client_address::note(&platform.settings.trusted_proxies, &mut request);
    // Is it within the limit: the resort's, or for strangers that of their address.
    let identify = async |request: &mut Request| {
        // Which resort, by host name.
        tenant::name(&platform.settings.base_domain, request)?;
        // Who is asking, and does the resort exist.
        session::identify(&platform, request).await
    };
    rate_limit::layer::layer(&platform, request, identify, async |request| {
        // The answer, where it is known.
        cache::answers::layer(&platform, request, async |request| {
            let work = async {
                // Has it the session that its route needs.
                if request.extensions().get::<NeedsSession>().is_some() {
                    identity::must_be_signed_in(&platform.settings, &request)?;
                }
                // Is there room in the line for the database.
                turn_away(&platform, request.extensions())?;
                // The body, within its limits.
                let request = bodies.read(request).await?;
                // Commit what a handler wrote, or roll it back.
                Ok(doors::layer(request, async |request| next.run(request).await).await)
            };
            work.await.unwrap_or_else(Problem::into_response)
        })
        .await
    })
    .await
}

/// Refuses a request whose resort's queue is full before its body is read.
///
/// # Errors
/// 503.
fn turn_away(platform: &Platform, extensions: &Extensions) -> Result<()> {
    match (extensions.get::<Identity>(), extensions.get::<Work>()) {
        (Some(identity), Some(work)) => platform.line.turn_away(Flow::of(&identity.tenant), *work),
        _ => Ok(()),
    }
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
    platform.metrics.count(&Answered {
        method: &method,
        route,
        status,
        took,
        tenant: stats.tenant().map(|tenant| (tenant.id, tenant.subdomain.as_str())),
        statements: stats.statements(),
        database: stats.elapsed(),
    });
    let problem = response.extensions().get::<Arc<Problem>>();
    if !problem.is_some_and(|problem| problem.is_shed()) {
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    target: "access",
                    $level,
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
                )
            };
        }
        let is_routine = method.is_safe() && status.as_u16() < 400 && took < platform.settings.slow;
        // What is left out is at a lower level, so that Sentry and OpenTelemetry still have their own choice of it.
        if is_routine && rand::random::<f64>() >= platform.settings.log_sample {
            line!(Level::DEBUG);
        } else {
            line!(Level::INFO);
        }
    }
    response.extensions_mut().insert(stats);
    // No answer is anything but what its type says.
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn millis(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1e6).round() / 1e3
}
