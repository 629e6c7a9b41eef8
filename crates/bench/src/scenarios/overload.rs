//! All resorts together ask for twice what the machine can do: how much of what it can do it still does, and how long those
//! wait who are let in. The load has processors of its own.

use std::sync::Arc;

use super::{Stage, UNCACHED, UNLIMITED};
use crate::load::Mode;
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::record::Measured;
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "overload";

/// Connections of closed loops, the best of which is the peak.
const CONNECTIONS: [u16; 3] = [8, 16, 32];

/// How many times what the machine can do.
const TIMES: [f64; 2] = [1.0, 2.0];

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    stage.program.set_apart(true)?;
    stage.restart(&[UNCACHED, UNLIMITED])?;
    let desk: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, &stage.users, 1.0).await?);
    let mut runs = Vec::new();
    let mut add = |mode: Mode, measured: &Measured| {
        runs.push(Run { scenario: NAME, name: mode.to_string(), measured: measured.clone() });
    };
    let mut peak = 0.0_f64;
    for connections in CONNECTIONS {
        let mode = Mode::Closed { connections };
        let measured = stage.measure(&desk, mode).await?;
        peak = peak.max(measured.goodput);
        add(mode, &measured);
    }
    let mut loaded = Vec::new();
    for times in TIMES {
        let mode = Mode::Open { rate: (peak * times).round() };
        let measured = stage.measure(&desk, mode).await?;
        add(mode, &measured);
        loaded.push(measured);
    }
    let [full, double] = loaded.as_slice() else { anyhow::bail!("two loads") };
    let figures = vec![
        Figure::new(NAME, "goodput at twice the capacity, of its peak", double.goodput / peak * 100.0, "%")
            .at_least(90.0),
        Figure::new(NAME, "peak", peak, "/s"),
        Figure::new(NAME, "p99 of what is let in, at twice the capacity", double.all.latency_ms.p99, "ms")
            .target(1000.0)
            .against("at capacity", full.all.latency_ms.p99),
        Figure::new(NAME, "p50 of what is let in, at twice the capacity", double.all.latency_ms.p50, "ms"),
    ];
    stage.program.set_apart(false)?;
    stage.restart(&[UNCACHED])?;
    Ok(Outcome { runs, figures })
}
