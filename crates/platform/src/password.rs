//! Passwords: argon2id, hashed on a few threads of their own so that a rush of logins leaves the rest of the program alone.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::problem::{Problem, Result};

/// How many passwords are hashed at once; each takes 19 MiB while it runs.
const AT_ONCE: usize = 2;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
    nobody: Arc<str>,
}

impl Passwords {
    /// # Errors
    /// When the machine has no source of randomness.
    pub fn new() -> Result<Self> {
        let nobody = digest(&rand::random::<[u8; 16]>())?;
        Ok(Self { places: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() })
    }

    /// The argon2id hash of a password, as a PHC string with its own salt and cost.
    ///
    /// # Errors
    /// 500 when hashing fails.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || digest(password.as_bytes())).await?
    }

    /// Whether `password` is the one behind `hash`. Without a hash (no such account) the same work is done and the answer
    /// is no, so that the time taken tells nobody which accounts exist.
    ///
    /// # Errors
    /// 500 when the stored hash cannot be read.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let matches = self
            .run(move || {
                let hash = PasswordHash::new(&hash).map_err(|error| Problem::internal(error.to_string()))?;
                Ok::<_, Problem>(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await??;
        Ok(exists && matches)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = self.places.acquire().await?;
        Ok(tokio::task::spawn_blocking(work).await?)
    }
}

/// Hashes at once, on the calling thread: for commands, which have no requests to keep waiting.
///
/// # Errors
/// 500 when hashing fails.
pub fn digest(password: &[u8]) -> Result<String> {
    let hash =
        Argon2::default().hash_password(password).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_its_own_hash_only() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("correct horse".into(), None).await.unwrap());
    }
}
