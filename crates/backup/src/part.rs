//! The files of a backup while they are written and read, from where blocking is allowed: from and to a disk or a bucket.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::WriteMultipart;
use tokio::runtime::Handle;

use super::bucket::Bucket;
use super::files::explain;

/// Messages of an upload under way at a time.
const UPLOADS: usize = 3;

/// Writes a file of a draft. It counts once [`PartWriter::finish`] succeeded.
pub(super) enum PartWriter {
    File(File, PathBuf),
    Object(Box<Upload>),
}

pub(super) struct Upload {
    pub(super) bucket: Bucket,
    pub(super) place: (String, String),
    pub(super) upload: Option<WriteMultipart>,
    pub(super) runtime: Handle,
}

impl Upload {
    fn broken(&self, error: object_store::Error) -> anyhow::Error {
        self.bucket.broken(error, &self.place.0, &self.place.1)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // What was sent of an upload that is not finished costs money where nobody sees it.
        if let Some(upload) = self.upload.take() {
            self.runtime.spawn(upload.abort());
        }
    }
}

impl PartWriter {
    pub(super) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::File(file, path) => file.write_all(bytes).map_err(|error| explain(&error, "write", path)),
            Self::Object(object) => {
                let runtime = object.runtime.clone();
                let _inside = runtime.enter();
                let Some(upload) = &mut object.upload else { return Ok(()) };
                let ready = runtime.block_on(upload.wait_for_capacity(UPLOADS));
                if ready.is_ok() {
                    upload.write(bytes);
                }
                ready.map_err(|error| object.broken(error))
            }
        }
    }

    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::File(file, path) => file.sync_all().map_err(|error| explain(&error, "write", &path)),
            Self::Object(mut object) => {
                let runtime = object.runtime.clone();
                let _inside = runtime.enter();
                let Some(upload) = object.upload.take() else { return Ok(()) };
                let finished = runtime.block_on(upload.finish());
                finished.map(|_| ()).map_err(|error| object.broken(error))
            }
        }
    }
}

/// Reads a file of a backup.
pub(super) enum PartReader {
    File(File),
    Object { stream: BoxStream<'static, object_store::Result<Bytes>>, left: Bytes, runtime: Handle },
}

impl Read for PartReader {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(bytes),
            Self::Object { stream, left, runtime } => {
                while left.is_empty() {
                    match runtime.block_on(stream.next()) {
                        Some(next) => *left = next.map_err(io::Error::other)?,
                        None => return Ok(0),
                    }
                }
                let taken = left.split_to(bytes.len().min(left.len()));
                bytes[..taken.len()].copy_from_slice(&taken);
                Ok(taken.len())
            }
        }
    }
}
