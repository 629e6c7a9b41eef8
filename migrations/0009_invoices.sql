-- Bills. A number is drawn from the tenant's counter in the transaction that opens the invoice, so there is never a gap;
-- a void invoice keeps its number.

create table app.invoice_counters (
  tenant_id uuid not null,
  last_number bigint not null,
  constraint invoice_counters_pkey primary key (tenant_id),
  constraint invoice_counters_tenant_fkey foreign key (tenant_id) references app.tenants (id)
);

select app.distribute('app.invoice_counters');

select app.secure('app.invoice_counters');

create table app.invoices (
  tenant_id uuid not null,
  id uuid not null,
  number bigint,
  customer_id uuid not null,
  status text not null,
  issue_date date not null,
  due_date date not null,
  tax_rate_bps integer not null,
  subtotal_cents bigint not null,
  tax_cents bigint not null,
  total_cents bigint not null,
  paid_cents bigint not null default 0,
  balance_cents bigint not null generated always as (case when status = 'VOID' then 0 else total_cents - paid_cents end) stored,
  notes text,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint invoices_pkey primary key (tenant_id, id),
  constraint invoices_number_key unique (tenant_id, number),
  constraint invoices_customer_fkey foreign key (tenant_id, customer_id) references app.customers (tenant_id, id),
  constraint invoices_status_check check (status in ('DRAFT', 'OPEN', 'PAID', 'VOID')),
  constraint invoices_number_check check ((number is null) = (status = 'DRAFT')),
  constraint invoices_dates_check check (issue_date <= due_date),
  constraint invoices_tax_rate_check check (tax_rate_bps between 0 and 10000),
  constraint invoices_total_check check (subtotal_cents >= 0 and tax_cents >= 0 and total_cents = subtotal_cents + tax_cents),
  constraint invoices_paid_check check (paid_cents between 0 and total_cents),
  constraint invoices_status_paid_check check (
    (status in ('DRAFT', 'VOID') and paid_cents = 0)
    or (status = 'OPEN' and paid_cents < total_cents)
    or (status = 'PAID' and paid_cents = total_cents))
);

select app.distribute('app.invoices');

select app.secure('app.invoices');

create index invoices_status_idx on app.invoices (tenant_id, status, issue_date, id);

create index invoices_issue_date_idx on app.invoices (tenant_id, issue_date, id);

create index invoices_customer_idx on app.invoices (tenant_id, customer_id, issue_date, id);

create table app.invoice_lines (
  tenant_id uuid not null,
  id uuid not null,
  invoice_id uuid not null,
  position integer not null,
  reservation_id uuid,
  description text not null,
  quantity integer not null,
  unit_price_cents bigint not null,
  amount_cents bigint not null,
  taxable boolean not null,
  constraint invoice_lines_pkey primary key (tenant_id, id),
  constraint invoice_lines_position_key unique (tenant_id, invoice_id, position),
  constraint invoice_lines_invoice_fkey foreign key (tenant_id, invoice_id) references app.invoices (tenant_id, id) on delete cascade,
  constraint invoice_lines_reservation_fkey foreign key (tenant_id, reservation_id) references app.reservations (tenant_id, id),
  constraint invoice_lines_quantity_check check (quantity > 0),
  constraint invoice_lines_amount_check check (amount_cents = unit_price_cents * quantity)
);

select app.distribute('app.invoice_lines');

select app.secure('app.invoice_lines');

create index invoice_lines_reservation_idx on app.invoice_lines (tenant_id, reservation_id);

-- The invoice a stay is billed on; voiding it sets the stay free again.
alter table app.reservations add column invoice_id uuid;

alter table app.reservations add constraint reservations_invoice_fkey foreign key (tenant_id, invoice_id) references app.invoices (tenant_id, id);

create index reservations_invoice_idx on app.reservations (tenant_id, invoice_id) where invoice_id is not null;
