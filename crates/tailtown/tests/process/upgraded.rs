//! PostgreSQL's package is upgraded under the running private server: it is noticed, told, and the server is restarted in order.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::private_database::{Desk, back, open};
use crate::program::{PASSWORD, eventually, run};
use crate::server::Home;

/// The time that files must have been as they are, and then that of any other fault.
const BACK_WITHIN: Duration = Duration::from_secs(12);

/// A copy of the PostgreSQL of this machine, which the program prefers.
struct Installation {
    root: tempfile::TempDir,
    programs: PathBuf,
    library: PathBuf,
}

impl Installation {
    fn copy() -> Self {
        let root = tempfile::Builder::new().prefix("tailtown-upgraded-").tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        // PostgreSQL finds its parts by their places beside each other.
        let place = |of: &str| {
            let output = Command::new("pg_config").arg(of).output().unwrap();
            let path = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
            (root.path().join(path.strip_prefix("/").unwrap()), path)
        };
        for of in ["--bindir", "--pkglibdir"] {
            let (copy, original) = place(of);
            fs::create_dir_all(&copy).unwrap();
            for file in fs::read_dir(original).unwrap().flatten().filter(|file| file.path().is_file()) {
                fs::copy(file.path(), copy.join(file.file_name())).unwrap();
            }
        }
        let (share, original) = place("--sharedir");
        fs::create_dir_all(share.parent().unwrap()).unwrap();
        symlink(original, share).unwrap();
        let (programs, library) = (place("--bindir").0, place("--pkglibdir").0.join("plpgsql.so"));
        let config = programs.join("pg_config");
        let _ = fs::remove_file(&config);
        fs::write(&config, format!("#!/bin/sh\necho {}\n", programs.display())).unwrap();
        fs::set_permissions(config, fs::Permissions::from_mode(0o755)).unwrap();
        Self { root, programs, library }
    }

    fn path(&self) -> String {
        let (_, path) = std::env::vars_os().find(|(name, _)| name == "PATH").unwrap();
        format!("{}:{}", self.programs.display(), path.display())
    }

    /// Puts other bytes in a file's place, at once, as a package manager does.
    fn replace(&self, file: &Path, bytes: &[u8]) {
        let new = self.root.path().join("new");
        fs::write(&new, bytes).unwrap();
        fs::set_permissions(&new, fs::metadata(file).unwrap().permissions()).unwrap();
        fs::rename(new, file).unwrap();
    }
}

#[tokio::test]
async fn an_upgrade_under_load_is_a_restart_in_order_and_no_request_fails_otherwise() {
    let (home, installation) = (Home::new(), Installation::copy());
    let path = installation.path();
    let (program, owner, anyone) = open(&home, &[("PATH", &path)]).await;
    let running = format!("/proc/{}/exe", home.postmaster().unwrap());
    assert!(fs::read_link(running).unwrap().starts_with(installation.root.path()));
    let desk = Desk::open(&owner, &anyone);
    for file in [installation.programs.join("postgres"), installation.library.clone()] {
        let (postmaster, at) = (home.postmaster().unwrap(), Instant::now());
        installation.replace(&file, &fs::read(&file).unwrap());
        let took = back(&home, &anyone, postmaster, at).await;
        assert!(took < BACK_WITHIN, "{file:?}: {took:?}");
    }
    desk.close(&owner).await;
    let said = program.said();
    let noticed = "PostgreSQL was upgraded: restarting the private database";
    assert_eq!(said.matches(noticed).count(), 2, "{said}");
    assert!(!said.contains("the private database has ended"), "it was not restarted in order: {said}");
    program.stop().await;
}

#[tokio::test]
async fn a_library_that_does_not_fit_is_told_where_readiness_is_asked_and_never_a_500() {
    let (home, installation) = (Home::new(), Installation::copy());
    let path = installation.path();
    // A cache would answer some of what is asked.
    let (program, owner, anyone) = open(&home, &[("PATH", &path), ("CACHE", "off")]).await;
    let desk = Desk::open(&owner, &anyone);
    let whole = fs::read(&installation.library).unwrap();
    installation.replace(&installation.library, b"not a library");
    let told = "the database cannot load a part of itself";
    eventually("nobody is told", async || {
        let answer = anyone.get("/readyz").await;
        answer.status == 503 && answer.text.contains(told)
    })
    .await;
    assert!(anyone.get("/health").await.expect(503)["databaseError"].as_str().unwrap().contains(told));
    let port = program.port.to_string();
    let doctor = run(&home, &["doctor"], &[("PATH", &path), ("PORT", &port)]).await;
    assert!(doctor.out.contains(&format!("WRONG  database: {told}")), "{}", doctor.out);
    // It is restarted, which cannot help. No connection has the library any more.
    eventually("it is not restarted", async || program.said().contains("the private database answers again"))
        .await;
    let login = serde_json::json!({ "email": "owner@resort1.example", "password": PASSWORD });
    let problem = anyone.post("/api/auth/login", login).await.unavailable();
    assert!(problem["detail"].as_str().unwrap().contains(told), "{problem}");

    let (postmaster, at) = (home.postmaster().unwrap(), Instant::now());
    installation.replace(&installation.library, &whole);
    let took = back(&home, &anyone, postmaster, at).await;
    assert!(took < BACK_WITHIN, "{took:?}");
    desk.close(&owner).await;
    program.stop().await;
}
