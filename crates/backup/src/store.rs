//! Where backups lie: a folder, or a bucket. A backup is a folder `backup_<time>` of parts and a manifest, and is there
//! only once it is whole: in a folder by one renaming, in a bucket because its manifest is written last.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::future::ready;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use super::bucket::Bucket;
use super::files::{self, explain};
use super::manifest::{self, time_of};
use super::part::{PartReader, PartWriter, Upload};

/// A place that holds backups.
#[derive(Clone, Debug)]
pub enum Store {
    Folder(PathBuf),
    Bucket(Bucket),
}

/// What a store calls the folder of a backup that is being written, and of one that is being removed.
const UNFINISHED: &str = ".unfinished";
const REMOVED: &str = ".removed";

/// The most names that are read of a place: a backup an hour for ten years.
const LARGEST_LISTING: usize = 100_000;

/// Bytes of one message of an upload in several.
const UPLOAD: usize = 8 * 1024 * 1024;

impl Store {
    /// What to call it at a terminal.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Folder(_) => "folder",
            Self::Bucket(_) => "s3",
        }
    }

    pub fn shown(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::Bucket(bucket) => bucket.shown.clone(),
        }
    }

    /// The backups that are whole, oldest first.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub async fn names(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        for name in self.entries().await? {
            if time_of(&name).is_some() && self.has(&name).await? {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Whether this backup is here and whole.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub(super) async fn has(&self, name: &str) -> anyhow::Result<bool> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name).join(manifest::FILE);
                path.try_exists().map_err(|error| explain(&error, "read", &path))
            }
            Self::Bucket(bucket) => match bucket.store.head(&bucket.key(name, manifest::FILE)).await {
                Ok(_) => Ok(true),
                Err(object_store::Error::NotFound { .. }) => Ok(false),
                Err(error) => Err(bucket.broken(error, name, manifest::FILE)),
            },
        }
    }

    /// The names of folders that are ours, whole or not.
    async fn entries(&self) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Folder(folder) => {
                let entries = match fs::read_dir(folder) {
                    Ok(entries) => entries,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                    Err(error) => return Err(explain(&error, "read", folder)),
                };
                let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
                let names: Vec<_> = names.filter(|name| is_ours(name)).take(LARGEST_LISTING + 1).collect();
                self.must_be_few(names.len())?;
                Ok(names)
            }
            Self::Bucket(bucket) => {
                let prefix = bucket.key("", "").to_string();
                let prefix = Some(format!("{prefix}/")).filter(|_| !prefix.is_empty());
                let (mut names, mut seen, mut token) = (BTreeSet::new(), 0, None);
                loop {
                    let options = PaginatedListOptions {
                        delimiter: Some("/".into()),
                        page_token: token.take(),
                        ..PaginatedListOptions::default()
                    };
                    let page = bucket.store.list_paginated(prefix.as_deref(), options).await;
                    let page = page.with_context(|| format!("{} cannot be listed", bucket.shown))?;
                    // A page that says nothing counts, too: a store that never ends is given up.
                    seen += 1 + page.result.common_prefixes.len() + page.result.objects.len();
                    self.must_be_few(seen)?;
                    let found = page.result.common_prefixes.iter().filter_map(Key::filename);
                    names.extend(found.filter(|name| is_ours(name)).map(str::to_owned));
                    token = page.page_token;
                    if token.is_none() {
                        return Ok(names.into_iter().collect());
                    }
                }
            }
        }
    }

    fn must_be_few(&self, names: usize) -> anyhow::Result<()> {
        anyhow::ensure!(
            names <= LARGEST_LISTING,
            "{} holds more than {LARGEST_LISTING} names: give this installation's backups a place of their own with BACKUP_FOLDER \
             or S3_PREFIX",
            self.shown()
        );
        Ok(())
    }

    /// Removes what a run that was cut off left behind. Only for whoever holds the lock under which backups are written.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub(super) async fn sweep(&self) -> anyhow::Result<Vec<String>> {
        let mut swept = Vec::new();
        for name in self.entries().await? {
            let whole = time_of(&name).is_some() && self.has(&name).await?;
            if !whole {
                self.remove(&name).await?;
                swept.push(name);
            }
        }
        Ok(swept)
    }

    /// A small file of a backup; `None` when it is not there.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub(super) async fn read(&self, name: &str, file: &str) -> anyhow::Result<Option<Bytes>> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name).join(file);
                match files::read_small(&path) {
                    Ok(bytes) => Ok(Some(bytes.into())),
                    Err(error) => match error.downcast::<io::Error>() {
                        Ok(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                        Ok(error) => Err(explain(&error, "read", &path)),
                        Err(error) => Err(error),
                    },
                }
            }
            Self::Bucket(bucket) => match bucket.store.get(&bucket.key(name, file)).await {
                Ok(object) => {
                    let place = format!("{name}/{file}");
                    files::must_be_small(&place, object.meta.size)?;
                    let (mut stream, mut bytes) = (object.into_stream(), Vec::new());
                    while let Some(piece) = stream.next().await {
                        let piece = piece.map_err(|error| bucket.broken(error, name, file))?;
                        bytes.extend_from_slice(&piece);
                        files::must_be_small(&place, bytes.len() as u64)?;
                    }
                    Ok(Some(bytes.into()))
                }
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(bucket.broken(error, name, file)),
            },
        }
    }

    /// What a note beside a backup says; `None` when it is not there, or is not one.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub(super) async fn note<T: DeserializeOwned>(
        &self,
        name: &str,
        file: &str,
    ) -> anyhow::Result<Option<T>> {
        let bytes = self.read(name, file).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Puts a small file into a backup, or another in its place.
    ///
    /// # Errors
    /// When the place cannot be written.
    pub(super) async fn write(&self, name: &str, file: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
        match self {
            Self::Folder(folder) => {
                let folder = folder.join(name);
                write_whole(&folder.join(file), &bytes).map_err(|error| explain(&error, "write", &folder))
            }
            Self::Bucket(bucket) => {
                let put = bucket.store.put(&bucket.key(name, file), bytes.into()).await;
                put.map(|_| ()).map_err(|error| bucket.broken(error, name, file))
            }
        }
    }

    /// Takes a small file out of a backup, if it is there.
    ///
    /// # Errors
    /// When the place cannot be written.
    pub(super) async fn take_out(&self, name: &str, file: &str) -> anyhow::Result<()> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name).join(file);
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        Err(explain(&error, "remove", &path))
                    }
                    _ => Ok(()),
                }
            }
            Self::Bucket(bucket) => match bucket.store.delete(&bucket.key(name, file)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(bucket.broken(error, name, file)),
            },
        }
    }

    /// Removes a backup; from the first moment on it is none any more.
    ///
    /// # Errors
    /// When something cannot be removed; the next sweep does it.
    pub(super) async fn remove(&self, name: &str) -> anyhow::Result<()> {
        match self {
            Self::Folder(folder) => {
                let mut path = folder.join(name);
                let refused = |error: &io::Error| explain(error, "remove", &folder.join(name));
                if time_of(name).is_some() {
                    let aside = folder.join(format!(".{name}{REMOVED}"));
                    fs::rename(&path, &aside).map_err(|error| refused(&error))?;
                    path = aside;
                }
                fs::remove_dir_all(&path).map_err(|error| refused(&error))
            }
            Self::Bucket(bucket) => {
                self.take_out(name, manifest::FILE).await?;
                let folder = bucket.key(name, "");
                let keys = bucket.store.list(Some(&folder)).map_ok(|object| object.location);
                // What a store lists beside what it was asked for is not ours to remove.
                let keys = keys.try_filter(move |key| ready(key.prefix_matches(&folder)));
                let removed: Vec<_> = bucket.store.delete_stream(keys.boxed()).collect().await;
                for result in removed {
                    match result {
                        Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                        Err(error) => return Err(bucket.broken(error, name, "")),
                    }
                }
                Ok(())
            }
        }
    }

    /// Opens a file of a backup, with its length; `None` when it is not there. To be read where blocking is allowed.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub(super) async fn open(&self, name: &str, file: &str) -> anyhow::Result<Option<(u64, PartReader)>> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name).join(file);
                match files::open(&path) {
                    Ok((length, file)) => Ok(Some((length, PartReader::File(file)))),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(explain(&error, "read", &path)),
                }
            }
            Self::Bucket(bucket) => match bucket.store.get(&bucket.key(name, file)).await {
                Ok(object) => {
                    let (length, stream) = (object.meta.size, object.into_stream());
                    let reader =
                        PartReader::Object { stream, left: Bytes::new(), runtime: Handle::current() };
                    Ok(Some((length, reader)))
                }
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(bucket.broken(error, name, file)),
            },
        }
    }

    /// Begins a backup that nobody sees before [`Draft::publish`].
    ///
    /// # Errors
    /// When the place cannot be written, or holds a backup of this name.
    pub(super) async fn draft(&self, name: &str) -> anyhow::Result<Draft> {
        if self.has(name).await? {
            anyhow::bail!("{} holds a {name} already", self.shown());
        }
        if let Self::Folder(folder) = self {
            let path = unfinished(folder, name);
            files::create_folder(&path).map_err(|error| explain(&error, "write", folder))?;
        }
        Ok(Draft { store: self.clone(), name: name.to_owned() })
    }
}

fn is_ours(name: &str) -> bool {
    let aside =
        name.strip_prefix('.').and_then(|name| name.strip_suffix(UNFINISHED).or(name.strip_suffix(REMOVED)));
    time_of(aside.unwrap_or(name)).is_some()
}

fn unfinished(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!(".{name}{UNFINISHED}"))
}

/// Writes a file beside and renames it, so that it is there whole or not at all, also after a loss of power.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(UNFINISHED);
    let aside = PathBuf::from(aside);
    let mut file = files::create_anew(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    sync_folder(folder.unwrap_or(Path::new(".")))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A backup that is being written.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    store: Store,
    name: String,
}

impl Draft {
    /// A new part, to be written where blocking is allowed.
    pub(super) fn part(&self, file: &str, runtime: &Handle) -> anyhow::Result<PartWriter> {
        match &self.store {
            Store::Folder(folder) => {
                let path = unfinished(folder, &self.name).join(file);
                Ok(PartWriter::File(
                    files::create_anew(&path).map_err(|error| explain(&error, "write", &path))?,
                    path,
                ))
            }
            Store::Bucket(bucket) => {
                let _inside = runtime.enter();
                let upload = runtime.block_on(bucket.store.put_multipart(&bucket.key(&self.name, file)));
                let upload = upload.map_err(|error| bucket.broken(error, &self.name, file))?;
                let upload = WriteMultipart::new_with_chunk_size(upload, UPLOAD);
                Ok(PartWriter::Object(Box::new(Upload {
                    bucket: bucket.clone(),
                    place: (self.name.clone(), file.to_owned()),
                    upload: Some(upload),
                    runtime: runtime.clone(),
                })))
            }
        }
    }

    /// Makes the backup one.
    ///
    /// # Errors
    /// When the place cannot be written; then it is none.
    pub(super) async fn publish(self, manifest: Vec<u8>) -> anyhow::Result<()> {
        match &self.store {
            Store::Folder(folder) => {
                let draft = unfinished(folder, &self.name);
                let published = write_whole(&draft.join(manifest::FILE), &manifest)
                    .and_then(|()| fs::rename(&draft, folder.join(&self.name)))
                    .and_then(|()| sync_folder(folder));
                published.map_err(|error| explain(&error, "write", folder))
            }
            Store::Bucket(_) => self.store.write(&self.name, manifest::FILE, manifest).await,
        }
    }

    /// Removes what was written of it.
    pub(super) async fn discard(self) {
        let name = match &self.store {
            Store::Folder(_) => format!(".{}{UNFINISHED}", self.name),
            Store::Bucket(_) => self.name.clone(),
        };
        if let Err(error) = self.store.remove(&name).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "what was written of {name} could not be removed; the next run does it"
            );
        }
    }
}
