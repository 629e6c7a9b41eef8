//! Reads one file: its statements, and the comments that are instructions to the deploy and the lint.
//!
//! ```sql
//! -- serves: 0013                        only programs that know step 13 can serve afterwards; without it, all can
//! -- transaction: none                   each statement runs by itself; without it, all run in one transaction
//! -- backfill: app.pets, batch 5000, pause 50ms      the next statement runs in batches; `:batch` selects the rows of one
//! -- lint: allow ban-drop-column: reason             the next statement may do what this rule refuses
//! ```

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use squawk_lexer::{TokenKind, tokenize};

/// The placeholder for the key range of one batch.
pub(super) const BATCH: &str = ":batch";

const LARGEST_BATCH: u32 = 100_000;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A file of a migration.
#[derive(Debug)]
pub(super) struct Script<'a> {
    /// The last step that a program must know to serve after this one; 0 if all programs can.
    pub(super) serves: i32,
    pub(super) in_one_transaction: bool,
    pub(super) statements: Vec<Statement<'a>>,
}

#[derive(Debug)]
pub(super) struct Statement<'a> {
    /// The text without its semicolon, with the comments before it.
    pub(super) text: &'a str,
    /// Its position in the file.
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
    pub(super) allows: Vec<Allow<'a>>,
}

/// How a statement is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// Cannot run in a transaction; can be started again.
    Outside(Outside),
    Backfill(Backfill),
}

/// A statement that cannot run in a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outside {
    /// `create index concurrently`, with the name of the index.
    Builds(String),
    /// `drop index concurrently`, with the name of the index.
    Drops(String),
    /// `reindex … concurrently` and `vacuum`.
    Other,
}

/// A statement that runs over a table in batches, in the order of the primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Backfill {
    pub(super) table: String,
    /// The table's alias in the statement.
    pub(super) alias: String,
    /// The most rows of one batch.
    pub(super) batch: u32,
    /// The shortest pause between two batches.
    pub(super) pause: Duration,
}

/// An exception from a rule of the lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allow<'a> {
    pub(super) rule: &'a str,
    pub(super) place: usize,
}

/// An error in an instruction.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: {says}")]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) says: String,
}

impl<'a> Script<'a> {
    pub(super) fn read(sql: &'a str) -> Result<Self, Fault> {
        let (spans, comments) = divide(sql);
        let statement = |span: &Range<usize>| {
            let text = &sql[span.clone()];
            Statement { text, span: span.clone(), kind: kind(text), allows: Vec::new() }
        };
        let mut script =
            Self { serves: 0, in_one_transaction: true, statements: spans.iter().map(statement).collect() };
        for comment in comments {
            let place = comment.start;
            script
                .apply_comment(&sql[comment], place)
                .map_err(|says| Fault { line: line(sql, place), says })?;
        }
        for statement in &script.statements {
            let backfill = matches!(statement.kind, Kind::Backfill(_));
            let fault = |says: String| Err(Fault { line: line(sql, first_word(statement)), says });
            match batches(statement.text).count() {
                0 if backfill => {
                    return fault(format!(
                        "a backfill says {BATCH} once, in the condition that selects its rows"
                    ));
                }
                1 if backfill => {}
                0 => {}
                1 => return fault(format!("{BATCH} belongs to a statement under `-- backfill: …`")),
                _ => return fault(format!("{BATCH} can be used only once")),
            }
            if script.in_one_transaction && backfill {
                return fault("a backfill needs `-- transaction: none` at the head of its file".into());
            }
        }
        Ok(script)
    }

    fn apply_comment(&mut self, comment: &'a str, place: usize) -> Result<(), String> {
        // An indented instruction is an explanation, as in the template of a new file.
        let Some((word, said)) = comment.strip_prefix("-- ").and_then(|comment| comment.split_once(':'))
        else {
            return Ok(());
        };
        let said = said.trim();
        let of = self.statements.iter_mut().find(|statement| place < statement.span.end);
        match word {
            "serves" | "transaction" => {
                let first = self.statements.first().map_or(usize::MAX, first_word);
                if place > first {
                    return Err(format!("`-- {word}: …` belongs at the head of the file"));
                }
                if word == "transaction" {
                    if said != "none" {
                        return Err("`-- transaction: none` is the only form of this comment".into());
                    }
                    self.in_one_transaction = false;
                } else {
                    let version = said.split(['_', ' ']).next().and_then(|version| version.parse().ok());
                    self.serves = version.filter(|version| *version > 0).ok_or(
                        "`-- serves: 0013` names the last step that a program must know to go on serving",
                    )?;
                }
            }
            "backfill" => {
                let of = of.ok_or("no statement follows this backfill")?;
                of.kind = Kind::Backfill(Backfill::read(said)?);
            }
            "lint" => {
                let allow = said.strip_prefix("allow ").and_then(|said| said.split_once(':'));
                let (rule, why) = allow.ok_or("an exception is `-- lint: allow <rule>: <reason>`")?;
                if why.trim().is_empty() {
                    return Err(format!("say why {rule} is allowed: `-- lint: allow {rule}: <reason>`"));
                }
                let of = of.ok_or("no statement follows this exception")?;
                of.allows.push(Allow { rule: rule.trim(), place });
            }
            _ => {}
        }
        Ok(())
    }
}

impl Backfill {
    fn read(said: &str) -> Result<Self, String> {
        let mut parts = said.split(',').map(str::trim);
        let named: Vec<_> = parts.next().unwrap_or_default().split_whitespace().collect();
        let (table, alias) = match named[..] {
            [table] => (table, table.rsplit('.').next().unwrap_or(table)),
            [table, alias] => (table, alias),
            _ => return Err("a backfill is `-- backfill: app.pets, batch 5000, pause 50ms`".into()),
        };
        let mut backfill = Self {
            table: table.to_owned(),
            alias: alias.to_owned(),
            batch: 5000,
            pause: Duration::from_millis(50),
        };
        for part in parts {
            match part.split_once(' ') {
                Some(("batch", rows)) => {
                    let rows = rows.trim().parse().ok().filter(|rows| (1..=LARGEST_BATCH).contains(rows));
                    backfill.batch = rows.ok_or(format!("a batch has from 1 to {LARGEST_BATCH} rows"))?;
                }
                Some(("pause", time)) => {
                    let time = time.trim().strip_suffix("ms").and_then(|time| time.trim().parse().ok());
                    let time = time.map(Duration::from_millis).filter(|time| *time <= LONGEST_PAUSE);
                    backfill.pause = time.ok_or("a pause is from 0ms to 60000ms")?;
                }
                _ => return Err(format!("`{part}` is neither `batch 5000` nor `pause 50ms`")),
            }
        }
        Ok(backfill)
    }
}

impl Statement<'_> {
    /// The statement in one line, shortened, for a person.
    pub(super) fn brief(&self) -> String {
        let lines =
            self.text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"));
        let line = lines.collect::<Vec<_>>().join(" ");
        let cut: String = line.chars().take(90).collect();
        let brief = if cut.len() < line.len() { format!("{cut} …") } else { cut };
        match &self.kind {
            Kind::Backfill(backfill) => format!("{} by {} rows: {brief}", backfill.table, backfill.batch),
            _ => brief,
        }
    }
}

impl fmt::Display for Statement<'_> {
    /// Its first line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.text.lines().find(|line| !line.trim_start().starts_with("--"));
        write!(f, "`{} …`", line.unwrap_or_default())
    }
}

/// The positions of `:batch`.
pub(super) fn batches(text: &str) -> impl Iterator<Item = usize> {
    tokens(text)
        .scan(TokenKind::Eof, |before, (kind, span)| {
            let found = *before == TokenKind::Colon && text[span.clone()] == BATCH[1..];
            *before = kind;
            Some(found.then(|| span.start - 1))
        })
        .flatten()
}

/// The number of the line at a position.
pub(super) fn line(sql: &str, place: usize) -> usize {
    1 + sql[..place].matches('\n').count()
}

/// The position of the first word after the comments.
pub(super) fn first_word(statement: &Statement<'_>) -> usize {
    let mut words = tokens(statement.text).filter(|(kind, _)| !is_blank(*kind));
    statement.span.start + words.next().map_or(0, |(_, span)| span.start)
}

fn kind(text: &str) -> Kind {
    let words = tokens(text).filter(|(kind, _)| !is_blank(*kind)).take(9);
    let words: Vec<_> = words.map(|(_, span)| text[span].to_ascii_lowercase()).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let named = |rest: &[&str]| match rest {
        ["if", "not", "exists", name, ..] | ["if", "exists", name, ..] | [name, ..] => {
            name.trim_matches('"').into()
        }
        [] => String::new(),
    };
    match &words[..] {
        ["create", "index", "concurrently", rest @ ..]
        | ["create", "unique", "index", "concurrently", rest @ ..] => {
            Kind::Outside(Outside::Builds(named(rest)))
        }
        ["drop", "index", "concurrently", rest @ ..] => {
            let rest = match rest {
                [.., "if", "exists", schema, ".", name] | [schema, ".", name, ..] if !schema.is_empty() => {
                    &[*name][..]
                }
                rest => rest,
            };
            Kind::Outside(Outside::Drops(named(rest)))
        }
        ["reindex", rest @ ..] if rest.contains(&"concurrently") => Kind::Outside(Outside::Other),
        ["vacuum", ..] => Kind::Outside(Outside::Other),
        _ => Kind::Plain,
    }
}

fn is_blank(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. })
}

fn tokens(sql: &str) -> impl Iterator<Item = (TokenKind, Range<usize>)> {
    tokenize(sql).scan(0, |place, token| {
        let start = *place;
        *place += token.len as usize;
        Some((token.kind, start..*place))
    })
}

/// Splits a file into its statements, without semicolons, and its line comments. Semicolons in strings, comments, dollar quotes
/// and `begin atomic … end` do not separate. The statements are sent one by one, because a distributed table accepts most schema
/// changes only so.
fn divide(sql: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (mut found, mut comments) = (Vec::new(), Vec::new());
    let (mut start, mut depth, mut empty) = (0, 0u32, true);
    let mut before = String::new();
    let trimmed = |start: usize, end: usize| {
        let blank = sql[start..end].len() - sql[start..end].trim_start().len();
        start + blank..start + sql[start..end].trim_end().len()
    };
    for (kind, span) in tokens(sql) {
        match kind {
            TokenKind::LineComment => {
                comments.push(span);
                continue;
            }
            kind if is_blank(kind) => continue,
            TokenKind::Semi if depth == 0 => {
                if !empty {
                    found.push(trimmed(start, span.start));
                }
                (start, empty) = (span.end, true);
                continue;
            }
            TokenKind::Ident => {
                let word = sql[span].to_ascii_lowercase();
                match word.as_str() {
                    "atomic" if before == "begin" => depth += 1,
                    "case" if depth > 0 => depth += 1,
                    "end" if depth > 0 => depth -= 1,
                    _ => {}
                }
                before = word;
            }
            _ => before.clear(),
        }
        empty = false;
    }
    if !empty {
        found.push(trimmed(start, sql.len()));
    }
    (found, comments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(sql: &str) -> Vec<&str> {
        divide(sql).0.into_iter().map(|span| &sql[span]).collect()
    }

    #[test]
    fn semicolons_inside_of_things_do_not_divide() {
        let sql = "-- a; b\nselect 'x;y', \"q;r\" /* ; /* ; */ */;\ncreate function f() returns void language plpgsql as $$\n\
                   begin\n  perform 1; perform $q$;$q$;\nend $$;\n;\nselect E'\\';' ; select 1";
        let found = statements(sql);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[1].contains("perform 1; perform"));
        assert_eq!(found[3], "select 1");
    }

    #[test]
    fn an_sql_body_is_one_statement() {
        let sql = "create function f(a int) returns int begin atomic select case when a > 0 then 1 else 2 end; select 3; end; select 4;";
        assert_eq!(statements(sql).len(), 2);
    }

    #[test]
    fn nothing_but_comments_is_nothing() {
        assert!(statements("-- only words;\n/* ; */ ;;").is_empty());
    }

    #[test]
    fn comments_tell_how_a_file_is_applied() {
        let sql = "-- Sizes.\n-- serves: 0013_names\n-- transaction: none\n\nalter table app.pets add column size int;\n\n\
                   create unique index concurrently if not exists pets_size_idx on app.pets (tenant_id, size);\n\
                   drop index concurrently app.pets_old_idx;\n\
                   -- backfill: app.pets p, batch 200, pause 5ms\n-- lint: allow bulk-change: because\n\
                   update app.pets p set size = 1 where p.size is null and :batch;";
        let script = Script::read(sql).unwrap();
        assert!(script.serves == 13 && !script.in_one_transaction);
        let kinds: Vec<_> = script.statements.iter().map(|statement| statement.kind.clone()).collect();
        let backfill = Backfill {
            table: "app.pets".into(),
            alias: "p".into(),
            batch: 200,
            pause: Duration::from_millis(5),
        };
        let outside = [Outside::Builds("pets_size_idx".into()), Outside::Drops("pets_old_idx".into())];
        let [builds, drops] = outside.map(Kind::Outside);
        assert_eq!(kinds, [Kind::Plain, builds, drops, Kind::Backfill(backfill)]);
        assert_eq!(script.statements[3].allows[0].rule, "bulk-change");
        assert_eq!(batches(script.statements[3].text).count(), 1);
    }

    #[test]
    fn a_comment_that_means_something_is_said_properly() {
        for (sql, line, says) in [
            ("-- serves: yesterday\nselect 1", 1, "names the last step"),
            ("select 1;\n-- serves: 0012\nselect 2", 2, "belongs at the head"),
            ("-- transaction: some\nselect 1", 1, "is the only form"),
            ("-- transaction: none\n-- backfill: app.pets\nupdate app.pets set a = 1", 3, "says :batch once"),
            (
                "-- backfill: app.pets\nupdate app.pets set a = 1 where :batch",
                2,
                "needs `-- transaction: none`",
            ),
            ("select 1;\nupdate app.pets set a = 1 where :batch", 2, "belongs to a statement under"),
            ("-- backfill: app.pets, batch 0\nselect :batch", 1, "from 1 to 100000"),
            ("-- backfill: app.pets, pause 1s\nselect :batch", 1, "from 0ms to 60000ms"),
            ("-- backfill: app.pets, slowly\nselect :batch", 1, "`slowly` is neither"),
            ("-- lint: ban-drop-table: old\nselect 1", 1, "allow <rule>: <reason>"),
            ("-- lint: allow ban-drop-table:\nselect 1", 1, "say why ban-drop-table is allowed"),
            ("select 1;\n-- lint: allow ban-drop-table: old", 2, "no statement follows"),
        ] {
            let fault = Script::read(sql).unwrap_err();
            assert!(fault.line == line && fault.says.contains(says), "{sql}: {fault}");
        }
    }
}
