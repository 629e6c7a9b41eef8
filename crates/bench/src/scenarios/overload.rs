//! Twice the load that the machine can handle, from all resorts: the rate of successful answers compared with the peak, and the
//! latency of requests that are admitted. The load generator has its own processors.

use std::sync::Arc;

use super::stage::{Stage, UNCACHED, UNLIMITED};
use crate::load::Mode;
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::record::Measured;
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "overload";

/// Numbers of connections of closed loops; the best result is the peak.
const CONNECTIONS: [u16; 3] = [8, 16, 32];

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    stage.program.set_apart(true)?;
    stage.restart(&[UNCACHED, UNLIMITED])?;
    let desk: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, &stage.users, 1.0).await?);
    let mut runs = Vec::new();
    let mut best = (0.0_f64, Mode::Closed { connections: 0 });
    for connections in CONNECTIONS {
        let mode = Mode::Closed { connections };
        let measured = stage.measure(&desk, mode).await?;
        if measured.goodput > best.0 {
            best = (measured.goodput, mode);
        }
        runs.push(run(mode.to_string(), measured));
    }
    let (before, mode) = best;
    let open = |times: f64| Mode::Open { rate: (before * times).round() };
    let full = stage.measure(&desk, open(1.0)).await?;
    let double = stage.measure(&desk, open(2.0)).await?;
    // Measured again, because the machine may have become slower or faster.
    let again = stage.measure(&desk, mode).await?;
    let peak = f64::midpoint(before, again.goodput);
    let figures = vec![
        Figure::new(NAME, "goodput at twice the capacity, of its peak", double.goodput / peak * 100.0, "%")
            .at_least(90.0),
        Figure::new(NAME, "peak, before", before, "/s").against("after", again.goodput),
        Figure::new(NAME, "p99 of admitted requests, at twice the capacity", double.all.latency_ms.p99, "ms")
            .target(1000.0)
            .against("at capacity", full.all.latency_ms.p99),
        Figure::new(NAME, "p50 of admitted requests, at twice the capacity", double.all.latency_ms.p50, "ms"),
    ];
    runs.push(run(open(1.0).to_string(), full));
    runs.push(run(open(2.0).to_string(), double));
    runs.push(run(format!("{mode}, again"), again));
    stage.program.set_apart(false)?;
    stage.restart(&[UNCACHED])?;
    Ok(Outcome { runs, figures })
}

fn run(name: String, measured: Measured) -> Run {
    Run { scenario: NAME, name, measured }
}
