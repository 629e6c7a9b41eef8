-- Stays and visits, half-open: [check_in_date, held_until) are the days a place is held. For a service sold by the
-- night held_until is the check-out date, so the same kennel turns over on the same day; for one sold by the day or the
-- session it is the day after.

create table app.reservations (
  tenant_id uuid not null,
  id uuid not null,
  booking_id uuid not null,
  customer_id uuid not null,
  pet_id uuid not null,
  service_id uuid not null,
  kennel_id uuid,
  kennel_slot integer,
  check_in_date date not null,
  check_out_date date not null,
  held_until date not null,
  arrival_time time,
  departure_time time,
  status text not null,
  notes text,
  total_cents bigint not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint reservations_pkey primary key (tenant_id, id),
  constraint reservations_customer_fkey foreign key (tenant_id, customer_id) references app.customers (tenant_id, id),
  constraint reservations_pet_fkey foreign key (tenant_id, customer_id, pet_id) references app.pets (tenant_id, customer_id, id),
  constraint reservations_service_fkey foreign key (tenant_id, service_id) references app.services (tenant_id, id),
  constraint reservations_kennel_fkey foreign key (tenant_id, kennel_id) references app.kennels (tenant_id, id),
  constraint reservations_slot_fkey foreign key (tenant_id, kennel_id, kennel_slot) references app.kennel_slots (tenant_id, kennel_id, slot),
  constraint reservations_status_check check (status in
    ('PENDING', 'CONFIRMED', 'CHECKED_IN', 'CHECKED_OUT', 'COMPLETED', 'CANCELLED', 'NO_SHOW')),
  constraint reservations_dates_check check (check_in_date <= check_out_date and check_out_date <= held_until and check_in_date < held_until),
  constraint reservations_total_check check (total_cents >= 0),
  -- A slot is held exactly while the stay is on the way or here.
  constraint reservations_hold_check check
    ((kennel_slot is not null) = (kennel_id is not null and status in ('PENDING', 'CONFIRMED', 'CHECKED_IN'))),
  -- Deferrable, so that it is checked when a statement ends: one UPDATE may let several stays change places.
  constraint reservations_kennel_excl exclude using gist
    (tenant_id with =, kennel_id with =, kennel_slot with =, daterange(check_in_date, held_until) with &&)
    where (kennel_slot is not null) deferrable initially immediate
);

select app.distribute('app.reservations');

select app.secure('app.reservations');

create index reservations_check_in_idx on app.reservations (tenant_id, check_in_date, id);

create index reservations_check_out_idx on app.reservations (tenant_id, check_out_date, id);

create index reservations_status_idx on app.reservations (tenant_id, status, check_in_date, id);

create index reservations_customer_idx on app.reservations (tenant_id, customer_id, check_in_date, id);

create index reservations_pet_idx on app.reservations (tenant_id, pet_id, check_in_date, id);

create index reservations_kennel_idx on app.reservations (tenant_id, kennel_id, check_in_date, held_until) where kennel_slot is not null;

create index reservations_service_idx on app.reservations (tenant_id, service_id, check_in_date, held_until);

create index reservations_booking_idx on app.reservations (tenant_id, booking_id);

create table app.reservation_lines (
  tenant_id uuid not null,
  id uuid not null,
  reservation_id uuid not null,
  position integer not null,
  kind text not null,
  add_on_id uuid,
  description text not null,
  quantity integer not null,
  unit_price_cents bigint not null,
  amount_cents bigint not null,
  taxable boolean not null,
  constraint reservation_lines_pkey primary key (tenant_id, id),
  constraint reservation_lines_position_key unique (tenant_id, reservation_id, position),
  constraint reservation_lines_reservation_fkey foreign key (tenant_id, reservation_id) references app.reservations (tenant_id, id) on delete cascade,
  constraint reservation_lines_add_on_fkey foreign key (tenant_id, add_on_id) references app.add_ons (tenant_id, id),
  constraint reservation_lines_kind_check check (kind in ('SERVICE', 'ADD_ON')),
  constraint reservation_lines_quantity_check check (quantity > 0),
  constraint reservation_lines_amount_check check (amount_cents = unit_price_cents * quantity)
);

select app.distribute('app.reservation_lines');

select app.secure('app.reservation_lines');

-- Every step of a stay, who took it and why; undoing one marks it and adds nothing else.
create table app.reservation_steps (
  tenant_id uuid not null,
  id uuid not null,
  reservation_id uuid not null,
  position integer not null,
  verb text not null,
  from_status text not null,
  to_status text not null,
  reason text,
  staff_id uuid not null,
  created_at timestamptz not null,
  undone_by uuid,
  undone_at timestamptz,
  constraint reservation_steps_pkey primary key (tenant_id, id),
  constraint reservation_steps_position_key unique (tenant_id, reservation_id, position),
  constraint reservation_steps_reservation_fkey foreign key (tenant_id, reservation_id) references app.reservations (tenant_id, id) on delete cascade,
  constraint reservation_steps_staff_fkey foreign key (tenant_id, staff_id) references app.staff (tenant_id, id),
  constraint reservation_steps_undone_fkey foreign key (tenant_id, undone_by) references app.staff (tenant_id, id),
  constraint reservation_steps_undone_check check ((undone_by is null) = (undone_at is null))
);

select app.distribute('app.reservation_steps');

select app.secure('app.reservation_steps');
