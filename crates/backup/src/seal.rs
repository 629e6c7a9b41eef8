//! Encryption at rest in the age format (<https://age-encryption.org/v1>), so that an operator with the key opens a part with
//! the program `age` or `rage` alone.
//!
//! age finds a file that was cut short or changed, but any file for the same key opens. What binds parts to their backup and
//! their order is the manifest, which lists their checksums and carries a code (HMAC-SHA256, RFC 2104) that only who has the
//! key can make: see [`Key::code`].

use std::fmt;
use std::io::{self, Cursor, Read, Write};
use std::iter::once;

use age::secrecy::ExposeSecret;
use age::stream::StreamWriter;
use age::x25519::Identity;
use age::{DecryptError, Decryptor, Encryptor};
use bech32::{Bech32, Hrp};
use ring::hmac;

use super::hex::{from_hex, hex};
use super::old_seal::{OldKey, OldReader};

/// The most bytes of a part's header that are read into memory; one of ours has a few hundred.
const LARGEST_HEADER: u64 = 4096;

/// How a header's last line begins.
const HEADER_END: &[u8] = b"\n--- ";

/// The operator's keys: the first encrypts, each decrypts.
#[derive(Clone, Default)]
pub struct Keys(Vec<Key>);

/// An age identity.
#[derive(Clone)]
pub struct Key {
    identity: Identity,
    /// The same key as earlier versions used it, if it was given in their form.
    old: Option<OldKey>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}", self.id())
    }
}

impl Keys {
    /// Keys with commas between them.
    ///
    /// # Errors
    /// When one is not a key; the text is not repeated.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        texts.map(Key::parse).collect::<Option<_>>().map(Self).ok_or(
            "a key must be an age identity (AGE-SECRET-KEY-1…), as `tailtown backup key` prints them, or 64 hexadecimal digits, \
             as it did in earlier versions",
        )
    }

    /// The key that new files are encrypted with, if any.
    pub fn first(&self) -> Option<&Key> {
        self.0.first()
    }

    /// The key of this name.
    pub fn with_id(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id() == id || key.is_old(id))
    }

    /// All of them, a line each, as `age --identity` takes them.
    pub fn identities(&self) -> String {
        self.0.iter().map(|key| key.identity.to_string().expose_secret().to_owned() + "\n").collect()
    }
}

impl Key {
    fn parse(text: &str) -> Option<Self> {
        let Some(bytes) = from_hex(text) else {
            return Some(Self { identity: text.parse().ok()?, old: None });
        };
        // An age identity is 32 bytes, too: the same key, as age writes it.
        let text = bech32::encode_upper::<Bech32>(Hrp::parse("AGE-SECRET-KEY-").ok()?, &bytes).ok()?;
        Some(Self { identity: text.parse().ok()?, old: Some(OldKey::new(bytes)) })
    }

    /// The key's public half, `age1…`, as `age-keygen -y` prints it. It says nothing of the other.
    pub fn id(&self) -> String {
        self.identity.to_public().to_string()
    }

    /// Whether a file that is said to be sealed with `id` has the format of earlier versions.
    fn is_old(&self, id: &str) -> bool {
        self.old.as_ref().is_some_and(|old| old.id() == id)
    }

    /// Encrypts what is written to it. Nothing counts before `finish`.
    pub(super) fn seal<W: Write>(&self, to: W) -> io::Result<StreamWriter<W>> {
        let recipient = self.identity.to_public();
        let encryptor = Encryptor::with_recipients(once(&recipient as &dyn age::Recipient));
        encryptor.map_err(io::Error::other)?.wrap_output(to)
    }

    /// Decrypts `from`, of which a manifest says that it was sealed with `id` under `name`; fails at the first piece that is not
    /// what was written.
    pub(super) fn open<'a>(
        &self,
        mut from: impl Read + 'a,
        id: &str,
        name: &str,
    ) -> io::Result<Box<dyn Read + 'a>> {
        if let Some(old) = self.old.as_ref().filter(|_| self.is_old(id)) {
            return Ok(Box::new(OldReader::new(from, old, name)?));
        }
        let refused = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
        let mut head = Vec::new();
        from.by_ref().take(LARGEST_HEADER).read_to_end(&mut head)?;
        // A header that never ends would be read into memory for as long as it goes on.
        if !head.windows(HEADER_END.len()).any(|window| window == HEADER_END) {
            return Err(refused("this is not an age file".to_owned()));
        }
        let opened = Decryptor::new(Cursor::new(head).chain(from))
            .and_then(|decryptor| decryptor.decrypt(once(&self.identity as &dyn age::Identity)));
        match opened {
            Ok(reader) => Ok(Box::new(reader)),
            Err(DecryptError::Io(error)) => Err(error),
            Err(DecryptError::NoMatchingKeys) => {
                Err(refused(format!("it is encrypted for another key than {}: see BACKUP_KEY", self.id())))
            }
            Err(error) => Err(refused(format!("this is not an age file as it was written: {error}"))),
        }
    }

    /// A code of `text` that only who has the key can make.
    pub(super) fn code(&self, text: &[u8]) -> String {
        let mut code = hmac::Context::with_key(&self.code_key());
        code.update(text);
        hex(code.sign().as_ref())
    }

    /// Whether `code` is [`Key::code`] of `text`.
    pub(super) fn made(&self, code: &str, text: &[u8]) -> bool {
        from_hex(code).is_some_and(|code| hmac::verify(&self.code_key(), text, &code).is_ok())
    }

    /// A key of its own for the codes: one key has one use.
    fn code_key(&self) -> hmac::Key {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.identity.to_string().expose_secret().as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&secret, b"tailtown backup manifest").as_ref())
    }
}

/// A fresh key, as the setting takes it.
pub fn make_key() -> String {
    Identity::generate().to_string().expose_secret().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: usize = 64 * 1024;
    const TAG: usize = 16;

    fn key() -> Key {
        Keys::parse(&make_key()).unwrap().first().unwrap().clone()
    }

    fn seal(plain: &[u8], key: &Key) -> Vec<u8> {
        let mut sealer = key.seal(Vec::new()).unwrap();
        sealer.write_all(plain).unwrap();
        sealer.finish().unwrap()
    }

    fn open(sealed: &[u8], key: &Key) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        key.open(sealed, &key.id(), "a")?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    /// What is opened before it fails.
    fn opened(sealed: &[u8], key: &Key) -> usize {
        let (mut plain, mut bytes) = ([0; 1000], 0);
        let Ok(mut reader) = key.open(sealed, &key.id(), "a") else { return 0 };
        while let Ok(read @ 1..) = reader.read(&mut plain) {
            bytes += read;
        }
        bytes
    }

    #[test]
    fn what_was_sealed_is_opened_at_every_length_around_a_chunk() {
        let key = key();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let plain: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
            let sealed = seal(&plain, &key);
            assert_eq!(open(&sealed, &key).unwrap(), plain, "{length}");
            assert!(length < 16 || !sealed.windows(16).any(|window| window == &plain[..16]));
        }
    }

    #[test]
    fn age_alone_opens_it_with_the_key_as_it_is_printed() {
        let (text, digits) = (make_key(), "0123456789abcdef".repeat(4));
        let keys = Keys::parse(&format!("{text}, {digits}")).unwrap();
        let lines = keys.identities();
        assert_eq!(lines.lines().next(), Some(text.as_str()));
        for (key, line) in keys.0.iter().zip(lines.lines()) {
            let identity: Identity = line.parse().unwrap();
            assert_eq!(age::decrypt(&identity, &seal(b"rows", key)).unwrap(), b"rows");
        }
        assert_eq!(lines.lines().count(), 2);
    }

    #[test]
    fn nothing_else_is_opened() {
        let key = key();
        let plain = vec![7; 2 * CHUNK + 5];
        let sealed = seal(&plain, &key);
        let other = open(&sealed, &super::tests::key()).unwrap_err().to_string();
        assert!(other.contains(&key.id()) || other.contains("BACKUP_KEY"), "{other}");
        let head = sealed.len() - (2 * (CHUNK + TAG) + 5 + TAG);
        for cut in [0, 20, head - 1, head, head + CHUNK + TAG, head + 2 * (CHUNK + TAG), sealed.len() - 1] {
            assert!(open(&sealed[..cut], &key).is_err(), "cut at {cut}");
        }
        for flip in [0, 30, head - 1, head, head + CHUNK, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[flip] ^= 1;
            assert!(open(&changed, &key).is_err(), "flipped at {flip}");
        }
        let mut swapped = sealed.clone();
        swapped[head..head + 2 * (CHUNK + TAG)].rotate_left(CHUNK + TAG);
        assert_eq!(opened(&swapped, &key), 0);
        // A chunk of another file, and more behind the end.
        let mut spliced = sealed.clone();
        let another = seal(&plain, &key);
        spliced[head + CHUNK + TAG..].copy_from_slice(&another[another.len() - (CHUNK + 5 + 2 * TAG)..]);
        assert_eq!(opened(&spliced, &key), CHUNK);
        assert!(open(&[sealed.as_slice(), b"x"].concat(), &key).is_err());
    }

    #[test]
    fn a_header_that_does_not_end_is_not_read_into_memory() {
        let endless = b"age-encryption.org/v1\n-> X25519 ".chain(io::repeat(b'x'));
        let key = key();
        let said = key.open(endless, &key.id(), "a").err().unwrap().to_string();
        assert_eq!(said, "this is not an age file");
    }

    #[test]
    fn a_code_is_of_its_text_and_key() {
        let (key, other) = (key(), key());
        let code = key.code(b"text");
        assert!(key.made(&code, b"text"));
        assert!(!key.made(&code, b"texts") && !other.made(&code, b"text") && !key.made("", b"text"));
    }

    #[test]
    fn a_key_is_an_identity_or_64_digits_and_is_never_shown() {
        let identity = make_key();
        for bad in ["ab", &"g".repeat(64), &"é".repeat(32), &"+1".repeat(32), &identity[..identity.len() - 1]]
        {
            assert!(Keys::parse(bad).is_err(), "{bad}");
        }
        let digits = "0123456789abcdef".repeat(4);
        let keys = Keys::parse(&format!("{identity}, {digits}")).unwrap();
        assert_eq!(keys.0.len(), 2);
        for key in &keys.0 {
            assert_eq!(keys.with_id(&key.id()).map(Key::id), Some(key.id()));
        }
        let shown = format!("{keys:?}");
        assert!(
            shown.contains("age1") && !shown.contains("SECRET") && !shown.contains(&digits[..8]),
            "{shown}"
        );
        assert!(Keys::parse("").unwrap().first().is_none());
    }
}
