//! The platform: what every feature stands on, and nothing of what a resort does.
//!
//! A request comes through these rooms in the order `http.rs` lists.

pub mod clock;
pub mod config;
pub mod db;
pub mod extract;
pub mod health;
pub mod http;
pub mod id;
pub mod idempotency;
pub mod money;
pub mod openapi;
pub mod page;
pub mod password;
pub mod problem;
pub mod request_id;
pub mod session;
pub mod telemetry;
pub mod tenant;

mod state;

pub use postgres::migrate;
pub use state::{Parts, Platform};

mod postgres {
    pub mod embedded {}
    pub mod migrate {
        pub struct Migration {}
        #[derive(Debug)]
        pub struct Mismatch;
        impl std::fmt::Display for Mismatch { fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) } }
        pub async fn verify(_: &tokio_postgres::Client, _: &[Migration]) -> Result<(), Mismatch> { Ok(()) }
    }
}
