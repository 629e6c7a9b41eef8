//! The program.

use std::process::ExitCode;

use clap::Parser;
use tailtown::cli::{self, Cli};

/// Checking a password takes 19 MiB for a moment; this allocator gives them back to the machine.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    // Whoever needs memory first would wait, for milliseconds, until the kernel has found and cleared two megabytes of it.
    let _ = nix::sys::prctl::set_thp_disable(true);
    let cli = Cli::parse();
    match cli::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}
