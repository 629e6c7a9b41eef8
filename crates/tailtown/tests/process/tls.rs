//! TLS to PostgreSQL, against a real server with certificates made here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{Ended, Program, Settings, run};
use crate::server::{Home, Server};

/// An authority and what it issued, in a folder of its own.
struct Authority(tempfile::TempDir);

impl Authority {
    fn new() -> Self {
        let authority = Self(tempfile::tempdir().unwrap());
        authority.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=authority",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ]);
        authority
    }

    /// A certificate and its key for `name`.
    fn issue(&self, name: &str, days: &str) -> (Vec<u8>, Vec<u8>) {
        fs::write(
            self.0.path().join("extensions"),
            format!("subjectAltName={name}\nbasicConstraints=CA:FALSE\n"),
        )
        .unwrap();
        self.openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=server",
            "-keyout",
            "server.key",
            "-out",
            "server.csr",
        ]);
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            "server.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            days,
            "-extfile",
            "extensions",
            "-out",
            "server.pem",
        ]);
        let read = |file: &str| fs::read(self.0.path().join(file)).unwrap();
        (read("server.pem"), read("server.key"))
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("ca.pem")
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn url(user: &str, database: &str, host: &str, query: &str) -> String {
    format!("postgresql://{user}@{host}/{database}?{query}")
}

fn trusting(mode: &str, root: &Path) -> String {
    format!("sslmode={mode}&sslrootcert={}", root.display())
}

async fn tenants(database: &str, host: &str, query: &str) -> Ended {
    let url = url("tailtown_app", database, host, query);
    run(&Home::new(), &["tenant", "list"], &[("DATABASE_URL", &url)]).await
}

#[tokio::test]
async fn sslmode_is_honoured_by_every_connection() {
    let (server, authority, stranger) = (Server::start().await, Authority::new(), Authority::new());
    let database = server.migrated().await;
    let host = &server.listen().await;
    server.admit("host all all 127.0.0.0/8 trust\n").await;
    let said = tenants(&database, host, "sslmode=require").await.refused();
    assert!(said.contains("the server does not offer it: switch it on"), "{said}");
    tenants(&database, host, "sslmode=prefer").await.succeeded();

    let (certificate, key) = authority.issue(&format!("IP:{host}"), "2");
    server.serve_tls(&certificate, &key).await;
    server.admit("hostssl all all 127.0.0.0/8 trust\nhost all all all reject\n").await;
    let right = trusting("verify-full", &authority.root());
    for query in ["", "sslmode=prefer", "sslmode=require", &right] {
        tenants(&database, host, query).await.succeeded();
    }
    let said = tenants(&database, host, "sslmode=disable").await.refused();
    assert!(said.contains("leave sslmode=disable out"), "{said}");
    for mode in ["verify-full", "verify-ca", "require"] {
        let said = tenants(&database, host, &trusting(mode, &stranger.root())).await.refused();
        assert!(said.contains("not issued by an authority that is trusted here"), "{said}");
    }
    let said = tenants(&database, host, "sslmode=verify-full").await.refused();
    assert!(said.contains("not issued by an authority that is trusted here"), "{said}");

    // The pool, the cache's lease and sign-ins, migrations, and pg_dump and pg_restore.
    let (home, superuser) = (Home::new(), server.superuser());
    let at = |user: &str| url(user, &database, host, &right);
    let (app, owner, all) = (at("tailtown_app"), at("tailtown_owner"), at(&superuser));
    let settings: Settings<'_> =
        &[("DATABASE_URL", &app), ("OWNER_DATABASE_URL", &owner), ("BACKUP_DATABASE_URL", &all)];
    run(&home, &["migrate", "status"], settings).await.succeeded();
    run(&home, &["backup", "run", "--verify"], settings).await.succeeded();
    let program = Program::ready(&home, settings).await;
    let admin = server.admin("postgres").await;
    let plain = "select count(*) from pg_stat_activity join pg_stat_ssl using (pid) where usename = 'tailtown_app' and not ssl";
    assert_eq!(admin.query_one(plain, &[]).await.unwrap().get::<_, i64>(0), 0);
    program.stop().await;

    let (certificate, key) = authority.issue("DNS:elsewhere.example", "2");
    server.serve_tls(&certificate, &key).await;
    let said = tenants(&database, host, &right).await.refused();
    assert!(said.contains("its certificate is for another name"), "{said}");
    tenants(&database, host, &trusting("verify-ca", &authority.root())).await.succeeded();

    let (certificate, key) = authority.issue(&format!("IP:{host}"), "-1");
    server.serve_tls(&certificate, &key).await;
    let said = tenants(&database, host, &right).await.refused();
    assert!(said.contains("its certificate has expired"), "{said}");
}
