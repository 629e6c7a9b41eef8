//! A migration that adds a column, an index and a backfill to a table of a million rows, while front desks work: failed requests,
//! and latency compared with a quiet period.

use std::fs::{self, File};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::stage::{Stage, WARMUP};
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::report::{Figure, Outcome, Run, progress};

const NAME: &str = "migrate";
const ROWS: u32 = 1_000_000;

/// A span that the migration does not reach.
const LONGEST: Duration = Duration::from_secs(3600);

/// A migration that adds as many idempotency keys as a year of writes. New writes add keys, so they compete with the next step
/// for locks.
fn fill() -> String {
    format!(
        "-- transaction: none\n\n\
         -- lint: allow bulk-change: no requests yet\n\
         insert into app.idempotency_keys (tenant_id, staff_id, key, fingerprint, status, created_at)\n\
         select s.tenant_id, s.id, 'bench ' || n, '\\x00', 201, now() from\n\
         (select tenant_id, id, row_number() over () as place, count(*) over () as people from app.staff) s\n\
         cross join lateral generate_series(s.place, {ROWS}, s.people) n;\n\n\
         vacuum (analyze) app.idempotency_keys;\n"
    )
}

const CHANGE: &str = "-- transaction: none

alter table app.idempotency_keys add column outcome text;

create index concurrently idempotency_keys_outcome_idx on app.idempotency_keys (tenant_id, outcome, created_at);

-- backfill: app.idempotency_keys, batch 1000, pause 100ms
update app.idempotency_keys set outcome = case when status < 300 then 'DONE' else 'REFUSED' end
where outcome is null and status is not null and :batch;
";

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let status = stage.program.tell(&["migrate", "status"])?;
    if status.contains("newer program") {
        bail!("the table was changed by an earlier run: choose another --home");
    }
    let known = status.lines().count();
    let folder = stage.program.folder("next")?;
    let from = folder.to_str().context("the path of the folder is not UTF-8")?;
    let write = |number: usize, name: &str, sql: &str| {
        fs::write(folder.join(format!("{:04}_{name}.sql", known + number)), sql)
    };
    write(1, "many_keys", &fill())?;
    progress(&format!("adding {ROWS} rows"));
    stage.program.tell(&["migrate", "deploy", "--from", from])?;

    let mix: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, &stage.users, 1.0).await?);
    let mode = Mode::Open { rate: stage.settings.desk_rate };
    let quiet = stage.measure(&mix, mode).await?;
    write(2, "outcomes", CHANGE)?;
    let plan = Plan { mode, warmup: WARMUP, span: LONGEST, seed: stage.settings.seed + 1 };
    let log = folder.join("deploy.log");
    let mut deploy = None;
    let mut took = Duration::ZERO;
    let program = &stage.program;
    let during = load::measure_while(&stage.client, &mix, &plan, Some(&program.watch()?), async {
        let start = Instant::now();
        let deploying =
            deploy.insert(program.begin(&["migrate", "deploy", "--from", from], File::create(&log)?)?);
        while deploying.try_wait()?.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        took = start.elapsed();
        Ok(())
    })
    .await?;
    let deployed = deploy.context("the deploy was not started")?.wait()?;
    if !deployed.success() {
        bail!("the migration failed:\n{}", fs::read_to_string(&log)?);
    }
    for line in fs::read_to_string(&log)?.lines() {
        progress(line);
    }
    let (before, after) = (quiet.all.latency_ms, during.all.latency_ms);
    let figures = vec![
        Figure::new(NAME, "failed while it runs", during.all.failed as f64, "requests").target(1.0),
        Figure::new(NAME, "p99 while it runs, of p99 in quiet", after.p99 / before.p99, "times").target(1.5),
        Figure::new(NAME, "p99 while it runs", after.p99, "ms").against("in quiet", before.p99),
        Figure::new(NAME, "p50 while it runs", after.p50, "ms").against("in quiet", before.p50),
        Figure::new(NAME, "column, index and backfill", took.as_secs_f64(), "s"),
    ];
    let run = |name: &str, measured| Run { scenario: NAME, name: format!("{name}, {mode}"), measured };
    Ok(Outcome { runs: vec![run("quiet", quiet), run("while it runs", during)], figures })
}
