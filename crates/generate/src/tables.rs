//! The tables that each statement reads and changes: from PostgreSQL's plan, triggers and cascades.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio_postgres::{Client, SimpleQueryMessage};

type Tables = BTreeSet<String>;

/// What PostgreSQL's catalogue says about the effects of a change.
struct Catalogue {
    /// Every table of the schema, and whether it has a tenant.
    tables: BTreeMap<String, bool>,
    /// The tables that the body of a function names. It is assumed to read and change all of them.
    functions: BTreeMap<String, Tables>,
    /// The functions that a table's triggers run.
    triggers: BTreeMap<String, BTreeSet<String>>,
    /// By table and operation, the tables that a foreign key's cascade changes.
    cascades: BTreeMap<(String, &'static str), Tables>,
}

/// The tables of one statement.
#[derive(Default)]
struct Touched {
    reads: Tables,
    changes: Tables,
}

/// Writes `crates/queries/src/tables.rs`.
pub(crate) async fn write(client: &Client) -> anyhow::Result<()> {
    let catalogue = Catalogue::read(client).await?;
    client.batch_execute("set plan_cache_mode = force_generic_plan").await?;
    let mut statements = BTreeMap::new();
    for sql in statements_of(Path::new("crates/queries/src/queries"))? {
        let touched = touched(client, &catalogue, &sql).await.with_context(|| sql.clone())?;
        statements.insert(sql, touched);
    }
    ensure!(!statements.is_empty(), "no statement was found in the generated functions");
    fs::write("crates/queries/src/tables.rs", text(&catalogue, &statements)?)?;
    Ok(())
}

impl Catalogue {
    async fn read(client: &Client) -> anyhow::Result<Self> {
        let mut tables = BTreeMap::new();
        let sql = "select c.relname::text, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') \
                   from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'migrations'";
        for row in client.query(sql, &[]).await? {
            tables.insert(row.get(0), row.get(1));
        }
        ensure!(tables.len() <= 64, "a set of tables is 64 bits: make it wider");
        let sql = "select proname::text, prosrc from pg_proc where pronamespace = 'app'::regnamespace";
        let bodies: BTreeMap<String, String> =
            client.query(sql, &[]).await?.iter().map(|row| (row.get(0), row.get(1))).collect();
        let functions = bodies.keys().map(|name| (name.clone(), named(name, &bodies, &tables))).collect();
        let mut triggers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let sql = "select c.relname::text, p.proname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid \
                   join pg_proc p on p.oid = t.tgfoid where not t.tgisinternal and c.relnamespace = 'app'::regnamespace";
        for row in client.query(sql, &[]).await? {
            triggers.entry(row.get(0)).or_default().insert(row.get(1));
        }
        let mut cascades: BTreeMap<(String, &'static str), Tables> = BTreeMap::new();
        let sql = "select p.relname::text, c.relname::text, f.confdeltype in ('c', 'n', 'd'), f.confupdtype in ('c', 'n', 'd') \
                   from pg_constraint f join pg_class p on p.oid = f.confrelid join pg_class c on c.oid = f.conrelid \
                   where f.contype = 'f' and p.relnamespace = 'app'::regnamespace";
        for row in client.query(sql, &[]).await? {
            for (operation, carries) in [("Delete", row.get(2)), ("Update", row.get(3))] {
                if carries {
                    cascades.entry((row.get(0), operation)).or_default().insert(row.get(1));
                }
            }
        }
        Ok(Self { tables, functions, triggers, cascades })
    }

    /// Adds the effects of an operation on a table.
    fn follow(&self, table: &str, operation: &'static str, touched: &mut Touched) {
        if !touched.changes.insert(table.to_owned()) && operation == "Insert" {
            return;
        }
        for function in self.triggers.get(table).into_iter().flatten() {
            for named in self.functions.get(function).into_iter().flatten() {
                touched.reads.insert(named.clone());
                if !touched.changes.contains(named) {
                    self.follow(named, "Delete", touched);
                    self.follow(named, "Update", touched);
                }
            }
        }
        for child in self.cascades.get(&(table.to_owned(), operation)).into_iter().flatten() {
            if !touched.changes.contains(child) {
                self.follow(child, "Delete", touched);
                self.follow(child, "Update", touched);
            }
        }
    }
}

/// The tables that a function's body names, including those of the functions that it calls.
fn named(name: &str, bodies: &BTreeMap<String, String>, tables: &BTreeMap<String, bool>) -> Tables {
    let (mut found, mut seen, mut open) = (Tables::new(), BTreeSet::new(), vec![name.to_owned()]);
    while let Some(function) = open.pop() {
        if !seen.insert(function.clone()) {
            continue;
        }
        for word in words(bodies.get(&function).map_or("", String::as_str)) {
            if tables.contains_key(word) {
                found.insert(word.to_owned());
            } else if bodies.contains_key(word) {
                open.push(word.to_owned());
            }
        }
    }
    found
}

/// The names that follow `app.` in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split("app.").skip(1).map(|rest| {
        let end =
            rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

/// The SQL of every generated function.
fn statements_of(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = syn::parse_file(&fs::read_to_string(entry?.path())?)?;
        for item in file.items {
            let syn::Item::Fn(function) = item else { continue };
            let Some(syn::Stmt::Expr(syn::Expr::Call(call), None)) = function.block.stmts.first() else {
                continue;
            };
            let Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) = call.args.first()
            else {
                continue;
            };
            found.push(text.value());
        }
    }
    Ok(found)
}

async fn touched(client: &Client, catalogue: &Catalogue, sql: &str) -> anyhow::Result<Touched> {
    if sql.starts_with("set ") {
        return Ok(Touched::default());
    }
    let count = client.prepare(sql).await?.params().len();
    let arguments = vec!["null"; count].join(", ");
    let arguments = if count == 0 { String::new() } else { format!("({arguments})") };
    client.batch_execute(&format!("prepare probe as {sql}")).await?;
    let plan =
        client.simple_query(&format!("explain (verbose, format json) execute probe{arguments}")).await?;
    client.batch_execute("deallocate probe").await?;
    let plan = plan.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let plan: Value = serde_json::from_str(plan.context("there is no plan")?)?;
    let mut touched = Touched::default();
    visit(&plan, catalogue, &mut touched)?;
    for name in words(sql) {
        if let Some(tables) = catalogue.functions.get(name) {
            touched.reads.extend(tables.iter().cloned());
        } else if !catalogue.tables.contains_key(name) {
            bail!("app.{name} is neither a table nor a function");
        } else if !touched.reads.contains(name) && !touched.changes.contains(name) {
            // The planner has optimized it away, which may change.
            touched.reads.insert(name.to_owned());
        }
    }
    Ok(touched)
}

fn visit(plan: &Value, catalogue: &Catalogue, touched: &mut Touched) -> anyhow::Result<()> {
    match plan {
        Value::Array(items) => items.iter().try_for_each(|item| visit(item, catalogue, touched)),
        Value::Object(node) => {
            if let Some(table) = node.get("Relation Name").and_then(Value::as_str)
                && node.get("Schema").and_then(Value::as_str) == Some("app")
            {
                match node.get("Operation").and_then(Value::as_str) {
                    None => {
                        touched.reads.insert(table.to_owned());
                    }
                    Some("Insert") if node.contains_key("Conflict Resolution") => {
                        catalogue.follow(table, "Insert", touched);
                        catalogue.follow(table, "Update", touched);
                    }
                    Some("Insert") => catalogue.follow(table, "Insert", touched),
                    Some("Update") => catalogue.follow(table, "Update", touched),
                    Some("Delete") => catalogue.follow(table, "Delete", touched),
                    Some(other) => bail!("an operation unknown here: {other}"),
                }
            }
            node.values().try_for_each(|value| visit(value, catalogue, touched))
        }
        _ => Ok(()),
    }
}

fn text(catalogue: &Catalogue, statements: &BTreeMap<String, Touched>) -> anyhow::Result<String> {
    let mut text = String::from(
        "// Generated by `cargo run -p generate`. Do not modify.\n\n\
         /// Every table, in the order of its bit, and whether its rows are a tenant's.\n\
         pub const TABLES: &[(&str, bool)] = &[\n",
    );
    for (table, of_tenant) in &catalogue.tables {
        writeln!(text, "    ({table:?}, {of_tenant}),")?;
    }
    text.push_str(
        "];\n\n/// What each statement reads and what it changes, triggers and cascades included: one bit for each table.\n\
         #[rustfmt::skip]\npub const STATEMENTS: &[(&str, u64, u64)] = &[\n",
    );
    let bits = |set: &Tables| -> u64 {
        let bit = |(place, table): (usize, &String)| u64::from(set.contains(table)) << place;
        catalogue.tables.keys().enumerate().map(bit).sum()
    };
    let names = |set: &Tables| set.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    for (sql, touched) in statements {
        writeln!(text, "    // reads {}; changes {}", names(&touched.reads), names(&touched.changes))?;
        writeln!(text, "    ({sql:?}, {:#x}, {:#x}),", bits(&touched.reads), bits(&touched.changes))?;
    }
    text.push_str("];\n");
    Ok(text)
}
