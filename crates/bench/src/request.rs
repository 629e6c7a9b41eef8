//! A request to send, its sender, and its answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;

/// The sender of requests: the host name of a resort, and the token of a session there.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) host: HeaderValue,
    /// Without one, requests are sent without a session.
    pub(crate) token: Option<HeaderValue>,
}

/// One request to send.
pub(crate) struct Request {
    /// The name under which the report counts it.
    pub(crate) class: &'static str,
    pub(crate) user: Arc<User>,
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) body: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    /// A status that counts as success, besides 2xx.
    pub(crate) also: Option<u16>,
    /// Called with the answer, or without one if there is none.
    pub(crate) then: Option<Then>,
}

pub(crate) type Then = Box<dyn FnOnce(Option<Answer>) + Send + Sync>;

impl Request {
    pub(crate) fn new(class: &'static str, user: &Arc<User>, method: Method, path: String) -> Self {
        let user = user.clone();
        Self { class, user, method, path, body: None, idempotency_key: None, also: None, then: None }
    }

    pub(crate) fn get(class: &'static str, user: &Arc<User>, path: String) -> Self {
        Self::new(class, user, Method::GET, path)
    }

    pub(crate) fn body(self, body: &Value) -> Self {
        Self { body: Some(body.to_string()), ..self }
    }

    pub(crate) fn also(self, status: u16) -> Self {
        Self { also: Some(status), ..self }
    }

    pub(crate) fn then(self, then: impl FnOnce(Option<Answer>) + Send + Sync + 'static) -> Self {
        Self { then: Some(Box::new(then)), ..self }
    }
}

/// An answer, with its whole body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}
