//! Which resort a request is for: the first label of the host name, or a header for clients that cannot set the host.

use std::fmt::{self, Display};
use std::sync::Arc;

use axum::extract::Request;
use http::HeaderMap;
use http::header::HOST;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::Platform;
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
    pub(crate) fn must_be_open(&self) -> Result<()> {
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

/// How a request names its resort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    Subdomain(String),
    Id(Uuid),
}

/// The key under which what is known of the resort is kept. A subdomain and an id never share one, whatever they look like.
impl Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subdomain(subdomain) => write!(f, "tenant:{subdomain}"),
            Self::Id(id) => write!(f, "tenant-id:{id}"),
        }
    }
}

/// Everything a request said about its resort; more than one name must mean the same resort.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) first: Named,
    pub(crate) also: Option<Named>,
}

impl Address {
    /// Whether `tenant` is what every name says.
    pub(crate) fn agrees_with(&self, tenant: &Tenant) -> bool {
        [Some(&self.first), self.also.as_ref()].into_iter().flatten().all(|named| match named {
            Named::Subdomain(subdomain) => *subdomain == tenant.subdomain,
            Named::Id(id) => *id == tenant.id,
        })
    }
}

/// Reads the resort's name off the request; whether it exists is found together with the session.
///
/// # Errors
/// When it names none, or not clearly.
pub(crate) fn name(platform: &Platform, request: &mut Request) -> Result<()> {
    // The platform's own routes belong to no resort.
    if request.uri().path().starts_with("/api/") {
        let address = address(request.headers(), request.uri().host(), &platform.config.base_domain)?;
        request.extensions_mut().insert(Arc::new(address));
    }
    Ok(())
}

fn address(headers: &HeaderMap, uri_host: Option<&str>, base_domain: &str) -> Result<Address> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).or(uri_host).unwrap_or("");
    let by_host = subdomain(host, base_domain).map(Named::Subdomain);
    let by_header = match headers.get("x-tenant-id") {
        Some(value) => Some(header_name(value.to_str().unwrap_or(""))?),
        None => None,
    };
    match (by_host, by_header) {
        (Some(first), also) => Ok(Address { first, also }),
        (None, Some(first)) => Ok(Address { first, also: None }),
        (None, None) => {
            Err(Problem::not_found(&format!("resort: use its address, as in resort1.{base_domain}")))
        }
    }
}

fn header_name(text: &str) -> Result<Named> {
    if let Ok(id) = text.parse() {
        return Ok(Named::Id(id));
    }
    if is_subdomain(text) {
        Ok(Named::Subdomain(text.to_ascii_lowercase()))
    } else {
        Err(Problem::not_found("resort"))
    }
}

/// The one label before the base domain, without the port: `resort1.example.com:4004` → `resort1`.
fn subdomain(host: &str, base_domain: &str) -> Option<String> {
    let host =
        host.rsplit_once(':').map_or(host, |(name, _)| name).trim_end_matches('.').to_ascii_lowercase();
    let label = host.strip_suffix(base_domain)?.strip_suffix('.')?;
    is_subdomain(label).then(|| label.to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_label_of_the_host_is_the_resort() {
        assert_eq!(subdomain("resort1.localhost:4004", "localhost").as_deref(), Some("resort1"));
        assert_eq!(subdomain("Resort1.Example.COM.", "example.com").as_deref(), Some("resort1"));
        for host in [
            "localhost:4004",
            "127.0.0.1:4004",
            "a.b.localhost",
            "evil-localhost",
            "-x.localhost",
            ".localhost",
            "019ac8e5-7d3a-7000-8000-000000000001.localhost",
            "019AC8E57D3A70008000000000000001.localhost",
            "[::1]:4004",
            "",
        ] {
            assert_eq!(subdomain(host, "localhost"), None, "{host}");
        }
    }

    #[test]
    fn host_and_header_are_both_kept_so_that_they_can_be_compared() {
        let mut headers = HeaderMap::new();
        headers.insert("x-tenant-id", "resort2".parse().unwrap());
        let address = address(&headers, Some("resort1.localhost"), "localhost").unwrap();
        assert_eq!(address.first, Named::Subdomain("resort1".into()));
        assert_eq!(address.also, Some(Named::Subdomain("resort2".into())));
    }
}
