//! The listener for operators and their tools, apart from the one that serves resorts: metrics, the dashboard, its data.

use std::net::IpAddr;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state as with};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};

use super::{overview, text};
use crate::{Platform, extract};

/// What a browser may do with these pages: no third party plays any part.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn routes(platform: &Platform) -> Router {
    Router::new()
        .route("/", get(|| async { Html(include_str!("dashboard.html")) }))
        .route("/overview.json", get(data))
        .route("/metrics", get(metrics))
        .layer(with(platform.clone(), guard))
        .with_state(platform.clone())
}

async fn data(State(platform): State<Platform>) -> Response {
    extract::json(&overview::overview(&platform))
}

async fn metrics(State(platform): State<Platform>) -> impl IntoResponse {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], text::render(&platform))
}

/// A page of another site can make a browser ask here under a name of its own that leads to this machine: on the loopback only
/// the machine's own names are answered.
async fn guard(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let mut response = if platform.config.admin_host.is_loopback() && !is_own_name(host) {
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
