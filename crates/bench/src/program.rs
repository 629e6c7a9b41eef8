//! A program of our own to measure: started on a state folder and a port that nobody else uses, and stopped on every way
//! out, with its PostgreSQL.

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::proc::{self, Watch};

/// How long a start may take; the first makes the demo's resorts.
const STARTS_WITHIN: Duration = Duration::from_secs(600);

/// How long a stop may take before the process is killed.
const STOPS_WITHIN: Duration = Duration::from_secs(60);

/// How long autovacuum may take to come, which is a minute, and to finish.
const SETTLES_WITHIN: Duration = Duration::from_secs(180);

/// How long no autovacuum is at work when it has finished.
const QUIET: Duration = Duration::from_secs(2);

/// How often a start looks whether it is done: the error of its time.
const POLL: Duration = Duration::from_millis(1);

/// Two ports that nobody listens on.
fn free_ports() -> std::io::Result<[u16; 2]> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    // Both at once, so that they differ.
    let listeners = [listen()?, listen()?];
    Ok([listeners[0].local_addr()?.port(), listeners[1].local_addr()?.port()])
}

/// The program, running or stopped.
pub(crate) struct Program {
    binary: PathBuf,
    home: PathBuf,
    port: u16,
    admin_port: u16,
    tenants: u32,
    /// The processors it runs on, as `taskset` takes them; all without this.
    cores: Option<String>,
    /// Settings that a scenario adds, by name.
    settings: Vec<(String, String)>,
    child: Option<Child>,
    /// The process that a reload put in the child's place.
    successor: Option<u32>,
}

impl Program {
    /// Starts nothing yet.
    ///
    /// # Errors
    /// When there is no such program, or no port or folder for it.
    pub(crate) fn new(binary: PathBuf, home: PathBuf, tenants: u32) -> anyhow::Result<Self> {
        let binary =
            binary.canonicalize().with_context(|| format!("{}: no such program", binary.display()))?;
        fs::create_dir_all(&home).with_context(|| format!("{} cannot be made", home.display()))?;
        let home = home.canonicalize()?;
        let [port, admin_port] = free_ports()?;
        Ok(Self {
            binary,
            home,
            port,
            admin_port,
            tenants,
            cores: None,
            settings: Vec::new(),
            child: None,
            successor: None,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Where it tells its metrics.
    pub(crate) fn admin_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.admin_port))
    }

    /// Settings for the next start, in place of those of the last one.
    pub(crate) fn set(&mut self, settings: &[(&str, &str)]) {
        self.settings =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    }

    /// From its next start on the program and its PostgreSQL have half of the processors for themselves, and the load that is
    /// made here has the others: what making it costs is not taken from the program. Nothing of that where there is one only.
    ///
    /// # Errors
    /// When `taskset` fails, or is not there.
    pub(crate) fn set_apart(&mut self, apart: bool) -> anyhow::Result<()> {
        let count = fs::read_to_string("/proc/cpuinfo")?.matches("processor\t").count();
        let (ours, programs) = match (apart, count) {
            (true, 2..) => (format!("{}-{}", count / 2, count - 1), Some(format!("0-{}", count / 2 - 1))),
            _ => (format!("0-{}", count.max(1) - 1), None),
        };
        let us = std::process::id().to_string();
        let set = Command::new("taskset").args(["--all-tasks", "--cpu-list", "--pid", &ours, &us]).output();
        let set = set.context("taskset, of util-linux, is not here")?;
        if !set.status.success() {
            bail!("taskset failed: {}", String::from_utf8_lossy(&set.stderr));
        }
        self.cores = programs;
        Ok(())
    }

    /// What another command of the program says, beside the one that runs.
    ///
    /// # Errors
    /// When it fails, with its last words.
    pub(crate) fn tell(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command().args(arguments).output()?;
        if !output.status.success() {
            bail!("{arguments:?} failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Begins another command of the program, beside the one that runs; what it says goes to `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn begin(&self, arguments: &[&str], log: File) -> anyhow::Result<Child> {
        Ok(self.command().args(arguments).stdout(log.try_clone()?).stderr(log).spawn()?)
    }

    /// A folder of this name beside the program's state. What is deployed from `next` stays there, for whoever deploys after it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.home.join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Reloads it, and returns how long that took.
    ///
    /// # Errors
    /// When the new program does not serve.
    pub(crate) async fn reload(&mut self) -> anyhow::Result<Duration> {
        let mut command = self.command();
        let start = Instant::now();
        let output = tokio::task::spawn_blocking(move || command.arg("reload").output()).await??;
        let took = start.elapsed();
        let said = String::from_utf8_lossy(&output.stdout);
        let process = said.trim().rsplit_once("process ").and_then(|(_, process)| process.parse().ok());
        let Some(process) = process.filter(|_| output.status.success()) else {
            bail!("the reload failed: {}", String::from_utf8_lossy(&output.stderr));
        };
        self.successor = Some(process);
        Ok(took)
    }

    /// From its next start on it is a copy, so that a deploy does not put anything in the place of what is measured.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub(crate) fn install(&mut self) -> anyhow::Result<()> {
        let folder = self.folder("installed")?;
        let installed = folder.join("tailtown");
        if self.binary != installed {
            for copy in [&folder.join("same"), &installed] {
                fs::copy(&self.binary, copy).context("the program cannot be copied")?;
            }
            self.binary = installed;
        }
        Ok(())
    }

    /// Has `bin/deploy` put a program in its place that serves and is not what it says it is, and is taken back; returns how long
    /// that took.
    ///
    /// # Errors
    /// When it does not end so.
    pub(crate) async fn deploy_in_vain(&mut self) -> anyhow::Result<Duration> {
        let folder = self.folder("installed")?;
        let (new, same) = (folder.join("another"), folder.join("same"));
        let lies = "[ \"$1\" = --version ] && echo 'tailtown 0.0.0 (none)' && exit";
        fs::write(&new, format!("#!/bin/sh\n{lies}\nexec \"{}\" \"$@\"\n", same.display()))?;
        fs::set_permissions(&new, Permissions::from_mode(0o755))?;
        let mut deploy = self.command_of(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../bin/deploy")));
        deploy.arg(&new).args(["--skip-backup", "--watch", "2"]);
        let start = Instant::now();
        let output = tokio::task::spawn_blocking(move || deploy.output()).await??;
        let took = start.elapsed();
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() || !said.contains("serves again and is well") {
            bail!("the deploy was not taken back: {said}");
        }
        let status = self.tell(&["status"])?;
        let process = status.lines().find_map(|line| line.strip_prefix("process")?.trim().parse().ok());
        self.successor = Some(process.context("nobody serves")?);
        Ok(took)
    }

    fn command(&self) -> Command {
        self.command_of(&self.binary)
    }

    fn command_of(&self, program: &Path) -> Command {
        let mut program = match &self.cores {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", cores]).arg(program);
                command
            }
            None => Command::new(program),
        };
        program
            // No setting of whoever runs this changes what is measured; nor does a tailtown.toml, which is not here.
            .env_clear()
            .envs(["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .env("TAILTOWN_HOME", self.home.join("state"))
            .env("PORT", self.port.to_string())
            .env("ADMIN_PORT", self.admin_port.to_string())
            .env("DEMO_TENANTS", self.tenants.to_string())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.home)
            .stdin(Stdio::null());
        program
    }

    /// Starts with `command`, `demo` or `serve`, and waits until it is ready: how long that took. A PostgreSQL that a
    /// killed program left behind is left for it to take over.
    ///
    /// # Errors
    /// When it runs already, when it ends instead, with its last words, or when it does not become ready in time.
    pub(crate) fn start(&mut self, command: &str) -> anyhow::Result<Duration> {
        if self.child.is_some() {
            bail!("the program runs already");
        }
        let log = File::create(self.log())?;
        let mut program = self.command();
        program
            .arg(command)
            // Away from the terminal's group: a Ctrl-C is for us, who then stop it in order.
            .process_group(0)
            .stdout(log.try_clone()?)
            .stderr(log);
        let start = Instant::now();
        let binary = self.binary.display().to_string();
        self.child = Some(program.spawn().with_context(|| format!("{binary} cannot be started"))?);
        while !self.is_ready() {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                self.child = None;
                bail!("the program ended with {status}:\n{}", self.last_words());
            }
            if start.elapsed() > STARTS_WITHIN {
                bail!("the program is not ready after {STARTS_WITHIN:?}:\n{}", self.last_words());
            }
            std::thread::sleep(POLL);
        }
        Ok(start.elapsed())
    }

    /// Ends it in order, and makes sure that its PostgreSQL ended, too.
    ///
    /// # Errors
    /// When one of them cannot be told to, or does not.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        let program = self.stop_program();
        let postgres = self.stop_postgres();
        program.and(postgres)
    }

    fn stop_program(&mut self) -> anyhow::Result<()> {
        if let Some(successor) = self.successor.take() {
            signal(successor, Signal::SIGTERM)?;
            if !within(STOPS_WITHIN, || !runs(successor)) {
                signal(successor, Signal::SIGKILL)?;
            }
        }
        let Some(mut child) = self.child.take() else { return Ok(()) };
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        signal(child.id(), Signal::SIGTERM)?;
        if !within(STOPS_WITHIN, || !matches!(child.try_wait(), Ok(None))) {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    fn stop_postgres(&self) -> anyhow::Result<()> {
        let Some(postmaster) = self.postmaster() else { return Ok(()) };
        signal(postmaster, Signal::SIGINT)?;
        if !within(STOPS_WITHIN, || !is_postgres(postmaster)) {
            bail!("PostgreSQL, process {postmaster}, does not end");
        }
        Ok(())
    }

    /// Waits until autovacuum has analyzed what a fill wrote, once for a state folder: before that PostgreSQL plans without
    /// statistics, and costs would change in the middle of a run. `false` when it did not come.
    ///
    /// # Errors
    /// When PostgreSQL does not run, or the folder cannot be written.
    pub(crate) fn settle(&self) -> anyhow::Result<bool> {
        let mark = self.home.join("settled");
        if mark.exists() {
            return Ok(true);
        }
        let postmaster = self.postmaster().context("PostgreSQL does not run")?;
        let workers = || {
            let children = proc::children(postmaster).into_iter();
            let titled = children.filter(|pid| proc::title(*pid).contains("autovacuum worker tailtown"));
            titled.collect::<Vec<u32>>()
        };
        // One that is at work already began before the fill was done.
        let early = workers();
        let (mut seen, mut quiet) = (false, Instant::now());
        let settled = within(SETTLES_WITHIN, || {
            let now = workers();
            seen |= now.iter().any(|pid| !early.contains(pid));
            if !seen || !now.is_empty() {
                quiet = Instant::now();
            }
            std::thread::sleep(POLL * 10);
            quiet.elapsed() > QUIET
        });
        if settled {
            File::create(mark)?;
        }
        Ok(settled)
    }

    /// Kills the program as a crash would, and leaves its PostgreSQL running.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(successor) = self.successor.take() {
            signal(successor, Signal::SIGKILL)?;
            within(STOPS_WITHIN, || !runs(successor));
        }
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Sends a signal to its private PostgreSQL and all its processes.
    ///
    /// # Errors
    /// When it does not run.
    pub(crate) fn signal_postgres(&self, what: Signal) -> anyhow::Result<()> {
        let postmaster = self.postmaster().context("PostgreSQL does not run")?;
        signal(postmaster, what)?;
        for backend in proc::children(postmaster) {
            // One that ended meanwhile is none.
            let _ = signal(backend, what);
        }
        Ok(())
    }

    /// The processes to watch.
    ///
    /// # Errors
    /// When it does not run.
    pub(crate) fn watch(&self) -> anyhow::Result<Watch> {
        let program = self.successor.or_else(|| self.child.as_ref().map(Child::id));
        let program = program.context("the program does not run")?;
        Ok(Watch { program, postgres: self.postmaster() })
    }

    /// The process of its private PostgreSQL, which is no child of the program, if it runs.
    pub(crate) fn postmaster(&self) -> Option<u32> {
        let file = fs::read_to_string(self.home.join("state/postgres/postmaster.pid")).ok()?;
        let pid = file.lines().next()?.trim().parse().ok()?;
        is_postgres(pid).then_some(pid)
    }

    fn is_ready(&self) -> bool {
        self.ask_ready().is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200"))
    }

    /// Asks on a connection of its own. The program listens before it answers, so a connection may wait for its turn.
    fn ask_ready(&self) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address())?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    }

    fn log(&self) -> PathBuf {
        self.home.join("program.log")
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            crate::report::complain(&error);
        }
    }
}

fn signal(pid: u32, signal: Signal) -> anyhow::Result<()> {
    let pid = Pid::from_raw(i32::try_from(pid)?);
    kill(pid, signal).with_context(|| format!("process {pid} cannot be told to end"))
}

/// Whether a process that is no child of ours runs.
fn runs(pid: u32) -> bool {
    proc::stat(pid).is_ok_and(|stat| !stat.is_dead())
}

/// The number may belong to another process by now.
fn is_postgres(pid: u32) -> bool {
    proc::stat(pid).is_ok_and(|stat| stat.name == "postgres" && !stat.is_dead())
}

fn within(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > limit {
            return false;
        }
        std::thread::sleep(POLL);
    }
    true
}
