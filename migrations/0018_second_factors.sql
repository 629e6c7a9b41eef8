-- Second factors of sign-ins: a secret for time-based codes (TOTP, RFC 6238), sealed for one account with the platform's keys, and
-- keyed hashes of the recovery codes that are left. A factor counts from the moment it is confirmed.

create table app.staff_second_factors (
  tenant_id uuid not null,
  staff_id uuid not null,
  sealed_secret text not null,
  recovery_codes bytea[] not null default '{}',
  created_at timestamptz not null,
  confirmed_at timestamptz,
  constraint staff_second_factors_pkey primary key (tenant_id, staff_id),
  constraint staff_second_factors_staff_fkey foreign key (tenant_id, staff_id) references app.staff (tenant_id, id)
);

select app.distribute('app.staff_second_factors');

select app.secure('app.staff_second_factors');

create table app.operator_second_factors (
  operator_id uuid not null,
  sealed_secret text not null,
  recovery_codes bytea[] not null default '{}',
  created_at timestamptz not null,
  confirmed_at timestamptz,
  constraint operator_second_factors_pkey primary key (operator_id),
  constraint operator_second_factors_operator_fkey foreign key (operator_id) references app.operators (id)
);

select app.replicate('app.operator_second_factors');

-- Time-based codes that were accepted, under a keyed hash of account, secret and time step, so that each is accepted once. Rows
-- are deleted after an hour: a code is valid for 90 seconds.
create table app.accepted_codes (
  key bytea not null,
  accepted_at timestamptz not null,
  constraint accepted_codes_pkey primary key (key),
  constraint accepted_codes_key_check check (length(key) = 32)
);

create index accepted_codes_accepted_idx on app.accepted_codes (accepted_at);

select app.replicate('app.accepted_codes');

-- Whether the operator has a second factor and proved it in this session.
alter table app.operator_sessions add column second_factor boolean not null default false;
