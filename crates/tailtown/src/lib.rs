//! The program: THE LIST of features, and the command line that runs them.

pub mod app;
pub mod features;
