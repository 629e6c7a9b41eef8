//! The second factor of a sign-in: time-based codes (TOTP, RFC 6238) and recovery codes for a lost device. Whether an account has one
//! and what is stored of it is up to its feature; how guesses at codes are counted is in [`crate::sign_in`].

use garde::Validate;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use base::problem::Result;
use store::keys::Keys;

const STEP_SECONDS: i64 = 30;

/// Steps that a clock may be ahead or behind.
const DRIFT: i64 = 1;

const RECOVERY_CODES: usize = 10;

/// RFC 4648.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The account that a factor belongs to. What is sealed or hashed for one account is worth nothing in the row of another.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    /// Nil for an operator.
    pub tenant: Uuid,
    pub account: Uuid,
}

impl Holder {
    fn bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(self.tenant.as_bytes());
        bytes[16..].copy_from_slice(self.account.as_bytes());
        bytes
    }
}

/// A second factor as it is stored.
#[derive(Clone, Debug)]
pub struct Factor {
    pub sealed_secret: String,
    /// Keyed hashes of the recovery codes that were not used yet.
    pub recovery_codes: Vec<Vec<u8>>,
}

impl Factor {
    /// The factor in an account's row, where it has one.
    pub fn stored<'a>(
        sealed_secret: Option<&str>,
        recovery_codes: Option<impl Iterator<Item = &'a [u8]>>,
    ) -> Option<Self> {
        let recovery_codes = recovery_codes.into_iter().flatten().map(<[u8]>::to_vec).collect();
        Some(Self { sealed_secret: sealed_secret?.to_owned(), recovery_codes })
    }

    /// What a code is for this factor; `None` for one that is wrong. A secret that was sealed for another account has no right code.
    ///
    /// # Errors
    /// 500 before the keys are loaded.
    pub(crate) fn recognise(
        &self,
        keys: &Keys,
        holder: Holder,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<Recognised>> {
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        let digits = (code.len() == 6).then(|| code.parse::<u32>().ok()).flatten();
        let Some(digits) = digits else {
            let hash = recovery_hash(keys, holder, &code)?;
            let is_left = self.recovery_codes.iter().any(|left| *left == hash);
            return Ok(is_left.then_some(Recognised::Recovery(hash)));
        };
        let Some(secret) = Secret::open(keys, holder, &self.sealed_secret)? else { return Ok(None) };
        let step = now.as_second().div_euclid(STEP_SECONDS);
        let mut steps = step - DRIFT..=step + DRIFT;
        Ok(steps.find(|step| secret.code_at(*step) == digits).map(Recognised::Step))
    }

    /// A keyed hash of one step of this factor's codes.
    pub(crate) fn step_key(&self, keys: &Keys, holder: Holder, step: i64) -> Result<[u8; 32]> {
        keys.sign(
            "accepted code",
            &[&holder.bytes(), self.sealed_secret.as_bytes(), step.to_be_bytes().as_slice()],
        )
    }
}

/// What a right code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// The code of this time step.
    Step(i64),
    /// A recovery code that is left, by its hash.
    Recovery([u8; 32]),
}

/// A code that was accepted.
#[derive(Clone, Copy, Debug)]
pub enum Accepted {
    /// A time-based code, which is not accepted again.
    Timed,
    /// A recovery code, by its hash: the caller deletes it in the transaction that it is accepted for, or refuses.
    Recovery([u8; 32]),
}

/// The secret that the server and an authenticator app share.
pub struct Secret([u8; 20]);

impl Secret {
    #[expect(clippy::new_without_default, reason = "no two are the same")]
    pub fn new() -> Self {
        Self(rand::random())
    }

    /// As it is stored.
    ///
    /// # Errors
    /// 500 before the keys are loaded.
    pub fn seal(&self, keys: &Keys, holder: Holder) -> Result<String> {
        keys.seal("second factor", &holder.bytes(), &self.0)
    }

    fn open(keys: &Keys, holder: Holder, sealed: &str) -> Result<Option<Self>> {
        let opened = keys.open("second factor", &holder.bytes(), sealed)?;
        Ok(opened.and_then(|secret| secret.try_into().ok()).map(Self))
    }

    /// As an authenticator app takes it, for an account with this e-mail at the resort or platform called `issuer`.
    pub fn shared(&self, issuer: &str, email: &str) -> SharedSecret {
        let secret = base32(&self.0);
        let (issuer, email) =
            (utf8_percent_encode(issuer, NON_ALPHANUMERIC), utf8_percent_encode(email, NON_ALPHANUMERIC));
        let uri = format!(
            "otpauth://totp/{issuer}:{email}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP_SECONDS}"
        );
        SharedSecret { secret, uri }
    }

    /// The six digits of a time step (RFC 4226, section 5.3).
    pub fn code_at(&self, step: i64) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let digest = hmac::sign(&key, &step.to_be_bytes());
        let digest = digest.as_ref();
        let offset = usize::from(digest[digest.len() - 1] & 0xf);
        let bytes = [digest[offset], digest[offset + 1], digest[offset + 2], digest[offset + 3]];
        (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000
    }
}

impl From<[u8; 20]> for Secret {
    fn from(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }
}

/// Fresh recovery codes: as they are shown once, and as they are stored.
///
/// # Errors
/// 500 before the keys are loaded.
pub fn recovery_codes(keys: &Keys, holder: Holder) -> Result<(RecoveryCodes, Vec<Vec<u8>>)> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| base32(&rand::random::<[u8; 10]>())).collect();
    let hashes = codes.iter().map(|code| recovery_hash(keys, holder, code).map(|hash| hash.to_vec()));
    let hashes = hashes.collect::<Result<_>>()?;
    let grouped = |code: &String| [&code[..4], &code[4..8], &code[8..12], &code[12..]].join("-");
    Ok((RecoveryCodes { recovery_codes: codes.iter().map(grouped).collect() }, hashes))
}

/// A code has 80 random bits, so a fast hash is enough.
fn recovery_hash(keys: &Keys, holder: Holder, code: &str) -> Result<[u8; 32]> {
    keys.sign("recovery code", &[&holder.bytes(), code.to_ascii_uppercase().as_bytes()])
}

/// Of lengths that are multiples of five bytes, and hence without padding.
fn base32(bytes: &[u8]) -> String {
    let letters = bytes.as_chunks::<5>().0.iter().flat_map(|chunk| {
        let bits = chunk.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| bits >> (5 * place) & 31)
    });
    letters.filter_map(|letter| BASE32.get(usize::try_from(letter).ok()?)).copied().map(char::from).collect()
}

/// The start of a second factor's set-up.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondFactorStart {
    #[garde(length(bytes, max = 1024))]
    pub current_password: String,
}

/// What an authenticator app needs to know.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedSecret {
    /// In base32, to be typed in.
    pub secret: String,
    /// The same as an `otpauth://` address, to be shown as a QR code.
    pub uri: String,
}

/// A code that the authenticator app shows.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondFactorConfirmation {
    #[garde(length(bytes, max = 64))]
    pub code: String,
}

/// Codes for when the authenticator app is lost. They are shown once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// Each signs in once in place of a time-based code.
    pub recovery_codes: Vec<String>,
}

/// The removal of the own second factor.
#[derive(Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecondFactorRemoval {
    #[garde(length(bytes, max = 1024))]
    pub current_password: String,
    /// A time-based code or a recovery code.
    #[garde(length(bytes, max = 64))]
    pub code: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_SECRET: &[u8; 20] = b"12345678901234567890";

    fn holder(tenant: u128, account: u128) -> Holder {
        Holder { tenant: Uuid::from_u128(tenant), account: Uuid::from_u128(account) }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238, appendix B, SHA-1; of the eight digits there, six are asked for here.
    const VECTORS: [(i64, u32); 6] = [
        (59, 94_287_082),
        (1_111_111_109, 7_081_804),
        (1_111_111_111, 14_050_471),
        (1_234_567_890, 89_005_924),
        (2_000_000_000, 69_279_037),
        (20_000_000_000, 65_353_130),
    ];

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (second, code) in VECTORS {
            assert_eq!(Secret(*RFC_SECRET).code_at(second / STEP_SECONDS), code % 1_000_000, "{second}");
        }
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        assert_eq!(base32(b"fooba"), "MZXW6YTB");
        assert_eq!(base32(RFC_SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let shared = Secret(*RFC_SECRET).shared("Happy Tails & Co", "kim@example.com");
        assert_eq!(
            shared.uri,
            "otpauth://totp/Happy%20Tails%20%26%20Co:kim%40example%2Ecom?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Happy%20Tails%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn a_code_is_right_for_its_own_step_and_one_before_and_after() {
        let (keys, kim) = (Keys::of(&[1; 32]), holder(1, 2));
        let sealed_secret = Secret(*RFC_SECRET).seal(&keys, kim).unwrap();
        let factor = Factor { sealed_secret, recovery_codes: Vec::new() };
        let is = |code: &str, second| factor.recognise(&keys, kim, code, at(second)).unwrap();
        for second in [30, 59, 60, 89, 0, 29] {
            assert_eq!(is("287082", second), Some(Recognised::Step(1)), "{second}");
        }
        assert_eq!(is(" 287 082", 59), Some(Recognised::Step(1)));
        for (code, second) in [("287082", 90), ("287082", -1), ("287083", 59), ("94287082", 59), ("", 59)] {
            assert_eq!(is(code, second), None, "{code} at {second}");
        }
    }

    #[test]
    fn what_is_stored_is_worth_nothing_in_another_accounts_row() {
        let keys = Keys::of(&[1; 32]);
        let kim = holder(1, 2);
        let sealed_secret = Secret(*RFC_SECRET).seal(&keys, kim).unwrap();
        let (shown, hashes) = recovery_codes(&keys, kim).unwrap();
        assert_eq!((shown.recovery_codes.len(), hashes.len()), (10, 10));
        let factor = Factor { sealed_secret, recovery_codes: hashes };
        for code in ["287082", &shown.recovery_codes[9], &shown.recovery_codes[0].to_lowercase()] {
            assert!(factor.recognise(&keys, kim, code, at(59)).unwrap().is_some(), "{code}");
            for (keys, other) in [
                (&keys, holder(1, 3)),
                (&keys, holder(3, 2)),
                (&keys, holder(2, 1)),
                (&Keys::of(&[2; 32]), kim),
            ] {
                assert_eq!(factor.recognise(keys, other, code, at(59)).unwrap(), None, "{code}");
            }
        }
    }
}
