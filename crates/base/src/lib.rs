//! Values that every part of the program shares: ids, the clock, money, text, resorts, settings, and the one kind of error.

pub mod clock;
pub mod failures;
pub mod figures;
pub mod histogram;
pub mod id;
pub mod money;
pub mod postgres;
pub mod problem;
pub mod settings;
pub mod systemd;
pub mod tenant;
pub mod text;
