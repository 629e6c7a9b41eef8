--! insert (operator_id?, command?, request_id?, before?, after?)
insert into app.operator_actions (id, at, operator_id, command, request_id, action, subject_id, before, after)
values (:id, :at, :operator_id, :command, :request_id, :action, :subject_id, :before::text::jsonb, :after::text::jsonb);

--! list (operator_id?, subject_id?, since?, until?) : Action(operator_id?, command?, request_id?, before?, after?)
select id, at, operator_id, command, request_id, action, subject_id, before::text as before, after::text as after
from app.operator_actions
where id < :older_than
  and case when :operator_id::uuid is null then true else operator_id = :operator_id end
  and case when :subject_id::uuid is null then true else subject_id = :subject_id end
  and case when :since::timestamptz is null then true else at >= :since end
  and case when :until::timestamptz is null then true else at < :until end
order by id desc
limit :fetch;
