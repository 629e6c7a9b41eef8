--: Invoice(number?, notes?)

--! list (overdue?) : Invoice
select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents,
       paid_cents, balance_cents, notes, version, created_at, updated_at
from app.invoices
where tenant_id = :tenant_id
  and (issue_date, id) < (:before_date, :before_id)
  and issue_date >= :issued_from
  and case when :overdue::boolean is null then true else (status = 'OPEN' and due_date < :today) = :overdue end
order by issue_date desc, id desc
limit :fetch;

--! list_by_status (overdue?) : Invoice
select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents,
       paid_cents, balance_cents, notes, version, created_at, updated_at
from app.invoices
where tenant_id = :tenant_id and status = :status
  and (issue_date, id) < (:before_date, :before_id)
  and issue_date >= :issued_from
  and case when :overdue::boolean is null then true else (status = 'OPEN' and due_date < :today) = :overdue end
order by issue_date desc, id desc
limit :fetch;

--! list_by_customer (status?, overdue?) : Invoice
select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents,
       paid_cents, balance_cents, notes, version, created_at, updated_at
from app.invoices
where tenant_id = :tenant_id and customer_id = :customer_id
  and (issue_date, id) < (:before_date, :before_id)
  and issue_date >= :issued_from
  and case when :status::text is null then true else status = :status end
  and case when :overdue::boolean is null then true else (status = 'OPEN' and due_date < :today) = :overdue end
order by issue_date desc, id desc
limit :fetch;

--! list_by_number (customer_id?, status?, overdue?) : Invoice
select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents,
       paid_cents, balance_cents, notes, version, created_at, updated_at
from app.invoices
where tenant_id = :tenant_id and number = :number
  and (issue_date, id) < (:before_date, :before_id)
  and issue_date >= :issued_from
  and case when :customer_id::uuid is null then true else customer_id = :customer_id end
  and case when :status::text is null then true else status = :status end
  and case when :overdue::boolean is null then true else (status = 'OPEN' and due_date < :today) = :overdue end
order by issue_date desc, id desc
limit :fetch;

--! find : Invoice
select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents,
       paid_cents, balance_cents, notes, version, created_at, updated_at
from app.invoices
where tenant_id = :tenant_id and id = :id;

--! lock : Invoice
select id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents,
       paid_cents, balance_cents, notes, version, created_at, updated_at
from app.invoices
where tenant_id = :tenant_id and id = :id
for update;

--! insert (number?, notes?) : Invoice
insert into app.invoices
  (tenant_id, id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents,
   paid_cents, notes, created_at, updated_at)
values
  (:tenant_id, :id, :number, :customer_id, :status, :issue_date, :due_date, :tax_rate_bps, :subtotal_cents, :tax_cents, :total_cents,
   0, :notes, :now, :now)
returning id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents,
       paid_cents, balance_cents, notes, version, created_at, updated_at;

--! update (number?, notes?) : Invoice
update app.invoices
set number = :number, status = :status, issue_date = :issue_date, due_date = :due_date, tax_rate_bps = :tax_rate_bps,
    subtotal_cents = :subtotal_cents, tax_cents = :tax_cents, total_cents = :total_cents, paid_cents = :paid_cents,
    notes = :notes, version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, number, customer_id, status, issue_date, due_date, tax_rate_bps, subtotal_cents, tax_cents, total_cents,
       paid_cents, balance_cents, notes, version, created_at, updated_at;

--! delete
delete from app.invoices where tenant_id = :tenant_id and id = :id;

--! draw_number
insert into app.invoice_counters (tenant_id, last_number)
values (:tenant_id, 1)
on conflict (tenant_id) do update set last_number = invoice_counters.last_number + 1
returning last_number;

--! lines_of : InvoiceLine(reservation_id?)
select id, invoice_id, position, reservation_id, description, quantity, unit_price_cents, amount_cents, taxable
from app.invoice_lines
where tenant_id = :tenant_id and invoice_id = any (:invoice_ids)
order by invoice_id, position;

--! insert_line (reservation_id?)
insert into app.invoice_lines
  (tenant_id, id, invoice_id, position, reservation_id, description, quantity, unit_price_cents, amount_cents, taxable)
values
  (:tenant_id, :id, :invoice_id, :position, :reservation_id, :description, :quantity, :unit_price_cents, :amount_cents, :taxable);

--! delete_lines
delete from app.invoice_lines where tenant_id = :tenant_id and invoice_id = :invoice_id;

--! payments_of : InvoicePayment(reference?)
select id, invoice_id, amount_cents, refunded_cents, method, reference, created_at
from app.payments
where tenant_id = :tenant_id and invoice_id = any (:invoice_ids)
order by invoice_id, created_at, id;

--! customers_of : InvoiceCustomer(email?, phone?)
select id, first_name, last_name, email, phone
from app.customers
where tenant_id = :tenant_id and id = any (:customer_ids);

--! stays_on
select id from app.reservations where tenant_id = :tenant_id and invoice_id = :invoice_id order by check_in_date, id;

--! stays : BilledStay(invoice_id?)
select id, customer_id, status, invoice_id
from app.reservations
where tenant_id = :tenant_id and id = any (:ids);

--! stay_lines : StayLine()
select l.reservation_id, l.description, l.quantity, l.unit_price_cents, l.amount_cents, l.taxable
from app.reservation_lines l
join app.reservations r on r.tenant_id = :tenant_id and r.id = l.reservation_id
where l.tenant_id = :tenant_id and l.reservation_id = any (:ids)
order by r.check_in_date, r.id, l.position;

--! bill_stays
update app.reservations set invoice_id = :invoice_id, version = version + 1, updated_at = :now
where tenant_id = :tenant_id and id = any (:ids) and invoice_id is null;

--! free_stays
update app.reservations set invoice_id = null, version = version + 1, updated_at = :now
where tenant_id = :tenant_id
  and id in (
    select r.id from app.reservations r
    where r.tenant_id = :tenant_id and r.invoice_id = :invoice_id and r.id <> all (:staying)
    order by r.id
    for update);
