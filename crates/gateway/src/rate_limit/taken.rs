//! What counting a request says, and the program that counts from now on.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What one program tells the next of a resort.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Count {
    pub tenant: Uuid,
    pub window: i64,
    pub used: u32,
}

/// Whether a request is within the limit, how many more are, and the milliseconds until the window ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub is_admitted: bool,
    pub remaining: u32,
    pub left: i64,
}

/// The program that follows in a reload: without Redis it alone counts, and the one before asks it.
pub trait Successor: Send + Sync {
    /// Lets it in, with what was counted so far.
    fn enter(&self, counts: Vec<Count>);

    /// Counts a request there. `None`: it is gone.
    fn take(&self, tenant: Uuid, limit: u32) -> BoxFuture<'_, Option<Taken>>;
}
