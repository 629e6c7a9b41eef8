//! Why a Redis cannot be used, and what to do: with its address, and without its password.

use std::error::Error;
use std::io;
use std::sync::Arc;

use ::redis::{ConnectionInfo, ErrorKind, RedisError};

use super::call::PATIENCE;

/// What `error` means at this address.
pub(super) fn explain(address: &ConnectionInfo, error: &RedisError) -> String {
    at(address, &error.to_string(), advice(error))
}

/// No answer within [`PATIENCE`].
pub(super) fn silent(address: &ConnectionInfo) -> String {
    let said = format!("no answer within {} ms", PATIENCE.as_millis());
    at(
        address,
        &said,
        "correct the host and the port in REDIS_URL, see whether a firewall is in between, and whether what listens there is \
         Redis without TLS and not overloaded",
    )
}

pub(super) fn replica(address: &ConnectionInfo) -> String {
    at(address, "it is a replica", "name the master in REDIS_URL")
}

fn at(address: &ConnectionInfo, said: &str, advice: &str) -> String {
    // What a server does not understand it may repeat.
    let said = match address.redis_settings().password() {
        Some(password) if !password.is_empty() => said.replace(password, "***"),
        _ => said.to_owned(),
    };
    format!("{}: {said}; {advice}", address.addr())
}

fn advice(error: &RedisError) -> &'static str {
    let said = error.to_string();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    // The crate keeps the system's error behind a pointer.
    let shared = error.source().and_then(|source| source.downcast_ref::<Arc<dyn Error + Send + Sync>>());
    let network = shared.and_then(|shared| shared.downcast_ref::<io::Error>()).map(io::Error::kind);
    if error.kind() == ErrorKind::AuthenticationFailed || says(&["NOAUTH", "WRONGPASS", "invalid password"]) {
        return "correct the user and the password in REDIS_URL (redis://user:password@host:6379, or redis://:password@host:6379)";
    }
    if says(&["DENIED"]) {
        return "its protected mode lets nobody in from another machine: give it a password, and name that in REDIS_URL";
    }
    if says(&["NOPERM"]) {
        return "let the user of REDIS_URL run PING, INFO, TIME, CLUSTER, EVAL and EVALSHA on all keys";
    }
    if says(&["LOADING", "BusyLoading"]) {
        return "it is loading its data: wait";
    }
    if says(&["lookup address", "resolve"]) {
        return "the host's name is not known: correct it in REDIS_URL, or see whether DNS works (getent hosts <name>)";
    }
    match network {
        Some(io::ErrorKind::ConnectionRefused) => {
            "nothing listens there: start Redis, or correct the host and the port in REDIS_URL"
        }
        Some(io::ErrorKind::NotFound) => {
            "there is no such socket: start Redis, or correct its path in REDIS_URL"
        }
        Some(io::ErrorKind::PermissionDenied) => {
            "this user may not use the socket: see its mode (unixsocketperm)"
        }
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "this machine has no way to that address: correct the host in REDIS_URL, or see the network's routes"
        }
        _ => {
            "what listens there does not answer as Redis does: correct the port in REDIS_URL; where it demands TLS, which this \
             program does not have, use its port without TLS or a local proxy that adds TLS"
        }
    }
}
