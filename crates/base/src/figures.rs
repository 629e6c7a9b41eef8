//! Metrics whose values are not kept for Prometheus but read whenever it asks.

use std::fmt;

use prometheus_client::encoding::{
    EncodeCounterValue, EncodeGaugeValue, EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Metric;

struct Gauges<F>(F);

struct Counters<F>(F);

/// A gauge without labels.
pub fn gauge<V: EncodeGaugeValue>(read: impl Fn() -> V + Send + Sync + 'static) -> impl Metric {
    const NO_LABELS: [(&str, &str); 0] = [];
    Gauges(move || [(NO_LABELS, read())])
}

/// A gauge for each set of labels that is read.
pub fn gauges<F, I, L, V>(read: F) -> impl Metric + use<F, I, L, V>
where
    F: Fn() -> I + Send + Sync + 'static,
    I: IntoIterator<Item = (L, V)>,
    L: EncodeLabelSet,
    V: EncodeGaugeValue,
{
    Gauges(read)
}

/// A counter for each set of labels that is read; what is read must never become less.
pub fn counters<F, I, L, V>(read: F) -> impl Metric + use<F, I, L, V>
where
    F: Fn() -> I + Send + Sync + 'static,
    I: IntoIterator<Item = (L, V)>,
    L: EncodeLabelSet,
    V: EncodeCounterValue,
{
    Counters(read)
}

impl<F> fmt::Debug for Gauges<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gauges")
    }
}

impl<F> fmt::Debug for Counters<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counters")
    }
}

impl<F, I, L, V> EncodeMetric for Gauges<F>
where
    F: Fn() -> I,
    I: IntoIterator<Item = (L, V)>,
    L: EncodeLabelSet,
    V: EncodeGaugeValue,
{
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        (self.0)()
            .into_iter()
            .try_for_each(|(labels, value)| encoder.encode_family(&labels)?.encode_gauge(&value))
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }
}

impl<F, I, L, V> EncodeMetric for Counters<F>
where
    F: Fn() -> I,
    I: IntoIterator<Item = (L, V)>,
    L: EncodeLabelSet,
    V: EncodeCounterValue,
{
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        (self.0)().into_iter().try_for_each(|(labels, value)| {
            encoder.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&value, None)
        })
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Counter
    }
}
