//! Generates `crates/queries` from `queries/`, with a migrated database, and `openapi.json` from the routes. Run it with `cargo
//! run -p generate` and commit the result; the checks run it again and fail if anything changes.

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

/// The manifest of `crates/queries`. Clorinde's own depends on the blocking client and on chrono, which are not needed.
const MANIFEST: &str = include_str!("queries.toml");

/// The modules that replace Clorinde's own, which support several client libraries.
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

/// Changes generated code so that every statement runs through `client.rs`: prepared, so that PostgreSQL plans it once and the
/// cache knows its tables, and with the result as a whole. Clorinde prepares some statements where they are used, others never,
/// and awaits rows one by one.
fn prepared(source: &str) -> anyhow::Result<String> {
    // Join the code into one line, so that the replacements match; rustfmt formats it afterwards.
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

/// Removes every function that begins with `begin` and ends with `end`.
fn remove(text: &mut String, begin: &str, end: &str) -> anyhow::Result<()> {
    while let Some(start) = text.find(begin) {
        let length =
            text[start..].find(end).context("a function that Clorinde generates has changed")? + end.len();
        let brace =
            text[start + length..].find('}').context("a function that Clorinde generates has no end")?;
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
