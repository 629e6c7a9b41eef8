// This file was generated with `clorinde`. Do not modify.

pub mod cache;
pub mod customers;
pub mod idempotency_keys;
pub mod invoices;
pub mod kennels;
pub mod keys;
pub mod operator_actions;
pub mod operators;
pub mod payments;
pub mod pets;
pub mod reservations;
pub mod services;
pub mod sessions;
pub mod sign_ins;
pub mod staff;
pub mod sweep;
pub mod tenants;
pub mod usage;
pub mod vaccinations;
