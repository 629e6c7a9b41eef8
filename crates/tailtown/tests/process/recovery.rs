//! Point-in-time recovery as `docs/backup.md` describes it: runs the commands of that page on a PostgreSQL set up as Debian does.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Uid, User};
use serde_json::json;
use testkit::redis::Redis;
use tokio_postgres::{Client as Database, Config, NoTls};

use crate::client::Client;
use crate::program::{Program, Settings, eventually, resort, run};
use crate::server::Home;

/// The page whose commands are run.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/backup.md");

/// The folder of the files that it installs.
const OPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops");

/// A machine's folders under one of the test's own, with a PostgreSQL made by Debian's own program.
struct Machine {
    home: Home,
    version: String,
    /// Who runs the server: the user postgres, or who runs the test when that is not root.
    user: User,
}

/// A code block of the page, and the user who runs it.
struct Block<'a> {
    who: &'a str,
    text: &'a str,
}

impl Machine {
    fn new() -> Self {
        let user = match Uid::effective() {
            root if root.is_root() => User::from_name("postgres"),
            user => User::from_uid(user),
        };
        let (home, user, version) = (Home::new(), user.unwrap().unwrap(), newest_postgresql());
        let machine = Self { home, version, user };
        for folder in ["etc/postgresql", "var/lib/postgresql", "var/lib/pgbackrest", "var/log", "run"] {
            machine.folder(folder);
        }
        let data = format!("var/lib/postgresql/{}/main", machine.version);
        // When the test ends, so does what runs in here.
        symlink(machine.home.path().join(&data), machine.home.path().join("postgres")).unwrap();
        let share = machine.home.path().join("usr/share/tailtown/pgbackrest");
        fs::create_dir_all(&share).unwrap();
        for name in ["pgbackrest.conf", "postgresql.conf", "begin-anew.sql"] {
            let text = fs::read_to_string(format!("{OPS}/pgbackrest/{name}")).unwrap();
            fs::write(share.join(name), machine.here(&text)).unwrap();
        }
        let words = format!(
            "pg_createcluster --user={user} --datadir={root}/{data} --socketdir={root}/run --logfile={root}/var/log/postgresql.log \
             --start-conf=manual --port=5432 --locale=C.UTF-8 {version} main -- --auth=trust --no-sync",
            user = machine.user.name,
            root = machine.home.path().display(),
            version = machine.version,
        );
        machine.run("root", &words);
        // On no port, and in haste; what PostgreSQL starts knows nothing but this of its environment.
        let conf = machine.home.path().join(format!("etc/postgresql/{}/main", machine.version));
        let quick = format!(
            "listen_addresses = ''\nssl = off\nfsync = off\nexternal_pid_file = '{}/run/main.pid'\n",
            machine.home.path().display()
        );
        fs::write(conf.join("conf.d/test.conf"), quick).unwrap();
        let environment = machine.environment().map(|(name, value)| format!("{name} = '{value}'\n"));
        fs::write(conf.join("environment"), environment.concat()).unwrap();
        machine.run("root", &format!("pg_ctlcluster {} main start", machine.version));
        machine
    }

    fn folder(&self, name: &str) {
        let folder = self.home.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        chown(&folder, Some(self.user.uid.as_raw()), Some(self.user.gid.as_raw())).unwrap();
    }

    /// The page's commands with the test machine's folders, version and user.
    fn here(&self, text: &str) -> String {
        let root = self.home.path().display();
        let mut text = text
            .replace("15/main", &format!("{}/main", self.version))
            .replace("15 main", &format!("{} main", self.version))
            .replace("-o postgres -g postgres", &format!("-o {} -g {}", self.user.uid, self.user.gid));
        for folder in ["/etc/", "/var/", "/usr/share/tailtown/"] {
            text = text.replace(folder, &format!("{root}{folder}"));
        }
        text
    }

    fn environment(&self) -> [(&'static str, String); 9] {
        let root = self.home.path().display();
        [
            ("PG_CLUSTER_CONF_ROOT", format!("{root}/etc/postgresql")),
            ("PGHOST", format!("{root}/run")),
            ("PGDATABASE", "postgres".to_owned()),
            ("PGBACKREST_CONFIG_PATH", format!("{root}/etc/pgbackrest")),
            ("PGBACKREST_LOCK_PATH", format!("{root}/run")),
            ("PGBACKREST_LOG_PATH", format!("{root}/var/log")),
            ("PGBACKREST_SPOOL_PATH", format!("{root}/run")),
            ("PGBACKREST_PG1_SOCKET_PATH", format!("{root}/run")),
            ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
        ]
    }

    /// What a shell answers, run by root or by the server's user.
    #[track_caller]
    fn run(&self, who: &str, words: &str) -> String {
        let mut command = Command::new("sh");
        command.args(["-euc", words]).env_clear().envs(self.environment()).current_dir("/");
        if who == "postgres" && Uid::effective().is_root() {
            command.uid(self.user.uid.as_raw()).gid(self.user.gid.as_raw());
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{words}\n{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    #[track_caller]
    fn follow(&self, block: &Block<'_>) -> String {
        self.run(block.who, &self.here(block.text))
    }

    async fn database(&self, user: &str, database: &str) -> Database {
        let mut config = Config::new();
        config.host_path(self.home.path().join("run")).user(user).dbname(database);
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    fn url(&self, user: &str) -> String {
        let socket = self.home.path().join("run").display().to_string().replace('/', "%2F");
        format!("postgresql://{user}@/tailtown?host={socket}")
    }
}

fn newest_postgresql() -> String {
    let found = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = found.filter(|entry| entry.path().join("bin/initdb").exists());
    let found = found.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_here =
        Path::new("/usr/bin/pgbackrest").exists() && Path::new("/usr/bin/pg_createcluster").exists();
    let newest = found.max().filter(|_| is_here);
    newest.expect("`bin/prepare checks` installs Debian's postgresql and pgbackrest").to_string()
}

/// The page's code blocks that name a user, in order.
fn blocks(guide: &str) -> Vec<Block<'_>> {
    let pieces = guide.split("```sh ").skip(1);
    let block = |piece| {
        let (who, rest) = str::split_once(piece, '\n').unwrap();
        Block { who, text: rest.split_once("```").unwrap().0 }
    };
    pieces.map(block).collect()
}

/// The command of a unit of ours, with what its name says after the `@`.
fn command_of(unit: &str, instance: &str) -> String {
    let text = fs::read_to_string(format!("{OPS}/systemd/{unit}")).unwrap();
    let command = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    command.replace("%i", instance)
}

async fn add(owner: &Client, name: &str) {
    let new = json!({ "firstName": name, "lastName": "Lovelace" });
    owner.post("/api/customers", new).await.expect(201);
}

/// Asks who the customers are, by first name, until the answer is one that was kept: before it and then, it is this.
async fn customers_are(owner: &Client, names: &[&str]) {
    eventually("the answer is not kept", async || {
        let answer = owner.get("/api/customers?limit=100&fields=firstName").await;
        let source = answer.headers["x-cache"].clone();
        let answer = answer.expect(200);
        let rows = answer["data"].as_array().unwrap().iter();
        let found: BTreeSet<_> = rows.map(|row| row["firstName"].as_str().unwrap()).collect();
        assert_eq!(found, names.iter().copied().collect(), "{source}");
        source.starts_with("hit")
    })
    .await;
}

#[tokio::test]
async fn the_guide_leads_back_to_a_moment_between_two_writes_and_forward_again() {
    let guide = fs::read_to_string(PAGE).unwrap();
    let [install, begin, timers, look, stop, back, anew, start, forward, finish] = &blocks(&guide)[..] else {
        panic!("docs/backup.md has other steps than this test")
    };
    let machine = Machine::new();
    let admin = machine.database(&machine.user.name, "postgres").await;
    let make = "create role tailtown_owner login; create role tailtown_app login";
    admin.batch_execute(make).await.unwrap();
    admin.batch_execute("create database tailtown owner tailtown_owner").await.unwrap();
    drop(admin);
    let (home, redis) = (Home::new(), Redis::start().await);
    let (url, owner_url, redis_url) =
        (machine.url("tailtown_app"), machine.url("tailtown_owner"), redis.url());
    let settings: Settings<'_> = &[
        ("DATABASE_URL", &url),
        ("OWNER_DATABASE_URL", &owner_url),
        ("REDIS_URL", &redis_url),
        // Nothing is kept until every transaction from before the start must be over.
        ("STATEMENT_TIMEOUT_SECONDS", "1"),
        ("IDLE_IN_TRANSACTION_TIMEOUT_SECONDS", "5"),
    ];
    run(&home, &["migrate", "deploy"], settings).await.succeeded();
    resort(&home, "resort1", settings).await;
    let program = Program::ready(&home, settings).await;
    let owner = program.owner("resort1").await;

    // Set up while the program serves.
    machine.follow(install);
    machine.follow(begin);
    assert_eq!(
        timers.text,
        "systemctl enable --now tailtown-pgbackrest-full.timer tailtown-pgbackrest-diff.timer\n"
    );
    add(&owner, "First").await;
    machine.run("postgres", &command_of("tailtown-pgbackrest@.service", "diff"));
    let database = machine.database(&machine.user.name, "tailtown").await;
    let now = async || -> String {
        database.query_one("select clock_timestamp()::text", &[]).await.unwrap().get(0)
    };
    let after_first = now().await;
    add(&owner, "Second").await;
    let after_second = now().await;
    add(&owner, "Third").await;
    let at_most: String = database.query_one("show archive_timeout", &[]).await.unwrap().get(0);
    assert_eq!(at_most, "1min");
    customers_are(&owner, &["First", "Second", "Third"]).await;
    let said = machine.follow(look);
    assert!(said.contains("status: ok") && said.contains("diff backup"), "{said}");

    // Back.
    assert_eq!(stop.text, "systemctl stop tailtown.socket tailtown.service\n");
    program.stop().await;
    let back = back.text.replace("2026-11-25 14:07:00+00", &after_first);
    assert!(back.contains(&after_first));
    machine.follow(&Block { who: "postgres", text: &back });
    machine.follow(anew);
    assert_eq!(start.text, "systemctl start tailtown.service\n");
    let program = Program::ready(&home, settings).await;
    let owner = owner.at(program.port);
    customers_are(&owner, &["First"]).await;
    add(&owner, "Another").await;

    // Not far enough: forward, to what was left behind.
    program.stop().await;
    let forward = forward.text.replace("2026-11-25 14:09:00+00", &after_second);
    assert!(forward.contains(&after_second));
    machine.follow(&Block { who: "postgres", text: &forward });
    let program = Program::ready(&home, settings).await;
    let owner = owner.at(program.port);
    customers_are(&owner, &["First", "Second"]).await;
    add(&owner, "Last").await;
    machine.follow(finish);
    customers_are(&owner, &["First", "Last", "Second"]).await;
    program.stop().await;
}
