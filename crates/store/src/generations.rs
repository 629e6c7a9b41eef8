//! Generations: how often each table of a group (a tenant's, or the platform's own) was about to change, and which tables are
//! changing right now. This one keeps them in the process; `shared.rs` keeps them for many nodes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::tables::Tables;

/// The group of the platform's own tables.
pub const PLATFORM: Uuid = Uuid::nil();

/// What held for a group of tables at one moment.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Drawn anew when the counters were lost, so that no generation ever returns.
    pub incarnation: u128,
    pub counters: Arc<[u64]>,
    /// The tables that someone may be changing at this moment.
    pub marked: Tables,
}

/// The generation of some tables, that something was read under.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Root {
    incarnation: u128,
    tables: u64,
    counters: Box<[u64]>,
}

impl Root {
    pub fn tables(&self) -> Tables {
        Tables::from_bits(self.tables)
    }
}

impl Observation {
    /// What is read from now on may be kept under this; not while one of the tables is changing.
    pub fn root(&self, tables: Tables) -> Option<Root> {
        (!self.marked.meets(tables)).then(|| Root {
            incarnation: self.incarnation,
            tables: tables.bits(),
            counters: tables.places().map(|place| self.counters[place]).collect(),
        })
    }

    /// Whether what was read under `root` is still what the database holds.
    pub fn confirms(&self, root: &Root) -> bool {
        let tables = Tables::from_bits(root.tables);
        self.incarnation == root.incarnation
            && !self.marked.meets(tables)
            && tables.places().zip(&root.counters).all(|(place, counter)| self.counters[place] == *counter)
    }

    /// Whether anything at all may be kept at this moment.
    pub fn is_open(&self) -> bool {
        self.marked != Tables::all()
    }

    /// A number for people to compare.
    pub fn total(&self) -> u64 {
        self.counters.iter().sum()
    }
}

/// Generations in the process.
#[derive(Debug)]
pub struct Generations {
    life: Duration,
    groups: RwLock<HashMap<Uuid, Arc<Mutex<Group>>>>,
}

#[derive(Debug)]
struct Group {
    /// Drawn for each, so that what two groups counted is never taken for one another's.
    incarnation: u128,
    counters: Arc<[u64]>,
    marks: Vec<(u64, Tables, Instant)>,
    next: u64,
}

impl Generations {
    /// A mark that its writer does not take away counts for `life`, which is longer than any transaction may take.
    pub fn new(life: Duration) -> Self {
        Self { life, groups: RwLock::default() }
    }

    fn group(&self, group: Uuid) -> Arc<Mutex<Group>> {
        let known = self.groups.read().unwrap_or_else(PoisonError::into_inner).get(&group).cloned();
        known.unwrap_or_else(|| {
            let mut groups = self.groups.write().unwrap_or_else(PoisonError::into_inner);
            let new = || Group {
                incarnation: rand::random(),
                counters: vec![0; Tables::COUNT].into(),
                marks: Vec::new(),
                next: 0,
            };
            groups.entry(group).or_insert_with(|| Arc::new(Mutex::new(new()))).clone()
        })
    }

    /// How many groups are known: those of resorts that were found.
    pub fn groups(&self) -> usize {
        self.groups.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub fn observe(&self, group: Uuid) -> Observation {
        let group = self.group(group);
        let mut group = group.lock().unwrap_or_else(PoisonError::into_inner);
        let mut marked = Tables::NONE;
        if !group.marks.is_empty() {
            let now = Instant::now();
            group.marks.retain(|(_, _, until)| *until > now);
            marked = group.marks.iter().fold(marked, |marked, (_, tables, _)| marked.and(*tables));
        }
        Observation { incarnation: group.incarnation, counters: group.counters.clone(), marked }
    }

    /// Says that `tables` are about to change: what was kept of them counts no more, and nothing new is kept until
    /// [`Self::settle`] with the number returned.
    pub fn mark(&self, group: Uuid, tables: Tables) -> u64 {
        let group = self.group(group);
        let mut group = group.lock().unwrap_or_else(PoisonError::into_inner);
        let number = group.next;
        group.next += 1;
        group.marks.push((number, tables, Instant::now() + self.life));
        let mut counters = group.counters.to_vec();
        tables.places().for_each(|place| counters[place] += 1);
        group.counters = counters.into();
        number
    }

    pub fn settle(&self, group: Uuid, number: u64) {
        let group = self.group(group);
        group.lock().unwrap_or_else(PoisonError::into_inner).marks.retain(|(mark, ..)| *mark != number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PETS: Tables = Tables::named("pets");
    const STAFF: Tables = Tables::named("staff");
    const TENANT: Uuid = Uuid::from_u128(1);

    #[test]
    fn what_was_read_before_a_change_or_during_it_counts_no_more() {
        let generations = Generations::new(Duration::from_secs(60));
        let before = generations.observe(TENANT);
        let (pets, staff) = (before.root(PETS).unwrap(), before.root(STAFF).unwrap());
        assert!(generations.observe(TENANT).confirms(&pets));

        let number = generations.mark(TENANT, PETS);
        let during = generations.observe(TENANT);
        assert!(
            !during.confirms(&pets) && during.root(PETS).is_none() && during.root(PETS.and(STAFF)).is_none()
        );
        assert!(during.confirms(&staff) && during.root(STAFF).is_some());

        generations.settle(TENANT, number);
        let after = generations.observe(TENANT);
        assert!(!after.confirms(&pets) && after.confirms(&after.root(PETS).unwrap()));
    }

    #[test]
    fn one_of_two_writers_that_ends_leaves_the_others_mark() {
        let generations = Generations::new(Duration::from_secs(60));
        let (first, second) = (generations.mark(TENANT, PETS), generations.mark(TENANT, PETS));
        generations.settle(TENANT, first);
        assert!(generations.observe(TENANT).root(PETS).is_none());
        generations.settle(TENANT, second);
        assert!(generations.observe(TENANT).root(PETS).is_some());
    }

    #[test]
    fn a_mark_left_behind_runs_out_and_tenants_are_strangers() {
        let generations = Generations::new(Duration::ZERO);
        let before = generations.observe(TENANT).root(PETS).unwrap();
        generations.mark(TENANT, PETS);
        let after = generations.observe(TENANT);
        assert!(after.root(PETS).is_some() && !after.confirms(&before));
        assert_eq!(generations.observe(PLATFORM).total(), 0);
        let other = generations.observe(Uuid::from_u128(2));
        assert!(other.total() == 0 && !other.confirms(&before), "two tenants confirm each other's");
    }
}
