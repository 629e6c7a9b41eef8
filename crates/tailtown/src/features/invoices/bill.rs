//! What an invoice bills: the lines of reservations, as they were quoted, and those written by hand.

use base::id::{self, Id};
use base::money;
use base::problem::{Problem, Result};
use futures_util::future::try_join_all;
use gateway::doors::Scope;
use queries::client::Params;
use queries::queries::invoices as sql;
use uuid::Uuid;

use super::nested::line;
use super::record::{Invoice, InvoiceLine, NewLine, invoice};
use super::rules::Totals;
use crate::features::reservations;

/// What is to be billed, and to whom.
pub(super) struct Bill {
    /// `None` when neither the invoice nor a reservation says whose it is.
    pub(super) customer_id: Option<Uuid>,
    pub(super) lines: Vec<InvoiceLine>,
    pub(super) totals: Result<Totals, &'static str>,
}

/// The bill of `reservation_ids`, as they are priced now, and of the lines written by hand. The reservations stay locked,
/// and so do those that are `leaving` the invoice.
pub(super) async fn compose(
    scope: &Scope,
    invoice_id: Uuid,
    customer_id: Option<Uuid>,
    reservation_ids: &[Uuid],
    leaving: &[Uuid],
    by_hand: &[NewLine],
) -> Result<Bill> {
    let tenant_id = scope.tenant.id;
    let (mut customer_id, mut lines) = (customer_id, Vec::new());
    if !reservation_ids.is_empty() || !leaving.is_empty() {
        let ids = [reservation_ids, leaving].concat();
        reservations::lock_for_bill(scope, &ids).await?;
        let stays = sql::stays().params(scope, &sql::StaysParams { tenant_id, ids: &ids }).all().await?;
        customer_id = check_stays(scope, invoice_id, customer_id, reservation_ids, &stays).await?;
        lines = sql::stay_lines()
            .params(scope, &sql::StayLinesParams { tenant_id, ids: &reservation_ids })
            .map(stay_line)
            .all()
            .await?;
    }
    for (index, new) in by_hand.iter().enumerate() {
        let amount_cents = money::amount_cents(new.unit_price_cents, new.quantity);
        lines.push(InvoiceLine {
            id: Uuid::nil(),
            position: 0,
            reservation_id: None,
            description: new.description.clone().into(),
            quantity: new.quantity,
            unit_price_cents: new.unit_price_cents,
            amount_cents: amount_cents.ok_or_else(|| {
                let field = format!("lines[{index}].unitPriceCents");
                Problem::invalid(field, "comes to more than an invoice can hold")
            })?,
            taxable: new.taxable,
            invoice_id,
        });
    }
    for (line, position) in lines.iter_mut().zip(1..) {
        (line.id, line.position, line.invoice_id) = (id::fresh(scope.now()), position, invoice_id);
    }
    let amounts: Vec<_> = lines.iter().map(|line| (line.amount_cents, line.taxable)).collect();
    Ok(Bill { customer_id, lines, totals: Totals::of(&amounts, scope.tenant.tax_rate_bps) })
}

/// The bill of a draft anew, in place of the one it had.
pub(super) async fn recompose(
    scope: &Scope,
    draft: &Invoice,
    reservation_ids: &[Uuid],
    leaving: &[Uuid],
    by_hand: &[NewLine],
) -> Result<Bill> {
    let (tenant, id, customer_id) = (&scope.tenant.id, draft.id.uuid(), draft.customer_id.uuid());
    let bill = compose(scope, id, Some(customer_id), reservation_ids, leaving, by_hand).await?;
    let delete_lines = async {
        sql::delete_lines()
            .params(scope, &sql::DeleteLinesParams { tenant_id: *tenant, invoice_id: id })
            .await
    };
    let free_stays = async {
        sql::free_stays()
            .params(
                scope,
                &sql::FreeStaysParams {
                    now: scope.now(),
                    tenant_id: *tenant,
                    invoice_id: id,
                    staying: &reservation_ids,
                },
            )
            .await
    };
    tokio::try_join!(delete_lines, free_stays)?;
    Ok(bill)
}

/// Takes every reservation off an invoice that goes.
pub(super) async fn free(scope: &Scope, invoice_id: Uuid) -> Result<()> {
    let tenant_id = scope.tenant.id;
    let ids = sql::stays_on().params(scope, &sql::StaysOnParams { tenant_id, invoice_id }).all().await?;
    reservations::lock_for_bill(scope, &ids).await?;
    let none_stays: &[Uuid] = &[];
    sql::free_stays()
        .params(
            scope,
            &sql::FreeStaysParams { now: scope.now(), tenant_id, invoice_id, staying: &none_stays },
        )
        .await?;
    Ok(())
}

/// Whether the locked `stays` can be billed together, and to whom.
async fn check_stays(
    scope: &Scope,
    invoice_id: Uuid,
    mut customer_id: Option<Uuid>,
    ids: &[Uuid],
    stays: &[sql::BilledStay],
) -> Result<Option<Uuid>> {
    for (index, id) in ids.iter().enumerate() {
        let wrong = |message| Problem::invalid(format!("reservationIds[{index}]"), message);
        if ids[..index].contains(id) {
            return Err(wrong("is given twice"));
        }
        let stay = stays.iter().find(|stay| stay.id == *id);
        let stay = stay.ok_or_else(|| wrong("there is no such reservation"))?;
        if *customer_id.get_or_insert(stay.customer_id) != stay.customer_id {
            return Err(wrong("is another customer's: make one invoice for each customer"));
        }
        if stay.status == "CANCELLED" {
            let detail = format!("reservation {id} is cancelled: leave it off the invoice");
            return Err(Problem::conflict(detail));
        }
        if let Some(other) = stay.invoice_id.filter(|other| *other != invoice_id) {
            let other = sql::find()
                .params(scope, &sql::FindParams { tenant_id: scope.tenant.id, id: other })
                .map(invoice)
                .opt()
                .await?
                .transpose()?;
            let number = other.and_then(|other| other.number);
            let other = number.map_or("a draft".into(), |number| format!("invoice {number}"));
            return Err(Problem::conflict(format!("reservation {id} is on {other} already")));
        }
    }
    Ok(customer_id)
}

/// Writes the lines, all in one go, and notes on the reservations that they are billed.
pub(super) async fn write_lines(
    scope: &Scope,
    invoice_id: Uuid,
    lines: &[InvoiceLine],
    reservation_ids: &[Uuid],
) -> Result<()> {
    let tenant_id = scope.tenant.id;
    try_join_all(lines.iter().map(async |line| {
        sql::insert_line()
            .params(
                scope,
                &sql::InsertLineParams {
                    tenant_id,
                    id: line.id,
                    invoice_id,
                    position: line.position,
                    reservation_id: line.reservation_id,
                    description: &line.description,
                    quantity: line.quantity,
                    unit_price_cents: line.unit_price_cents,
                    amount_cents: line.amount_cents,
                    taxable: line.taxable,
                },
            )
            .await
    }))
    .await?;
    if !reservation_ids.is_empty() {
        sql::bill_stays()
            .params(
                scope,
                &sql::BillStaysParams { invoice_id, now: scope.now(), tenant_id, ids: &reservation_ids },
            )
            .await?;
    }
    Ok(())
}

/// What a draft bills: its reservations, and its lines written by hand.
pub(super) async fn contents(scope: &Scope, id: Id<Invoice>) -> Result<(Vec<Uuid>, Vec<NewLine>)> {
    let (tenant, ids) = (&scope.tenant.id, [id.uuid()]);
    let find_stays = async {
        sql::stays_on()
            .params(scope, &sql::StaysOnParams { tenant_id: *tenant, invoice_id: ids[0] })
            .all()
            .await
    };
    let find_lines = async {
        sql::lines_of()
            .params(scope, &sql::LinesOfParams { tenant_id: *tenant, invoice_ids: ids.as_slice() })
            .map(line)
            .all()
            .await
    };
    let (stays, lines) = tokio::try_join!(find_stays, find_lines)?;
    let by_hand = lines.into_iter().filter(|line| line.reservation_id.is_none());
    let by_hand = by_hand.map(|line| NewLine {
        description: line.description.into(),
        quantity: line.quantity,
        unit_price_cents: line.unit_price_cents,
        taxable: line.taxable,
    });
    Ok((stays, by_hand.collect()))
}

fn stay_line(row: sql::StayLineBorrowed<'_>) -> InvoiceLine {
    InvoiceLine {
        id: Uuid::nil(),
        position: 0,
        reservation_id: Some(row.reservation_id),
        description: row.description.into(),
        quantity: row.quantity,
        unit_price_cents: row.unit_price_cents,
        amount_cents: row.amount_cents,
        taxable: row.taxable,
        invoice_id: Uuid::nil(),
    }
}
