//! Backups that count only once they were restored and compared; and single tenants, taken out and put back.
//!
//! A backup is `pg_dump`'s archive in parts, age files if there is a key, with a [`manifest`] of what must be found once it
//! is restored, all of one snapshot. [`store`] knows where backups lie, [`dump`] how they are made and read, [`restore`]
//! and [`verify`] how they are put back, [`prune`] which are kept, [`schedule`] when all this is due, and
//! [`tenant`] does it for one tenant at a time. Nothing here knows a table by name: the [`catalogue`] lists them.

pub mod catalogue;
pub mod census;
pub mod manifest;
pub mod prune;
pub mod restore;
pub mod schedule;
pub mod seal;
pub mod store;
pub mod tenant;
pub mod verify;

mod backups;
mod bucket;
mod dump;
mod files;
mod hex;
mod notes;
mod old_seal;
mod part;
mod scratch;
mod server;
mod settings;
mod work;

pub use backups::{Backups, Listed};
pub use schedule::Proven;
pub use seal::make_key;
pub use settings::{BucketSettings, Keep, NEEDS_ROLE, Settings, To};
