//! A bucket of an S3-speaking store.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as Key;
use object_store::{ClientOptions, RetryConfig};

use super::settings::BucketSettings;

/// A bucket, and what our objects' names begin with.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub(super) store: Arc<AmazonS3>,
    prefix: String,
    /// What to call it at a terminal.
    pub(super) shown: String,
}

impl Bucket {
    /// A bucket, as the settings say. Connects to nothing yet.
    ///
    /// # Errors
    /// When the settings do not make an address.
    pub(super) fn new(settings: &BucketSettings) -> anyhow::Result<Self> {
        // Only when nobody chose before; then theirs will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let plain = settings.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let patience =
            RetryConfig { max_retries: 4, retry_timeout: Duration::from_secs(60), ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key_id)
            .with_secret_access_key(&settings.secret_access_key)
            .with_retry(patience)
            .with_client_options(ClientOptions::new().with_allow_http(plain));
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let store = builder.build().context("S3_ENDPOINT and S3_BUCKET do not make an address")?;
        let shown = format!("s3://{}/{}", settings.bucket, settings.prefix);
        Ok(Self { store: Arc::new(store), prefix: settings.prefix.clone(), shown })
    }

    pub(super) fn key(&self, name: &str, file: &str) -> Key {
        Key::from_iter(
            [self.prefix.as_str(), name, file]
                .into_iter()
                .flat_map(|text| text.split('/'))
                .filter(|part| !part.is_empty()),
        )
    }

    pub(super) fn broken(&self, error: object_store::Error, name: &str, file: &str) -> anyhow::Error {
        let place = format!("{}/{name}/{file}", self.shown);
        match &error {
            object_store::Error::Generic { .. } => {
                anyhow::Error::new(error).context(format!("the connection to the store broke at {place}"))
            }
            _ => anyhow::Error::new(error).context(format!("the store refused {place}")),
        }
    }
}
