//! What the rules of the lint look for and report.

use std::collections::BTreeMap;
use std::ops::Range;

/// What a rule protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guards {
    /// The form of the schema.
    Schema,
    /// Requests, which would have to wait.
    Waiting,
    /// The version that runs during the deploy. A file with `-- serves:` may break older ones.
    Running,
}

/// A violation, before exceptions are considered.
pub(super) struct Suspect {
    pub(super) span: Range<usize>,
    pub(super) rule: &'static str,
    pub(super) guards: Guards,
    pub(super) says: String,
}

/// The tables of earlier steps, and whether each has a tenant.
#[derive(Default)]
pub(super) struct Known {
    pub(super) tables: BTreeMap<String, bool>,
}
