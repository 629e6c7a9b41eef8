//! The program.

use std::process::ExitCode;

use clap::Parser;
use tailtown::cli::{self, Cli};

/// Checking a password takes 19 MiB for a moment; this allocator gives them back to the machine.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}
