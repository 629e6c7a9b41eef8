//! The load generator that proves the targets. It knows the program as any client does: by HTTP.
//!
//! `bench run` loads a program that runs already; `bench all` starts one of its own, runs every scenario on it, prints
//! what was measured and stops it again.

mod cli;
mod client;
mod load;
mod mixes;
mod proc;
mod program;
mod record;
mod redis;
mod report;
mod scenarios;
mod schedule;
mod target;
mod users;
mod zipf;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            report::complain(&error);
            ExitCode::FAILURE
        }
    }
}
