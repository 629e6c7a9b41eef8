//! A temporary Redis server that keeps its data in memory.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;

/// The longest time that the server may take to start.
const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// A server that ends when this value is dropped.
pub(crate) struct Redis {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Redis {
    /// Starts a server on a free port and waits until it answers.
    ///
    /// # Errors
    /// When redis-server is not installed, or does not answer.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let child = Command::new(program(folder.path())?)
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()])
            .arg("--dir")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let redis = Self { child, port, _folder: folder };
        let start = Instant::now();
        while !redis.answers() {
            if start.elapsed() > STARTS_WITHIN {
                bail!("redis-server does not answer");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(redis)
    }

    /// The value for `REDIS_URL`.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn answers(&self) -> bool {
        let ping = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)))?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            stream.write_all(b"PING\r\n")?;
            let mut answer = [0; 7];
            stream.read_exact(&mut answer)?;
            Ok(&answer == b"+PONG\r\n")
        };
        ping().unwrap_or(false)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The path of redis-server. Debian's redis-tools contains it under another name; the program decides by the name it is called
/// with, so a link of the right name starts a server.
fn program(folder: &Path) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find =
        |name: &str| std::env::split_paths(&path).map(|place| place.join(name)).find(|file| file.exists());
    if let Some(server) = find("redis-server") {
        return Ok(server);
    }
    let tool = find("redis-check-rdb").context("redis-server is not installed: run bin/prepare")?;
    let server = folder.join("redis-server");
    symlink(tool, &server)?;
    Ok(server)
}
