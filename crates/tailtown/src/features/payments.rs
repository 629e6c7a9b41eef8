//! Money taken on an invoice, and given back. The invoice stays locked meanwhile, so that no sum passes its total.

use base::clock;
use base::id::Id;
use base::money::LIMIT_CENTS;
use base::problem::{Problem, Result};
use base::text::Text;
use garde::Validate;
use gateway::doors::{Manager, Read, Scope, Write};
use gateway::extract::{Created, Json, Path, Reply};
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use jiff::Timestamp;
use jiff::civil::Date;
use queries::client::Params;
use queries::queries::payments as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::features::invoices::{self, Invoice};
use crate::features::staff::StaffMember;

pub fn routes() -> Routes {
    Routes::new("payments", "Money taken on invoices, and given back.")
        .get("/api/payments", list, "List payments, the latest first")
        .get("/api/payments/{id}", show, "Look at one payment")
        .post("/api/invoices/{id}/payments", add, ADD)
        .post("/api/payments/{id}/refunds", refund, REFUND)
}

const ADD: &str = "Take a payment on an invoice\nNever more than its balance; when that reaches 0 the invoice is PAID. Send an \
`Idempotency-Key`, so that a payment sent twice is taken once.";

const REFUND: &str = "Give money back\nAll of a payment or part of it, in one or several refunds. What is given back is due \
again: a PAID invoice is OPEN afterwards, until it is paid or voided.";

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "PaymentMethod")]
pub enum Method {
    Cash,
    Card,
    Check,
    Credit,
    Other,
}

/// A payment to take.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPayment {
    #[garde(range(min = 1, max = LIMIT_CENTS))]
    amount_cents: i64,
    #[garde(skip)]
    method: Method,
    /// A check's number, a terminal's receipt.
    #[garde(dive)]
    reference: Option<Text<200>>,
}

/// Money to give back.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewRefund {
    #[garde(range(min = 1, max = LIMIT_CENTS))]
    amount_cents: i64,
    #[garde(dive)]
    reason: Option<Text<500>>,
}

/// A payment.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    pub id: Id<Payment>,
    pub invoice_id: Id<Invoice>,
    pub amount_cents: i64,
    /// The sum of its refunds.
    pub refunded_cents: i64,
    pub method: Method,
    pub reference: Option<String>,
    /// Who took it.
    pub staff_id: Id<StaffMember>,
    pub refunds: Vec<Refund>,
    /// When it was taken.
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Money given back.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    pub id: Id<Refund>,
    pub amount_cents: i64,
    pub reason: Option<String>,
    /// Who gave it back.
    pub staff_id: Id<StaffMember>,
    pub created_at: Timestamp,
    #[serde(skip)]
    payment_id: Id<Payment>,
}

/// Which payments.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PaymentFilter {
    invoice_id: Option<Uuid>,
    method: Option<Method>,
    /// The first day to show, on the resort's calendar.
    received_from: Option<Date>,
    /// The last day to show, on the resort's calendar.
    received_to: Option<Date>,
}

async fn list(read: Read, list: List<PaymentFilter>) -> Result<Listed<Payment>> {
    let PaymentFilter { invoice_id, method, received_from, received_to } = &list.filter;
    let zone = &read.tenant.timezone;
    let day = |field, date: Date| {
        clock::plausible(&date, &()).map_err(|error| Problem::invalid(field, error.to_string()))?;
        Ok::<_, Problem>(clock::day(zone, date)?)
    };
    let from = received_from.map(|date| day("receivedFrom", date)).transpose()?;
    let until = received_to.map(|date| day("receivedTo", date)).transpose()?;
    let from = from.map_or(Timestamp::UNIX_EPOCH, |(start, _)| start);
    // The end of the last day is where the list begins, so that it needs no condition of its own.
    let newest = (until.map_or(Timestamp::MAX, |(_, end)| end), Uuid::nil());
    let (before_at, before_id) = list.after()?.map_or(newest, |cursor| newest.min(cursor));
    let (tenant, fetch) = (&read.tenant.id, list.fetch());
    let method: Option<&str> = method.map(Into::into);
    let rows = match invoice_id {
        Some(invoice_id) => {
            sql::list_by_invoice()
                .params(
                    &read,
                    &sql::ListByInvoiceParams {
                        tenant_id: *tenant,
                        invoice_id: *invoice_id,
                        before_at,
                        before_id,
                        received_from: from,
                        method: method.as_ref(),
                        fetch,
                    },
                )
                .map(payment)
                .all()
                .await?
        }
        None => {
            sql::list()
                .params(
                    &read,
                    &sql::ListParams {
                        tenant_id: *tenant,
                        before_at,
                        before_id,
                        received_from: from,
                        method: method.as_ref(),
                        fetch,
                    },
                )
                .map(payment)
                .all()
                .await?
        }
    };
    let rows = with_refunds(&read, rows.into_iter().collect::<Result<_, _>>()?).await?;
    list.page(rows, |payment| (payment.created_at, payment.id))
}

async fn show(read: Read, Path(id): Path<Id<Payment>>) -> Result<Reply<Payment>> {
    let found = find(&read, id).await?;
    whole(&read, found).await.map(Reply)
}

async fn add(
    write: Write,
    Path(invoice_id): Path<Id<Invoice>>,
    Json(new): Json<NewPayment>,
) -> Result<Created<Payment>> {
    let mut invoice = invoices::lock(&write, invoice_id).await?;
    invoice.standing = invoice.standing.pay(new.amount_cents)?;
    let id = Id::<Payment>::new(write.now());
    let staff_id = write.caller()?.staff_id;
    let method: &str = new.method.into();
    let insert = async {
        let added = sql::insert()
            .params(
                &write,
                &sql::InsertParams {
                    tenant_id: write.tenant.id,
                    id: id.uuid(),
                    invoice_id: invoice_id.uuid(),
                    amount_cents: new.amount_cents,
                    method: &method,
                    reference: new.reference.as_ref(),
                    staff_id,
                    now: write.now(),
                },
            )
            .map(payment)
            .one()
            .await?;
        Ok::<Payment, Problem>(added?)
    };
    let (added, _) = tokio::try_join!(insert, invoices::save(&write, &invoice))?;
    Ok(Created { location: format!("/api/payments/{id}"), version: None, value: added })
}

async fn refund(
    write: Write<Manager>,
    Path(id): Path<Id<Payment>>,
    Json(new): Json<NewRefund>,
) -> Result<Created<Payment>> {
    // What invoice a payment is on never changes; how much of it is left is only known once the invoice is locked.
    let invoice_id = find(&write, id).await?.invoice_id;
    let mut invoice = invoices::lock(&write, invoice_id).await?;
    let left = find(&write, id).await?.left_cents();
    if new.amount_cents > left {
        return Err(Problem::conflict(format!(
            "{left} cents of the payment are left: give back at most that"
        )));
    }
    invoice.standing = invoice.standing.refund(new.amount_cents)?;
    let (tenant, staff_id) = (&write.tenant.id, write.caller()?.staff_id);
    let refund_id = Id::<Refund>::new(write.now());
    sql::insert_refund()
        .params(
            &write,
            &sql::InsertRefundParams {
                tenant_id: *tenant,
                id: refund_id.uuid(),
                payment_id: id.uuid(),
                amount_cents: new.amount_cents,
                reason: new.reason.as_ref(),
                staff_id,
                now: write.now(),
            },
        )
        .await?;
    let refunded = sql::refund()
        .params(
            &write,
            &sql::RefundParams {
                amount_cents: new.amount_cents,
                now: write.now(),
                tenant_id: *tenant,
                id: id.uuid(),
            },
        )
        .map(payment)
        .one()
        .await??;
    invoices::save(&write, &invoice).await?;
    let value = whole(&write, refunded).await?;
    Ok(Created { location: format!("/api/payments/{id}"), version: None, value })
}

impl Payment {
    fn left_cents(&self) -> i64 {
        self.amount_cents - self.refunded_cents
    }
}

async fn find(scope: &Scope, id: Id<Payment>) -> Result<Payment> {
    let found = sql::find()
        .params(scope, &sql::FindParams { tenant_id: scope.tenant.id, id: id.uuid() })
        .map(payment)
        .opt()
        .await?;
    Ok(found.ok_or_else(missing)??)
}

fn missing() -> Problem {
    Problem::not_found("payment")
}

async fn whole(scope: &Scope, payment: Payment) -> Result<Payment> {
    with_refunds(scope, vec![payment]).await?.pop().ok_or_else(missing)
}

async fn with_refunds(scope: &Scope, mut payments: Vec<Payment>) -> Result<Vec<Payment>> {
    let ids: Vec<Uuid> = payments.iter().map(|payment| payment.id.uuid()).collect();
    let mut refunds = sql::refunds_of()
        .params(scope, &sql::RefundsOfParams { tenant_id: scope.tenant.id, payment_ids: &ids })
        .map(refund_row)
        .all()
        .await?;
    for payment in &mut payments {
        payment.refunds = refunds.extract_if(.., |refund| refund.payment_id == payment.id).collect();
    }
    Ok(payments)
}

fn payment(row: sql::PaymentBorrowed<'_>) -> Result<Payment, strum::ParseError> {
    Ok(Payment {
        id: row.id.into(),
        invoice_id: row.invoice_id.into(),
        amount_cents: row.amount_cents,
        refunded_cents: row.refunded_cents,
        method: row.method.parse()?,
        reference: row.reference.map(Into::into),
        staff_id: row.staff_id.into(),
        refunds: Vec::new(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn refund_row(row: sql::RefundBorrowed<'_>) -> Refund {
    Refund {
        id: row.id.into(),
        amount_cents: row.amount_cents,
        reason: row.reason.map(Into::into),
        staff_id: row.staff_id.into(),
        created_at: row.created_at,
        payment_id: row.payment_id.into(),
    }
}
