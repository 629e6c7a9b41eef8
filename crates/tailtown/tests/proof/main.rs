//! The promises, each with a test that tries to break it.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should fail loudly")]

mod cache;
mod clock;
mod connections;
mod contract;
mod document;
mod fair;
mod hostile;
mod idempotency;
mod isolation;
mod limits;
mod link;
mod metrics;
mod nodes;
mod operators;
mod pool;
mod rooms;
mod row_security;
mod second_factor;
mod second_factor_required;
mod sessions;
mod side_by_side;
mod sign_ins;
mod strangers;
mod sweep;
mod tokens;
