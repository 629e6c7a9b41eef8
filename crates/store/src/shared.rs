//! Generations and answers in Redis, for several nodes. A group of tables is one hash, so that whoever loses a part of it loses
//! all: its incarnation, the Redis process it was made in, the counters (`g<table>`), the marks (`m<table>:<writer>`), and
//! all of these as one text for readers (`view`).

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use redis::Value;
use uuid::Uuid;

use crate::generations::{Observation, PLATFORM};
use crate::redis::{Answered, Link, Question, RunId, Script, Unreachable};
use crate::tables::Tables;

/// A group that is not there, or was made in a process that is no more, may have lost marks: it begins anew, and counts for
/// nothing until every transaction that was under way must be over. One that nobody changed for a week is forgotten.
const BEGIN: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local head = redis.call('HMGET', KEYS[1], 'run', 'incarnation', 'born')
if head[1] ~= ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'incarnation', ARGV[2], 'born', now)
  head = {ARGV[1], ARGV[2], now}
end
redis.call('PEXPIRE', KEYS[1], 604800000)
";

/// Writes down what a reader needs in one field, and drops the marks that ran out.
const SEAL: &str = "
local parts, over = {}, {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local kind = string.sub(all[i], 1, 1)
  if kind == 'g' or (kind == 'm' and tonumber(all[i + 1]) > now) then
    parts[#parts + 1] = ' ' .. all[i] .. '=' .. all[i + 1]
  elseif kind == 'm' then
    over[#over + 1] = all[i]
  end
end
if #over > 0 then redis.call('HDEL', KEYS[1], unpack(over)) end
local view = head[1] .. ' ' .. head[2] .. ' ' .. head[3] .. table.concat(parts)
redis.call('HSET', KEYS[1], 'view', view)
return {now, view}
";

const MARK: &str = "
for i = 5, #ARGV do
  redis.call('HINCRBY', KEYS[1], 'g' .. ARGV[i], 1)
  redis.call('HSET', KEYS[1], 'm' .. ARGV[i] .. ':' .. ARGV[4], now + ARGV[3])
end
";

const SETTLE: &str = "
for i = 5, #ARGV do redis.call('HDEL', KEYS[1], 'm' .. ARGV[i] .. ':' .. ARGV[4]) end
";

/// Keeps an answer unless what it was read under has moved since; whoever waits for it need not any more.
const FILL: &str = "
redis.call('DEL', KEYS[3])
if head[2] ~= ARGV[4] then return 0 end
local all = redis.call('HGETALL', KEYS[1])
local counters = {}
for i = 1, #all, 2 do counters[all[i]] = all[i + 1] end
for field, till in pairs(counters) do
  local place = string.match(field, '^m(%d+):')
  if place and tonumber(till) > now then counters['marked' .. place] = 1 end
end
for i = 8, #ARGV, 2 do
  if counters['marked' .. ARGV[i]] or (counters['g' .. ARGV[i]] or '0') ~= ARGV[i + 1] then return 0 end
end
redis.call('HSET', KEYS[2], 'tag', ARGV[6], 'bytes', ARGV[7])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1
";

/// What is kept, unless the one who asks has that already.
const LOOK: &str = "
local tag = redis.call('HGET', KEYS[1], 'tag')
if tag and tag ~= ARGV[1] then return {tag, redis.call('HGET', KEYS[1], 'bytes')} end
return 0
";

/// The same, or else whether the one who asks is to load it.
const FETCH: &str = "
local tag = redis.call('HGET', KEYS[1], 'tag')
if tag and tag ~= ARGV[2] then return {tag, redis.call('HGET', KEYS[1], 'bytes')} end
if redis.call('SET', KEYS[2], 1, 'NX', 'PX', ARGV[1]) then return 1 end
return 0
";

const GIVE_UP: &str = "return redis.call('DEL', KEYS[1])";

/// What nobody but its reader judges.
const PUT: &str = "
redis.call('HSET', KEYS[1], 'tag', ARGV[2], 'bytes', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
";

struct Scripts {
    observe: Script,
    mark: Script,
    settle: Script,
    fill: Script,
    look: Script,
    fetch: Script,
    give_up: Script,
    put: Script,
}

static SCRIPTS: LazyLock<Scripts> = LazyLock::new(|| {
    // Built once for the life of the program.
    let of_group = |steps: &[&str]| Script::new(String::leak(format!("{BEGIN}{}", steps.concat())));
    Scripts {
        observe: of_group(&[SEAL]),
        mark: of_group(&[MARK, SEAL]),
        settle: of_group(&[SETTLE, SEAL]),
        fill: of_group(&[FILL]),
        look: Script::new(LOOK),
        fetch: Script::new(FETCH),
        give_up: Script::new(GIVE_UP),
        put: Script::new(PUT),
    }
});

/// The answer to a question that travelled with others.
pub type AlsoAnswered = std::result::Result<Answered, Unreachable>;

/// How long one node may load before another may.
const LOADING: Duration = Duration::from_secs(2);

pub struct Shared {
    link: Link,
    life: Duration,
    /// The Redis that this is, as it says itself; empty until it said so.
    name: Mutex<String>,
}

/// What Redis has for someone who found nothing nearer.
pub enum Fetched {
    Kept(Parcel),
    /// Load it: you are the one, and the others wait.
    Lead,
    /// Someone else is loading it.
    Wait,
    /// Redis cannot say.
    Unknown,
}

/// A writer's mark on one group.
#[derive(Clone, Debug)]
pub struct Mark {
    group: Uuid,
    writer: String,
    tables: Tables,
}

impl Shared {
    pub fn new(link: Link, life: Duration) -> Self {
        Self { link, life, name: Mutex::default() }
    }

    pub fn name(&self) -> String {
        self.name.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether Redis was within reach when it was last spoken to.
    pub fn reaches(&self) -> bool {
        self.link.reaches()
    }

    /// Asks Redis who it is; whether it is within reach.
    pub async fn look(&self) -> bool {
        match self.link.identity().await {
            Ok(identity) => {
                *self.name.lock().unwrap_or_else(PoisonError::into_inner) =
                    medium(&identity.to_string(), Tables::list());
                self.link.reaches()
            }
            Err(_) => false,
        }
    }

    /// What holds for the platform and a tenant, what is kept under `keys`, and the answer to `also`, all in one round trip.
    /// `None` for what holds when Redis cannot be relied on at this moment.
    pub async fn look_at(
        &self,
        tenant: Option<Uuid>,
        wanted: &[Wanted<'_>],
        also: Option<Question<'_>>,
    ) -> (Option<(Observation, Option<Observation>)>, Vec<Option<Parcel>>, Option<AlsoAnswered>) {
        let groups = std::iter::once(PLATFORM).chain(tenant);
        let views = groups.map(|group| Question::command("HGET", group_key(group), &["view"]));
        let looks = wanted.iter().map(|wanted| {
            Question::script(&SCRIPTS.look, wanted.place(), vec![wanted.has.unwrap_or_default().to_owned()])
        });
        let asks_also = also.is_some();
        let questions: Vec<Question<'_>> = views.chain(looks).chain(also).collect();
        let mut answers = self.link.ask(&questions).await;
        let also = if asks_also { answers.pop() } else { None };
        let mut answers = answers.into_iter();
        let platform = self.observed(PLATFORM, answers.next()).await;
        let of_tenant = match tenant {
            Some(tenant) => self.observed(tenant, answers.next()).await.map(Some),
            None => Some(None),
        };
        let parcels = answers.map(|answer| Parcel::read(answer.ok()?.value)).collect();
        (platform.zip(of_tenant), parcels, also)
    }

    /// A group that is not there, or was made in another process, begins anew.
    async fn observed(
        &self,
        group: Uuid,
        answer: Option<Result<Answered, Unreachable>>,
    ) -> Option<Observation> {
        let Answered { value, run, at } = answer?.ok()?;
        let view: Option<String> = redis::from_redis_value(value).ok()?;
        let seen = view.filter(|view| at > 0 && view.starts_with(&run.to_string()));
        match seen {
            Some(view) => self.read(&view, at),
            None => {
                let (value, _) = self.begun(&SCRIPTS.observe, group, &[], Vec::<String>::new()).await?;
                let (at, view): (u64, String) = redis::from_redis_value(value).ok()?;
                self.read(&view, at)
            }
        }
    }

    /// Reads what [`SEAL`] wrote, as of the moment `at`.
    fn read(&self, view: &str, at: u64) -> Option<Observation> {
        let mut words = view.split(' ').skip(1);
        let incarnation = u128::from_str_radix(words.next()?, 16).ok()?;
        let born: u64 = words.next()?.parse().ok()?;
        let (mut counters, mut marked) = (vec![0; Tables::COUNT], Tables::NONE);
        for word in words {
            let (name, number) = word.split_once('=')?;
            let number: u64 = number.parse().ok()?;
            if let Some(place) = name.strip_prefix('g') {
                if let Some(counter) = counters.get_mut(place.parse::<usize>().ok()?) {
                    *counter = number;
                }
            } else if number > at {
                let place: u32 = name.strip_prefix('m')?.split(':').next()?.parse().ok()?;
                marked = marked.and(Tables::from_bits(1u64.checked_shl(place)?));
            }
        }
        let waits = u128::from(born) + self.life.as_millis() > u128::from(at);
        let marked = if waits { Tables::all() } else { marked };
        Some(Observation { incarnation, counters: counters.into(), marked })
    }

    /// Marks every group or says that it could not; a mark that was made all the same runs out by itself.
    pub async fn mark(&self, changes: &[(Uuid, Tables)]) -> Option<Vec<Mark>> {
        let writer = format!("{:032x}", rand::random::<u128>());
        let mut marks = Vec::with_capacity(changes.len());
        for (group, tables) in changes {
            let arguments =
                std::iter::once(writer.clone()).chain(tables.places().map(|place| place.to_string()));
            self.begun(&SCRIPTS.mark, *group, &[], arguments.collect()).await?;
            marks.push(Mark { group: *group, writer: writer.clone(), tables: *tables });
        }
        Some(marks)
    }

    pub async fn settle(&self, mark: &Mark) {
        let places = mark.tables.places().map(|place| place.to_string());
        let arguments = std::iter::once(mark.writer.clone()).chain(places);
        let _ = self.begun(&SCRIPTS.settle, mark.group, &[], arguments.collect()).await;
    }

    /// What another node left that is not what the one who asks has, or who is to load it.
    pub async fn fetch(&self, wanted: &Wanted<'_>) -> Fetched {
        let (place, lease) = (wanted.place(), wanted.lease());
        let arguments = [LOADING.as_millis().to_string(), wanted.has.unwrap_or_default().to_owned()];
        match self.link.eval(&SCRIPTS.fetch, &place, &[&lease], &arguments).await {
            Ok((Value::Int(0), _)) => Fetched::Wait,
            Ok((Value::Int(_), _)) => Fetched::Lead,
            Ok((value, _)) => Parcel::read(value).map_or(Fetched::Unknown, Fetched::Kept),
            Err(_) => Fetched::Unknown,
        }
    }

    /// Keeps `bytes` for other nodes, unless the tables of `counters` have moved since.
    pub async fn fill(
        &self,
        tenant: Uuid,
        key: &str,
        parcel: Parcel,
        life: Duration,
        under: &Observation,
        tables: Tables,
    ) {
        let wanted = Wanted { tenant: Some(tenant), key, has: None };
        let counters =
            tables.places().flat_map(|place| [place.to_string(), under.counters[place].to_string()]);
        let mut arguments: Vec<Vec<u8>> = vec![
            format!("{:032x}", under.incarnation).into(),
            life.as_millis().to_string().into(),
            parcel.tag.into(),
            parcel.bytes,
        ];
        arguments.extend(counters.map(String::into_bytes));
        let _ = self.begun(&SCRIPTS.fill, tenant, &[&wanted.place(), &wanted.lease()], arguments).await;
    }

    /// What was loaded is not for others: they need not wait for it.
    pub async fn give_up(&self, wanted: &Wanted<'_>) {
        let nothing: [&str; 0] = [];
        let _ = self.link.eval(&SCRIPTS.give_up, &wanted.lease(), &[], &nothing).await;
    }

    /// Keeps what whoever reads it holds against what was observed, whenever that was.
    pub async fn put(&self, tenant: Option<Uuid>, key: &str, parcel: Parcel, life: Duration) {
        let place = Wanted { tenant, key, has: None }.place();
        let arguments: [Vec<u8>; 3] = [life.as_millis().to_string().into(), parcel.tag.into(), parcel.bytes];
        let _ = self.link.eval(&SCRIPTS.put, &place, &[], &arguments).await;
    }

    /// Runs a script that begins with [`BEGIN`]. The answer of another process than the one that was named is none.
    async fn begun<A: AsRef<[u8]>>(
        &self,
        script: &Script,
        group: Uuid,
        keys: &[&str],
        arguments: Vec<A>,
    ) -> Option<(Value, RunId)> {
        let key = group_key(group);
        let run = self.link.run(&key)?;
        let head =
            [run.to_string(), format!("{:032x}", rand::random::<u128>()), self.life.as_millis().to_string()];
        let all: Vec<&[u8]> =
            head.iter().map(String::as_bytes).chain(arguments.iter().map(AsRef::as_ref)).collect();
        let answered = self.link.eval(script, &key, keys, &all).await.ok()?;
        (answered.1 == run).then_some(answered)
    }
}

/// What nodes must have in common to share what they keep: the Redis, and the list of tables by whose places they count.
fn medium(redis: &str, tables: &str) -> String {
    format!("redis {redis} tables {tables}")
}

fn group_key(group: Uuid) -> String {
    let name = if group == PLATFORM { "platform".to_owned() } else { group.to_string() };
    format!("tailtown:{{{name}}}:generations:{}", Tables::list())
}

/// Something that may be kept in Redis, and what the one who asks for it has already.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Beside whose generations it lies; a resort by its name lies by itself.
    pub tenant: Option<Uuid>,
    pub key: &'a str,
    pub has: Option<&'a str>,
}

impl Wanted<'_> {
    fn place(&self) -> String {
        match self.tenant {
            Some(tenant) => format!("tailtown:{{{tenant}}}:{}", self.key),
            None => self.key.to_owned(),
        }
    }

    fn lease(&self) -> String {
        format!("{}:loading", self.place())
    }
}

/// Bytes, and a name for these very ones.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub tag: String,
    pub bytes: Vec<u8>,
}

impl Parcel {
    fn read(value: Value) -> Option<Self> {
        let (tag, bytes) = redis::from_redis_value(value).ok()?;
        Some(Self { tag, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_count_other_tables_share_neither_medium_nor_generations() {
        assert_ne!(medium("a", "0011223344556677"), medium("a", "7766554433221100"));
        assert_ne!(medium("a", Tables::list()), medium("b", Tables::list()));
        assert!(group_key(Uuid::from_u128(1)).ends_with(Tables::list()));
        assert_ne!(group_key(Uuid::from_u128(1)), group_key(Uuid::from_u128(2)));
    }
}
