//! A device that signed in before: a sealed cookie, valid at one resort (or for the operators' pages) and until the password of the
//! account changes. What strangers do to an account does not slow it.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

use super::account::Account;
use crate::state::Platform;
use base::problem::Result;
use base::settings::Environment;

/// How long a browser keeps it: as long as browsers keep any.
const LIFETIME_SECONDS: u64 = 400 * 24 * 3600;

/// How many accounts it remembers: a tablet at the desk is used by several people.
const ACCOUNTS: usize = 8;

const PURPOSE: &str = "device";

/// The bytes of an id, and those of an account in the cookie: its id and what stands for its password.
const ID: usize = 16;
const ENTRY: usize = ID + 8;

/// A device, and the accounts that signed in on it, the last one first.
pub(super) struct Device {
    pub(super) id: [u8; ID],
    entries: Vec<[u8; ENTRY]>,
}

/// The device's cookie, to be set with the answer to a login.
pub struct DeviceCookie(HeaderValue);

impl DeviceCookie {
    pub(crate) fn value(self) -> HeaderValue {
        self.0
    }
}

impl Device {
    /// One that nobody has signed in on.
    pub(super) fn new() -> Self {
        Self { id: rand::random(), entries: Vec::new() }
    }

    /// The device that a request shows, where we made its cookie for this resort.
    pub(super) fn shown(platform: &Platform, tenant: Uuid, headers: &HeaderMap) -> Result<Option<Self>> {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        for (_, sealed) in pairs.filter(|(name, _)| *name == cookie_name(platform)) {
            let opened = platform.keys.open(PURPOSE, tenant.as_bytes(), sealed)?;
            if let Some((id, rest)) = opened.as_deref().and_then(<[u8]>::split_first_chunk) {
                return Ok(Some(Self { id: *id, entries: rest.as_chunks().0.to_vec() }));
            }
        }
        Ok(None)
    }

    /// The account that signed in on it last.
    pub(super) fn last(&self) -> Uuid {
        self.entries.first().and_then(|entry| Uuid::from_slice(&entry[..ID]).ok()).unwrap_or_default()
    }

    /// Whether this account signed in on it with the password that it still has.
    pub(super) fn knows(&self, platform: &Platform, account: &Account) -> Result<bool> {
        Ok(self.entries.contains(&entry(platform, account)?))
    }

    /// The cookie of this device, after the account signed in on it.
    pub(super) fn with(
        mut self,
        platform: &Platform,
        tenant: Uuid,
        account: &Account,
    ) -> Result<DeviceCookie> {
        self.entries.retain(|entry| entry[..ID] != account.id.as_bytes()[..]);
        self.entries.insert(0, entry(platform, account)?);
        self.entries.truncate(ACCOUNTS);
        let text = [self.id.as_slice(), self.entries.as_flattened()].concat();
        let sealed = platform.keys.seal(PURPOSE, tenant.as_bytes(), &text)?;
        let (name, secure) = (cookie_name(platform), if is_secure(platform) { "; Secure" } else { "" });
        let cookie =
            format!("{name}={sealed}; Path=/; Max-Age={LIFETIME_SECONDS}; HttpOnly; SameSite=Lax{secure}");
        Ok(DeviceCookie(HeaderValue::try_from(cookie)?))
    }
}

fn entry(platform: &Platform, account: &Account) -> Result<[u8; ENTRY]> {
    let password = platform.keys.sign("password of a device", &[account.password_hash.as_bytes()])?;
    let mut entry = [0; ENTRY];
    entry[..ID].copy_from_slice(account.id.as_bytes());
    entry[ID..].copy_from_slice(&password[..ENTRY - ID]);
    Ok(entry)
}

fn is_secure(platform: &Platform) -> bool {
    platform.settings.environment == Environment::Production
}

fn cookie_name(platform: &Platform) -> &'static str {
    if is_secure(platform) { "__Host-tailtown_device" } else { "tailtown_device" }
}
