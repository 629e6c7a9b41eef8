//! The platform: what every feature stands on, and nothing of what a resort does.
//!
//! A request comes through these rooms in the order `http.rs` lists.

pub mod backup;
mod body;
pub mod cache;
pub mod client_address;
pub mod clock;
pub mod config;
mod connection_limit;
pub mod db;
pub mod extract;
pub mod fairness;
pub mod health;
pub mod http;
pub mod id;
pub mod idempotency;
pub mod keys;
pub mod metrics;
pub mod money;
pub mod openapi;
pub mod page;
pub mod password;
pub mod problem;
pub mod rate_limit;
pub mod redis;
pub mod request_id;
pub mod second_factor;
pub mod server;
pub mod session;
pub mod sign_in;
pub mod succession;
pub mod sweep;
pub mod systemd;
pub mod telemetry;
pub mod tenant;
pub mod text;

mod reference;
mod state;

pub use database::{migrate, programs};
pub use state::{Parts, Platform};
