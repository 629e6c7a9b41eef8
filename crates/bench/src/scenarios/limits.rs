//! The cost of the limiter for a request far from the limit: the cheapest request of a signed-in user, with limits off and on,
//! alternating, often and briefly. The median is reported, so that other load on the machine has little effect.

use std::sync::Arc;

use anyhow::Context;

use super::stage::{Stage, UNCACHED, UNLIMITED, WARMUP, median};
use crate::load::{self, Mode, Plan};
use crate::mixes::{Fixed, Mix};
use crate::record::Measured;
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "limits";
const CONNECTIONS: u16 = 16;

/// The number of measurements of each kind. Each takes the span of a run divided by `PARTS`.
const TURNS: u32 = 6;
const PARTS: u32 = 3;

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        // Alternate the order, so that a machine that becomes faster or slower favours neither.
        for limited in if turn % 2 == 0 { [false, true] } else { [true, false] } {
            let measured = measure(stage, limited).await?;
            if limited { &mut with } else { &mut without }.push(measured);
        }
    }
    let (on, off) = (median(&with, program), median(&without, program));
    let pairs: Vec<_> = with.iter().zip(&without).collect();
    let added = median(&pairs, |(on, off)| program(on) - program(off));
    outcome.figures = vec![
        Figure::new(NAME, "CPU that the limiter adds to a request", added.max(0.0), "µs").target(3.0),
        Figure::new(NAME, "CPU for each request, limits on", on, "µs").against("off", off),
    ];
    for (word, runs) in [("off", without), ("on", with)] {
        let name = format!("me, cached, limits {word}");
        outcome.runs.extend(runs.into_iter().map(|measured| Run {
            scenario: NAME,
            name: name.clone(),
            measured,
        }));
    }
    stage.restart(&[UNCACHED])?;
    Ok(outcome)
}

async fn measure(stage: &mut Stage<'_>, limited: bool) -> anyhow::Result<Measured> {
    let cached = ("CACHE", "on");
    let settings = if limited { vec![cached] } else { vec![cached, UNLIMITED] };
    stage.restart(&settings)?;
    let mix: Arc<dyn Mix> = Arc::new(Fixed::new("me", "/api/auth/me", &stage.users, 1.0));
    let span = stage.settings.span / PARTS;
    let mode = Mode::Closed { connections: CONNECTIONS };
    let plan = Plan { mode, warmup: WARMUP.min(span), span, seed: stage.settings.seed };
    let measured = load::measure(&stage.client, &mix, &plan, Some(&stage.program.watch()?)).await?;
    measured.cpu.as_ref().context("the program was not measured")?;
    Ok(measured)
}

/// Processor time of the program per request, in µs.
fn program(measured: &Measured) -> f64 {
    measured.cpu.as_ref().map_or(0.0, |cpu| cpu.program_us)
}
