//! The metrics after requests from ten thousand resorts: their size, and the time to fetch them.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use http::StatusCode;

use super::stage::{BASE_DOMAIN, Stage, UNLIMITED};
use crate::client::Client;
use crate::load::{self, Mode, Plan};
use crate::mixes::{Fixed, Mix};
use crate::report::{Figure, Outcome, Run, progress};
use crate::request::Request;
use crate::users;

const NAME: &str = "scrape";
const RESORTS: u32 = 10_000;

/// Scrapes per second: more than Prometheus sends, to have many samples.
const RATE: f64 = 20.0;

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    // All requests come from one address.
    stage.restart(&[UNLIMITED])?;
    let folder = stage.program.folder("next")?;
    let known = stage.program.tell(&["migrate", "status"])?.lines().count();
    let many = format!(
        "insert into app.tenants (id, subdomain, name, tier, status, timezone, currency, tax_rate_bps, created_at, updated_at)\n\
         select gen_random_uuid(), 'crowd' || n, 'Crowd ' || n, 'FREE', 'ACTIVE', 'UTC', 'USD', 0, now(), now()\n\
         from generate_series(1, {RESORTS}) n\n\
         on conflict do nothing;\n"
    );
    let text = format!("-- lint: allow bulk-change: no requests yet\n{many}");
    fs::write(folder.join(format!("{:04}_many_resorts.sql", known + 1)), text)?;
    let from = folder.to_str().context("the path of the folder is not UTF-8")?;
    progress(&format!("sending a request for each of {RESORTS} resorts"));
    stage.program.tell(&["migrate", "deploy", "--from", from])?;
    for number in 1..=RESORTS {
        let visitor = users::nobody(&format!("crowd{number}.{BASE_DOMAIN}"))?;
        let answer = stage.client.send(&Request::get("visit", &visitor, "/api/auth/me".to_owned())).await;
        let status = answer.map_err(|failure| anyhow::anyhow!("a visit failed: {failure:?}"))?.status;
        anyhow::ensure!(status == StatusCode::UNAUTHORIZED, "a visit was answered with {status}");
    }

    let prometheus = users::nobody(BASE_DOMAIN)?;
    let client = Arc::new(Client::new(stage.program.admin_address()));
    let page = client.send(&Request::get("scrape", &prometheus, "/metrics".to_owned())).await;
    let page = page.map_err(|failure| anyhow::anyhow!("there are no metrics: {failure:?}"))?;
    let mix: Arc<dyn Mix> = Arc::new(Fixed::new("scrape", "/metrics", &[prometheus], 0.0));
    let Stage { settings, .. } = stage;
    let plan = Plan {
        mode: Mode::Open { rate: RATE },
        warmup: Duration::from_secs(1),
        span: settings.span,
        seed: settings.seed,
    };
    let measured = load::measure(&client, &mix, &plan, Some(&stage.program.watch()?)).await?;
    let figures = vec![
        Figure::new(NAME, "metrics after requests of 10,000 resorts", page.body.len() as f64 / 1e3, "KB")
            .target(1e3),
        Figure::new(NAME, "p99 of a scrape", measured.all.latency_ms.p99, "ms").target(50.0),
        Figure::new(NAME, "failed scrapes", measured.all.failed as f64, "").target(1.0),
    ];
    Ok(Outcome { runs: vec![Run { scenario: NAME, name: plan.mode.to_string(), measured }], figures })
}
