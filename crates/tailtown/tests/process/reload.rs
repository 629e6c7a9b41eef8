//! A reload is nothing that a client notices, and a new program that does not get ready is nothing at all.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Stdio;

use futures_util::future::join_all;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::load::Load;
use crate::program::{Ended, PATIENCE, Program, Settings, command_of, eventually, resort, run};
use crate::server::{Home, Server, is_running};

/// What a new program says to the old one.
const READY: &str = r#"echo '{"Ready":{"version":"0","commit":"none"}}' >&0"#;

async fn reload(home: &Home, program: &Program, settings: Settings<'_>) -> Ended {
    let port = program.port.to_string();
    run(home, &["reload"], &[settings, &[("PORT", &port)]].concat()).await
}

#[tokio::test]
async fn ten_reloads_under_load_fail_no_request_and_lose_nothing() {
    let home = Home::new();
    let program = Program::ready(&home, &[]).await;
    resort(&home, "resort1", &[]).await;
    let owner = program.owner("resort1").await;
    let postmaster = home.postmaster();
    let load = Load::begin(&owner);
    let mut processes = BTreeSet::from([home.serving(program.port).unwrap()]);
    for _ in 0..10 {
        let said = reload(&home, &program, &[]).await.succeeded();
        let serving = home.serving(program.port).unwrap();
        assert!(processes.insert(serving) && said.contains(&format!("process {serving}")), "{said}");
        owner.get("/readyz").await.expect(200);
    }
    assert!(load.end(&owner).await > 10);
    assert!(!program.said().contains("the cache is off"), "a write had to wait: {}", program.said());
    let last = home.serving(program.port).unwrap();
    eventually("an old program is there", async || {
        processes.iter().all(|process| *process == last || !is_running(*process))
    })
    .await;
    assert_eq!(home.postmaster(), postmaster, "the private database was not handed on");
    program.stop_successor(&home).await;
    assert_eq!(home.postmaster(), None);
}

#[tokio::test]
async fn a_new_program_that_does_not_get_ready_leaves_the_old_one_serving() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let settings: Settings<'_> = &[("DATABASE_URL", &url)];
    resort(&home, "resort1", settings).await;
    let program = Program::installed(&home, settings).await;
    let owner = program.owner("resort1").await;
    let first = home.serving(program.port).unwrap();
    let load = Load::begin(&owner);
    let installed = home.installed();
    let status = async || {
        let port = program.port.to_string();
        run(&home, &["status"], &[settings, &[("PORT", &port)]].concat()).await.succeeded()
    };
    assert!(status().await.contains("reload   none yet"));

    for (script, reason) in [
        ("exit 1", "ended with exit status: 1 before it was ready"),
        ("exec /nowhere/tailtown \"$@\"", "before it was ready"),
        // These say that they are ready, and are let in.
        (&format!("{READY}; exit 1"), "it went away in the moment it was to serve"),
        (&format!("{READY}; exec sleep 600"), "it did not begin to serve within 5 s"),
        (
            &format!("PORT=none exec {} \"$@\"", env!("CARGO_BIN_EXE_tailtown")),
            "PORT=none: must be a whole number",
        ),
        (
            &format!(
                "DATABASE_URL=postgresql://u@127.0.0.1:1/d exec {} \"$@\"",
                env!("CARGO_BIN_EXE_tailtown")
            ),
            "DATABASE_URL: cannot connect to PostgreSQL at 127.0.0.1:1 (database d, role u)",
        ),
        (
            &format!("PORT=1 exec {} \"$@\"", env!("CARGO_BIN_EXE_tailtown")),
            "PORT or TAILTOWN_HOME were changed",
        ),
    ] {
        home.install(script);
        let said = reload(&home, &program, settings).await.refused();
        assert!(
            said.contains("the new program does not serve: ") && said.contains(reason),
            "{script}: {said}"
        );
        assert!(said.contains("the old one still does: version "), "{said}");
        assert_eq!(home.serving(program.port), Some(first));
        owner.get("/readyz").await.expect(200);
    }
    assert!(status().await.contains("reload   failed: "));
    fs::write(home.path().join("tailtown.toml"), "prot = 1\n").unwrap();
    fs::remove_file(&installed).unwrap();
    home.installed();
    // The command reads the same settings.
    kill(first, Signal::SIGUSR2).unwrap();
    eventually("it does not fail", async || {
        program.said().contains("prot in tailtown.toml: there is no such setting")
    })
    .await;
    fs::remove_file(home.path().join("tailtown.toml")).unwrap();

    // A signal alone reloads as well.
    kill(home.serving(program.port).unwrap(), Signal::SIGUSR2).unwrap();
    eventually("the first one serves", async || home.serving(program.port) != Some(first)).await;
    assert!(load.end(&owner).await > 10);
    assert!(status().await.contains("reload   succeeded"));
    program.stop_successor(&home).await;
}

#[tokio::test]
async fn a_new_program_that_never_gets_ready_is_ended() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("RELOAD_SECONDS", "1")];
    let program = Program::installed(&home, settings).await;
    let first = home.serving(program.port);
    let sleeper = home.path().join("sleeper");
    home.install(&format!("echo $$ > {}; exec sleep 600", sleeper.display()));
    let said = reload(&home, &program, settings).await.refused();
    assert!(said.contains("it was not ready after 1 s; RELOAD_SECONDS gives it longer"), "{said}");
    assert_eq!(home.serving(program.port), first);
    let sleeper = fs::read_to_string(sleeper).unwrap().trim().parse().unwrap();
    assert!(!is_running(Pid::from_raw(sleeper)));
    program.stop().await;
}

#[tokio::test]
async fn a_limit_is_exact_across_reloads() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let settings: Settings<'_> =
        &[("DATABASE_URL", &url), ("RATE_LIMITS", "on"), ("RATE_LIMIT_WINDOW_SECONDS", "86400")];
    resort(&home, "resort1", settings).await;
    let program = Program::ready(&home, settings).await;
    // FREE: a hundred, of which the login, without a session, took none.
    let owner = program.owner("resort1").await;
    let mut kept: Vec<_> = (0..8).map(|_| owner.kept_open()).collect();
    let mut admitted = 0;
    for turn in 0..4 {
        for connection in &mut kept {
            admitted += u32::from(connection.get("/api/customers").await.status == 200);
        }
        // While the next one takes over, on connections that the old one still answers.
        let (ended, flood) = tokio::join!(
            async { if turn < 3 { Some(reload(&home, &program, settings).await) } else { None } },
            join_all(kept.iter_mut().map(async |connection| {
                let mut admitted = 0;
                for _ in 0..5 {
                    admitted += u32::from(connection.get("/api/customers").await.status == 200);
                }
                admitted
            })),
        );
        ended.map(Ended::succeeded);
        admitted += flood.iter().sum::<u32>();
    }
    assert_eq!(admitted, 100);
    assert_eq!(owner.get("/api/customers").await.status, 429);
    program.stop_successor(&home).await;
}

#[tokio::test]
async fn killed_while_the_one_before_it_still_drains_it_starts_again() {
    let home = Home::new();
    let mut program = Program::ready(&home, &[]).await;
    resort(&home, "resort1", &[]).await;
    let owner = program.owner("resort1").await;
    let first = home.serving(program.port).unwrap();
    let mut kept = owner.kept_open();
    kept.get("/api/customers").await.expect(200);
    reload(&home, &program, &[]).await.succeeded();
    let second = home.serving(program.port).unwrap();
    kill(second, Signal::SIGKILL).unwrap();
    eventually("it runs", async || !is_running(second)).await;
    assert!(is_running(first), "nobody holds the connection");

    // Its number is in the file still, and nobody's.
    let said = reload(&home, &program, &[]).await.refused();
    assert!(said.contains("no program serves with TAILTOWN_HOME="), "{said}");
    let next = Program::start(&home, program.port, &[]);
    program.until_ready().await;
    assert_eq!(kept.get("/api/customers").await.expect(200)["data"], json!([]));
    owner.get("/api/customers").await.expect(200);
    assert!(next.said().contains("took over the private database"), "{}", next.said());
    next.stop().await;
    assert!(program.ended().await.status.success());
    assert_eq!(home.postmaster(), None);
}

#[tokio::test]
async fn it_serves_on_the_listener_that_systemd_gives_and_tells_it_how_things_are() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let told = UnixDatagram::bind(home.path().join("notify")).unwrap();
    told.set_read_timeout(Some(PATIENCE)).unwrap();
    let hears = || {
        let mut text = [0; 1000];
        let length = told.recv(&mut text).unwrap();
        String::from_utf8_lossy(&text[..length]).into_owned()
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // The settings name a port that it could not bind.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let setting = taken.local_addr().unwrap().port();
    let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\" 3<&0 </dev/null";
    let notify = home.path().join("notify").display().to_string();
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("NOTIFY_SOCKET", &notify)];
    let mut command = command_of(Path::new("/bin/sh"), home.path(), settings);
    command.args(["-c", script, env!("CARGO_BIN_EXE_tailtown")]);
    command.stdin(Stdio::from(OwnedFd::from(listener)));
    let mut program = Program::spawn(command, setting);
    assert!(hears().starts_with("READY=1\n"));
    program.port = port;
    program.until_ready().await;

    let at = setting.to_string();
    let settings = &[settings, &[("PORT", &at)]].concat();
    for _ in 0..2 {
        run(&home, &["reload"], settings).await.succeeded();
        let reloading = hears();
        assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
        let serving = home.serving(setting).unwrap();
        assert!(hears().starts_with(&format!("MAINPID={serving}\nREADY=1\n")));
        program.client("localhost").get("/readyz").await.expect(200);
    }
    let said = run(&home, &["status"], settings).await.succeeded();
    assert!(said.contains(&format!("address  127.0.0.1:{port}")), "{said}");
    program.port = setting;
    program.stop_successor(&home).await;
    assert_eq!(hears(), "STOPPING=1");
}
