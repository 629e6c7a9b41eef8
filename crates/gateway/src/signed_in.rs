//! The answers to a login and a logout.

use std::time::Duration;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

use crate::identity::{Token, cookie_name};
use crate::sign_in::DeviceCookie;
use crate::{describe, extract};

/// The answer to a login: the body, and the token as a cookie for browsers.
pub struct SignedIn<T> {
    pub token: Token,
    pub body: T,
    pub lifetime: Duration,
    /// Whether the cookie travels over TLS only.
    pub secure: bool,
    pub device: DeviceCookie,
}

impl<T: Serialize> IntoResponse for SignedIn<T> {
    fn into_response(self) -> Response {
        let cookie = set_cookie(&self.token.text(), self.lifetime.as_secs(), self.secure);
        let mut response = extract::json(&self.body);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.insert(SET_COOKIE, cookie);
        }
        headers.append(SET_COOKIE, self.device.value());
        response
    }
}

impl<T: JsonSchema> OperationOutput for SignedIn<T> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(200), describe::json_response::<T>(ctx, "Signed in; browsers also get a cookie"))]
    }
}

/// 204, and the browser forgets its cookie.
pub struct SignedOut {
    pub secure: bool,
}

impl IntoResponse for SignedOut {
    fn into_response(self) -> Response {
        (StatusCode::NO_CONTENT, [(SET_COOKIE, set_cookie("", 0, self.secure))]).into_response()
    }
}

impl OperationOutput for SignedOut {
    type Inner = ();

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        extract::Done::inferred_responses(ctx, operation)
    }
}

fn set_cookie(value: &str, seconds: u64, secure: bool) -> String {
    let (name, flag) = (cookie_name(secure), if secure { "; Secure" } else { "" });
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{flag}")
}

#[cfg(test)]
mod tests {
    use super::set_cookie;

    #[test]
    fn a_cookie_is_kept_to_its_host_and_to_tls_in_production() {
        let cookie = set_cookie("x", 60, true);
        assert_eq!(cookie, "__Host-tailtown_session=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        let cookie = set_cookie("x", 60, false);
        assert_eq!(cookie, "tailtown_session=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
    }
}
