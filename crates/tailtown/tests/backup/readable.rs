//! Who else can read what the program writes: nobody.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::ground::{Ground, ground};

/// What others may do with anything below a folder, unless the test made it.
fn open_to_others(folder: &Path, own: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let about = fs::symlink_metadata(entry.path()).unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !about.is_symlink() && about.permissions().mode() & 0o077 != 0 && !own.contains(&name.as_str()) {
            found.push(format!("{} {:o}", entry.path().display(), about.permissions().mode()));
        }
        if about.is_dir() {
            found.extend(open_to_others(&entry.path(), own));
        }
    }
    found
}

impl Ground {
    /// Runs the program under a umask that takes nothing away.
    fn say_openly(&self, words: &[&str]) {
        let mut command = Command::new("sh");
        command.args(["-c", "umask 0; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_tailtown")]).args(words);
        command.env_clear().envs(&self.settings).current_dir(self.home.path());
        let done = command.env("PATH", "/usr/local/bin:/usr/bin:/bin").output().unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

#[tokio::test]
async fn backups_exports_certificates_and_logs_are_their_owners_alone_whatever_the_umask() {
    let ground = ground(10).await;
    let logs = ground.path("logs").display().to_string();
    let ground = ground.with("LOG_DIR", &logs).with("BACKUP_FOLDER", "");
    // As an earlier version left it.
    fs::create_dir(ground.folder()).unwrap();
    fs::set_permissions(ground.folder(), Permissions::from_mode(0o755)).unwrap();
    ground.say_openly(&["backup", "run", "--verify"]);
    ground.say_openly(&["backup", "extract", "latest", "--to", "archive"]);
    ground.say_openly(&["tenant", "export", "resort1", "--to", "resort1.tailtown"]);
    ground.say_openly(&["tenant", "erase", "resort1", "--certificate", "erased.json", "--yes"]);
    for name in ["backups", "work", "logs", "archive", "resort1.tailtown", "erased.json"] {
        assert!(ground.path(name).exists(), "{name}");
    }
    let open = open_to_others(ground.home.path(), &[]);
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test]
async fn a_folder_that_was_there_keeps_its_mode_and_files_in_it_are_closed() {
    let ground = ground(3).await;
    for name in ["logs", "mounted"] {
        fs::create_dir(ground.path(name)).unwrap();
        fs::set_permissions(ground.path(name), Permissions::from_mode(0o755)).unwrap();
    }
    // Of a day that is not so old that its file is removed.
    let old = ground.path("logs").join("combined.log.2099-01-01");
    fs::write(&old, "a line").unwrap();
    fs::set_permissions(&old, Permissions::from_mode(0o644)).unwrap();
    let (logs, mounted) = (ground.path("logs"), ground.path("mounted"));
    let ground =
        ground.with("LOG_DIR", logs.to_str().unwrap()).with("BACKUP_FOLDER", mounted.to_str().unwrap());
    ground.say_openly(&["backup", "run"]);
    for folder in [&logs, &mounted] {
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o755);
    }
    let open = open_to_others(ground.home.path(), &["logs", "mounted"]);
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test]
async fn a_link_in_a_backup_leads_nowhere() {
    let ground = ground(3).await;
    let manifest = ground.run().await;
    let part = ground.folder().join(&manifest.name).join("part-0001");
    let elsewhere = ground.path("elsewhere");
    fs::rename(&part, &elsewhere).unwrap();
    symlink(&elsewhere, &part).unwrap();
    let said = ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap_err();
    assert!(format!("{said:#}").contains("cannot read"), "{said:#}");
    fs::remove_file(&part).unwrap();
    assert!(Command::new("mkfifo").arg(&part).status().unwrap().success());
    let said = ground.backups().verify(&manifest.name, None, &ground.server()).await.unwrap_err();
    assert!(format!("{said:#}").contains("it is not a file"), "{said:#}");
}
