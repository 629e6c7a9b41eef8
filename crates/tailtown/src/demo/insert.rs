//! Writes a resort in sets of rows, as the program's own role under row-level security.
//!
//! The statements are composed here and not in `queries/`, because their length is the number of rows they carry.

use futures_util::future::try_join_all;
use gateway::doors::PlatformScope;
use queries::client::{Connection, GenericClient, Params};
use queries::queries::tenants as sql;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::resort::{Resort, Tenant};
use super::rows::Row;

/// The sizes of sets: few, so that each statement is prepared once on a connection; the largest stays far below the
/// 65,535 parameters a statement may have.
const SETS: [usize; 5] = [256, 64, 16, 4, 1];

/// Writes all of `resort`, referred to before referring. The scope is left inside the resort.
///
/// # Errors
/// When the database refuses a row.
pub(super) async fn insert(scope: &PlatformScope, resort: &Resort) -> Result<(), tokio_postgres::Error> {
    insert_tenant(scope, &resort.tenant).await?;
    let id = resort.tenant.id;
    scope.enter(id);
    rows(scope, id, &resort.staff).await?;
    rows(scope, id, &resort.kennels).await?;
    rows(scope, id, &resort.slots).await?;
    rows(scope, id, &resort.closures).await?;
    rows(scope, id, &resort.services).await?;
    rows(scope, id, &resort.add_ons).await?;
    rows(scope, id, &resort.requirements).await?;
    rows(scope, id, &resort.customers).await?;
    rows(scope, id, &resort.pets).await?;
    rows(scope, id, &resort.vaccinations).await?;
    rows(scope, id, std::slice::from_ref(&resort.counter)).await?;
    rows(scope, id, &resort.invoices).await?;
    rows(scope, id, &resort.reservations).await?;
    rows(scope, id, &resort.lines).await?;
    rows(scope, id, &resort.steps).await?;
    rows(scope, id, &resort.invoice_lines).await?;
    rows(scope, id, &resort.payments).await?;
    rows(scope, id, &resort.refunds).await
}

async fn insert_tenant(scope: &PlatformScope, tenant: &Tenant) -> Result<(), tokio_postgres::Error> {
    sql::insert()
        .params(
            scope,
            &sql::InsertParams {
                id: tenant.id,
                subdomain: &tenant.subdomain,
                name: &tenant.name,
                tier: &tenant.tier,
                status: &tenant.status,
                timezone: &tenant.timezone,
                currency: "USD",
                tax_rate_bps: tenant.tax_rate_bps,
                rate_limit: None,
                now: tenant.created_at,
            },
        )
        .one()
        .await?;
    Ok(())
}

/// Writes the rows of one table; the sets are sent one behind the other without waiting.
async fn rows<R: Row>(scope: &PlatformScope, tenant: Uuid, rows: &[R]) -> Result<(), tokio_postgres::Error> {
    let mut sent = Vec::new();
    let mut left = rows;
    while let Some(size) = SETS.into_iter().find(|size| *size <= left.len()) {
        let (set, rest) = left.split_at(size);
        left = rest;
        let statement = scope.connection().prepare(&statement::<R>(size)).await?;
        sent.push(async move {
            let mut values: Vec<&(dyn ToSql + Sync)> = vec![&tenant];
            set.iter().for_each(|row| row.values(&mut values));
            scope.connection().execute(&statement, &values).await
        });
    }
    try_join_all(sent).await?;
    Ok(())
}

/// The tenant is the first parameter of every row.
fn statement<R: Row>(size: usize) -> String {
    let width = R::COLUMNS.len();
    let row = |index: usize| {
        let numbers = (0..width).map(|column| format!(", ${}", 2 + index * width + column));
        format!("($1{})", numbers.collect::<String>())
    };
    let rows = (0..size).map(row).collect::<Vec<_>>().join(", ");
    format!("insert into app.{} (tenant_id, {}) values {rows}", R::TABLE, R::COLUMNS.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::rows::KennelSlot;
    use super::*;

    #[test]
    fn a_statement_carries_its_rows_with_the_tenant_in_each() {
        assert_eq!(
            statement::<KennelSlot>(2),
            "insert into app.kennel_slots (tenant_id, kennel_id, slot) values ($1, $2, $3), ($1, $4, $5)"
        );
    }
}
