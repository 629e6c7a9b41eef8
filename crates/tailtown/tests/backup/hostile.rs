//! Archives that somebody else wrote: nothing of them leaves its folder or its tenant, fills the disk, or signs anybody in.

use std::path::{Path, PathBuf};

use backup::manifest::{Damage, Manifest};
use serde_json::json;
use testkit::PASSWORD;
use uuid::Uuid;

use crate::forged::{Forged, header, pack};
use crate::ground::{Ground, ROLE, ground, tables, untouched};
use crate::old_seal::sha256;

/// Every file below a folder, and its size.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    found.sort();
    found
}

impl Ground {
    async fn exported(&self, subdomain: &str) -> Forged {
        let file = self.path("exported.tar.gz");
        self.backups().export_tenant(&self.server(), subdomain, &file).await.unwrap();
        let forged = Forged::read(&file);
        std::fs::remove_file(file).unwrap();
        forged
    }

    /// What an import of these bytes says; it changes no file.
    async fn refused(&self, file: &Path, subdomain: &str) -> String {
        let before = files(self.home.path());
        let imported = self.backups().import_tenant(&self.server(), file, Some(subdomain)).await;
        assert_eq!(files(self.home.path()), before);
        let client = self.admin().await;
        let there = "select from app.tenants where subdomain = $1";
        assert!(client.query(there, &[&subdomain]).await.unwrap().is_empty());
        format!("{:#}", imported.unwrap_err())
    }

    async fn erase(&self, subdomain: &str) {
        self.say(&["tenant", "erase", subdomain, "--certificate", "erased.json", "--yes"]);
        std::fs::remove_file(self.path("erased.json")).unwrap();
    }
}

#[tokio::test]
async fn a_table_is_one_that_an_export_writes_and_its_name_never_a_path() {
    let ground = ground(3).await;
    let valid = ground.exported("resort1").await;
    let file = ground.path("forged");
    for name in [
        "../../escaped",
        "/tmp/escaped",
        "app.pets/../../../escaped",
        "app.nowhere",
        "app.operators",
        "app.tenants",
        "app.keys",
        "app.staff_sessions",
        "app.idempotency_keys",
        "pg_catalog.pg_authid",
        "",
    ] {
        let mut forged = valid.clone();
        forged.rename(0, name);
        forged.write(&file);
        let said = ground.refused(&file, "forged").await;
        assert!(said.contains("not one that this program exports"), "{name}: {said}");
    }
    for columns in [
        json!(["tenant_id", "id", "id"]),
        json!(["id", "tenant_id"]),
        json!(["tenant_id", "id) from program 'id'; --"]),
        json!([]),
    ] {
        let mut forged = valid.clone();
        forged.manifest["tables"][0]["columns"] = columns;
        forged.write(&file);
        let said = ground.refused(&file, "forged").await;
        assert!(said.contains("not one that this program exports"), "{said}");
    }
    let mut twice = valid.clone();
    let (table, entry) = (twice.manifest["tables"][0].clone(), twice.entries[0].clone());
    twice.manifest["tables"].as_array_mut().unwrap().push(table);
    twice.entries.push(entry);
    twice.write(&file);
    assert!(ground.refused(&file, "forged").await.contains("twice"));
}

#[tokio::test]
async fn an_entry_is_a_file_in_its_place() {
    let ground = ground(3).await;
    let valid = ground.exported("resort1").await;
    let file = ground.path("forged");
    let tar = valid.tar();
    let behind = |kind, name: &str| {
        // In front of the two empty blocks that end a tar.
        let mut tar = tar[..tar.len() - 1024].to_vec();
        tar.extend_from_slice(header(name, 0, kind).as_bytes());
        tar.resize(tar.len() + 1024, 0);
        tar
    };
    for tar in [
        behind(tar::EntryType::Regular, "tables/app.pets.csv"),
        behind(tar::EntryType::Regular, "../escaped"),
        behind(tar::EntryType::Symlink, "link"),
        behind(tar::EntryType::Char, "device"),
    ] {
        pack(&tar, &file);
        let said = ground.refused(&file, "forged").await;
        assert!(said.contains("more than its manifest says"), "{said}");
    }
    for kind in
        [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Fifo, tar::EntryType::GNULongName]
    {
        let mut tar = tar.clone();
        let name = &valid.entries[0].0;
        let at = (0..tar.len()).step_by(512).find(|at| tar[*at..].starts_with(name.as_bytes())).unwrap();
        let size = valid.entries[0].1.len() as u64;
        tar[at..at + 512].copy_from_slice(header(name, size, kind).as_bytes());
        pack(&tar, &file);
        let said = ground.refused(&file, "forged").await;
        assert!(said.contains("in the place of"), "{said}");
    }
    let mut swapped = valid.clone();
    swapped.entries.swap(0, 1);
    let mut shortened = valid;
    shortened.entries.pop();
    for forged in [swapped, shortened] {
        forged.write(&file);
        let said = ground.refused(&file, "forged").await;
        assert!(said.contains("in the place of") || said.contains("is missing"), "{said}");
    }
}

/// An owner's row, as the archive has it, for another resort and under an address that its author knows the password of.
fn intruder(archive: &Forged, from: Uuid, to: &str) -> String {
    let lines = archive.lines("app.staff");
    let owner = lines.iter().find(|line| line.contains("owner@resort1.example")).unwrap();
    let id = owner.split(',').nth(1).unwrap();
    owner
        .replacen(&from.to_string(), to, 1)
        .replacen(id, &Uuid::from_u128(0xbad).to_string(), 1)
        .replace("owner@resort1.example", "intruder@resort2.example")
}

#[tokio::test]
async fn no_row_of_another_resort_comes_in_whichever_ids_are_equal() {
    let ground = ground(3).await;
    let (mine, victim) = (ground.resorts[0].id, ground.resorts[1].id);
    let admin = ground.admin().await;
    let before = untouched(&admin, victim).await;
    let file = ground.path("forged");
    let valid = ground.exported("resort1").await;
    ground.erase("resort1").await;
    for here in [false, true] {
        if here {
            // What nobody changed comes in, and its owner signs in.
            valid.write(&file);
            ground.backups().import_tenant(&ground.server(), &file, None).await.unwrap();
            let anyone = &ground.resorts[0].anyone;
            anyone.signed_in("/api/auth/login", "owner@resort1.example", PASSWORD).await;
        }
        let row = |to: &str| intruder(&valid, mine, to);
        let lines = valid.lines("app.staff").len();
        for (text, rows) in [
            (format!("{}\n", row(&victim.to_string())), lines),
            (format!("{}\n", row(&victim.to_string())), lines + 1),
            (format!("{}\n", row(&format!("{{{victim}}}"))), lines),
            (format!("{}\n", row(&format!("\"{victim}\""))), lines),
            (format!("{}\n", row("")), lines),
        ] {
            let mut forged = valid.clone();
            forged.append("app.staff", &text);
            let place = forged.place("app.staff");
            forged.manifest["tables"][place]["rows"] = json!(rows);
            forged.write(&file);
            let said = ground.refused(&file, "forged").await;
            assert!(said.contains("app.staff has 1 rows of another tenant"), "{said}");
        }
        // Lines that end as on an old Macintosh, which PostgreSQL reads, too.
        let mut forged = valid.clone();
        let header = forged.manifest["tables"][forged.place("app.staff")]["columns"].clone();
        let header: Vec<_> = header.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let text = format!("{}\r{}\r", header.join(","), row(&victim.to_string()));
        let place = forged.place("app.staff");
        forged.put(place, text.into_bytes());
        forged.write(&file);
        let said = ground.refused(&file, "forged").await;
        assert!(said.contains("app.staff has 1 rows of another tenant"), "{said}");
    }
    assert_eq!(untouched(&admin, victim).await, before);
    let login = json!({ "email": "intruder@resort2.example", "password": PASSWORD });
    ground.resorts[1].anyone.post("/api/auth/login", login).await.problem(401);
}

#[tokio::test]
async fn unpacking_ends_where_the_manifest_says_and_before_the_disk_does() {
    const LARGE: u64 = 256 * 1024 * 1024;
    let ground = ground(3).await;
    let valid = ground.exported("resort1").await;
    let file = ground.path("forged");
    let large = vec![b'\n'; usize::try_from(LARGE).unwrap()];

    let mut longer = valid.clone();
    longer.entries[0].1.clone_from(&large);
    longer.write(&file);
    let said = ground.refused(&file, "forged").await;
    assert!(said.contains("is longer than it was written"), "{said}");

    let mut giant = valid.clone();
    giant.manifest["tables"][0]["bytes"] = json!(1u64 << 60);
    giant.write(&file);
    let said = ground.refused(&file, "forged").await;
    assert!(said.contains("make room"), "{said}");
    giant.manifest["tables"][0]["bytes"] = json!(u64::MAX);
    giant.manifest["tables"][1]["bytes"] = json!(u64::MAX);
    giant.write(&file);
    assert!(ground.refused(&file, "forged").await.contains("make room"));

    let mut manifest = valid.clone();
    manifest.manifest["schema"] = json!("x".repeat(8 * 1024 * 1024));
    manifest.write(&file);
    let said = ground.refused(&file, "forged").await;
    assert!(said.contains("more than 4194304 bytes"), "{said}");

    let mut tar = valid.tar();
    tar.extend_from_slice(&vec![0; large.len()]);
    pack(&tar, &file);
    let said = ground.refused(&file, "forged").await;
    assert!(said.contains("goes on behind its last table"), "{said}");

    // A name of this length would be read into memory.
    let mut tar = header("././@LongLink", LARGE, tar::EntryType::GNULongName).as_bytes().to_vec();
    tar.extend_from_slice(&large);
    tar.extend_from_slice(&valid.tar());
    pack(&tar, &file);
    let said = ground.refused(&file, "forged").await;
    assert!(said.contains("in the place of manifest.json"), "{said}");

    let mut rows = valid;
    let place = rows.place("app.customers");
    rows.manifest["tables"][place]["rows"] = json!(1);
    rows.write(&file);
    let said = ground.refused(&file, "forged").await;
    assert!(said.contains("app.customers has 4 rows in place of 1"), "{said}");
}

#[tokio::test]
async fn no_reference_leaves_the_tenant_and_no_table_of_secrets_the_archive() {
    let ground = ground(1).await;
    let admin = ground.admin().await;
    // Each reference of a tenant's table carries the tenant on both sides, or is to the tenant itself.
    let loose = "select f.conname::text from pg_constraint f join pg_class c on c.oid = f.conrelid \
         join pg_attribute mine on mine.attrelid = f.conrelid and mine.attname = 'tenant_id' \
         where f.contype = 'f' and c.relnamespace = 'app'::regnamespace and not exists ( \
           select from unnest(f.conkey, f.confkey) as k (here, there) \
           join pg_attribute other on other.attrelid = f.confrelid and other.attnum = k.there \
           where k.here = mine.attnum and (other.attname = 'tenant_id' or f.confrelid = 'app.tenants'::regclass))";
    let loose: Vec<String> = admin.query(loose, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(loose.is_empty(), "{loose:?}");

    // Whoever adds a table with such a column decides: its rows are worth nothing elsewhere (`catalogue::PASSING`), cannot be
    // read there (`catalogue::SEALED`), or they are named here, as the people of a resort sign in with their passwords wherever it is imported.
    let secrets = "select distinct c.relname::text from pg_attribute a join pg_class c on c.oid = a.attrelid \
         where c.relkind = 'r' and c.relnamespace = 'app'::regnamespace and a.attnum > 0 and not a.attisdropped \
           and (a.atttypid = 'bytea'::regtype or a.attname ~ '(hash|secret|token)') \
           and exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id')";
    let secrets: Vec<String> = admin
        .query(secrets, &[])
        .await
        .unwrap()
        .iter()
        .map(|row| format!("app.{}", row.get::<_, &str>(0)))
        .collect();
    let archive = ground.exported("resort1").await;
    let archived =
        |table: &str| archive.entries.iter().any(|(name, _)| *name == format!("tables/{table}.csv"));
    let secrets: Vec<_> = secrets.iter().filter(|table| archived(table)).collect();
    assert_eq!(secrets, ["app.staff"]);
    assert!(tables(&admin).await.iter().all(|table| table.of_tenants || !archived(&table.name)));
}

/// Numbers that look random, the same in every run: a small generator (Lehmer, 1951).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0 * 48271 % 0x7fff_ffff;
        usize::try_from(self.0).unwrap() % most.max(1)
    }
}

/// One change that keeps the manifest signed and the checksums right, so that only the rows and names are left to refuse it.
fn change(archive: &mut Forged, chance: &mut Chance, victim: Uuid) {
    let place = chance.below(archive.entries.len());
    let mut content = archive.entries[place].1.clone();
    let at = chance.below(content.len());
    match chance.below(9) {
        0 if !content.is_empty() => {
            content[at] ^= 1 << chance.below(8);
            archive.put(place, content);
        }
        1 => {
            content.truncate(at);
            archive.put(place, content);
        }
        2 => {
            let copy = content.clone();
            content.extend_from_slice(&copy[at..]);
            archive.put(place, content);
        }
        3 => {
            let text = String::from_utf8_lossy(&content).into_owned();
            let theirs = archive.manifest["tenant"]["id"].as_str().unwrap().to_owned();
            // In the place of a row, or beside all of them.
            let foreign = text.replacen(&theirs, &victim.to_string(), 1);
            let beside = foreign.lines().filter(|line| line.starts_with(&victim.to_string()));
            let beside = beside.map(|line| format!("{line}\n")).collect::<String>();
            let text = if chance.below(2) == 0 { foreign } else { text + &beside };
            archive.put(place, text.into_bytes());
        }
        4 => {
            let other = chance.below(archive.entries.len());
            archive.entries.swap(place, other);
        }
        5 => {
            let other = archive.manifest["tables"][chance.below(archive.entries.len())]["name"].clone();
            archive.rename(place, other.as_str().unwrap());
        }
        6 => {
            let size = [0, 1, u64::from(u32::MAX), u64::MAX][chance.below(4)];
            archive.manifest["tables"][place]["bytes"] = json!(size);
        }
        7 => archive.manifest["tenant"]["id"] = json!(victim),
        _ => {
            let columns = archive.manifest["tables"][place]["columns"].as_array_mut().unwrap();
            let (one, other) = (chance.below(columns.len()), chance.below(columns.len()));
            columns.swap(one, other);
        }
    }
}

#[tokio::test]
async fn whatever_is_changed_in_an_archive_no_file_and_no_other_resort_is_touched() {
    let ground = ground(3).await;
    let admin = ground.admin().await;
    let valid = ground.exported("resort1").await;
    let file = ground.path("forged");
    // Its id is free then, and the rows' text is compared with the archive's.
    ground.erase("resort1").await;
    let others: Vec<_> = ground.resorts[1..].iter().map(|resort| resort.id).collect();
    let mut before = Vec::new();
    for id in &others {
        before.push(untouched(&admin, *id).await);
    }
    let foreign = "select count(*) from app.staff where tenant_id <> all ($1)";
    let mut chance = Chance(20_261_128);
    let mut came_in = 0;
    for _ in 0..60 {
        let mut archive = valid.clone();
        for _ in 0..=chance.below(3) {
            change(&mut archive, &mut chance, others[0]);
        }
        archive.write(&file);
        if chance.below(3) == 0 {
            let mut bytes = std::fs::read(&file).unwrap();
            let at = chance.below(bytes.len());
            if chance.below(2) == 0 {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << chance.below(8);
            }
            std::fs::write(&file, bytes).unwrap();
        }
        let here = files(ground.home.path());
        let imported = ground.backups().import_tenant(&ground.server(), &file, Some("forged")).await;
        assert_eq!(files(ground.home.path()), here);
        match imported {
            Ok(imported) => {
                came_in += 1;
                assert!(!others.contains(&imported.id));
                ground.erase("forged").await;
            }
            Err(error) if error.downcast_ref::<Damage>().is_some() => {}
            Err(error) => assert!(!format!("{error:#}").contains("panic"), "{error:#}"),
        }
        assert_eq!(admin.query_one(foreign, &[&others]).await.unwrap().get::<_, i64>(0), 0);
    }
    assert!(came_in < 20, "{came_in} came in: the changes do not change enough");
    for (id, before) in others.iter().zip(&before) {
        assert_eq!(&untouched(&admin, *id).await, before);
    }
}

#[tokio::test]
async fn with_a_key_nothing_is_read_that_was_not_sealed() {
    let ground = ground(3).await;
    let key = ground.settings["BACKUP_KEY"].clone();
    let ground = ground.with("BACKUP_KEY", "");
    let manifest = ground.run().await;
    let name = manifest.name.as_str();
    let ground = ground.with("BACKUP_KEY", &key);
    let (backups, server) = (ground.backups(), ground.server());
    let owner = ground.house.database.config("tailtown_owner");
    let migrations = tailtown::app::migrations();
    let elsewhere = testkit::TestDatabase::empty().await;
    let outcomes = [
        backups.verify(name, None, &server).await.err(),
        backups.plan_restore(name, None, &elsewhere.config(ROLE)).await.err(),
        backups.plan_tenant_restore(&server, Ok(owner), &migrations, "resort1", name, None).await.err(),
        backups.extract(name, None, &ground.path("archive")).await.err(),
    ];
    for outcome in outcomes {
        let said = format!("{:#}", outcome.unwrap());
        assert!(said.contains("is not encrypted, and BACKUP_KEY is set"), "{said}");
        assert!(said.contains("ALLOW_PLAIN_BACKUPS=true"), "{said}");
    }
    assert!(!ground.path("archive").exists());
    assert!(backups.list().await.unwrap()[0].damaged.is_none(), "it is no damage");
    let trusting = ground.with("ALLOW_PLAIN_BACKUPS", "true");
    trusting.backups().verify(name, None, &trusting.server()).await.unwrap();

    // A manifest that says it is sealed does not make a part so.
    let ground = trusting.with("ALLOW_PLAIN_BACKUPS", "");
    let sealed = ground.run().await;
    let mut forged = Manifest { sealed_with: sealed.sealed_with, ..manifest };
    forged.archive_bytes -= 1;
    let path = ground.folder().join(&forged.name).join("manifest.json");
    std::fs::write(path, forged.write(None).unwrap()).unwrap();
    let said = ground.backups().verify(&forged.name, None, &ground.server()).await.unwrap_err();
    assert!(format!("{said:#}").contains("it was not written with the key age1"), "{said:#}");
}

#[tokio::test]
async fn parts_of_one_key_do_not_stand_for_each_other() {
    let ground = ground(3000).await;
    let (one, other) = (ground.run().await, ground.run().await);
    assert!(one.parts.len() > 1);
    let path = |manifest: &Manifest, file: &str| ground.folder().join(&manifest.name).join(file);
    let verify = async || {
        let verified = ground.backups().verify(&one.name, None, &ground.server()).await;
        let error = verified.unwrap_err();
        assert!(error.downcast_ref::<Damage>().is_some(), "{error:#}");
        format!("{error:#}")
    };
    let (first, second) = (path(&one, "part-0001"), path(&one, "part-0002"));
    let manifest = path(&one, "manifest.json");
    let (whole, written) = (std::fs::read(&first).unwrap(), std::fs::read(&manifest).unwrap());

    // A part of another backup, and one of the same under another's name: each opens with the key.
    for from in [path(&other, "part-0001"), second] {
        let bytes = std::fs::read(from).unwrap();
        std::fs::write(&first, &bytes).unwrap();
        let said = verify().await;
        assert!(said.contains("part-0001"), "{said}");
        // With a manifest that says so: whoever has no key cannot write one.
        let mut forged = one.clone();
        (forged.parts[0].bytes, forged.parts[0].sha256) = (bytes.len() as u64, sha256(&bytes));
        let as_if_old = Manifest { format: 1, ..forged.clone() };
        for forged in [forged, as_if_old] {
            std::fs::write(&manifest, forged.write(None).unwrap()).unwrap();
            let said = verify().await;
            assert!(said.contains("it was not written with the key age1"), "{said}");
        }
        std::fs::write(&manifest, &written).unwrap();
    }
    std::fs::write(&first, whole).unwrap();

    // The manifest of another backup, under this one's name.
    std::fs::copy(path(&other, "manifest.json"), &manifest).unwrap();
    assert!(verify().await.contains(&format!("it is of {}", other.name)));
    // Parts left out at the end.
    let mut forged = one.clone();
    forged.parts.pop();
    forged.archive_bytes = 1;
    std::fs::write(&manifest, forged.write(None).unwrap()).unwrap();
    assert!(verify().await.contains("it was not written with the key age1"));
    std::fs::write(&manifest, written).unwrap();
    ground.backups().verify(&one.name, None, &ground.server()).await.unwrap();
}
