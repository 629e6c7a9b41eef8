//! Who is asking: opaque tokens, in a header or a cookie, and what is known of whoever showed one.

use std::sync::Arc;

use axum::extract::Request;
use base::problem::{Problem, Result};
use base::settings::Environment;
use base::tenant::Tenant;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::header::{AUTHORIZATION, COOKIE, ORIGIN};
use http::{Extensions, HeaderMap, HeaderValue, Method, Uri};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::versions::View;
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::settings::Settings;
use crate::tenant::Host;

/// The cookie of a browser's session. `__Host-` makes a browser keep it to this very host and to TLS, so that no neighbouring
/// host can set it; over the plain HTTP of development browsers do not take such a name.
pub(crate) const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-tailtown_session" } else { "tailtown_session" }
}

fn is_secure(settings: &Settings) -> bool {
    settings.environment == Environment::Production
}

/// What a member of staff may do; each role may do all that the ones before it may.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    Staff,
    Manager,
    Owner,
}

impl Role {
    /// Its rank, from 2; 1 is whoever comes.
    pub(crate) fn rank(role: Option<Self>) -> u8 {
        match role {
            None => 1,
            Some(Self::Staff) => 2,
            Some(Self::Manager) => 3,
            Some(Self::Owner) => 4,
        }
    }

    pub(crate) fn of_rank(rank: u8) -> Option<Self> {
        [Self::Staff, Self::Manager, Self::Owner].into_iter().find(|role| Self::rank(Some(*role)) == rank)
    }
}

/// The member of staff behind a request.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Caller {
    /// Where they work, as the session's row says.
    pub tenant_id: Uuid,
    pub staff_id: Uuid,
    pub role: Role,
    /// The hash of the token that was shown, so that a logout can end this session.
    pub token_hash: [u8; 32],
}

/// What is known of a request before its handler: the resort, and who is asking if anybody signed in.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) caller: Option<Caller>,
    /// What to do where a caller is needed and there is none. A login works with an old cookie, too.
    pub(crate) instead: &'static str,
    /// What held when the request began; `None` where the cache plays no part.
    pub(crate) view: Option<View>,
}

const SIGN_IN: &str = "sign in first";
const SIGN_IN_AGAIN: &str = "your session has ended: sign in again";

/// A secret handed to a client once. It names its tenant, so that one shard can answer for it, and grants nothing without
/// the 32 random bytes behind. Only the hash of both together is kept. An operator's names no tenant.
pub struct Token {
    pub tenant: Uuid,
    secret: [u8; 32],
}

impl Token {
    pub fn new(tenant: Uuid) -> Self {
        Self { tenant, secret: rand::random() }
    }

    /// As it travels: 64 letters of base64url.
    pub fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([self.tenant.as_bytes().as_slice(), &self.secret].concat())
    }

    /// SHA-256 over the tenant and the secret: under another tenant's id the same secret is another token.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"tailtown session");
        hash.update(self.tenant.as_bytes());
        hash.update(self.secret);
        hash.finalize().into()
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tenant, secret) = bytes.split_at_checked(16)?;
        Some(Self { tenant: Uuid::from_slice(tenant).ok()?, secret: secret.try_into().ok()? })
    }

    /// What a request shows as a token, in its Authorization header or, for browsers, its cookie.
    ///
    /// # Errors
    /// 400 for more than one; 403 for a cookie that another site made the browser send.
    pub(crate) fn shown(
        settings: &Settings,
        method: &Method,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Shown> {
        let mut authorizations = headers.get_all(AUTHORIZATION).iter();
        let (text, by_cookie) = match authorizations.next() {
            Some(_) if authorizations.next().is_some() => {
                return Err(Problem::malformed("Authorization is given twice: send one"));
            }
            Some(value) => {
                let bearer = value.to_str().ok().and_then(|value| value.split_once(' '));
                let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
                (bearer.map(|(_, token)| token.trim().as_bytes()), false)
            }
            None => {
                let name = cookie_name(is_secure(settings));
                let mut cookies = cookies(headers, name);
                match (cookies.next(), cookies.next()) {
                    (None, _) => return Ok(Shown::Nothing),
                    (Some(text), None) => (Some(text), true),
                    (Some(_), Some(_)) => {
                        return Err(Problem::malformed(format!(
                            "the cookie {name} is sent more than once: delete this site's cookies and sign in again"
                        )));
                    }
                }
            }
        };
        if by_cookie && !method.is_safe() && !is_same_origin(settings, headers, extensions.get()) {
            return Err(Problem::forbidden(
                "this request was made by another site: open the resort's own page",
            ));
        }
        Ok(text
            .and_then(|text| Self::parse(std::str::from_utf8(text).ok()?))
            .map_or(Shown::Unreadable, Shown::Token))
    }
}

/// What a request shows to say who is asking.
pub(crate) enum Shown {
    Nothing,
    Unreadable,
    Token(Token),
}

impl Shown {
    /// The token, and what to do where one is needed that counts.
    pub(crate) fn read(self) -> (Option<Token>, &'static str) {
        match self {
            Self::Nothing => (None, SIGN_IN),
            Self::Unreadable => (None, "the access token cannot be read: sign in again"),
            Self::Token(token) => (Some(token), SIGN_IN_AGAIN),
        }
    }
}

/// The values of every cookie of this name.
fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

/// Whether a request shows anything to say who is asking, of whatever worth.
pub(crate) fn is_shown(settings: &Settings, headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) || cookies(headers, cookie_name(is_secure(settings))).next().is_some()
}

/// Whether a session that counts is behind a request that was identified.
pub(crate) fn is_signed_in(extensions: &Extensions) -> bool {
    extensions.get::<SignedInOperator>().is_some()
        || extensions.get::<Identity>().is_some_and(|identity| identity.caller.is_some())
}

/// That an operator's session was found behind a request to the platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedInOperator;

/// Subdomains are one site to a browser's SameSite rule, but resorts are strangers to each other: the whole origin must
/// match, or the browser must say so itself. A cookie that travels over TLS only is believed from pages over TLS only.
fn is_same_origin(settings: &Settings, headers: &HeaderMap, host: Option<&Host>) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter();
    let is_said = match (sites.next(), sites.next()) {
        (None, _) => None,
        (Some(site), None) => Some(site == "same-origin"),
        (Some(_), Some(_)) => Some(false),
    };
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => is_said == Some(true),
        (Some(origin), None) if is_said != Some(false) => {
            host.is_some_and(|host| is_origin_of(origin, host, is_secure(settings)))
        }
        _ => false,
    }
}

fn is_origin_of(origin: &HeaderValue, host: &Host, secure: bool) -> bool {
    let Ok(origin) = Uri::try_from(origin.as_bytes()) else { return false };
    let usual = match origin.scheme_str() {
        Some("https") => 443,
        Some("http") if !secure => 80,
        _ => return false,
    };
    let is_host = origin.host().is_some_and(|name| name.eq_ignore_ascii_case(&host.name));
    is_host && origin.port_u16().unwrap_or(usual) == host.port.unwrap_or(usual)
}

/// # Errors
/// 401 for a request without a session, with what to do.
pub(crate) fn must_be_signed_in(settings: &Settings, request: &Request) -> Result<()> {
    if is_signed_in(request.extensions()) {
        return Ok(());
    }
    let instead = match request.extensions().get::<Identity>() {
        Some(identity) => identity.instead,
        None if is_shown(settings, request.headers()) => SIGN_IN_AGAIN,
        None => SIGN_IN,
    };
    Err(Problem::unauthenticated(instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_under_another_tenants_id_is_another_token() {
        let token = Token::new(Uuid::from_u128(7));
        let forged = Token { tenant: Uuid::from_u128(8), secret: token.secret };
        assert_ne!(forged.hash(), token.hash());
    }

    #[test]
    fn of_a_million_texts_made_of_a_token_none_is_another_spelling_of_it() {
        use rand::rngs::StdRng;
        use rand::{RngExt, SeedableRng};
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= ";
        let token = Token::new(Uuid::from_u128(7));
        let (real, hash) = (token.text(), token.hash());
        let mut random = StdRng::seed_from_u64(2026);
        let mut read = 0;
        for _ in 0..1_000_000 {
            let mut text = real.clone().into_bytes();
            match random.random_range(0..4) {
                0 => text.truncate(random.random_range(0..64)),
                1 => text.push(LETTERS[random.random_range(0..LETTERS.len())]),
                2 => text.swap(random.random_range(0..64), random.random_range(0..64)),
                _ => text[random.random_range(0..64)] = LETTERS[random.random_range(0..LETTERS.len())],
            }
            let text = String::from_utf8(text).unwrap();
            if let Some(forged) = Token::parse(&text).filter(|_| text != real) {
                read += 1;
                assert_ne!(forged.hash(), hash, "{text}");
            }
        }
        assert!(read > 100_000, "{read}");
    }

    #[test]
    fn a_token_survives_its_journey_and_no_other_text_is_one() {
        let token = Token::new(Uuid::from_u128(7));
        let read = Token::parse(&token.text()).unwrap();
        assert_eq!((read.tenant, read.hash()), (token.tenant, token.hash()));
        assert_ne!(token.hash(), Token::new(token.tenant).hash());
        for text in ["", "abc", "!!!", &token.text()[1..], &format!("{}A", token.text())] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }

    fn config(environment: Environment) -> Settings {
        Settings { environment, ..Settings::standard() }
    }

    /// What a request with these fields, to `resort1.example.com`, is answered, or whether its token was read.
    fn shown(config: &Settings, method: Method, fields: &[(&str, &str)]) -> std::result::Result<bool, u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(Host { name: "resort1.example.com".to_owned(), port: None });
        match Token::shown(config, &method, &headers, &extensions) {
            Ok(shown) => Ok(shown.read().0.is_some()),
            Err(problem) => Err(problem.status().as_u16()),
        }
    }

    #[test]
    fn a_cookie_is_believed_only_from_the_resorts_own_pages() {
        let config = config(Environment::Production);
        let cookie = format!("a=b; __Host-tailtown_session={}", Token::new(Uuid::nil()).text());
        let with = |method: Method, fields: &[(&str, &str)]| {
            shown(&config, method, &[&[("cookie", cookie.as_str())], fields].concat())
        };
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(with(method, &[("origin", "https://evil.example")]), Ok(true));
        }
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let with = |fields: &[(&str, &str)]| with(method.clone(), fields);
            assert_eq!(with(&[("origin", "https://resort1.example.com")]), Ok(true));
            assert_eq!(with(&[("origin", "https://resort1.example.com:443")]), Ok(true));
            assert_eq!(with(&[("sec-fetch-site", "same-origin")]), Ok(true));
            assert_eq!(with(&[]), Err(403));
            for site in ["same-site", "cross-site", "none", ""] {
                assert_eq!(with(&[("sec-fetch-site", site)]), Err(403), "{site}");
                let own = ("origin", "https://resort1.example.com");
                assert_eq!(with(&[own, ("sec-fetch-site", site)]), Err(403), "{site}");
            }
            for origin in [
                "http://resort1.example.com",
                "https://resort2.example.com",
                "https://resort1.example.com:444",
                "https://resort1.example.com.evil.example",
                "resort1.example.com",
                "null",
                "",
            ] {
                assert_eq!(with(&[("origin", origin)]), Err(403), "{origin}");
                // What the browser says of the site does not mend it.
                let same = ("sec-fetch-site", "same-origin");
                assert_eq!(with(&[("origin", origin), same]), Err(403), "{origin}");
            }
            let own = ("origin", "https://resort1.example.com");
            assert_eq!(with(&[own, ("origin", "https://evil.example")]), Err(403));
        }
    }

    #[test]
    fn a_token_in_the_header_needs_no_origin() {
        let bearer = format!("Bearer {}", Token::new(Uuid::nil()).text());
        let bearer = ("authorization", bearer.as_str());
        assert_eq!(shown(&config(Environment::Production), Method::POST, &[bearer]), Ok(true));
        assert_eq!(shown(&config(Environment::Production), Method::POST, &[bearer, bearer]), Err(400));
    }

    #[test]
    fn exactly_one_session_cookie_is_accepted_by_its_one_name() {
        let (production, development) = (config(Environment::Production), config(Environment::Development));
        let (one, two) = (Token::new(Uuid::nil()).text(), Token::new(Uuid::nil()).text());
        let secure = |token: &str| format!("__Host-tailtown_session={token}");
        let plain = |token: &str| format!("tailtown_session={token}");
        let get = |config: &Settings, cookies: &[String]| {
            let fields: Vec<_> = cookies.iter().map(|cookie| ("cookie", cookie.as_str())).collect();
            shown(config, Method::GET, &fields)
        };
        assert_eq!(get(&production, &[secure(&one)]), Ok(true));
        assert_eq!(get(&production, &[plain(&one)]), Ok(false));
        assert_eq!(get(&production, &[format!("{}; {}", plain(&two), secure(&one))]), Ok(true));
        assert_eq!(get(&development, &[plain(&one)]), Ok(true));
        for other in [&one, &two, &String::new()] {
            assert_eq!(get(&production, &[format!("{}; {}", secure(&one), secure(other))]), Err(400));
            assert_eq!(get(&production, &[secure(&one), secure(other)]), Err(400));
        }
    }

    #[test]
    fn roles_are_ordered() {
        assert!(Role::Owner > Role::Manager && Role::Manager > Role::Staff);
    }
}
