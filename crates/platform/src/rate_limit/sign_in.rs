//! How often may be signed in: from one address, generously, and at one resort before each attempt takes its time. That
//! an account is locked after a few wrong passwords is in `password.rs`.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use http::request::Parts;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::client_address::{ClientAddress, network};
use crate::problem::{Problem, Result};
use crate::session::Identity;
use crate::{Platform, openapi};

/// What an attempt takes once a resort sees more of them than its staff makes, and how many are under way at a time.
const SLOWED: Duration = Duration::from_secs(2);
const AT_A_TIME: u32 = 4;

/// The attempts that are being slowed at this moment, by resort.
#[derive(Clone, Default)]
pub(super) struct Slowed(Arc<Mutex<HashMap<Uuid, u32>>>);

impl Slowed {
    /// `None` when enough of this resort's are under way.
    fn one_more(&self, resort: Uuid) -> Option<One<'_>> {
        let mut under_way = self.lock();
        let count = under_way.entry(resort).or_default();
        if *count >= AT_A_TIME {
            return None;
        }
        *count += 1;
        Some(One { slowed: self, resort })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct One<'a> {
    slowed: &'a Slowed,
    resort: Uuid,
}

impl Drop for One<'_> {
    fn drop(&mut self) {
        let mut under_way = self.slowed.lock();
        if let Some(count) = under_way.get_mut(&self.resort) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.resort);
            }
        }
    }
}

/// An attempt to sign in that may be made. A handler names it first.
pub struct SignIn;

impl FromRequestParts<Platform> for SignIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let (limits, config) = (&platform.limits, &platform.config);
        if let Some(ClientAddress(address)) = parts.extensions.get().copied() {
            let subject = subject(&format!("sign-ins from {}", network(address)));
            let decision = limits.judge(subject, config.sign_ins_per_address);
            if let Some(decision) = decision.filter(|decision| !decision.is_admitted) {
                limits.0.desks.counts.sign_ins_refused.fetch_add(1, Ordering::Relaxed);
                return Err(Problem::too_many_sign_ins(decision.reset_seconds));
            }
        }
        let resort = parts.extensions.get::<Identity>().map_or(Uuid::nil(), |identity| identity.tenant.id);
        let subject = subject(&format!("sign-ins at {resort}"));
        let decision = limits.judge(subject, config.sign_ins_per_resort);
        if decision.is_some_and(|decision| !decision.is_admitted) {
            let counts = &limits.0.desks.counts;
            let Some(_one) = limits.0.slowed.one_more(resort) else {
                counts.sign_ins_refused.fetch_add(1, Ordering::Relaxed);
                return Err(Problem::too_many_sign_ins(2));
            };
            counts.sign_ins_slowed.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(SLOWED).await;
        }
        Ok(SignIn)
    }
}

impl OperationInput for SignIn {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        openapi::refuses(operation, &[429]);
    }
}

/// What is counted beside the resorts' requests has ids of its own.
pub(super) fn subject(text: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
