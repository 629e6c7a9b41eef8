//! Test tools: a database per test, an in-process client, and a clock that tests can move.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot be set up should fail loudly"
)]

mod client;
pub mod redis;
mod server;

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use base::clock::Clock;
use gateway::doors::PlatformScope;
use gateway::password;
use gateway::second_factor::Secret;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::url::Address;
use store::versions::Part;
use tailtown::config;
use tailtown::features::{operators, tenants};
use tailtown::program::Program;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

pub use client::{Answer, Client};
pub use server::{SERVER, TestDatabase};

/// The password of every user in a test.
pub const PASSWORD: &str = "correct horse battery";

/// The time at the start of a test: a Tuesday morning in Denver.
pub const MORNING: &str = "2026-11-24T15:00:00Z";

/// The program, in this process, with its own database and a clock that stands still.
pub struct House {
    pub database: TestDatabase,
    pub program: Program,
    pub service: Router,
    pub clock: Clock,
    pub operator: Client,
    pub operator_id: Uuid,
    _stop: DropGuard,
}

/// One of several programs on one database.
pub struct Node {
    pub program: Program,
    pub service: Router,
    pub clock: Clock,
    _stop: DropGuard,
}

/// A resort in a house, with a signed-in user of each role.
pub struct Resort {
    pub id: Uuid,
    /// The id of the operator of its house.
    pub operator_id: Uuid,
    pub owner: Client,
    pub manager: Client,
    pub staff: Client,
    pub anyone: Client,
}

/// A house with one resort, which is enough for most tests.
pub struct Single {
    pub house: House,
    pub resort: Resort,
}

impl std::ops::Deref for Single {
    type Target = Resort;

    fn deref(&self) -> &Resort {
        &self.resort
    }
}

/// Creates a house with the resort `resort1`.
pub async fn resort() -> Single {
    let house = house().await;
    let resort = house.resort("resort1").await;
    Single { house, resort }
}

/// The same without a cache, for tests that count statements.
pub async fn uncached_resort() -> Single {
    let house = house_with(&[("CACHE", "off")]).await;
    let resort = house.resort("resort1").await;
    Single { house, resort }
}

/// Creates a house with an operator and no resorts.
pub async fn house() -> House {
    house_with(&[]).await
}

/// The same, with other settings.
pub async fn house_with(settings: &[(&str, &str)]) -> House {
    let database = TestDatabase::migrated().await;
    let Node { program, service, clock, _stop } = node(&database, settings, MORNING.parse().unwrap()).await;
    let scope = PlatformScope::of_command(&program.database, "testkit", clock.now()).await.unwrap();
    let new = operators::NewOperator {
        name: "Operator".into(),
        email: "operator@tailtown.example".into(),
        password: PASSWORD.to_owned().into(),
    };
    let operator_id = operators::create(&scope, &new, digest()).await.unwrap().id.uuid();
    scope.commit().await.unwrap();
    drop(scope);
    let operator = Client::new(service.clone(), "localhost:4004");
    let operator = operator.signed_in("/platform/auth/login", "operator@tailtown.example", PASSWORD).await;
    House { database, program, service, clock, operator, operator_id, _stop }
}

async fn node(database: &TestDatabase, settings: &[(&str, &str)], now: Timestamp) -> Node {
    let settings: BTreeMap<String, String> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (config, _) = config::read(&settings, None).unwrap();
    let address =
        config.store.database.clone().unwrap_or_else(|| Address::new(database.config("tailtown_app")));
    let address = Address { server: database.config("tailtown_app"), ..address };
    let clock = Clock::frozen(now);
    let migrations = tailtown::app::migrations();
    let program = tailtown::start::program(config, &address, Part::Node, clock.clone(), migrations).unwrap();
    program.keys.load(&program.database).await.unwrap();
    program.versions.beat().await.unwrap();
    let stop = CancellationToken::new();
    let versions = program.versions.clone();
    let stopped = stop.clone();
    tokio::spawn(async move { versions.keep_beating(stopped).await });
    let service = tailtown::app::service(&program);
    Node { program, service, clock, _stop: stop.drop_guard() }
}

impl Node {
    /// A client of this host who has not signed in.
    pub fn client(&self, host: &str) -> Client {
        Client::new(self.service.clone(), host)
    }

    /// A client that signed in at another node, at this node.
    pub fn take_in(&self, client: &Client) -> Client {
        client.at(self.service.clone())
    }
}

/// Records that most stories need. Each is created through the API, and returned as JSON.
impl Resort {
    pub async fn add_customer(&self) -> Value {
        self.staff
            .post("/api/customers", json!({ "firstName": "Ada", "lastName": "Lovelace" }))
            .await
            .created()
    }

    pub async fn add_pet(&self, customer: &Value) -> Value {
        let new = json!({ "customerId": customer["id"], "name": "Rex", "species": "DOG" });
        self.staff.post("/api/pets", new).await.created()
    }

    pub async fn add_kennel(&self, name: &str, capacity: i32) -> Value {
        let new = json!({ "name": name, "kind": "RUN", "capacity": capacity });
        self.manager.post("/api/kennels", new).await.created()
    }

    /// Creates a taxed boarding service at 50.00 a night.
    pub async fn add_boarding(&self) -> Value {
        let new = json!({ "name": "Boarding", "category": "BOARDING", "unit": "NIGHT", "priceCents": 5000 });
        self.manager.post("/api/services", new).await.created()
    }
}

impl House {
    /// Adds a resort in Denver with 8.25 % tax, an owner, a manager and a member of staff, all signed in.
    pub async fn resort(&self, subdomain: &str) -> Resort {
        let new: Value = json!({
            "subdomain": subdomain, "name": subdomain, "timezone": "America/Denver", "taxRateBps": 825,
            // High enough that no test reaches it by accident.
            "rateLimit": 1_000_000,
            "owner": { "firstName": "Olive", "lastName": "Owner", "email": format!("owner@{subdomain}.example"), "password": PASSWORD },
        });
        let new: tenants::NewTenant = serde_json::from_value(new).unwrap();
        let scope =
            PlatformScope::of_command(&self.program.database, "testkit", self.clock.now()).await.unwrap();
        let tenant = tenants::create(&scope, &new, digest()).await.unwrap();
        scope.commit().await.unwrap();
        drop(scope);
        let anyone = self.client(&format!("{subdomain}.localhost:4004"));
        let sign_in = async |email: String| anyone.signed_in("/api/auth/login", &email, PASSWORD).await;
        let owner = sign_in(format!("owner@{subdomain}.example")).await;
        let mut others = Vec::new();
        for role in ["MANAGER", "STAFF"] {
            let email = format!("{}@{subdomain}.example", role.to_lowercase());
            let new = json!({ "firstName": "Some", "lastName": role, "email": email, "role": role, "password": PASSWORD });
            owner.post("/api/staff", new).await.created();
            others.push(sign_in(email).await);
        }
        let staff = others.pop().unwrap();
        let manager = others.pop().unwrap();
        Resort { id: tenant.id.uuid(), operator_id: self.operator_id, owner, manager, staff, anyone }
    }

    /// A client of this host who has not signed in.
    pub fn client(&self, host: &str) -> Client {
        Client::new(self.service.clone(), host)
    }

    /// Starts another program on the same database, with its own settings and clock.
    pub async fn node(&self, settings: &[(&str, &str)], now: Timestamp) -> Node {
        node(&self.database, settings, now).await
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}

/// The code that an authenticator app shows for a secret in base32.
pub fn code_of(secret: &str, at: Timestamp) -> String {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => u64::from(letter - b'A'),
        _ => u64::from(letter - b'2') + 26,
    };
    let bytes = secret.as_bytes().chunks(8).flat_map(|group| {
        let bits = group.iter().fold(0, |bits, letter| bits << 5 | value(*letter));
        bits.to_be_bytes()[3..].to_vec()
    });
    let bytes: [u8; 20] = bytes.collect::<Vec<_>>().try_into().unwrap();
    format!("{:06}", Secret::from(bytes).code_at(at.as_second().div_euclid(30)))
}

/// The hash of [`PASSWORD`], computed once, because hashing is slow.
fn digest() -> &'static str {
    static DIGEST: OnceLock<String> = OnceLock::new();
    DIGEST.get_or_init(|| password::digest(PASSWORD.as_bytes()).unwrap())
}
