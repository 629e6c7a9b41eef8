//! Encryption at rest: a file sealed with a key of the operator's, in chunks, so that it streams.
//!
//! A sealed file is `tailtown sealed 1\n`, 32 random bytes of salt, then chunks of 64 KiB, each with its 16 bytes of
//! ChaCha20-Poly1305 (RFC 8439). The file's key is HKDF-SHA256 (RFC 5869) of the operator's key with that salt; a chunk's
//! nonce is its number in 11 bytes, big-endian, and then 1 for the last chunk, else 0 (the STREAM construction of Hoang,
//! Reyhanitabar, Rogaway and Vizár, 2015): no chunk can be left out, added or put elsewhere. The file's name is
//! authenticated with every chunk, so that one part cannot stand for another.

use std::fmt;
use std::io::{self, Read, Write};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 18] = b"tailtown sealed 1\n";
const SALT: usize = 32;
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// The operator's keys: the first seals, each opens.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Keys(Vec<Key>);

#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

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
    /// When one is not 64 hexadecimal digits; the text is not repeated.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        texts
            .map(|text| from_hex(text).map(Key))
            .collect::<Option<_>>()
            .map(Self)
            .ok_or("a key must be 64 hexadecimal digits, as `tailtown backup key` prints them")
    }

    /// The key that new files are sealed with, if any.
    pub fn first(&self) -> Option<&Key> {
        self.0.first()
    }

    /// The key of this name.
    pub fn with_id(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id() == id)
    }
}

impl Key {
    /// A name that tells keys apart and says nothing of them.
    pub fn id(&self) -> String {
        let hash = Sha256::new().chain_update(b"tailtown key id").chain_update(self.0).finalize();
        hex(&hash[..4])
    }

    fn file_key(&self, salt: &[u8]) -> io::Result<LessSafeKey> {
        let broken = |_| io::Error::other("the key cannot be derived");
        let key = Salt::new(HKDF_SHA256, salt).extract(&self.0);
        let key = UnboundKey::from(key.expand(&[b"tailtown backup"], &CHACHA20_POLY1305).map_err(broken)?);
        Ok(LessSafeKey::new(key))
    }
}

/// A fresh key, as the setting takes it.
pub fn make_key() -> String {
    hex(&rand::random::<[u8; 32]>())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, place) in bytes.iter_mut().zip(0..) {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

fn nonce(number: u64, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[3..11].copy_from_slice(&number.to_be_bytes());
    bytes[11] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}

/// Seals what is written to it. Nothing counts before [`Sealer::finish`].
pub(super) struct Sealer<W> {
    inner: W,
    key: LessSafeKey,
    name: String,
    number: u64,
    chunk: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    pub(super) fn new(mut inner: W, key: &Key, name: &str) -> io::Result<Self> {
        let salt = rand::random::<[u8; SALT]>();
        inner.write_all(MAGIC)?;
        inner.write_all(&salt)?;
        let chunk = Vec::with_capacity(CHUNK + TAG);
        Ok(Self { inner, key: key.file_key(&salt)?, name: name.to_owned(), number: 0, chunk })
    }

    fn flush_chunk(&mut self, last: bool) -> io::Result<()> {
        let aad = Aad::from(self.name.as_bytes());
        let sealed = self.key.seal_in_place_append_tag(nonce(self.number, last), aad, &mut self.chunk);
        sealed.map_err(|_| io::Error::other("a chunk cannot be sealed"))?;
        self.inner.write_all(&self.chunk)?;
        self.chunk.clear();
        self.number += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.flush_chunk(true)?;
        Ok(self.inner)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until more comes: the last one is marked as such.
        if self.chunk.len() == CHUNK && !bytes.is_empty() {
            self.flush_chunk(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Opens what was sealed; fails at the first chunk that is not what was written.
pub(super) struct Opener<R> {
    inner: R,
    key: LessSafeKey,
    name: String,
    number: u64,
    chunk: Vec<u8>,
    given: usize,
    next: Option<u8>,
    ended: bool,
}

impl<R: Read> Opener<R> {
    pub(super) fn new(mut inner: R, key: &Key, name: &str) -> io::Result<Self> {
        let mut head = [0; MAGIC.len() + SALT];
        inner.read_exact(&mut head)?;
        let Some(salt) = head.strip_prefix(MAGIC.as_slice()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "this is not a sealed file"));
        };
        let key = key.file_key(salt)?;
        let chunk = Vec::with_capacity(CHUNK + TAG);
        Ok(Self { inner, key, name: name.to_owned(), number: 0, chunk, given: 0, next: None, ended: false })
    }

    fn read_chunk(&mut self) -> io::Result<()> {
        self.chunk.clear();
        self.given = 0;
        self.chunk.extend(self.next.take());
        let rest = CHUNK + TAG - self.chunk.len();
        self.inner.by_ref().take(rest as u64).read_to_end(&mut self.chunk)?;
        // Whether this is the last chunk shows in whether anything follows.
        let mut next = [0];
        self.next = (self.inner.by_ref().take(1).read(&mut next)? == 1).then_some(next[0]);
        self.ended = self.next.is_none();
        let aad = Aad::from(self.name.as_bytes());
        let opened = self.key.open_in_place(nonce(self.number, self.ended), aad, &mut self.chunk);
        let length = opened.map(|plain| plain.len()).map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "a chunk is not what was sealed, or the key is another",
            )
        })?;
        self.chunk.truncate(length);
        self.number += 1;
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while self.given == self.chunk.len() {
            if self.ended {
                return Ok(0);
            }
            self.read_chunk()?;
        }
        let given = bytes.len().min(self.chunk.len() - self.given);
        bytes[..given].copy_from_slice(&self.chunk[self.given..self.given + given]);
        self.given += given;
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Keys::parse(&make_key()).unwrap().first().unwrap().clone()
    }

    fn seal(plain: &[u8], key: &Key, name: &str) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), key, name).unwrap();
        sealer.write_all(plain).unwrap();
        sealer.finish().unwrap()
    }

    fn open(sealed: &[u8], key: &Key, name: &str) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        Opener::new(sealed, key, name)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn what_was_sealed_is_opened_at_every_length_around_a_chunk() {
        let key = key();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let plain: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
            let sealed = seal(&plain, &key, "a");
            assert_eq!(open(&sealed, &key, "a").unwrap(), plain, "{length}");
            assert!(length < 16 || !sealed.windows(16).any(|window| window == &plain[..16]));
        }
    }

    #[test]
    fn nothing_else_is_opened() {
        let key = key();
        let plain = vec![7; 2 * CHUNK + 5];
        let sealed = seal(&plain, &key, "a");
        assert!(open(&sealed, &key, "b").is_err(), "another name");
        assert!(open(&sealed, &super::tests::key(), "a").is_err(), "another key");
        let head = MAGIC.len() + SALT;
        for cut in [head, head + CHUNK + TAG, head + 2 * (CHUNK + TAG), sealed.len() - 1] {
            assert!(open(&sealed[..cut], &key, "a").is_err(), "cut at {cut}");
        }
        for flip in [0, MAGIC.len(), head, head + CHUNK, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[flip] ^= 1;
            assert!(open(&changed, &key, "a").is_err(), "flipped at {flip}");
        }
        let mut swapped = sealed.clone();
        swapped[head..].rotate_left(CHUNK + TAG);
        assert!(open(&swapped, &key, "a").is_err());
    }

    #[test]
    fn a_key_is_64_digits_and_is_never_shown() {
        for bad in ["ab", &"g".repeat(64), &"é".repeat(32)] {
            assert!(Keys::parse(bad).is_err());
        }
        let (one, two) = (make_key(), make_key());
        let keys = Keys::parse(&format!("{one}, {two}")).unwrap();
        assert_eq!(keys.0.len(), 2);
        assert_eq!(keys.with_id(&keys.0[1].id()), Some(&keys.0[1]));
        assert!(!format!("{keys:?}").contains(&one[..8]));
        assert!(Keys::parse("").unwrap().first().is_none());
    }
}
