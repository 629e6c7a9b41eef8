//! A private Redis, one server or a cluster of three masters, which a test may kill, pause and start again.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use redis::{Client, FromRedisValue};
use tempfile::TempDir;
use tokio::time::sleep;

/// The longest time a server may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// A server on a free port, which ends when this value is dropped. It writes to disk only when it is killed with [`Data::Kept`].
#[derive(Debug)]
pub struct Redis {
    folder: TempDir,
    port: u16,
    clustered: bool,
    child: Option<Child>,
}

/// What happens to the data when a server is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    Kept,
    Lost,
}

impl Redis {
    /// Starts an empty server.
    pub async fn start() -> Self {
        Self::start_as(false).await
    }

    async fn start_as(clustered: bool) -> Self {
        loop {
            let folder = tempfile::Builder::new().prefix("tailtown-redis-").tempdir().unwrap();
            let mut server = Self { folder, port: free_port(), clustered, child: None };
            if server.launch().await {
                return server;
            }
        }
    }

    /// The value for `REDIS_URL`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Sends one command on a new connection.
    pub async fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        self.try_ask(words).await.unwrap()
    }

    async fn try_ask<T: FromRedisValue>(&self, words: &[&str]) -> redis::RedisResult<T> {
        let mut connection = Client::open(self.url())?.get_multiplexed_async_connection().await?;
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]).query_async(&mut connection).await
    }

    /// Kills the server with SIGKILL.
    pub async fn kill(&mut self, data: Data) {
        match data {
            Data::Kept => self.ask::<()>(&["SAVE"]).await,
            Data::Lost => {
                let _ = std::fs::remove_file(self.folder.path().join("dump.rdb"));
            }
        }
        self.end();
    }

    /// Starts it again on the same port.
    pub async fn start_again(&mut self) {
        assert!(self.launch().await, "redis-server does not start again on port {}", self.port);
    }

    /// Pauses the process (SIGSTOP).
    pub fn pause(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Resumes the process (SIGCONT).
    pub fn resume(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        let id = self.child.as_ref().expect("the server was killed").id();
        kill(Pid::from_raw(id.try_into().unwrap()), signal).unwrap();
    }

    fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts the process. `false` if another program has taken the port.
    async fn launch(&mut self) -> bool {
        self.child = Some(self.spawn());
        let start = Instant::now();
        while start.elapsed() < STARTS_WITHIN {
            if self.try_ask::<String>(&["PING"]).await.is_ok() {
                return self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
            }
            if self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None))) {
                return false;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("redis-server does not answer");
    }

    fn spawn(&self) -> Child {
        let program = program(self.folder.path());
        let mut words: Vec<String> = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
            .map(str::to_owned)
            .into_iter()
            .chain(["--port".into(), self.port.to_string()])
            .chain(["--dir".into(), self.folder.path().display().to_string()])
            .collect();
        if self.clustered {
            let cluster = [
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "1000",
                "--cluster-require-full-coverage",
                "no",
            ];
            words.extend(cluster.map(str::to_owned));
        }
        let run = |mut command: Command| {
            command.args(&words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
        };
        // With setpriv, the server also ends when the test is killed.
        let mut with = Command::new("setpriv");
        with.args(["--pdeathsig", "KILL"]).arg(&program);
        match run(with) {
            Err(error) if error.kind() == ErrorKind::NotFound => run(Command::new(&program)).unwrap(),
            started => started.unwrap(),
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.end();
    }
}

/// Three masters that share the slots.
#[derive(Debug)]
pub struct Cluster {
    pub masters: Vec<Redis>,
}

impl Cluster {
    pub async fn start() -> Self {
        let mut masters = Vec::new();
        for index in 0..3u16 {
            let master = Redis::start_as(true).await;
            let (first, last) = (16_384 * u32::from(index) / 3, 16_384 * (u32::from(index) + 1) / 3 - 1);
            let slots = [first.to_string(), last.to_string()];
            master.ask::<()>(&["CLUSTER", "ADDSLOTSRANGE", &slots[0], &slots[1]]).await;
            master.ask::<()>(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()]).await;
            masters.push(master);
        }
        for other in &masters[1..] {
            masters[0].ask::<()>(&["CLUSTER", "MEET", "127.0.0.1", &other.port.to_string()]).await;
        }
        for master in &masters {
            loop {
                let info: String = master.ask(&["CLUSTER", "INFO"]).await;
                if ["cluster_state:ok", "cluster_known_nodes:3", "cluster_slots_ok:16384"]
                    .iter()
                    .all(|sign| info.contains(sign))
                {
                    break;
                }
                sleep(Duration::from_millis(20)).await;
            }
        }
        Self { masters }
    }

    /// The value for `REDIS_URL`.
    pub fn url(&self) -> String {
        let hosts: Vec<_> = self.masters.iter().map(|master| format!("127.0.0.1:{}", master.port)).collect();
        format!("redis://{}", hosts.join(","))
    }
}

/// The path of redis-server. Debian's redis-tools contains it under another name; the program decides by the name it is called
/// with, so a link of the right name starts a server.
fn program(folder: &Path) -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "the harness looks for a program, as a shell would")]
    let path = std::env::var("PATH").unwrap_or_default();
    let find =
        |name: &str| path.split(':').map(|place| Path::new(place).join(name)).find(|file| file.exists());
    if let Some(server) = find("redis-server") {
        return server;
    }
    let tool = find("redis-check-rdb").expect("bin/prepare installs redis-tools");
    let server = folder.join("redis-server");
    if !server.exists() {
        std::os::unix::fs::symlink(tool, &server).unwrap();
    }
    server
}

/// A free port. The port 10,000 above is free, too, because a cluster uses it.
fn free_port() -> u16 {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    loop {
        let listener = bind(0).unwrap();
        let port = listener.local_addr().unwrap().port();
        if port.checked_add(10_000).is_some_and(|bus| bind(bus).is_ok()) {
            return port;
        }
    }
}
