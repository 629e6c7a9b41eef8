//! What the limiter costs a request that is far from the limit: the cheapest answer there is to one who signed in, with the
//! limits off and on in turn.

use std::sync::Arc;

use anyhow::Context;

use super::{Stage, UNCACHED, UNLIMITED};
use crate::load::Mode;
use crate::mixes::{Fixed, Mix};
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "limits";
const CONNECTIONS: u16 = 16;

/// In turn, so that what changes slowly changes both.
const PHASES: [bool; 4] = [false, true, true, false];

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let (mut on, mut off) = (0.0, 0.0);
    for limited in PHASES {
        let cached = ("CACHE", "on");
        let (word, settings) = if limited { ("on", vec![cached]) } else { ("off", vec![cached, UNLIMITED]) };
        stage.restart(&settings)?;
        let mix: Arc<dyn Mix> = Arc::new(Fixed::new("me", "/api/auth/me", &stage.users, 1.0));
        let measured = stage.measure(&mix, Mode::Closed { connections: CONNECTIONS }).await?;
        let each = measured.cpu.context("the program was not watched")?.program_us;
        let sum = if limited { &mut on } else { &mut off };
        *sum += each * 2.0 / PHASES.len() as f64;
        outcome.runs.push(Run { scenario: NAME, name: format!("me, cached, limits {word}"), measured });
    }
    outcome.figures = vec![
        Figure::new(NAME, "CPU that the limiter adds to a request", (on - off).max(0.0), "µs").target(3.0),
        Figure::new(NAME, "CPU for each request, limits on", on, "µs").against("off", off),
    ];
    stage.restart(&[UNCACHED])?;
    Ok(outcome)
}
