//! What the program is made of: the routes of all features with the document that describes them, and the schema's steps.

use aide::openapi::OpenApi;
use axum::Router;
use database::migrate::Migration;
use gateway::state::Platform;
use gateway::{http, openapi};

use crate::program::Program;
use crate::{features, health};

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

/// What answers to requests.
pub fn service(program: &Program) -> Router {
    let (features, document) = routes();
    http::service(program, features, health::routes(program), &document)
}
