//! The program under measurement: started with its own state folder and ports, and stopped, with its PostgreSQL, however the run
//! ends.

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

/// The longest time a start may take; the first start creates the demo resorts.
const STARTS_WITHIN: Duration = Duration::from_secs(600);

/// The longest time a stop may take before the process is killed.
const STOPS_WITHIN: Duration = Duration::from_secs(60);

/// The longest time until autovacuum has started, which takes a minute, and finished.
const SETTLES_WITHIN: Duration = Duration::from_secs(180);

/// Autovacuum counts as finished when none has run for this long.
const QUIET: Duration = Duration::from_secs(2);

/// The interval between checks whether a start is done: the error of the measured time.
const POLL: Duration = Duration::from_millis(1);

/// Two free ports.
fn free_ports() -> std::io::Result<[u16; 2]> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    // Both are open at the same time, so that they differ.
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
    /// The processors that it runs on, in the form that `taskset` takes; without this, all.
    cores: Option<String>,
    /// Settings that a scenario adds: names and values.
    settings: Vec<(String, String)>,
    child: Option<Child>,
    /// The process that replaced the child in a reload.
    successor: Option<u32>,
}

impl Program {
    /// Prepares a program without starting it.
    ///
    /// # Errors
    /// When the program does not exist, or no port is free, or the folder cannot be created.
    pub(crate) fn new(binary: PathBuf, home: PathBuf, tenants: u32) -> anyhow::Result<Self> {
        let binary =
            binary.canonicalize().with_context(|| format!("{}: no such program", binary.display()))?;
        fs::create_dir_all(&home).with_context(|| format!("{} cannot be created", home.display()))?;
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

    /// The address of its metrics.
    pub(crate) fn admin_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.admin_port))
    }

    /// Replaces the settings for the next start.
    pub(crate) fn set(&mut self, settings: &[(&str, &str)]) {
        self.settings =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    }

    /// Separates program and load generator, from the next start on: the program and its PostgreSQL run on half of the
    /// processors, the load generator on the others, so that it takes no time from the program. Without effect on a machine with
    /// one processor.
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
        let set = set.context("taskset is not installed (package util-linux)")?;
        if !set.status.success() {
            bail!("taskset failed: {}", String::from_utf8_lossy(&set.stderr));
        }
        self.cores = programs;
        Ok(())
    }

    /// Runs another command of the program beside the one that serves, and returns its output.
    ///
    /// # Errors
    /// When it fails, with its error output.
    pub(crate) fn tell(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command().args(arguments).output()?;
        if !output.status.success() {
            bail!("{arguments:?} failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts another command of the program beside the one that serves; its output goes to `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn begin(&self, arguments: &[&str], log: File) -> anyhow::Result<Child> {
        Ok(self.command().args(arguments).stdout(log.try_clone()?).stderr(log).spawn()?)
    }

    /// A folder of this name beside the program's state. Migrations in `next` stay there, so that later deploys find them.
    ///
    /// # Errors
    /// When it cannot be created.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.home.join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Reloads the program, and returns how long that took.
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

    /// Uses a copy of the program from the next start on, so that a deploy does not replace the original.
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

    /// Runs `bin/deploy` with a program that reports a wrong version, so that the deploy is rolled back; returns how long that
    /// took.
    ///
    /// # Errors
    /// When the deploy is not rolled back.
    pub(crate) async fn deploy_and_roll_back(&mut self) -> anyhow::Result<Duration> {
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
        if output.status.success() || !said.contains("serves again and is healthy") {
            bail!("the deploy was not rolled back: {said}");
        }
        let status = self.tell(&["status"])?;
        let process = status.lines().find_map(|line| line.strip_prefix("process")?.trim().parse().ok());
        self.successor = Some(process.context("no program serves")?);
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
            // The caller's environment must not change the measurement. There is no tailtown.toml in this folder.
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

    /// Starts the program with `command` (`demo` or `serve`), waits until it is ready, and returns how long that took. A
    /// PostgreSQL that still runs after the program was killed is taken over by the new one.
    ///
    /// # Errors
    /// When it already runs, ends (with the end of its log), or is not ready in time.
    pub(crate) fn start(&mut self, command: &str) -> anyhow::Result<Duration> {
        if self.child.is_some() {
            bail!("the program is already running");
        }
        let log = File::create(self.log())?;
        let mut program = self.command();
        program
            .arg(command)
            // In a process group of its own, so that Ctrl-C reaches only this process, which then stops the program in order.
            .process_group(0)
            .stdout(log.try_clone()?)
            .stderr(log);
        let start = Instant::now();
        let binary = self.binary.display().to_string();
        self.child = Some(program.spawn().with_context(|| format!("{binary} cannot be started"))?);
        while !self.is_ready() {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                self.child = None;
                bail!("the program ended with {status}:\n{}", self.end_of_log());
            }
            if start.elapsed() > STARTS_WITHIN {
                bail!("the program is not ready after {STARTS_WITHIN:?}:\n{}", self.end_of_log());
            }
            std::thread::sleep(POLL);
        }
        Ok(start.elapsed())
    }

    /// Stops the program in order, and makes sure that its PostgreSQL has ended, too.
    ///
    /// # Errors
    /// When one of them cannot be signalled, or does not end.
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

    /// Waits until autovacuum has analyzed the new rows, once per state folder: before that, PostgreSQL plans without statistics,
    /// and costs would change in the middle of a run. Returns `false` if autovacuum did not start.
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
        // A worker that already runs started before the rows were complete.
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

    /// Kills the program, as in a crash, and leaves its PostgreSQL running.
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
            // A process that has ended meanwhile is no error.
            let _ = signal(backend, what);
        }
        Ok(())
    }

    /// The processes to measure.
    ///
    /// # Errors
    /// When it does not run.
    pub(crate) fn watch(&self) -> anyhow::Result<Watch> {
        let program = self.successor.or_else(|| self.child.as_ref().map(Child::id));
        let program = program.context("the program does not run")?;
        Ok(Watch { program, postgres: self.postmaster() })
    }

    /// The process id of its private PostgreSQL, if that runs. It is not a child of the program.
    pub(crate) fn postmaster(&self) -> Option<u32> {
        let file = fs::read_to_string(self.home.join("state/postgres/postmaster.pid")).ok()?;
        let pid = file.lines().next()?.trim().parse().ok()?;
        is_postgres(pid).then_some(pid)
    }

    fn is_ready(&self) -> bool {
        self.ask_ready().is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200"))
    }

    /// The status line of `/readyz`, on a new connection. The program listens before it answers, so the connection may wait.
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

    fn end_of_log(&self) -> String {
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
    kill(pid, signal).with_context(|| format!("process {pid} cannot be signalled"))
}

/// Whether a process runs that is not a child of this one.
fn runs(pid: u32) -> bool {
    proc::stat(pid).is_ok_and(|stat| !stat.is_dead())
}

/// Whether the process is a PostgreSQL: another process may have the same number by now.
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
