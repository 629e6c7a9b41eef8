//! What every request passes, in the order that `http.rs` lists: its id, its resort, its session, limits, the cache, a place in the
//! queue, its transaction; and what handlers are written with.

mod body;
pub mod cache;
pub mod client_address;
mod connection_limit;
mod describe;
pub mod doors;
pub mod extract;
pub mod fairness;
pub mod hasher;
pub mod http;
pub mod idempotency;
pub mod identity;
pub mod openapi;
pub mod page;
pub mod password;
pub mod rate_limit;
mod reference;
pub mod request_id;
pub mod second_factor;
pub mod server;
mod session;
pub mod settings;
pub mod sign_in;
pub mod signed_in;
pub mod state;
mod tenant;
