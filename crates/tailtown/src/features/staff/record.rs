//! A member of staff as the API shows one.

use base::id::Id;
use base::problem::Problem;
use base::text::Text;
use garde::Validate;
use gateway::identity::Role;
use jiff::Timestamp;
use queries::queries::staff as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a member of staff is known by.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StaffDetails {
    #[garde(dive)]
    pub first_name: Text<100>,
    #[garde(dive)]
    pub last_name: Text<100>,
    #[garde(dive, email)]
    pub email: Text<254>,
    #[garde(skip)]
    pub role: Role,
    #[garde(skip)]
    pub is_active: bool,
}

/// A member of staff.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaffMember {
    pub id: Id<StaffMember>,
    #[serde(flatten)]
    pub details: StaffDetails,
    /// Whether a login needs a code.
    pub second_factor: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub(super) version: i32,
    #[serde(skip)]
    pub(super) email_key: String,
}

pub(super) fn missing() -> Problem {
    Problem::not_found("member of staff")
}

pub(super) fn member(row: sql::StaffMemberBorrowed<'_>) -> Result<StaffMember, strum::ParseError> {
    Ok(StaffMember {
        id: row.id.into(),
        details: StaffDetails {
            first_name: row.first_name.into(),
            last_name: row.last_name.into(),
            email: row.email.into(),
            role: row.role.parse()?,
            is_active: row.is_active,
        },
        second_factor: row.second_factor,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
        email_key: row.email_key.into(),
    })
}
