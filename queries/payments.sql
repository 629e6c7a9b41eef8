--: Payment(reference?)

--! list (method?) : Payment
select id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at
from app.payments
where tenant_id = :tenant_id
  and (created_at, id) < (:before_at, :before_id)
  and created_at >= :received_from
  and case when :method::text is null then true else method = :method end
order by created_at desc, id desc
limit :fetch;

--! list_by_invoice (method?) : Payment
select id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at
from app.payments
where tenant_id = :tenant_id and invoice_id = :invoice_id
  and (created_at, id) < (:before_at, :before_id)
  and created_at >= :received_from
  and case when :method::text is null then true else method = :method end
order by created_at desc, id desc
limit :fetch;

--! find : Payment
select id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at
from app.payments
where tenant_id = :tenant_id and id = :id;

--! insert (reference?) : Payment
insert into app.payments
  (tenant_id, id, invoice_id, amount_cents, method, reference, staff_id, created_at, updated_at)
values
  (:tenant_id, :id, :invoice_id, :amount_cents, :method, :reference, :staff_id, :now, :now)
returning id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at;

--! refund : Payment
update app.payments
set refunded_cents = refunded_cents + :amount_cents, updated_at = :now
where tenant_id = :tenant_id and id = :id
returning id, invoice_id, amount_cents, refunded_cents, method, reference, staff_id, created_at, updated_at;

--! insert_refund (reason?)
insert into app.refunds (tenant_id, id, payment_id, amount_cents, reason, staff_id, created_at)
values (:tenant_id, :id, :payment_id, :amount_cents, :reason, :staff_id, :now);

--! refunds_of : Refund(reason?)
select id, payment_id, amount_cents, reason, staff_id, created_at
from app.refunds
where tenant_id = :tenant_id and payment_id = any (:payment_ids)
order by payment_id, created_at, id;
