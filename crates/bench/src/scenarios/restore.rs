//! One large resort is put back as it was in a backup while the desks of the others work: how long that takes, and what they
//! notice.

use std::fs::{self, File};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::{Stage, WARMUP};
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::report::{Figure, Outcome, Run, progress};

const NAME: &str = "restore";
const PETS: u32 = 20_000;

/// What may be longer: an hour is no limit.
const LONGEST: Duration = Duration::from_secs(3600);

/// For the first resort: two pets to a customer, two vaccinations and three past stays to a pet.
fn fill() -> String {
    let resort = "(select id from app.tenants where subdomain = 'resort1')";
    format!(
        "-- lint: allow bulk-change: nobody is at work yet\n\
         insert into app.customers (tenant_id, id, first_name, last_name, email, phone, created_at, updated_at)\n\
         select {resort}, gen_random_uuid(), 'Grace', 'Hopper ' || n, 'grace' || n || '@bench.example', '555' || n, now(), now()\n\
         from generate_series(1, {customers}) n;\n\n\
         -- lint: allow bulk-change: nobody is at work yet\n\
         insert into app.pets (tenant_id, id, customer_id, name, species, sex, created_at, updated_at)\n\
         select c.tenant_id, gen_random_uuid(), c.id, 'Rex ' || n, 'DOG', 'MALE', now(), now()\n\
         from app.customers c cross join generate_series(1, 2) n where c.email like '%@bench.example';\n\n\
         -- lint: allow bulk-change: nobody is at work yet\n\
         insert into app.vaccinations (tenant_id, id, pet_id, vaccine, given_on, expires_on, created_at, updated_at)\n\
         select p.tenant_id, gen_random_uuid(), p.id, 'Vaccine ' || n, current_date - 100, current_date + 265, now(), now()\n\
         from app.pets p cross join generate_series(1, 2) n where p.name like 'Rex %';\n\n\
         -- lint: allow bulk-change: nobody is at work yet\n\
         insert into app.reservations (tenant_id, id, booking_id, customer_id, pet_id, service_id, check_in_date, check_out_date,\n\
           held_until, status, total_cents, created_at, updated_at)\n\
         select p.tenant_id, gen_random_uuid(), gen_random_uuid(), p.customer_id, p.id, s.id, d.day, d.day + 3, d.day + 3,\n\
           'COMPLETED', 15000, now(), now()\n\
         from app.pets p cross join generate_series(1, 3) n\n\
         cross join lateral (select current_date - 100 * n as day) d\n\
         cross join lateral (select s.id from app.services s where s.tenant_id = p.tenant_id order by s.id limit 1) s\n\
         where p.name like 'Rex %';\n",
        customers = PETS / 2
    )
}

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let known = stage.program.tell(&["migrate", "status"])?.lines().count();
    let folder = stage.program.folder("large")?;
    let from = folder.to_str().context("a folder whose name is text")?;
    fs::write(folder.join(format!("{:04}_large_resort.sql", known + 1)), fill())?;
    progress(&format!("giving a resort {PETS} pets"));
    stage.program.tell(&["migrate", "deploy", "--from", from])?;
    let start = Instant::now();
    stage.program.tell(&["backup", "run"])?;
    let backed_up = start.elapsed();

    let (_, others) = stage.users.split_first().context("there is no resort")?;
    let mix: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, others, 1.0).await?);
    let mode = Mode::Open { rate: stage.settings.desk_rate };
    let quiet = stage.measure(&mix, mode).await?;
    let plan = Plan { mode, warmup: WARMUP, span: LONGEST, seed: stage.settings.seed + 1 };
    let log = folder.join("restore.log");
    let mut restoring = None;
    let mut took = Duration::ZERO;
    let program = &stage.program;
    let during = load::measure_while(&stage.client, &mix, &plan, Some(&program.watch()?), async {
        let start = Instant::now();
        let arguments = ["tenant", "restore", "resort1", "--from", "latest", "--yes"];
        let restoring = restoring.insert(program.begin(&arguments, File::create(&log)?)?);
        while restoring.try_wait()?.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        took = start.elapsed();
        Ok(())
    })
    .await?;
    let said = fs::read_to_string(&log)?;
    if !restoring.context("the restore was begun")?.wait()?.success() {
        bail!("the restore failed:\n{said}");
    }
    said.lines().for_each(progress);
    let figures = vec![
        Figure::new(NAME, "a resort of 20,000 pets, until it is back", took.as_secs_f64(), "s").target(300.0),
        Figure::new(NAME, "failed requests of the others meanwhile", during.all.failed as f64, "")
            .target(1.0),
        Figure::new(NAME, "the others' p99 meanwhile", during.all.latency_ms.p99, "ms")
            .against("in quiet", quiet.all.latency_ms.p99),
        Figure::new(NAME, "a proven backup of all", backed_up.as_secs_f64(), "s"),
    ];
    let run = |name: &str, measured| Run { scenario: NAME, name: format!("{name}, {mode}"), measured };
    Ok(Outcome { runs: vec![run("quiet", quiet), run("while it is restored", during)], figures })
}
