//! The Debian package, in a Debian of its own: installed, configured, upgraded under load, removed, purged. What systemd would do
//! there is done by the script `systemctl` beside this file.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::unistd::Uid;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::{TcpListener, UnixStream};
use tokio::task::JoinSet;

use crate::client::Client;
use crate::program::{PASSWORD, eventually, free_port, resort};
use crate::server::{Home, Server};

/// The end of what a command says.
const DONE: &str = "-- done:";

/// A Debian's files, and a shell in there as its root. It has this machine's network, and goes with this value.
struct Debian {
    folder: TempDir,
    shell: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Debian {
    fn new(tools: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("tailtown-debian-").tempdir().unwrap();
        fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let root = folder.path().join("root");
        let archive = archive(tools);
        let script = "mkdir \"$1\" && tar -xf \"$2\" -C \"$1\" --exclude=./dev/* \
                      && mount --rbind /proc \"$1/proc\" && mount --rbind /dev \"$1/dev\" && exec chroot \"$1\" sh";
        let mut command = as_root();
        command.args(["unshare", "--mount", "sh", "-euc", script, "sh"]).arg(&root).arg(&archive);
        // Nothing of this environment but the way to programs.
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("DEBIAN_FRONTEND", "noninteractive");
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (shell.stdin.take().unwrap(), BufReader::new(shell.stdout.take().unwrap()));
        let mut debian = Self { folder, shell, input, output };
        debian.run("mkdir -p /run/systemd/system");
        debian.put("systemctl", Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/systemctl")));
        debian.run("install -m 755 /tmp/systemctl /usr/bin/");
        debian
    }

    /// What a command says, having succeeded.
    #[track_caller]
    fn run(&mut self, words: &str) -> String {
        let (status, said) = self.attempt(words);
        assert_eq!(status, 0, "{words}\n{said}");
        said
    }

    fn attempt(&mut self, words: &str) -> (i32, String) {
        writeln!(self.input, "( {words}\n) </dev/null 2>&1; status=$?; echo; echo '{DONE}' $status").unwrap();
        let mut said = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the shell went away: {said}");
            if let Some(status) = line.strip_prefix(DONE) {
                return (status.trim().parse().unwrap(), said);
            }
            said.push_str(&line);
        }
    }

    /// A file in its `/tmp`, which everyone can write to.
    fn put(&self, name: &str, from: &Path) {
        fs::copy(from, self.folder.path().join("root/tmp").join(name)).unwrap();
    }

    /// What was asked of systemd since this was asked last.
    fn asked(&mut self) -> Vec<String> {
        let said = self.run("touch /var/log/systemctl; cat /var/log/systemctl; : > /var/log/systemctl");
        said.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

impl Drop for Debian {
    fn drop(&mut self) {
        // The one that runs now, and the one that a test which failed had started.
        let stop = "systemctl stop tailtown.service; kill $(cat /run/started) 2>/dev/null; exit";
        let _ = writeln!(self.input, "{stop}");
        let _ = self.shell.wait();
        // They belong to ids that only root may remove files of.
        let _ =
            as_root().args(["rm", "-rf", "--one-file-system"]).arg(self.folder.path().join("root")).status();
    }
}

/// Runs what follows as root, or as a user who is root in a world of its own.
fn as_root() -> Command {
    if Uid::effective().is_root() {
        return Command::new("env");
    }
    let mut command = Command::new("mmdebstrap");
    command.arg("--unshare-helper");
    command
}

/// The files of the release that this machine has, from its packages; made once and kept.
fn archive(tools: &Path) -> PathBuf {
    let system = fs::read_to_string("/etc/os-release").unwrap();
    let release = system.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME=")).unwrap();
    let archive = tools.join(format!("{release}.tar"));
    if !archive.exists() {
        fs::create_dir_all(tools).unwrap();
        let making = tools.join(format!("{release}-{}.tar", std::process::id()));
        let made = Command::new("mmdebstrap")
            .args(["--quiet", "--variant=essential", "--include=adduser", release])
            .arg(&making)
            .status();
        assert!(
            made.expect("`bin/prepare checks` installs mmdebstrap").success(),
            "no {release} could be made"
        );
        fs::rename(making, &archive).unwrap();
    }
    archive
}

/// The package of the program that these tests run, and the same as the version after it.
fn packages(tools: &Path, folder: &Path) -> (PathBuf, PathBuf) {
    let run = |command: &mut Command| {
        let output = command.output().expect("`bin/prepare checks` installs cargo-deb");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let (now, later) = (folder.join("now.deb"), folder.join("later.deb"));
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let mut command = Command::new(tools.join("bin/cargo-deb"));
    command.args(["--no-build", "--quiet", "--locked", "--fast", "--compress-type=gz", "--compress-system"]);
    command.args(["--profile", profile, "--output"]).arg(&now).current_dir(env!("CARGO_MANIFEST_DIR"));
    run(&mut command);
    let again = "dpkg-deb -R \"$1\" \"$3\" && sed -i 's/^Version: .*/&.later/' \"$3/DEBIAN/control\" \
                 && dpkg-deb -b --root-owner-group -Znone \"$3\" \"$2\" && rm -r \"$3\"";
    run(Command::new("sh").args(["-euc", again, "sh"]).args([&now, &later, &folder.join("files")]));
    (now, later)
}

/// A way from a port to a socket in a folder that others may not walk into.
async fn way(socket: PathBuf) -> (u16, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut way = JoinSet::new();
    way.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            let socket = socket.clone();
            connections.spawn(async move {
                let mut far = UnixStream::connect(socket).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (port, way)
}

/// Reads and writes without pause: how often. Everything succeeds.
async fn work_until(done: Arc<AtomicBool>, owner: Client) -> u32 {
    let mut rounds = 0;
    while !done.load(Ordering::SeqCst) {
        let new = json!({ "firstName": "Ada", "lastName": "Lovelace" });
        owner.post("/api/customers", new).await.expect(201);
        owner.get("/api/customers?limit=1").await.expect(200);
        rounds += 1;
    }
    rounds
}

/// Runs a command as docs/deploy.md describes.
fn as_operator(words: &str) -> String {
    format!("cd /etc/tailtown && setpriv --reuid tailtown --regid tailtown --clear-groups tailtown {words}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_package_installs_serves_is_upgraded_under_load_and_goes_but_for_the_data() {
    let target = Path::new(env!("CARGO_BIN_EXE_tailtown")).ancestors().nth(2).unwrap();
    let (tools, home, server) = (target.join("tools"), Home::new(), Server::shared().await);
    let (now, later) = packages(&tools, home.path());
    let mut debian = Debian::new(&tools);
    debian.put("now.deb", &now);
    debian.put("later.deb", &later);

    // Installed: everything is in its place, for its reader, and nothing runs.
    let said = debian.run("dpkg -i /tmp/now.deb");
    assert!(said.contains("set the address of the database in /etc/tailtown/tailtown.toml"), "{said}");
    let asked = debian.asked();
    assert!(!asked.iter().any(|asked| asked.contains("start")), "{asked:?}");
    let conffiles = debian.run("dpkg-query -W -f '${Conffiles}' tailtown");
    assert!(conffiles.contains("/etc/tailtown/tailtown.toml"), "{conffiles}");
    let modes = debian.run("stat -c '%A %U %G' /etc/tailtown/tailtown.toml /var/lib/tailtown");
    assert_eq!(modes.trim(), "-rw-r----- root tailtown\ndrwxr-x--- tailtown tailtown");
    debian.run("[ \"$(getent passwd tailtown | cut -d: -f6)\" = /var/lib/tailtown ]");
    let enabled = "find /etc/systemd/system -name '*tailtown*' | sort";
    let wanted = "/etc/systemd/system/multi-user.target.wants/tailtown.service\n/etc/systemd/system/sockets.target.wants/tailtown.socket";
    assert_eq!(debian.run(enabled).trim(), wanted);
    debian.run("systemctl start tailtown.service; [ ! -e /var/lib/tailtown/log ]");
    // Every setting that the file offers is one.
    debian.run(&format!(
        "cp /etc/tailtown/tailtown.toml /original; sed -i 's/^#\\([a-z_]* = \\)/\\1/' /etc/tailtown/tailtown.toml; {}",
        as_operator("config")
    ));
    debian.run("/usr/lib/tailtown/is-configured; cat /original > /etc/tailtown/tailtown.toml; ! /usr/lib/tailtown/is-configured");

    // Configured and started.
    let database = server.migrated().await;
    resort(&home, "resort1", &[("DATABASE_URL", &server.url("tailtown_app", &database))]).await;
    let (database_port, _way) = way(server.socket.join(".s.PGSQL.5432")).await;
    let port = free_port();
    let url = |role: &str| format!("postgresql://{role}@127.0.0.1:{database_port}/{database}");
    debian.run(&format!(
        "sed -i 's/\"production\"/\"development\"/' /etc/tailtown/tailtown.toml
         printf 'database_url = \"%s\"\nowner_database_url = \"%s\"\nport = {port}\nadmin_port = 0\nrate_limits = \"off\"\n' {} {} >> /etc/tailtown/tailtown.toml",
        url("tailtown_app"),
        url("tailtown_owner")
    ));
    let said = debian.run(&as_operator("migrate status"));
    assert!(said.contains("applied"), "{said}");
    debian.run("systemctl start tailtown.service");
    let anyone = Client::new(port, "resort1.localhost");
    let is_ready =
        async || anyone.try_send("GET", "/readyz", None).await.is_ok_and(|answer| answer.status == 200);
    eventually("it is not ready", is_ready).await;

    // Upgraded while four desks work: another process, and not one request lost.
    let owner = anyone.signed_in("owner@resort1.example", PASSWORD).await.0;
    let done = Arc::new(AtomicBool::new(false));
    let desks: Vec<_> = (0..4).map(|_| tokio::spawn(work_until(done.clone(), owner.clone()))).collect();
    let process = format!("head -n 1 /var/lib/tailtown/tailtown-{port}.pid");
    let before = debian.run(&process);
    debian.asked();
    let said = tokio::task::block_in_place(|| debian.run("dpkg -i /tmp/later.deb"));
    assert!(!said.contains("keeps serving"), "{said}");
    done.store(true, Ordering::SeqCst);
    for desk in desks {
        assert!(desk.await.unwrap() > 0);
    }
    assert_ne!(debian.run(&process), before);
    let asked = debian.asked();
    assert!(asked.contains(&"reload tailtown.service".to_owned()), "{asked:?}");
    assert!(!asked.iter().any(|asked| asked.contains("start ") || asked.contains("stop ")), "{asked:?}");
    assert!(debian.run("dpkg-query -W tailtown").contains(".later"));
    debian.run(&format!("grep -q {database_port} /etc/tailtown/tailtown.toml"));
    assert_eq!(debian.run("stat -c '%A %G' /etc/tailtown/tailtown.toml").trim(), "-rw-r----- tailtown");

    // Removed: it stops, and settings and data stay. Installed again, it serves as before.
    debian.run("touch /var/lib/tailtown/data; dpkg -r tailtown");
    assert!(
        debian
            .asked()
            .iter()
            .any(|asked| asked.starts_with("stop ") && asked.contains("tailtown.socket tailtown.service"))
    );
    assert!(anyone.try_send("GET", "/livez", None).await.is_err());
    debian.run("[ -e /etc/tailtown/tailtown.toml ] && [ ! -e /usr/bin/tailtown ]");
    debian.run("dpkg -i /tmp/later.deb");
    eventually("it is not ready", is_ready).await;

    // Purged: nothing is left but the data, and it says so.
    let said = debian.run("dpkg -P tailtown");
    assert!(said.contains("data and backups are kept in /var/lib/tailtown"), "{said}");
    assert!(anyone.try_send("GET", "/livez", None).await.is_err());
    debian.run("[ -e /var/lib/tailtown/data ] && [ ! -e /etc/tailtown ]");
    let left = "find / -xdev \\( -path /proc -o -path /dev -o -path /var/lib/tailtown \\) -prune -o -name '*tailtown*' -print";
    assert_eq!(debian.run(left).trim(), "");
    let (status, _) = debian.attempt("dpkg-query -W tailtown");
    assert_ne!(status, 0);
}

#[test]
fn systemd_accepts_the_units_and_finds_little_that_they_could_do() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/systemd")).unwrap().flatten() {
        let text = fs::read_to_string(entry.path()).unwrap();
        // Its programs are not on this machine.
        let text = text
            .replace("/usr/bin/tailtown", "/bin/true")
            .replace("/usr/lib/tailtown/is-configured", "/bin/true");
        fs::write(folder.path().join(entry.file_name()), text).unwrap();
    }
    let analyze = |words: &[&str]| {
        let output = Command::new("systemd-analyze").args(words).current_dir(&folder).output();
        let output = output.expect("`bin/prepare checks` installs systemd");
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said)
    };
    let mut units: Vec<_> =
        fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path().display().to_string()).collect();
    // A command opens the log as the program does.
    for unit in ["tailtown.service", "tailtown-backup.service"] {
        let text = fs::read_to_string(folder.path().join(unit)).unwrap();
        for line in ["WorkingDirectory=/etc/tailtown", "StateDirectory=tailtown", "LogsDirectory=tailtown"] {
            assert!(text.contains(&format!("\n{line}\n")), "{unit} has no {line}");
        }
    }
    for unit in &mut units {
        *unit = unit.replace("@.", "@full.");
    }
    let words: Vec<_> = ["verify", "--man=no"].into_iter().chain(units.iter().map(String::as_str)).collect();
    assert_eq!(analyze(&words), (true, String::new()));
    for (unit, tenths) in [
        ("tailtown.service", "17"),
        ("tailtown-backup.service", "18"),
        ("tailtown-pgbackrest@.service", "30"),
    ] {
        let (is_small, said) =
            analyze(&["security", "--offline=yes", "--no-pager", "--threshold", tenths, unit]);
        assert!(is_small, "{said}");
    }
}
