//! Ten reloads, and a deploy that is rolled back, while front desks work: failed requests and latency. Also the time until the
//! program serves again after it was killed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, sleep_until};

use super::stage::{ROUNDS, Stage, UNCACHED, WARMUP, median};
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::record::{Class, Measured};
use crate::report::{Figure, Outcome, Run};

const NAME: &str = "reload";
const RELOADS: u32 = 10;

/// The delay before systemd restarts the program: `RestartSec` in `ops/systemd/tailtown.service`.
const RESTART: Duration = Duration::from_secs(1);

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    stage.program.stop()?;
    stage.program.install()?;
    stage.program.set(&[("CACHE", "on")]);
    stage.program.start("serve")?;
    let mode = Mode::Open { rate: stage.settings.desk_rate };
    let span = stage.settings.span;
    let plan = Plan { mode, warmup: WARMUP.min(span), span, seed: stage.settings.seed };
    let mix: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, &stage.users, 1.0).await?);
    let (client, program) = (stage.client.clone(), &mut stage.program);

    let mut quiet = vec![load::measure(&client, &mix, &plan, None).await?];
    let (mut reloaded, mut times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = tokio::time::Instant::now() + plan.warmup;
        let reloads = async {
            for turn in 0..RELOADS {
                sleep_until(start + span * turn / RELOADS).await;
                times.push(program.reload().await?.as_secs_f64());
            }
            anyhow::Ok(())
        };
        let (measured, reloads) = tokio::join!(load::measure(&client, &mix, &plan, None), reloads);
        reloads?;
        reloaded.push(measured?);
        quiet.push(load::measure(&client, &mix, &plan, None).await?);
    }
    times.sort_by(f64::total_cmp);
    let (mut deployed, mut rolled_back) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = tokio::time::Instant::now() + plan.warmup;
        let deploy = async {
            sleep_until(start).await;
            program.deploy_and_roll_back().await
        };
        let (measured, deploy) = tokio::join!(load::measure(&client, &mix, &plan, None), deploy);
        rolled_back.push(deploy?.as_secs_f64());
        deployed.push(measured?);
        quiet.push(load::measure(&client, &mix, &plan, None).await?);
    }
    rolled_back.sort_by(f64::total_cmp);

    let after = Plan { warmup: Duration::ZERO, ..plan };
    let load = load::measure(&client, &mix, &after, None);
    let kill = async {
        sleep(span / 4).await;
        let start = Instant::now();
        program.kill()?;
        sleep(RESTART).await;
        // Waits until the program is ready.
        tokio::task::block_in_place(|| program.start("serve"))?;
        Ok::<_, anyhow::Error>(start.elapsed().as_secs_f64())
    };
    let (killed, back) = tokio::join!(load, kill);
    let (killed, back) = (killed?, back?);
    program.stop()?;
    program.set(&[UNCACHED]);
    program.start("serve")?;

    let p99 = |runs: &[Measured]| median(runs, |run| run.all.latency_ms.p99);
    let count =
        |runs: &[Measured], of: fn(&Class) -> u64| runs.iter().map(|run| of(&run.all)).sum::<u64>() as f64;
    let figures = vec![
        Figure::new(
            NAME,
            "failed requests in ten reloads, three times",
            count(&reloaded, |all| all.failed),
            "",
        )
        .target(1.0)
        .against("of", count(&reloaded, |all| all.requests)),
        Figure::new(NAME, "p99 in ten reloads, against quiet", p99(&reloaded) / p99(&quiet), "×").target(1.5),
        Figure::new(NAME, "p99 in ten reloads", p99(&reloaded), "ms").against("quiet", p99(&quiet)),
        Figure::new(NAME, "a reload, until the new program serves", times[times.len() / 2], "s")
            .against("the slowest", times[times.len() - 1]),
        Figure::new(
            NAME,
            "failed requests in a deploy that is rolled back, three times",
            count(&deployed, |all| all.failed),
            "",
        )
        .target(1.0)
        .against("of", count(&deployed, |all| all.requests)),
        Figure::new(NAME, "p99 in such a deploy, against quiet", p99(&deployed) / p99(&quiet), "×")
            .target(1.5),
        Figure::new(NAME, "p99 in such a deploy", p99(&deployed), "ms").against("quiet", p99(&quiet)),
        Figure::new(NAME, "such a deploy, until it is rolled back", rolled_back[rolled_back.len() / 2], "s"),
        Figure::new(NAME, "killed under load, until it serves again", back, "s").target(3.0),
    ];
    let all = [
        ("quiet", quiet),
        ("ten reloads", reloaded),
        ("a deploy that is rolled back", deployed),
        ("killed once", vec![killed]),
    ];
    let each = all.into_iter().flat_map(|(name, runs)| runs.into_iter().map(move |run| (name, run)));
    let runs = each.map(|(name, measured)| Run { scenario: NAME, name: name.to_owned(), measured });
    Ok(Outcome { runs: runs.collect(), figures })
}
