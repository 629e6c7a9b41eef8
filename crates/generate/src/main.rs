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

/// Clorinde's own are generic over clients of which there is one.
const CLIENT: &str = include_str!("client.rs");
const LIBRARY: &str = include_str!("library.rs");

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
        &server.config("tailtown_owner", "tailtown").into(),
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
    fs::remove_dir_all("crates/queries/src/client")?;
    fs::write("crates/queries/src/client.rs", CLIENT)?;
    fs::write("crates/queries/src/lib.rs", LIBRARY)?;
    let utils = "crates/queries/src/utils.rs";
    let mut text = fs::read_to_string(utils)?;
    remove(&mut text, "pub fn slice_iter<", "s.iter().map(|s| *s as _)")?;
    fs::write(utils, text.replace("ToSql, ", ""))?;
    for file in fs::read_dir("crates/queries/src/queries")? {
        let path = file?.path();
        fs::write(&path, prepared(&fs::read_to_string(&path)?)?)?;
    }
    Ok(())
}

/// Has every statement run by `client.rs`: prepared, so that PostgreSQL plans it once and the cache knows what it touches, and
/// answered whole. Clorinde prepares some at each place that runs them, others never, and awaits rows one by one.
fn prepared(source: &str) -> anyhow::Result<String> {
    // One line, as rustfmt breaks it anew.
    let (header, code) = source.split_once('\n').context("an empty file")?;
    let mut text = code.split_whitespace().collect::<Vec<_>>().join(" ");
    for (clorindes, ours) in [
        (
            "crate::client::async_::one(self.client, self.query, &self.params, self.cached)",
            "crate::client::one(self.client, self.query, &self.params)",
        ),
        (
            "crate::client::async_::opt(self.client, self.query, &self.params, self.cached)",
            "crate::client::opt(self.client, self.query, &self.params)",
        ),
        (
            "self.iter().await?.try_collect().await",
            "let rows = crate::client::all(self.client, self.query, &self.params).await?; \
             rows.iter().map(|row| Ok((self.mapper)((self.extractor)(row)?))).collect()",
        ),
        ("client .execute(", "client.execute("),
        ("client.execute( self.0,", "client.execute(self.0,"),
        ("client.execute(self.0,", "crate::client::execute(client, self.0,"),
        ("cached: Option<&'s tokio_postgres::Statement>,", "statement: std::marker::PhantomData<&'s ()>,"),
        ("cached: self.cached,", "statement: self.statement,"),
        ("cached: self.1.as_ref(),", "statement: std::marker::PhantomData,"),
        ("(&'static str, Option<tokio_postgres::Statement>);", "(&'static str);"),
        ("\", None)", "\")"),
        ("\", None, )", "\")"),
        ("use futures::{self, StreamExt, TryStreamExt};", ""),
        ("dyn futures::Future<", "dyn Future<"),
    ] {
        text = text.replace(clorindes, ours);
    }
    remove(&mut text, "pub async fn iter(", "Ok(mapped)")?;
    remove(&mut text, "pub async fn prepare<", "Ok(self)")?;
    Ok(format!("{header}\n{text}"))
}

/// Removes every function that begins and ends with these words.
fn remove(text: &mut String, begin: &str, end: &str) -> anyhow::Result<()> {
    while let Some(start) = text.find(begin) {
        let length =
            text[start..].find(end).context("Clorinde writes another function than it did")? + end.len();
        let brace = text[start + length..].find('}').context("Clorinde writes a function without an end")?;
        text.replace_range(start..=start + length + brace, "");
    }
    Ok(())
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
