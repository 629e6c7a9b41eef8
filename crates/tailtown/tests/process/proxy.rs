//! `ops/nginx/tailtown.conf` in a real nginx before the program: every resort under one certificate, and nothing held back.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child as Process, ChildStdin, ChildStdout};
use tokio::time::timeout;

use crate::program::{PASSWORD, PATIENCE, Program, Settings, eventually, free_port, resort};
use crate::server::{Home, Server};

/// As the example has it.
const DOMAIN: &str = "resorts.example.com";

/// An nginx with our example as it is, but for ports and the places of files.
struct Nginx {
    folder: TempDir,
    plain: u16,
    secure: u16,
    child: Child,
}

impl Nginx {
    async fn before(program: u16) -> Self {
        let folder = tempfile::Builder::new().prefix("tailtown-nginx-").tempdir().unwrap();
        let (plain, secure, place) = (free_port(), free_port(), folder.path().display().to_string());
        let openssl = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
            ])
            .args([
                "-subj",
                "/CN=Tailtown",
                "-addext",
                &format!("subjectAltName=DNS:{DOMAIN},DNS:*.{DOMAIN}"),
            ])
            .args(["-keyout", "privkey.pem", "-out", "fullchain.pem"])
            .current_dir(&folder)
            .output();
        assert!(openssl.expect("`bin/prepare checks` installs openssl").status.success());
        let mut text =
            fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/nginx/tailtown.conf"))
                .unwrap();
        for (theirs, ours) in [
            ("server 127.0.0.1:4004;", format!("server 127.0.0.1:{program};")),
            ("listen 80;", format!("listen 127.0.0.1:{plain};")),
            ("listen 443 ssl http2;", format!("listen 127.0.0.1:{secure} ssl http2;")),
            ("listen [::]:80;", String::new()),
            ("listen [::]:443 ssl http2;", String::new()),
            ("/etc/letsencrypt/live/resorts.example.com", place.clone()),
            ("/var/log/nginx", place.clone()),
        ] {
            assert!(text.contains(theirs), "{theirs}");
            text = text.replace(theirs, &ours);
        }
        fs::write(folder.path().join("tailtown.conf"), text).unwrap();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary = temporary.map(|name| format!("{name}_temp_path {place}/{name};\n")).concat();
        let main = format!(
            "daemon off;\nworker_processes 1;\npid {place}/pid;\nerror_log {place}/error.log;\nevents {{}}\n\
             http {{\n{temporary}include tailtown.conf;\n}}\n"
        );
        fs::write(folder.path().join("nginx.conf"), main).unwrap();
        let nginx = || {
            let mut nginx =
                Command::new(if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" });
            nginx
                .args(["-e", "stderr", "-p"])
                .arg(folder.path())
                .arg("-c")
                .arg(folder.path().join("nginx.conf"));
            nginx
        };
        let tested = nginx().arg("-t").output().expect("`bin/prepare checks` installs nginx");
        assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stderr));
        let child = nginx().stdin(Stdio::null()).spawn().unwrap();
        let nginx = Self { folder, plain, secure, child };
        eventually("nginx does not listen", async || TcpStream::connect(("127.0.0.1", secure)).await.is_ok())
            .await;
        nginx
    }

    /// A connection to a resort's host, whose certificate is checked.
    fn connect(&self, subdomain: &str) -> Connection {
        let host = format!("{subdomain}.{DOMAIN}");
        let mut process = tokio::process::Command::new("openssl")
            .args([
                "s_client",
                "-quiet",
                "-verify_return_error",
                "-verify_hostname",
                &host,
                "-servername",
                &host,
            ])
            .args(["-connect", &format!("127.0.0.1:{}", self.secure), "-CAfile"])
            .arg(self.folder.path().join("fullchain.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Connection { host: format!("{host}:{}", self.secure), _process: process, input, output }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("tailtown.log")).unwrap()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // In order: its worker goes with it.
        let pid = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

struct Connection {
    host: String,
    _process: Process,
    input: ChildStdin,
    output: ChildStdout,
}

impl Connection {
    async fn send(&mut self, request: &str, headers: &str, body: Option<&Value>) {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let length = if body.is_empty() {
            String::new()
        } else {
            format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
        };
        let text = format!("{request} HTTP/1.1\r\nhost: {}\r\n{headers}{length}\r\n{body}", self.host);
        self.input.write_all(text.as_bytes()).await.unwrap();
    }

    /// What arrives, up to and with `end`.
    async fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.contains(end) {
            let mut bytes = [0; 4096];
            let read = timeout(PATIENCE, self.output.read(&mut bytes)).await;
            let read = read.unwrap_or_else(|_| panic!("{end:?} does not come: {text}")).unwrap();
            assert_ne!(read, 0, "{end:?} did not come: {text}");
            text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        }
        text
    }

    /// Sends a request and reads the whole answer.
    async fn ask(mut self, request: &str, headers: &str, body: Option<&Value>) -> String {
        self.send(request, &format!("connection: close\r\n{headers}"), body).await;
        let mut text = String::new();
        timeout(PATIENCE, self.output.read_to_string(&mut text)).await.expect("no answer").unwrap();
        text
    }
}

fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let head = answer.split("\r\n\r\n").next().unwrap();
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).unwrap_or_else(|| panic!("no {name}: {head}")).1
}

#[tokio::test]
async fn one_certificate_leads_to_every_resort_and_a_request_keeps_its_id() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("BASE_DOMAIN", DOMAIN)];
    for subdomain in ["resort1", "resort2"] {
        resort(&home, subdomain, settings).await;
    }
    let program = Program::ready(&home, settings).await;
    let nginx = Nginx::before(program.port).await;

    let login = |subdomain| json!({ "email": format!("owner@{subdomain}.example"), "password": PASSWORD });
    for (subdomain, other) in [("resort1", "resort2"), ("resort2", "resort1")] {
        let answer = nginx.connect(subdomain).ask("POST /api/auth/login", "", Some(&login(subdomain))).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let answer = nginx.connect(subdomain).ask("POST /api/auth/login", "", Some(&login(other))).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }

    // A browser's writes: the origin is compared with the host as the browser knows it.
    let answer = nginx.connect("resort1").ask("POST /api/auth/login", "", Some(&login("resort1"))).await;
    let cookie = header(&answer, "set-cookie").split(';').next().unwrap().to_owned();
    let new = json!({ "firstName": "Ada", "lastName": "Lovelace" });
    for (subdomain, status) in [("resort1", "201"), ("resort2", "403")] {
        let headers =
            format!("cookie: {cookie}\r\norigin: https://{subdomain}.{DOMAIN}:{}\r\n", nginx.secure);
        let answer = nginx.connect("resort1").ask("POST /api/customers", &headers, Some(&new)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }

    // Its own id, or nginx's: on the answer, and in nginx's log.
    let answer = nginx.connect("resort1").ask("GET /livez", "x-request-id: mine-1\r\n", None).await;
    assert_eq!(header(&answer, "x-request-id"), "mine-1");
    let answer = nginx.connect("resort1").ask("GET /livez", "", None).await;
    let made = header(&answer, "x-request-id");
    assert_eq!(made.len(), 32, "{made}");
    let is_logged = async || nginx.log().contains("id=mine-1") && nginx.log().contains(&format!("id={made}"));
    eventually("the ids are not in nginx's log", is_logged).await;

    // Without TLS there is only the way to it.
    let mut plain = TcpStream::connect(("127.0.0.1", nginx.plain)).await.unwrap();
    let request = format!("GET /docs?a=b HTTP/1.1\r\nhost: resort1.{DOMAIN}\r\nconnection: close\r\n\r\n");
    plain.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).await.unwrap();
    assert_eq!(header(&answer, "location"), format!("https://resort1.{DOMAIN}/docs?a=b"));
    program.stop().await;
}

#[tokio::test]
async fn events_arrive_as_they_happen_and_a_connection_can_become_another() {
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nginx = Nginx::before(upstream.local_addr().unwrap().port()).await;
    let accept = async |until: &str| {
        let (mut stream, _) = upstream.accept().await.unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(char::from(stream.read_u8().await.unwrap()));
        }
        assert!(head.starts_with(until), "{head}");
        (stream, head)
    };

    let mut browser = nginx.connect("resort1");
    browser
        .send("GET /api/events", "accept: text/event-stream\r\nx-forwarded-for: 203.0.113.7\r\n", None)
        .await;
    let (mut program, head) = accept("GET /api/events HTTP/1.1").await;
    assert!(!head.to_lowercase().contains("upgrade"), "{head}");
    assert_eq!(header(&head, "x-forwarded-for"), "127.0.0.1");
    let begin = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    program.write_all(begin.as_bytes()).await.unwrap();
    for event in ["one", "two"] {
        // The next is not sent before this one is there.
        let text = format!("data: {event}\n\n");
        program.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).await.unwrap();
        browser.until(&text).await;
    }

    let mut browser = nginx.connect("resort1");
    let ask =
        "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: x\r\n";
    browser.send("GET /api/live", ask, None).await;
    let (mut program, head) = accept("GET /api/live HTTP/1.1").await;
    assert_eq!(header(&head, "connection"), "upgrade");
    assert_eq!(header(&head, "upgrade"), "websocket");
    let agree = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    program.write_all(agree.as_bytes()).await.unwrap();
    assert!(browser.until("\r\n\r\n").await.starts_with("HTTP/1.1 101"));
    for word in ["ping", "pong"] {
        browser.input.write_all(word.as_bytes()).await.unwrap();
        let mut bytes = [0; 4];
        program.read_exact(&mut bytes).await.unwrap();
        program.write_all(&bytes).await.unwrap();
        assert_eq!(browser.until(word).await, word);
    }
}
