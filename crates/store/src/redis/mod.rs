//! The link to Redis, one server or a cluster.

mod call;
mod failure;
mod link;
mod master;
mod slots;
mod together;
mod url;

pub use call::{PATIENCE, RunId, Script, Unreachable};
pub use link::Link;
pub use together::{Answered, Question};
pub use url::{RedisUrl, RedisUrlError};
