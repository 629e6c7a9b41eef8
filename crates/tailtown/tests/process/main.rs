//! The program itself, started as an operator starts it: how it begins, what it says, what it survives, how it ends.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should fail loudly")]

mod client;
mod commands;
mod deploy;
mod documents;
mod full_disk;
mod ground;
mod history;
mod killed;
mod load;
mod logs;
mod memory;
mod messages;
mod migrations;
mod monitoring;
mod neighbours;
mod next_version;
mod outage;
mod package;
mod private_database;
mod program;
mod proxy;
mod records;
mod recovery;
mod reload;
mod reports;
mod secrets;
mod server;
mod settings;
mod stopping;
mod tls;
mod upgraded;
