//! What a resort does, one room each. Their order is THE LIST in `app.rs`.

pub mod customers;
pub mod operators;
pub mod staff;
pub mod tenants;
