//! Demo resorts.

use platform::Platform;
use platform::config::Config;

pub async fn fill_if_empty(_: &Platform) -> anyhow::Result<()> {
    Ok(())
}

pub fn welcome(_: &Config) -> String {
    String::new()
}
