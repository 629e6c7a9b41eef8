//! A tenant's archive, taken apart and put together again by somebody else.

use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// An archive whose manifest is signed and whose sizes and checksums are right, whatever else is changed.
#[derive(Clone)]
pub(crate) struct Forged {
    pub(crate) manifest: Value,
    /// Names and contents, in the archive's order.
    pub(crate) entries: Vec<(String, Vec<u8>)>,
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Forged {
    pub(crate) fn read(from: &Path) -> Self {
        let mut archive = tar::Archive::new(GzDecoder::new(std::fs::File::open(from).unwrap()));
        let mut entries = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            entries.push((name, content));
        }
        let manifest = serde_json::from_slice(&entries.remove(0).1).unwrap();
        Self { manifest, entries }
    }

    pub(crate) fn place(&self, table: &str) -> usize {
        self.entries.iter().position(|(name, _)| name == &format!("tables/{table}.csv")).unwrap()
    }

    /// The lines of a table's rows, without the header.
    pub(crate) fn lines(&self, table: &str) -> Vec<String> {
        let text = String::from_utf8(self.entries[self.place(table)].1.clone()).unwrap();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    /// Another content for a table, with its true size and checksum in the manifest; the number of rows stays.
    pub(crate) fn put(&mut self, place: usize, content: Vec<u8>) {
        let table = &mut self.manifest["tables"][place];
        table["bytes"] = json!(content.len());
        table["sha256"] = json!(sha256(&content));
        self.entries[place].1 = content;
    }

    pub(crate) fn append(&mut self, table: &str, text: &str) {
        let place = self.place(table);
        let mut content = self.entries[place].1.clone();
        content.extend_from_slice(text.as_bytes());
        self.put(place, content);
    }

    pub(crate) fn rename(&mut self, place: usize, table: &str) {
        self.manifest["tables"][place]["name"] = json!(table);
        self.entries[place].0 = format!("tables/{table}.csv");
    }

    pub(crate) fn signed(&self) -> Vec<u8> {
        let mut manifest = self.manifest.clone();
        manifest.as_object_mut().unwrap().remove("sha256");
        let mut text = serde_json::to_string_pretty(&manifest).unwrap();
        text.truncate(text.len() - "\n}".len());
        text.push_str(",\n");
        let sum = sha256(text.as_bytes());
        format!("{text}  \"sha256\": \"{sum}\"\n}}\n").into_bytes()
    }

    /// The archive as a tar, not packed.
    pub(crate) fn tar(&self) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        let manifest = ("manifest.json".to_owned(), self.signed());
        for (name, content) in std::iter::once(&manifest).chain(&self.entries) {
            archive
                .append(&header(name, content.len() as u64, tar::EntryType::Regular), content.as_slice())
                .unwrap();
        }
        archive.into_inner().unwrap()
    }

    pub(crate) fn write(&self, to: &Path) {
        pack(&self.tar(), to);
    }
}

pub(crate) fn pack(tar: &[u8], to: &Path) {
    let mut packed = GzEncoder::new(std::fs::File::create(to).unwrap(), Compression::fast());
    packed.write_all(tar).unwrap();
    packed.finish().unwrap();
}

/// The head of an entry; its name is written as it is, as no honest program would.
pub(crate) fn header(name: &str, size: u64, kind: tar::EntryType) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_size(size);
    header.set_mode(0o600);
    header.set_entry_type(kind);
    header.set_cksum();
    header
}
