//! What is reported out of the house: a line of the log, and the request that it tells of.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tracing::field::{Field, Visit};

/// A line of the log with what its request's span says.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) target: &'static str,
    pub(super) message: String,
    pub(super) fields: Fields,
}

/// A request that is over.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) route: String,
    pub(super) status: u64,
    pub(super) began: SystemTime,
    pub(super) took: Duration,
    pub(super) ended: SystemTime,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub(super) BTreeMap<&'static str, Value>);

impl Report {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.fields.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.fields.0.get(name)?.as_f64()
    }

    /// The request whose line this is; it ended just now.
    pub(super) fn request(&self, ended: SystemTime) -> Request {
        let took = Duration::from_secs_f64(self.number("elapsed_ms").unwrap_or(0.0).max(0.0) / 1e3);
        let text = |name| self.text(name).unwrap_or_default();
        Request {
            method: text("http.method"),
            route: text("http.route"),
            status: self.number("http.status").unwrap_or(0.0) as u64,
            began: ended - took,
            took,
            ended,
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name(), value.into());
    }
}
