//! The version to come: this one with a migration more, and a feature that needs it.

use std::time::Duration;

use axum::extract::State;
use base::clock::Clock;
use base::id::Id;
use base::problem::Result;
use database::migrate::Migration;
use gateway::doors::{Read, Write};
use gateway::extract::{Done, Path, Reply};
use gateway::openapi::{self, Routes};
use gateway::server::Server;
use gateway::state::Platform;
use queries::client::{Connection, GenericClient};
use schemars::JsonSchema;
use serde::Serialize;
use store::versions::Part;
use tailtown::config;
use tailtown::features::pets::Pet;
use tokio::net::TcpListener;

/// It serves in this process until dropped.
pub(crate) struct NextVersion {
    pub(crate) port: u16,
    server: Server,
    drain: Duration,
}

#[derive(Serialize, JsonSchema)]
struct Sizes {
    known: i64,
}

impl NextVersion {
    pub(crate) async fn serve(url: &str, migrations: Vec<Migration>) -> Self {
        let settings = [("DATABASE_URL", url), ("RATE_LIMITS", "off"), ("CACHE", "off")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let (config, _) = config::read(&settings, None).unwrap();
        let (address, drain) = (config.store.database.clone().unwrap(), config.drain);
        let program =
            tailtown::start::program(config, &address, Part::Node, Clock::system(), migrations).unwrap();
        program.keys.load(&program.database).await.unwrap();
        let features = tailtown::features::all().into_iter().map(|feature| (feature.routes)());
        let sizes = Routes::new("sizes", "How large the guests are.")
            .get("/api/sizes", list, "Count the pets whose size is known")
            .put("/api/pets/{id}/size", change, "Say how large a pet is");
        let (routes, document) = openapi::assemble("next", features.chain([sizes]));
        let service = gateway::http::service(&program, routes, tailtown::health::routes(&program), &document);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, server) = (listener.local_addr().unwrap().port(), Server::default());
        server.serve(listener, service);
        Self { port, server, drain }
    }

    /// Stops it; whether every request was answered.
    pub(crate) async fn stop(self) -> bool {
        self.server.stop(self.drain).await
    }
}

async fn list(read: Read) -> Result<Reply<Sizes>> {
    let known = "select count(*) from app.pets where tenant_id = $1 and size <> 'UNKNOWN'";
    let known = read.connection().prepare(known).await?;
    let known = read.connection().query_one(&known, &[&read.tenant.id]).await?.get(0);
    Ok(Reply(Sizes { known }))
}

async fn change(State(_): State<Platform>, write: Write, Path(id): Path<Id<Pet>>) -> Result<Done> {
    let change = "update app.pets set size = 'TALL' where tenant_id = $1 and id = $2";
    let change = write.connection().prepare(change).await?;
    write.connection().execute(&change, &[&write.tenant.id, &id.uuid()]).await?;
    Ok(Done)
}
