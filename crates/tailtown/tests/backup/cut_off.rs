//! Killed at any moment, a command leaves a state from which the same command completes.

use std::process::Stdio;
use std::time::{Duration, Instant};

use testkit::TestDatabase;

use crate::ground::{Ground, ROLE, census, ground, untouched};

/// Moments of death, the same in every run: a small generator (Lehmer, 1951).
struct Moments(u64);

impl Moments {
    fn next(&mut self, within: Duration) -> Duration {
        self.0 = self.0 * 48271 % 0x7fff_ffff;
        within.mul_f64(self.0 as f64 / f64::from(0x7fff_ffff))
    }
}

impl Ground {
    /// Starts the command and kills it, so often; then lets it complete, unless it is `done`.
    fn killed(&self, seed: u64, times: usize, words: &[&str], done: impl Fn() -> bool) {
        let mut moments = Moments(seed);
        let within = Duration::from_secs(2);
        for _ in 0..times {
            let start = Instant::now();
            let mut command = self.command(words);
            let mut child =
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let death = moments.next(within);
            while start.elapsed() < death && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(5));
            }
            if child.try_wait().unwrap().is_some_and(|status| status.success()) {
                return;
            }
            let _ = child.kill();
            child.wait().unwrap();
            if done() {
                return;
            }
        }
        self.say(words);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_killed_at_any_moment_is_none_and_the_next_is_whole() {
    let ground = ground(4000).await;
    let mut moments = Moments(7);
    for _ in 0..8 {
        let mut child =
            ground.command(&["backup", "run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(moments.next(Duration::from_millis(1500))).await;
        let _ = child.kill();
        child.wait().unwrap();
        // Every one that is listed is whole.
        for listed in ground.backups().list().await.unwrap() {
            ground.backups().verify(&listed.name, None, &ground.server()).await.unwrap();
        }
    }
    ground.say(&["backup", "run", "--verify"]);
    assert!(ground.litter().is_empty(), "{:?}", ground.litter());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_killed_leaves_no_database_behind() {
    let ground = ground(4000).await;
    ground.say(&["backup", "run"]);
    ground.killed(11, 6, &["backup", "verify"], || false);
    ground.say(&["backup", "verify"]);
    let work = crate::ground::names(&ground.path("work"));
    assert!(work.is_empty(), "{work:?}");
    let of = ground.house.database.name.clone();
    let admin = ground.admin().await;
    // Those of other tests have other names: the prefix is of this database's.
    let left = "select count(*) from pg_database where starts_with(datname, 'scratch_' || left(encode(sha256($1::text::bytea), 'hex'), 8))";
    assert_eq!(admin.query_one(left, &[&of]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_killed_at_any_moment_is_completed_by_the_same_command() {
    let ground = ground(4000).await;
    let before = census(&ground.house.database).await;
    ground.say(&["backup", "run"]);
    for seed in [3, 5, 17] {
        let empty = TestDatabase::empty().await;
        let into = empty.url(ROLE);
        ground.killed(seed, 6, &["backup", "restore", "latest", "--into", &into, "--yes"], || false);
        assert_eq!(census(&empty).await, before);
        let client = empty.connect("postgres").await;
        let mark = "select from pg_namespace where nspname = 'tailtown_restore_unfinished'";
        assert!(client.query(mark, &[]).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_restore_import_export_and_erasure_killed_are_all_or_nothing() {
    let ground = ground(3000).await;
    let admin = ground.admin().await;
    let id = ground.resorts[0].id;
    let lasting = async || {
        let mut found = untouched(&admin, id).await;
        found.retain(|table, _| !backup::catalogue::PASSING.contains(&table.as_str()));
        found.into_values().map(|(rows, _)| rows).collect::<Vec<_>>()
    };
    let quiet = untouched(&admin, ground.resorts[2].id).await;
    let then = lasting().await;
    ground.say(&["backup", "run"]);
    crate::ground::fill(&admin, id, 30).await;

    ground.killed(23, 6, &["tenant", "restore", "resort1", "--from", "latest", "--yes"], || false);
    assert_eq!(lasting().await, then);

    let file = ground.path("out.tar.gz");
    let file = file.to_str().unwrap();
    ground.killed(29, 6, &["tenant", "export", "resort1", "--to", file], || {
        std::path::Path::new(file).exists()
    });
    assert!(std::path::Path::new(file).exists());

    ground.killed(31, 6, &["tenant", "erase", "resort1", "--certificate", "gone.json", "--yes"], || false);
    assert!(ground.path("gone.json").exists() && !ground.path("gone.json.pending").exists());
    assert!(lasting().await.iter().all(|rows| rows.starts_with("0/")));

    ground.killed(37, 6, &["tenant", "import", file], || false);
    assert_eq!(lasting().await, then);
    assert_eq!(untouched(&admin, ground.resorts[2].id).await, quiet);
}
