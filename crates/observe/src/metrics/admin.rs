//! The listener for operators and their tools, apart from the one that serves resorts: metrics, the dashboard, its data.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state as with};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use prometheus_client::encoding::prometheus_text;

use super::{Metrics, verdict};

/// What a browser may do with these pages: no third party plays any part.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `is_local` says whether the listener is reached from this machine alone.
pub fn routes(metrics: &Arc<Metrics>, is_local: bool) -> Router {
    Router::new()
        .route("/", get(|| async { Html(include_str!("dashboard.html")) }))
        .route("/overview.json", get(data))
        .route("/metrics", get(scrape))
        .layer(with(is_local, guard))
        .with_state(metrics.clone())
}

async fn data(State(metrics): State<Arc<Metrics>>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    match serde_json::to_vec(&verdict::overview(&metrics)) {
        Ok(body) => ([(header::CONTENT_TYPE, kind)], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn scrape(State(metrics): State<Arc<Metrics>>) -> Response {
    let (mut page, kind) = (String::new(), HeaderValue::from_static(prometheus_text::CONTENT_TYPE));
    match prometheus_text::encode(&mut page, &metrics.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, kind)], page).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A page of another site can make a browser ask here under a name of its own that leads to this machine: on the loopback only
/// the machine's own names are answered.
async fn guard(State(is_local): State<bool>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let mut response = if is_local && !is_own_name(host) {
        (StatusCode::MISDIRECTED_REQUEST, "ask by the address, as in http://127.0.0.1:4005\n").into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn is_own_name(host: &str) -> bool {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(name, _)| name);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_own_name;

    #[test]
    fn only_the_machines_own_names_count() {
        for host in ["localhost", "localhost:4005", "127.0.0.1:4005", "[::1]:4005", "LOCALHOST:1"] {
            assert!(is_own_name(host), "{host}");
        }
        for host in ["", "evil.example:4005", "localhost.evil.example", "127.0.0.1.evil.example", "a:b"] {
            assert!(!is_own_name(host), "{host}");
        }
    }
}
