-- What each operator, or a command on the server, changed: the program adds rows and reads them, and can do no more.

create table app.operator_actions (
  id uuid not null,
  at timestamptz not null,
  operator_id uuid,
  command text,
  request_id text,
  action text not null,
  subject_id uuid not null,
  before jsonb,
  after jsonb,
  constraint operator_actions_pkey primary key (id),
  constraint operator_actions_actor_check check ((operator_id is null) <> (command is null))
);

select app.replicate('app.operator_actions');

-- lint: allow revoke: the table is new, so no program writes it yet
revoke update, delete on app.operator_actions from tailtown_app;
