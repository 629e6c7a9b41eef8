//! What an invoice shows beside itself: its lines, its payments, its customer.

use base::problem::Result;
use gateway::doors::Scope;
use gateway::extract::Versioned;
use queries::client::Params;
use queries::queries::invoices as sql;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::record::{Invoice, InvoiceCustomer, InvoiceLine, InvoicePayment, missing};
use super::rules;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Nested {
    Lines,
    Payments,
    Customer,
}

/// The invoice with all that belongs to it.
pub(super) async fn whole(scope: &Scope, invoice: Invoice) -> Result<Versioned<Invoice>> {
    let mut nested = nest(scope, vec![invoice], |_| true).await?;
    nested.pop().map(|value| Versioned { version: value.version, value }).ok_or_else(missing)
}

/// Puts what was asked for into each invoice: one statement each, whatever the number of invoices, sent together.
pub(super) async fn nest(
    scope: &Scope,
    mut invoices: Vec<Invoice>,
    asks: impl Fn(Nested) -> bool,
) -> Result<Vec<Invoice>> {
    let ids: Vec<Uuid> = invoices.iter().map(|invoice| invoice.id.uuid()).collect();
    let customer_ids: Vec<Uuid> = invoices.iter().map(|invoice| invoice.customer_id.uuid()).collect();
    let (lines, payments, customers) = (asks(Nested::Lines), asks(Nested::Payments), asks(Nested::Customer));
    let (tenant, today) = (&scope.tenant.id, scope.today());
    let find_lines = async {
        if lines {
            sql::lines_of()
                .params(scope, &sql::LinesOfParams { tenant_id: *tenant, invoice_ids: &ids })
                .map(line)
                .all()
                .await
        } else {
            Ok(Vec::new())
        }
    };
    let find_payments = async {
        if payments {
            sql::payments_of()
                .params(scope, &sql::PaymentsOfParams { tenant_id: *tenant, invoice_ids: &ids })
                .map(payment)
                .all()
                .await
        } else {
            Ok(Vec::new())
        }
    };
    let find_customers = async {
        if customers {
            sql::customers_of()
                .params(scope, &sql::CustomersOfParams { tenant_id: *tenant, customer_ids: &customer_ids })
                .map(customer)
                .all()
                .await
        } else {
            Ok(Vec::new())
        }
    };
    let (mut found_lines, mut found_payments, found_customers) =
        tokio::try_join!(find_lines, find_payments, find_customers)?;
    for invoice in &mut invoices {
        let id = invoice.id.uuid();
        invoice.overdue = rules::is_overdue(invoice.standing, invoice.due_date, today);
        invoice.lines = lines.then(|| found_lines.extract_if(.., |line| line.invoice_id == id).collect());
        invoice.payments =
            payments.then(|| found_payments.extract_if(.., |payment| payment.invoice_id == id).collect());
        invoice.customer =
            found_customers.iter().find(|customer| customer.id == invoice.customer_id.uuid()).cloned();
    }
    Ok(invoices)
}

pub(super) fn line(row: sql::InvoiceLineBorrowed<'_>) -> InvoiceLine {
    InvoiceLine {
        id: row.id,
        position: row.position,
        reservation_id: row.reservation_id,
        description: row.description.into(),
        quantity: row.quantity,
        unit_price_cents: row.unit_price_cents,
        amount_cents: row.amount_cents,
        taxable: row.taxable,
        invoice_id: row.invoice_id,
    }
}

fn payment(row: sql::InvoicePaymentBorrowed<'_>) -> InvoicePayment {
    InvoicePayment {
        id: row.id,
        amount_cents: row.amount_cents,
        refunded_cents: row.refunded_cents,
        method: row.method.into(),
        reference: row.reference.map(Into::into),
        created_at: row.created_at,
        invoice_id: row.invoice_id,
    }
}

fn customer(row: sql::InvoiceCustomerBorrowed<'_>) -> InvoiceCustomer {
    InvoiceCustomer {
        id: row.id,
        first_name: row.first_name.into(),
        last_name: row.last_name.into(),
        email: row.email.map(Into::into),
        phone: row.phone.map(Into::into),
    }
}
