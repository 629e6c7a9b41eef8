//! Requests by route, method and status: a place for each that came up, found by a look that waits for nobody.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::Method;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;

use base::histogram::{Counted, Histogram};

/// What has one place: its routes are the program's own, so there are as many as the program can answer.
type Kind = (&'static str, u16);

type Places = HashMap<Kind, HashMap<Box<str>, Histogram>>;

/// Copies share what is counted. A `Family` of `prometheus_client` would want its labels made anew for each request.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests(Arc<RwLock<Places>>);

/// How often a route was answered with a status, and how long that took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub route: Box<str>,
    pub method: &'static str,
    pub status: u16,
    pub took: Counted,
}

impl Requests {
    pub(super) fn count(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let kind = (name(method), status);
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = known.get(&kind).and_then(|routes| routes.get(route)) {
            return place.count(took);
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(kind).or_default().entry(route.into()).or_default().count(took);
    }

    /// Everything, in a fixed order.
    pub(super) fn answered(&self) -> Vec<Answered> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = known
            .iter()
            .flat_map(|((method, status), routes)| {
                routes.iter().map(|(route, place)| Answered {
                    route: route.clone(),
                    method,
                    status: *status,
                    took: place.counted(),
                })
            })
            .collect();
        all.sort_by(|a, b| (&a.route, a.method, a.status).cmp(&(&b.route, b.method, b.status)));
        all
    }
}

impl Collector for Requests {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let answered = self.answered();
        let (name, about) = ("tailtown_http_requests", "Requests answered, by route and status.");
        let mut counts = encoder.encode_descriptor(name, about, None, MetricType::Counter)?;
        for Answered { route, method, status, took } in &answered {
            let labels = ([("method", *method), ("route", route)], [("status", *status)]);
            counts.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&took.total(), None)?;
        }
        let (name, about) =
            ("tailtown_http_request_duration_seconds", "From a request's head until its answer begins.");
        let mut times = encoder.encode_descriptor(name, about, None, MetricType::Histogram)?;
        for ((route, method), took) in by_route(&answered) {
            took.encode(times.encode_family(&[("method", method), ("route", route)])?)?;
        }
        Ok(())
    }
}

/// The times of each route and method, whatever the status.
pub(super) fn by_route(answered: &[Answered]) -> BTreeMap<(&str, &'static str), Counted> {
    let mut times: BTreeMap<_, Counted> = BTreeMap::new();
    for Answered { route, method, took, .. } in answered {
        let sum = times.entry((&**route, *method)).or_default();
        *sum = sum.plus(took);
    }
    times
}

/// Whether a route is one of the API's. The targets are about these: a balancer's probes are many and cost nothing.
pub(super) fn is_api(route: &str) -> bool {
    route.starts_with("/api/") || route.starts_with("/platform/")
}

/// A client may send any word as a method.
fn name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_method_makes_no_place_of_its_own() {
        let requests = Requests::default();
        for method in ["BREW", "PROPFIND", "GET"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            requests.count(&method, "/api/pets", 405, Duration::from_millis(1));
        }
        let methods: Vec<_> = requests.answered().iter().map(|answered| answered.method).collect();
        assert_eq!(methods, ["GET", "OTHER"]);
    }

    #[test]
    fn the_times_of_a_route_are_those_of_all_its_statuses() {
        let requests = Requests::default();
        for status in [200, 200, 404] {
            requests.count(&Method::GET, "/api/pets/{id}", status, Duration::from_millis(1));
        }
        let answered = requests.answered();
        assert_eq!(answered.len(), 2);
        assert_eq!(by_route(&answered)[&("/api/pets/{id}", "GET")].total(), 3);
    }
}
