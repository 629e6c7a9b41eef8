//! The restore of one large resort from a backup while the front desks of the others work: its duration, and the effect on the
//! others.

use std::fs::{self, File};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::stage::{BASE_DOMAIN, Stage, WARMUP};
use crate::client::Client;
use crate::load::{self, Mode, Plan};
use crate::mixes::Mix;
use crate::mixes::desk::Desk;
use crate::report::{Figure, Outcome, Run, progress};
use crate::request::{Request, User};
use crate::users;

const NAME: &str = "restore";
const PETS: u32 = 20_000;

/// A span that the restore does not reach.
const LONGEST: Duration = Duration::from_secs(3600);

/// Number of customers that are added at a time.
const AT_A_TIME: usize = 16;

#[derive(Deserialize)]
struct Added {
    id: String,
}

async fn add(client: &Client, user: &Arc<User>, path: &str, body: &Value) -> anyhow::Result<String> {
    let answer = client.send(&Request::new("add", user, Method::POST, path.to_owned()).body(body)).await;
    let answer = answer.map_err(|failure| anyhow::anyhow!("POST {path}: {failure:?}"))?;
    if answer.status != StatusCode::CREATED {
        bail!("POST {path}: {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    Ok(serde_json::from_slice::<Added>(&answer.body)?.id)
}

/// Adds a customer with two pets, each vaccinated twice.
async fn add_customer(client: &Client, user: &Arc<User>, number: u32) -> anyhow::Result<()> {
    let customer = json!({ "firstName": "Grace", "lastName": format!("Hopper {number}") });
    let customer = add(client, user, "/api/customers", &customer).await?;
    for name in ["Rex", "Luna"] {
        let pet = json!({ "customerId": customer, "name": name, "species": "DOG" });
        let pet = add(client, user, "/api/pets", &pet).await?;
        for vaccine in ["Rabies", "Bordetella"] {
            let vaccination = json!({ "petId": pet, "vaccine": vaccine, "expiresOn": "2030-01-01" });
            add(client, user, "/api/vaccinations", &vaccination).await?;
        }
    }
    Ok(())
}

pub(super) async fn play(stage: &mut Stage<'_>) -> anyhow::Result<Outcome> {
    let (large, others) = stage.users.split_first().context("there is no resort")?;
    progress(&format!("giving a resort {PETS} pets"));
    let customers = stream::iter(0..PETS / 2).map(|number| add_customer(&stage.client, large, number));
    customers.buffer_unordered(AT_A_TIME).try_collect::<()>().await?;
    let start = Instant::now();
    stage.program.tell(&["backup", "run"])?;
    let backed_up = start.elapsed();

    let mix: Arc<dyn Mix> = Arc::new(Desk::prepare(&stage.client, others, 1.0).await?);
    let mode = Mode::Open { rate: stage.settings.desk_rate };
    let quiet = stage.measure(&mix, mode).await?;
    let plan = Plan { mode, warmup: WARMUP, span: LONGEST, seed: stage.settings.seed + 1 };
    let log = stage.program.folder("restored")?.join("log");
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
    if !restoring.context("the restore was not started")?.wait()?.success() {
        bail!("the restore failed:\n{said}");
    }
    said.lines().for_each(progress);
    // The restore ended the resort's sessions.
    stage.users = users::sign_in(&stage.client, stage.settings.tenants, BASE_DOMAIN).await?;
    let figures = vec![
        Figure::new(NAME, "a resort of 20,000 pets, until it is back", took.as_secs_f64(), "s").target(300.0),
        Figure::new(NAME, "failed requests of the others meanwhile", during.all.failed as f64, "")
            .target(1.0),
        Figure::new(NAME, "the others' p99 meanwhile", during.all.latency_ms.p99, "ms")
            .against("in quiet", quiet.all.latency_ms.p99),
        Figure::new(NAME, "a backup of all", backed_up.as_secs_f64(), "s"),
    ];
    let run = |name: &str, measured| Run { scenario: NAME, name: format!("{name}, {mode}"), measured };
    Ok(Outcome { runs: vec![run("quiet", quiet), run("while it is restored", during)], figures })
}
