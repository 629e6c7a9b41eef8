//! Refuses a migration that would block requests, break the version that runs, or create a table without a tenant, unless the
//! file gives a reason. Applies squawk's rules and Tailtown's own.

mod ours;
mod squawk;
mod suspect;
#[cfg(test)]
mod tests;

use std::fmt;

use squawk_syntax::ast::SourceFile;

use super::migration::Migration;
use super::script::{BATCH, Script, batches, first_word, line};
use suspect::{Guards, Known};

/// The last step of the initial schema. No program served before it, so earlier steps could block or break nothing.
const BEFORE_ANY_SERVED: i32 = 11;

/// A violation of a rule.
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

/// The violations in these migrations, which must be all migrations in order.
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
    // Replace `:batch` by a condition of the same length that the SQL parser understands.
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
