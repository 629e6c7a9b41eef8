//! The platform's row of a tenant.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

/// The platform's row of a tenant, as JSON so that it need not know the columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantRow(pub serde_json::Map<String, Value>);

impl TenantRow {
    pub fn id(&self) -> anyhow::Result<Uuid> {
        let id = self.0.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        id.context("a tenant has an id")
    }

    pub fn subdomain(&self) -> &str {
        self.text("subdomain")
    }

    pub fn name(&self) -> &str {
        self.text("name")
    }

    pub fn timezone(&self) -> &str {
        self.text("timezone")
    }

    pub fn tier(&self) -> &str {
        self.text("tier")
    }

    pub fn status(&self) -> &str {
        self.text("status")
    }

    fn text(&self, column: &str) -> &str {
        self.0.get(column).and_then(Value::as_str).unwrap_or_default()
    }
}

/// The tenant of this subdomain, if there is one.
pub(super) async fn by_subdomain(client: &Client, subdomain: &str) -> anyhow::Result<Option<TenantRow>> {
    let row = client
        .query_opt("select row_to_json(t) from app.tenants t where subdomain = $1", &[&subdomain])
        .await
        .context("the tenants cannot be read")?;
    row.map(|row| as_tenant(row.get(0))).transpose()
}

pub(super) async fn by_id(client: &Client, id: Uuid) -> anyhow::Result<Option<TenantRow>> {
    let row = client
        .query_opt("select row_to_json(t) from app.tenants t where id = $1", &[&id])
        .await
        .context("the tenants cannot be read")?;
    row.map(|row| as_tenant(row.get(0))).transpose()
}

fn as_tenant(value: Value) -> anyhow::Result<TenantRow> {
    serde_json::from_value(value).context("a tenant is a row")
}
