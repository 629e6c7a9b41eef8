//! How the platform is and what its resorts ask for, for the operators' console.

use axum::extract::State;
use base::id::Id;
use base::problem::{Problem, Result};
use gateway::doors::Operator;
use gateway::extract::{Path, Reply};
use gateway::openapi::Routes;
use gateway::state::Platform;
use observe::metrics::overview::Overview as Node;
use observe::metrics::rollup::{self, TenantMonth, UsageCount};
use observe::metrics::verdict;
use queries::queries::tenants as sql;
use schemars::JsonSchema;
use serde::Serialize;

use crate::features::tenants::Tenant;

pub fn routes() -> Routes {
    Routes::new("monitoring", "How the platform is, and what its resorts ask for.")
        .report(
            "/platform/overview",
            overview,
            "How the platform is\nThe figures of the moment and of the past hour are this node's; those of the month are all nodes'.",
        )
        .report(
            "/platform/tenants/{id}/usage",
            usage,
            "What a resort asked for\nThe last 48 hours and 30 days, over all nodes, at most a minute old.",
        )
}

/// How the platform is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Overview {
    #[serde(flatten)]
    node: Node,
    /// All resorts together, for each of the last 30 days; oldest first.
    days: Vec<UsageCount>,
    /// Those who asked most in these days, most first.
    busiest: Vec<TenantMonth>,
}

/// What a resort asked for; hours and days in which it asked for nothing are left out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Usage {
    tenant_id: Id<Tenant>,
    subdomain: String,
    /// The last 48 hours, oldest first.
    hours: Vec<UsageCount>,
    /// The last 30 days, oldest first.
    days: Vec<UsageCount>,
}

async fn overview(State(platform): State<Platform>, operator: Operator) -> Result<Reply<Overview>> {
    let (days, busiest) = rollup::of_all(&*operator, operator.now()).await?;
    Ok(Reply(Overview { node: verdict::overview(&platform.metrics), days, busiest }))
}

async fn usage(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Reply<Usage>> {
    let found = sql::find().bind(&*operator, &id.uuid()).opt().await?;
    let tenant = found.ok_or_else(|| Problem::not_found("resort"))?;
    let (hours, days) = rollup::of_tenant(&*operator, id.uuid(), operator.now()).await?;
    Ok(Reply(Usage { tenant_id: id, subdomain: tenant.subdomain, hours, days }))
}
