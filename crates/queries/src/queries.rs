// This file was generated with `clorinde`. Do not modify.

pub mod customers;
pub mod idempotency_keys;
pub mod sessions;
