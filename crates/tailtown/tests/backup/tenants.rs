//! One tenant alone: out, in, back, gone; and the others never notice.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::json;
use testkit::TestDatabase;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::ground::{Ground, ROLE, fill, ground, tables, untouched};

/// Each lasting table's rows and checksum.
async fn rows(client: &Client, tenant: Uuid) -> BTreeMap<String, String> {
    let mut found = untouched(client, tenant).await;
    found.retain(|table, _| !backup::catalogue::PASSING.contains(&table.as_str()));
    found.into_iter().map(|(table, (rows, _))| (table, rows)).collect()
}

impl Ground {
    async fn put_back(&self, subdomain: &str, backup: &str) -> anyhow::Result<()> {
        let owner = Ok(self.house.database.config("tailtown_owner"));
        let (backups, migrations) = (self.backups(), tailtown::app::migrations());
        let plan =
            backups.plan_tenant_restore(&self.server(), owner, &migrations, subdomain, backup, None).await?;
        plan.carry_out().await
    }
}

#[tokio::test]
async fn exported_and_imported_elsewhere_a_tenant_is_the_same() {
    let ground = ground(300).await;
    let file = ground.path("resort1.tar.gz");
    let manifest = ground.backups().export_tenant(&ground.server(), "resort1", &file).await.unwrap();
    let admin = ground.admin().await;
    let id = ground.resorts[0].id;
    let before = rows(&admin, id).await;

    let elsewhere = TestDatabase::migrated().await;
    let imported = ground.backups().import_tenant(&elsewhere.config(ROLE), &file, None).await.unwrap();
    assert!(imported.id == id && !imported.as_copy && imported.rows == manifest.rows());
    let there = elsewhere.connect("postgres").await;
    assert_eq!(rows(&there, id).await, before);
    let own = "select t::text from app.tenants t where id = $1";
    let (here, there_row): (String, String) = (
        admin.query_one(own, &[&id]).await.unwrap().get(0),
        there.query_one(own, &[&id]).await.unwrap().get(0),
    );
    assert_eq!(here, there_row);
    let sessions: i64 = there.query_one("select count(*) from app.staff_sessions", &[]).await.unwrap().get(0);
    assert_eq!(sessions, 0, "nobody is signed in elsewhere");

    let twice = ground.backups().import_tenant(&elsewhere.config(ROLE), &file, None).await.unwrap();
    assert!(twice.was_here, "nothing is brought in twice");
    fill(&there, id, 1).await;
    let twice = ground.backups().import_tenant(&elsewhere.config(ROLE), &file, None).await.unwrap_err();
    assert!(twice.to_string().contains("already"), "{twice}");
    let again = ground.backups().export_tenant(&ground.server(), "resort1", &file).await.unwrap_err();
    assert!(again.to_string().contains("is there already"), "{again}");
    let nobody = ground.backups().export_tenant(&ground.server(), "nobody", &ground.path("x")).await;
    assert!(nobody.unwrap_err().to_string().contains("tailtown tenant list"));
}

#[tokio::test]
async fn imported_beside_itself_a_tenant_is_a_copy_that_works() {
    let ground = ground(20).await;
    let file = ground.path("resort1.tar.gz");
    ground.say(&["tenant", "export", "resort1", "--to", file.to_str().unwrap()]);
    let said = ground.say(&["tenant", "import", file.to_str().unwrap(), "--as", "twin"]);
    assert!(said.contains("a copy with an id of its own"), "{said}");
    assert!(said.contains("its tier is ") && said.contains("status ACTIVE"), "{said}");
    let twin = ground.house.client("twin.localhost:4004");
    let owner = twin.signed_in("/api/auth/login", "owner@resort1.example", testkit::PASSWORD).await;
    assert_eq!(owner.get("/api/customers?limit=100").await.ok()["data"].as_array().unwrap().len(), 21);
    owner.post("/api/customers", json!({ "firstName": "A", "lastName": "B" })).await.created();
    let original = &ground.resorts[0].staff;
    assert_eq!(original.get("/api/customers?limit=100").await.ok()["data"].as_array().unwrap().len(), 21);
}

#[tokio::test]
async fn a_damaged_archive_is_refused_before_anything_is_touched() {
    let ground = ground(300).await;
    let file = ground.path("resort1.tar.gz");
    ground.backups().export_tenant(&ground.server(), "resort1", &file).await.unwrap();
    let whole = fs::read(&file).unwrap();
    let elsewhere = TestDatabase::migrated().await;
    let step = whole.len() / 23;
    for place in (0..whole.len()).step_by(step) {
        let mut changed = whole.clone();
        changed[place] ^= 4;
        for bytes in [&changed[..], &whole[..place]] {
            fs::write(&file, bytes).unwrap();
            let imported = ground.backups().import_tenant(&elsewhere.config(ROLE), &file, None).await;
            // A bit of the packing that means nothing may be another, as the file's time is.
            if let Err(error) = imported {
                assert!(error.downcast_ref::<backup::manifest::Damage>().is_some(), "{place}: {error:#}");
            } else {
                assert!(place < 12, "a change at {place} went unnoticed");
                let admin = elsewhere.connect("postgres").await;
                admin.batch_execute("truncate app.tenants cascade").await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn one_tenant_is_put_back_while_the_others_work_and_stay_as_they_are() {
    let ground = ground(2000).await;
    let admin = ground.admin().await;
    let [mine, busy, quiet] = [0, 1, 2].map(|number| ground.resorts[number].id);
    let then = rows(&admin, mine).await;
    let backup = ground.run().await.name;

    // Since then: rows changed, added and removed, in this tenant and in others.
    fill(&admin, mine, 50).await;
    fill(&admin, busy, 50).await;
    admin
        .batch_execute(&format!(
            "update app.customers set notes = 'changed' where tenant_id in ('{mine}', '{busy}') and first_name like 'Ada 1%'; \
             delete from app.pets where tenant_id = '{mine}' and ctid in (select ctid from app.pets where tenant_id = '{mine}' limit 100)"
        ))
        .await
        .unwrap();
    let untouched_before = untouched(&admin, quiet).await;
    let busy_before = rows(&admin, busy).await;

    let stop = Arc::new(AtomicBool::new(false));
    let mut work = Vec::new();
    for staff in [&ground.resorts[1].staff, &ground.resorts[1].manager, &ground.resorts[0].staff] {
        let (staff, stop) = (staff.clone(), stop.clone());
        work.push(tokio::spawn(async move {
            let (mut made, mut slowest, mut statuses) = (0, std::time::Duration::ZERO, BTreeMap::new());
            while !stop.load(Ordering::SeqCst) {
                let start = Instant::now();
                let new = json!({ "firstName": "During", "lastName": "Restore" });
                let answer = staff.post("/api/customers", new).await;
                slowest = slowest.max(start.elapsed());
                made += i64::from(answer.status == 201);
                *statuses.entry(answer.status.as_u16()).or_insert(0) += 1;
            }
            (made, slowest, statuses)
        }));
    }
    ground.put_back("resort1", &backup).await.unwrap();
    stop.store(true, Ordering::SeqCst);
    let mut made = Vec::new();
    for work in work {
        let (count, slowest, statuses) = work.await.unwrap();
        assert!(slowest < std::time::Duration::from_secs(10), "{slowest:?}");
        made.push((count, statuses));
    }
    // The others never waited and never failed.
    for (count, statuses) in &made[..2] {
        assert!(*count > 0 && statuses.keys().eq([&201]), "{statuses:?}");
    }
    // The tenant's own people waited, were told to come back, or had to sign in again; who asked on without was limited by address.
    assert!(made[2].1.keys().all(|status| [201, 401, 429, 503].contains(status)), "{:?}", made[2].1);

    // A write that waited until the restore was done came after it.
    let delete = "delete from app.customers where tenant_id = $1 and first_name = 'During'";
    admin.execute(delete, &[&mine]).await.unwrap();
    assert_eq!(rows(&admin, mine).await, then);
    assert_eq!(untouched(&admin, quiet).await, untouched_before);
    let busy_made: i64 = admin
        .query_one(
            "select count(*) from app.customers where tenant_id = $1 and first_name = 'During'",
            &[&busy],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(busy_made, made[0].0 + made[1].0, "every acknowledged write is there");
    admin.execute(delete, &[&busy]).await.unwrap();
    assert_eq!(rows(&admin, busy).await, busy_before);
}

#[tokio::test]
async fn a_dry_run_tells_and_changes_nothing() {
    let ground = ground(20).await;
    let admin = ground.admin().await;
    ground.say(&["backup", "run"]);
    fill(&admin, ground.resorts[0].id, 5).await;
    let before = untouched(&admin, ground.resorts[0].id).await;
    let said = ground.say(&["tenant", "restore", "resort1", "--from", "latest", "--dry-run"]);
    let line = said.lines().find(|line| line.contains("app.customers")).unwrap();
    assert!(line.contains("26 rows") && line.contains("becomes 21"), "{line}");
    let line = said.lines().find(|line| line.contains("app.kennels ")).unwrap();
    assert!(line.contains("stays"), "{line}");
    assert_eq!(untouched(&admin, ground.resorts[0].id).await, before);
    let said = ground.say(&["tenant", "restore", "resort1", "--from", "latest", "--yes"]);
    assert!(said.contains("no other resort was touched"), "{said}");
    assert_eq!(rows(&admin, ground.resorts[0].id).await["app.customers"].split('/').next(), Some("21"));
}

#[tokio::test]
async fn what_nodes_keep_in_memory_is_forgotten_with_a_restore() {
    let ground = ground(5).await;
    let resort = &ground.resorts[0];
    let kennels =
        async |staff: &testkit::Client| staff.get("/api/kennels").await.ok()["data"][0]["name"].clone();
    let backup = ground.run().await.name;
    let kennel = resort.manager.get("/api/kennels").await.ok()["data"][0]["id"].clone();
    let path = format!("/api/kennels/{}", kennel.as_str().unwrap());
    resort.manager.patch(&path, json!({ "name": "Renamed" })).await.ok();
    for _ in 0..3 {
        assert_eq!(kennels(&resort.staff).await, "Renamed");
    }
    ground.put_back("resort1", &backup).await.unwrap();
    resort.staff.get("/api/kennels").await.problem(401);
    let again = resort.anyone.signed_in("/api/auth/login", "owner@resort1.example", testkit::PASSWORD).await;
    assert_eq!(kennels(&again).await, "One");
}

#[tokio::test]
async fn an_erased_tenant_is_gone_with_a_certificate_and_can_be_brought_back_from_a_backup() {
    let ground = ground(50).await;
    let admin = ground.admin().await;
    let id = ground.resorts[0].id;
    let before = rows(&admin, id).await;
    let quiet = untouched(&admin, ground.resorts[2].id).await;
    let backup = ground.run().await.name;
    let said = ground.say(&["tenant", "erase", "resort1", "--certificate", "certificate.json", "--yes"]);
    assert!(said.contains("still in the backups backup_"), "{said}");
    let certificate: serde_json::Value =
        serde_json::from_slice(&fs::read(ground.path("certificate.json")).unwrap()).unwrap();
    assert_eq!(certificate["subdomain"], "resort1");
    assert_eq!(certificate["rows"]["app.customers"], 51);
    assert_eq!(certificate["backups"], json!([backup]));
    for table in tables(&admin).await.iter().filter(|table| table.of_tenants) {
        let left = format!("select count(*) from {} where tenant_id = $1", table.quoted);
        assert_eq!(admin.query_one(&left, &[&id]).await.unwrap().get::<_, i64>(0), 0, "{}", table.name);
    }
    ground.resorts[0].anyone.get("/api/auth/me").await.problem(404);
    assert_eq!(untouched(&admin, ground.resorts[2].id).await, quiet);

    ground.put_back("resort1", &backup).await.unwrap();
    assert_eq!(rows(&admin, id).await, before);
}

#[tokio::test]
async fn a_tenant_is_put_back_from_a_backup_of_an_older_schema() {
    let ground = ground(20).await;
    let admin = ground.admin().await;
    let id = ground.resorts[0].id;
    let backup = ground.run().await.name;
    let mut migrations = tailtown::app::migrations();
    let next = migrations.len() + 1;
    migrations.push(database::migrate::Migration::new(
        format!("{next:04}_nicknames.sql"),
        "alter table app.pets add column nickname text; update app.pets set nickname = name;",
    ));
    let owner = ground.house.database.config("tailtown_owner");
    database::migrate::deploy(&owner, &migrations).await.unwrap();
    let then = rows(&admin, id).await;
    fill(&admin, id, 5).await;
    let (backups, server) = (ground.backups(), ground.server());
    let older = tailtown::app::migrations();
    let refused = backups.plan_tenant_restore(&server, Ok(owner.clone()), &older, "resort1", &backup, None);
    let refused = refused.await.err().unwrap().to_string();
    assert!(refused.contains("this program is older than the database"), "{refused}");
    let plan = backups.plan_tenant_restore(&server, Ok(owner), &migrations, "resort1", &backup, None);
    plan.await.unwrap().carry_out().await.unwrap();
    assert_eq!(rows(&admin, id).await, then);
}

#[tokio::test]
async fn second_factors_come_back_with_a_restore_and_do_not_travel() {
    let ground = ground(5).await;
    let resort = &ground.resorts[0];
    let (staff, anyone) = (&resort.staff, &resort.anyone);
    let start = json!({ "currentPassword": testkit::PASSWORD });
    let secret =
        staff.post("/api/auth/second-factor", start).await.ok()["secret"].as_str().unwrap().to_owned();
    let now = || testkit::code_of(&secret, ground.house.clock.now());
    let confirmed = staff.post("/api/auth/second-factor/confirm", json!({ "code": now() })).await.ok();
    let recovery = confirmed["recoveryCodes"][0].as_str().unwrap().to_owned();
    let login = |code: Option<&str>| json!({ "email": "staff@resort1.example", "password": testkit::PASSWORD, "code": code });
    let backup = ground.run().await.name;
    let owner = &resort.owner;
    let id = staff.get("/api/auth/me").await.ok()["staff"]["id"].as_str().unwrap().to_owned();
    owner.delete(&format!("/api/staff/{id}/second-factor")).await.done();
    anyone.post("/api/auth/login", login(None)).await.ok();
    ground.put_back("resort1", &backup).await.unwrap();
    anyone.post("/api/auth/login", login(None)).await.problem(401);
    let used = now();
    anyone.post("/api/auth/login", login(Some(&used))).await.ok();
    ground.put_back("resort1", &backup).await.unwrap();
    // What was used before a restore is not accepted after it.
    anyone.post("/api/auth/login", login(Some(&used))).await.problem(401);
    anyone.post("/api/auth/login", login(Some(&recovery))).await.ok();

    let file = ground.path("resort1.tar.gz");
    let said = ground.say(&["tenant", "export", "resort1", "--to", file.to_str().unwrap()]);
    assert!(said.contains("second factors are not in it"), "{said}");
    ground.say(&["tenant", "import", file.to_str().unwrap(), "--as", "twin"]);
    let twin = ground.house.client("twin.localhost:4004");
    twin.post("/api/auth/login", login(None)).await.ok();
    ground.say(&["tenant", "erase", "resort1", "--certificate", "certificate.json", "--yes"]);
    let admin = ground.admin().await;
    let left = "select count(*) from app.staff_second_factors";
    assert_eq!(admin.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
}
