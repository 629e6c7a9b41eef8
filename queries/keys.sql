--! get
select secret
from app.keys
where name = :name;
