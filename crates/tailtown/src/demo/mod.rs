//! The demo: resorts with people, pets, stays and money, the same for everyone who starts it on the same day.

mod bills;
mod calendar;
mod dice;
mod guests;
mod insert;
mod prices;
mod resort;
mod rows;
mod stays;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Instant;

use crate::config::Config;
use crate::program::Program;
use anyhow::Context;
use base::problem::Problem;
use futures_util::{StreamExt, TryStreamExt, stream};
use gateway::doors::PlatformScope;
use gateway::password;
use queries::queries::operators as operators_sql;

use crate::features::{operators, tenants};

const SEED: u64 = 0x7A11_7043;
const PASSWORD: &str = "tailtown-demo";
const OPERATOR: &str = "operator@tailtown.example";

/// Resorts written at a time: one for each of the two processors the demo is meant for.
const AT_A_TIME: usize = 2;

/// Makes the demo's resorts that do not exist yet, each in one transaction, and the operator. A start that was cut short
/// leaves whole resorts, and the next one goes on from there. Where other resorts live, nothing is added.
///
/// # Errors
/// When the database cannot be reached or refuses a row.
pub async fn fill_if_empty(program: &Program) -> anyhow::Result<()> {
    let start = Instant::now();
    let existing = existing(program).await?;
    if let Some(other) = existing.iter().find(|subdomain| !is_demo(subdomain)) {
        tracing::info!(
            tenant.subdomain = other,
            "the database holds resorts of its own: no demo resorts are added"
        );
        return Ok(());
    }
    let missing: Vec<u32> = (1..=program.config.demo_tenants)
        .filter(|number| !existing.contains(&resort::subdomain(*number)))
        .collect();
    let hash = password::digest(PASSWORD.as_bytes()).map_err(Problem::into_error)?;
    add_operator(program, &hash).await?;
    if missing.is_empty() {
        return Ok(());
    }
    tracing::info!(resorts = missing.len(), "making the demo resorts");
    let made = stream::iter(missing.iter().map(|number| make(program, *number, &hash)));
    let count = made
        .buffer_unordered(AT_A_TIME)
        .try_fold(0, async |count, ()| {
            let count = count + 1;
            if count % 10 == 0 {
                tracing::info!("made {count} of {} resorts", missing.len());
            }
            Ok(count)
        })
        .await?;
    let elapsed_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(resorts = count, elapsed_ms, "the demo resorts are ready");
    Ok(())
}

async fn existing(program: &Program) -> anyhow::Result<HashSet<String>> {
    let scope = PlatformScope::of_command(&program.database, "demo", program.clock.now())
        .await
        .map_err(Problem::into_error)?;
    let (mut found, mut after) = (HashSet::new(), String::new());
    loop {
        let page = tenants::page(&scope, &after, None, None, 1000).await.map_err(Problem::into_error)?;
        let Some(last) = page.last() else { return Ok(found) };
        after.clone_from(&last.subdomain);
        found.extend(page.into_iter().map(|tenant| tenant.subdomain));
    }
}

fn is_demo(subdomain: &str) -> bool {
    let number = subdomain.strip_prefix("resort").and_then(|number| number.parse().ok());
    number.is_some_and(|number: u32| number > 0 && resort::subdomain(number) == subdomain)
}

async fn add_operator(program: &Program, hash: &str) -> anyhow::Result<()> {
    let scope = PlatformScope::of_command(&program.database, "demo", program.clock.now())
        .await
        .map_err(Problem::into_error)?;
    if operators_sql::find_account().bind(&scope, &OPERATOR).opt().await?.is_some() {
        return Ok(());
    }
    let name = String::from("Demo operator").into();
    let new = operators::NewOperator {
        name,
        email: OPERATOR.to_owned().into(),
        password: PASSWORD.to_owned().into(),
    };
    operators::create(&scope, &new, hash).await.map_err(Problem::into_error)?;
    scope.commit().await.map_err(Problem::into_error)
}

async fn make(program: &Program, number: u32, hash: &str) -> anyhow::Result<()> {
    let now = program.clock.now();
    let resort = resort::resort(SEED, number, now, hash);
    let scope =
        PlatformScope::of_command(&program.database, "demo", now).await.map_err(Problem::into_error)?;
    insert::insert(&scope, &resort).await.with_context(|| format!("resort{number} was refused"))?;
    scope.commit().await.map_err(Problem::into_error)
}

/// What the terminal shows once the demo listens.
pub fn welcome(config: &Config) -> String {
    let (domain, port) = (&config.gateway.base_domain, config.port);
    let resort = |number: u32| format!("http://{}.{domain}:{port}", resort::subdomain(number));
    let others = [2, 3].into_iter().filter(|number| *number <= config.demo_tenants).map(&resort);
    let addresses = std::iter::once(resort(1)).chain(others).collect::<Vec<_>>().join("\n            ");
    let (first, last) = (resort(1), resort::subdomain(config.demo_tenants));
    let state = match config.store.database {
        Some(_) => "in the database of DATABASE_URL".to_owned(),
        None => config.home.display().to_string(),
    };
    let watch = match config.admin_port {
        0 => "off: ADMIN_PORT is 0".to_owned(),
        port => format!("http://{}", SocketAddr::new(config.admin_host, port)),
    };
    format!(
        r#"
Tailtown is running with {count} demo resorts, up to {last}. Ctrl-C stops it.

  resorts   {addresses}
  API       {first}/docs
  sign in   owner@resort1.example, manager@…, desk1@…, desk2@… (each resort has its own)
  operator  {OPERATOR}
  watch     {watch}
  password  {PASSWORD} (for all of them)
  state     {state}

  TOKEN=$(curl -s {first}/api/auth/login -H 'content-type: application/json' \
    -d '{{"email":"owner@resort1.example","password":"{PASSWORD}"}}' | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
  curl -s "{first}/api/customers?limit=3&include=pets" -H "authorization: Bearer $TOKEN"
"#,
        count = config.demo_tenants,
    )
}
