//! Generations and answers in Redis, for several nodes. A group of tables is one hash, so that whoever loses a part of it loses
//! all: its incarnation, the Redis process it was made in, the counters (`g<table>`) and the marks (`m<table>:<writer>`).

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use redis::Value;
use uuid::Uuid;

use super::generations::{Observation, PLATFORM};
use super::tables::Tables;
use crate::redis::{Link, RunId, Script};

/// A group that is not there, or was made in a process that is no more, may have lost marks: it begins anew, and counts for
/// nothing until every transaction that was under way must be over.
const BEGIN: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local head = redis.call('HMGET', KEYS[1], 'run', 'incarnation', 'born')
if head[1] ~= ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'incarnation', ARGV[2], 'born', now)
  head = {ARGV[1], ARGV[2], now}
end
";

const OBSERVE: &str = "
local counters, marked, over = {}, {}, {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local kind = string.sub(all[i], 1, 1)
  if kind == 'g' then
    counters[#counters + 1] = tonumber(string.sub(all[i], 2))
    counters[#counters + 1] = tonumber(all[i + 1])
  elseif kind == 'm' then
    if tonumber(all[i + 1]) > now then
      marked[#marked + 1] = tonumber(string.match(all[i], '^m(%d+):'))
    else
      over[#over + 1] = all[i]
    end
  end
end
if #over > 0 then redis.call('HDEL', KEYS[1], unpack(over)) end
local waits = head[3] + ARGV[3] > now
return {head[2], waits and 1 or 0, counters, marked}
";

const MARK: &str = "
for i = 5, #ARGV do
  redis.call('HINCRBY', KEYS[1], 'g' .. ARGV[i], 1)
  redis.call('HSET', KEYS[1], 'm' .. ARGV[i] .. ':' .. ARGV[4], now + ARGV[3])
end
return 1
";

const SETTLE: &str = "
for i = 2, #ARGV do redis.call('HDEL', KEYS[1], 'm' .. ARGV[i] .. ':' .. ARGV[1]) end
return 1
";

/// Keeps an answer unless what it was read under has moved since.
const FILL: &str = "
if head[2] ~= ARGV[4] then return 0 end
local all = redis.call('HGETALL', KEYS[1])
local counters = {}
for i = 1, #all, 2 do counters[all[i]] = all[i + 1] end
for field, till in pairs(counters) do
  local place = string.match(field, '^m(%d+):')
  if place and tonumber(till) > now then counters['marked' .. place] = 1 end
end
for i = 7, #ARGV, 2 do
  if counters['marked' .. ARGV[i]] or (counters['g' .. ARGV[i]] or '0') ~= ARGV[i + 1] then return 0 end
end
redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[6])
redis.call('DEL', KEYS[3])
return 1
";

/// An answer, or whether the one who asks is to load it.
const FETCH: &str = "
local kept = redis.call('GET', KEYS[1])
if kept then return kept end
if redis.call('SET', KEYS[2], 1, 'NX', 'PX', ARGV[1]) then return 1 end
return 0
";

struct Scripts {
    observe: Script,
    mark: Script,
    settle: Script,
    fill: Script,
    fetch: Script,
}

static SCRIPTS: LazyLock<Scripts> = LazyLock::new(|| {
    // Built once for the life of the program.
    let after = |script: &str| Script::new(String::leak(format!("{BEGIN}{script}")));
    Scripts {
        observe: after(OBSERVE),
        mark: after(MARK),
        settle: Script::new(SETTLE),
        fill: after(FILL),
        fetch: Script::new(FETCH),
    }
});

/// How long one node may load before another may.
const LOADING: Duration = Duration::from_secs(2);

pub(crate) struct Shared {
    link: Link,
    life: Duration,
    /// The Redis that this is, as it says itself; empty until it said so.
    name: Mutex<String>,
}

/// What Redis has for someone who found nothing nearer.
pub(crate) enum Fetched {
    Kept(Vec<u8>),
    /// Load it: you are the one, or Redis cannot say.
    Load,
    /// Someone else is loading it.
    Wait,
}

/// A writer's mark on one group.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    group: Uuid,
    writer: String,
    tables: Tables,
}

impl Shared {
    pub(crate) fn new(link: Link, life: Duration) -> Self {
        Self { link, life, name: Mutex::default() }
    }

    pub(crate) fn name(&self) -> String {
        self.name.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks Redis who it is; whether it is within reach.
    pub(crate) async fn look(&self) -> bool {
        match self.link.identity().await {
            Ok(identity) => {
                *self.name.lock().unwrap_or_else(PoisonError::into_inner) = format!("redis {identity}");
                self.link.reaches()
            }
            Err(_) => false,
        }
    }

    pub(crate) async fn observe(&self, group: Uuid) -> Option<Observation> {
        let (value, _) = self.begun(&SCRIPTS.observe, group, &[], Vec::<String>::new()).await?;
        let (incarnation, waits, counters, places): (String, u8, Vec<u64>, Vec<usize>) =
            redis::from_redis_value(value).ok()?;
        let mut all = vec![0; Tables::COUNT];
        for pair in counters.chunks_exact(2) {
            if let Some(counter) = usize::try_from(pair[0]).ok().and_then(|place| all.get_mut(place)) {
                *counter = pair[1];
            }
        }
        let marked = if waits == 1 {
            Tables::all()
        } else {
            places.into_iter().fold(Tables::NONE, |marked, place| marked.and(Tables::from_bits(1 << place)))
        };
        let incarnation = u128::from_str_radix(&incarnation, 16).ok()?;
        Some(Observation { incarnation, counters: all.into(), marked })
    }

    /// Marks every group or says that it could not; a mark that was made all the same runs out by itself.
    pub(crate) async fn mark(&self, changes: &[(Uuid, Tables)]) -> Option<Vec<Mark>> {
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

    pub(crate) async fn settle(&self, mark: &Mark) {
        let places = mark.tables.places().map(|place| place.to_string());
        let arguments: Vec<String> = std::iter::once(mark.writer.clone()).chain(places).collect();
        let _ = self.link.eval(&SCRIPTS.settle, &group_key(mark.group), &[], &arguments).await;
    }

    pub(crate) async fn fetch(&self, tenant: Uuid, key: &str) -> Fetched {
        let (value, lease) = (value_key(tenant, key), value_key(tenant, &format!("loading:{key}")));
        let millis = LOADING.as_millis().to_string();
        match self.link.eval(&SCRIPTS.fetch, &value, &[&lease], &[millis]).await {
            Ok((Value::BulkString(bytes), _)) => Fetched::Kept(bytes),
            Ok((Value::Int(0), _)) => Fetched::Wait,
            _ => Fetched::Load,
        }
    }

    /// Keeps `bytes` for other nodes, unless the tables of `counters` have moved since.
    pub(crate) async fn fill(
        &self,
        tenant: Uuid,
        key: &str,
        bytes: Vec<u8>,
        life: Duration,
        under: &Observation,
        tables: Tables,
    ) {
        let (value, lease) = (value_key(tenant, key), value_key(tenant, &format!("loading:{key}")));
        let counters =
            tables.places().flat_map(|place| [place.to_string(), under.counters[place].to_string()]);
        let mut arguments: Vec<Vec<u8>> =
            vec![format!("{:032x}", under.incarnation).into(), bytes, life.as_millis().to_string().into()];
        arguments.extend(counters.map(String::into_bytes));
        let _ = self.begun(&SCRIPTS.fill, tenant, &[&value, &lease], arguments).await;
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

fn group_key(group: Uuid) -> String {
    let name = if group == PLATFORM { "platform".to_owned() } else { group.to_string() };
    format!("tailtown:{{{name}}}:generations")
}

fn value_key(tenant: Uuid, key: &str) -> String {
    format!("tailtown:{{{tenant}}}:{key}")
}
