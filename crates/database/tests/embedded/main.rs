//! The private PostgreSQL: what was committed stays however the server ends, and what cannot work says why.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should fail loudly")]

mod damage;
mod home;

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use database::embedded::{self, EmbeddedError};
use nix::unistd::{Uid, User};

use home::{Home, connect, is_alive, until, words, write};

#[tokio::test]
async fn what_was_written_is_there_after_a_stop_and_a_start_also_under_an_odd_name() {
    let home = Home::under("Olive's state, \\ all");
    let server = home.start().await;
    write(&server, "kept").await;
    server.stop().await.unwrap();
    assert!(home.lock_file().is_none());

    let server = home.start().await;
    assert!(!server.adopted());
    assert_eq!(words(&server).await, ["kept"]);
    let bypass =
        "select count(*) from pg_roles where rolname like 'tailtown%' and (rolsuper or rolbypassrls)";
    let client = connect(&server, "tailtown_app").await;
    assert_eq!(client.query_one(bypass, &[]).await.unwrap().get::<_, i64>(0), 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_killed_server_recovers_what_was_committed() {
    let home = Home::new().durable();
    let server = home.start().await;
    write(&server, "committed").await;
    let unfinished = connect(&server, "tailtown_owner").await;
    unfinished.batch_execute("begin; insert into app.words values ('uncommitted')").await.unwrap();
    home.kill_server().await;
    drop(server);
    assert!(home.lock_file().is_some(), "the lock file is stale");

    let server = home.start().await;
    assert!(!server.adopted());
    assert_eq!(words(&server).await, ["committed"]);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_backend_that_is_busy_when_its_server_is_killed_does_not_keep_the_next_one_from_starting() {
    let home = Home::new();
    let server = home.start().await;
    let client = connect(&server, "tailtown_owner").await;
    // Counts without waiting for anything, so it does not notice that its server is gone.
    let busy = tokio::spawn(async move { client.batch_execute("do $$ begin loop end loop; end $$").await });
    let watcher = connect(&server, "tailtown_owner").await;
    until("the backend is busy", async || {
        let busy = "select from pg_stat_activity where state = 'active' and query like 'do %'";
        watcher.query_opt(busy, &[]).await.unwrap().is_some()
    })
    .await;
    home.kill_server().await;
    drop(server);
    let start = Instant::now();
    home.start().await.stop().await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert!(busy.await.unwrap().is_err());
}

#[tokio::test]
async fn the_log_holds_no_row_no_parameter_and_no_statement_and_is_its_owners_alone() {
    let home = Home::new();
    let server = home.start().await;
    write(&server, "first").await;
    let client = connect(&server, "tailtown_owner").await;
    client.batch_execute("create unique index words_word on app.words (word)").await.unwrap();
    for _ in 0..2 {
        let _ = client.execute("insert into app.words values ($1)", &[&"ada@example.com"]).await;
    }
    let literal = "insert into app.words values ('ada@example.com')";
    client.batch_execute(literal).await.unwrap_err();
    let slow = "select pg_sleep(0.6), $1::text";
    client.query(slow, &[&"ada@example.com"]).await.unwrap();
    drop(client);
    server.stop().await.unwrap();
    let mut text = String::new();
    for file in fs::read_dir(home.cluster().join("log")).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.path());
        text.push_str(&fs::read_to_string(file.path()).unwrap());
    }
    assert!(text.contains("words_word") && text.contains("pg_sleep"), "{text}");
    assert!(!text.contains("ada@example.com"), "{text}");
    assert_eq!(fs::metadata(home.cluster()).unwrap().permissions().mode() & 0o077, 0);
}

#[tokio::test]
async fn a_stale_lock_file_that_names_a_stranger_is_no_server_and_the_stranger_lives() {
    let home = Home::new().durable();
    let server = home.start().await;
    write(&server, "committed").await;
    let (text, pid) = home.lock_file().unwrap();
    home.kill_server().await;
    drop(server);
    // After the machine started anew, the number belongs to someone else of the same user.
    let mut stranger = stranger();
    let text = text.replacen(&pid.to_string(), &stranger.id().to_string(), 1);
    fs::write(home.cluster().join("postmaster.pid"), text).unwrap();

    let started = embedded::start(&home.settings).await;
    let lives = stranger.try_wait().unwrap().is_none();
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    assert!(lives);
    let server = started.unwrap();
    assert_eq!(words(&server).await, ["committed"]);
    server.stop().await.unwrap();
}

/// A process of the user who runs the server.
fn stranger() -> Child {
    let mut command = Command::new("sleep");
    command.arg("600").stdin(Stdio::null());
    if Uid::effective().is_root() {
        let user = ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).unwrap()).unwrap();
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command.spawn().unwrap()
}

#[tokio::test]
async fn a_server_that_a_killed_program_left_is_taken_over() {
    let home = Home::new();
    let server = home.start().await;
    write(&server, "kept").await;
    let (_, pid) = home.lock_file().unwrap();
    // The kernel lets go of a killed program's lock as it does of a dropped one.
    drop(server);
    assert!(is_alive(pid));

    let server = home.start().await;
    assert!(server.adopted());
    assert_eq!(home.lock_file().unwrap().1, pid);
    assert_eq!(words(&server).await, ["kept"]);
    server.stop().await.unwrap();
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn a_folder_in_use_is_refused_to_a_second_program_and_open_to_a_command_beside_it() {
    let home = Home::new();
    let server = home.start().await;
    let error = home.refusal().await;
    assert!(matches!(&error, EmbeddedError::InUse(folder) if folder.ends_with("home")), "{error}");
    assert!(error.to_string().contains("another running tailtown"));

    let beside = embedded::join(&home.settings).await.unwrap();
    write(&beside, "from the command").await;
    beside.stop().await.unwrap();
    assert_eq!(words(&server).await, ["from the command"]);
    server.stop().await.unwrap();

    let alone = embedded::join(&home.settings).await.unwrap();
    assert_eq!(words(&alone).await, ["from the command"]);
    alone.stop().await.unwrap();
    assert!(home.lock_file().is_none());
}

#[tokio::test]
async fn a_cluster_of_another_major_version_is_refused_by_both_names() {
    let home = Home::new();
    fs::create_dir_all(home.cluster()).unwrap();
    fs::write(home.cluster().join("PG_VERSION"), "9\n").unwrap();
    let error = home.refusal().await;
    let EmbeddedError::OtherMajor { found: 9, installed, .. } = &error else { panic!("{error}") };
    assert!(installed.split(" and ").all(|major| major.parse::<u32>().unwrap() >= 15), "{installed}");
    assert!(error.to_string().contains(&format!("PostgreSQL 9, and only {installed} is installed")));
}

#[tokio::test]
async fn a_command_beside_a_program_whose_server_is_gone_is_told_so() {
    let home = Home::new();
    let server = home.start().await;
    home.kill_server().await;
    let error = embedded::join(&home.settings).await.unwrap_err();
    let EmbeddedError::Down { pid, fault } = &error else { panic!("{error}") };
    assert_eq!(
        (*pid, fault.as_str()),
        (std::process::id(), "the private database has ended and is being started again")
    );

    // Watched, it comes back, also for one that came too early.
    let watch = tokio::spawn(server.watch(std::future::pending()).unwrap());
    let beside = embedded::join(&home.settings).await.unwrap();
    write(&beside, "kept").await;
    assert_eq!(server.standing().fault(), None);
    watch.abort();
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_start_leaves_nothing_running() {
    let home = Home::new();
    for _ in 0..5 {
        let server = home.start().await;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let watch = server.watch(async { drop(stopped.await) }).unwrap();
        let watch = tokio::spawn(watch);
        home.kill_server().await;
        until("the watch notices", async || server.standing().fault().is_some()).await;
        stop.send(()).unwrap();
        watch.await.unwrap();
        server.stop().await.unwrap();
        assert!(home.lock_file().is_none());
    }
}

#[tokio::test]
async fn a_cluster_whose_making_was_cut_off_is_made_anew() {
    let home = Home::new();
    let settings = home.settings.clone();
    let making = tokio::spawn(async move { embedded::start(&settings).await });
    until("the making began", async || {
        let folders = fs::read_dir(&home.settings.home).into_iter().flatten().flatten();
        folders.into_iter().any(|folder| folder.path().join("PG_VERSION").exists())
    })
    .await;
    making.abort();
    assert!(making.await.unwrap_err().is_cancelled());

    let server = home.start().await;
    write(&server, "whole").await;
    server.stop().await.unwrap();
    let mut left: Vec<_> =
        fs::read_dir(&home.settings.home).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["lock", "postgres", "socket"]);
}

#[tokio::test]
async fn a_folder_that_the_server_may_not_enter_is_refused_with_the_reason() {
    let home = Home::under("closed/home");
    let closed = home.folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o500)).unwrap();
    let error = home.refusal().await;
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    let EmbeddedError::NotWritable { folder, reason, .. } = &error else { panic!("{error}") };
    assert!(folder.starts_with(&home.settings.home), "{error}");
    assert!(reason.contains("closed to that user") || reason.contains("Permission denied"), "{error}");
}

#[tokio::test]
async fn a_file_in_place_of_the_folder_is_refused() {
    let home = Home::new();
    fs::write(&home.settings.home, "not a folder").unwrap();
    let error = home.refusal().await;
    assert!(matches!(&error, EmbeddedError::NotWritable { .. }), "{error}");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_works_through_one_elsewhere() {
    let home = Home::under(&"long".repeat(30));
    let server = home.start().await;
    let socket = server.socket_folder().to_owned();
    assert!(!socket.starts_with(home.folder.path()));
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o700);
    write(&server, "far away").await;
    assert_eq!(words(&server).await, ["far away"]);
    server.stop().await.unwrap();
    fs::remove_dir(socket).unwrap();
}

/// A disk of its own, or `None` where one cannot be had.
struct Disk {
    home: Home,
}

impl Disk {
    fn of(megabytes: u32) -> Option<Self> {
        let home = Home::under("disk/home").durable();
        let mount = home.folder.path().join("disk");
        fs::create_dir(&mount).unwrap();
        let size = format!("size={megabytes}m,mode=711");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tailtown"]).arg(&mount).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { home });
        }
        #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
        {
            eprintln!("left out: only root can make a small disk");
        }
        None
    }

    /// Takes what is left of it.
    fn fill(&self) -> PathBuf {
        let path = self.mount().join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        path
    }

    fn mount(&self) -> &Path {
        self.home.settings.home.parent().unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.home.end();
        let _ = Command::new("umount").arg("--lazy").arg(self.mount()).status();
    }
}

#[tokio::test]
async fn a_disk_too_small_is_called_full_whichever_step_finds_out() {
    for megabytes in [16, 40] {
        let Some(disk) = Disk::of(megabytes) else { return };
        let error = disk.home.refusal().await;
        assert!(matches!(&error, EmbeddedError::DiskFull(_)), "{megabytes} MB: {error}");
    }
}

#[tokio::test]
async fn a_disk_that_filled_up_is_called_full_and_with_room_all_is_there() {
    let Some(disk) = Disk::of(100) else { return };
    let server = disk.home.start().await;
    write(&server, "committed").await;
    disk.home.kill_server().await;
    drop(server);
    let filler = disk.fill();
    let error = disk.home.refusal().await;
    assert!(matches!(&error, EmbeddedError::DiskFull(_)), "{error}");

    fs::remove_file(filler).unwrap();
    let server = disk.home.start().await;
    assert_eq!(words(&server).await, ["committed"]);
    server.stop().await.unwrap();
}
