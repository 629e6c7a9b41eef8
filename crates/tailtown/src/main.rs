//! The program.

use std::process::ExitCode;

use clap::Parser;
use nix::sys::stat::{Mode, umask};
use tailtown::cli::{self, Cli};
use tailtown::console;

/// Checking a password takes 19 MiB for a moment; this allocator gives them back to the machine.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    // Whoever needs memory first would wait, for milliseconds, until the kernel has found and cleared two megabytes of it.
    let _ = nix::sys::prctl::set_thp_disable(true);
    // Logs, backups and work files are nobody else's to read, however the shell's umask is. Folders stay passable: the private
    // PostgreSQL of a program that root starts runs as another user below its state folder.
    let narrow = Mode::from_bits_truncate(0o066);
    umask(umask(narrow) | narrow);
    let cli = Cli::parse();
    match cli::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::complain(&error);
            ExitCode::FAILURE
        }
    }
}
