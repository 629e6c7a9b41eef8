-- Money taken and money given back. The sum stands on the invoice, which is locked while it changes.

create table app.payments (
  tenant_id uuid not null,
  id uuid not null,
  invoice_id uuid not null,
  amount_cents bigint not null,
  refunded_cents bigint not null default 0,
  method text not null,
  reference text,
  staff_id uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint payments_pkey primary key (tenant_id, id),
  constraint payments_invoice_fkey foreign key (tenant_id, invoice_id) references app.invoices (tenant_id, id),
  constraint payments_staff_fkey foreign key (tenant_id, staff_id) references app.staff (tenant_id, id),
  constraint payments_amount_check check (amount_cents > 0),
  constraint payments_refunded_check check (refunded_cents between 0 and amount_cents),
  constraint payments_method_check check (method in ('CASH', 'CARD', 'CHECK', 'CREDIT', 'OTHER'))
);

select app.distribute('app.payments');

select app.secure('app.payments');

create index payments_invoice_idx on app.payments (tenant_id, invoice_id, id);

create index payments_created_idx on app.payments (tenant_id, created_at, id);

create table app.refunds (
  tenant_id uuid not null,
  id uuid not null,
  payment_id uuid not null,
  amount_cents bigint not null,
  reason text,
  staff_id uuid not null,
  created_at timestamptz not null,
  constraint refunds_pkey primary key (tenant_id, id),
  constraint refunds_payment_fkey foreign key (tenant_id, payment_id) references app.payments (tenant_id, id),
  constraint refunds_staff_fkey foreign key (tenant_id, staff_id) references app.staff (tenant_id, id),
  constraint refunds_amount_check check (amount_cents > 0)
);

select app.distribute('app.refunds');

select app.secure('app.refunds');

create index refunds_payment_idx on app.refunds (tenant_id, payment_id, id);
