//! Writes what is generated and committed: `crates/queries` from `queries/` on a migrated database, and `openapi.json`
//! from the routes. `cargo run -p generate`; the checks run it and demand that nothing changed.

mod tables;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use clorinde::config::Config;
use database::embedded::{self, Durability};
use database::migrate;
use tokio_postgres::{Client, NoTls};

/// Clorinde's own manifest asks for the blocking client and for chrono, which the mapping to jiff leaves without use.
const MANIFEST: &str = include_str!("queries.toml");

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    std::env::set_current_dir(&root)?;
    let folder = tempfile::Builder::new().prefix("tailtown-generate-").tempdir()?;
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711))?;
    let home = folder.path().to_owned();
    let server =
        embedded::start(&embedded::Settings { home, durability: Durability::None, max_connections: 10 })
            .await?;
    let result = write_queries(&server).await;
    server.stop().await?;
    result?;
    if std::env::args().any(|argument| argument == "--queries-only") {
        return Ok(());
    }
    write_document()
}

async fn write_queries(server: &embedded::Embedded) -> anyhow::Result<()> {
    migrate::deploy(
        &server.config("tailtown_owner", "tailtown"),
        &migrate::read_folder("migrations".as_ref())?,
    )
    .await?;
    let (client, connection) = server.config("tailtown_owner", "tailtown").connect(NoTls).await?;
    tokio::spawn(connection);
    let client = tokio::task::spawn_blocking(move || generate(&client).map(|()| client)).await??;
    fs::write("crates/queries/Cargo.toml", MANIFEST)?;
    tables::write(&client).await?;
    run(Command::new("cargo").args(["fmt", "-p", "queries"]))?;
    Ok(())
}

fn generate(client: &Client) -> anyhow::Result<()> {
    let config = Config::from_file("clorinde.toml")?;
    clorinde::gen_live(client, config).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    for file in fs::read_dir("crates/queries/src/queries")? {
        let path = file?.path();
        fs::write(&path, prepared(&fs::read_to_string(&path)?)?)?;
    }
    Ok(())
}

/// Clorinde sends what returns no row as bare text: PostgreSQL would plan it anew each time, and nobody would know what it
/// changes.
fn prepared(source: &str) -> anyhow::Result<String> {
    let pieces: Vec<&str> = source.split("execute(").collect();
    let mut text = pieces[0].to_owned();
    for piece in &pieces[1..] {
        let arguments = piece.trim_start().strip_prefix("self.0,");
        let before = text.trim_end().trim_end_matches('.').trim_end();
        ensure!(before.ends_with("client"), "Clorinde executes in another way than it did");
        let arguments = arguments.context("Clorinde executes in another way than it did")?;
        text.push_str("execute(&client.prepare(self.0).await?,");
        text.push_str(arguments);
    }
    Ok(text)
}

fn write_document() -> anyhow::Result<()> {
    let output =
        run(Command::new("cargo").args(["run", "--quiet", "--package", "tailtown", "--", "openapi"]))?;
    fs::write("openapi.json", output)?;
    Ok(())
}

fn run(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{command:?} failed");
    Ok(output.stdout)
}
