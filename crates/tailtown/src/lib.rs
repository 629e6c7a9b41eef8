//! The program: the features, and the command line that runs them.

pub mod app;
mod backup_command;
mod backup_schedule;
pub mod cli;
pub mod config;
pub mod console;
pub mod demo;
mod doctor;
pub mod features;
pub mod health;
mod listeners;
mod migrate_command;
mod observed;
mod operator_command;
mod pid_file;
pub mod program;
mod reload;
mod reload_command;
mod running;
pub mod start;
pub mod succession;
pub mod sweep;
mod tenant_data_command;
