//! The program: THE LIST of features, and the command line that runs them.

pub mod app;
mod backup_command;
pub mod cli;
pub mod demo;
mod doctor;
pub mod features;
mod migrate_command;
pub mod start;
mod tenant_data_command;
