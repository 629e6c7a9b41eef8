//! The format that backups were sealed in before they were age files: it is read, and no longer written.
//!
//! A file is `tailtown sealed 1\n`, 32 random bytes of salt, then chunks of 64 KiB, each with its 16 bytes of
//! ChaCha20-Poly1305 (RFC 8439). The file's key is HKDF-SHA256 (RFC 5869) of the operator's key with that salt; a chunk's
//! nonce is its number in 11 bytes, big-endian, and then 1 for the last chunk, else 0. The file's name, `<backup>/<part>`, is
//! authenticated with every chunk.

use std::io::{self, Read};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use sha2::{Digest, Sha256};

use super::hex::hex;

const MAGIC: &[u8; 18] = b"tailtown sealed 1\n";
const SALT: usize = 32;
const SEALED_CHUNK: usize = 64 * 1024 + 16;

/// A key as it was given then: 64 hexadecimal digits.
#[derive(Clone)]
pub(super) struct OldKey([u8; 32]);

impl OldKey {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The name that manifests call it by.
    pub(super) fn id(&self) -> String {
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

fn nonce(number: u64, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[3..11].copy_from_slice(&number.to_be_bytes());
    bytes[11] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}

/// Opens what was sealed; fails at the first chunk that is not what was written.
pub(super) struct OldReader<R> {
    inner: R,
    key: LessSafeKey,
    name: String,
    number: u64,
    chunk: Vec<u8>,
    given: usize,
    next: Option<u8>,
    ended: bool,
}

impl<R: Read> OldReader<R> {
    pub(super) fn new(mut inner: R, key: &OldKey, name: &str) -> io::Result<Self> {
        let mut head = [0; MAGIC.len() + SALT];
        inner.read_exact(&mut head)?;
        let Some(salt) = head.strip_prefix(MAGIC.as_slice()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "this is not a sealed file"));
        };
        let key = key.file_key(salt)?;
        let chunk = Vec::with_capacity(SEALED_CHUNK);
        Ok(Self { inner, key, name: name.to_owned(), number: 0, chunk, given: 0, next: None, ended: false })
    }

    fn read_chunk(&mut self) -> io::Result<()> {
        self.chunk.clear();
        self.given = 0;
        self.chunk.extend(self.next.take());
        let rest = SEALED_CHUNK - self.chunk.len();
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

impl<R: Read> Read for OldReader<R> {
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

    /// As the last version that wrote the format sealed it with the key 00 01 02 … 1f.
    const SEALED: &str = "7461696c746f776e207365616c656420310ab71a15ba32abc83fa7a0ec6d0bf5cf4cedaaab98f443f582a7b4877fbd8fd6306253989f9\
                          04265571fe53cbf7e34562dad75526e42ff691143e4d60e55b87263ab24e3e2b324";
    const NAME: &str = "backup_20261125_020000/part-0001";
    const PLAIN: &[u8] = b"what was sealed before";

    fn key() -> OldKey {
        OldKey::new(std::array::from_fn(|place| u8::try_from(place).unwrap()))
    }

    fn sealed() -> Vec<u8> {
        (0..SEALED.len()).step_by(2).map(|at| u8::from_str_radix(&SEALED[at..at + 2], 16).unwrap()).collect()
    }

    fn open(sealed: &[u8], key: &OldKey, name: &str) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        OldReader::new(sealed, key, name)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn a_file_from_then_is_opened_and_nothing_else() {
        assert_eq!(key().id(), "7978758b");
        assert_eq!(open(&sealed(), &key(), NAME).unwrap(), PLAIN);
        assert!(open(&sealed(), &key(), "backup_20261125_020000/part-0002").is_err(), "another name");
        assert!(open(&sealed(), &OldKey::new([7; 32]), NAME).is_err(), "another key");
        for place in 0..sealed().len() {
            let mut changed = sealed();
            changed[place] ^= 1;
            assert!(open(&changed, &key(), NAME).is_err(), "flipped at {place}");
            assert!(open(&sealed()[..place], &key(), NAME).is_err(), "cut at {place}");
        }
    }
}
