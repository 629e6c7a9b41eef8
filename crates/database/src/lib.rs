//! PostgreSQL: connections, a private server for installations without one, and the schema's migrations.
//!
//! This crate uses no generated SQL function, because the generator needs a server that this crate has started and migrated.

pub mod connect;
pub mod embedded;
pub mod migrate;
pub mod programs;
pub mod tls;
