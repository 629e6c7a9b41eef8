//! Requests as OpenTelemetry traces, by OTLP over HTTP in its JSON form: a span for each, and one for its share of the database.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::report::{Report, Request};
use super::sink::{Counts, Receiver, Sink};

pub(super) struct Otlp {
    sink: Sink<Value>,
    /// What share of the requests is traced when whoever asks does not say.
    share: f64,
}

/// The W3C trace context that a request came with: `00-<trace>-<span>-<flags>`.
struct Parent<'a> {
    trace: &'a str,
    span: &'a str,
}

impl Otlp {
    /// `endpoint` is the collector's, without a path.
    ///
    /// # Errors
    /// When there can be no client.
    pub(super) fn new(
        endpoint: &str,
        share: f64,
        release: &str,
        counts: Arc<Counts>,
    ) -> anyhow::Result<Self> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let receiver = Receiver { name: "OpenTelemetry", url, headers, batch: 256 };
        let resource =
            json!({ "attributes": [text("service.name", "tailtown"), text("service.version", release)] });
        let encode = move |spans: Vec<Value>| {
            let spans: Vec<Value> = spans
                .into_iter()
                .flat_map(|pair| match pair {
                    Value::Array(spans) => spans,
                    span => vec![span],
                })
                .collect();
            let scope = json!({ "scope": { "name": "tailtown" }, "spans": spans });
            json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": [scope] }] })
                .to_string()
                .into_bytes()
        };
        Ok(Self { sink: Sink::new(receiver, counts, encode)?, share })
    }

    pub(super) fn request(&self, request: &Request, report: &Report) {
        let given = report.text("trace.parent");
        let asked = given.as_deref().and_then(is_wanted);
        if !asked.unwrap_or_else(|| rand::random::<f64>() < self.share) {
            return;
        }
        let parent = given.as_deref().and_then(parse);
        let trace = parent
            .as_ref()
            .map_or_else(|| format!("{:032x}", rand::random::<u128>()), |of| of.trace.to_owned());
        let id = format!("{:016x}", rand::random::<u64>());
        let mut attributes = vec![
            text("http.request.method", &request.method),
            text("http.route", &request.route),
            json!({ "key": "http.response.status_code", "value": { "intValue": request.status.to_string() } }),
        ];
        for name in ["request.id", "tenant.id", "staff.id"] {
            attributes.extend(report.text(name).map(|value| text(name, &value)));
        }
        let failed = request.status >= 500;
        let mut span = json!({
            "traceId": trace, "spanId": id, "name": format!("{} {}", request.method, request.route), "kind": 2,
            "startTimeUnixNano": nanos(request.began), "endTimeUnixNano": nanos(request.ended),
            "attributes": attributes, "status": { "code": if failed { 2 } else { 0 } },
        });
        if let Some(parent) = &parent {
            span["parentSpanId"] = json!(parent.span);
        }
        let statements = report.number("db.statements").unwrap_or(0.0);
        let share = Duration::from_secs_f64(report.number("db.elapsed_ms").unwrap_or(0.0).max(0.0) / 1e3);
        let mut spans = vec![span];
        if statements > 0.0 {
            // As long as all statements together, from the request's begin: when each was sent is not noted.
            spans.push(json!({
                "traceId": trace, "spanId": format!("{:016x}", rand::random::<u64>()), "parentSpanId": id,
                "name": "database", "kind": 3,
                "startTimeUnixNano": nanos(request.began), "endTimeUnixNano": nanos(request.began + share),
                "attributes": [
                    text("db.system.name", "postgresql"),
                    json!({ "key": "db.statements", "value": { "intValue": format!("{statements}") } }),
                ],
            }));
        }
        self.sink.give(Value::Array(spans));
    }
}

/// Whether the one who asked wants this request traced; `None` when nobody said.
fn is_wanted(parent: &str) -> Option<bool> {
    parse(parent)?;
    Some(u8::from_str_radix(&parent[53..55], 16).ok()? & 1 == 1)
}

fn parse(parent: &str) -> Option<Parent<'_>> {
    let is_hex = |text: &str| text.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'));
    let parts: Vec<&str> = parent.split('-').collect();
    let [version, trace, span, flags] = parts[..] else { return None };
    let fits = [(version, 2), (trace, 32), (span, 16), (flags, 2)]
        .iter()
        .all(|(text, length)| text.len() == *length && is_hex(text));
    let zero = |text: &str| text.bytes().all(|letter| letter == b'0');
    (fits && version != "ff" && !zero(trace) && !zero(span)).then_some(Parent { trace, span })
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// As a text: JSON has no such long numbers.
fn nanos(at: SystemTime) -> String {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_context_is_taken_only_whole() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(parse(good).unwrap().span, "00f067aa0ba902b7");
        assert_eq!((is_wanted(good), is_wanted(&good.replace("-01", "-00"))), (Some(true), Some(false)));
        for bad in [
            "",
            &good[..54],
            &good.to_uppercase(),
            &format!("{good}-x"),
            &good.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            "é0-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ] {
            assert!(is_wanted(bad).is_none(), "{bad}");
        }
    }
}
