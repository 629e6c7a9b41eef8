//! A cache that is never stale: once a write is acknowledged, no read that begins later returns anything older, on any node.

pub(crate) mod answers;
#[expect(clippy::module_inception, reason = "the cache itself")]
mod cache;
mod flights;
mod known;
mod memory;
mod sent;

pub use cache::{Cache, Stats};
pub(crate) use known::Sought;
