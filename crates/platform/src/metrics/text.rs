//! The counts as Prometheus reads them: text format 0.0.4.

use std::fmt::{Display, Write};
use std::sync::atomic::Ordering;

use super::gather::snapshot;
use super::histogram::Counted;
use super::requests::{Answered, by_route};
use super::{machine, overview};
use crate::{Platform, fairness, telemetry};

/// How many resorts are named: each is a time series for as long as Prometheus keeps it.
const NAMED: usize = 20;

/// Everything the program counts.
pub(crate) fn render(platform: &Platform) -> String {
    let mut page = Page(String::with_capacity(64 * 1024));
    program(&mut page, platform);
    requests(&mut page, platform);
    let now = snapshot(platform);
    database(&mut page, &now.database);
    queue(&mut page, &now.lines);
    cache(&mut page, &now.cache);
    limiter(&mut page, &now.limits);
    jobs(&mut page, platform);
    backup(&mut page, platform);
    reports(&mut page);
    tenants(&mut page, platform);
    page.0
}

fn program(page: &mut Page, platform: &Platform) {
    page.family("tailtown_build_info", "gauge", "The program, by version and commit.");
    page.value("tailtown_build_info", &[("version", platform.version), ("commit", platform.commit)], 1);
    page.one(
        "tailtown_uptime_seconds",
        "gauge",
        "Since the start.",
        platform.started.elapsed().as_secs_f64(),
    );
    let draining = u8::from(platform.draining.load(Ordering::SeqCst));
    page.one("tailtown_draining", "gauge", "Whether the node is stopping.", draining);
    let parts = &platform.metrics.parts;
    page.family("tailtown_part_up", "gauge", "Whether what the program stands on answered of late.");
    let is_up = u8::from(parts.database.load(Ordering::Relaxed));
    page.value("tailtown_part_up", &[("part", "database")], is_up);
    if platform.redis.is_some() {
        page.value("tailtown_part_up", &[("part", "redis")], u8::from(parts.redis.load(Ordering::Relaxed)));
    }
    if let Some(bytes) = machine::resident_bytes() {
        page.one("process_resident_memory_bytes", "gauge", "Memory in hand.", bytes);
    }
    if let Some(seconds) = machine::cpu_seconds() {
        page.one("process_cpu_seconds_total", "counter", "Processor time.", seconds);
    }
    if let Some(files) = machine::open_files() {
        page.one("process_open_fds", "gauge", "Open files and connections.", files);
    }
    if let Some((free, all)) = machine::disk(&platform.config.home) {
        page.one("tailtown_disk_free_bytes", "gauge", "Room left on the disk of the state folder.", free);
        page.one("tailtown_disk_size_bytes", "gauge", "Room on the disk of the state folder.", all);
    }
}

fn requests(page: &mut Page, platform: &Platform) {
    let in_flight = platform.metrics.in_flight.load(Ordering::Relaxed);
    page.one("tailtown_http_requests_in_flight", "gauge", "Requests under way.", in_flight);
    let answered = platform.metrics.requests.answered();
    let name = "tailtown_http_requests_total";
    page.family(name, "counter", "Requests answered, by route and status.");
    for Answered { route, method, status, took } in &answered {
        let status = status.to_string();
        page.value(name, &[("method", method), ("route", route), ("status", &status)], took.total());
    }
    let name = "tailtown_http_request_duration_seconds";
    page.family(name, "histogram", "From a request's head until its answer begins.");
    for ((route, method), took) in by_route(&answered) {
        page.histogram(name, &[("method", method), ("route", route)], &took);
    }
}

fn database(page: &mut Page, database: &crate::db::Metered) {
    let name = "tailtown_db_statement_duration_seconds";
    page.family(name, "histogram", "From a statement until its whole answer.");
    page.histogram(name, &[], &database.statements);
    let name = "tailtown_db_pool_wait_seconds";
    page.family(name, "histogram", "Until a connection was to be had.");
    page.histogram(name, &[], &database.waits);
    let name = "tailtown_db_pool_connections";
    page.family(name, "gauge", "Connections to the database.");
    page.value(name, &[("state", "in_use")], database.in_use);
    page.value(name, &[("state", "idle")], database.idle);
    page.one("tailtown_db_pool_limit", "gauge", "How many connections there may be.", database.limit);
    page.one("tailtown_db_pool_waiting", "gauge", "Who waits for a connection.", database.waiting);
    let about = "Requests that got no connection in time.";
    page.one("tailtown_db_pool_timeouts_total", "counter", about, database.timeouts);
    let about = "Connections that could not be made.";
    page.one("tailtown_db_connect_failures_total", "counter", about, database.failures);
}

fn queue(page: &mut Page, lines: &[(&'static str, fairness::Stats)]) {
    for (name, kind, about, of) in [
        ("tailtown_queue_places", "gauge", "How many may work at a time.", Of::Places),
        ("tailtown_queue_taken", "gauge", "How many do.", Of::Taken),
    ] {
        page.family(name, kind, about);
        for (line, stats) in lines {
            page.value(name, &[("line", line)], if of == Of::Places { stats.limit } else { stats.in_use });
        }
    }
    for (name, kind, about, of) in [
        ("tailtown_queue_waiting", "gauge", "Requests that wait for a place.", Of::Waiting),
        ("tailtown_queue_admitted_total", "counter", "Requests that got a place.", Of::Admitted),
        ("tailtown_queue_shed_total", "counter", "Requests that were refused one.", Of::Shed),
        ("tailtown_queue_gave_up_total", "counter", "Requests that went away while they waited.", Of::GaveUp),
        ("tailtown_queue_waited_seconds_total", "counter", "What they waited, in all.", Of::Waited),
    ] {
        page.family(name, kind, about);
        for (line, stats) in lines {
            for class in &stats.classes {
                let word: &str = class.class.into();
                let labels = [("line", *line), ("class", word)];
                match of {
                    Of::Waiting => page.value(name, &labels, class.waiting),
                    Of::Admitted => page.value(name, &labels, class.admitted),
                    Of::Shed => page.value(name, &labels, class.shed),
                    Of::GaveUp => page.value(name, &labels, class.gave_up),
                    _ => page.value(name, &labels, class.waited_micros as f64 / 1e6),
                }
            }
        }
    }
}

/// Which figure of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Places,
    Taken,
    Waiting,
    Admitted,
    Shed,
    GaveUp,
    Waited,
}

fn cache(page: &mut Page, cache: &crate::cache::Stats) {
    let name = "tailtown_cache_requests_total";
    page.family(name, "counter", "GETs by where their answer came from.");
    for (result, count) in [
        ("hit_process", cache.hits - cache.redis),
        ("hit_redis", cache.redis),
        ("miss", cache.misses),
        ("bypass", cache.bypasses),
    ] {
        page.value(name, &[("result", result)], count);
    }
    let about = "Hits for which the client had the bytes already.";
    page.one("tailtown_cache_revalidated_total", "counter", about, cache.revalidated);
    page.one("tailtown_cache_entries", "gauge", "Answers, sessions and resorts held.", cache.entries);
    page.one("tailtown_cache_bytes", "gauge", "What they take.", cache.bytes);
}

fn limiter(page: &mut Page, limits: &crate::rate_limit::Stats) {
    let name = "tailtown_limiter_decisions_total";
    page.family(name, "counter", "Requests within their resort's limit, and beyond.");
    page.value(name, &[("decision", "admitted")], limits.admitted);
    page.value(name, &[("decision", "refused")], limits.refused);
    let name = "tailtown_limiter_sign_ins_total";
    page.family(
        name,
        "counter",
        "Attempts to sign in that were held up: after wrong passwords, or too many from an address.",
    );
    page.value(name, &[("decision", "slowed")], limits.sign_ins_slowed);
    page.value(name, &[("decision", "refused")], limits.sign_ins_refused);
    let about = "Requests that were decided without Redis.";
    page.one("tailtown_limiter_alone_total", "counter", about, limits.alone);
    page.one("tailtown_limiter_nodes", "gauge", "Nodes that share the limits.", limits.nodes);
}

/// By `task`: `job` is what Prometheus calls whatever it scrapes.
fn jobs(page: &mut Page, platform: &Platform) {
    let all: Vec<_> =
        platform.metrics.jobs.all().map(|(job, runs)| (<&'static str>::from(job), runs)).collect();
    let name = "tailtown_job_runs_total";
    page.family(name, "counter", "What the program did by itself, by how it went.");
    for (task, runs) in &all {
        page.value(name, &[("task", task), ("outcome", "done")], runs.done);
        page.value(name, &[("task", task), ("outcome", "failed")], runs.failed);
    }
    let name = "tailtown_job_seconds_total";
    page.family(name, "counter", "What it took, in all.");
    for (task, runs) in &all {
        page.value(name, &[("task", task)], runs.took.as_secs_f64());
    }
    let name = "tailtown_job_under_way";
    page.family(name, "gauge", "What of it is under way.");
    for (task, runs) in &all {
        page.value(name, &[("task", task)], runs.under_way);
    }
    let name = "tailtown_job_failures_in_a_row";
    page.family(name, "gauge", "How often it failed since it last went well.");
    for (task, runs) in &all {
        page.value(name, &[("task", task)], runs.failed_in_a_row);
    }
    let name = "tailtown_job_last_done_timestamp_seconds";
    page.family(name, "gauge", "When it last went well.");
    for (task, runs) in &all {
        if let Some(at) = runs.last_done_at {
            page.value(name, &[("task", task)], at.as_second());
        }
    }
}

fn backup(page: &mut Page, platform: &Platform) {
    let shown = platform.backup.shown(platform.config.backup.scheduled, platform.clock.now());
    let scheduled = u8::from(platform.config.backup.scheduled);
    page.one("tailtown_backup_scheduled", "gauge", "Whether this node makes backups by itself.", scheduled);
    let about = "Whether there ought to be a newer proven backup.";
    page.one("tailtown_backup_stale", "gauge", about, u8::from(shown.stale));
    if let Some(last) = &shown.last_verified {
        let about = "When the newest backup that was restored and compared was made.";
        let at = last.created_at.as_second();
        page.one("tailtown_backup_last_verified_timestamp_seconds", "gauge", about, at);
    }
}

fn reports(page: &mut Page) {
    for (name, about, of) in [
        ("tailtown_reports_sent_total", "Reports that left the house.", true),
        ("tailtown_reports_dropped_total", "Reports that were not taken in time.", false),
    ] {
        page.family(name, "counter", about);
        for (sink, counts) in &*telemetry::SENT {
            let count = if of { &counts.sent } else { &counts.dropped };
            page.value(name, &[("sink", sink)], count.load(Ordering::Relaxed));
        }
    }
}

fn tenants(page: &mut Page, platform: &Platform) {
    let top = overview::tenants(platform, platform.clock.now(), NAMED);
    for (name, about, of) in [
        ("tailtown_tenant_hour_requests", "Requests in the past hour of those resorts that asked most.", 0),
        ("tailtown_tenant_hour_errors", "Those answered with a status from 500 on.", 1),
        ("tailtown_tenant_hour_refused", "Those answered with 429.", 2),
        ("tailtown_tenant_hour_database_seconds", "Time of the database for them.", 3),
    ] {
        page.family(name, "gauge", about);
        for tenant in &top {
            let labels = [("tenant", tenant.subdomain.as_str())];
            match of {
                0 => page.value(name, &labels, tenant.requests),
                1 => page.value(name, &labels, tenant.errors),
                2 => page.value(name, &labels, tenant.refused),
                _ => page.value(name, &labels, tenant.database_ms as f64 / 1e3),
            }
        }
    }
}

struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, about: &str) {
        let _ = write!(self.0, "# HELP {name} {about}\n# TYPE {name} {kind}\n");
    }

    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        self.labels(labels, None);
        let _ = writeln!(self.0, " {value}");
    }

    fn one(&mut self, name: &str, kind: &str, about: &str, value: impl Display) {
        self.family(name, kind, about);
        self.value(name, &[], value);
    }

    fn histogram(&mut self, name: &str, labels: &[(&str, &str)], counted: &Counted) {
        for (bound, count) in counted.up_to_each() {
            let bound = bound.map_or("+Inf".to_owned(), |us| (us as f64 / 1e6).to_string());
            let _ = write!(self.0, "{name}_bucket");
            self.labels(labels, Some(&bound));
            let _ = writeln!(self.0, " {count}");
        }
        let _ = write!(self.0, "{name}_sum");
        self.labels(labels, None);
        let _ = writeln!(self.0, " {}", counted.sum_us as f64 / 1e6);
        let _ = write!(self.0, "{name}_count");
        self.labels(labels, None);
        let _ = writeln!(self.0, " {}", counted.total());
    }

    fn labels(&mut self, labels: &[(&str, &str)], le: Option<&str>) {
        let mut open = '{';
        for (name, value) in labels.iter().copied().chain(le.map(|le| ("le", le))) {
            let _ = write!(self.0, "{open}{name}=\"");
            for letter in value.chars() {
                match letter {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    letter => self.0.push(letter),
                }
            }
            self.0.push('"');
            open = ',';
        }
        if open == ',' {
            self.0.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::histogram::Histogram;
    use super::*;

    #[test]
    fn a_label_keeps_its_quotes_to_itself() {
        let mut page = Page(String::new());
        page.value("m", &[("a", "x\"y\\z\n"), ("b", "")], 1);
        page.value("n", &[], 0.5);
        assert_eq!(page.0, "m{a=\"x\\\"y\\\\z\\n\",b=\"\"} 1\nn 0.5\n");
    }

    #[test]
    fn a_histogram_counts_up_to_each_bound_in_seconds() {
        let histogram = Histogram::default();
        histogram.count(Duration::from_millis(15));
        histogram.count(Duration::from_secs(60));
        let mut page = Page(String::new());
        page.histogram("t", &[("route", "/x")], &histogram.counted());
        for line in [
            "t_bucket{route=\"/x\",le=\"0.01\"} 0\n",
            "t_bucket{route=\"/x\",le=\"0.02\"} 1\n",
            "t_bucket{route=\"/x\",le=\"+Inf\"} 2\n",
            "t_sum{route=\"/x\"} 60.015\n",
            "t_count{route=\"/x\"} 2\n",
        ] {
            assert!(page.0.contains(line), "{line} is not in {}", page.0);
        }
    }
}
