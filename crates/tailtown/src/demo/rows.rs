//! The rows the demo writes. A row's fields are its columns, in every table but for `tenant_id`, which all rows share.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// A row of a tenant table.
pub(super) trait Row: Send + Sync {
    const TABLE: &'static str;
    const COLUMNS: &'static [&'static str];

    /// Adds the values to `values`, in the order of the columns.
    fn values<'a>(&'a self, values: &mut Vec<&'a (dyn ToSql + Sync)>);
}

macro_rules! rows {
    ($($name:ident in $table:literal { $($field:ident: $type:ty),* $(,)? })*) => {$(
        #[derive(Clone, Debug, PartialEq)]
        pub(super) struct $name {
            $(pub(super) $field: $type,)*
        }

        impl Row for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn values<'a>(&'a self, values: &mut Vec<&'a (dyn ToSql + Sync)>) {
                $(values.push(&self.$field);)*
            }
        }
    )*};
}

rows! {
    Staff in "staff" {
        id: Uuid,
        first_name: &'static str,
        last_name: &'static str,
        email: String,
        role: &'static str,
        password_hash: String,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    Kennel in "kennels" {
        id: Uuid,
        name: String,
        kind: &'static str,
        area: &'static str,
        capacity: i32,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    KennelSlot in "kennel_slots" {
        kennel_id: Uuid,
        slot: i32,
    }

    KennelClosure in "kennel_closures" {
        id: Uuid,
        kennel_id: Uuid,
        starts_on: Date,
        ends_on: Date,
        reason: &'static str,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    Service in "services" {
        id: Uuid,
        name: &'static str,
        category: &'static str,
        price_cents: i64,
        unit: &'static str,
        duration_minutes: Option<i32>,
        daily_capacity: Option<i32>,
        taxable: bool,
        requires_kennel: bool,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    AddOn in "add_ons" {
        id: Uuid,
        name: &'static str,
        category: Option<&'static str>,
        price_cents: i64,
        unit: &'static str,
        taxable: bool,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    VaccineRequirement in "vaccine_requirements" {
        id: Uuid,
        species: &'static str,
        category: &'static str,
        vaccine: &'static str,
        enforcement: &'static str,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    Customer in "customers" {
        id: Uuid,
        first_name: &'static str,
        last_name: &'static str,
        email: Option<String>,
        phone: Option<String>,
        address_line1: Option<String>,
        address_line2: Option<String>,
        city: Option<&'static str>,
        region: Option<&'static str>,
        postal_code: Option<String>,
        country: Option<&'static str>,
        emergency_contact_name: Option<String>,
        emergency_contact_phone: Option<String>,
        notes: Option<&'static str>,
        tags: Vec<&'static str>,
        is_active: bool,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    Pet in "pets" {
        id: Uuid,
        customer_id: Uuid,
        name: &'static str,
        species: &'static str,
        breed: Option<&'static str>,
        sex: &'static str,
        birth_on: Option<Date>,
        weight_grams: Option<i32>,
        neutered: Option<bool>,
        microchip: Option<String>,
        vet_name: Option<&'static str>,
        vet_phone: Option<String>,
        feeding: Option<&'static str>,
        medication: Option<&'static str>,
        allergies: Option<&'static str>,
        behavior: Option<&'static str>,
        alerts: Vec<&'static str>,
        is_active: bool,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    Vaccination in "vaccinations" {
        id: Uuid,
        pet_id: Uuid,
        vaccine: &'static str,
        given_on: Date,
        expires_on: Date,
        verified: bool,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    Reservation in "reservations" {
        id: Uuid,
        booking_id: Uuid,
        customer_id: Uuid,
        pet_id: Uuid,
        service_id: Uuid,
        kennel_id: Option<Uuid>,
        kennel_slot: Option<i32>,
        check_in_date: Date,
        check_out_date: Date,
        held_until: Date,
        arrival_time: Time,
        departure_time: Time,
        status: &'static str,
        notes: Option<&'static str>,
        total_cents: i64,
        invoice_id: Option<Uuid>,
        version: i32,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    ReservationLine in "reservation_lines" {
        id: Uuid,
        reservation_id: Uuid,
        position: i32,
        kind: &'static str,
        add_on_id: Option<Uuid>,
        description: &'static str,
        quantity: i32,
        unit_price_cents: i64,
        amount_cents: i64,
        taxable: bool,
        unit: Option<&'static str>,
        category: Option<&'static str>,
        asked: Option<i32>,
    }

    ReservationStep in "reservation_steps" {
        id: Uuid,
        reservation_id: Uuid,
        position: i32,
        verb: &'static str,
        from_status: &'static str,
        to_status: &'static str,
        reason: Option<&'static str>,
        staff_id: Uuid,
        created_at: Timestamp,
    }

    InvoiceCounter in "invoice_counters" {
        last_number: i64,
    }

    Invoice in "invoices" {
        id: Uuid,
        number: i64,
        customer_id: Uuid,
        status: &'static str,
        issue_date: Date,
        due_date: Date,
        tax_rate_bps: i32,
        subtotal_cents: i64,
        tax_cents: i64,
        total_cents: i64,
        paid_cents: i64,
        notes: Option<&'static str>,
        version: i32,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    InvoiceLine in "invoice_lines" {
        id: Uuid,
        invoice_id: Uuid,
        position: i32,
        reservation_id: Uuid,
        description: String,
        quantity: i32,
        unit_price_cents: i64,
        amount_cents: i64,
        taxable: bool,
    }

    Payment in "payments" {
        id: Uuid,
        invoice_id: Uuid,
        amount_cents: i64,
        refunded_cents: i64,
        method: &'static str,
        reference: Option<String>,
        staff_id: Uuid,
        created_at: Timestamp,
        updated_at: Timestamp,
    }

    Refund in "refunds" {
        id: Uuid,
        payment_id: Uuid,
        amount_cents: i64,
        reason: &'static str,
        staff_id: Uuid,
        created_at: Timestamp,
    }
}
