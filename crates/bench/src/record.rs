//! Counts of requests and their answers, by kind of request.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::client::Failure;
use crate::proc::{Cpu, Memory};

/// Significant digits of a latency.
const DIGITS: u8 = 3;

/// The longest latency that is told apart.
const LONGEST: Duration = Duration::from_secs(3600);

/// One request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) class: &'static str,
    pub(crate) result: Result<u16, Failure>,
    /// A status that counts as success, besides 2xx and 304.
    pub(crate) also: Option<u16>,
    /// Time from the moment it was due to the last byte of the answer.
    pub(crate) latency: Duration,
    /// Time from the moment it was due to the moment it was sent: the delay caused by the load generator.
    pub(crate) lag: Duration,
    /// The beginning of the body of a failed answer.
    pub(crate) said: Option<String>,
}

impl Sample {
    fn succeeded(&self) -> bool {
        matches!(self.result, Ok(200..=299 | 304)) || self.also.is_some_and(|also| self.result == Ok(also))
    }

    fn answer(&self) -> String {
        match self.result {
            Ok(status) => status.to_string(),
            Err(Failure::NotConnected) => "not connected".to_owned(),
            Err(Failure::Broken) => "connection broken".to_owned(),
            Err(Failure::TimedOut) => "timed out".to_owned(),
        }
    }
}

/// The samples of one measurement, in whole microseconds.
pub(crate) struct Record {
    all: Tally,
    classes: BTreeMap<&'static str, Tally>,
    answers: BTreeMap<String, u64>,
    /// The body of the first failure, by kind of request and answer.
    failures: BTreeMap<String, String>,
    lag: Histogram<u64>,
    ends: Instant,
    /// Number of successes before `ends`.
    in_time: u64,
}

struct Tally {
    requests: u64,
    failed: u64,
    latency: Histogram<u64>,
}

impl Tally {
    fn new() -> Self {
        Self { requests: 0, failed: 0, latency: histogram() }
    }

    /// Adds a sample. Latencies of refused requests are left out, because refusals are fast and would improve the percentiles.
    /// Timeouts are included.
    fn add(&mut self, sample: &Sample) {
        self.requests += 1;
        self.failed += u64::from(!sample.succeeded());
        if sample.succeeded() || sample.result == Err(Failure::TimedOut) {
            record(&mut self.latency, sample.latency);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        merge(&mut self.latency, &other.latency);
    }
}

impl Record {
    /// A record of a load that ends at `ends`.
    pub(crate) fn new(ends: Instant) -> Self {
        Self {
            all: Tally::new(),
            classes: BTreeMap::new(),
            answers: BTreeMap::new(),
            failures: BTreeMap::new(),
            lag: histogram(),
            ends,
            in_time: 0,
        }
    }

    pub(crate) fn add(&mut self, sample: &Sample) {
        self.all.add(sample);
        self.classes.entry(sample.class).or_insert_with(Tally::new).add(sample);
        *self.answers.entry(sample.answer()).or_default() += 1;
        record(&mut self.lag, sample.lag);
        if sample.succeeded() {
            self.in_time += u64::from(Instant::now() <= self.ends);
        } else {
            let kind = format!("{}: {}", sample.class, sample.answer());
            self.failures.entry(kind).or_insert_with(|| sample.said.clone().unwrap_or_default());
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.all.merge(&other.all);
        for (class, tally) in &other.classes {
            self.classes.entry(class).or_insert_with(Tally::new).merge(tally);
        }
        for (answer, count) in &other.answers {
            *self.answers.entry(answer.clone()).or_default() += count;
        }
        for (kind, said) in &other.failures {
            self.failures.entry(kind.clone()).or_insert_with(|| said.clone());
        }
        merge(&mut self.lag, &other.lag);
        self.in_time += other.in_time;
    }

    /// The results of a load of length `loaded`, whose last answer came after `elapsed`. `used` and `memory` are of the watched
    /// processes, if any.
    pub(crate) fn measured(
        &self,
        loaded: Duration,
        elapsed: Duration,
        used: Option<Cpu>,
        memory: Option<Memory>,
    ) -> Measured {
        let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / self.all.requests.max(1) as f64;
        let class = |(name, tally): (&&'static str, &Tally)| ((*name).to_owned(), Class::of(tally));
        Measured {
            seconds: elapsed.as_secs_f64(),
            goodput: self.in_time as f64 / loaded.as_secs_f64().max(1e-9),
            rate: self.all.requests as f64 / elapsed.as_secs_f64().max(1e-9),
            all: Class::of(&self.all),
            classes: self.classes.iter().map(class).collect(),
            answers: self.answers.clone(),
            failures: self.failures.clone(),
            lag_p99_ms: millis(self.lag.value_at_quantile(0.99)),
            cpu: used.map(|cpu| CpuEach {
                program_us: each(cpu.program),
                postgres_us: each(cpu.postgres),
                both_us: each(cpu.program + cpu.postgres),
            }),
            memory_mib: memory,
        }
    }
}

/// The results of one measurement.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    /// Answered requests per second, whatever the answer.
    pub(crate) rate: f64,
    /// Successes per second while the load lasted. Answers that came after its end do not count.
    pub(crate) goodput: f64,
    pub(crate) all: Class,
    pub(crate) classes: BTreeMap<String, Class>,
    pub(crate) answers: BTreeMap<String, u64>,
    /// The body of the first failure, by kind of request and answer.
    pub(crate) failures: BTreeMap<String, String>,
    pub(crate) lag_p99_ms: f64,
    pub(crate) cpu: Option<CpuEach>,
    pub(crate) memory_mib: Option<Memory>,
}

/// The results of one kind of request.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Class {
    pub(crate) requests: u64,
    /// Number of requests without a successful answer.
    pub(crate) failed: u64,
    pub(crate) failed_percent: f64,
    pub(crate) latency_ms: Latency,
}

/// Latency percentiles of requests that succeeded or timed out, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

/// Processor time per request, in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct CpuEach {
    pub(crate) program_us: f64,
    pub(crate) postgres_us: f64,
    pub(crate) both_us: f64,
}

impl Class {
    fn of(tally: &Tally) -> Self {
        let at = |quantile| millis(tally.latency.value_at_quantile(quantile));
        Self {
            requests: tally.requests,
            failed: tally.failed,
            failed_percent: tally.failed as f64 * 100.0 / tally.requests.max(1) as f64,
            latency_ms: Latency {
                p50: at(0.5),
                p90: at(0.9),
                p95: at(0.95),
                p99: at(0.99),
                p999: at(0.999),
                max: millis(tally.latency.max()),
            },
        }
    }
}

/// An empty histogram. It grows when needed, because most kinds of request never take a second.
#[expect(clippy::expect_used, reason = "the number of digits is a constant that the library allows")]
fn histogram() -> Histogram<u64> {
    Histogram::new(DIGITS).expect("three digits are allowed")
}

#[expect(clippy::expect_used, reason = "a histogram that grows refuses no hour")]
fn record(into: &mut Histogram<u64>, duration: Duration) {
    let micros = u64::try_from(duration.min(LONGEST).as_micros()).unwrap_or(u64::MAX);
    into.record(micros).expect("it grows");
}

#[expect(clippy::expect_used, reason = "a histogram that grows refuses no other")]
fn merge(into: &mut Histogram<u64>, other: &Histogram<u64>) {
    into.add(other).expect("it grows");
}

fn millis(micros: u64) -> f64 {
    micros as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(class: &'static str, result: Result<u16, Failure>, millis: u64) -> Sample {
        let latency = Duration::from_millis(millis);
        Sample { class, result, also: Some(409), latency, lag: Duration::ZERO, said: None }
    }

    #[test]
    fn percentiles_are_of_what_succeeded_or_timed_out() {
        let mut record = Record::new(Instant::now() + LONGEST);
        for millis in 1..=99 {
            record.add(&sample("list", Ok(200), millis));
        }
        record.add(&sample("list", Err(Failure::TimedOut), 30_000));
        for _ in 0..100 {
            let said = Some("too many".to_owned());
            record.add(&Sample { said, ..sample("book", Ok(429), 1) });
        }
        let measured = record.measured(Duration::from_secs(1), Duration::from_secs(2), None, None);
        assert_eq!((measured.all.requests, measured.all.failed), (200, 101));
        assert!((measured.rate - 100.0).abs() < 1e-9);
        assert!((measured.goodput - 99.0).abs() < 1e-9);
        assert!((measured.all.latency_ms.p50 - 50.0).abs() < 0.1, "{:?}", measured.all.latency_ms);
        assert!((measured.all.latency_ms.max - 30_000.0).abs() < 30.0);
        assert!((measured.classes["book"].failed_percent - 100.0).abs() < 1e-9);
        assert_eq!(measured.answers["429"], 100);
        assert_eq!(measured.answers["timed out"], 1);
        assert_eq!(measured.failures["book: 429"], "too many");
    }

    #[test]
    fn what_was_answered_after_the_load_is_no_goodput() {
        let mut record = Record::new(Instant::now().checked_sub(Duration::from_secs(1)).unwrap());
        record.add(&sample("list", Ok(200), 1));
        let measured = record.measured(Duration::from_secs(1), Duration::from_secs(2), None, None);
        assert_eq!((measured.all.requests, measured.all.failed), (1, 0));
        assert!(measured.goodput.abs() < 1e-9, "{}", measured.goodput);
    }

    #[test]
    fn two_records_merged_are_one() {
        let ends = Instant::now() + LONGEST;
        let (mut first, mut second) = (Record::new(ends), Record::new(ends));
        first.add(&sample("list", Ok(200), 1));
        second.add(&sample("list", Ok(200), 90_000));
        second.add(&sample("me", Ok(401), 5));
        second.add(&sample("book", Ok(409), 5));
        first.merge(&second);
        let used = Cpu { program: Duration::from_micros(300), postgres: Duration::from_micros(600) };
        let measured = first.measured(Duration::from_secs(1), Duration::from_secs(1), Some(used), None);
        assert_eq!(measured.classes["list"].requests, 2);
        assert_eq!(measured.answers["401"], 1);
        assert_eq!((measured.all.failed, measured.classes["book"].failed), (1, 0));
        assert!(measured.all.latency_ms.max > 89_000.0);
        let cpu = measured.cpu.unwrap();
        assert!((cpu.program_us - 75.0).abs() < 1e-6 && (cpu.both_us - 225.0).abs() < 1e-6);
    }
}
