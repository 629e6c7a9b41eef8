//! Refuses a migration that would lock or break the running version, or make a table that is no tenant's, unless the
//! file says why: squawk's rules and our own, each exception with its reason.

mod ours;
mod squawk;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use squawk_syntax::ast::SourceFile;

use super::Migration;
use super::script::{BATCH, Script, batches, first_word, line};

/// The steps up to this one made the schema before any program served: there was nothing to lock or to break.
const BEFORE_ANY_SERVED: i32 = 11;

/// Something that a migration must not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub file: String,
    pub line: usize,
    pub rule: &'static str,
    pub says: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.rule, self.says)
    }
}

/// What a rule guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guards {
    /// The form of every table.
    Schema,
    /// Requests, which would wait.
    Waiting,
    /// The version that runs meanwhile; a file that says whom it serves may break the others.
    Running,
}

/// A finding before anybody asked whether it is allowed.
struct Suspect {
    span: Range<usize>,
    rule: &'static str,
    guards: Guards,
    says: String,
}

/// What the steps before made: the tables by name, and whether each is a tenant's.
#[derive(Default)]
struct Known {
    tables: BTreeMap<String, bool>,
}

/// What is wrong with these migrations, which are all there are, in order.
#[must_use]
pub fn lint(migrations: &[Migration]) -> Vec<Finding> {
    let mut known = Known::default();
    migrations.iter().flat_map(|migration| lint_one(migration, &mut known)).collect()
}

fn lint_one(migration: &Migration, known: &mut Known) -> Vec<Finding> {
    let file = format!("migrations/{}.sql", migration.name);
    let finding = |place: usize, rule, says: String| Finding {
        file: file.clone(),
        line: line(&migration.sql, place),
        rule,
        says,
    };
    let script = match Script::read(&migration.sql) {
        Ok(script) => script,
        Err(fault) => return vec![Finding { line: fault.line, ..finding(0, "comment", fault.says) }],
    };
    // To a parser of SQL a batch is a condition like any other, of the same length.
    let mut sql = migration.sql.to_string();
    for place in batches(&migration.sql).collect::<Vec<_>>() {
        sql.replace_range(place..place + BATCH.len(), "(true)");
    }
    let parsed = SourceFile::parse(&sql);
    let mut suspects = ours::look(&parsed, &sql, &script, known);
    suspects.extend(squawk::look(&parsed, &sql, &script));

    let mut findings = Vec::new();
    let serving = migration.version > BEFORE_ANY_SERVED;
    let breaks = suspects.iter().any(|suspect| suspect.guards == Guards::Running);
    if script.serves >= migration.version {
        let says = format!(
            "no program that runs could serve after this: name one before {:04}, which does not use what is removed here",
            migration.version
        );
        findings.push(finding(0, "serves", says));
    } else if script.serves > 0 && !breaks {
        let says = "nothing here breaks an older program: leave `-- serves: …` out".to_owned();
        findings.push(finding(0, "serves", says));
    }
    let mut used = Vec::new();
    for suspect in suspects {
        let harmless = match suspect.guards {
            Guards::Schema => false,
            Guards::Waiting => !serving,
            Guards::Running => !serving || script.serves > 0,
        };
        let statement = script.statements.iter().find(|statement| suspect.span.start < statement.span.end);
        let allow =
            statement.and_then(|statement| statement.allows.iter().find(|allow| allow.rule == suspect.rule));
        match allow {
            _ if harmless => {}
            Some(allow) => used.push(allow.place),
            None => findings.push(finding(suspect.span.start, suspect.rule, suspect.says)),
        }
    }
    for statement in &script.statements {
        for allow in statement.allows.iter().filter(|allow| !used.contains(&allow.place)) {
            let says = format!(
                "`{}` refuses nothing in the statement of line {}: leave the exception out",
                allow.rule,
                line(&migration.sql, first_word(statement))
            );
            findings.push(finding(allow.place, "unused-allow", says));
        }
    }
    findings.sort_by_key(|finding| finding.line);
    findings
}
