//! The command line: `serve` and `demo` run the program, the rest are an operator's tools.

use anyhow::{anyhow, bail};
use base::settings::Setting;
use base::tenant::{Status, Tier};
use base::text::Text;
use clap::{Args, Parser, Subcommand};
use garde::Validate;
use gateway::doors::PlatformScope;
use observe::metrics::overview::State;
use observe::telemetry::{self, Speaker, Telemetry};
use store::versions::{self};

use crate::console::{choose_password, say, settings, tell_password, told, tools};
use crate::features::tenants;
use crate::program::Program;
use crate::reload::{self, Inheritance};
use crate::running::Running;
use crate::{
    app, backup_command, demo, doctor, migrate_command, operator_command, reload_command, tenant_data_command,
};

/// What reports call this program.
const RELEASE: &str = concat!("tailtown@", env!("CARGO_PKG_VERSION"), "+", env!("BUILD_COMMIT"));

/// The platform on which pet resorts run their day.
#[derive(Parser)]
#[command(name = "tailtown", version = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILD_COMMIT"), ")"), about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve requests until told to stop.
    Serve {
        /// Follow the program that starts this one; `reload` does so.
        #[arg(long, hide = true)]
        successor: bool,
    },
    /// Serve with demo resorts, which are made when there are none yet.
    Demo,
    /// Start the program anew, as it is on the disk now, without a request lost.
    Reload,
    /// Say which program serves.
    Status,
    /// The schema's migrations.
    #[command(subcommand)]
    Migrate(migrate_command::Migrate),
    /// The resorts.
    #[command(subcommand)]
    Tenant(Tenant),
    /// The platform's operators.
    #[command(subcommand)]
    Operator(operator_command::Operator),
    /// Backups of everything.
    #[command(subcommand)]
    Backup(backup_command::Backup),
    /// The cache of the running nodes.
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Look at everything the program stands on, and say what is wrong and what to do.
    Doctor,
    /// Print the settings in effect, where each came from, and no secret.
    Config,
    /// Print the API's OpenAPI document.
    Openapi,
}

#[derive(Subcommand)]
enum Tenant {
    /// Add a resort with its first owner.
    Create(NewTenant),
    /// List the resorts.
    List,
    /// Suspend a resort: its requests are refused at once.
    Suspend { subdomain: String },
    /// Let a suspended or closed resort work again.
    Resume { subdomain: String },
    #[command(flatten)]
    Data(tenant_data_command::TenantData),
}

#[derive(Subcommand)]
enum CacheCommand {
    /// Say what each node holds, and how often that helped.
    Stats,
    /// Make every node forget what it holds: for changes that were not made through the program.
    Invalidate {
        /// Of this resort only.
        subdomain: Option<String>,
    },
}

#[derive(Args)]
struct NewTenant {
    /// The first label of its host name.
    subdomain: String,
    #[arg(long)]
    name: String,
    #[arg(long)]
    owner_email: String,
    #[arg(long, default_value = "Owner")]
    owner_first_name: String,
    #[arg(long, default_value = "Owner")]
    owner_last_name: String,
    /// An IANA time zone, as in America/Denver.
    #[arg(long)]
    timezone: String,
    /// FREE, BASIC, PRO or ENTERPRISE.
    #[arg(long, default_value = "FREE")]
    tier: String,
    #[arg(long, default_value = "USD")]
    currency: String,
    /// Basis points: 825 is 8.25 %.
    #[arg(long, default_value_t = 0)]
    tax_rate_bps: i32,
    /// Start on trial.
    #[arg(long)]
    trial: bool,
    /// Read the owner's password from standard input; without this one is made and printed.
    #[arg(long)]
    password_stdin: bool,
}

impl NewTenant {
    /// The resort that the command line describes, checked, and whether its password was made here.
    fn read(self) -> anyhow::Result<(tenants::NewTenant, bool)> {
        let (password, made) = choose_password(self.password_stdin)?;
        let tier = self.tier.parse::<Tier>();
        let tenant = tenants::NewTenant {
            subdomain: self.subdomain,
            name: self.name.into(),
            tier: tier.map_err(|_| anyhow!("--tier must be FREE, BASIC, PRO or ENTERPRISE"))?,
            trial: self.trial,
            timezone: self.timezone,
            currency: self.currency,
            tax_rate_bps: self.tax_rate_bps,
            rate_limit: None,
            owner: tenants::NewOwner {
                first_name: self.owner_first_name.into(),
                last_name: self.owner_last_name.into(),
                email: Text::from(self.owner_email),
                password,
            },
        };
        tenant.validate()?;
        Ok((tenant, made))
    }
}

/// Does what the command line says.
///
/// # Errors
/// What went wrong, in words for the person at the terminal.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve { successor: false } => serve(None).await,
        Command::Serve { successor: true } => serve(Some(reload::inherit()?)).await,
        Command::Demo => serve_demo().await,
        Command::Reload => reload_command::reload(&settings()?.0),
        Command::Status => reload_command::status(&settings()?.0),
        Command::Migrate(command) => migrate(command).await,
        Command::Tenant(command) => tenant(command).await,
        Command::Operator(command) => operator_command::run(command).await,
        Command::Backup(command) => backup(command).await,
        Command::Cache(command) => cache_command(command).await,
        Command::Doctor => doctor().await,
        Command::Config => show_config(),
        Command::Openapi => show_openapi(),
    }
}

async fn serve(mut inheritance: Option<Inheritance>) -> anyhow::Result<()> {
    let (telemetry, running) = match begin(inheritance.as_mut()).await {
        Ok(begun) => begun,
        Err(error) => {
            if let Some(inheritance) = &mut inheritance {
                inheritance.predecessor.refuse(format!("{error:#}")).await;
            }
            return Err(error);
        }
    };
    let served = running.until_stopped(inheritance.map(|inheritance| inheritance.predecessor)).await;
    telemetry.finish().await;
    served
}

async fn serve_demo() -> anyhow::Result<()> {
    let (telemetry, mut running) = begin(None).await?;
    let program = running.program().clone();
    let filled = running.unless_stopped(demo::fill_if_empty(&program)).await;
    let served = match filled {
        Some(Ok(())) => {
            say(&demo::welcome(&program.config));
            running.until_stopped(None).await
        }
        Some(Err(error)) => {
            running.leave().await;
            Err(error)
        }
        None => {
            running.leave().await;
            Ok(())
        }
    };
    telemetry.finish().await;
    served
}

async fn begin(inheritance: Option<&mut Inheritance>) -> anyhow::Result<(Telemetry, Running)> {
    let (config, _) = settings()?;
    // Without a database that is refused first.
    if config.store.database.is_some() || config.allow_embedded {
        config.backup.schedule_must_work(config.store.database.is_none())?;
    }
    let telemetry = telemetry::start(&config.telemetry, Speaker::Server, RELEASE)?;
    match Running::build(config, inheritance).await {
        Ok(running) => Ok((telemetry, running)),
        Err(error) => {
            telemetry.finish().await;
            Err(error)
        }
    }
}

async fn migrate(command: migrate_command::Migrate) -> anyhow::Result<()> {
    let (config, _) = settings()?;
    let _telemetry = telemetry::start(&config.telemetry, Speaker::Command, RELEASE)?;
    migrate_command::run(command, &config).await
}

async fn tenant(command: Tenant) -> anyhow::Result<()> {
    if let Tenant::Data(command) = command {
        let (config, _) = settings()?;
        let _telemetry = telemetry::start(&config.telemetry, Speaker::Command, RELEASE)?;
        return tenant_data_command::run(command, &config).await;
    }
    let (program, ground) = tools().await?;
    let result = tenant_command(&program, command).await;
    ground.leave().await;
    result
}

async fn tenant_command(program: &Program, command: Tenant) -> anyhow::Result<()> {
    let begin = async || {
        PlatformScope::of_command(&program.database, "tenant command", program.clock.now())
            .await
            .map_err(told)
    };
    match command {
        Tenant::Create(new) => {
            let (tenant, made) = new.read()?;
            // Before the transaction: hashing takes long.
            let hash = tenant.chosen_password().and_then(|chosen| chosen.digest()).map_err(told)?;
            let scope = begin().await?;
            let added = tenants::create(&scope, &tenant, &hash).await.map_err(told)?;
            scope.commit().await.map_err(told)?;
            let config = &program.config;
            say(&format!(
                "created {} at http://{}.{}:{}",
                added.id, added.subdomain, config.gateway.base_domain, config.port
            ));
            say(&format!("owner {}", tenant.owner.email));
            tell_password(made.then_some(&tenant.owner.password));
        }
        Tenant::List => {
            let scope = begin().await?;
            let mut after = String::new();
            loop {
                let page = tenants::page(&scope, &after, None, None, 100).await.map_err(told)?;
                let Some(last) = page.last() else { break };
                after.clone_from(&last.subdomain);
                for tenant in &page {
                    let (status, tier): (&str, &str) = (tenant.status.into(), tenant.details.tier.into());
                    say(&format!(
                        "{:<24} {status:<10} {tier:<11} {} {}",
                        tenant.subdomain, tenant.id, tenant.details.name
                    ));
                }
            }
        }
        Tenant::Suspend { subdomain } => set_status(&begin().await?, &subdomain, Status::Suspended).await?,
        Tenant::Resume { subdomain } => set_status(&begin().await?, &subdomain, Status::Active).await?,
        Tenant::Data(_) => {}
    }
    Ok(())
}

async fn cache_command(command: CacheCommand) -> anyhow::Result<()> {
    let (program, ground) = tools().await?;
    let result = match command {
        CacheCommand::Stats => cache_stats(&program).await,
        CacheCommand::Invalidate { subdomain } => invalidate(&program, subdomain.as_deref()).await,
    };
    ground.leave().await;
    result
}

async fn cache_stats(program: &Program) -> anyhow::Result<()> {
    let client = program.database.unscoped(std::sync::Arc::default()).await.map_err(told)?;
    let nodes = versions::nodes(&client).await.map_err(told)?;
    if nodes.is_empty() {
        say("no node has a cache");
    }
    for node in nodes {
        let state = match (node.alive, node.reaches) {
            (true, true) => "alive",
            (true, false) => "alive, cut off from its medium",
            (false, _) => "gone",
        };
        say(&format!("node {}  {state}  medium: {}", node.id, node.medium));
        let Ok(stats) = serde_json::from_value::<gateway::cache::Stats>(node.status) else { continue };
        let all = stats.hits + stats.misses + stats.bypasses;
        let share = (stats.hits * 100).checked_div(all).unwrap_or(0);
        say(&format!(
            "  {} hits ({share} %), {} of them without a body; {} misses; {} past the cache; {} entries, {} KiB; {} statements",
            stats.hits,
            stats.revalidated,
            stats.misses,
            stats.bypasses,
            stats.entries,
            stats.bytes / 1024,
            stats.statements
        ));
    }
    Ok(())
}

async fn invalidate(program: &Program, subdomain: Option<&str>) -> anyhow::Result<()> {
    let scope = PlatformScope::of_command(&program.database, "cache command", program.clock.now())
        .await
        .map_err(told)?;
    let tenant = match subdomain {
        Some(subdomain) => Some(tenants::id_of(&scope, subdomain).await.map_err(told)?),
        None => None,
    };
    drop(scope);
    let client = program.database.unscoped(std::sync::Arc::default()).await.map_err(told)?;
    versions::invalidate(&client, tenant).await.map_err(told)?;
    say("done: no node answers from what it held before");
    Ok(())
}

async fn set_status(
    scope: &gateway::doors::PlatformScope,
    subdomain: &str,
    status: Status,
) -> anyhow::Result<()> {
    let changed = tenants::set_status_of(scope, subdomain, status).await.map_err(told)?;
    scope.commit().await.map_err(told)?;
    let status: &str = changed.status.into();
    say(&format!("{subdomain} is {status}"));
    Ok(())
}

async fn backup(command: backup_command::Backup) -> anyhow::Result<()> {
    let (config, _) = settings()?;
    let _telemetry = telemetry::start(&config.telemetry, Speaker::Command, RELEASE)?;
    backup_command::run(command, &config).await
}

async fn doctor() -> anyhow::Result<()> {
    let (config, _) = settings()?;
    let findings = doctor::examine(&config).await;
    say(&doctor::report(&findings));
    let wrong = findings.iter().filter(|finding| finding.state == State::Trouble).count();
    if wrong > 0 {
        bail!("{wrong} of {} findings must be mended", findings.len());
    }
    Ok(())
}

fn show_config() -> anyhow::Result<()> {
    let (_, settings) = settings()?;
    for Setting { name, value, source, about } in settings {
        say(&format!("{name:<36} {value:<28} {source:<14} {about}"));
    }
    Ok(())
}

fn show_openapi() -> anyhow::Result<()> {
    let (_, document) = app::routes();
    say(&serde_json::to_string_pretty(&document)?);
    Ok(())
}
