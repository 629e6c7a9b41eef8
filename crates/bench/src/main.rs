//! The load generator that measures whether targets are met. It uses the program through HTTP only, like any client.
//!
//! `bench run` loads a program that is running; `bench all` starts one, runs every scenario on it, prints the results and
//! stops it.

mod cli;
mod client;
mod load;
mod mixes;
mod proc;
mod program;
mod record;
mod redis;
mod report;
mod request;
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
