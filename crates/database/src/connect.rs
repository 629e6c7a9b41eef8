//! Connections to PostgreSQL, and errors that explain why there is none and what to do.

use std::error::Error as _;
use std::ffi::OsString;
use std::fmt::Write;
use std::io::{self, ErrorKind};
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use rustls::CertificateError;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::{Client, Config, Error, NoTls};

use crate::tls::{Mode, Tls};

/// The longest time to connect, unless the address has `connect_timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The reason why there is no connection: the address without the password, all causes, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot connect to PostgreSQL at {place}: {causes}; {advice}")]
pub struct ConnectError {
    place: String,
    causes: String,
    advice: String,
}

/// The address of a server, and the TLS settings for it.
#[derive(Clone, Debug)]
pub struct Server {
    config: Config,
    tls: Tls,
}

impl Server {
    pub fn new(config: Config, tls: Tls) -> Self {
        Self { config, tls }
    }

    /// Opens a connection and starts the task that drives it, without a time limit.
    ///
    /// # Errors
    /// The client library's error; [`ConnectError`] explains it.
    pub async fn open(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let mut config = self.config.clone();
        let over_unix_socket = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
        // Unix sockets never use TLS, whatever sslmode says, as in libpq.
        let connector = self.tls.connector.clone().filter(|_| !over_unix_socket);
        let Some(connector) = connector else {
            config.ssl_mode(SslMode::Disable);
            let (client, connection) = config.connect(NoTls).await?;
            return Ok((client, tokio::spawn(driven(connection))));
        };
        config.ssl_mode(if self.tls.mode == Mode::Prefer { SslMode::Prefer } else { SslMode::Require });
        let error = match config.connect(connector).await {
            Ok((client, connection)) => return Ok((client, tokio::spawn(driven(connection)))),
            Err(error) => error,
        };
        if self.tls.mode == Mode::Prefer && refuses_tls(&error) {
            config.ssl_mode(SslMode::Disable);
            if let Ok((client, connection)) = config.connect(NoTls).await {
                return Ok((client, tokio::spawn(driven(connection))));
            }
        }
        Err(error)
    }

    /// Connects within the `connect_timeout` of the address, handshake included.
    ///
    /// # Errors
    /// The reason, and what to do.
    pub async fn connect(&self) -> Result<Client, ConnectError> {
        let timeout_after = self.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
        match timeout(timeout_after, self.open()).await {
            Ok(Ok((client, _))) => Ok(client),
            Ok(Err(error)) => Err(ConnectError::new(self, &error)),
            Err(_) => Err(ConnectError::timed_out(self, timeout_after)),
        }
    }

    /// Environment variables with which a program that uses libpq connects with the same TLS settings.
    pub(crate) fn tls_environment(&self) -> Vec<(&'static str, OsString)> {
        let mut variables = vec![("PGSSLMODE", self.tls.mode.name().into())];
        variables.extend(self.tls.roots_file().map(|path| ("PGSSLROOTCERT", path.into_os_string())));
        variables
    }
}

/// A server without TLS, on this machine.
impl From<Config> for Server {
    fn from(config: Config) -> Self {
        Self::new(config, Tls::disabled())
    }
}

impl Deref for Server {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.config
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Config {
        &mut self.config
    }
}

async fn driven(connection: impl Future<Output = Result<(), Error>>) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to PostgreSQL ended");
    }
}

/// Whether the server might accept a connection without TLS after this error: the TLS handshake failed, or pg_hba.conf does not
/// allow this connection with TLS.
fn refuses_tls(error: &Error) -> bool {
    tls_failure(error).is_some()
        || error.to_string() == TLS_FAILED
        || error.as_db_error().is_some_and(|refusal| refusal.message().contains("pg_hba.conf"))
}

/// The text of the client library's TLS error. The library does not publish the kinds of its errors.
const TLS_FAILED: &str = "error performing TLS handshake";

/// The TLS error among the causes, if there is one.
fn tls_failure(error: &Error) -> Option<&rustls::Error> {
    let mut source = error.source();
    while let Some(error) = source {
        // `source` of an I/O error skips the error that it wraps, so look at that first.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let found = wrapped.and_then(|error| error.downcast_ref::<rustls::Error>());
        if found.is_some() {
            return found;
        }
        source = error.source();
    }
    None
}

impl ConnectError {
    /// Explains an error of the client library.
    pub fn new(server: &Server, error: &Error) -> Self {
        Self {
            place: place(server),
            causes: causes(error),
            advice: advice(error, server.tls.mode).to_owned(),
        }
    }

    /// The error when connecting, or the first message, got no answer within `limit`.
    pub fn timed_out(config: &Config, limit: Duration) -> Self {
        let causes = format!("no answer within {} s", limit.as_secs_f64());
        Self { place: place(config), causes, advice: TIMED_OUT.to_owned() }
    }
}

const TIMED_OUT: &str = "correct the host and the port, and check whether a firewall blocks the connection and whether the \
server is PostgreSQL and not overloaded";

const NOT_POSTGRESQL: &str =
    "what listens there does not answer as PostgreSQL does: correct the port, or see that server's own log";

const NEEDS_TLS: &str = "the server demands TLS: set sslmode=require, or verify-full, in the address";

/// The hosts, database and role of an address, without the password.
fn place(config: &Config) -> String {
    let ports = config.get_ports();
    let mut place = String::new();
    for (at, host) in config.get_hosts().iter().enumerate() {
        let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        let comma = if at == 0 { "" } else { ", " };
        let _ = match host {
            Host::Tcp(host) if host.contains(':') => write!(place, "{comma}[{host}]:{port}"),
            Host::Tcp(host) => write!(place, "{comma}{host}:{port}"),
            Host::Unix(folder) => {
                write!(place, "{comma}{}", folder.join(format!(".s.PGSQL.{port}")).display())
            }
        };
    }
    let user = config.get_user().unwrap_or("the system's user");
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("{place} (database {database}, role {user})")
}

/// The error and all its causes. The server's DETAIL and HINT are left out, because they may quote rows, and more people may read
/// logs than rows.
fn causes(error: &Error) -> String {
    let mut text = String::new();
    let mut next = Some(error as &(dyn std::error::Error + 'static));
    while let Some(error) = next {
        let words = match error.downcast_ref::<DbError>() {
            Some(error) => format!("{}: {} ({})", error.severity(), error.message(), error.code().code()),
            None => error.to_string(),
        };
        // "db error" adds nothing to the server's message.
        if text.is_empty() || text == "db error" {
            text = words;
        } else if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = error.source();
    }
    text
}

fn advice(error: &Error, mode: Mode) -> &'static str {
    if let Some(refusal) = error.as_db_error() {
        return of_refusal(refusal, mode);
    }
    if let Some(failure) = tls_failure(error) {
        return of_tls(failure);
    }
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return of_network(error);
        }
        source = error.source();
    }
    // The library does not publish the kinds of this error; these texts have an explanation.
    match error.to_string().as_str() {
        "invalid configuration" => "complete the address: postgresql://user:password@host:5432/database",
        "authentication error" => "set the method for this role in pg_hba.conf to scram-sha-256 or md5",
        TLS_FAILED => {
            "sslmode demands TLS and the server does not offer it: switch it on there (ssl = on, ssl_cert_file and ssl_key_file in \
             postgresql.conf), correct the port, or set sslmode=prefer or disable"
        }
        _ => NOT_POSTGRESQL,
    }
}

fn of_tls(failure: &rustls::Error) -> &'static str {
    let rustls::Error::InvalidCertificate(error) = failure else {
        return "the server and this program (TLS 1.2 and 1.3) have no TLS version or cipher in common: see the server's log and its \
                ssl_min_protocol_version and ssl_ciphers";
    };
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is not issued by an authority that is trusted here: name the file of that authority's certificate \
             with sslrootcert in the address"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name: use a host name in the address that the certificate has, issue one for this name \
             (as a subjectAltName), or set sslmode=verify-ca, which does not check names"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired: renew it on the server and reload that; if it has not, correct this machine's clock"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet: correct this machine's clock, or the certificate"
        }
        CertificateError::Revoked => "its certificate was revoked: issue another for the server",
        _ if failure.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is an authority's own: issue the server a certificate signed by that authority (CA:FALSE)"
        }
        _ => "its certificate cannot be used: issue the server another, of version 3 with a subjectAltName",
    }
}

fn of_network(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            "nothing listens there: start PostgreSQL, or correct the host and the port; a server that listens on its own machine \
             only needs listen_addresses"
        }
        ErrorKind::NotFound => {
            "there is no such socket: start PostgreSQL, or correct the folder (unix_socket_directories) and the port"
        }
        ErrorKind::PermissionDenied => {
            "this user may not use the socket: check the owner and mode of its folder"
        }
        ErrorKind::TimedOut => TIMED_OUT,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            "this machine has no route to that address: correct the host, or check the network's routes"
        }
        _ if error.to_string().contains("resolve") || error.to_string().contains("lookup address") => {
            "the host name cannot be resolved: correct it, or check whether DNS works (getent hosts <name>)"
        }
        _ => NOT_POSTGRESQL,
    }
}

fn of_refusal(refusal: &DbError, mode: Mode) -> &'static str {
    let said = refusal.message().to_ascii_lowercase();
    // Servers and proxies use several codes for this.
    let demands_tls = (said.contains("ssl") || said.contains("tls") || said.contains("insecure"))
        && ["required", "require", "only"].iter().any(|word| said.contains(word));
    let code = refusal.code();
    match code {
        _ if demands_tls => NEEDS_TLS,
        _ if said.contains("pg_hba.conf") && mode == Mode::Disable => {
            "no line of pg_hba.conf allows this role to use this database from this address without TLS: leave sslmode=disable out of the \
             address if there is a `hostssl` line for it, or add a `host` line"
        }
        _ if said.contains("pg_hba.conf") => {
            "no line of pg_hba.conf allows this role to use this database from this address: add a `host` or `hostssl` line for it"
        }
        _ if *code == SqlState::INVALID_PASSWORD => {
            "the password is not this role's, or there is no such role: correct the role and the password in the address, where \
             letters like @ / : ? # are written as %40 %2F %3A %3F %23"
        }
        _ if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "there is no such role, or it may not log in: create it (create role … login), or correct the address"
        }
        _ if *code == SqlState::INVALID_CATALOG_NAME => {
            "there is no such database: create it (create database … owner tailtown_owner), or correct the address"
        }
        _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => {
            "the role has no rights on this database: grant connect on database … to …, or use another role"
        }
        _ if *code == SqlState::TOO_MANY_CONNECTIONS => {
            "the server has no free connection: end programs that use some, lower connection_limit in the addresses, or raise \
             the server's max_connections"
        }
        _ if *code == SqlState::CANNOT_CONNECT_NOW => "it is starting or stopping: try again in a moment",
        _ => "the server's log says more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_hosts_database_and_role_and_no_password() {
        let of = |address: &str| place(&address.parse().unwrap());
        assert_eq!(of("postgresql://u:hunter2@h/d"), "h:5432 (database d, role u)");
        assert_eq!(of("postgresql://u:hunter2@a:1,[::1]:2/d"), "a:1, [::1]:2 (database d, role u)");
        assert_eq!(of("postgresql://u@/d?host=%2Frun"), "/run/.s.PGSQL.5432 (database d, role u)");
        assert_eq!(of("postgresql://u@h"), "h:5432 (database u, role u)");
    }
}
