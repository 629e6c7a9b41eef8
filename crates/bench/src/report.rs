//! Reports results: as Markdown for people, and as JSON for a later comparison.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::record::{Class, Measured};

/// A measurement, with the scenario and the name of the run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Run {
    pub(crate) scenario: &'static str,
    pub(crate) name: String,
    pub(crate) measured: Measured,
}

/// A single result, with what it is compared with.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) scenario: &'static str,
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    #[serde(skip)]
    pub(crate) against: Vec<Against>,
}

/// A value that a figure is compared with.
#[derive(Clone, Debug)]
pub(crate) enum Against {
    /// The figure must be below this.
    Target(f64),
    /// The figure must be at least this.
    AtLeast(f64),
    /// Another figure, with its name.
    Other(&'static str, f64),
}

impl Figure {
    pub(crate) fn new(scenario: &'static str, name: &str, value: f64, unit: &'static str) -> Self {
        Self { scenario, name: name.to_owned(), value, unit, against: Vec::new() }
    }

    pub(crate) fn target(mut self, below: f64) -> Self {
        self.against.push(Against::Target(below));
        self
    }

    pub(crate) fn at_least(mut self, least: f64) -> Self {
        self.against.push(Against::AtLeast(least));
        self
    }

    pub(crate) fn against(mut self, name: &'static str, value: f64) -> Self {
        self.against.push(Against::Other(name, value));
        self
    }

    fn key(&self) -> String {
        key(self.scenario, &self.name)
    }

    fn missed(&self) -> bool {
        self.against.iter().any(|against| match against {
            Against::Target(below) => self.value >= *below,
            Against::AtLeast(least) => self.value < *least,
            Against::Other(..) => false,
        })
    }
}

/// All results.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Outcome {
    pub(crate) runs: Vec<Run>,
    pub(crate) figures: Vec<Figure>,
}

impl Outcome {
    /// Whether any target was missed.
    pub(crate) fn missed(&self) -> bool {
        self.figures.iter().any(Figure::missed)
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.runs.extend(other.runs);
        self.figures.extend(other.figures);
    }
}

/// The figures of an earlier outcome, by scenario and name.
pub(crate) type Baseline = BTreeMap<String, f64>;

/// Reads the figures from a file that [`show`] wrote.
///
/// # Errors
/// When the file cannot be read, or was not written by [`show`].
pub(crate) fn read_baseline(path: &Path) -> anyhow::Result<Baseline> {
    #[derive(Deserialize)]
    struct Earlier {
        figures: Vec<EarlierFigure>,
    }
    #[derive(Deserialize)]
    struct EarlierFigure {
        scenario: String,
        name: String,
        value: f64,
    }
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let earlier: Earlier =
        serde_json::from_str(&text).with_context(|| format!("{} is not a report", path.display()))?;
    let figures = earlier.figures.into_iter();
    Ok(figures.map(|figure| (key(&figure.scenario, &figure.name), figure.value)).collect())
}

fn key(scenario: &str, name: &str) -> String {
    format!("{scenario}/{name}")
}

/// Writes the outcome to the file `json`, if given, then prints it.
///
/// # Errors
/// When the file cannot be written.
#[expect(clippy::print_stdout, reason = "the report is the output")]
pub(crate) fn show(
    outcome: &Outcome,
    baseline: Option<&Baseline>,
    json: Option<&Path>,
) -> anyhow::Result<()> {
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(outcome)?;
        fs::write(path, text + "\n").with_context(|| format!("{} cannot be written", path.display()))?;
    }
    println!("{}", markdown(outcome, baseline));
    Ok(())
}

/// Prints what is being done, on standard error.
#[expect(clippy::print_stderr, reason = "progress for the person at the terminal")]
pub(crate) fn progress(text: &str) {
    eprintln!("== {text}");
}

/// Prints an error, on standard error.
#[expect(clippy::print_stderr, reason = "errors go to the person at the terminal")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("bench: {error:#}");
}

fn markdown(outcome: &Outcome, baseline: Option<&Baseline>) -> String {
    let mut text = String::new();
    if !outcome.figures.is_empty() {
        figures(&mut text, &outcome.figures, baseline);
        text.push('\n');
    }
    if !outcome.runs.is_empty() {
        runs(&mut text, &outcome.runs);
    }
    for run in outcome.runs.iter().filter(|run| run.measured.classes.len() > 1) {
        let _ = writeln!(text, "\n{}: {}, by kind:\n", run.scenario, run.name);
        classes(&mut text, &run.measured);
    }
    for run in outcome.runs.iter().filter(|run| !run.measured.failures.is_empty()) {
        let _ = writeln!(text, "\n{}: {}, the first failure of each kind:\n", run.scenario, run.name);
        for (kind, said) in &run.measured.failures {
            let _ = writeln!(text, "- {kind} `{said}`");
        }
    }
    text
}

fn figures(text: &mut String, figures: &[Figure], baseline: Option<&Baseline>) {
    text.push_str(
        "| scenario | figure | measured | compared with | ratio | |\n|---|---|---:|---|---:|---|\n",
    );
    for figure in figures {
        let mut rows: Vec<(String, f64, &str)> = Vec::new();
        for against in &figure.against {
            rows.push(match against {
                Against::Target(below) => {
                    let word = if figure.value < *below { "met" } else { "MISSED" };
                    (format!("target: below {} {}", number(*below), figure.unit), *below, word)
                }
                Against::AtLeast(least) => {
                    let word = if figure.value >= *least { "met" } else { "MISSED" };
                    (format!("target: {} {} or more", number(*least), figure.unit), *least, word)
                }
                Against::Other(name, value) => {
                    (format!("{name}: {} {}", number(*value), figure.unit), *value, "")
                }
            });
        }
        if let Some(before) = baseline.and_then(|baseline| baseline.get(&figure.key())) {
            rows.push((format!("before: {} {}", number(*before), figure.unit), *before, ""));
        }
        let start =
            format!("| {} | {} | {} {} |", figure.scenario, figure.name, number(figure.value), figure.unit);
        if rows.is_empty() {
            let _ = writeln!(text, "{start} | | |");
        }
        for (with, other, word) in rows {
            let _ = writeln!(text, "{start} {with} | {} | {word} |", ratio(figure.value, other));
        }
    }
}

fn runs(text: &mut String, runs: &[Run]) {
    text.push_str(
        "| scenario | run | requests | failed | per s | p50 ms | p90 | p95 | p99 | p99.9 | max | late p99 | CPU µs per request | \
         program | PostgreSQL | RSS MiB | answers |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n",
    );
    for Run { scenario, name, measured } in runs {
        let [both, program, postgres] = measured.cpu.map_or(["", "", ""].map(str::to_owned), |cpu| {
            [cpu.both_us, cpu.program_us, cpu.postgres_us].map(number)
        });
        let memory = measured.memory_mib.map_or_else(String::new, |memory| number(memory.resident));
        let answers = measured.answers.iter().map(|(answer, count)| format!("{answer}: {count}"));
        let _ = writeln!(
            text,
            "| {scenario} | {name} | {} | {} | {} | {} | {both} | {program} | {postgres} | {memory} | {} |",
            counts(&measured.all),
            number(measured.rate),
            latency(&measured.all),
            number(measured.lag_p99_ms),
            answers.collect::<Vec<_>>().join(", "),
        );
    }
}

fn classes(text: &mut String, measured: &Measured) {
    text.push_str(
        "| kind | requests | failed | p50 ms | p90 | p95 | p99 | p99.9 | max |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, class) in &measured.classes {
        let _ = writeln!(text, "| {name} | {} | {} |", counts(class), latency(class));
    }
}

fn counts(class: &Class) -> String {
    format!("{} | {}", class.requests, class.failed)
}

fn latency(class: &Class) -> String {
    let latency = class.latency_ms;
    [latency.p50, latency.p90, latency.p95, latency.p99, latency.p999, latency.max].map(number).join(" | ")
}

/// The number with three significant digits.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn ratio(value: f64, other: f64) -> String {
    if other == 0.0 { "–".to_owned() } else { format!("{} ×", number(value / other)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stands_beside_its_target_its_like_and_its_past() {
        let figure = Figure::new("desk", "p95", 25.0, "ms").target(100.0).against("p50", 5.0);
        let outcome = Outcome { runs: Vec::new(), figures: vec![figure] };
        assert!(!outcome.missed());
        let text = markdown(&outcome, Some(&Baseline::from([("desk/p95".to_owned(), 50.0)])));
        assert!(text.contains("| desk | p95 | 25.0 ms | target: below 100 ms | 0.250 × | met |"), "{text}");
        assert!(text.contains("| p50: 5.00 ms | 5.00 × |"), "{text}");
        assert!(text.contains("| before: 50.0 ms | 0.500 × |"), "{text}");
    }

    #[test]
    fn a_target_is_missed_when_it_is_reached() {
        let figure = Figure::new("desk", "p95", 100.0, "ms").target(100.0);
        assert!(Outcome { runs: Vec::new(), figures: vec![figure] }.missed());
        let hits = |percent| Figure::new("cache", "hits", percent, "%").at_least(80.0);
        assert!(Outcome { runs: Vec::new(), figures: vec![hits(79.9)] }.missed());
        assert!(!Outcome { runs: Vec::new(), figures: vec![hits(80.0)] }.missed());
    }

    #[test]
    fn what_is_written_is_read_again() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let outcome = Outcome { runs: Vec::new(), figures: vec![Figure::new("list", "CPU", 292.5, "µs")] };
        fs::write(file.path(), serde_json::to_string(&outcome).unwrap()).unwrap();
        assert_eq!(read_baseline(file.path()).unwrap(), Baseline::from([("list/CPU".to_owned(), 292.5)]));
        assert!(read_baseline(Path::new("/nowhere")).is_err());
    }
}
