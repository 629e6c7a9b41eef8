//! What is kept, as it lies in Redis: a line that says what it depends on and what it is, and an answer's bytes.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use base::tenant::Tenant;
use bytes::Bytes;
use http::HeaderValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::generations::Root;
use store::lease::Floor;
use store::shared::Parcel;
use uuid::Uuid;

use super::memory::{Answer, Entry, Value};
use crate::identity::{Caller, Role};

#[derive(Serialize, Deserialize)]
struct Head {
    floor: Floor,
    platform: Root,
    tenant: Option<(Uuid, Root)>,
    valid: Range<Timestamp>,
    took: Duration,
    what: What,
}

#[derive(Serialize, Deserialize)]
enum What {
    Tenant(Option<Box<Tenant>>),
    Session(Option<(Caller, Timestamp)>),
    Answer { etag: String, least: Role },
}

/// `None` for what is of no use to others.
pub(super) fn write(entry: &Entry) -> Option<Parcel> {
    let (what, body) = match &entry.value {
        Value::Tenant(tenant) => (What::Tenant(tenant.as_deref().cloned().map(Box::new)), Bytes::new()),
        Value::Session(session) => (What::Session(*session), Bytes::new()),
        Value::Answer(Answer { body, etag, least }) => {
            (What::Answer { etag: etag.to_str().ok()?.to_owned(), least: (*least)? }, body.clone())
        }
        Value::Personal => return None,
    };
    let head = Head {
        floor: entry.floor,
        platform: entry.platform.clone(),
        tenant: entry.tenant.clone(),
        valid: entry.valid.clone(),
        took: entry.took,
        what,
    };
    let mut bytes = serde_json::to_vec(&head).ok()?;
    bytes.push(b'\n');
    bytes.extend_from_slice(&body);
    Some(Parcel { tag: entry.tag.clone(), bytes })
}

pub(super) fn read(Parcel { tag, bytes }: Parcel) -> Option<Entry> {
    let bytes = Bytes::from(bytes);
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let Head { floor, platform, tenant, valid, took, what } = serde_json::from_slice(&bytes[..end]).ok()?;
    let value = match what {
        What::Tenant(tenant) => Value::Tenant(tenant.map(Arc::from)),
        What::Session(session) => Value::Session(session),
        What::Answer { etag, least } => {
            let (body, etag) = (bytes.slice(end + 1..), HeaderValue::from_str(&etag).ok()?);
            Value::Answer(Answer { body, etag, least: Some(least) })
        }
    };
    Some(Entry { tag, floor, platform, tenant, valid, took, value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::generations::{Generations, PLATFORM};
    use store::tables::Tables;

    #[test]
    fn what_is_sent_is_what_was_kept() {
        let seen = Generations::new(Duration::from_secs(1)).observe(PLATFORM);
        let root = seen.root(Tables::named("tenants")).unwrap();
        let body = Bytes::from_static(b"{\"data\":\n[]}");
        let etag = HeaderValue::from_static("\"a\"");
        let entry = Entry {
            tag: "t".into(),
            floor: Floor::default(),
            platform: root.clone(),
            tenant: Some((Uuid::from_u128(7), root)),
            valid: Timestamp::UNIX_EPOCH..Timestamp::MAX,
            took: Duration::from_millis(3),
            value: Value::Answer(Answer { body, etag, least: Some(Role::Manager) }),
        };
        assert_eq!(format!("{:?}", read(write(&entry).unwrap()).unwrap()), format!("{entry:?}"));
        assert!(read(Parcel { tag: String::new(), bytes: b"{}\n".to_vec() }).is_none());
        assert!(write(&Entry { value: Value::Personal, ..entry }).is_none());
    }
}
