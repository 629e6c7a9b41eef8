//! A client that speaks HTTP over a socket of its own, and can stop in the middle of a request.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::program::eventually;

/// Longer than any answer takes, the pool's and the server's patience included.
const PATIENCE: Duration = Duration::from_secs(120);

/// One who asks: a port, a host, a token perhaps.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    port: u16,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

/// A request of which a part was sent.
pub(crate) struct Unfinished {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Client {
    pub(crate) fn new(port: u16, host: &str) -> Self {
        Self { port, headers: vec![("host".into(), format!("{host}:{port}"))] }
    }

    #[must_use]
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.into(), value.into()));
        client
    }

    /// The same client, of a program on another port.
    pub(crate) fn at(&self, port: u16) -> Self {
        let mut client = self.clone();
        let host = client.headers[0].1.replace(&self.port.to_string(), &port.to_string());
        client.headers[0].1 = host;
        Self { port, ..client }
    }

    /// Signs in and returns the client that is, with its token.
    pub(crate) async fn signed_in(&self, email: &str, password: &str) -> (Self, String) {
        let login = json!({ "email": email, "password": password });
        let answer = self.post("/api/auth/login", login).await.expect(200);
        let token = answer["accessToken"].as_str().unwrap().to_owned();
        (self.with("authorization", &format!("Bearer {token}")), token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.try_send("GET", path, None).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.try_send("POST", path, Some(body)).await.unwrap()
    }

    /// The answer, or how the connection failed.
    pub(crate) async fn try_send(&self, method: &str, path: &str, body: Option<Value>) -> io::Result<Answer> {
        self.begin(method, path, body, 0).await?.finish().await
    }

    /// Sends a request but for its last `held` bytes.
    pub(crate) async fn begin(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        held: usize,
    ) -> io::Result<Unfinished> {
        let mut bytes = self.request(method, path, body, "connection: close\r\n");
        let rest = bytes.split_off(bytes.len() - held);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.write_all(&bytes).await?;
        Ok(Unfinished { stream, rest })
    }
}

impl Client {
    /// The same client on a connection that stays open from one request to the next.
    pub(crate) fn kept_open(&self) -> KeptOpen {
        KeptOpen { client: self.clone(), stream: None }
    }

    fn request(&self, method: &str, path: &str, body: Option<Value>, connection: &str) -> Vec<u8> {
        let mut text = format!("{method} {path} HTTP/1.1\r\n{connection}");
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        if !body.is_empty() {
            text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        format!("{text}\r\n{body}").into_bytes()
    }
}

/// A client that keeps its connection, gives it up when it is told to, and never asks a second time.
pub(crate) struct KeptOpen {
    client: Client,
    stream: Option<BufReader<TcpStream>>,
}

impl KeptOpen {
    /// Other headers than it had, from here on.
    pub(crate) fn headers(&mut self, headers: &[(&str, &str)]) {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.client.headers = headers.iter().map(owned).collect();
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None).await.unwrap()
    }

    pub(crate) async fn send(&mut self, method: &str, path: &str, body: Option<Value>) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => BufReader::new(TcpStream::connect(("127.0.0.1", self.client.port)).await?),
        };
        stream.write_all(&self.client.request(method, path, body, "")).await?;
        let answer = timeout(PATIENCE, read_one(&mut stream)).await.expect("no answer in time")?;
        if answer.headers.get("connection").is_none_or(|connection| connection != "close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

async fn read_one(stream: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let (status, headers) = parse(&head)?;
    let length = headers.get("content-length").map_or("0", String::as_str);
    let mut body = vec![0; length.parse().map_err(|_| io::ErrorKind::InvalidData)?];
    stream.read_exact(&mut body).await?;
    Ok(Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() })
}

fn parse(head: &str) -> io::Result<(u16, BTreeMap<String, String>)> {
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Ok((status.ok_or(io::ErrorKind::UnexpectedEof)?, headers))
}

impl Unfinished {
    /// Waits until the program has taken what was sent off the kernel's hands.
    pub(crate) async fn until_read(self) -> Self {
        let (mine, its) = (self.stream.local_addr().unwrap().port(), self.stream.peer_addr().unwrap().port());
        let connection = format!(" 0100007F:{its:04X} 0100007F:{mine:04X} ");
        eventually("the program does not read", async || {
            // Only Linux tells; elsewhere the program is quick enough.
            let Ok(table) = std::fs::read_to_string("/proc/net/tcp") else { return true };
            let queues = table.lines().find(|line| line.contains(&connection));
            let queues = queues.and_then(|line| line.split_whitespace().nth(4));
            queues.is_some_and(|queues| queues.ends_with(":00000000"))
        })
        .await;
        self
    }

    /// Sends the rest and reads the answer.
    pub(crate) async fn finish(mut self) -> io::Result<Answer> {
        self.stream.write_all(&self.rest).await?;
        self.answer().await
    }

    /// Reads until the program closes the connection.
    pub(crate) async fn answer(mut self) -> io::Result<Answer> {
        let mut bytes = Vec::new();
        timeout(PATIENCE, self.stream.read_to_end(&mut bytes)).await.expect("no answer in time")?;
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let (status, headers) = parse(head)?;
        // An answer that broke off is none.
        if headers.get("content-length").is_some_and(|length| *length != body.len().to_string()) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Answer { status, headers, text: body.to_owned() })
    }
}

impl Answer {
    /// The body, of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// A 503 as an RFC 9457 problem that says when to come back.
    #[track_caller]
    pub(crate) fn unavailable(&self) -> Value {
        let problem = self.expect(503);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert!(self.headers["retry-after"].parse::<u32>().unwrap() >= 1);
        assert_eq!(problem["requestId"], self.headers["x-request-id"].as_str());
        problem
    }
}
