//! stub
pub mod metrics {
    use std::time::Duration;
    use http::{Method, StatusCode};
    use uuid::Uuid;
    pub struct Metrics;
    pub struct Answered<'a> {
        pub method: &'a Method,
        pub route: &'a str,
        pub status: StatusCode,
        pub took: Duration,
        pub tenant: Option<(Uuid, &'a str)>,
        pub statements: u32,
        pub database: Duration,
    }
    impl Metrics {
        pub fn begin(&self) -> u8 { 0 }
        pub fn count(&self, _: jiff::Timestamp, _: &Answered<'_>) {}
    }
}
