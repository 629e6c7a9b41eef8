//! Backups as they were before age, made from today's: each part is sealed in the format of that time.

use std::fs;

use backup::manifest::Manifest;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use sha2::{Digest, Sha256};

use crate::ground::Ground;

/// A key as it was given then.
pub(crate) const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The name that manifests of the time call it by.
pub(crate) const ID: &str = "7978758b";

fn sealed(plain: &[u8], name: &str) -> Vec<u8> {
    let (salt, key): ([u8; 32], Vec<u8>) = ([9; 32], (0..32).collect());
    let key = Salt::new(HKDF_SHA256, &salt).extract(&key);
    let key = key.expand(&[b"tailtown backup"], &CHACHA20_POLY1305).unwrap();
    let key = LessSafeKey::new(UnboundKey::from(key));
    let mut sealed = [b"tailtown sealed 1\n".as_slice(), &salt].concat();
    let chunks: Vec<&[u8]> = plain.chunks(64 * 1024).collect();
    for (number, chunk) in chunks.iter().enumerate() {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
        nonce[11] = u8::from(number + 1 == chunks.len());
        let mut chunk = chunk.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, Aad::from(name.as_bytes()), &mut chunk).unwrap();
        sealed.extend_from_slice(&chunk);
    }
    sealed
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes of a backup without a key what the program made with [`KEY`] before it wrote age files.
pub(crate) fn make_old(ground: &Ground, manifest: Manifest) -> Manifest {
    let folder = ground.folder().join(&manifest.name);
    let mut old = Manifest { format: 1, sealed_with: Some(ID.to_owned()), ..manifest };
    for part in &mut old.parts {
        let path = folder.join(&part.name);
        let bytes = sealed(&fs::read(&path).unwrap(), &format!("{}/{}", old.name, part.name));
        (part.bytes, part.sha256) = (bytes.len() as u64, sha256(&bytes));
        fs::write(&path, bytes).unwrap();
    }
    fs::write(folder.join("manifest.json"), old.write(None).unwrap()).unwrap();
    old
}
