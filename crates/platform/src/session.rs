//! Who is asking: opaque tokens, looked up by hash with every request, so that ending one takes effect at once.

use std::sync::Arc;
use std::time::Duration;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, ORIGIN, SET_COOKIE};
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, Uri};
use jiff::tz::TimeZone;
use queries::client::Params;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::cache::{Sought, View};
use crate::config::{Config, Environment};
use crate::db::Stats;
use crate::fairness::{Flow, Work};
use crate::problem::{Problem, Result};
use crate::rate_limit::{self, Early};
use crate::sign_in::DeviceCookie;
use crate::tenant::{Address, Host, Named, Tenant};
use crate::{Platform, extract, openapi};

/// The cookie of a browser's session. `__Host-` makes a browser keep it to this very host and to TLS, so that no neighbouring
/// host can set it; over the plain HTTP of development browsers do not take such a name.
const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-tailtown_session" } else { "tailtown_session" }
}

fn is_secure(config: &Config) -> bool {
    config.environment == Environment::Production
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
        config: &Config,
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
                let name = cookie_name(is_secure(config));
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
        if by_cookie && !method.is_safe() && !is_same_origin(config, headers, extensions.get()) {
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
pub(crate) fn is_shown(config: &Config, headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) || cookies(headers, cookie_name(is_secure(config))).next().is_some()
}

/// Whether a session that counts is behind a request that was identified.
pub(crate) fn is_signed_in(extensions: &Extensions) -> bool {
    extensions.get::<SignedInOperator>().is_some()
        || extensions.get::<Identity>().is_some_and(|identity| identity.caller.is_some())
}

/// That an operator's session was found behind a request to the platform.
#[derive(Clone, Copy, Debug)]
struct SignedInOperator;

/// Subdomains are one site to a browser's SameSite rule, but resorts are strangers to each other: the whole origin must
/// match, or the browser must say so itself. A cookie that travels over TLS only is believed from pages over TLS only.
fn is_same_origin(config: &Config, headers: &HeaderMap, host: Option<&Host>) -> bool {
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
            host.is_some_and(|host| is_origin_of(origin, host, is_secure(config)))
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

/// Finds the resort and the session in one statement, and refuses what does not fit together.
///
/// # Errors
/// 401, 403, 404 and 503.
pub(crate) async fn identify(platform: &Platform, request: &mut Request) -> Result<Option<Early>> {
    let shown = Token::shown(&platform.config, request.method(), request.headers(), request.extensions())?;
    let Some(address) = request.extensions().get::<Arc<Address>>().cloned() else {
        identify_operator(platform, request, shown).await?;
        return Ok(None);
    };
    let stats = request.extensions().get::<Arc<Stats>>().cloned().unwrap_or_default();
    let work = request.extensions().get::<Work>().copied().unwrap_or_default();
    let target = (request.method() == Method::GET).then(|| request.uri().path_and_query()).flatten();
    let target = target.map(PathAndQuery::as_str);
    let counts = rate_limit::is_counted(request);
    let (identity, early) = find(platform, &address, shown, target, counts, stats.clone(), work).await?;
    stats.is_for(&identity.tenant);
    let span = tracing::Span::current();
    span.record("tenant.id", tracing::field::display(identity.tenant.id));
    if let Some(caller) = &identity.caller {
        span.record("staff.id", tracing::field::display(caller.staff_id));
    }
    request.extensions_mut().insert(identity);
    Ok(early)
}

/// Finds an operator's session, so that a request is known to have one before its body is read. What the operator may see
/// is decided by the transaction that looks again.
async fn identify_operator(platform: &Platform, request: &mut Request, shown: Shown) -> Result<()> {
    let (Some(token), _) = shown.read() else { return Ok(()) };
    let stats = request.extensions().get::<Arc<Stats>>().cloned().unwrap_or_default();
    let work = request.extensions().get::<Work>().copied().unwrap_or_default().look_up();
    let unscoped = platform.database.unscoped_for(Flow::PLATFORM, work, stats).await?;
    let found = queries::queries::sessions::identify_operator()
        .params(
            &unscoped,
            &queries::queries::sessions::IdentifyOperatorParams {
                token_hash: token.hash().as_slice(),
                now: platform.clock.now(),
            },
        )
        .opt()
        .await?;
    if found.is_some() {
        request.extensions_mut().insert(SignedInOperator);
    }
    Ok(())
}

/// # Errors
/// 401 for a request without a session, with what to do.
pub(crate) fn must_be_signed_in(platform: &Platform, request: &Request) -> Result<()> {
    if is_signed_in(request.extensions()) {
        return Ok(());
    }
    let instead = match request.extensions().get::<Identity>() {
        Some(identity) => identity.instead,
        None if is_shown(&platform.config, request.headers()) => SIGN_IN_AGAIN,
        None => SIGN_IN,
    };
    Err(Problem::unauthenticated(instead))
}

async fn find(
    platform: &Platform,
    address: &Address,
    shown: Shown,
    target: Option<&str>,
    counts: bool,
    stats: Arc<Stats>,
    work: Work,
) -> Result<(Identity, Option<Early>)> {
    let (token, instead) = shown.read();
    let hash = token.as_ref().map(Token::hash);
    let name = address.first.to_string();
    // Only of a resort that was found before: nothing is observed, or kept, of one that a stranger made up.
    let hint = platform.cache.tenant_hint(&name);
    let now = platform.clock.now();
    let home = token.as_ref().map(|token| token.tenant);
    let sought = Sought { name: &name, session: home.zip(hash.as_ref()), target };
    // Whoever was signed in a moment ago is counted in the same round trip.
    let likely = platform.cache.likely(&sought, now).filter(|_| counts);
    let likely = likely.map(|tenant| (tenant.id, tenant.limit()));
    let also = likely.and_then(|(tenant, limit)| platform.limits.question(tenant, limit));
    let (view, counted) = platform.cache.view(hint, &sought, now, also).await;
    let early = likely.zip(counted);
    let early = early.map(|((tenant, limit), answered)| platform.limits.early(tenant, limit, answered));
    let cached = view.as_ref();
    let tenant = cached.and_then(|view| platform.cache.tenant(view, &name, now));
    let session = match (cached, home, &hash) {
        (Some(view), Some(home), Some(hash)) => platform.cache.session(view, home, hash, now),
        _ => None,
    };
    let (tenant, caller, view) = match (tenant, session, &token) {
        (Some(None), ..) => return Err(Problem::not_found("resort")),
        (Some(Some(tenant)), None, None) => (tenant, None, view),
        (Some(Some(tenant)), Some(session), Some(_)) => (tenant, session, view),
        _ => {
            let place = (platform.database.line().flow_of(&name), work.look_up());
            look_up(platform, address, &name, token.as_ref(), place, stats, view).await?
        }
    };
    tenant.must_be_open()?;
    if !address.agrees_with(&tenant) {
        let instead = match caller {
            Some(_) => "you are signed in at another resort: sign in at this one",
            None => "the host and X-Tenant-Id name different resorts: leave the header out",
        };
        return Err(Problem::forbidden(instead));
    }
    if caller.is_some_and(|caller| caller.tenant_id != tenant.id) {
        return Err(Problem::forbidden("you are signed in at another resort: sign in at this one"));
    }
    // What was seen of another resort says nothing of this one.
    let view = view.filter(|view| view.tenant.as_ref().is_some_and(|(seen, _)| *seen == tenant.id));
    Ok((Identity { tenant, caller, instead, view }, early))
}

type Found = (Arc<Tenant>, Option<Caller>, Option<View>);

/// Finds the resort and the session in the database, and keeps them.
async fn look_up(
    platform: &Platform,
    address: &Address,
    name: &str,
    token: Option<&Token>,
    (flow, work): (Flow, Work),
    stats: Arc<Stats>,
    view: Option<View>,
) -> Result<Found> {
    let hash = token.map(Token::hash);
    let (subdomain, id) = match &address.first {
        Named::Subdomain(subdomain) => (Some(subdomain), None),
        Named::Id(id) => (None, Some(*id)),
    };
    let now = platform.clock.now();
    let unscoped = platform.database.unscoped_for(flow, work, stats).await?;
    let found = queries::queries::sessions::identify()
        .params(
            &unscoped,
            &queries::queries::sessions::IdentifyParams {
                subdomain: subdomain.as_ref(),
                id,
                session_tenant_id: token.map(|token| token.tenant),
                token_hash: hash.as_ref().map(<[u8; 32]>::as_slice),
                now,
            },
        )
        .opt()
        .await?;
    drop(unscoped);
    let cache = &platform.cache;
    let Some(found) = found else {
        if let Some(view) = &view {
            cache.keep_tenant(view, name, None, now);
        }
        return Err(Problem::not_found("resort"));
    };
    let tenant = Arc::new(Tenant {
        id: found.id,
        subdomain: found.subdomain,
        name: found.name,
        tier: found.tier.parse()?,
        status: found.status.parse()?,
        timezone: TimeZone::get(&found.timezone)?,
        currency: found.currency,
        tax_rate_bps: found.tax_rate_bps,
        rate_limit: found.rate_limit.and_then(|limit| limit.try_into().ok()),
    });
    platform.database.line().know(name, &tenant);
    let session = match (hash, found.session_tenant_id, found.staff_id, found.role, found.session_expires_at)
    {
        (Some(token_hash), Some(tenant_id), Some(staff_id), Some(role), Some(expires)) => {
            Some((Caller { tenant_id, staff_id, role: role.parse()?, token_hash }, expires))
        }
        _ => None,
    };
    if let Some(view) = &view {
        cache.keep_tenant(view, name, Some(&tenant), now);
        let seen = view.tenant.as_ref().map(|(seen, _)| *seen);
        if let (Some(hash), Some(token)) = (&hash, token)
            && seen == Some(token.tenant)
        {
            cache.keep_session(view, hash, session, now);
        }
    }
    Ok((tenant, session.map(|(caller, _)| caller), view))
}

/// The answer to a login: the body, and the token as a cookie for browsers.
pub struct SignedIn<T> {
    pub token: Token,
    pub body: T,
    pub lifetime: Duration,
    /// Whether the cookie travels over TLS only.
    pub secure: bool,
    pub device: DeviceCookie,
}

impl<T: Serialize> IntoResponse for SignedIn<T> {
    fn into_response(self) -> Response {
        let cookie = set_cookie(&self.token.text(), self.lifetime.as_secs(), self.secure);
        let mut response = extract::json(&self.body);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.insert(SET_COOKIE, cookie);
        }
        headers.append(SET_COOKIE, self.device.value());
        response
    }
}

impl<T: JsonSchema> OperationOutput for SignedIn<T> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(200), openapi::json_response::<T>(ctx, "Signed in; browsers also get a cookie"))]
    }
}

/// 204, and the browser forgets its cookie.
pub struct SignedOut {
    pub secure: bool,
}

impl IntoResponse for SignedOut {
    fn into_response(self) -> Response {
        (StatusCode::NO_CONTENT, [(SET_COOKIE, set_cookie("", 0, self.secure))]).into_response()
    }
}

impl OperationOutput for SignedOut {
    type Inner = ();

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        extract::Done::inferred_responses(ctx, operation)
    }
}

fn set_cookie(value: &str, seconds: u64, secure: bool) -> String {
    let (name, flag) = (cookie_name(secure), if secure { "; Secure" } else { "" });
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{flag}")
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

    fn config(environment: Environment) -> Config {
        let (config, _) = crate::config::read(&Default::default(), None).unwrap();
        Config { environment, ..config }
    }

    /// What a request with these fields, to `resort1.example.com`, is answered, or whether its token was read.
    fn shown(config: &Config, method: Method, fields: &[(&str, &str)]) -> std::result::Result<bool, u16> {
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
        let get = |config: &Config, cookies: &[String]| {
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
    fn a_cookie_is_kept_to_its_host_and_to_tls_in_production() {
        let cookie = set_cookie("x", 60, true);
        assert_eq!(cookie, "__Host-tailtown_session=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        let cookie = set_cookie("x", 60, false);
        assert_eq!(cookie, "tailtown_session=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn roles_are_ordered() {
        assert!(Role::Owner > Role::Manager && Role::Manager > Role::Staff);
    }
}
