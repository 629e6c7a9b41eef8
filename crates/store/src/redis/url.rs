//! `REDIS_URL`: one server, or several hosts of a cluster.

use std::fmt;

use ::redis::{ConnectionInfo, IntoConnectionInfo};

/// Where Redis is. Says its hosts when shown, never its password.
#[derive(Clone)]
pub struct RedisUrl {
    pub(super) seeds: Vec<ConnectionInfo>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedisUrlError {
    #[error(
        "it is not a Redis address like redis://user:password@host:6379/0, or redis://host1:6379,host2:6379 for a cluster"
    )]
    Address,
    #[error(
        "rediss: this program speaks to Redis without TLS; use a unix socket, a private network or a local proxy"
    )]
    Tls,
}

impl RedisUrl {
    /// # Errors
    /// When the text is not an address. The message never repeats the password.
    pub fn parse(text: &str) -> Result<Self, RedisUrlError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(RedisUrlError::Address)?;
        match scheme {
            "redis" | "valkey" | "redis+cluster" => {}
            "rediss" | "valkeys" => return Err(RedisUrlError::Tls),
            "unix" | "redis+unix" => return Ok(Self { seeds: vec![info(text)?] }),
            _ => return Err(RedisUrlError::Address),
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) =
            authority.rsplit_once('@').map_or((None, authority), |(user, hosts)| (Some(user), hosts));
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        let seed = |host: &str| match host.trim() {
            "" => Err(RedisUrlError::Address),
            host => info(&format!("redis://{user}{host}/{path}")),
        };
        Ok(Self { seeds: hosts.split(',').map(seed).collect::<Result<_, _>>()? })
    }
}

fn info(text: &str) -> Result<ConnectionInfo, RedisUrlError> {
    text.into_connection_info().map_err(|_| RedisUrlError::Address)
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.seeds.iter().map(|seed| seed.addr().to_string()).collect::<Vec<_>>();
        f.write_str(&hosts.join(","))
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_or_several_hosts_with_one_password() {
        let hosts = |text: &str| RedisUrl::parse(text).unwrap().to_string();
        assert_eq!(hosts("redis://127.0.0.1:6379"), "127.0.0.1:6379");
        assert_eq!(hosts("redis://h/3"), "h:6379");
        assert_eq!(hosts("redis://u:p%40ss@a:7000,b:7001,c"), "a:7000,b:7001,c:6379");
        assert_eq!(hosts("redis+cluster://a:7000"), "a:7000");
        let seeds = RedisUrl::parse("redis://u:p%40ss@a:7000,b:7001/2").unwrap().seeds;
        for seed in &seeds {
            assert_eq!(seed.redis_settings().password(), Some("p@ss"));
            assert_eq!(seed.redis_settings().db(), 2);
        }
    }

    #[test]
    fn a_bad_address_is_refused_without_its_password() {
        for text in ["127.0.0.1:6379", "http://:hunter2@h", "redis://:hunter2@", "redis://:hunter2@h:port"] {
            let said = RedisUrl::parse(text).unwrap_err().to_string();
            assert!(!said.contains("hunter2"), "{said}");
        }
        assert_eq!(RedisUrl::parse("rediss://h").unwrap_err(), RedisUrlError::Tls);
        let url = RedisUrl::parse("redis://:hunter2@h").unwrap();
        assert!(!format!("{url} {url:?}").contains("hunter2"));
    }
}
