//! An operator as the API shows one.

use base::id::Id;
use base::problem::Problem;
use jiff::Timestamp;
use queries::queries::operators as sql;
use schemars::JsonSchema;
use serde::Serialize;

/// An operator of the platform.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Operator {
    pub id: Id<Operator>,
    pub name: String,
    pub email: String,
    pub is_active: bool,
    /// Whether a login needs a code.
    pub second_factor: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

pub(super) fn missing() -> Problem {
    Problem::not_found("operator")
}

pub(super) fn operator(row: sql::OperatorBorrowed<'_>) -> Operator {
    Operator {
        id: row.id.into(),
        name: row.name.into(),
        email: row.email.into(),
        is_active: row.is_active,
        second_factor: row.second_factor,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
