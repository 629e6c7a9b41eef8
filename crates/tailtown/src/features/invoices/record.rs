//! An invoice as the API shows one, with its lines, its payments and its customer.

use base::id::Id;
use base::problem::Problem;
use base::text::Text;
use garde::Validate;
use jiff::Timestamp;
use jiff::civil::Date;
use queries::queries::invoices as sql;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rules::{Standing, Totals};
use crate::features::customers::Customer;

/// A line written by hand.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "NewInvoiceLine")]
pub struct NewLine {
    #[garde(dive)]
    pub description: Text<500>,
    #[garde(range(min = 1, max = 10_000))]
    pub quantity: i32,
    /// Less than zero takes off, as a discount does.
    #[garde(range(min = -100_000_000, max = 100_000_000))]
    pub unit_price_cents: i64,
    #[serde(default = "yes")]
    #[garde(skip)]
    pub taxable: bool,
}

pub(super) fn yes() -> bool {
    true
}

/// An invoice.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    pub id: Id<Invoice>,
    /// Counts up from 1 without a gap; a draft has none yet.
    pub number: Option<i64>,
    pub customer_id: Id<Customer>,
    #[serde(flatten)]
    pub standing: Standing,
    pub issue_date: Date,
    pub due_date: Date,
    /// Open, and past its dueDate on the resort's calendar.
    pub overdue: bool,
    /// Basis points: 825 is 8.25 %. Settled when the invoice is opened.
    pub tax_rate_bps: i32,
    pub subtotal_cents: i64,
    pub tax_cents: i64,
    /// `totalCents` less `paidCents`; 0 for a void invoice.
    pub balance_cents: i64,
    pub notes: Option<Text<10_000>>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// With `?include=lines`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<InvoiceLine>>,
    /// With `?include=payments`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payments: Option<Vec<InvoicePayment>>,
    /// With `?include=customer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<InvoiceCustomer>,
    #[serde(skip)]
    pub(super) version: i32,
}

impl Invoice {
    pub(super) fn set_totals(&mut self, totals: Totals, tax_rate_bps: i32) {
        self.tax_rate_bps = tax_rate_bps;
        self.subtotal_cents = totals.subtotal_cents;
        self.tax_cents = totals.tax_cents;
        self.standing.total_cents = totals.total_cents;
    }
}

pub(super) fn missing() -> Problem {
    Problem::not_found("invoice")
}

pub(super) fn invoice(row: sql::InvoiceBorrowed<'_>) -> Result<Invoice, strum::ParseError> {
    Ok(Invoice {
        id: row.id.into(),
        number: row.number,
        customer_id: row.customer_id.into(),
        standing: Standing {
            status: row.status.parse()?,
            total_cents: row.total_cents,
            paid_cents: row.paid_cents,
        },
        issue_date: row.issue_date,
        due_date: row.due_date,
        overdue: false,
        tax_rate_bps: row.tax_rate_bps,
        subtotal_cents: row.subtotal_cents,
        tax_cents: row.tax_cents,
        balance_cents: row.balance_cents,
        notes: row.notes.map(Text::from),
        created_at: row.created_at,
        updated_at: row.updated_at,
        lines: None,
        payments: None,
        customer: None,
        version: row.version,
    })
}

/// One line of an invoice.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceLine {
    pub id: Uuid,
    /// Counts from 1.
    pub position: i32,
    /// The reservation it bills; null for a line written by hand.
    pub reservation_id: Option<Uuid>,
    pub description: String,
    pub quantity: i32,
    pub unit_price_cents: i64,
    pub amount_cents: i64,
    pub taxable: bool,
    #[serde(skip)]
    pub(super) invoice_id: Uuid,
}

/// A payment, as its invoice shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvoicePayment {
    pub id: Uuid,
    pub amount_cents: i64,
    pub refunded_cents: i64,
    pub method: String,
    pub reference: Option<String>,
    pub created_at: Timestamp,
    #[serde(skip)]
    pub(super) invoice_id: Uuid,
}

/// A customer, as an invoice shows them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceCustomer {
    pub id: Uuid,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}
