//! What a resort does, one file or folder for each feature, and the list of them.

use gateway::openapi::Routes;

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

/// One feature: a file or folder of this module.
pub struct Feature {
    pub name: &'static str,
    pub routes: fn() -> Routes,
}

macro_rules! features {
    ($($feature:ident),* $(,)?) => {
        vec![$(Feature { name: stringify!($feature), routes: $feature::routes }),*]
    };
}

/// Every feature, in the order of the routes, and of permitted dependency: a feature may use those above it, never one below.
pub fn all() -> Vec<Feature> {
    features![
        tenants,
        operators,
        staff,
        customers,
        pets,
        vaccinations,
        kennels,
        services,
        reservations,
        invoices,
        payments,
        monitoring,
    ]
}
