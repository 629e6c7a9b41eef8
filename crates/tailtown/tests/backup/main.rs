//! Backups that prove themselves: made, destroyed, restored and compared; damaged in every way and found out; cut off at
//! any moment and completed; and one tenant at a time.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should fail loudly")]

mod ground;
mod hostile;
mod old_seal;

mod cut_off;
mod damage;
mod forged;
mod pruning;
mod readable;
mod s3;
mod tenants;
mod whole;
