//! A connection to PostgreSQL; and where there is none, why, and what to do.

use std::error::Error as _;
use std::fmt::Write;
use std::io::{self, ErrorKind};
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::{Client, Config, Error, NoTls};

/// How long a connection may take when the address does not say.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no connection: the place without a password, every cause, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot connect to PostgreSQL at {place}: {causes}; {advice}")]
pub struct ConnectError {
    place: String,
    causes: String,
    advice: String,
}

/// Connects within the address's `connect_timeout`, the handshake included.
///
/// # Errors
/// Why not, and what to do.
pub async fn connect(config: &Config) -> Result<Client, ConnectError> {
    let patience = config.get_connect_timeout().copied().unwrap_or(PATIENCE);
    match timeout(patience, config.connect(NoTls)).await {
        Ok(Ok((client, connection))) => {
            tokio::spawn(connection);
            Ok(client)
        }
        Ok(Err(error)) => Err(ConnectError::new(config, &error)),
        Err(_) => Err(ConnectError::timed_out(config, patience)),
    }
}

impl ConnectError {
    pub fn new(config: &Config, error: &Error) -> Self {
        Self { place: place(config), causes: causes(error), advice: advice(error) }
    }

    /// No answer within `patience`, be it to the connection or to the first message.
    pub fn timed_out(config: &Config, patience: Duration) -> Self {
        let causes = format!("no answer within {} s", patience.as_secs_f64());
        Self { place: place(config), causes, advice: TIMED_OUT.to_owned() }
    }
}

const TIMED_OUT: &str = "correct the host and the port, see whether a firewall is in between, and whether what listens there is \
PostgreSQL and not overloaded";

const NOT_POSTGRESQL: &str =
    "what listens there does not answer as PostgreSQL does: correct the port, or see that server's own log";

const NO_TLS: &str = "the server demands TLS, which this program does not have: connect through a unix socket, a private network \
or a local proxy that adds TLS";

/// Hosts, database and role; never the password.
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

/// The error and everything that led to it. The server's DETAIL and HINT are left out: a server's log may be read by more people
/// than its rows.
fn causes(error: &Error) -> String {
    let mut text = String::new();
    let mut next = Some(error as &(dyn std::error::Error + 'static));
    while let Some(error) = next {
        let words = match error.downcast_ref::<DbError>() {
            Some(error) => format!("{}: {} ({})", error.severity(), error.message(), error.code().code()),
            None => error.to_string(),
        };
        // "db error" says nothing beside what the server said.
        if text.is_empty() || text == "db error" {
            text = words;
        } else if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = error.source();
    }
    text
}

fn advice(error: &Error) -> String {
    if let Some(refusal) = error.as_db_error() {
        return of_refusal(refusal).to_owned();
    }
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return of_network(error).to_owned();
        }
        source = error.source();
    }
    // The kinds of this error are not public; these two are those with something to say.
    match error.to_string().as_str() {
        "invalid configuration" => "complete the address: postgresql://user:password@host:5432/database",
        "authentication error" => {
            "let pg_hba.conf ask this role for scram-sha-256 or md5, and no other method"
        }
        _ => NOT_POSTGRESQL,
    }
    .to_owned()
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
        ErrorKind::PermissionDenied => "this user may not use the socket: see its folder's owner and mode",
        ErrorKind::TimedOut => TIMED_OUT,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            "this machine has no way to that address: correct the host, or see the network's routes"
        }
        _ if error.to_string().contains("resolve") || error.to_string().contains("lookup address") => {
            "the host's name is not known: correct it, or see whether DNS works (getent hosts <name>)"
        }
        _ => NOT_POSTGRESQL,
    }
}

fn of_refusal(refusal: &DbError) -> &'static str {
    let said = refusal.message().to_ascii_lowercase();
    // Servers and proxies say so under several codes.
    let demands_tls = (said.contains("ssl") || said.contains("tls") || said.contains("insecure"))
        && ["required", "require", "only"].iter().any(|word| said.contains(word));
    let code = refusal.code();
    match code {
        _ if demands_tls => NO_TLS,
        // PostgreSQL says "no encryption" here whether or not TLS would have helped.
        _ if said.contains("pg_hba.conf") => {
            "no line of pg_hba.conf lets this role into this database from this address without TLS: add a `host` line for it (a \
             `hostssl` line demands TLS, which this program does not have: then connect through a unix socket or a local proxy)"
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
            "the role has no right to this database: grant connect on database … to …, or use another role"
        }
        _ if *code == SqlState::TOO_MANY_CONNECTIONS => {
            "the server has no connection free: end programs that hold some, lower connection_limit in the addresses, or raise \
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
