//! The platform: what every feature stands on.
