//! The program in a process of its own: started, listened to, signalled, and gone at the end of the test.

use std::net::TcpListener;
use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::client::Client;
use crate::server::Home;

/// How long to wait for anything: what takes longer never ends, on however busy a machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// The password of everyone in a test.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Settings beside the home and the port.
pub(crate) type Settings<'a> = &'a [(&'a str, &'a str)];

/// The program, serving or about to.
pub(crate) struct Program {
    pub(crate) port: u16,
    child: Child,
    out: Lines,
    err: Lines,
    readers: Vec<JoinHandle<()>>,
}

type Lines = Arc<Mutex<Vec<String>>>;

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) port: u16,
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Program {
    /// Starts `tailtown serve` and waits until it is ready.
    pub(crate) async fn ready(home: &Home, settings: Settings<'_>) -> Self {
        let mut program = Self::start(home, free_port(), settings);
        program.until_ready().await;
        program
    }

    /// Starts `tailtown serve`.
    pub(crate) fn start(home: &Home, port: u16, settings: Settings<'_>) -> Self {
        let mut command = command(home.path(), settings);
        command.stdin(Stdio::null());
        Self::spawn(command, port)
    }

    /// The same, from where it is installed in its home.
    pub(crate) async fn installed(home: &Home, settings: Settings<'_>) -> Self {
        let mut command = command_of(&home.installed(), home.path(), settings);
        command.stdin(Stdio::null());
        let mut program = Self::spawn(command, free_port());
        program.until_ready().await;
        program
    }

    /// Starts `tailtown serve` as this command says.
    pub(crate) fn spawn(mut command: Command, port: u16) -> Self {
        command.arg("serve").env("PORT", port.to_string());
        // A group of its own, as a shell gives it: a Ctrl-C goes to everyone in it.
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (Lines::default(), Lines::default());
        let readers = vec![
            tokio::spawn(read(child.stdout.take().unwrap(), out.clone())),
            tokio::spawn(read(child.stderr.take().unwrap(), err.clone())),
        ];
        Self { port, child, out, err, readers }
    }

    pub(crate) async fn until_ready(&mut self) {
        let client = self.client("localhost");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if client.try_send("GET", "/readyz", None).await.is_ok_and(|answer| answer.status == 200) {
                return;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "not ready, {ended:?}:\n{}", self.said());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// A client of this host who has not signed in.
    pub(crate) fn client(&self, host: &str) -> Client {
        Client::new(self.port, host)
    }

    /// The owner of a resort that [`resort`] made.
    pub(crate) async fn owner(&self, subdomain: &str) -> Client {
        let client = self.client(&format!("{subdomain}.localhost"));
        client.signed_in(&format!("owner@{subdomain}.example"), PASSWORD).await.0
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// What a terminal does: the signal goes to the program and to everything in its group.
    pub(crate) fn signal_group(&self, signal: Signal) {
        killpg(self.pid(), signal).unwrap();
    }

    /// Waits until new connections are refused, which is when it stops.
    pub(crate) async fn until_closed(&self) {
        let client = self.client("localhost");
        eventually("the program takes new connections", async || {
            client.try_send("GET", "/readyz", None).await.is_err()
        })
        .await;
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> Ended {
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("it does not end:\n{}", self.said())).unwrap();
        for reader in std::mem::take(&mut self.readers) {
            timeout(PATIENCE, reader).await.expect("someone still holds its output").unwrap();
        }
        Ended { port: self.port, status, out: text(&self.out), err: text(&self.err) }
    }

    /// Stops it in order.
    pub(crate) async fn stop(self) -> Ended {
        self.signal(Signal::SIGTERM);
        let ended = self.ended().await;
        assert!(ended.status.success(), "{ended:?}");
        ended
    }

    /// Stops the one that serves now, which may be another process than the first, in order.
    pub(crate) async fn stop_successor(self, home: &Home) -> Ended {
        let last = home.serving(self.port).unwrap();
        kill(last, Signal::SIGTERM).unwrap();
        let ended = self.ended().await;
        assert!(ended.status.success() && home.serving(ended.port).is_none(), "{ended:?}");
        ended
    }

    /// What it wrote so far.
    pub(crate) fn said(&self) -> String {
        text(&self.out) + &text(&self.err)
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().expect("it has ended").try_into().unwrap())
    }
}

/// Runs a command of the program to its end.
pub(crate) async fn run(home: &Home, arguments: &[&str], settings: Settings<'_>) -> Ended {
    run_with(home, arguments, settings, "").await
}

/// The same, with `input` on its standard input.
pub(crate) async fn run_with(home: &Home, arguments: &[&str], settings: Settings<'_>, input: &str) -> Ended {
    let mut command = command(home.path(), settings);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may end without having read.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("the command does not end");
    let Output { status, stdout, stderr } = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { port: 0, status, out: text(stdout), err: text(stderr) }
}

/// Starts a command whose end nobody hears.
pub(crate) fn begin(home: &Home, arguments: &[&str], settings: Settings<'_>) -> Child {
    let mut command = command(home.path(), settings);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Adds a resort whose owner is `owner@<subdomain>.example`; the answer is its id.
pub(crate) async fn resort(home: &Home, subdomain: &str, settings: Settings<'_>) -> String {
    let email = format!("owner@{subdomain}.example");
    let words = ["tenant", "create", subdomain, "--name", "Happy Tails", "--owner-email", &email];
    let words = [&words[..], &["--timezone", "America/Denver", "--password-stdin"]].concat();
    let created = run_with(home, &words, settings, PASSWORD).await.succeeded();
    created.split(' ').nth(1).unwrap().to_owned()
}

impl Ended {
    /// What it said on standard output.
    #[track_caller]
    pub(crate) fn succeeded(self) -> String {
        assert!(self.status.success(), "{self:?}");
        self.out
    }

    /// What it said on standard error, refusing.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        assert!(self.err.contains("tailtown: "), "{self:?}");
        self.err
    }
}

/// Asks again and again until `done`; `otherwise` says what is the case until then.
pub(crate) async fn eventually(otherwise: &str, mut done: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done().await {
        assert!(Instant::now() < deadline, "{otherwise}, still");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A port that nothing listens on, below those the kernel gives to whoever asks for any.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let mine = u16::try_from(std::process::id() % 400).unwrap() * 50;
    loop {
        let port = 10_000 + mine + NEXT.fetch_add(1, Ordering::Relaxed) % 2000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Nothing of this environment but the way to programs: a stray setting would be refused, or believed.
fn command(home: &Path, settings: Settings<'_>) -> Command {
    command_of(Path::new(env!("CARGO_BIN_EXE_tailtown")), home, settings)
}

/// The same for another program.
pub(crate) fn command_of(program: &Path, home: &Path, settings: Settings<'_>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
    if !settings.iter().any(|(name, _)| *name == "TAILTOWN_ENV") {
        // These stories ask more often than a small resort may.
        command.env("RATE_LIMITS", "off");
    }
    // Many run side by side; those who look at metrics name a port.
    command.env("ADMIN_PORT", "0").env("TAILTOWN_HOME", home).envs(settings.iter().copied());
    command.current_dir(home).kill_on_drop(true);
    command
}

async fn read(from: impl AsyncRead + Unpin, into: Lines) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        into.lock().unwrap().push(line);
    }
}

fn text(lines: &Lines) -> String {
    lines.lock().unwrap().iter().map(|line| format!("{line}\n")).collect()
}
