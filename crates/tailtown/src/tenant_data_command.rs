//! `tailtown tenant export | import | restore | erase`: everything of one resort, out and in and back.

use std::path::PathBuf;

use crate::config::Config;
use crate::console::say;
use backup::Backups;
use backup::tenant::Certificate;
use clap::Subcommand;

use crate::app;
use crate::backup_command::{Sure, backups};
use crate::start::Ground;

#[derive(Subcommand)]
pub(crate) enum TenantData {
    /// Write everything of a resort to one file.
    Export {
        subdomain: String,
        #[arg(long)]
        to: PathBuf,
    },
    /// Bring in a resort that `export` wrote, here or in another installation.
    Import {
        file: PathBuf,
        /// Under another subdomain.
        #[arg(long = "as", value_name = "SUBDOMAIN")]
        subdomain: Option<String>,
    },
    /// Put one resort back as it was in a backup of everything; the others keep working.
    Restore {
        subdomain: String,
        /// The backup, as in backup_20261125_020000, or `latest`.
        #[arg(long)]
        from: String,
        /// Only say what would change.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        sure: Sure,
    },
    /// Erase a resort for good, and write a certificate of what went.
    Erase {
        subdomain: String,
        /// Where the certificate goes; without this, erased-<subdomain>.json in this folder.
        #[arg(long)]
        certificate: Option<PathBuf>,
        #[command(flatten)]
        sure: Sure,
    },
}

pub(crate) async fn run(command: TenantData, config: &Config) -> anyhow::Result<()> {
    let backups = backups(config)?;
    let ground = Ground::join(config).await?;
    let result = on_ground(command, config, &backups, &ground).await;
    let result = result.map_err(|error| ground.naming("BACKUP_DATABASE_URL", error));
    ground.leave().await;
    result
}

async fn on_ground(
    command: TenantData,
    config: &Config,
    backups: &Backups,
    ground: &Ground,
) -> anyhow::Result<()> {
    let server = ground.backup(config)?;
    match command {
        TenantData::Export { subdomain, to } => {
            let manifest = backups.export_tenant(&server, &subdomain, &to).await?;
            let (rows, tables) = (manifest.rows(), manifest.tables.len());
            say(&format!("wrote {rows} rows of {tables} tables of {subdomain} to {}", to.display()));
            say("it holds personal data and password hashes, not encrypted: keep it accordingly");
            say("second factors are not in it: after an import everybody signs in with the password alone");
            say(&format!("next: tailtown tenant import {}, in this or another installation", to.display()));
            Ok(())
        }
        TenantData::Import { file, subdomain } => {
            let imported = backups.import_tenant(&server, &file, subdomain.as_deref()).await?;
            if imported.was_here {
                say(&format!("{} is here already, with every row of the file", imported.subdomain));
                return Ok(());
            }
            say(&format!("brought in {} rows of {} ({})", imported.rows, imported.subdomain, imported.id));
            say(&format!(
                "as the file says, its tier is {} and its status {}: change them if it is not entitled to them",
                imported.tenant.tier(),
                imported.tenant.status()
            ));
            if imported.as_copy {
                say("it is a copy with an id of its own: the resort it was exported from lives here, too");
            }
            say(&format!(
                "next: sign in at http://{}.{}:{}",
                imported.subdomain, config.gateway.base_domain, config.port
            ));
            Ok(())
        }
        TenantData::Restore { subdomain, from, dry_run, sure } => {
            restore(backups, ground, &server, &subdomain, &from, dry_run, &sure).await
        }
        TenantData::Erase { subdomain, certificate, sure } => {
            let path = certificate.unwrap_or_else(|| format!("erased-{subdomain}.json").into());
            let certificate = match backups.plan_erasure(&server, &subdomain, &path).await? {
                Ok(erasure) => {
                    let name = erasure.tenant.name();
                    say(&format!("will erase {subdomain} ({name}): {} rows, for good", erasure.rows));
                    sure.ask("erase?")?;
                    backups.erase(erasure).await?
                }
                Err(certificate) => {
                    say(&format!("{subdomain} was erased before: its certificate is completed"));
                    certificate
                }
            };
            tell(&certificate, &path);
            Ok(())
        }
    }
}

fn tell(certificate: &Certificate, path: &std::path::Path) {
    let rows: u64 = certificate.rows.values().sum();
    say(&format!("erased {}: {rows} rows; the certificate is {}", certificate.subdomain, path.display()));
    if !certificate.backups.is_empty() {
        say(&format!("still in the backups {}", certificate.backups.join(", ")));
    }
}

async fn restore(
    backups: &Backups,
    ground: &Ground,
    server: &database::connect::Server,
    subdomain: &str,
    from: &str,
    dry_run: bool,
    sure: &Sure,
) -> anyhow::Result<()> {
    let plan = backups
        .plan_tenant_restore(server, ground.owner(), &app::migrations(), subdomain, from, None)
        .await?;
    for change in &plan.changes {
        let (now, then) = (change.rows_now, change.rows_then);
        let outcome = match (change.same, now == then) {
            (true, _) => "stays".to_owned(),
            (false, true) => "other values".to_owned(),
            (false, false) => format!("becomes {then}"),
        };
        say(&format!("  {:<28} {now:>8} rows  {outcome}", change.table));
    }
    let what = if plan.is_here { "will put back" } else { "is not here and will be added:" };
    say(&format!("{what} {subdomain} as of {} ({})", plan.backup.created_at, plan.backup.name));
    if dry_run {
        plan.give_up().await;
        say("nothing was changed");
        return Ok(());
    }
    if let Err(error) = sure.ask("replace its rows?") {
        plan.give_up().await;
        return Err(error);
    }
    plan.carry_out().await?;
    say(&format!("put back {subdomain}: every row was compared, and no other resort was touched"));
    say("next: its people sign in again");
    Ok(())
}
