//! Errors and slow requests as Sentry takes them: envelopes with request and tenant ids, and no personal data.

use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context as _;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sentry_types::protocol::v7::{
    Context, Envelope, Event, Exception, Level, SpanStatus, TraceContext, Transaction, User, Value, Values,
};
use sentry_types::{Dsn, Uuid};

use super::report::{Report, Request};
use super::scrub::scrub;
use super::settings::SentrySettings;
use super::sink::{Counts, Receiver, Sink};

/// Whose reports these are.
pub(super) struct Sentry {
    release: String,
    settings: SentrySettings,
    sink: Sink<Vec<u8>>,
}

/// Fields of a report by which it can be found again.
const TAGS: [(&str, &str); 4] = [
    ("request.id", "request_id"),
    ("tenant.id", "tenant_id"),
    ("staff.id", "staff_id"),
    ("http.status", "http.status"),
];

impl Sentry {
    /// # Errors
    /// When the key of the address makes no header, or there can be no client.
    pub(super) fn new(
        settings: &SentrySettings,
        dsn: &Dsn,
        release: &str,
        counts: Arc<Counts>,
    ) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        let auth = dsn.to_auth(Some("tailtown")).to_string();
        let mut auth = HeaderValue::try_from(auth).context("SENTRY_DSN has a strange key")?;
        auth.set_sensitive(true);
        headers.insert(HeaderName::from_static("x-sentry-auth"), auth);
        let url = dsn.envelope_api_url().to_string();
        let receiver = Receiver { name: "Sentry", url, headers, batch: 1 };
        Ok(Self {
            release: release.to_owned(),
            settings: settings.clone(),
            sink: Sink::new(receiver, counts, |envelopes| envelopes.concat())?,
        })
    }

    /// Something went wrong on our side.
    pub(super) fn error(&self, report: &Report, at: SystemTime) {
        let text = |name: &str| report.text(name).map(|text| scrub(&text));
        let exception = Exception {
            ty: scrub(&report.message),
            value: text("error"),
            module: Some(report.target.to_owned()),
            ..Exception::default()
        };
        let mut event = Event {
            event_id: Uuid::from_u128(rand::random()),
            level: Level::Error,
            logger: Some(report.target.to_owned()),
            transaction: text("http.route"),
            timestamp: at,
            release: Some(self.release.clone().into()),
            environment: Some(self.settings.environment.clone().into()),
            exception: Values { values: vec![exception] },
            user: report.text("staff.id").map(|id| User { id: Some(id), ..User::default() }),
            ..Event::default()
        };
        for (field, tag) in TAGS {
            if let Some(text) = text(field) {
                event.tags.insert(tag.to_owned(), text);
            }
        }
        self.send(event.into());
    }

    /// A request: reported when it took long, and then as often as the settings say.
    pub(super) fn request(&self, request: &Request, report: &Report) {
        if request.took >= self.settings.slow && rand::random::<f64>() < self.settings.sample_rate {
            self.slow(request, report);
        }
    }

    fn slow(&self, request: &Request, report: &Report) {
        let trace = TraceContext {
            op: Some("http.server".to_owned()),
            status: Some(match request.status {
                ..400 => SpanStatus::Ok,
                429 => SpanStatus::ResourceExhausted,
                503 => SpanStatus::Unavailable,
                500.. => SpanStatus::InternalError,
                _ => SpanStatus::InvalidArgument,
            }),
            ..TraceContext::default()
        };
        let mut transaction = Transaction {
            event_id: Uuid::from_u128(rand::random()),
            name: Some(format!("{} {}", request.method, request.route)),
            release: Some(self.release.clone().into()),
            environment: Some(self.settings.environment.clone().into()),
            start_timestamp: request.began,
            timestamp: Some(request.ended),
            ..Transaction::default()
        };
        transaction.contexts.insert("trace".to_owned(), Context::Trace(Box::new(trace)));
        for (field, tag) in TAGS {
            if let Some(text) = report.text(field) {
                transaction.tags.insert(tag.to_owned(), scrub(&text));
            }
        }
        for field in ["db.elapsed_ms", "db.statements", "elapsed_ms"] {
            let value = report.number(field).map_or(Value::Null, Value::from);
            transaction.extra.insert(field.to_owned(), value);
        }
        self.send(transaction.into());
    }

    fn send(&self, envelope: Envelope) {
        let mut bytes = Vec::new();
        if envelope.to_writer(&mut bytes).is_ok() {
            self.sink.give(bytes);
        }
    }
}
