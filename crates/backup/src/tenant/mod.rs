//! One tenant alone: taken out as an archive, brought in, put back from a backup of everything, or erased; while every
//! other tenant keeps working and none of its rows is touched.

mod archive;
mod erase;
mod export;
mod import;
mod restore;
mod rows;
mod tenant_row;

pub use archive::{ArchiveManifest, ArchivedTable};
pub use erase::{Certificate, Erasure};
pub use import::Imported;
pub use restore::{Change, TenantPlan};
pub use tenant_row::TenantRow;
