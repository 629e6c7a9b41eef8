//! Migrations of a version to come: deployed under the one that runs, killed at any moment, refused when they would hurt.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use database::migrate::Migration;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::next_version::NextVersion;
use crate::program::{Program, Settings, begin, eventually, resort, run};
use crate::server::{Home, Server};

const SIZES: &str = "-- How large a guest is; pets from before are told by their weight.
-- transaction: none

alter table app.pets add column size text not null default 'UNKNOWN';

create index concurrently pets_size_idx on app.pets (tenant_id, size, id);

-- backfill: app.pets, batch 2000, pause 1ms
update app.pets set size = case when weight_grams > 20000 then 'LARGE' else 'SMALL' end
where size = 'UNKNOWN' and weight_grams is not null and :batch;
";

const NO_LIMIT: &str = "-- Whales are welcome.
-- serves: {before}

alter table app.pets drop constraint pets_weight_check;
";

/// A folder with these migrations after the program's own.
fn folder(home: &Home, files: &[(&str, &str)]) -> PathBuf {
    let folder = home.path().join("next");
    fs::create_dir_all(&folder).unwrap();
    for (place, (name, sql)) in (0..).zip(files) {
        let sql = sql.replace("{before}", &number(place));
        fs::write(folder.join(format!("{}_{name}.sql", number(place + 1))), sql).unwrap();
    }
    folder
}

/// The number of the step so many after the program's last.
fn number(after: usize) -> String {
    format!("{:04}", tailtown::app::migrations().len() + after)
}

/// Pets of the resort's one customer, weighed.
async fn add_pets(server: &Server, database: &str, customer: &str, count: i32) {
    let admin = server.admin(database).await;
    let pets = format!(
        "insert into app.pets (tenant_id, id, customer_id, name, species, sex, weight_grams, created_at, updated_at) \
         select tenant_id, gen_random_uuid(), id, 'Rex ' || n, 'DOG', 'MALE', n, now(), now() \
         from app.customers, generate_series(1, {count}) n where id = '{customer}'"
    );
    admin.batch_execute(&pets).await.unwrap();
}

/// A desk that never stops: looks, adds a pet, weighs it. The first answer that is not as it should be ends it.
struct Desk {
    over: Arc<AtomicBool>,
    answers: Arc<AtomicU64>,
    working: JoinHandle<Result<(), String>>,
}

impl Desk {
    fn open(client: &Client, customer: &str) -> Self {
        let (over, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, counter) = (over.clone(), answers.clone());
        let (client, customer) = (client.clone(), customer.to_owned());
        let working = tokio::spawn(async move {
            while !stopped.load(Ordering::SeqCst) {
                let ask = async |method: &str, path: &str, body, status: u16| {
                    let answer = client.try_send(method, path, body).await;
                    let answer = answer.map_err(|error| format!("{method} {path}: {error}"))?;
                    counter.fetch_add(1, Ordering::SeqCst);
                    if answer.status == status {
                        Ok(answer)
                    } else {
                        Err(format!("{method} {path}: {answer:?}"))
                    }
                };
                let pet =
                    json!({ "customerId": customer, "name": "Bello", "species": "DOG", "weightGrams": 9000 });
                let added = ask("POST", "/api/pets", Some(pet), 201).await?.expect(201);
                let path = format!("/api/pets/{}", added["id"].as_str().unwrap());
                ask("PATCH", &path, Some(json!({ "weightGrams": 9100 })), 200).await?;
                ask("GET", &path, None, 200).await?;
                ask("GET", "/api/pets?limit=20", None, 200).await?;
                ask("GET", "/readyz", None, 200).await?;
            }
            Ok(())
        });
        Self { over, answers, working }
    }

    async fn answered(&self, more: u64) {
        let from = self.answers.load(Ordering::SeqCst);
        eventually("the desk waits", async || {
            self.working.is_finished() || self.answers.load(Ordering::SeqCst) >= from + more
        })
        .await;
    }

    async fn close(self) -> Result<(), String> {
        self.over.store(true, Ordering::SeqCst);
        self.working.await.unwrap()
    }
}

#[tokio::test]
async fn two_versions_serve_one_schema_while_it_is_deployed() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let (url, owner) = (server.url("tailtown_app", &database), server.url("tailtown_owner", &database));
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner), ("CACHE", "off")];
    let program = Program::ready(&home, settings).await;
    resort(&home, "resort1", settings).await;
    let desk = program.owner("resort1").await;
    let customer = json!({ "firstName": "Ada", "lastName": "Lovelace" });
    let customer = desk.post("/api/customers", customer).await.expect(201)["id"].as_str().unwrap().to_owned();
    add_pets(&server, &database, &customer, 20_000).await;

    let next = folder(&home, &[("sizes", SIZES)]);
    let migrations = Migration::followed_by(tailtown::app::migrations(), &next).unwrap();
    let newer = NextVersion::serve(&url, migrations).await;
    let newer_desk = desk.at(newer.port);
    let problem = newer_desk.get("/readyz").await.unavailable();
    assert!(problem["detail"].as_str().unwrap().contains("_sizes is not applied"), "{problem}");

    let at_work: Vec<_> = (0..3).map(|_| Desk::open(&desk, &customer)).collect();
    at_work[0].answered(20).await;
    let from = next.to_str().unwrap();
    let said = run(&home, &["migrate", "deploy", "--from", from], settings).await.succeeded();
    assert!(said.contains("_sizes, 3 statements, each by itself\n"), "{said}");
    assert!(said.contains(&format!("\napplied {}_sizes in ", number(1))), "{said}");
    assert!(said.contains("next: start the version that these came with"), "{said}");
    assert_eq!(newer_desk.get("/readyz").await.status, 200);
    let both: Vec<_> =
        at_work.into_iter().chain((0..3).map(|_| Desk::open(&newer_desk, &customer))).collect();
    let known = newer_desk.get("/api/sizes").await.expect(200)["known"].as_i64().unwrap();
    assert!(known >= 20_000, "{known}");
    for desk in &both {
        desk.answered(20).await;
    }
    // What the one adds the other knows.
    let pet = json!({ "customerId": customer, "name": "Moby", "species": "OTHER" });
    let pet = desk.post("/api/pets", pet).await.expect(201)["id"].as_str().unwrap().to_owned();
    newer_desk.try_send("PUT", &format!("/api/pets/{pet}/size"), None).await.unwrap().expect(204);
    desk.get(&format!("/api/pets/{pet}")).await.expect(200);
    for desk in both {
        assert_eq!(desk.close().await, Ok(()));
    }

    // What the older one could not live with waits until it is gone.
    folder(&home, &[("sizes", SIZES), ("no_limit", NO_LIMIT)]);
    let deploy = ["migrate", "deploy", "--from", from];
    let said = run(&home, &deploy, settings).await.refused();
    let told = format!("_no_limit.sql serves only programs that know step {}", number(1));
    assert!(said.contains(&told), "{said}");
    assert!(said.contains(&format!("one that knows {} is connected", number(0))), "{said}");
    // Stopped, it comes back: it can be returned to.
    program.stop().await;
    Program::ready(&home, settings).await.stop().await;
    run(&home, &deploy, settings).await.succeeded();
    assert_eq!(newer_desk.get("/readyz").await.status, 200);
    let said = run(&home, &["serve"], settings).await.refused();
    let told = format!("the schema no longer supports this program: {}_no_limit", number(2));
    assert!(said.contains(&told), "{said}");
    assert!(newer.stop().await);
}

const SLOW: &str = "create function app.slowly(said text) returns text language plpgsql immutable as $$
begin
  perform pg_sleep(0.001);
  return lower(said);
end $$;

alter table app.pets add column seen integer not null default 0;

select pg_sleep(0.3);
";

const SEEN: &str = "-- transaction: none

alter table app.pets add column seen_by text;

create index concurrently pets_slowly_idx on app.pets (tenant_id, app.slowly(name));

-- backfill: app.pets, batch 10, pause 10ms
update app.pets set seen = seen + 1 where :batch;

alter table app.pets add column seen_at timestamptz;
";

#[tokio::test]
async fn a_deploy_killed_at_any_moment_is_completed_by_the_same_command() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let (url, owner) = (server.url("tailtown_app", &database), server.url("tailtown_owner", &database));
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner)];
    let id = resort(&home, "resort1", settings).await;
    let admin = server.admin(&database).await;
    let customer = "00000000-0000-7000-8000-000000000001";
    let add = format!(
        "insert into app.customers (tenant_id, id, first_name, last_name, created_at, updated_at) \
         values ('{id}', '{customer}', 'Ada', 'Lovelace', now(), now())"
    );
    admin.batch_execute(&add).await.unwrap();
    add_pets(&server, &database, customer, 300).await;

    let next = folder(&home, &[("slow", SLOW), ("seen", SEEN)]);
    let deploy = ["migrate", "deploy", "--from", next.to_str().unwrap()];
    let status = ["migrate", "status", "--from", next.to_str().unwrap()];
    let (mut kills, mut interrupted) = (0, 0);
    for turn in 1.. {
        let mut deploying = begin(&home, &deploy, settings);
        // A moment of chance, later in each turn, so that all of them are met and it ends.
        let moment = Duration::from_millis(rand::random_range(20..150) + turn * 40);
        if let Ok(ended) = tokio::time::timeout(moment, deploying.wait()).await {
            assert!(ended.unwrap().success());
            break;
        }
        deploying.kill().await.unwrap();
        kills += 1;
        interrupted += run(&home, &status, settings).await.out.matches("interrupted: ").count();
    }
    assert!(kills >= 3, "it was killed {kills} times");
    assert!(interrupted >= 1, "nothing was ever interrupted");
    run(&home, &status, settings).await.succeeded();
    let seen = "select count(*) from app.pets where seen = 1 and seen_by is null and seen_at is null";
    assert_eq!(admin.query_one(seen, &[]).await.unwrap().get::<_, i64>(0), 300);
    let invalid = "select count(*) from pg_index where not indisvalid";
    assert_eq!(admin.query_one(invalid, &[]).await.unwrap().get::<_, i64>(0), 0);
    let index = "select to_regclass('app.pets_slowly_idx') is not null";
    assert!(admin.query_one(index, &[]).await.unwrap().get::<_, bool>(0));
    assert_eq!(run(&home, &deploy, settings).await.succeeded(), "0 applied; the schema is current\n");
}

#[tokio::test]
async fn a_migration_is_written_refused_failed_and_resolved_by_command() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let (url, owner) = (server.url("tailtown_app", &database), server.url("tailtown_owner", &database));
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner)];
    let tailtown = async |words: &[&str]| run(&home, words, settings).await;
    let said = tailtown(&["migrate", "new", "toys"]).await.refused();
    assert!(said.contains("run this where its `migrations` folder is"), "{said}");
    let said = tailtown(&["migrate", "lint"]).await.succeeded();
    assert!(said.contains("migrations (the program's): nothing to refuse"), "{said}");

    // In a checkout.
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let checkout = home.path().join("migrations");
    fs::create_dir(&checkout).unwrap();
    for file in fs::read_dir(source).unwrap().map(|file| file.unwrap()) {
        fs::copy(file.path(), checkout.join(file.file_name())).unwrap();
    }
    let said = tailtown(&["migrate", "new", "toys"]).await.succeeded();
    let name = format!("{}_toys", number(1));
    assert!(said.starts_with(&format!("wrote migrations/{name}.sql\nnext:\n")), "{said}");
    assert!(said.contains("\n  2. tailtown migrate lint\n"), "{said}");
    let file = checkout.join(format!("{name}.sql"));
    let template = fs::read_to_string(&file).unwrap();
    let write = |sql: &str| fs::write(&file, format!("{template}{sql}")).unwrap();
    write("drop table app.payments;");
    let from: &[&str] = &["migrate", "deploy", "--from", "migrations"];
    for words in [&["migrate", "lint"], from] {
        let ended = tailtown(words).await;
        assert!(ended.out.contains(&format!("migrations/{name}.sql:")), "{ended:?}");
        assert!(ended.out.contains(": ban-drop-table: "), "{ended:?}");
        assert!(ended.refused().contains("1 refused: change it as it says, or say above the statement why"));
    }

    write("select 1 / 0;");
    let said = tailtown(from).await.refused();
    assert!(said.contains("division by zero") && said.contains("nothing of it remains"), "{said}");
    let status = &["migrate", "status", "--from", "migrations"];
    let ended = tailtown(status).await;
    assert!(ended.out.contains(&format!("{name}            failed 20")), "{ended:?}");
    assert!(
        ended.out.contains("division by zero: nothing of it is done; once its cause is gone"),
        "{ended:?}"
    );
    ended.refused();
    let said = tailtown(&["migrate", "resolve"]).await;
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    let resolve = ["migrate", "resolve", "--applied", &name, "--from", "migrations"];
    let said = tailtown(&resolve).await.succeeded();
    assert_eq!(
        said,
        format!("{name} counts as applied\nnext: `tailtown migrate deploy`, which applies what is pending\n")
    );
    tailtown(status).await.succeeded();
    assert!(tailtown(&resolve).await.refused().contains("is applied: there is nothing to resolve"));
}
