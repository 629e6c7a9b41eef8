//! Everything: backed up, destroyed, restored, compared.

use age::x25519::Identity;
use backup::make_key;
use backup::restore::Found;
use observe::metrics::backups::Last;
use testkit::TestDatabase;

use crate::ground::{ROLE, census, ground, without_caches};
use crate::old_seal::{self, make_old};

#[tokio::test]
async fn backed_up_destroyed_restored_it_is_what_it_was() {
    let ground = ground(3000).await;
    let before = census(&ground.house.database).await;
    let manifest = ground.run().await;
    let backed_up = without_caches(manifest.tables.clone());
    assert_eq!(backed_up, before, "the manifest is of the moment of the dump");
    assert!(manifest.parts.len() > 1, "{} parts", manifest.parts.len());
    assert!(manifest.sealed_with.is_some());
    assert_eq!(manifest.schema.as_deref(), tailtown::app::migrations().last().map(|last| last.name.as_ref()));

    let admin = ground.admin().await;
    admin.batch_execute("drop schema app cascade").await.unwrap();
    let empty = TestDatabase::empty().await;
    let backups = ground.backups();
    let plan = backups.plan_restore("latest", None, &empty.config(ROLE)).await.unwrap();
    assert_eq!(plan.found, Found::Empty);
    backups.restore(plan).await.unwrap();
    assert_eq!(census(&empty).await, before);

    // The program serves what was restored: the policies, grants and indexes are back, too.
    let app = empty.connect("tailtown_app").await;
    app.batch_execute(&format!("begin; set local app.tenant_id = '{}'", ground.resorts[0].id)).await.unwrap();
    let seen: i64 = app.query_one("select count(*) from app.customers", &[]).await.unwrap().get(0);
    assert_eq!(seen, 3001);
    let migrated = database::migrate::verify(&app, &tailtown::app::migrations()).await;
    assert_eq!(migrated, Ok(()));

    // Cut off before it could say so, it had ended; but once something is written, it is a database like any other.
    let again = backups.plan_restore("latest", None, &empty.config(ROLE)).await.unwrap();
    assert_eq!(again.found, Found::Restored);
    backups.restore(again).await.unwrap();
    assert_eq!(census(&empty).await, before);
    app.batch_execute("update app.customers set notes = 'kept'; commit").await.unwrap();
    let again = backups.plan_restore("latest", None, &empty.config(ROLE)).await.err().unwrap().to_string();
    assert!(again.contains("is not empty"), "{again}");
}

#[tokio::test]
async fn writes_during_a_backup_are_in_the_dump_and_the_manifest_or_in_neither() {
    let ground = ground(500).await;
    let staff = ground.resorts[0].staff.clone();
    let writes = tokio::spawn(async move {
        for _ in 0..200 {
            let new = serde_json::json!({ "firstName": "Grace", "lastName": "Hopper" });
            staff.post("/api/customers", new).await.created();
        }
    });
    while !writes.is_finished() {
        let manifest = ground.run().await;
        ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap();
    }
    writes.await.unwrap();
}

#[tokio::test]
async fn the_commands_tell_what_they_do_and_what_to_do_next() {
    let ground = ground(10).await;
    let nothing = ground.say(&["backup", "list"]);
    assert!(nothing.contains("make one with `tailtown backup run --verify`"), "{nothing}");
    let made = ground.say(&["backup", "run"]);
    assert!(made.contains("encrypted") && made.contains("next: tailtown backup verify backup_"), "{made}");
    let proven = ground.say(&["backup", "verify"]);
    assert!(proven.contains("is good"), "{proven}");
    let list = ground.say(&["backup", "list"]);
    assert!(list.contains("sealed") && list.contains("verified 20"), "{list}");

    let empty = TestDatabase::empty().await;
    let into = empty.url(ROLE);
    let asked = ground.command(&["backup", "restore", "latest", "--into", &into]).output().unwrap();
    assert!(!asked.status.success());
    assert!(String::from_utf8_lossy(&asked.stderr).contains("nothing was changed: add --yes"));
    assert_eq!(census(&empty).await.rows(), 0);
    let done = ground.say(&["backup", "restore", "latest", "--into", &into, "--yes"]);
    assert!(done.contains("every row was compared") && done.contains("next:"), "{done}");
    assert_eq!(census(&empty).await, census(&ground.house.database).await);
}

#[tokio::test]
async fn a_role_that_rows_are_hidden_from_makes_no_backup() {
    let ground = ground(10).await;
    for role in ["tailtown_owner", "tailtown_app"] {
        let refused =
            ground.backups().run(&ground.house.database.config(role)).await.unwrap_err().to_string();
        assert!(refused.contains(role) && refused.contains("bypassrls"), "{refused}");
    }
    assert!(ground.backups().list().await.unwrap().is_empty());
}

#[tokio::test]
async fn production_makes_no_backup_that_anyone_can_read_unless_told_so() {
    let ground = ground(1).await.with("TAILTOWN_ENV", "production").with("BACKUP_KEY", "");
    let refused = ground.backups().run(&ground.server()).await.unwrap_err().to_string();
    assert!(refused.contains("BACKUP_KEY") && refused.contains("tailtown backup key"), "{refused}");
    let ground = ground.with("ALLOW_PLAIN_BACKUPS", "true");
    let manifest = ground.run().await;
    ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap();
}

#[tokio::test]
async fn an_old_key_opens_old_backups_and_a_lost_key_is_named() {
    let ground = ground(10).await;
    let manifest = ground.run().await;
    let (old, new) = (ground.settings["BACKUP_KEY"].clone(), make_key());
    let ground = ground.with("BACKUP_KEY", &new);
    let lost = ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap_err();
    assert!(format!("{lost:#}").contains(manifest.sealed_with.as_deref().unwrap()), "{lost:#}");
    // A key that is not at hand is no damage.
    assert!(ground.backups().list().await.unwrap()[0].damaged.is_none());
    let ground = ground.with("BACKUP_KEY", &format!("{new},{old}"));
    ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap();
}

#[tokio::test]
async fn age_alone_opens_a_part_with_the_key_that_is_printed() {
    let mut ground = ground(10).await;
    for key in [make_key(), old_seal::KEY.to_owned()] {
        ground = ground.with("BACKUP_KEY", &key);
        let manifest = ground.run().await;
        let printed = ground.command(&["backup", "key", "--present"]).output().unwrap().stdout;
        let identity: Identity = String::from_utf8(printed).unwrap().trim().parse().unwrap();
        assert_eq!(manifest.sealed_with, Some(identity.to_public().to_string()));
        let mut archive = Vec::new();
        for part in &manifest.parts {
            let part = std::fs::read(ground.folder().join(&manifest.name).join(&part.name)).unwrap();
            archive.extend(age::decrypt(&identity, &part).unwrap());
        }
        let extracted = ground.path(&format!("archive of {}", manifest.name));
        ground.backups().extract(&manifest.name, None, &extracted).await.unwrap();
        assert!(archive.starts_with(b"PGDMP") && archive == std::fs::read(&extracted).unwrap());
    }
}

#[tokio::test]
async fn a_backup_from_before_age_is_restored_with_the_key_of_then_and_with_no_other() {
    let mut ground = ground(3000).await.with("BACKUP_KEY", "");
    let before = census(&ground.house.database).await;
    let manifest = make_old(&ground, ground.run().await);
    assert!(manifest.parts.len() > 1);
    let name = manifest.name.as_str();
    ground = ground.with("BACKUP_KEY", &make_key());
    let lost = format!("{:#}", ground.backups().verify(name, None, &ground.server()).await.unwrap_err());
    assert!(lost.contains(&format!("the key {}: add that key to BACKUP_KEY", old_seal::ID)), "{lost}");
    assert!(ground.backups().list().await.unwrap()[0].damaged.is_none());
    // After a new key, and alone, as it was given when the backup was made.
    for keys in [format!("{},{}", make_key(), old_seal::KEY), old_seal::KEY.to_owned()] {
        ground = ground.with("BACKUP_KEY", &keys);
        ground.backups().verify(name, None, &ground.server()).await.unwrap();
        let empty = TestDatabase::empty().await;
        ground.say(&["backup", "restore", name, "--into", &empty.url(ROLE), "--yes"]);
        assert_eq!(census(&empty).await, before);
    }
    // Its parts are bound to their names as they were.
    let mut forged = manifest.clone();
    let path = |number: usize| ground.folder().join(name).join(&manifest.parts[number].name);
    std::fs::copy(path(1), path(0)).unwrap();
    let (bytes, sha256) = (manifest.parts[1].bytes, manifest.parts[1].sha256.clone());
    (forged.parts[0].bytes, forged.parts[0].sha256) = (bytes, sha256);
    forged.archive_bytes = 1;
    std::fs::write(ground.folder().join(name).join("manifest.json"), forged.write(None).unwrap()).unwrap();
    let said = format!("{:#}", ground.backups().verify(name, None, &ground.server()).await.unwrap_err());
    assert!(said.contains("part-0001 cannot be read: a chunk is not what was sealed"), "{said}");
}

#[tokio::test]
async fn health_shows_the_last_backup_that_was_proven() {
    let ground = ground(1).await;
    let noted = async || {
        let newest = ground.backups().newest_proven().await.unwrap();
        ground.house.program.about.backup.set(newest.map(|newest| Last {
            name: newest.name,
            created_at: newest.created_at,
            verified_at: newest.verified_at,
        }));
    };
    let anyone = ground.house.client("localhost:4004");
    let manifest = ground.run().await;
    noted().await;
    assert!(anyone.get("/health").await.ok()["backup"]["lastVerified"].is_null());
    ground.backups().verify("latest", None, &ground.server()).await.unwrap();
    ground.run().await;
    noted().await;
    let health = anyone.get("/health").await.ok();
    assert_eq!(health["backup"]["lastVerified"]["name"], manifest.name, "{health}");
    assert_eq!(health["backup"]["schedule"], "off");
}
