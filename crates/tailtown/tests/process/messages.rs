//! What cannot be used is named with its address, the whole chain of causes and what to do, and never with its password.

use serde_json::json;
use testkit::redis::Redis;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::program::{PASSWORD, Program, Settings, eventually, free_port, resort, run};
use crate::server::{Home, Server};

/// A server that is neither PostgreSQL nor Redis: it answers each first message with these bytes and closes, or keeps silent.
async fn stranger(answer: Option<&'static [u8]>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut some = [0; 1024];
            let _ = stream.read(&mut some).await;
            match answer {
                Some(answer) => drop(stream.write_all(answer).await),
                None => kept.push(stream),
            }
        }
    });
    port
}

const HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// What a server or a proxy says that takes connections with TLS only.
const TLS_ONLY: &[u8] = b"E\0\0\0\x28SFATAL\0VFATAL\0C08P01\0MSSL required\0\0";

#[tokio::test]
async fn a_database_that_cannot_be_used_is_told_with_its_causes_and_what_helps() {
    let server = Server::start().await;
    let database = server.migrated().await;
    let admin = server.admin(&database).await;
    for statement in [
        "create role picky login password 'right'",
        "create role full login connection limit 0",
        "create role barred login",
        "create role outside login",
        "create role silent nologin",
        &format!("revoke connect on database {database} from public"),
        &format!("grant connect on database {database} to picky, full, outside, silent"),
    ] {
        admin.batch_execute(statement).await.unwrap();
    }
    server.admit("local all picky scram-sha-256\nlocal all outside reject\n").await;
    let socket = server.socket.display().to_string().replace('/', "%2F");
    let at = |role: &str, database: &str| format!("postgresql://{role}@/{database}?host={socket}");
    let (http, silent, tls) =
        (stranger(Some(HTTP)).await, stranger(None).await, stranger(Some(TLS_ONLY)).await);
    let tcp = |host: &str, port: u16| {
        format!("postgresql://tailtown_app:hunter2@{host}:{port}/tailtown?connect_timeout=1")
    };
    let cases = [
        (
            tcp("127.0.0.1", 1),
            "127.0.0.1:1 (database tailtown, role tailtown_app): error connecting to server: Connection refused",
            "nothing listens there: start PostgreSQL",
        ),
        (
            tcp("nowhere.invalid", 5432),
            "nowhere.invalid:5432",
            "the host name cannot be resolved: correct it",
        ),
        (tcp("127.0.0.1", silent), "no answer within 1 s", "check whether a firewall blocks the connection"),
        (tcp("127.0.0.1", http), "connect", "what listens there does not answer as PostgreSQL does"),
        (
            tcp("127.0.0.1", tls) + "&sslmode=disable",
            "SSL required (08P01)",
            "the server demands TLS: set sslmode=require",
        ),
        (
            at("picky:hunter2", &database),
            "password authentication failed for user \"picky\" (28P01)",
            "correct the role and the password",
        ),
        (
            at("nobody:hunter2", &database),
            "role \"nobody\" does not exist (28000)",
            "there is no such role, or it may not log in",
        ),
        (
            at("silent:hunter2", &database),
            "role \"silent\" is not permitted to log in (28000)",
            "there is no such role, or it may not log in",
        ),
        (
            at("outside:hunter2", &database),
            "pg_hba.conf rejects connection",
            "no line of pg_hba.conf allows this role to use this database",
        ),
        (
            at("tailtown_app:hunter2", "nothing"),
            "database \"nothing\" does not exist (3D000)",
            "there is no such database: create it",
        ),
        (at("barred:hunter2", &database), "(42501)", "grant connect on database"),
        (
            at("full:hunter2", &database),
            "too many connections for role \"full\" (53300)",
            "the server has no free connection",
        ),
        (
            "postgresql://tailtown_app:hunter2@/x?host=%2Fnowhere".into(),
            "/nowhere/.s.PGSQL.5432",
            "there is no such socket: start PostgreSQL",
        ),
    ];
    for (url, cause, advice) in &cases {
        let home = Home::new();
        let settings: Settings<'_> =
            &[("DATABASE_URL", url), ("OWNER_DATABASE_URL", url), ("BACKUP_DATABASE_URL", url)];
        let told = |said: &str, setting: &str| {
            assert!(said.contains(&format!("{setting}: cannot connect to PostgreSQL at ")), "{said}");
            assert!(said.contains(cause) && said.contains(advice), "{said}");
            assert!(!said.contains("hunter2") && !said.contains("db error"), "{said}");
        };
        told(&run(&home, &["serve"], settings).await.refused(), "DATABASE_URL");
        told(&run(&home, &["tenant", "list"], settings).await.refused(), "DATABASE_URL");
        told(&run(&home, &["migrate", "status"], settings).await.refused(), "OWNER_DATABASE_URL");
        told(&run(&home, &["backup", "run"], settings).await.refused(), "BACKUP_DATABASE_URL");
        let doctor = run(&home, &["doctor"], settings).await;
        assert!(!doctor.status.success() && doctor.out.contains("WRONG  database: "), "{doctor:?}");
        told(&doctor.out, "DATABASE_URL");
    }
}

#[tokio::test]
async fn a_request_without_a_database_gets_503_and_the_log_says_why() {
    let (home, server) = (Home::new(), Server::start().await);
    let database = server.migrated().await;
    let url = server.url("tailtown_app", &database);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let program = Program::ready(&home, &[("DATABASE_URL", &url), ("CACHE", "off")]).await;
    let admin = server.admin("postgres").await;
    admin.batch_execute("alter role tailtown_app nologin").await.unwrap();
    let end = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tailtown_app'";
    admin.query(end, &[]).await.unwrap();
    let client = program.client("resort1.localhost");
    let login = json!({ "email": "owner@resort1.example", "password": PASSWORD });
    let said = "role \"tailtown_app\" is not permitted to log in (28000); there is no such role";
    eventually("the log does not say why", async || {
        let problem = client.post("/api/auth/login", login.clone()).await.unavailable();
        assert!(!problem.to_string().contains("tailtown_app"), "{problem}");
        program.said().contains(said)
    })
    .await;
    admin.batch_execute("alter role tailtown_app login").await.unwrap();
    eventually("it does not come back", async || client.get("/readyz").await.status == 200).await;
    program.stop().await;
}

#[tokio::test]
async fn a_redis_that_cannot_be_used_is_told_with_its_address_and_what_helps() {
    let server = Server::shared().await;
    let url = server.url("tailtown_app", &server.migrated().await);
    let guarded = Redis::start().await;
    guarded.ask::<()>(&["CONFIG", "SET", "requirepass", "right"]).await;
    let guarded = guarded_address(&guarded);
    let (http, silent) = (stranger(Some(HTTP)).await, stranger(None).await);
    // The first bytes of an alert, as a port for TLS answers whoever does not speak it.
    let tls = stranger(Some(b"\x15\x03\x01\0\x02\x02\x46")).await;
    let not_redis = "what listens there does not answer as Redis does";
    let cases = [
        ("redis://:hunter2@127.0.0.1:1".to_owned(), "127.0.0.1:1: ", "nothing listens there: start Redis"),
        (
            "redis://:hunter2@nowhere.invalid".to_owned(),
            "nowhere.invalid:6379: ",
            "the host's name is not known",
        ),
        (format!("redis://:hunter2@{guarded}"), &guarded, "correct the user and the password in REDIS_URL"),
        (format!("redis://{guarded}"), &guarded, "correct the user and the password in REDIS_URL"),
        (format!("redis://:hunter2@127.0.0.1:{http}"), "127.0.0.1:", not_redis),
        (
            format!("redis://:hunter2@127.0.0.1:{tls}"),
            "127.0.0.1:",
            "where it demands TLS, which this program does not have",
        ),
        (
            format!("redis://:hunter2@127.0.0.1:{silent}"),
            "no answer within 250 ms",
            "correct the host and the port in REDIS_URL",
        ),
    ];
    for (redis, place, advice) in &cases {
        let home = Home::new();
        let settings: Settings<'_> = &[("DATABASE_URL", &url), ("REDIS_URL", redis)];
        let program = Program::ready(&home, settings).await;
        eventually("the log does not name it", async || program.said().contains("redis cannot be used"))
            .await;
        let said = program.stop().await.err;
        let doctor = run(&home, &["doctor"], settings).await.out;
        for said in [&said, &doctor] {
            assert!(said.contains(place) && said.contains(advice), "{redis}: {said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
        assert!(doctor.contains("look   redis: "), "{doctor}");
    }
}

fn guarded_address(redis: &Redis) -> String {
    redis.url().trim_start_matches("redis://").to_owned()
}

#[tokio::test]
async fn an_address_that_cannot_be_listened_on_says_what_to_set() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap().into_std().unwrap();
    let taken = (taken.local_addr().unwrap().port().to_string(), taken);
    let (port, other) = (free_port().to_string(), free_port().to_string());
    let same = format!("ADMIN_PORT={port} is PORT, too: choose another, or 0 for none");
    let cases: &[(Settings<'_>, &str)] = &[
        (&[("HOST", "192.0.2.1")], "HOST=192.0.2.1 is not an address of this machine"),
        (
            &[("ADMIN_HOST", "192.0.2.1"), ("ADMIN_PORT", &other)],
            "ADMIN_HOST=192.0.2.1 is not an address of this machine",
        ),
        (&[("HOST", "localhost")], "HOST=localhost: must be an IP address of this machine"),
        (&[("PORT", &taken.0)], "another program listens there: choose another PORT"),
        (&[("ADMIN_PORT", &taken.0)], "another program listens there: choose another ADMIN_PORT, 0 for none"),
        (&[("ADMIN_PORT", &port)], &same),
    ];
    for (settings, told) in cases {
        let settings = [&[("DATABASE_URL", url.as_str()), ("PORT", &port)][..], settings].concat();
        let said = run(&home, &["serve"], &settings).await.refused();
        assert!(said.contains(told), "{said}");
    }
}
