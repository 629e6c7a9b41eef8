//! What a resort does, one room each. Their order is THE LIST in `app.rs`.

pub mod customers;
pub mod invoices;
pub mod kennels;
pub mod monitoring;
pub mod operators;
pub mod payments;
pub mod pets;
pub mod reservations;
pub mod services;
pub mod staff;
pub mod tenants;
pub mod vaccinations;
