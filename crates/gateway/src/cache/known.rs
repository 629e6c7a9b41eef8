//! Resorts by their names and sessions by their tokens, kept like answers are; and what a request may need of all this.

use std::sync::Arc;
use std::time::Duration;

use base::tenant::Tenant;
use jiff::Timestamp;
use store::redis::Question;
use store::shared::{AlsoAnswered, Wanted};
use store::tables::Tables;
use store::versions::View;
use uuid::Uuid;

use super::cache::Cache;
use super::memory::{Entry, Value, answer_key, session_key};
use super::sent;
use crate::identity::Caller;

/// How long a resort and a session are kept at most, however valid; and names and tokens that do not exist.
const TENANT: Duration = Duration::from_secs(3600);
const SESSION: Duration = Duration::from_secs(3600);
const NOTHING: Duration = Duration::from_secs(10);

/// What a request will look for.
pub(crate) struct Sought<'a> {
    /// Its resort, by the key of the name it was given.
    pub(crate) name: &'a str,
    /// The session, by the tenant that its token names and the token's hash.
    pub(crate) session: Option<(Uuid, &'a [u8; 32])>,
    /// The answer of a GET, by its target.
    pub(crate) target: Option<&'a str>,
}

/// Something sought that may be in Redis.
pub(super) struct Missing {
    pub(super) tenant: Option<Uuid>,
    pub(super) key: String,
    /// The tag of what the process has, which may be out of date.
    pub(super) has: Option<String>,
    pub(super) is_answer: bool,
}

impl Missing {
    pub(super) fn wanted(&self) -> Wanted<'_> {
        Wanted { tenant: self.tenant, key: &self.key, has: self.has.as_deref() }
    }
}

impl Cache {
    /// What holds at this moment; to be asked after a request arrived. What it will look for and the process lacks comes along
    /// from Redis, in the same round trip, and so does the answer to `also`. `None`: nothing may be taken or kept; and nothing
    /// was asked.
    pub(crate) async fn view(
        &self,
        tenant: Option<Uuid>,
        sought: &Sought<'_>,
        now: Timestamp,
        also: Option<Question<'static>>,
    ) -> (Option<View>, Option<AlsoAnswered>) {
        let versions = &self.0.versions;
        let missing = versions.shared().map(|_| self.missing(tenant, sought)).unwrap_or_default();
        let wanted: Vec<_> = missing.iter().map(Missing::wanted).collect();
        let (seen, also) = versions.view(tenant, &wanted, also).await;
        let Some((mut view, parcels)) = seen else { return (None, also) };
        for (missing, parcel) in missing.iter().zip(parcels) {
            let entry = parcel.and_then(sent::read).filter(|entry| entry.holds(&view, now));
            let Some(entry) = entry else { continue };
            view.brought |= missing.is_answer;
            self.0.memory.put(&missing.key, entry);
        }
        (Some(view), also)
    }

    /// What Redis may have that the process lacks. A resort and a session that are here and out of date are for the
    /// database; of an answer another node may have loaded the new one.
    pub(super) fn missing(&self, tenant: Option<Uuid>, sought: &Sought<'_>) -> Vec<Missing> {
        let memory = &self.0.memory;
        let mut missing = Vec::new();
        let mut add = |tenant, key: String, is_answer| match memory.get(&key).map(|entry| entry.known_by()) {
            None => missing.push(Missing { tenant, key, has: None, is_answer }),
            Some(Some(has)) if is_answer => {
                missing.push(Missing { tenant, key, has: Some(has), is_answer });
            }
            Some(_) => {}
        };
        add(None, sought.name.to_owned(), false);
        // A session of another tenant than the one that is observed is for the database.
        if let (Some(tenant), Some((home, hash))) = (tenant, sought.session)
            && tenant == home
        {
            add(Some(tenant), session_key(tenant, hash), false);
            if let Some(target) = sought.target {
                add(Some(tenant), answer_key(tenant, target), true);
            }
        }
        missing
    }

    pub(crate) fn tenant(&self, view: &View, name: &str, now: Timestamp) -> Option<Option<Arc<Tenant>>> {
        let entry = self.0.memory.get(name).filter(|entry| entry.holds(view, now))?;
        match &entry.value {
            Value::Tenant(tenant) => Some(tenant.clone()),
            _ => None,
        }
    }

    /// Who seems to be asking, by what the process has, which may be out of date: the resort, if the session is one of it.
    pub(crate) fn likely(&self, sought: &Sought<'_>, now: Timestamp) -> Option<Arc<Tenant>> {
        let (home, hash) = sought.session?;
        let (tenant, session) =
            (self.0.memory.get(sought.name)?, self.0.memory.get(&session_key(home, hash))?);
        match (&tenant.value, &session.value) {
            (Value::Tenant(Some(tenant)), Value::Session(Some((caller, expires))))
                if tenant.id == caller.tenant_id && *expires > now =>
            {
                Some(tenant.clone())
            }
            _ => None,
        }
    }

    pub(crate) fn tenant_hint(&self, name: &str) -> Option<Uuid> {
        self.0.memory.tenant_hint(name)
    }

    /// The session behind a token that names the tenant `home`.
    pub(crate) fn session(
        &self,
        view: &View,
        home: Uuid,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Option<Option<Caller>> {
        let entry = self.0.memory.get(&session_key(home, hash)).filter(|entry| entry.holds(view, now))?;
        match &entry.value {
            Value::Session(None) => Some(None),
            // One that ran out is for the database to judge.
            Value::Session(Some((caller, expires))) => {
                (caller.tenant_id == home && caller.token_hash == *hash && *expires > now)
                    .then_some(Some(*caller))
            }
            _ => None,
        }
    }

    pub(crate) fn keep_tenant(&self, view: &View, name: &str, tenant: Option<&Arc<Tenant>>, now: Timestamp) {
        let life = if tenant.is_some() { TENANT } else { NOTHING };
        let Some(platform) = view.platform.root(Tables::named("tenants")) else { return };
        let Ok(expires) = now.checked_add(life) else { return };
        let value = Value::Tenant(tenant.cloned());
        let entry = Entry::new(view.floor, platform, None, now..expires, value);
        self.put(None, name.to_owned(), entry, life);
    }

    pub(crate) fn keep_session(
        &self,
        view: &View,
        hash: &[u8; 32],
        session: Option<(Caller, Timestamp)>,
        now: Timestamp,
    ) {
        const TABLES: Tables = Tables::named("staff").and(Tables::named("staff_sessions"));
        let life = if session.is_some() { SESSION } else { NOTHING };
        let (Some(platform), Some((tenant, observation))) =
            (view.platform.root(Tables::named("tenants")), &view.tenant)
        else {
            return;
        };
        let (Some(root), Ok(expires)) = (observation.root(TABLES), now.checked_add(life)) else { return };
        let root = Some((*tenant, root));
        let entry = Entry::new(view.floor, platform, root, now..expires, Value::Session(session));
        self.put(Some(*tenant), session_key(*tenant, hash), entry, life);
    }

    /// Keeps it here, and leaves it in Redis for the other nodes.
    fn put(&self, tenant: Option<Uuid>, key: String, entry: Entry, life: Duration) {
        if let (Some(_), Some(parcel)) = (self.0.versions.shared(), sent::write(&entry)) {
            let (cache, key) = (self.clone(), key.clone());
            tokio::spawn(async move {
                if let Some(shared) = cache.0.versions.shared() {
                    shared.put(tenant, &key, parcel, life).await;
                }
            });
        }
        self.0.memory.put(&key, entry);
    }
}
