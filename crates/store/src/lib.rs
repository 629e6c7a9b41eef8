//! PostgreSQL and Redis as every request uses them: pooled connections, transactions that see one resort, and the protocol by which
//! nodes know what they may keep.

pub mod checkup;
pub mod generations;
pub mod habits;
mod isolation;
pub mod keys;
pub mod lease;
pub mod meter;
pub mod notes;
pub mod pool;
mod readiness;
pub mod redis;
pub mod settings;
pub mod shared;
mod sign_in_check;
pub mod tables;
pub mod transaction;
pub mod url;
pub mod versions;
mod warm_up;
