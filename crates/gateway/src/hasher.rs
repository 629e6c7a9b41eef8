//! Hashes the password that a signed-in person chooses.

use aide::OperationInput;
use axum::extract::FromRequestParts;
use base::problem::{Problem, Result};
use http::request::Parts;

use crate::fairness::{Flow, Work};
use crate::identity::Identity;
use crate::password::{Chosen, Passwords};
use crate::state::Platform;

/// Hashes new passwords. A handler that names it opens the door to its rows [later](crate::db::Later).
pub struct Hasher {
    passwords: Passwords,
    flow: Flow,
    work: Work,
}

impl Hasher {
    /// The argon2id hash of a password, as a PHC string with its own salt and cost.
    ///
    /// # Errors
    /// 503 when no place comes free in time.
    pub async fn hash(&self, password: Chosen) -> Result<String> {
        self.passwords.known(self.flow, self.work).await?.hash(password).await
    }
}

impl FromRequestParts<Platform> for Hasher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let flow = parts.extensions.get::<Identity>().map_or(Flow::PLATFORM, |who| Flow::of(&who.tenant));
        let work = parts.extensions.get::<Work>().copied().unwrap_or_default().look_up();
        Ok(Self { passwords: platform.passwords.clone(), flow, work })
    }
}

impl OperationInput for Hasher {}
