//! THE LIST of features: at once the order of routes, of migrations, of reading, and of permitted dependency. A feature
//! may use those above it, never one below.

use aide::openapi::OpenApi;
use axum::Router;
use platform::Platform;
use platform::migrate::Migration;
use platform::openapi::{self, Routes};

use crate::features::{customers, operators, staff, tenants};

/// One room of the house.
pub struct Feature {
    pub name: &'static str,
    pub routes: fn() -> Routes,
    pub migrations: Vec<Migration>,
}

/// THE LIST.
pub fn features() -> Vec<Feature> {
    vec![
        Feature { name: "operators", routes: operators::routes, migrations: vec![] },
        Feature { name: "tenants", routes: tenants::routes, migrations: vec![] },
        Feature { name: "staff", routes: staff::routes, migrations: vec![] },
        Feature { name: "customers", routes: customers::routes, migrations: vec![] },
    ]
}

/// The schema's steps, in order.
pub fn migrations() -> Vec<Migration> {
    features().into_iter().flat_map(|feature| feature.migrations).collect()
}

/// Every route with the document that describes them.
pub fn routes() -> (Router<Platform>, OpenApi) {
    openapi::assemble(env!("CARGO_PKG_VERSION"), features().into_iter().map(|feature| (feature.routes)()))
}
