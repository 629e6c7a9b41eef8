//! Reads off the log what is reported out of the house: lines at level ERROR, and the line of each request.

use std::time::SystemTime;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::otlp::Otlp;
use super::report::{Fields, Report};
use super::sentry::Sentry;
use base::clock::Clock;

/// The line of a request, which `http` writes.
const ACCESS: &str = "access";

/// Hands lines on to those who want them.
pub(super) struct Reporter {
    pub(super) clock: Clock,
    pub(super) sentry: Option<Sentry>,
    pub(super) otlp: Option<Otlp>,
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
        let request = report.request(ended);
        if let Some(sentry) = &self.sentry {
            sentry.request(&request, report);
        }
        if let Some(otlp) = &self.otlp {
            otlp.request(&request, report);
        }
    }
}
