//! One resort of the highest tier floods the program with ten times what the machine can do: what the other resorts' desks
//! notice of it, in one run. The load has processors of its own.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::oneshot;

use super::{Stage, UNCACHED, UNLIMITED, WARMUP};
use crate::client::Client;
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::mixes::flood::Flood;
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "flood";

/// How many times what the machine can do.
const TIMES: f64 = 10.0;

/// Connections with which it does what it can.
const CONNECTIONS: u16 = 32;

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    stage.program.set_apart(true)?;
    stage.restart(&[UNCACHED, UNLIMITED])?;
    let (flooder, others) = stage.users.split_first().context("there is no resort")?;
    let desk: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, others, 1.0).await?);
    let flood: Arc<dyn Mix> = Arc::new(Flood::prepare(&stage.client, flooder).await?);
    let mode = Mode::Open { rate: stage.settings.desk_rate };

    let alone = stage.measure(&flood, Mode::Closed { connections: CONNECTIONS }).await?;
    let before = stage.measure(&desk, mode).await?;
    let plan = Plan {
        mode: Mode::Open { rate: alone.goodput() * TIMES },
        warmup: Duration::ZERO,
        span: 2 * (WARMUP + stage.settings.span),
        seed: stage.settings.seed,
    };
    let (measured, over) = oneshot::channel::<()>();
    let over = async {
        let _ = over.await;
    };
    let flooding = load::beside(Client::new(stage.program.address()), flood, plan, over);
    let during = stage.measure(&desk, mode).await?;
    drop(measured);
    let flooded = flooding.await??;
    let after = stage.measure(&desk, mode).await?;

    let p99 = |run: &crate::record::Measured| run.all.latency_ms.p99;
    let quiet = f64::midpoint(p99(&before), p99(&after));
    let figures = vec![
        Figure::new(NAME, "the others' p99 in the flood, of its quiet value", p99(&during) / quiet, "×")
            .target(1.2),
        Figure::new(NAME, "the others' p99 in the flood", p99(&during), "ms")
            .against("quiet, before", p99(&before))
            .against("quiet, after", p99(&after)),
        Figure::new(NAME, "the others' p50 in the flood", during.all.latency_ms.p50, "ms")
            .against("quiet, before", before.all.latency_ms.p50),
        Figure::new(NAME, "the others' failures in the flood", during.all.failed_percent, "%").target(0.001),
        Figure::new(NAME, "the flood, asked", flooded.rate, "/s")
            .against("what the machine can do", alone.goodput()),
        Figure::new(NAME, "the flood, answered", flooded.goodput(), "/s")
            .against("what the machine can do", alone.goodput()),
    ];
    let runs = [
        ("the flooder alone", alone),
        ("the others, quiet, before", before),
        ("the others, in the flood", during),
        ("the flood", flooded),
        ("the others, quiet, after", after),
    ];
    let runs = runs.map(|(name, measured)| Run { scenario: NAME, name: name.to_owned(), measured });
    stage.program.set_apart(false)?;
    stage.restart(&[UNCACHED])?;
    Ok(Outcome { runs: runs.into(), figures })
}
