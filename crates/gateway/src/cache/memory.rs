//! What the process holds: ready answers, sessions and tenants, bounded by bytes.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use base::tenant::Tenant;
use bytes::Bytes;
use http::HeaderValue;
use jiff::Timestamp;
use moka::sync::Cache as Store;
use store::generations::Root;
use store::lease::Floor;
use store::versions::View;
use uuid::Uuid;

use crate::identity::{Caller, Role};

/// Something kept, and what it depends on.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Names this very entry, for nodes to tell that they have the same.
    pub(crate) tag: String,
    pub(crate) floor: Floor,
    pub(crate) platform: Root,
    /// Whose it is, and what of theirs it depends on.
    pub(crate) tenant: Option<(Uuid, Root)>,
    /// From when it was read until it is too old. Before that it does not hold either: the clock was set back since.
    pub(crate) valid: Range<Timestamp>,
    /// How long it took to load, for refreshing it a little early.
    pub(crate) took: Duration,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A resort by its name; `None` is a name that no resort has.
    Tenant(Option<Arc<Tenant>>),
    /// Who is behind a token; `None` is a token that counts for nothing.
    Session(Option<(Caller, Timestamp)>),
    Answer(Answer),
    /// The answer depends on who asks: look under their own key.
    Personal,
}

/// An answer as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    pub(crate) etag: HeaderValue,
    pub(crate) least: Option<Role>,
}

impl Entry {
    pub(crate) fn new(
        floor: Floor,
        platform: Root,
        tenant: Option<(Uuid, Root)>,
        valid: Range<Timestamp>,
        value: Value,
    ) -> Self {
        let tag = format!("{:016x}", rand::random::<u64>());
        Self { tag, floor, platform, tenant, valid, took: Duration::ZERO, value }
    }

    /// Its tag, unless it says nothing by itself.
    pub(crate) fn known_by(&self) -> Option<String> {
        (!matches!(self.value, Value::Personal)).then(|| self.tag.clone())
    }

    /// Whether this is what the database holds, as far as `view` saw, and not yet too old. What is a tenant's holds only in a
    /// view of that tenant.
    pub(crate) fn holds(&self, view: &View, now: Timestamp) -> bool {
        self.valid.contains(&now)
            && self.floor == view.floor
            && view.platform.confirms(&self.platform)
            && match (&self.tenant, &view.tenant) {
                (Some((whose, root)), Some((seen, observation))) => {
                    whose == seen && observation.confirms(root)
                }
                (None, _) => true,
                (Some(_), None) => false,
            }
    }

    fn weight(&self, key: &str) -> u32 {
        let body = match &self.value {
            Value::Answer(answer) => answer.body.len(),
            _ => 200,
        };
        // Counters, the entry itself and the store's own bookkeeping.
        u32::try_from(body + key.len() + 600).unwrap_or(u32::MAX)
    }
}

#[derive(Clone)]
pub(crate) struct Memory(Store<String, Arc<Entry>>);

impl Memory {
    pub(crate) fn new(bytes: u64) -> Self {
        let store = Store::builder().max_capacity(bytes);
        Self(store.weigher(|key: &String, entry: &Arc<Entry>| entry.weight(key)).build())
    }

    pub(crate) fn get(&self, key: &str) -> Option<Arc<Entry>> {
        self.0.get(key)
    }

    pub(crate) fn put(&self, key: &str, entry: Entry) {
        self.0.insert(key.to_owned(), Arc::new(entry));
    }

    pub(crate) fn bytes(&self) -> u64 {
        // What was put in a moment ago is counted, too.
        self.0.run_pending_tasks();
        self.0.weighted_size()
    }

    pub(crate) fn entries(&self) -> u64 {
        self.0.entry_count()
    }

    /// The id of the resort that was once found under this key of a name; whether it still is, is for the caller to confirm.
    pub(crate) fn tenant_hint(&self, name: &str) -> Option<Uuid> {
        match &self.get(name)?.value {
            Value::Tenant(Some(tenant)) => Some(tenant.id),
            _ => None,
        }
    }
}

pub(crate) fn answer_key(tenant: Uuid, target: &str) -> String {
    format!("answer:{tenant}:{target}")
}

pub(crate) fn session_key(tenant: Uuid, hash: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(format!("session:{tenant}:"), |mut key, byte| {
        let _ = write!(key, "{byte:02x}");
        key
    })
}
