//! What is reported out of the house, read off the log: lines at level ERROR, and the line of each request.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::otlp::{self, Otlp};
use super::sentry::Sentry;
use crate::clock::Clock;

/// The line of a request, which `http` writes.
const ACCESS: &str = "access";

/// A line of the log with what its request's span says.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) target: &'static str,
    pub(super) message: String,
    fields: Fields,
}

/// A request that is over.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) route: String,
    pub(super) status: u64,
    pub(super) began: SystemTime,
    pub(super) ended: SystemTime,
}

#[derive(Clone, Debug, Default)]
struct Fields(BTreeMap<&'static str, Value>);

/// Hands lines on to those who want them.
pub(super) struct Reporter {
    pub(super) clock: Clock,
    pub(super) sentry: Option<Sentry>,
    pub(super) otlp: Option<Otlp>,
    /// What share of the requests is traced when nobody who asks says so.
    pub(super) share: f64,
}

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

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Reporter {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let target = event.metadata().target();
        let is_error = *event.metadata().level() == Level::ERROR;
        if !is_error && target != ACCESS {
            return;
        }
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.0.extend(of_span.0.clone());
            }
        }
        event.record(&mut fields);
        let message = fields.0.remove("message").and_then(|text| text.as_str().map(str::to_owned));
        let report = Report { target, message: message.unwrap_or_default(), fields };
        let now = SystemTime::from(self.clock.now());
        if is_error {
            if let Some(sentry) = &self.sentry {
                sentry.error(&report, now);
            }
        } else {
            self.request(&report, now);
        }
    }
}

impl Reporter {
    /// Whether a line is of any interest here.
    pub(super) fn wants(metadata: &Metadata<'_>) -> bool {
        metadata.is_span() || *metadata.level() == Level::ERROR || metadata.target() == ACCESS
    }

    fn request(&self, report: &Report, ended: SystemTime) {
        let took = Duration::from_secs_f64(report.number("elapsed_ms").unwrap_or(0.0).max(0.0) / 1e3);
        let text = |name| report.text(name).unwrap_or_default();
        let request = Request {
            method: text("http.method"),
            route: text("http.route"),
            status: report.number("http.status").unwrap_or(0.0) as u64,
            began: ended - took,
            ended,
        };
        if let Some(sentry) = &self.sentry
            && took >= sentry.settings.slow
            && rand::random::<f64>() < sentry.settings.sample_rate
        {
            sentry.slow(&request, report);
        }
        if let Some(otlp) = &self.otlp {
            let asked = report.text("trace.parent").and_then(|parent| otlp::is_wanted(&parent));
            if asked.unwrap_or_else(|| rand::random::<f64>() < self.share) {
                otlp.request(&request, report);
            }
        }
    }
}
