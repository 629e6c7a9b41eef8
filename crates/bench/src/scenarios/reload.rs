//! What front desks notice of ten reloads, which is to be nothing; and how long they wait when the program is killed and its
//! supervisor starts it again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, sleep_until};

use super::{Stage, UNCACHED, WARMUP};
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "reload";
const RELOADS: u32 = 10;

/// How long systemd waits before it starts a service again, unless told otherwise.
const RESTART: Duration = Duration::from_millis(100);

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    stage.program.stop()?;
    stage.program.set(&[("CACHE", "on")]);
    stage.program.start("serve")?;
    let mode = Mode::Open { rate: stage.settings.desk_rate };
    let span = stage.settings.span;
    let plan = Plan { mode, warmup: WARMUP.min(span), span, seed: stage.settings.seed };
    let mix: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, &stage.users, 1.0).await?);
    let (client, program) = (stage.client.clone(), &mut stage.program);

    let quiet = load::measure(&client, &mix, &plan, None).await?;
    let start = tokio::time::Instant::now() + plan.warmup;
    let reloads = async {
        let mut times = Vec::new();
        for turn in 0..RELOADS {
            sleep_until(start + span * turn / RELOADS).await;
            times.push(program.reload().await?.as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        Ok::<_, anyhow::Error>(times)
    };
    let (reloaded, times) = tokio::join!(load::measure(&client, &mix, &plan, None), reloads);
    let (reloaded, times) = (reloaded?, times?);

    let after = Plan { warmup: Duration::ZERO, ..plan };
    let load = load::measure(&client, &mix, &after, None);
    let kill = async {
        sleep(span / 4).await;
        let start = Instant::now();
        program.kill()?;
        sleep(RESTART).await;
        // It is asked until it is ready.
        tokio::task::block_in_place(|| program.start("serve"))?;
        Ok::<_, anyhow::Error>(start.elapsed().as_secs_f64())
    };
    let (killed, back) = tokio::join!(load, kill);
    let (killed, back) = (killed?, back?);
    program.stop()?;
    program.set(&[UNCACHED]);
    program.start("serve")?;

    let ratio = reloaded.all.latency_ms.p99 / quiet.all.latency_ms.p99;
    let figures = vec![
        Figure::new(NAME, "failed requests in ten reloads", reloaded.all.failed as f64, "")
            .target(1.0)
            .against("of", reloaded.all.requests as f64),
        Figure::new(NAME, "p99 in ten reloads, against quiet", ratio, "×").target(1.5),
        Figure::new(NAME, "p99 in ten reloads", reloaded.all.latency_ms.p99, "ms")
            .against("quiet", quiet.all.latency_ms.p99),
        Figure::new(NAME, "a reload, until the new program serves", times[times.len() / 2], "s")
            .against("the slowest of ten", times[times.len() - 1]),
        Figure::new(NAME, "killed under load, until it serves again", back, "s").target(3.0),
    ];
    let runs = [("quiet", quiet), ("ten reloads", reloaded), ("killed once", killed)];
    let runs = runs.map(|(name, measured)| Run { scenario: NAME, name: name.to_owned(), measured });
    Ok(Outcome { runs: runs.into(), figures })
}
