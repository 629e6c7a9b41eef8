//! Migrations: forward only, one statement per message, safe to deploy from two nodes at once, and without stopping the programs
//! that serve.

mod backfill;
mod deploy;
mod deployment;
mod folder;
mod history;
mod lint;
mod migration;
mod resolve;
mod script;

pub use deploy::{Applied, deploy, deploy_telling};
pub use folder::{add, read_folder};
pub use history::{Mismatch, Progress, State, Step, status, verify};
pub use lint::{Finding, lint};
pub use migration::{Migration, application_name};
pub use resolve::{Resolution, resolve};
