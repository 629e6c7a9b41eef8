//! Is it alive, is it ready, is it well: three questions with three answers.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::problem::Problem;
use gateway::extract;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use observe::metrics::backups;
use serde::Serialize;
use store::redis::Link;
use tokio::time::timeout;

use crate::program::Program;

/// How long one check may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// The routes that anyone may ask at any time.
pub fn routes(program: &Program) -> Router {
    let routes = Router::new().route("/health", get(health)).route("/livez", get(livez));
    routes.route("/readyz", get(readyz)).with_state(program.clone())
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    timestamp: Timestamp,
    /// Seconds since the program started.
    uptime: f64,
    version: &'static str,
    commit: &'static str,
    checks: Checks,
    /// What is wrong with the database, for whoever asks: no path, nothing of PostgreSQL's own words.
    #[serde(rename = "databaseError", skip_serializing_if = "Option::is_none")]
    database_error: Option<String>,
    backup: backups::Shown,
}

#[derive(Serialize)]
struct Checks {
    database: &'static str,
    redis: &'static str,
}

/// The plan's health check: 200 when all is well, 503 when a part is not.
async fn health(State(program): State<Program>) -> Response {
    let now = program.platform.clock.now();
    let database_error = program.platform.database.trouble().await;
    let database = database_error.is_none();
    let redis = program.platform.redis.as_ref().map(Link::reaches);
    let is_well = database && redis != Some(false);
    let word = |is_well| if is_well { "healthy" } else { "unhealthy" };
    let body = Health {
        status: if is_well { "healthy" } else { "degraded" },
        timestamp: now,
        uptime: program.about.started.elapsed().as_secs_f64(),
        version: program.about.version,
        commit: program.about.commit,
        checks: Checks { database: word(database), redis: redis.map_or("disabled", word) },
        database_error,
        backup: program.about.backup.shown(program.about.makes_backups, now),
    };
    let mut response = extract::json(&body);
    if !is_well {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The program runs. Touches nothing else, so that a database that is down does not get the program restarted.
async fn livez() -> &'static str {
    "alive\n"
}

/// Send requests here: the database answers and has room, the schema is the one this program needs, people can sign in, and it is
/// not about to stop.
async fn readyz(State(program): State<Program>) -> Response {
    if program.about.draining.load(Ordering::SeqCst) {
        return Problem::unavailable("the program is stopping", 1).into_response();
    }
    if let Some(fault) = program.platform.database.fault() {
        return Problem::unavailable(fault.reason, 2).into_response();
    }
    match timeout(PATIENCE, program.platform.database.verify_schema(&program.migrations)).await {
        Ok(Ok(Ok(()))) => match program.platform.database.sign_ins().await {
            Ok(()) => "ready\n".into_response(),
            Err(problem) => problem.into_response(),
        },
        Ok(Ok(Err(mismatch))) => Problem::unavailable(mismatch.to_string(), 5).into_response(),
        Ok(Err(problem)) => problem.into_response(),
        Err(_) => Problem::unavailable("the database did not answer in time", 1).into_response(),
    }
}
