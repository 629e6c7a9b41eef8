//! Tailtown's own rules: the schema works on one server and on a sharded cluster, keeps resorts apart, and has no side effects
//! that an older program does not know.

use squawk_syntax::ast::{self, AstNode, Stmt, TableArg};
use squawk_syntax::{Parse, SourceFile, SyntaxElement, SyntaxNode};

use super::super::script::{Kind, Script};
use super::suspect::{Guards, Known, Suspect};

/// The role of the program.
const PROGRAM: &str = "tailtown_app";

const REWRITES: &str = "it rewrites the table while all requests wait: leave that to autovacuum";

/// The state of the check of one file.
struct Look<'a> {
    known: &'a Known,
    /// Tables of this file.
    made: Vec<String>,
    /// Columns that this file adds to existing tables.
    added: Vec<String>,
    suspects: Vec<Suspect>,
}

/// The violations in a file. Adds its tables to `known`.
pub(super) fn look(
    parsed: &Parse<SourceFile>,
    sql: &str,
    script: &Script<'_>,
    known: &mut Known,
) -> Vec<Suspect> {
    let file = parsed.tree();
    let statements: Vec<_> = file.stmts().map(|statement| (words(statement.syntax()), statement)).collect();
    // The calls that make a table a tenant's come after its creation.
    let mut tables = Vec::new();
    for (text, statement) in &statements {
        if let Stmt::CreateTable(table) = statement {
            let name = table.table_name().map(|name| squeeze(name.syntax())).unwrap_or_default();
            let said = |how: &str| {
                let call = format!("select app . {how} ( '{name}' )");
                statements.iter().position(|(text, _)| *text == call)
            };
            let has_tenant = text
                .split_once('(')
                .is_some_and(|(_, columns)| columns.trim_start().starts_with("tenant_id uuid not null"));
            let place = statements.iter().position(|(_, other)| other.syntax() == statement.syntax());
            let order = (place, said("distribute"), said("secure"));
            known.tables.insert(name.clone(), has_tenant);
            let replicated = said("replicate").is_some();
            tables.push((name, statement.syntax().clone(), has_tenant, replicated, order));
        }
    }
    let mut look = Look {
        known,
        made: tables.iter().map(|(name, ..)| name.clone()).collect(),
        added: Vec::new(),
        suspects: Vec::new(),
    };
    for error in parsed.errors() {
        let range = error.range();
        look.suspects.push(Suspect {
            span: usize::from(range.start())..usize::from(range.end()),
            rule: "syntax",
            guards: Guards::Schema,
            says: error.message().to_owned(),
        });
    }
    for (place, _) in sql.match_indices("-- squawk-") {
        look.suspects.push(Suspect {
            span: place..place,
            rule: "squawk-comment",
            guards: Guards::Schema,
            says: "write `-- lint: allow <rule>: <reason>` instead".into(),
        });
    }
    for (name, node, has_tenant, replicated, (made, distributed, secured)) in tables {
        if !has_tenant && !replicated {
            look.say(&node, "tenant-table", Guards::Schema, format!(
                "the first column is `tenant_id uuid not null`, or, for a table of the platform, `select app.replicate('{name}')` follows"
            ));
        } else if has_tenant && !(made < distributed && distributed < secured) {
            look.say(&node, "secure", Guards::Schema, format!(
                "`select app.distribute('{name}')` and then `select app.secure('{name}')` follow, or any resort could see its rows"
            ));
        }
    }
    for (text, statement) in &statements {
        let place = usize::from(statement.syntax().text_range().end());
        let kind = script.statements.iter().find(|of| of.span.end + 1 >= place).map(|of| &of.kind);
        if script.in_one_transaction && matches!(kind, Some(Kind::Outside(_))) {
            let says = "it cannot run in a transaction: write `-- transaction: none` at the head of the file";
            look.say(statement.syntax(), "outside-transaction", Guards::Schema, says);
        }
        look.statement(statement, text, kind);
    }
    look.suspects
}

impl Look<'_> {
    fn say(&mut self, node: &SyntaxNode, rule: &'static str, guards: Guards, says: impl Into<String>) {
        let first = node.descendants_with_tokens().filter_map(SyntaxElement::into_token);
        let start =
            first.filter(|token| !token.kind().is_trivia()).map(|token| token.text_range().start()).next();
        let span =
            usize::from(start.unwrap_or(node.text_range().start()))..usize::from(node.text_range().end());
        self.suspects.push(Suspect { span, rule, guards, says: says.into() });
    }

    fn was_there(&self, table: &str) -> bool {
        !self.made.iter().any(|made| made == table)
    }

    fn is_tenants(&self, table: &str) -> bool {
        self.known.tables.get(table).copied().unwrap_or(true)
    }

    fn statement(&mut self, statement: &Stmt, text: &str, kind: Option<&Kind>) {
        let node = statement.syntax();
        self.rights(node, text);
        self.storage(node, text);
        let changes = |node: &SyntaxNode| {
            ast::Update::can_cast(node.kind())
                || ast::Delete::can_cast(node.kind())
                || ast::Insert::can_cast(node.kind())
        };
        if text.starts_with("with ")
            && node.descendants().any(|node| changes(&node))
            && !matches!(kind, Some(Kind::Backfill(_)))
        {
            self.say(
                node,
                "bulk-change",
                Guards::Waiting,
                "rows stay locked until all are changed: work in batches, with `-- backfill: …`",
            );
        }
        match statement {
            Stmt::CreateTable(table) => {
                let name = table.table_name().map(|name| squeeze(name.syntax())).unwrap_or_default();
                for arg in table.table_arg_list().into_iter().flat_map(|list| list.args()) {
                    match arg {
                        TableArg::Column(column) => {
                            let column_name = column.name().map(|name| squeeze(name.syntax())).unwrap_or_default();
                            self.column(column.syntax(), &name, &column_name);
                        }
                        TableArg::TableConstraint(constraint) => self.constraint(constraint.syntax(), &name),
                        TableArg::LikeClause(_) => {}
                    }
                }
            }
            Stmt::CreateTableAs(_) => self.say(node, "tenant-table", Guards::Schema, "list its columns"),
            Stmt::AlterTable(alter) => {
                let name = alter.table_relation_name().map(|name| squeeze(name.syntax())).unwrap_or_default();
                for action in alter.actions() {
                    match action {
                        ast::AlterTableAction::AddColumn(column) => {
                            let column_name =
                                column.column_name().map(|name| squeeze(name.syntax())).unwrap_or_default();
                            self.column(column.syntax(), &name, &column_name);
                            self.added.push(column_name);
                        }
                        ast::AlterTableAction::AddConstraint(add) => {
                            if let Some(constraint) = add.constraint() {
                                self.constraint(constraint.syntax(), &name);
                                self.restriction(constraint.syntax(), &name);
                            }
                        }
                        ast::AlterTableAction::AlterColumn(_) if text.contains("set not null") && self.was_there(&name) => {
                            self.say(action.syntax(), "new-restriction", Guards::Running,
                                "a program that does not know of it may write null: say with `-- serves:` from which one on it never does");
                        }
                        _ => {}
                    }
                }
            }
            Stmt::CreateIndex(index) => {
                let table = index.table_relation_name().map(|name| squeeze(name.syntax())).unwrap_or_default();
                if index.index().is_none() {
                    self.say(node, "unnamed", Guards::Schema, "give the index a name: an interrupted deploy must find it again");
                }
                let columns = text.split_once(" on ").map_or("", |(_, rest)| rest);
                self.must_begin_with_tenant(node, &table, columns);
                if index.unique_token().is_some() && self.was_there(&table) {
                    self.say(node, "new-restriction", Guards::Running,
                        "a program that does not know of it may write duplicates: say with `-- serves:` from which one on it never does");
                }
            }
            Stmt::CreateTrigger(_) | Stmt::CreateRule(_) => self.say(node, "hidden-write", Guards::Running,
                "an older program does not know which tables its statements change, and its cache would be stale"),
            Stmt::CreateType(_) | Stmt::CreateDomain(_) | Stmt::AlterType(_) | Stmt::AlterDomain(_) => self.say(node, "own-type", Guards::Schema,
                "use text with a check: the operators of such a type are not leakproof, so no index serves them under row-level security"),
            Stmt::CreateView(_) if !text.contains("security_invoker = true") => self.say(node, "open-view", Guards::Schema,
                "a view shows every resort's rows unless it is `with (security_invoker = true)`"),
            Stmt::CreateMaterializedView(_) => self.say(node, "open-view", Guards::Schema,
                "row-level security does not apply to a materialized view: use a table"),
            Stmt::CreateFunction(_) | Stmt::CreateProcedure(_)
                if text.contains("security definer") && !text.contains("set search_path") =>
            {
                self.say(node, "open-function", Guards::Schema, "a `security definer` function has a `set search_path`");
            }
            Stmt::Update(_) | Stmt::Delete(_) | Stmt::Merge(_) => {
                let table = match statement {
                    Stmt::Update(update) => update.relation_name().map(|name| squeeze(name.syntax())),
                    Stmt::Delete(delete) => delete.relation_name().map(|name| squeeze(name.syntax())),
                    _ => None,
                };
                let was_there = table.is_none_or(|table| self.was_there(&table));
                if was_there && !matches!(kind, Some(Kind::Backfill(_))) {
                    self.say(node, "bulk-change", Guards::Waiting,
                        "rows stay locked until all are changed: work in batches, with `-- backfill: …`");
                }
            }
            Stmt::Insert(_) if text.contains(" select ") && !matches!(kind, Some(Kind::Backfill(_))) => {
                self.say(node, "bulk-change", Guards::Waiting, "work in batches, with `-- backfill: …`");
            }
            Stmt::Truncate(_) => self.say(node, "truncate", Guards::Running, "it blocks all requests, and deletes all rows"),
            Stmt::Lock(_) => self.say(node, "lock-table", Guards::Waiting, "all other requests wait"),
            Stmt::Refresh(_) => self.say(node, "open-view", Guards::Waiting, "it cannot be read meanwhile"),
            Stmt::Cluster(_) => self.say(node, "rewrites-table", Guards::Waiting, REWRITES),
            Stmt::Vacuum(_) if text.contains(" full ") => self.say(node, "rewrites-table", Guards::Waiting, REWRITES),
            Stmt::Do(_) => self.say(node, "unseen", Guards::Waiting, "the effects of a `do` block cannot be checked: write statements"),
            Stmt::Set(_) | Stmt::Reset(_) | Stmt::SetRole(_) | Stmt::SetSessionAuth(_) if !text.starts_with("set local") => {
                self.say(node, "session-setting", Guards::Waiting, "it would stay in effect for later migrations: the deploy sets what is needed");
            }
            Stmt::Revoke(_) if text.contains(PROGRAM) => {
                self.say(node, "revoke", Guards::Running, "a program that still uses this right would fail");
            }
            _ => {}
        }
    }

    /// Rights and policies: only `app.secure` may define them.
    fn rights(&mut self, node: &SyntaxNode, text: &str) {
        if text.starts_with("create policy ") || text.starts_with("alter policy ") {
            self.say(
                node,
                "policy",
                Guards::Schema,
                "`select app.secure('…')` creates the only policies that are allowed",
            );
        }
        if text.starts_with("grant ") && (text.contains(" to public") || text.contains("with grant option")) {
            self.say(
                node,
                "grant",
                Guards::Schema,
                format!("grant rights to {PROGRAM} only, without grant option"),
            );
        }
        let is_membership = text.starts_with("grant ") && !text.contains(" on ");
        if is_membership || text.contains(&format!("owner to {PROGRAM}")) {
            self.say(node, "owner", Guards::Schema,
                format!("row-level security does not apply to owners: {PROGRAM} must own nothing and be a member of no other role"));
        }
        if text.starts_with("grant all") || text.starts_with("grant truncate") {
            self.say(
                node,
                "grant",
                Guards::Schema,
                "row-level security does not apply to truncate: grant select, insert, update, delete",
            );
        }
    }

    /// How rows are stored.
    fn storage(&mut self, node: &SyntaxNode, text: &str) {
        if text.contains("set unlogged") || text.starts_with("create unlogged ") {
            self.say(
                node,
                "unlogged",
                Guards::Schema,
                "a crash empties such a table, and the write-ahead log does not contain it",
            );
        }
        if text.contains(" set tablespace ") || text.contains(" set logged") {
            self.say(node, "rewrites-table", Guards::Waiting, REWRITES);
        }
        if text.starts_with("alter table ")
            && text.contains(" add generated ")
            && text.contains(" as identity")
        {
            self.say(
                node,
                "serial",
                Guards::Schema,
                "the program creates ids, and numbers of a resort come from a counter row",
            );
        }
    }

    fn column(&mut self, node: &SyntaxNode, table: &str, name: &str) {
        let text = words(node);
        let text = text
            .trim_start_matches("add ")
            .trim_start_matches("column ")
            .trim_start_matches("if not exists ");
        let rest = text.split_once(' ').map_or("", |(_, rest)| rest);
        let is = |of: &[&str]| of.iter().any(|of| rest == *of || rest.starts_with(&format!("{of} ")));
        let wrong = |suffix: &str, of: &[&str]| name.ends_with(suffix) && !is(of);
        if wrong("_at", &["timestamptz", "timestamp with time zone"])
            || wrong("_on", &["date"])
            || wrong("_date", &["date"])
            || wrong("_cents", &["bigint"])
        {
            self.say(
                node,
                "column-type",
                Guards::Schema,
                "*_at is timestamptz, *_on and *_date are date, *_cents is bigint",
            );
        }
        if is(&["serial", "bigserial", "smallserial"]) || text.contains(" as identity") {
            self.say(
                node,
                "serial",
                Guards::Schema,
                "the program creates ids, and numbers of a resort come from a counter row",
            );
        }
        for word in ["primary key", "references", "unique", "check ("] {
            if text.contains(&format!(" {word}")) {
                self.say(
                    node,
                    "column-constraint",
                    Guards::Schema,
                    format!(
                        "`{}` is a constraint of the table {table}, with a name",
                        word.trim_end_matches(" (")
                    ),
                );
            }
        }
    }

    /// The name and the first column of a constraint.
    fn constraint(&mut self, node: &SyntaxNode, table: &str) {
        let text = words(node);
        if !text.starts_with("constraint ") {
            self.say(
                node,
                "unnamed",
                Guards::Schema,
                "give the constraint a name: the program recognizes errors by it",
            );
        }
        let keyed =
            ["primary key", "unique", "exclude", "foreign key"].iter().any(|kind| text.contains(kind));
        if keyed && !text.contains("using index") {
            self.must_begin_with_tenant(node, table, &text);
        }
        let Some((_, references)) = text.split_once(" references ") else { return };
        let to = references.split('(').next().unwrap_or_default().replace(' ', "");
        if self.is_tenants(&to) && self.is_tenants(table) {
            self.must_begin_with_tenant(node, &to, references);
        }
        if references.contains("set null") || references.contains("set default") {
            self.say(
                node,
                "set-null",
                Guards::Schema,
                "a sharded cluster refuses it: use cascade, restrict or no action",
            );
        }
        if references.contains("on delete cascade") && self.was_there(&to) {
            self.say(
                node,
                "hidden-write",
                Guards::Running,
                "an older program does not know that a delete changes these rows, and caches would be stale",
            );
        }
    }

    /// A constraint that is added to an existing table.
    fn restriction(&mut self, node: &SyntaxNode, table: &str) {
        let text = words(node);
        // A foreign key from a new column refuses nothing that older programs write: they leave the column null.
        let new = text.contains("foreign key")
            && text
                .split(" references ")
                .next()
                .unwrap_or_default()
                .split(' ')
                .any(|word| self.added.iter().any(|added| added == word));
        if self.was_there(table) && !new {
            self.say(node, "new-restriction", Guards::Running,
                "a program that does not know of it may write what it refuses: say with `-- serves:` from which one on it never does");
        }
    }

    fn must_begin_with_tenant(&mut self, node: &SyntaxNode, table: &str, text: &str) {
        let first = text.split_once('(').map_or("", |(_, columns)| columns.trim_start());
        let first = first.split([' ', ',', ')']).next().unwrap_or_default();
        if self.is_tenants(table) && first != "tenant_id" {
            self.say(
                node,
                "tenant-first",
                Guards::Schema,
                format!("keys and indexes of {table} begin with tenant_id"),
            );
        }
    }
}

/// The words of a node in lower case, separated by single spaces, without comments.
fn words(node: &SyntaxNode) -> String {
    let tokens = node.descendants_with_tokens().filter_map(SyntaxElement::into_token);
    let words = tokens.filter(|token| !token.kind().is_trivia() && token.text() != ";");
    words.map(|token| token.text().to_lowercase()).collect::<Vec<_>>().join(" ")
}

/// A name such as app.pets, without quotes and spaces.
fn squeeze(node: &SyntaxNode) -> String {
    words(node).replace([' ', '"'], "").trim_start_matches("only").to_owned()
}
