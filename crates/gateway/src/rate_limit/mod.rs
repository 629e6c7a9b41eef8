//! Limits of requests for each resort and window, and for the addresses of strangers.

mod bounded;
pub(crate) mod layer;
mod limits;
mod sign_in;
mod taken;
mod tenants;
mod usage;

pub(crate) use bounded::subject;
pub use limits::{Decision, Limits, Stats};
pub(crate) use limits::{Early, is_counted};
pub use taken::{Count, Successor, Taken};
