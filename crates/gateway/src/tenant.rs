//! Which resort a request is for: the first label of the host name, or a header for clients that cannot set the host.

use std::fmt::{self, Display};
use std::sync::Arc;

use axum::extract::Request;
use http::header::HOST;
use http::{HeaderMap, Version};
use uuid::Uuid;

use base::problem::{Problem, Result};
use base::tenant::{Tenant, is_subdomain};

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
pub(crate) fn name(base_domain: &str, request: &mut Request) -> Result<()> {
    // The platform's own routes belong to no resort.
    if request.uri().path().starts_with("/api/") {
        let host = request.extensions().get::<Host>().map_or("", |host| &host.name);
        let address = address(request.headers(), host, base_domain)?;
        request.extensions_mut().insert(Arc::new(address));
    }
    Ok(())
}

fn address(headers: &HeaderMap, host: &str, base_domain: &str) -> Result<Address> {
    let by_host = subdomain(host, base_domain).map(Named::Subdomain);
    let mut named = headers.get_all("x-tenant-id").iter();
    let by_header = match named.next() {
        Some(value) => Some(header_name(value.to_str().unwrap_or(""))?),
        None => None,
    };
    if named.next().is_some() {
        return Err(Problem::malformed("X-Tenant-Id is given twice: send one"));
    }
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

/// The host a request is for, in its extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// In lower case; empty where a request of HTTP/1.0 names none.
    pub(crate) name: String,
    pub(crate) port: Option<u16>,
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        let end =
            if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
        let (name, port) = text.split_at(end);
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+;=%[:]".contains(&byte);
        if !name.bytes().all(is_part) {
            return None;
        }
        let port = match port.strip_prefix(':') {
            Some("") => None,
            // A sign is no digit.
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port.parse().ok()?),
            Some(_) => return None,
            None if port.is_empty() => None,
            None => return None,
        };
        Some(Self { name: name.to_ascii_lowercase(), port })
    }
}

/// Notes the host on the request (RFC 9112, 3.2): an address in absolute form names it, else the one field `Host`.
///
/// # Errors
/// 400 when there is no such field, more than one, or one that cannot be read.
pub(crate) fn host(request: &mut Request) -> Result<()> {
    let mut fields = request.headers().get_all(HOST).iter();
    let (field, more) = (fields.next(), fields.next().is_some());
    if more || (field.is_none() && request.version() >= Version::HTTP_11) {
        return Err(Problem::malformed("send the header Host exactly once"));
    }
    let field = field.map_or(Some(""), |field| field.to_str().ok());
    let named = field.and_then(Host::parse);
    let named = match request.uri().authority() {
        Some(authority) => named.and_then(|_| Host::parse(authority.as_str())),
        None => named,
    };
    let host = named.ok_or_else(|| {
        Problem::malformed("the host cannot be read: send a name, and a port that is a number, as in resort1.example.com:443")
    })?;
    request.extensions_mut().insert(host);
    Ok(())
}

/// The one label before the base domain: `resort1.example.com` → `resort1`.
fn subdomain(host: &str, base_domain: &str) -> Option<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let label = host.strip_suffix(base_domain)?.strip_suffix('.')?;
    is_subdomain(label).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_label_of_the_host_is_the_resort() {
        assert_eq!(subdomain("resort1.localhost", "localhost").as_deref(), Some("resort1"));
        assert_eq!(subdomain("Resort1.Example.COM.", "example.com").as_deref(), Some("resort1"));
        for host in [
            "localhost",
            "127.0.0.1",
            "a.b.localhost",
            "evil-localhost",
            "-x.localhost",
            ".localhost",
            "019ac8e5-7d3a-7000-8000-000000000001.localhost",
            "019AC8E57D3A70008000000000000001.localhost",
            "[::1]",
            "",
            "resort1.localhost:4004",
        ] {
            assert_eq!(subdomain(host, "localhost"), None, "{host}");
        }
    }

    #[test]
    fn host_and_header_are_both_kept_so_that_they_can_be_compared() {
        let mut headers = HeaderMap::new();
        headers.insert("x-tenant-id", "resort2".parse().unwrap());
        let address = address(&headers, "resort1.localhost", "localhost").unwrap();
        assert_eq!(address.first, Named::Subdomain("resort1".into()));
        assert_eq!(address.also, Some(Named::Subdomain("resort2".into())));
    }
    fn read(target: &str, hosts: &[&str], version: Version) -> Result<Host> {
        let mut request = Request::builder().uri(target).version(version);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let mut request = request.body(axum::body::Body::empty()).unwrap();
        host(&mut request).map(|()| request.extensions().get::<Host>().unwrap().clone())
    }

    #[test]
    fn a_request_names_one_host() {
        let is = |target, field, name: &str, port| {
            let expected = Host { name: name.to_owned(), port };
            assert_eq!(read(target, &[field], Version::HTTP_11).unwrap(), expected);
        };
        is("/", "Resort1.Localhost:4004", "resort1.localhost", Some(4004));
        is("/", "resort1.localhost", "resort1.localhost", None);
        is("/", "resort1.localhost:", "resort1.localhost", None);
        is("/", "[::1]:4004", "[::1]", Some(4004));
        is("/", "", "", None);
        is("http://resort2.localhost:80/api/pets", "resort1.localhost", "resort2.localhost", Some(80));
        assert_eq!(read("/", &[], Version::HTTP_10).unwrap().name, "");
        let refused = |target, hosts: &[&str]| {
            let problem = read(target, hosts, Version::HTTP_11).unwrap_err();
            assert_eq!(problem.status(), http::StatusCode::BAD_REQUEST, "{hosts:?}");
        };
        refused("/", &[]);
        refused("/", &["resort1.localhost", "resort1.localhost"]);
        refused("http://resort1.localhost/", &[]);
        for host in ["a:b", "a:+1", "a:65536", "a:1:2", "[::1", "[::1]x", "user@a", "a/b", "a, b", "a b"] {
            refused("/", &[host]);
        }
    }
}
