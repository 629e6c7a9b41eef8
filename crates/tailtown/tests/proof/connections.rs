//! What one client does to its connections, or with many of them, costs the others nothing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gateway::server::Server;
use serde_json::json;
use tailtown::config;
use testkit::{House, house, house_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

/// The program on a real socket.
async fn serve(house: &House, settings: &[(&str, &str)]) -> (Server, std::net::SocketAddr) {
    let settings: BTreeMap<_, _> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let server = Server::new(&config::read(&settings, None).unwrap().0.gateway);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    server.serve(listener, house.service.clone());
    (server, at)
}

/// What comes for these bytes, until the connection ends or nothing more can be expected.
async fn exchange(at: std::net::SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let _ = stream.write_all(bytes.as_bytes()).await;
    until_end(&mut stream).await
}

async fn until_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection stays open");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The answer's head and body over a connection that stays open.
async fn ask(stream: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: resort1.localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut answer, mut some) = (String::new(), [0; 4096]);
    while !answer.contains("\r\n\r\n") {
        let read = timeout(PATIENCE, stream.read(&mut some)).await.unwrap().unwrap();
        assert!(read > 0, "closed after {answer:?}");
        answer += &String::from_utf8_lossy(&some[..read]);
    }
    answer
}

fn is(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer:?}");
}

#[tokio::test]
async fn a_request_names_its_host_once_and_readably() {
    let house = house().await;
    house.resort("resort1").await;
    let (server, at) = serve(&house, &[]).await;
    let status = async |target: &str, fields: &str, status: u16| {
        let answer =
            exchange(at, &format!("GET {target} HTTP/1.1\r\n{fields}connection: close\r\n\r\n")).await;
        is(&answer, status);
        if status == 400 {
            assert!(answer.contains("application/problem+json") && answer.contains("ost"), "{answer}");
        }
    };
    for path in ["/livez", "/api/customers"] {
        status(path, "", 400).await;
        status(path, "host: resort1.localhost\r\nhost: resort1.localhost\r\n", 400).await;
        status(path, "host: resort1.localhost\r\nHost: resort2.localhost\r\n", 400).await;
        status(path, "host: resort1.localhost:http\r\n", 400).await;
        status(path, "host: resort1.localhost:99999\r\n", 400).await;
    }
    status("/api/customers", "host: resort1.localhost\r\n", 401).await;
    status("http://resort1.localhost/api/customers", "host: nowhere.localhost\r\n", 401).await;
    status("http://nowhere.localhost/api/customers", "host: resort1.localhost\r\n", 404).await;
    status("http://resort1.localhost/api/customers", "", 400).await;
    is(&exchange(at, "GET /livez HTTP/1.0\r\n\r\n").await.replace("HTTP/1.0", "HTTP/1.1"), 200);
    assert!(server.stop(PATIENCE).await);
}

#[tokio::test]
async fn a_head_has_the_fields_of_a_get() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let (server, at) = serve(&house, &[]).await;
    let token = resort.staff.header("authorization").to_owned();
    let fields = async |method: &str, path: &str| {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: resort1.localhost\r\nauthorization: {token}\r\nconnection: close\r\n\r\n"
        );
        let answer = exchange(at, &request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.is_empty(), method == "HEAD", "{answer}");
        // Those that differ from one request to the next.
        let is_own = |line: &&str| {
            !["x-request-id", "ratelimit", "date", "x-cache"].iter().any(|name| line.starts_with(name))
        };
        let mut fields: Vec<String> = head.lines().filter(is_own).map(str::to_owned).collect();
        fields.sort_unstable();
        assert!(fields.iter().any(|field| field.starts_with("content-length: ")), "{answer}");
        fields
    };
    for path in [
        "/api/customers",
        "/api/auth/me",
        "/api/customers/7",
        "/livez",
        "/readyz",
        "/openapi.json",
        "/nowhere",
    ] {
        let get = fields("GET", path).await;
        let head = fields("HEAD", path).await;
        // A problem names its request's id, which is as long as any other.
        assert_eq!(head, get, "{path}");
    }
    assert!(server.stop(PATIENCE).await);
}

#[tokio::test]
async fn a_body_is_read_only_from_those_who_may_send_it() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let (server, at) = serve(&house, &[]).await;
    let announce = async |host: &str, path: &str, fields: &str, length: usize| {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\n{fields}content-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{{"
        );
        // Not one more byte of the body comes: who waits for it answers 408.
        exchange(at, &request).await
    };
    is(&announce("resort1.localhost", "/api/customers", "", 900_000).await, 401);
    is(&announce("resort1.localhost", "/api/customers", "authorization: Bearer x\r\n", 900_000).await, 401);
    is(&announce("localhost", "/platform/tenants", "", 900_000).await, 401);
    let forged = format!("authorization: {}\r\n", resort.staff.header("authorization"));
    is(&announce("localhost", "/platform/tenants", &forged, 900_000).await, 401);
    is(&announce("nowhere.localhost", "/api/customers", "", 900_000).await, 404);
    is(&announce("resort1.localhost", "/api/auth/login", "", 16_385).await, 413);
    is(&announce("localhost", "/platform/auth/login", "", 16_385).await, 413);
    assert!(server.stop(PATIENCE).await);
}

#[tokio::test]
async fn all_bodies_together_have_one_budget() {
    let house = house_with(&[("BODY_MEMORY_MB", "1")]).await;
    let resort = house.resort("resort1").await;
    let (server, at) = serve(&house, &[]).await;
    let token = resort.staff.header("authorization").to_owned();
    let head = format!(
        "POST /api/customers HTTP/1.1\r\nhost: resort1.localhost\r\nauthorization: {token}\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n"
    );
    // Each sends most of its body, and waits.
    let mut senders = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(at).await.unwrap();
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = timeout(PATIENCE, stream.write_all(&vec![b' '; 800_000])).await.unwrap();
        senders.push(stream);
    }
    let mut refused = 0;
    for mut stream in senders.drain(..) {
        let mut some = [0; 4096];
        // One has the room, and is told after a while that it was too slow.
        let read = timeout(PATIENCE, stream.read(&mut some)).await.unwrap().unwrap_or(0);
        let answer = String::from_utf8_lossy(&some[..read]).into_owned();
        refused += u32::from(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: "));
    }
    assert_eq!(refused, 3);
    resort
        .staff
        .post("/api/customers", json!({ "firstName": "Ada", "lastName": "Lovelace" }))
        .await
        .created();
    assert!(server.stop(PATIENCE).await);
}

/// Asks for more answers than the kernel keeps for anybody, the last of which ends the connection.
async fn ask_for_much(at: std::net::SocketAddr) -> TcpStream {
    let request = "GET /openapi.json HTTP/1.1\r\nhost: resort1.localhost\r\n\r\n";
    let last = request.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all((request.repeat(99) + &last).as_bytes()).await.unwrap();
    stream
}

fn answers(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).matches("HTTP/1.1 200").count()
}

#[tokio::test]
async fn who_never_reads_its_answers_loses_its_connection_and_a_slow_reader_keeps_it() {
    let house = house().await;
    let (server, at) = serve(&house, &[("WRITE_TIMEOUT_SECONDS", "2")]).await;
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(ask_for_much(at).await);
    }
    let (mut slow, began) = (ask_for_much(at).await, Instant::now());
    let (mut read, mut some) = (Vec::new(), vec![0; 256 * 1024]);
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        match timeout(PATIENCE, slow.read(&mut some)).await.unwrap().unwrap() {
            0 => break,
            length => read.extend_from_slice(&some[..length]),
        }
    }
    assert_eq!(answers(&read), 100);
    assert!(began.elapsed() > Duration::from_secs(3), "it was not slow: {:?}", began.elapsed());
    // Nobody reads from the others, and all the same no connection is left.
    assert!(server.hand_on(PATIENCE).await);
    for stream in &mut silent {
        let mut rest = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap();
        assert!(answers(&rest) < 100);
    }
}

#[tokio::test]
async fn at_the_limit_the_longest_idle_connection_makes_room() {
    let house = house().await;
    house.resort("resort1").await;
    let (server, at) = serve(&house, &[("MAX_CONNECTIONS", "3")]).await;
    let mut known = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(at).await.unwrap();
        is(&ask(&mut stream, "/livez").await, 200);
        known.push(stream);
    }
    let mut newcomer = TcpStream::connect(at).await.unwrap();
    is(&ask(&mut newcomer, "/api/customers").await, 401);
    assert_eq!(until_end(&mut known[0]).await, "");
    for stream in known.iter_mut().skip(1).chain([&mut newcomer]) {
        is(&ask(stream, "/livez").await, 200);
    }
    drop((known, newcomer));
    assert!(server.stop(PATIENCE).await);
}

#[tokio::test]
async fn health_checks_and_operators_are_answered_when_all_connections_are_busy() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let (server, at) = serve(&house, &[("MAX_CONNECTIONS", "2")]).await;
    let token = resort.staff.header("authorization").to_owned();
    let head = format!(
        "POST /api/customers HTTP/1.1\r\nhost: resort1.localhost\r\nauthorization: {token}\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n"
    );
    let mut busy = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // The program waits for the body from now on.
        let mut some = [0; 25];
        timeout(PATIENCE, stream.read_exact(&mut some)).await.unwrap().unwrap();
        busy.push(stream);
    }
    for (path, status) in
        [("/livez", 200), ("/readyz", 200), ("/platform/tenants", 401), ("/api/customers", 503)]
    {
        let mut stream = TcpStream::connect(at).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: resort1.localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        // Its answer is the last on its connection.
        let answer = until_end(&mut stream).await;
        is(&answer, status);
        assert_eq!(answer.contains("retry-after: 1"), status == 503, "{answer}");
    }
    drop(busy);
    assert!(server.stop(PATIENCE).await);
}

/// All connections of a test come from the loopback, which is one address unless it is trusted to speak for others.
#[tokio::test]
async fn one_address_does_not_take_the_connections_of_all() {
    let house = house().await;
    house.resort("resort1").await;
    let elsewhere = ("TRUSTED_PROXIES", "192.0.2.1");
    let (server, at) =
        serve(&house, &[elsewhere, ("MAX_CONNECTIONS", "1000"), ("CONNECTIONS_PER_ADDRESS", "5")]).await;
    let mut strangers = Vec::new();
    for _ in 0..5 {
        let mut stream = TcpStream::connect(at).await.unwrap();
        is(&ask(&mut stream, "/livez").await, 200);
        strangers.push(stream);
    }
    // A further one is closed without an answer, and those that are there go on.
    assert_eq!(exchange(at, "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").await, "");
    is(&ask(&mut strangers[0], "/livez").await, 200);
    // Another address has its own part.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(at).await.unwrap();
    is(&ask(&mut other, "/livez").await, 200);
    // One that ends makes room.
    strangers.pop();
    let mut again = None;
    let began = Instant::now();
    while again.is_none() && began.elapsed() < PATIENCE {
        let mut stream = TcpStream::connect(at).await.unwrap();
        let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let mut some = [0; 12];
        again = stream.read_exact(&mut some).await.ok().map(|_| some);
    }
    assert_eq!(again.as_ref().map(|some| &some[..]), Some(&b"HTTP/1.1 200"[..]));
    drop((strangers, other));
    assert!(server.stop(PATIENCE).await);

    // A proxy that is trusted may have as many as there are.
    let (server, at) = serve(&house, &[("MAX_CONNECTIONS", "1000"), ("CONNECTIONS_PER_ADDRESS", "5")]).await;
    let mut proxied = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(at).await.unwrap();
        is(&ask(&mut stream, "/livez").await, 200);
        proxied.push(stream);
    }
    drop(proxied);
    assert!(server.stop(PATIENCE).await);
}
