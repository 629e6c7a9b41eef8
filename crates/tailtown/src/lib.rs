//! The program: the features, and the command line that runs them.

pub mod app;
mod backup_command;
mod backup_schedule;
pub mod cli;
pub mod demo;
mod doctor;
pub mod features;
mod listeners;
mod migrate_command;
mod operator_command;
mod pid_file;
mod reload;
mod reload_command;
mod running;
pub mod start;
mod tenant_data_command;
