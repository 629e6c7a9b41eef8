//! The ground the program stands on: a PostgreSQL of its own when none is given, and the schema's migrations.
//!
//! Apart from `platform` because the SQL functions that `platform` uses are generated on a server started and migrated
//! from here.

pub mod connect;
pub mod embedded;
pub mod migrate;
pub mod programs;
pub mod tls;
