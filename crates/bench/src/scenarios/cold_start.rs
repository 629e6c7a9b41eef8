//! The time until the first 200 of /readyz, with existing data: when PostgreSQL must be started, too, and when it still runs
//! after the program was killed.

use anyhow::bail;

use super::stage::Stage;
use crate::report::{Figure, Outcome};

const NAME: &str = "cold start";

/// Number of starts of each kind; the median is reported.
const TIMES: usize = 5;

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let program = &mut stage.program;
    let (mut whole, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        program.stop()?;
        whole.push(program.start("serve")?.as_secs_f64() * 1e3);
        let postmaster = program.postmaster();
        program.kill()?;
        alone.push(program.start("serve")?.as_secs_f64() * 1e3);
        if program.postmaster() != postmaster {
            bail!("the program did not take over the running PostgreSQL");
        }
    }
    let (whole, alone) = (Spread::of(whole), Spread::of(alone));
    let figures = vec![
        Figure::new(NAME, "stopped, with its PostgreSQL, until ready", whole.median, "ms")
            .against("the slowest of them", whole.slowest),
        Figure::new(NAME, "killed, PostgreSQL running, until ready", alone.median, "ms")
            .against("the slowest of them", alone.slowest)
            .against("with PostgreSQL to be started", whole.median),
    ];
    Ok(Outcome { runs: Vec::new(), figures })
}

struct Spread {
    median: f64,
    slowest: f64,
}

impl Spread {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self { median: times[times.len() / 2], slowest: times[times.len() - 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_start_does_not_move_the_median() {
        let spread = Spread::of(vec![9.0, 1.0, 2.0, 3.0, 2.5]);
        assert!((spread.median - 2.5).abs() < 1e-9 && (spread.slowest - 9.0).abs() < 1e-9);
    }
}
