//! What clients are handed and bring back unchanged: sealed or signed with a key that all nodes share through the database.

use std::sync::{Arc, OnceLock};

use base::problem::{Problem, Result};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use queries::queries::keys as sql;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use crate::pool::Database;

/// The program's keys. They are read once, before the program serves; copies share them.
#[derive(Clone, Default)]
pub struct Keys(Arc<OnceLock<hmac::Key>>);

impl Keys {
    /// Reads the root key from the database, unless that was done before.
    ///
    /// # Errors
    /// 503 when the database does not answer, 500 when it has no key.
    pub async fn load(&self, database: &Database) -> Result<()> {
        if self.0.get().is_some() {
            return Ok(());
        }
        let connection = database.connection().await?;
        let secret = sql::get().bind(&**connection, &"root").one().await?;
        let _ = self.0.set(hmac::Key::new(hmac::HMAC_SHA256, &secret));
        Ok(())
    }

    /// Keys from a root of one's own, for tests.
    pub fn of(secret: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret).into()))
    }

    /// A keyed hash of `parts`, for one purpose. Nobody without the key can make it, or test a guess against it.
    ///
    /// # Errors
    /// 500 before [`Self::load`].
    pub fn sign(&self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 32]> {
        let root = self.0.get().ok_or_else(|| Problem::internal("the keys are not loaded"))?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(root, purpose.as_bytes()).as_ref());
        let mut context = hmac::Context::with_key(&key);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut signature = [0; 32];
        signature.copy_from_slice(context.sign().as_ref());
        Ok(signature)
    }

    /// Encrypts `text` for one purpose and one place it may be brought back to, as base64url. The same text gives the same
    /// result, so that an answer which carries it keeps its `ETag`.
    ///
    /// # Errors
    /// 500 before [`Self::load`].
    pub fn seal(&self, purpose: &str, place: &[u8], text: &[u8]) -> Result<String> {
        let nonce = self.sign(purpose, &[b"nonce", place, text])?;
        let nonce = nonce.first_chunk::<NONCE_LEN>().copied().unwrap_or_default();
        let mut sealed = text.to_vec();
        self.cipher(purpose)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed)
            .map_err(|_| Problem::internal("sealing failed"))?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// What [`Self::seal`] was given; `None` for anything it did not make for this purpose and place.
    ///
    /// # Errors
    /// 500 before [`Self::load`].
    pub fn open(&self, purpose: &str, place: &[u8], sealed: &str) -> Result<Option<Vec<u8>>> {
        let cipher = self.cipher(purpose)?;
        let Ok(bytes) = BASE64_URL_SAFE_NO_PAD.decode(sealed) else { return Ok(None) };
        let Some((nonce, rest)) = bytes.split_first_chunk::<NONCE_LEN>() else { return Ok(None) };
        let mut rest = rest.to_vec();
        let opened = cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut rest);
        Ok(opened.ok().map(|text| text.to_vec()))
    }

    fn cipher(&self, purpose: &str) -> Result<LessSafeKey> {
        let key = UnboundKey::new(&AES_256_GCM, &self.sign(purpose, &[b"cipher"])?);
        key.map(LessSafeKey::new).map_err(|_| Problem::internal("a key has the wrong length"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secret: u8) -> Keys {
        let keys = Keys::default();
        keys.0.set(hmac::Key::new(hmac::HMAC_SHA256, &[secret; 32])).unwrap();
        keys
    }

    #[test]
    fn what_was_sealed_opens_for_its_purpose_and_place_only() {
        let keys = keys(1);
        let sealed = keys.seal("cursor", b"resort1/pets", b"Rex").unwrap();
        assert_eq!(sealed, keys.seal("cursor", b"resort1/pets", b"Rex").unwrap());
        assert_eq!(keys.open("cursor", b"resort1/pets", &sealed).unwrap().as_deref(), Some(&b"Rex"[..]));
        assert_eq!(keys.open("cursor", b"resort2/pets", &sealed).unwrap(), None);
        assert_eq!(keys.open("device", b"resort1/pets", &sealed).unwrap(), None);
        assert_eq!(self::keys(2).open("cursor", b"resort1/pets", &sealed).unwrap(), None);
        for length in 0..sealed.len() {
            assert_eq!(keys.open("cursor", b"resort1/pets", &sealed[..length]).unwrap(), None);
        }
        for index in 0..sealed.len() - 1 {
            let mut changed = sealed.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(keys.open("cursor", b"resort1/pets", &changed).unwrap(), None, "at {index}");
        }
    }

    #[test]
    fn parts_that_are_signed_cannot_be_shifted_into_each_other() {
        let keys = keys(1);
        assert_ne!(
            keys.sign("device", &[b"ab", b"c"]).unwrap(),
            keys.sign("device", &[b"a", b"bc"]).unwrap()
        );
        assert_ne!(keys.sign("device", &[b"a"]).unwrap(), keys.sign("cursor", &[b"a"]).unwrap());
        assert!(Keys::default().sign("device", &[]).is_err());
    }
}
