//! The rules of squawk that apply, and what each of them protects.

use squawk_linter::{Linter, Rule};
use squawk_syntax::{Parse, SourceFile};

use super::super::script::Script;
use super::suspect::{Guards, Suspect};

const RULES: &[(Rule, &str, Guards)] = &[
    (Rule::AddingFieldWithDefault, "adding-field-with-default", Guards::Waiting),
    (Rule::AddingForeignKeyConstraint, "adding-foreign-key-constraint", Guards::Waiting),
    (Rule::AddingNotNullableField, "adding-not-nullable-field", Guards::Waiting),
    (Rule::AddingSerialPrimaryKeyField, "adding-serial-primary-key-field", Guards::Waiting),
    (Rule::ChangingColumnType, "changing-column-type", Guards::Waiting),
    (Rule::ConstraintMissingNotValid, "constraint-missing-not-valid", Guards::Waiting),
    (Rule::DisallowedUniqueConstraint, "disallowed-unique-constraint", Guards::Waiting),
    (Rule::RequireConcurrentIndexCreation, "require-concurrent-index-creation", Guards::Waiting),
    (Rule::RequireConcurrentIndexDeletion, "require-concurrent-index-deletion", Guards::Waiting),
    (Rule::RequireConcurrentPartitionDetach, "require-concurrent-partition-detach", Guards::Waiting),
    (Rule::RequireConcurrentReindex, "require-concurrent-reindex", Guards::Waiting),
    (Rule::TransactionNesting, "transaction-nesting", Guards::Waiting),
    (Rule::AddingRequiredField, "adding-required-field", Guards::Running),
    (Rule::BanAlterExtension, "ban-alter-extension", Guards::Running),
    (Rule::BanAlterGeneratedExpression, "ban-alter-generated-expression", Guards::Running),
    (Rule::BanAlterPolicyCondition, "ban-alter-policy-condition", Guards::Running),
    (Rule::BanAlterPolicyRoles, "ban-alter-policy-roles", Guards::Running),
    (Rule::BanDisableTrigger, "ban-disable-trigger", Guards::Running),
    (Rule::BanDropColumn, "ban-drop-column", Guards::Running),
    (Rule::BanDropConstraint, "ban-drop-constraint", Guards::Running),
    (Rule::BanDropDatabase, "ban-drop-database", Guards::Running),
    (Rule::BanDropDefault, "ban-drop-default", Guards::Running),
    (Rule::BanDropExtension, "ban-drop-extension", Guards::Running),
    (Rule::BanDropFunction, "ban-drop-function", Guards::Running),
    (Rule::BanDropGeneratedExpression, "ban-drop-generated-expression", Guards::Running),
    (Rule::BanDropIndex, "ban-drop-index", Guards::Running),
    (Rule::BanDropNotNull, "ban-drop-not-null", Guards::Running),
    (Rule::BanDropPolicy, "ban-drop-policy", Guards::Running),
    (Rule::BanDropSchema, "ban-drop-schema", Guards::Running),
    (Rule::BanDropTable, "ban-drop-table", Guards::Running),
    (Rule::BanDropTrigger, "ban-drop-trigger", Guards::Running),
    (Rule::BanDropType, "ban-drop-type", Guards::Running),
    (Rule::BanDropView, "ban-drop-view", Guards::Running),
    (Rule::BanReplaceViewFunction, "ban-replace-view-function", Guards::Running),
    (Rule::BanSetSchema, "ban-set-schema", Guards::Running),
    (Rule::RenamingColumn, "renaming-column", Guards::Running),
    (Rule::RenamingObject, "renaming-object", Guards::Running),
    (Rule::RenamingTable, "renaming-table", Guards::Running),
    (Rule::BanCharField, "ban-char-field", Guards::Schema),
    (Rule::BanDuplicateColumnAssignments, "ban-duplicate-column-assignments", Guards::Schema),
    (Rule::IdentifierTooLong, "identifier-too-long", Guards::Schema),
    (Rule::PreferTextField, "prefer-text-field", Guards::Schema),
    (Rule::PreferTimestampTz, "prefer-timestamp-tz", Guards::Schema),
    (Rule::RequireTableSchema, "require-table-schema", Guards::Schema),
];

/// The violations in a file.
pub(super) fn look(parsed: &Parse<SourceFile>, sql: &str, script: &Script<'_>) -> Vec<Suspect> {
    let mut linter = Linter::from(RULES.iter().map(|(rule, ..)| *rule));
    linter.settings.assume_in_transaction = script.in_one_transaction;
    let violations = linter.lint(parsed, sql).into_iter();
    let suspects = violations.filter_map(|violation| {
        let (_, rule, guards) = RULES.iter().find(|(rule, ..)| *rule == violation.code)?;
        let help = violation.help.map(|help| format!(" {help}")).unwrap_or_default();
        let span = usize::from(violation.text_range.start())..usize::from(violation.text_range.end());
        Some(Suspect { span, rule, guards: *guards, says: format!("{}{help}", violation.message) })
    });
    suspects.collect()
}
