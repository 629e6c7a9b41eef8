//! One resort of the highest tier sends ten times the load that the machine can handle: the effect on the other resorts' front
//! desks. The load generator has its own processors.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::oneshot;

use super::stage::{ROUNDS, Stage, UNCACHED, UNLIMITED, WARMUP, median};
use crate::client::Client;
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::mixes::flood::Flood;
use crate::record::Measured;
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "flood";

/// The flood, as a multiple of what the machine can handle.
const TIMES: f64 = 10.0;

/// The number of connections with which the capacity is measured.
const CONNECTIONS: u16 = 32;

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    stage.program.set_apart(true)?;
    stage.restart(&[UNCACHED, UNLIMITED])?;
    let (flooder, others) = stage.users.split_first().context("there is no resort")?;
    let desk: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, others, 1.0).await?);
    let flood: Arc<dyn Mix> = Arc::new(Flood::prepare(&stage.client, flooder).await?);
    let mode = Mode::Open { rate: stage.settings.desk_rate };

    let alone = stage.measure(&flood, Mode::Closed { connections: CONNECTIONS }).await?;
    let can_do = alone.goodput;
    let mut quiet = vec![stage.measure(&desk, mode).await?];
    let (mut during, mut flooded) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let plan = Plan {
            mode: Mode::Open { rate: can_do * TIMES },
            warmup: Duration::ZERO,
            span: 2 * (WARMUP + stage.settings.span),
            seed: stage.settings.seed + round,
        };
        let (measured, over) = oneshot::channel::<()>();
        let over = async {
            let _ = over.await;
        };
        let flooding = load::beside(Client::new(stage.program.address()), flood.clone(), plan, over);
        during.push(stage.measure(&desk, mode).await?);
        drop(measured);
        flooded.push(flooding.await??);
        quiet.push(stage.measure(&desk, mode).await?);
    }
    stage.program.set_apart(false)?;
    stage.restart(&[UNCACHED])?;

    let p99 = |runs: &[Measured]| median(runs, |run| run.all.latency_ms.p99);
    let p50 = |runs: &[Measured]| median(runs, |run| run.all.latency_ms.p50);
    let failed: u64 = during.iter().map(|run| run.all.failed).sum();
    let figures = vec![
        Figure::new(
            NAME,
            "the others' p99 in the flood, of its quiet value",
            p99(&during) / p99(&quiet),
            "×",
        )
        .target(1.2),
        Figure::new(NAME, "the others' p99 in the flood", p99(&during), "ms").against("quiet", p99(&quiet)),
        Figure::new(NAME, "the others' p50 in the flood", p50(&during), "ms").against("quiet", p50(&quiet)),
        Figure::new(NAME, "the others' failures in the flood", failed as f64, "").target(1.0),
        Figure::new(NAME, "the flood, asked", median(&flooded, |run| run.rate), "/s")
            .against("what the machine can do", can_do),
        Figure::new(NAME, "the flood, answered", median(&flooded, |run| run.goodput), "/s")
            .against("what the machine can do", can_do),
    ];
    let all = [
        ("the flooder alone", vec![alone]),
        ("the others, quiet", quiet),
        ("the others, in the flood", during),
        ("the flood", flooded),
    ];
    let each = all.into_iter().flat_map(|(name, runs)| runs.into_iter().map(move |run| (name, run)));
    let runs = each.map(|(name, measured)| Run { scenario: NAME, name: name.to_owned(), measured });
    Ok(Outcome { runs: runs.collect(), figures })
}
