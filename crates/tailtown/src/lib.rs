//! Tailtown.
