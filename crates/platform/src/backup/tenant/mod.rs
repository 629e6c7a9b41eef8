//! One tenant.
