//! The answers of GETs as ready bytes: kept with what they depend on, given to whoever may see them, loaded once.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use base::problem::Result;
use base::tenant::Tenant;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use jiff::{Timestamp, Unit, ZonedRound};
use sha2::{Digest, Sha256};
use store::generations::Root;
use store::notes::Notes;
use store::shared::{Fetched, Wanted};
use store::tables::Tables;
use store::versions::View;
use uuid::Uuid;

use super::cache::Cache;
use super::memory::{Answer, Entry, Value, answer_key};
use super::sent;
use crate::identity::{Caller, Identity, Role};
use crate::state::Platform;

/// How long answers are kept at most, however valid.
const ANSWER: Duration = Duration::from_secs(300);

/// How often to look again for what another node is loading, and how long between.
const LOOKS: u32 = 15;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

const SOURCE: HeaderName = HeaderName::from_static("x-cache");

/// Answers a GET from the cache where that is what the database holds, and keeps what it had to load.
pub(crate) async fn layer(
    platform: &Platform,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let notes = Arc::new(Notes::default());
    request.extensions_mut().insert(notes.clone());
    let identity = request.extensions().get::<Identity>().cloned();
    let (Some(identity), &Method::GET) = (identity, request.method()) else { return next(request).await };
    let asked = Asked::new(&request, identity, notes);
    let cache = &platform.cache;
    let counts = &cache.0.counts;
    let (Some(caller), Some(view)) = (asked.identity.caller, asked.identity.view.clone()) else {
        counts.bypasses.inc();
        let loaded = load(request, next).await;
        return asked.finish(cache, loaded, "bypass", None);
    };

    let now = platform.clock.now();
    if let Some(found) = asked.find(cache, &view, caller, now) {
        let tier = if view.brought { Tier::Redis } else { Tier::Process };
        return asked.hit(cache, found, tier, &view);
    }
    let flight = match cache.0.flights.board(&asked.key) {
        Ok(flight) => Some(flight),
        Err(mut under_way) => {
            // An error says that the one who loaded is done.
            let _ = under_way.changed().await;
            if let Some(found) = asked.find(cache, &view, caller, now) {
                return asked.hit(cache, found, Tier::Process, &view);
            }
            None
        }
    };
    let mut lead = match asked.fetch(cache, &view, caller, now).await {
        Ok(found) => return asked.hit(cache, found, Tier::Redis, &view),
        Err(lead) => lead,
    };
    let start = Instant::now();
    let loaded = load(request, next).await;
    let kept = match &loaded {
        Ok(loaded) => asked.keep(cache, &view, caller, loaded, now, start.elapsed(), &mut lead),
        Err(_) => false,
    };
    drop((flight, lead));
    let source = if kept { "miss" } else { "bypass" };
    let count = if kept { &counts.misses } else { &counts.bypasses };
    count.inc();
    asked.finish(cache, loaded, source, Some(&view))
}

/// The nodes wait for this one to load. Dropped, they do not any more: what it loaded was not for them, or its client went away.
struct Lead {
    cache: Cache,
    tenant: Uuid,
    key: String,
}

impl Lead {
    /// Whoever fills ends it.
    fn passed_on(mut self) {
        self.key.clear();
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let (cache, tenant, key) = (self.cache.clone(), self.tenant, std::mem::take(&mut self.key));
        if key.is_empty() {
            return;
        }
        tokio::spawn(async move {
            if let Some(shared) = cache.0.versions.shared() {
                shared.give_up(&Wanted { tenant: Some(tenant), key: &key, has: None }).await;
            }
        });
    }
}

/// Where a hit came from.
#[derive(Clone, Copy)]
enum Tier {
    Process,
    Redis,
}

/// An answer in full: a success, or whatever else was said.
struct Loaded {
    parts: http::response::Parts,
    body: Bytes,
    etag: Option<HeaderValue>,
}

async fn load(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Result<Loaded> {
    let (parts, body) = next(request).await.into_parts();
    let body = body.collect().await?.to_bytes();
    let etag = (parts.status == StatusCode::OK).then(|| etag(&parts.headers, &body));
    Ok(Loaded { parts, body, etag })
}

/// Names these very bytes; the version that guards a change, where there is one, comes first.
fn etag(headers: &HeaderMap, body: &[u8]) -> HeaderValue {
    let version =
        headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(|tag| tag.trim_matches('"'));
    let hash = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..12]);
    let tag = version.map_or_else(|| format!("\"{hash}\""), |version| format!("\"{version}.{hash}\""));
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// A GET, as the cache sees it.
struct Asked {
    key: String,
    identity: Identity,
    notes: Arc<Notes>,
    seen: Option<HeaderValue>,
}

impl Asked {
    fn new(request: &Request, identity: Identity, notes: Arc<Notes>) -> Self {
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        let seen = request.headers().get(header::IF_NONE_MATCH).cloned();
        Self { key: answer_key(identity.tenant.id, target), identity, notes, seen }
    }

    fn personal(&self, staff: Uuid) -> String {
        format!("{}#{staff}", self.key)
    }

    /// A kept answer that still holds and that this caller may see.
    fn find(&self, cache: &Cache, view: &View, caller: Caller, now: Timestamp) -> Option<Answer> {
        let mut entry = cache.0.memory.get(&self.key)?;
        if matches!(entry.value, Value::Personal) {
            entry = cache.0.memory.get(&self.personal(caller.staff_id))?;
        }
        if !entry.holds(view, now) || early(&entry, now) {
            return None;
        }
        match &entry.value {
            Value::Answer(answer) if answer.least.is_some_and(|least| caller.role >= least) => {
                Some(answer.clone())
            }
            _ => None,
        }
    }

    fn keep(
        &self,
        cache: &Cache,
        view: &View,
        caller: Caller,
        loaded: &Loaded,
        now: Timestamp,
        took: Duration,
        lead: &mut Option<Lead>,
    ) -> bool {
        let Some(etag) = loaded.etag.clone() else { return false };
        let reads = self.notes.reads();
        if reads.is_empty() || self.notes.asked_instant() {
            return false;
        }
        // Whatever a handler does, it knows its resort: its name, its tax, its time zone.
        let platform = view.platform.root(reads.of_platform().and(Tables::named("tenants")));
        let tenant = view.tenant.as_ref();
        let tenant = tenant.and_then(|(id, observation)| Some((*id, observation.root(reads.of_tenant())?)));
        let (Some(platform), Some(tenant)) = (platform, tenant) else { return false };
        let Some(least) = Role::of_rank(self.notes.lowest_rank()) else { return false };
        let least = Some(least);
        let expires = now.checked_add(ANSWER).ok();
        let expires = match self.notes.asked_day() {
            true => expires.min(end_of_day(&self.identity.tenant, now)),
            false => expires,
        };
        let Some(expires) = expires else { return false };
        let (floor, tenant) = (view.floor, Some(tenant));
        let entry = |platform: &Root, value| Entry {
            took,
            ..Entry::new(floor, platform.clone(), tenant.clone(), now..expires, value)
        };
        let answer = Value::Answer(Answer { body: loaded.body.clone(), etag, least });
        if self.notes.asked_caller() {
            cache.0.memory.put(&self.key, entry(&platform, Value::Personal));
            cache.0.memory.put(&self.personal(caller.staff_id), entry(&platform, answer));
        } else {
            let entry = entry(&platform, answer);
            let life = expires.duration_since(now);
            if self.share(cache, view, &entry, Duration::try_from(life).unwrap_or_default()) {
                // The fill ends it.
                if let Some(lead) = lead.take() {
                    lead.passed_on();
                }
            }
            cache.0.memory.put(&self.key, entry);
        }
        true
    }

    /// The same from Redis, where another node may have left it since this request began, or be loading it. Else it is to be
    /// loaded here, perhaps while the other nodes wait.
    async fn fetch(
        &self,
        cache: &Cache,
        view: &View,
        caller: Caller,
        now: Timestamp,
    ) -> std::result::Result<Answer, Option<Lead>> {
        let Some(shared) = cache.0.versions.shared() else { return Err(None) };
        let here = cache.0.memory.get(&self.key);
        // What is not kept, or for each by itself, is not in Redis.
        let is_open = view.tenant.as_ref().is_some_and(|(_, observation)| observation.is_open());
        if !is_open || here.as_ref().is_some_and(|entry| matches!(entry.value, Value::Personal)) {
            return Err(None);
        }
        let has = here.and_then(|entry| entry.known_by());
        let tenant = self.identity.tenant.id;
        let wanted = Wanted { tenant: Some(tenant), key: &self.key, has: has.as_deref() };
        for _ in 0..LOOKS {
            match shared.fetch(&wanted).await {
                Fetched::Kept(parcel) => {
                    let entry = sent::read(parcel).filter(|entry| entry.holds(view, now)).ok_or(None)?;
                    cache.0.memory.put(&self.key, entry);
                    return self.find(cache, view, caller, now).ok_or(None);
                }
                Fetched::Lead => {
                    return Err(Some(Lead { cache: cache.clone(), tenant, key: self.key.clone() }));
                }
                Fetched::Wait => tokio::time::sleep(LOOK_AGAIN).await,
                Fetched::Unknown => return Err(None),
            }
        }
        Err(None)
    }

    /// Leaves what was kept here in Redis, too, for the other nodes.
    fn share(&self, cache: &Cache, view: &View, entry: &Entry, life: Duration) -> bool {
        let (Some(_), Some((tenant, under))) = (cache.0.versions.shared(), view.tenant.clone()) else {
            return false;
        };
        let (Some(parcel), Some((_, root))) = (sent::write(entry), &entry.tenant) else { return false };
        let (cache, key, tables) = (cache.clone(), self.key.clone(), root.tables());
        tokio::spawn(async move {
            if let Some(shared) = cache.0.versions.shared() {
                shared.fill(tenant, &key, parcel, life, &under, tables).await;
            }
        });
        true
    }

    fn hit(&self, cache: &Cache, answer: Answer, tier: Tier, view: &View) -> Response {
        let (count, name) = match tier {
            Tier::Process => (&cache.0.counts.process, "process"),
            Tier::Redis => (&cache.0.counts.redis, "redis"),
        };
        count.inc();
        let mut response = self.respond(cache, answer.body, answer.etag);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        describe(cache, &mut response, format_args!("hit; tier={name}"), Some(view));
        response
    }

    fn finish(&self, cache: &Cache, loaded: Result<Loaded>, source: &str, view: Option<&View>) -> Response {
        let Loaded { parts, body, etag } = match loaded {
            Ok(loaded) => loaded,
            Err(problem) => return problem.into_response(),
        };
        let mut response = match etag {
            Some(etag) => {
                let mut response = self.respond(cache, body, etag.clone());
                for (name, value) in &parts.headers {
                    if name != header::ETAG {
                        response.headers_mut().insert(name.clone(), value.clone());
                    }
                }
                *response.extensions_mut() = parts.extensions;
                response
            }
            None => Response::from_parts(parts, Body::from(body)),
        };
        describe(cache, &mut response, format_args!("{source}"), view);
        response
    }

    /// The bytes, or word that the client has them already.
    fn respond(&self, cache: &Cache, body: Bytes, etag: HeaderValue) -> Response {
        let seen = self.seen.as_ref().and_then(|seen| seen.to_str().ok()).unwrap_or("");
        let tag = etag.to_str().unwrap_or("");
        let known = seen.split(',').any(|seen| ["*", tag].contains(&seen.trim().trim_start_matches("W/")));
        let mut response = if known {
            cache.0.counts.revalidated.inc();
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(body))
        };
        response.headers_mut().insert(header::ETAG, etag);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        response
    }
}

fn describe(cache: &Cache, response: &mut Response, source: fmt::Arguments<'_>, view: Option<&View>) {
    if !cache.0.describe {
        return;
    }
    let text = match view {
        Some(view) => {
            let total = view.tenant.as_ref().map_or(0, |(_, observation)| observation.total());
            format!("{source}; generation={}.{total}", view.floor.epoch)
        }
        None => source.to_string(),
    };
    if let Ok(text) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(SOURCE, text);
    }
}

/// Whether to load anew although the entry still holds: the likelier the nearer its end and the dearer its loading, so that
/// readers do not all find it gone at once. XFetch (Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache
/// Stampede Prevention", 2015), with beta = 1.
fn early(entry: &Entry, now: Timestamp) -> bool {
    let chance: f64 = rand::random();
    let ahead = entry.took.as_secs_f64() * -chance.max(f64::MIN_POSITIVE).ln();
    let left = entry.valid.end.duration_since(now).as_secs_f64();
    ahead >= left
}

fn end_of_day(tenant: &Tenant, now: Timestamp) -> Option<Timestamp> {
    let round = ZonedRound::new().smallest(Unit::Day).mode(jiff::RoundMode::Ceil);
    now.to_zoned(tenant.timezone.clone()).round(round).ok().map(|end| end.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_the_version_and_the_bytes() {
        let mut headers = HeaderMap::new();
        assert_ne!(etag(&headers, b"a"), etag(&headers, b"b"));
        headers.insert(header::ETAG, HeaderValue::from_static("\"7\""));
        assert!(etag(&headers, b"a").to_str().unwrap().starts_with("\"7."));
    }
}
