//! Users of the demo resorts: signs in one owner for each resort.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::client::Client;
use crate::request::{Request, User};

const PASSWORD: &str = "tailtown-demo";
const OPERATOR: &str = "operator@tailtown.example";

/// Logins at a time: checking a password takes tens of milliseconds of processor time and 19 MiB.
const AT_A_TIME: usize = 2;

/// The highest limit that an operator can set, in requests per 15 minutes.
const HIGHEST_LIMIT: u32 = 1_000_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    access_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resorts {
    data: Vec<Resort>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Resort {
    id: String,
}

/// A user without a session, at the host `base_domain`.
///
/// # Errors
/// When `base_domain` is not a valid header value.
pub(crate) fn nobody(base_domain: &str) -> anyhow::Result<Arc<User>> {
    let host = HeaderValue::from_str(base_domain).with_context(|| format!("{base_domain}: not a domain"))?;
    Ok(Arc::new(User { host, token: None }))
}

/// Signs in the owners of the first `tenants` demo resorts, in order. Resorts that refuse, because they are suspended, are left
/// out.
///
/// # Errors
/// When no sign-in succeeds, or the program does not answer.
pub(crate) async fn sign_in(
    client: &Client,
    tenants: u32,
    base_domain: &str,
) -> anyhow::Result<Vec<Arc<User>>> {
    let logins = stream::iter(1..=tenants).map(|number| sign_in_at(client, number, base_domain));
    let users: Vec<Option<Arc<User>>> = logins.buffered(AT_A_TIME).try_collect().await?;
    let users: Vec<_> = users.into_iter().flatten().collect();
    if users.is_empty() {
        bail!("no sign-in succeeded: does this program have demo resorts?");
    }
    Ok(users)
}

async fn sign_in_at(client: &Client, number: u32, domain: &str) -> anyhow::Result<Option<Arc<User>>> {
    let subdomain = format!("resort{number}");
    let stranger = nobody(&format!("{subdomain}.{domain}"))?;
    let email = format!("owner@{subdomain}.example");
    let token = login(client, &stranger, "/api/auth/login", &email).await?;
    Ok(token.map(|token| Arc::new(User { host: stranger.host.clone(), token: Some(token) })))
}

/// Signs in and returns the token, or nothing if the sign-in is refused.
async fn login(
    client: &Client,
    at: &Arc<User>,
    path: &str,
    email: &str,
) -> anyhow::Result<Option<HeaderValue>> {
    let body = json!({ "email": email, "password": PASSWORD });
    let mut last = StatusCode::SERVICE_UNAVAILABLE;
    for _ in 0..10 {
        let request = Request::new("login", at, Method::POST, path.to_owned()).body(&body);
        let answer = client.send(&request).await;
        let answer = answer.map_err(|failure| anyhow::anyhow!("{email} cannot sign in: {failure:?}"))?;
        match answer.status {
            StatusCode::OK => {
                let session: Session = serde_json::from_slice(&answer.body)?;
                return Ok(Some(HeaderValue::from_str(&format!("Bearer {}", session.access_token))?));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                last = answer.status;
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            _ => return Ok(None),
        }
    }
    bail!("{email} cannot sign in: the program answered {last} for five seconds")
}

/// Sets the limit of every resort to the highest value, so that limits do not affect the measurement.
///
/// # Errors
/// When the operator cannot sign in or is refused.
pub(crate) async fn lift_limits(client: &Client, base_domain: &str) -> anyhow::Result<()> {
    let stranger = nobody(base_domain)?;
    let token = login(client, &stranger, "/platform/auth/login", OPERATOR).await?;
    let token = token.with_context(|| format!("{OPERATOR} cannot sign in"))?;
    let operator = Arc::new(User { host: stranger.host.clone(), token: Some(token) });
    let mut path = "/platform/tenants?limit=100".to_owned();
    loop {
        let page: Resorts = get(client, &operator, &path).await?;
        for resort in &page.data {
            let path = format!("/platform/tenants/{}", resort.id);
            let body = json!({ "rateLimit": HIGHEST_LIMIT });
            let answer =
                client.send(&Request::new("limit", &operator, Method::PATCH, path).body(&body)).await;
            if !answer.is_ok_and(|answer| answer.status.is_success()) {
                bail!("the operator could not lift the limit of {}", resort.id);
            }
        }
        let Some(cursor) = page.next_cursor else { return Ok(()) };
        path = format!("/platform/tenants?limit=100&cursor={cursor}");
    }
}

/// Fetches `path`, to prepare a measurement. Requests that are measured go through [`crate::load`].
///
/// # Errors
/// When there is no answer, or it is not a success or not of the expected form.
pub(crate) async fn get<T: for<'a> Deserialize<'a>>(
    client: &Client,
    user: &Arc<User>,
    path: &str,
) -> anyhow::Result<T> {
    let answer = client.send(&Request::get("prepare", user, path.to_owned())).await;
    let answer = answer.map_err(|failure| anyhow::anyhow!("GET {path}: {failure:?}"))?;
    if !answer.status.is_success() {
        bail!("GET {path}: {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    serde_json::from_slice(&answer.body).with_context(|| format!("GET {path} answered something else"))
}
