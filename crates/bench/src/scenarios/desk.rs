//! The front desks of all resorts, in an open loop: their latency, and how many requests fail.

use std::sync::Arc;

use anyhow::Context;

use super::stage::Stage;
use crate::load::Mode;
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "desk";

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let mix: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, &stage.users, 1.0).await?);
    let mode = Mode::Open { rate: stage.settings.desk_rate };
    let measured = stage.measure(&mix, mode).await?;
    let (cpu, latency) = (measured.cpu.context("the program was not measured")?, measured.all.latency_ms);
    let figures = vec![
        Figure::new(NAME, "p95", latency.p95, "ms").target(100.0).against("p50", latency.p50),
        Figure::new(NAME, "p99", latency.p99, "ms").against("p50", latency.p50),
        Figure::new(NAME, "failed", measured.all.failed_percent, "%").target(0.1),
        Figure::new(NAME, "CPU for each, program and PostgreSQL", cpu.both_us, "µs"),
    ];
    Ok(Outcome { runs: vec![Run { scenario: NAME, name: mode.to_string(), measured }], figures })
}
