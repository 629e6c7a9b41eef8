//! Stories on the public surface, each in a house of its own.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should fail loudly")]

mod catalogue;
mod customers;
mod invoices;
mod payments;
mod records;
mod reservations;
