//! Whatever happens to a backup is found out and named, before anything is touched.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;
use std::process::Command;

use backup::manifest::{Damage, Manifest};
use testkit::TestDatabase;

use crate::ground::{Ground, ROLE, census, ground, names};

impl Ground {
    /// What verifying says is wrong; it is noted beside the backup, and a restore touches nothing.
    async fn damage(&self, name: &str) -> String {
        let backups = self.backups();
        let error = backups.verify(name, None, &self.server()).await.unwrap_err();
        assert!(error.downcast_ref::<Damage>().is_some(), "{error:#}");
        let said = format!("{error:#}");
        if backups.find(name, None).await.is_ok() {
            let listed = backups.list().await.unwrap();
            let listed = listed.iter().find(|listed| listed.name == name).unwrap();
            let noted = listed.damaged.as_ref().unwrap();
            assert!(said.contains(&noted.reason), "{said}: {noted:?}");
            assert!(listed.verified.is_none());
        }
        let empty = TestDatabase::empty().await;
        let restored = async {
            let plan = backups.plan_restore(name, None, &empty.config(ROLE)).await?;
            backups.restore(plan).await
        };
        assert!(restored.await.is_err());
        let schemas = "select from pg_namespace where nspname in ('app', 'tailtown_restore_unfinished')";
        let rows = self.house.database.name != empty.name && census(&empty).await.rows() > 0;
        let touched = empty.connect("postgres").await.query(schemas, &[]).await.unwrap().len();
        if !said.contains("restored, it is not") {
            assert!(!rows && touched == 0, "{said}");
        }
        said
    }
}

fn part(ground: &Ground, manifest: &Manifest, number: usize) -> PathBuf {
    ground.folder().join(&manifest.name).join(&manifest.parts[number].name)
}

fn flip(path: &PathBuf, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 16;
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_flipped_bit_anywhere_is_found() {
    for key in [true, false] {
        let ground = ground(3000).await;
        let ground = if key { ground } else { ground.with("BACKUP_KEY", "") };
        let manifest = ground.run().await;
        ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap();
        for (number, place) in [(0, 5), (0, 300_000), (1, 100), (1, 70_000)] {
            let path = part(&ground, &manifest, number);
            flip(&path, place);
            let said = ground.damage(&manifest.name).await;
            let name = &manifest.parts[number].name;
            assert!(said.contains(&format!("{name} was changed after it was written")), "{said}");
            flip(&path, place);
        }
        ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap();
        assert!(
            ground.backups().list().await.unwrap()[0].damaged.is_none(),
            "a mark that no longer holds is taken off"
        );
        let path = ground.folder().join(&manifest.name).join("manifest.json");
        flip(&path, 200);
        let said = ground.damage(&manifest.name).await;
        assert!(said.contains("manifest.json was changed"), "{said}");
    }
}

#[tokio::test]
async fn a_part_cut_short_lengthened_or_missing_is_named() {
    let ground = ground(3000).await;
    let manifest = ground.run().await;
    let path = part(&ground, &manifest, 1);
    let whole = fs::read(&path).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(whole.len() as u64 - 1).unwrap();
    let said = ground.damage(&manifest.name).await;
    assert!(said.contains("part-0002 is cut short"), "{said}");
    file.set_len(whole.len() as u64 + 1).unwrap();
    let said = ground.damage(&manifest.name).await;
    assert!(said.contains("part-0002 is longer"), "{said}");
    fs::remove_file(&path).unwrap();
    let said = ground.damage(&manifest.name).await;
    assert!(said.contains("part-0002 is missing"), "{said}");
    fs::write(&path, &whole).unwrap();
    ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap();

    let manifest_path = ground.folder().join(&manifest.name).join("manifest.json");
    let text = fs::read(&manifest_path).unwrap();
    fs::write(&manifest_path, &text[..text.len() / 2]).unwrap();
    let said = ground.damage(&manifest.name).await;
    assert!(said.contains("manifest.json cannot be read"), "{said}");
    fs::remove_file(&manifest_path).unwrap();
    let said = ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap_err();
    assert!(format!("{said:#}").contains("there is no"), "{said:#}");
}

/// Puts another archive in the place of a backup's, with a manifest whose checksums are those of the new one.
fn forge(ground: &Ground, manifest: &Manifest, archive: &std::path::Path) {
    let folder = ground.folder().join(&manifest.name);
    for part in &manifest.parts {
        fs::remove_file(folder.join(&part.name)).unwrap();
    }
    let bytes = fs::read(archive).unwrap();
    let sum = Command::new("sha256sum").arg(archive).output().unwrap().stdout;
    let mut forged = manifest.clone();
    forged.parts.truncate(1);
    forged.parts[0].bytes = bytes.len() as u64;
    forged.parts[0].sha256 = String::from_utf8_lossy(&sum).split_whitespace().next().unwrap().to_owned();
    forged.archive_bytes = bytes.len() as u64;
    fs::write(folder.join(&forged.parts[0].name), bytes).unwrap();
    fs::write(folder.join("manifest.json"), forged.write(None).unwrap()).unwrap();
}

fn pg_dump(ground: &Ground, words: &[&str]) -> PathBuf {
    let archive = ground.path("forged");
    let programs = database::programs::Programs::find(15).unwrap();
    let server = ground.house.database.config("postgres");
    let command = programs.command("pg_dump", &server, "test");
    let mut command = command.into_std();
    let done = command.args(["--format=custom", "--file"]).arg(&archive).args(words).status().unwrap();
    assert!(done.success());
    archive
}

#[tokio::test]
async fn a_dump_that_is_silently_empty_or_lacks_a_table_fails() {
    let ground = ground(100).await.with("BACKUP_KEY", "");
    let manifest = ground.run().await;
    forge(&ground, &manifest, &pg_dump(&ground, &["--schema-only"]));
    let said = ground.damage(&manifest.name).await;
    assert!(said.contains("the dump is empty"), "{said}");
    assert!(said.contains("app.customers has 0 rows in place of 303"), "{said}");

    let manifest = ground.run().await;
    forge(&ground, &manifest, &pg_dump(&ground, &["--exclude-table-data=app.pets"]));
    let said = ground.damage(&manifest.name).await;
    assert!(
        said.contains("app.pets has 0 rows in place of 303") && !said.contains("app.customers"),
        "{said}"
    );

    // Not a row is missing, and one value is another.
    let manifest = ground.run().await;
    let admin = ground.admin().await;
    admin.batch_execute("update app.pets set name = 'Max' where ctid = '(0,1)'").await.unwrap();
    forge(&ground, &manifest, &pg_dump(&ground, &[]));
    let said = ground.damage(&manifest.name).await;
    assert!(said.contains("app.pets has its 303 rows, but with other values, of 1 tenants"), "{said}");
}

#[tokio::test]
async fn a_full_disk_is_named_and_nothing_is_left_behind() {
    let ground = ground(4000).await;
    let small = ground.path("small");
    fs::create_dir(&small).unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=1500k", "tmpfs"]).arg(&small).status();
    if !mounted.is_ok_and(|status| status.success()) {
        // Only root can make a disk that is full.
        return;
    }
    let full = ground.with("BACKUP_FOLDER", &small.display().to_string());
    let error = full.backups().run(&full.server()).await.unwrap_err();
    let left = names(&small);
    let listed = full.backups().list().await.unwrap().len();
    // The archive is put together on the state folder's disk: the same there.
    let room = full.with("BACKUP_FOLDER", "/nonexistent").with("TAILTOWN_HOME", &small.display().to_string());
    let folder = room.path("backups").display().to_string();
    let room = room.with("BACKUP_FOLDER", &folder);
    let manifest = room.run().await;
    let verified = room.backups().verify(&manifest.name, None, &room.server()).await;
    let damaged = room.backups().list().await.unwrap().pop().unwrap().damaged;
    let unmounted = Command::new("umount").arg(&small).status().unwrap();
    assert!(unmounted.success());
    assert!(format!("{error:#}").contains("is full: make room"), "{error:#}");
    assert!(left.is_empty() && listed == 0, "{left:?}");
    let verified = verified.unwrap_err();
    assert!(format!("{verified:#}").contains("is full: make room"), "{verified:#}");
    assert!(damaged.is_none(), "a full disk is no damage of the backup's");
}

#[tokio::test]
async fn a_database_that_hangs_up_on_the_dump_fails_it() {
    let ground = ground(100).await;
    let admin = ground.admin().await;
    admin.batch_execute("begin; lock table app.pets in access exclusive mode").await.unwrap();
    let other = ground.admin().await;
    let hang_up = async {
        let end = "select pg_terminate_backend(pid) from pg_stat_activity \
                   where datname = current_database() and application_name = 'tailtown backup' and wait_event_type = 'Lock'";
        while other.query(end, &[]).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let backups = ground.backups();
    let server = ground.server();
    let (made, ()) = tokio::join!(backups.run(&server), hang_up);
    let said = format!("{:#}", made.unwrap_err());
    assert!(said.contains("pg_dump failed") || said.contains("connection"), "{said}");
    admin.batch_execute("rollback").await.unwrap();
    assert!(backups.list().await.unwrap().is_empty());
    ground.run().await;
    assert!(ground.litter().is_empty());
}
