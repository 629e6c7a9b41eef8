//! The notes that lie beside a backup: small files that say whether it was proven.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Says beside a backup that it was restored and compared.
pub(super) const VERIFIED: &str = "verified.json";

/// Says beside a backup what is wrong with it.
pub(super) const DAMAGED: &str = "damaged.json";

/// A restore that gave back what was backed up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    pub verified_at: Timestamp,
    pub elapsed_ms: u64,
    pub rows: u64,
    pub tables: usize,
}

/// What a restore found wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Damaged {
    pub found_at: Timestamp,
    pub reason: String,
}
