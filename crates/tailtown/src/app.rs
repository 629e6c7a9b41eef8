//! What the program is made of: the routes of all features with the document that describes them, and the schema's steps.

use aide::openapi::OpenApi;
use axum::Router;
use gateway::state::Platform;
use database::migrate::Migration;
use gateway::openapi;

use crate::features;

/// The schema's steps, in order: the files of `migrations/`, which `build.rs` lists.
pub fn migrations() -> Vec<Migration> {
    include!(concat!(env!("OUT_DIR"), "/migrations.rs"))
}

/// Every route with the document that describes them.
pub fn routes() -> (Router<Platform>, OpenApi) {
    openapi::assemble(
        env!("CARGO_PKG_VERSION"),
        features::all().into_iter().map(|feature| (feature.routes)()),
    )
}
