//! The processor time of a page of 20 customers with their pets, in the program and PostgreSQL, compared with a request that does
//! no work and with one that only looks up the session.

use std::sync::Arc;

use anyhow::Context;

use super::stage::Stage;
use crate::load::Mode;
use crate::mixes::{Fixed, LIST, Mix};
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "list";
const CONNECTIONS: u16 = 16;

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut costs = Vec::new();
    for (class, path) in [("livez", "/livez"), ("me", "/api/auth/me"), ("customers list", LIST)] {
        let mix: Arc<dyn Mix> = Arc::new(Fixed::new(class, path, &stage.users, 1.0));
        let mode = Mode::Closed { connections: CONNECTIONS };
        let measured = stage.measure(&mix, mode).await?;
        costs.push(measured.cpu.context("the program was not measured")?.both_us);
        outcome.runs.push(Run { scenario: NAME, name: format!("{class}, {mode}"), measured });
    }
    let Some(Run { measured: list, .. }) = outcome.runs.last() else { return Ok(outcome) };
    let (cpu, memory) = (list.cpu.context("no processor time")?, list.memory_mib.context("no memory")?);
    outcome.figures = vec![
        Figure::new(NAME, "CPU for each, program and PostgreSQL", cpu.both_us, "µs")
            .against("/livez, which touches nothing", costs[0])
            .against("/api/auth/me, which only knows who asks", costs[1]),
        Figure::new(NAME, "CPU for each, program", cpu.program_us, "µs")
            .against("PostgreSQL", cpu.postgres_us),
        Figure::new(NAME, "capacity", list.rate, "/s"),
        Figure::new(NAME, "p95 at capacity", list.all.latency_ms.p95, "ms").target(100.0),
        Figure::new(NAME, "failed", list.all.failed_percent, "%").target(0.1),
        Figure::new(NAME, "RSS of the program after", memory.resident, "MiB")
            .against("its highest so far", memory.resident_at_most),
    ];
    Ok(outcome)
}
