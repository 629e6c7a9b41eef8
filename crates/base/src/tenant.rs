//! A resort as every part of the program knows it: its name, what it pays for, where it is.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::problem::{Problem, Result};

/// A resort, as a request needs to know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tenant {
    pub id: Uuid,
    pub subdomain: String,
    pub name: String,
    pub tier: Tier,
    pub status: Status,
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub timezone: TimeZone,
    pub currency: String,
    pub tax_rate_bps: i32,
    /// Requests per window, in place of the tier's.
    pub rate_limit: Option<u32>,
}

/// What a resort pays for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Tier {
    Free,
    Basic,
    Pro,
    Enterprise,
}

/// Whether a resort may work. TRIAL and ACTIVE may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "TenantStatus")]
pub enum Status {
    Trial,
    Active,
    Suspended,
    Closed,
}

impl Tenant {
    /// How many requests it may make in a window of limits.
    pub fn limit(&self) -> u32 {
        self.rate_limit.unwrap_or(match self.tier {
            Tier::Free => 100,
            Tier::Basic => 500,
            Tier::Pro => 1000,
            Tier::Enterprise => 5000,
        })
    }

    /// # Errors
    /// 403 when the resort is suspended or closed.
    pub fn must_be_open(&self) -> Result<()> {
        self.status.must_be_open()
    }
}

impl Status {
    /// # Errors
    /// 403 when the resort is suspended or closed.
    pub fn must_be_open(self) -> Result<()> {
        match self {
            Status::Trial | Status::Active => Ok(()),
            Status::Suspended => {
                Err(Problem::forbidden("this resort is suspended: its owner can ask the operator why"))
            }
            Status::Closed => Err(Problem::forbidden("this resort is closed")),
        }
    }
}

/// What a resort's subdomain may be: a DNS label of letters, digits and inner hyphens, 63 at most, that cannot be mistaken
/// for an id.
pub fn is_subdomain(text: &str) -> bool {
    Uuid::try_parse(text).is_err()
        && (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}
