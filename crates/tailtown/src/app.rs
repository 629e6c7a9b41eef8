//! THE LIST of features: at once the order of routes, of migrations, of reading, and of permitted dependency. A feature
//! may use those above it, never one below.

use aide::openapi::OpenApi;
use axum::Router;
use platform::Platform;
use platform::migrate::Migration;
use platform::migration;
use platform::openapi::{self, Routes};

use crate::features::{
    customers, invoices, kennels, monitoring, operators, payments, pets, reservations, services, staff,
    tenants, vaccinations,
};

/// One room of the house.
pub struct Feature {
    pub name: &'static str,
    pub routes: fn() -> Routes,
    pub migrations: Vec<Migration>,
}

/// A feature by the name of its room, with its migrations.
macro_rules! feature {
    ($room:ident $(, $migration:literal)*) => {
        Feature { name: stringify!($room), routes: $room::routes, migrations: vec![$(migration!($migration)),*] }
    };
}

/// THE LIST.
pub fn features() -> Vec<Feature> {
    vec![
        feature!(tenants, "0001_tenants.sql"),
        feature!(operators),
        feature!(staff, "0002_staff.sql"),
        feature!(customers, "0003_customers.sql"),
        feature!(pets, "0004_pets.sql"),
        feature!(vaccinations, "0005_vaccinations.sql"),
        feature!(kennels, "0006_kennels.sql"),
        feature!(services, "0007_services.sql"),
        feature!(reservations, "0008_reservations.sql"),
        feature!(invoices, "0009_invoices.sql"),
        feature!(payments, "0010_payments.sql"),
        feature!(monitoring),
    ]
}

/// The schema's steps, in order.
pub fn migrations() -> Vec<Migration> {
    let platform = [
        migration!("0011_cache.sql"),
        migration!("0012_usage.sql"),
        migration!("0013_keys.sql"),
        migration!("0014_idempotency.sql"),
        migration!("0015_booked.sql"),
        migration!("0016_sign_ins.sql"),
        migration!("0017_operators.sql"),
        migration!("0018_second_factors.sql"),
    ];
    features().into_iter().flat_map(|feature| feature.migrations).chain(platform).collect()
}

/// Every route with the document that describes them.
pub fn routes() -> (Router<Platform>, OpenApi) {
    openapi::assemble(env!("CARGO_PKG_VERSION"), features().into_iter().map(|feature| (feature.routes)()))
}
