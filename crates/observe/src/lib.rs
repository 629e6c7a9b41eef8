//! What the program counts and tells of itself: metrics, the dashboard, logs, and reports to Sentry and OpenTelemetry.

pub mod metrics;
pub mod telemetry;
