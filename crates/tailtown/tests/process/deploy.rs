//! `bin/deploy`: a healthy program is deployed, any other is rolled back, and no client notices either.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::timeout;

use crate::load::Load;
use crate::program::{Ended, PATIENCE, Program, command_of, eventually, resort};
use crate::server::Home;

/// Deploys a program that is this script.
async fn deploy(home: &Home, port: u16, script: &str, options: &[&str]) -> Ended {
    let child = begin(home, port, script, options);
    ended(port, child).await
}

async fn ended(port: u16, child: Child) -> Ended {
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("the deploy does not end").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { port, status: output.status, out: text(output.stdout), err: text(output.stderr) }
}

fn begin(home: &Home, port: u16, script: &str, options: &[&str]) -> Child {
    let new = home.path().join("new");
    fs::write(&new, format!("#!/bin/sh\n{script}\n")).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&new, executable).unwrap();
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bin/deploy");
    let mut command = command_of(&deploy, home.path(), &[("PORT", &port.to_string())]);
    command.arg(&new).args(["--watch", "1"]).args(options).stdin(Stdio::null());
    // As a terminal's Ctrl-C reaches them: the script and whatever it waits for.
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn a_deploy_that_is_not_well_is_taken_back_by_itself_and_no_request_fails() {
    let home = Home::new();
    let program = Program::installed(&home, &[]).await;
    resort(&home, "resort1", &[]).await;
    let (anyone, owner) = (program.client("localhost"), program.owner("resort1").await);
    let load = Load::begin(&owner);
    let tailtown = format!("exec {} \"$@\"", env!("CARGO_BIN_EXE_tailtown"));
    let first = home.serving(program.port).unwrap();

    let said = deploy(&home, program.port, &tailtown, &[]).await.succeeded();
    for step in ["backing up", "checking the migrations", "migrating", "installing", "reloading", "watching"]
    {
        assert!(said.contains(&format!("== {step}")), "{said}");
    }
    let good = home.serving(program.port).unwrap();
    assert_ne!(good, first);
    let installed = fs::read_to_string(home.installed()).unwrap();
    assert!(installed.contains(&tailtown));
    let previous = home.path().join("tailtown.previous").canonicalize().unwrap();
    assert_eq!(previous, Path::new(env!("CARGO_BIN_EXE_tailtown")).canonicalize().unwrap());

    // It gets ready, and its Redis is not there.
    let sick = format!("export REDIS_URL=redis://127.0.0.1:1\n{tailtown}");
    let ended = deploy(&home, program.port, &sick, &["--skip-backup"]).await;
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.out.contains("it is not healthy") && ended.out.contains("back"), "{ended:?}");
    assert!(ended.err.contains("serves again and is healthy"), "{ended:?}");
    assert_eq!(fs::read_to_string(home.installed()).unwrap(), installed);
    assert_eq!(anyone.get("/health").await.expect(200)["checks"]["redis"], "disabled");

    let serving = home.serving(program.port);
    let dead = format!("[ \"$1\" = serve ] && exit 1\n{tailtown}");
    let ended = deploy(&home, program.port, &dead, &["--skip-backup"]).await;
    assert!(ended.err.contains("does not start; ") && ended.err.contains("serves, as before"), "{ended:?}");
    assert_eq!((home.serving(program.port), ended.status.code()), (serving, Some(1)));
    assert_eq!(fs::read_to_string(home.installed()).unwrap(), installed);

    assert!(load.end(&owner).await > 10);
    program.stop_successor(&home).await;
    assert_eq!(home.postmaster(), None);
}

#[tokio::test]
async fn a_deploy_that_is_interrupted_while_it_reloads_is_taken_back() {
    let home = Home::new();
    let program = Program::installed(&home, &[]).await;
    resort(&home, "resort1", &[]).await;
    let owner = program.owner("resort1").await;
    let load = Load::begin(&owner);
    let before = home.installed().canonicalize().unwrap();
    let at = home.path().join("it starts");
    let slow = format!(
        "[ \"$1\" = serve ] && : > \"{}\" && sleep 1\nexec {} \"$@\"",
        at.display(),
        env!("CARGO_BIN_EXE_tailtown")
    );
    let child = begin(&home, program.port, &slow, &["--skip-backup"]);
    eventually("the new program does not start", async || at.exists()).await;
    killpg(Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()), Signal::SIGINT).unwrap();
    let ended = ended(program.port, child).await;
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(
        ended.err.contains("interrupted; ") && ended.err.contains("serves again and is healthy"),
        "{ended:?}"
    );
    assert_eq!(home.installed().canonicalize().unwrap(), before);
    assert!(load.end(&owner).await > 10);
    program.stop_successor(&home).await;
}

#[tokio::test]
async fn a_program_that_is_not_well_is_replaced_when_that_is_asked_for() {
    let home = Home::new();
    let program = Program::installed(&home, &[("REDIS_URL", "redis://127.0.0.1:1")]).await;
    let first = home.serving(program.port);
    let mended = format!("unset REDIS_URL\nexec {} \"$@\"", env!("CARGO_BIN_EXE_tailtown"));
    let ended = deploy(&home, program.port, &mended, &["--skip-backup"]).await;
    assert!(ended.err.contains("--anyway replaces it"), "{ended:?}");
    assert_eq!(home.serving(program.port), first);
    deploy(&home, program.port, &mended, &["--skip-backup", "--anyway"]).await.succeeded();
    assert_ne!(home.serving(program.port), first);
    program.client("localhost").get("/health").await.expect(200);
    program.stop_successor(&home).await;
}
