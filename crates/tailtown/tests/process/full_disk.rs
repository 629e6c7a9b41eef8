//! The disk under the private PostgreSQL fills up: changes get a 503 that says so, and with room again all goes on by itself.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::private_database::{Desk, admin, back, open};
use crate::program::{eventually, run};
use crate::server::{Home, is_running};

const FULL: &str = "the disk is full: ";

/// A state folder on a disk of its own. The fields go in this order: the mount last.
struct SmallDisk {
    home: Home,
    _mount: Mount,
}

struct Mount(PathBuf);

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = fs::remove_dir(&self.0);
    }
}

impl SmallDisk {
    /// `None` where one cannot be had.
    fn of(megabytes: u32) -> Option<Self> {
        let home = Home::new();
        let size = format!("size={megabytes}m,mode=711");
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", &size, "tailtown"]).arg(home.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            let mount = Mount(home.path().to_owned());
            return Some(Self { home, _mount: mount });
        }
        #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
        {
            eprintln!("left out: only root can make a small disk");
        }
        None
    }

    fn filler(&self) -> PathBuf {
        self.home.path().join("filler")
    }

    /// Takes what is left of it.
    fn fill(&self) {
        let mut file = File::create(self.filler()).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
    }
}

#[tokio::test]
async fn a_full_disk_is_named_in_every_refusal_and_with_room_everything_goes_on_by_itself() {
    let Some(disk) = SmallDisk::of(160) else { return };
    let home = &disk.home;
    let (program, owner, anyone) = open(home, &[]).await;
    let desk = Desk::open(&owner, &anyone);
    eventually("nothing is added", async || {
        owner.get("/api/customers?limit=30").await.expect(200)["nextCursor"].is_string()
    })
    .await;
    for _ in 0..2 {
        let admin = admin(home).await;
        let postmaster = home.postmaster().unwrap();
        disk.fill();
        // Full, and still at work: there is room in the segment that is being written.
        let health: Value = anyone.get("/health").await.expect(503);
        assert_eq!(health["status"], "degraded");
        assert!(health["databaseError"].as_str().unwrap().starts_with(FULL), "{health}");
        let problem = anyone.get("/readyz").await.unavailable();
        assert!(problem["detail"].as_str().unwrap().starts_with(FULL), "{problem}");
        // It needs the next one, cannot have it, and goes down.
        while admin.batch_execute("select pg_switch_wal(); select txid_current()").await.is_ok() {}
        eventually("it runs", async || !is_running(postmaster)).await;
        eventually("writes do not say so", async || {
            let new = serde_json::json!({ "firstName": "Ada", "lastName": "Lovelace" });
            let problem = owner.post("/api/customers", new).await.unavailable();
            problem["detail"].as_str().unwrap().starts_with(FULL)
        })
        .await;
        let said = run(home, &["tenant", "list"], &[]).await.refused();
        assert!(said.contains("runs, and its database does not answer: the disk is full"), "{said}");
        let doctor = run(home, &["doctor"], &[]).await.out;
        assert!(doctor.contains("WRONG  database: ") && doctor.contains("the disk is full"), "{doctor}");

        fs::remove_file(disk.filler()).unwrap();
        let took = back(home, &anyone, postmaster, Instant::now()).await;
        assert!(took < Duration::from_secs(10), "{took:?}");
        assert_eq!(anyone.get("/health").await.expect(200)["status"], "healthy");
    }
    let refusals = desk.close(&owner).await;
    assert!(refusals.iter().any(|refusal| refusal.starts_with(FULL)), "{refusals:?}");
    program.stop().await;
}
