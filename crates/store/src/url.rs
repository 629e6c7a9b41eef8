//! `DATABASE_URL`: PostgreSQL's own address, with the pool's three settings and those of TLS in its query.

use std::path::PathBuf;
use std::time::Duration;

use database::connect::Server;
use database::embedded::Standing;
use database::tls::{Mode, Tls, TlsError};
use percent_encoding::percent_decode_str;

/// Where the database is and how many connections to keep.
#[derive(Clone, Debug)]
pub struct Address {
    pub server: Server,
    /// `connection_limit`: the most connections at a time.
    pub connection_limit: usize,
    /// `pool_timeout`, in seconds: how long a request waits for a free connection.
    pub pool_timeout: Duration,
    /// `connect_timeout`, in seconds: how long a new connection may take.
    pub connect_timeout: Duration,
    /// What is known of the server, where this program watches over it.
    pub standing: Standing,
}

#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    #[error("{name}={value} must be a whole number from 1 to {most}")]
    Setting { name: &'static str, value: String, most: u32 },
    #[error(
        "it is not a PostgreSQL address like postgresql://user:password@host:5432/tailtown?connection_limit=20"
    )]
    Address(#[source] tokio_postgres::Error),
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Address {
    /// Default size and patience around a server whose address has neither.
    pub fn new(server: Server) -> Self {
        Self {
            server,
            connection_limit: 20,
            pool_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            standing: Standing::default(),
        }
    }

    /// # Errors
    /// When the text is not an address or a setting is out of range. The message never repeats the password.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let mut rest = Vec::new();
        let (mut limit, mut pool, mut connect) = (None, None, None);
        let (mut mode, mut roots) = (Mode::default(), None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "connection_limit" => limit = Some(whole("connection_limit", value, 10_000)?),
                "pool_timeout" => pool = Some(whole("pool_timeout", value, 300)?),
                "connect_timeout" => connect = Some(whole("connect_timeout", value, 300)?),
                // Named by the plan's ORM; the schema is always `app`.
                "schema" => {}
                "sslmode" => mode = Mode::parse(value)?,
                "sslrootcert" => {
                    roots = Some(PathBuf::from(percent_decode_str(value).decode_utf8_lossy().as_ref()));
                }
                _ => rest.push(pair),
            }
        }
        let rest = rest.join("&");
        let text = if rest.is_empty() { base.to_owned() } else { format!("{base}?{rest}") };
        let config = text.parse().map_err(AddressError::Address)?;
        let mut address = Self::new(Server::new(config, Tls::new(mode, roots)?));
        if let Some(limit) = limit {
            address.connection_limit = limit as usize;
        }
        if let Some(seconds) = pool {
            address.pool_timeout = Duration::from_secs(seconds.into());
        }
        if let Some(seconds) = connect {
            address.connect_timeout = Duration::from_secs(seconds.into());
        }
        address.server.connect_timeout(address.connect_timeout);
        Ok(address)
    }
}

fn whole(name: &'static str, value: &str, most: u32) -> Result<u32, AddressError> {
    let number = value.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| AddressError::Setting { name, value: value.to_owned(), most })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pools_settings_are_read_off_the_address() {
        let address = Address::parse(
            "postgresql://u:p@h:5432/db?connection_limit=7&pool_timeout=3&connect_timeout=2&sslmode=prefer",
        )
        .unwrap();
        assert_eq!(address.connection_limit, 7);
        assert_eq!(address.pool_timeout, Duration::from_secs(3));
        assert_eq!(address.connect_timeout, Duration::from_secs(2));
        assert_eq!(address.server.get_dbname(), Some("db"));
    }

    #[test]
    fn a_bad_setting_is_named_with_what_is_allowed() {
        let error = Address::parse("postgresql://u:secret@h/db?connection_limit=0").unwrap_err().to_string();
        assert_eq!(error, "connection_limit=0 must be a whole number from 1 to 10000");
        let refused = |query: &str| {
            Address::parse(&format!("postgresql://u:secret@h/db?{query}")).unwrap_err().to_string()
        };
        assert!(refused("sslmode=full").starts_with("sslmode=full: must be disable, prefer, require"));
        assert!(
            refused("sslmode=verify-full&sslrootcert=%2Fno%20where").starts_with("sslrootcert=/no where: ")
        );
        assert!(refused("sslmode=require&sslrootcert=/dev/null").contains("it has no certificate"));
        assert!(!Address::parse("nonsense secret").unwrap_err().to_string().contains("secret"));
    }
}
