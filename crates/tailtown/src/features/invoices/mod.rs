//! Bills: made from stays or by hand, numbered without gaps, their sums computed here and nowhere else.
//!
//! Locks are taken in this order: the invoice, its reservations by id, and last the counter of numbers.

pub mod rules;

mod bill;
mod nested;
mod record;

use base::clock::plausible;
use base::id::Id;
use base::postgres::OnConstraint;
use base::problem::{Problem, Result};
use base::text::{Names, Text};
use garde::Validate;
use gateway::doors::{Manager, Read, Scope, Write};
use gateway::extract::{Created, Done, IfMatch, Json, Patch, Path, Versioned};
use gateway::openapi::Routes;
use gateway::page::{List, Listed};
use jiff::civil::Date;
use queries::client::Params;
use queries::queries::invoices as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::features::customers::Customer;
use bill::{compose, contents, recompose, write_lines};
use nested::{Nested, nest, whole};
pub use record::{Invoice, InvoiceCustomer, InvoiceLine, InvoicePayment, NewLine};
use record::{invoice, missing};
use rules::{Standing, Status};

pub fn routes() -> Routes {
    Routes::new("invoices", "Bills, from reservations or by hand.")
        .get("/api/invoices", list, LIST)
        .post("/api/invoices", add, ADD)
        .get("/api/invoices/{id}", show, "Look at one invoice\nWith its lines, payments and customer.")
        .patch("/api/invoices/{id}", change, CHANGE)
        .delete("/api/invoices/{id}", remove, REMOVE)
        .post("/api/invoices/{id}/open", open, OPEN)
        .post("/api/invoices/{id}/void", void, VOID)
}

const LIST: &str =
    "List invoices, the latest issueDate first\n`?include=lines,payments,customer` nests them.";

const ADD: &str = "Make an invoice\nFrom reservations, by hand, or both: `reservationIds` bills the reservations' own \
lines, so that what was quoted is what is billed; `lines` adds lines written by hand after them. A reservation is on one \
invoice at most, and a cancelled one on none. The server computes every sum; tax is computed once, on the taxable lines \
together, and rounded half up to the cent. An invoice that comes to 0 is PAID at once.";

const CHANGE: &str = "Change an invoice\nA draft takes every field; `lines` and `reservationIds` replace all there were, and \
its reservations are billed as they are priced now. Once opened only `dueDate` and `notes` can change, once void only \
`notes`.";

const REMOVE: &str =
    "Delete a draft\nIts reservations can be billed again. An opened invoice is voided instead.";

const OPEN: &str = "Open a draft\nDraws the next number, and settles lines, prices and the resort's tax rate as they are now. \
A draft whose issueDate has passed is issued today, and its dueDate moves by as many days. Undone by voiding.";

const VOID: &str = "Void an invoice\nOnly while nothing is paid on it: refund its payments first. It keeps its number, its \
reservations can be billed again, and it stays void: to undo this, make a new invoice.";

/// What an invoice starts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(rename = "InvoiceStart")]
pub enum Start {
    Draft,
    #[default]
    Open,
}

/// An invoice to make.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewInvoice {
    /// May be left out where `reservationIds` says whose invoice it is.
    #[garde(skip)]
    pub customer_id: Option<Id<Customer>>,
    /// Reservations of one customer.
    #[serde(default)]
    #[garde(length(max = 100))]
    pub reservation_ids: Vec<Uuid>,
    #[serde(default)]
    #[garde(length(max = 200), dive)]
    pub lines: Vec<NewLine>,
    /// A draft can still be changed and has no number.
    #[serde(default)]
    #[garde(skip)]
    pub status: Start,
    /// Today at the resort, if left out.
    #[garde(inner(custom(plausible)))]
    pub issue_date: Option<Date>,
    /// The last day to pay on; the issueDate, if left out.
    #[garde(inner(custom(plausible)))]
    pub due_date: Option<Date>,
    #[garde(dive)]
    pub notes: Option<Text<10_000>>,
}

/// What can be changed of an invoice.
#[derive(Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvoiceDetails {
    /// Of a draft: all reservations it bills.
    #[garde(length(max = 100))]
    pub reservation_ids: Vec<Uuid>,
    /// Of a draft: all lines written by hand.
    #[garde(length(max = 200), dive)]
    pub lines: Vec<NewLine>,
    /// Of a draft.
    #[garde(custom(plausible))]
    pub issue_date: Date,
    #[garde(custom(plausible))]
    pub due_date: Date,
    #[garde(dive)]
    pub notes: Option<Text<10_000>>,
}

/// Which invoices.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InvoiceFilter {
    status: Option<Status>,
    customer_id: Option<Uuid>,
    number: Option<i64>,
    /// The first issueDate to show.
    issued_from: Option<Date>,
    /// The last issueDate to show.
    issued_to: Option<Date>,
    /// Whether it is open and past its dueDate.
    overdue: Option<bool>,
    #[serde(default)]
    include: Names<Nested>,
}

async fn list(read: Read, list: List<InvoiceFilter>) -> Result<Listed<Invoice>> {
    let rows = page(&read, &list).await?;
    let InvoiceFilter { include, .. } = &list.filter;
    let rows = nest(&read, rows, |nested| include.has(&nested)).await?;
    list.page(rows, |invoice| (invoice.issue_date, invoice.id))
}

/// Each kind of question has the statement that walks its own index; what else was asked narrows the rows it finds.
async fn page(read: &Read, list: &List<InvoiceFilter>) -> Result<Vec<Invoice>> {
    let InvoiceFilter { status, customer_id, number, issued_from, issued_to, overdue, .. } = &list.filter;
    for (field, date) in [("issuedFrom", issued_from), ("issuedTo", issued_to)] {
        let date = date.as_ref().map_or(Ok(()), |date| plausible(date, &()));
        date.map_err(|error| Problem::invalid(field, error.to_string()))?;
    }
    // The last day is where the list begins, so that it needs no condition of its own.
    let newest = (issued_to.unwrap_or(Date::MAX), Uuid::max());
    let (before_date, before_id) = list.after()?.map_or(newest, |cursor| newest.min(cursor));
    let from = issued_from.unwrap_or(Date::constant(1, 1, 1));
    let (tenant, today, fetch) = (&read.tenant.id, read.today(), list.fetch());
    let only = if *overdue == Some(true) { status.or(Some(Status::Open)) } else { *status };
    let only: Option<&str> = only.map(Into::into);
    let rows = match (number, customer_id, only) {
        (Some(number), _, _) => {
            sql::list_by_number()
                .params(
                    read,
                    &sql::ListByNumberParams {
                        tenant_id: *tenant,
                        number: *number,
                        before_date,
                        before_id,
                        issued_from: from,
                        customer_id: *customer_id,
                        status: only.as_ref(),
                        overdue: *overdue,
                        today,
                        fetch,
                    },
                )
                .map(invoice)
                .all()
                .await?
        }
        (None, Some(customer_id), _) => {
            sql::list_by_customer()
                .params(
                    read,
                    &sql::ListByCustomerParams {
                        tenant_id: *tenant,
                        customer_id: *customer_id,
                        before_date,
                        before_id,
                        issued_from: from,
                        status: only.as_ref(),
                        overdue: *overdue,
                        today,
                        fetch,
                    },
                )
                .map(invoice)
                .all()
                .await?
        }
        (None, None, Some(status)) => {
            sql::list_by_status()
                .params(
                    read,
                    &sql::ListByStatusParams {
                        tenant_id: *tenant,
                        status: &status,
                        before_date,
                        before_id,
                        issued_from: from,
                        overdue: *overdue,
                        today,
                        fetch,
                    },
                )
                .map(invoice)
                .all()
                .await?
        }
        (None, None, None) => {
            sql::list()
                .params(
                    read,
                    &sql::ListParams {
                        tenant_id: *tenant,
                        before_date,
                        before_id,
                        issued_from: from,
                        overdue: *overdue,
                        today,
                        fetch,
                    },
                )
                .map(invoice)
                .all()
                .await?
        }
    };
    Ok(rows.into_iter().collect::<Result<_, _>>()?)
}

async fn show(read: Read, Path(id): Path<Id<Invoice>>) -> Result<Versioned<Invoice>> {
    let found = sql::find()
        .params(&read, &sql::FindParams { tenant_id: read.tenant.id, id: id.uuid() })
        .map(invoice)
        .opt()
        .await?;
    whole(&read, found.ok_or_else(missing)??).await
}

async fn add(write: Write, Json(new): Json<NewInvoice>) -> Result<Created<Invoice>> {
    let issue_date = new.issue_date.unwrap_or_else(|| write.today());
    let due_date = new.due_date.unwrap_or(issue_date);
    rules::check_dates(issue_date, due_date)?;
    let id = Id::<Invoice>::new(write.now());
    let customer = new.customer_id.map(Id::uuid);
    let bill = compose(&write, id.uuid(), customer, &new.reservation_ids, &[], &new.lines).await?;
    let customer = bill.customer_id.ok_or_else(|| {
        Problem::invalid("customerId", "say whose invoice it is, here or with reservationIds")
    })?;
    let totals = bill.totals.map_err(|wrong| Problem::invalid("lines", wrong))?;
    let (standing, number) = match new.status {
        Start::Draft => (Standing::draft(totals.total_cents), None),
        Start::Open if bill.lines.is_empty() => {
            return Err(Problem::invalid("lines", "say what is billed, here or with reservationIds"));
        }
        Start::Open => (Standing::draft(totals.total_cents).open()?, Some(draw_number(&write).await?)),
    };
    let status: &str = standing.status.into();
    let added = sql::insert()
        .params(
            &write,
            &sql::InsertParams {
                tenant_id: write.tenant.id,
                id: id.uuid(),
                number,
                customer_id: customer,
                status: &status,
                issue_date,
                due_date,
                tax_rate_bps: write.tenant.tax_rate_bps,
                subtotal_cents: totals.subtotal_cents,
                tax_cents: totals.tax_cents,
                total_cents: totals.total_cents,
                notes: new.notes.as_ref(),
                now: write.now(),
            },
        )
        .map(invoice)
        .one()
        .await
        .on_constraint("invoices_customer_fkey", || {
            Problem::invalid("customerId", "there is no such customer")
        })??;
    write_lines(&write, id.uuid(), &bill.lines, &new.reservation_ids).await?;
    let Versioned { version, value } = whole(&write, added).await?;
    Ok(Created { location: format!("/api/invoices/{id}"), version: Some(version), value })
}

async fn change(
    write: Write,
    Path(id): Path<Id<Invoice>>,
    seen: IfMatch,
    patch: Patch<InvoiceDetails>,
) -> Result<Versioned<Invoice>> {
    let mut invoice = lock(&write, id).await?;
    seen.check(invoice.version)?;
    let fixed: &[&str] = match invoice.standing.status {
        Status::Draft => &[],
        Status::Open | Status::Paid => &["reservationIds", "lines", "issueDate"],
        Status::Void => &["reservationIds", "lines", "issueDate", "dueDate"],
    };
    if let Some(field) = fixed.iter().find(|field| patch.names(field)) {
        let status: &str = invoice.standing.status.into();
        return Err(Problem::conflict(format!("the invoice is {status}: its {field} can no longer change")));
    }
    let is_draft = invoice.standing.status == Status::Draft;
    let (reservation_ids, lines) = if is_draft { contents(&write, id).await? } else { Default::default() };
    let current = InvoiceDetails {
        reservation_ids,
        lines,
        issue_date: invoice.issue_date,
        due_date: invoice.due_date,
        notes: invoice.notes.take(),
    };
    let new = patch.apply(&current)?;
    rules::check_dates(new.issue_date, new.due_date)?;
    invoice.issue_date = new.issue_date;
    invoice.due_date = new.due_date;
    invoice.notes = new.notes;
    if is_draft {
        let bill =
            recompose(&write, &invoice, &new.reservation_ids, &current.reservation_ids, &new.lines).await?;
        let totals = bill.totals.map_err(|wrong| Problem::invalid("lines", wrong))?;
        invoice.set_totals(totals, write.tenant.tax_rate_bps);
        write_lines(&write, id.uuid(), &bill.lines, &new.reservation_ids).await?;
    }
    whole(&write, save(&write, &invoice).await?).await
}

async fn remove(write: Write, Path(id): Path<Id<Invoice>>) -> Result<Done> {
    let invoice = lock(&write, id).await?;
    if invoice.standing.status != Status::Draft {
        return Err(Problem::conflict("only a draft can be deleted: void the invoice instead"));
    }
    bill::free(&write, id.uuid()).await?;
    sql::delete().params(&write, &sql::DeleteParams { tenant_id: write.tenant.id, id: id.uuid() }).await?;
    Ok(Done)
}

async fn open(write: Write, Path(id): Path<Id<Invoice>>, seen: IfMatch) -> Result<Versioned<Invoice>> {
    let mut invoice = lock(&write, id).await?;
    seen.check(invoice.version)?;
    invoice.standing.open()?;
    let (reservation_ids, lines) = contents(&write, id).await?;
    let bill = recompose(&write, &invoice, &reservation_ids, &[], &lines).await?;
    if bill.lines.is_empty() {
        return Err(Problem::conflict("the draft has no lines: say what is billed first"));
    }
    invoice.set_totals(bill.totals.map_err(Problem::conflict)?, write.tenant.tax_rate_bps);
    write_lines(&write, id.uuid(), &bill.lines, &reservation_ids).await?;
    invoice.standing = invoice.standing.open()?;
    (invoice.issue_date, invoice.due_date) =
        rules::opening_dates(invoice.issue_date, invoice.due_date, write.today())?;
    invoice.number = Some(draw_number(&write).await?);
    whole(&write, save(&write, &invoice).await?).await
}

async fn void(
    write: Write<Manager>,
    Path(id): Path<Id<Invoice>>,
    seen: IfMatch,
) -> Result<Versioned<Invoice>> {
    let mut invoice = lock(&write, id).await?;
    seen.check(invoice.version)?;
    invoice.standing = invoice.standing.void()?;
    bill::free(&write, id.uuid()).await?;
    whole(&write, save(&write, &invoice).await?).await
}

/// The invoice, to be changed by nobody else until this transaction ends.
///
/// # Errors
/// 404 when there is none.
pub async fn lock(scope: &Scope, id: Id<Invoice>) -> Result<Invoice> {
    let found = sql::lock()
        .params(scope, &sql::LockParams { tenant_id: scope.tenant.id, id: id.uuid() })
        .map(invoice)
        .opt()
        .await?;
    Ok(found.ok_or_else(missing)??)
}

/// Writes what has changed of a locked invoice.
///
/// # Errors
/// When the database refuses it.
pub async fn save(scope: &Scope, new: &Invoice) -> Result<Invoice> {
    let status: &str = new.standing.status.into();
    let saved = sql::update()
        .params(
            scope,
            &sql::UpdateParams {
                number: new.number,
                status: &status,
                issue_date: new.issue_date,
                due_date: new.due_date,
                tax_rate_bps: new.tax_rate_bps,
                subtotal_cents: new.subtotal_cents,
                tax_cents: new.tax_cents,
                total_cents: new.standing.total_cents,
                paid_cents: new.standing.paid_cents,
                notes: new.notes.as_ref(),
                now: scope.now(),
                tenant_id: scope.tenant.id,
                id: new.id.uuid(),
            },
        )
        .map(invoice)
        .one()
        .await?;
    Ok(saved?)
}

/// The next number. Whoever draws one holds the counter until it commits, and gives the number back if it fails.
async fn draw_number(scope: &Scope) -> Result<i64> {
    Ok(sql::draw_number().bind(scope, &scope.tenant.id).one().await?)
}
