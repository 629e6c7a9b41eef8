//! A client that calls the program in the same process, through every layer except the socket.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use gateway::client_address::Peer;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use store::transaction::Stats;
use tower::ServiceExt;

/// A client with a host, and optionally a token and further headers.
#[derive(Clone, Debug)]
pub struct Client {
    service: Router,
    headers: Vec<(String, String)>,
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
    /// The number of database statements of the request, including the look-up of tenant and session.
    pub statements: u32,
}

impl Client {
    pub(crate) fn new(service: Router, host: &str) -> Self {
        Self { service, headers: vec![("host".into(), host.into())] }
    }

    /// The same client, calling another program.
    #[must_use]
    pub fn at(&self, service: Router) -> Self {
        Self { service, headers: self.headers.clone() }
    }

    /// The same client with an additional header, which replaces one of the same name.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(known, _)| known != name);
        client.headers.push((name.into(), value.into()));
        client
    }

    /// The value of a header that this client sends.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The same client, signed in with `token`.
    #[must_use]
    pub fn bearing(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// Signs in, and returns the signed-in client.
    pub async fn signed_in(&self, path: &str, email: &str, password: &str) -> Self {
        let answer = self.post(path, serde_json::json!({ "email": email, "password": password })).await.ok();
        self.bearing(answer["accessToken"].as_str().unwrap())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string().into())).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body.to_string().into())).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body.to_string().into())).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Sends any request; the body is JSON unless a header says otherwise.
    pub async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if body.is_some() && !self.headers.iter().any(|(name, _)| name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        // The address of a proxy on the same machine.
        let request = request.extension(Peer(Ipv4Addr::LOCALHOST.into()));
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let statements = parts.extensions.get::<Arc<Stats>>().map_or(0, |stats| stats.statements());
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body, statements }
    }
}

impl Answer {
    #[track_caller]
    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    #[track_caller]
    pub fn ok(self) -> Value {
        self.expect(200)
    }

    #[track_caller]
    pub fn created(self) -> Value {
        assert!(self.headers.contains_key("location"));
        self.expect(201)
    }

    #[track_caller]
    pub fn done(self) {
        self.expect(204);
    }

    /// Checks that the response is an RFC 9457 problem with this status, and returns it.
    #[track_caller]
    pub fn problem(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.headers["x-request-id"], self.body["requestId"].as_str().unwrap());
        assert_eq!(self.body["status"], status);
        self.body
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}
