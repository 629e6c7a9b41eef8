//! The kennels that a request may put guests into.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use platform::db::Scope;
use platform::id::Id;
use platform::problem::{Problem, Result};
use queries::queries::reservations as sql;
use uuid::Uuid;

use super::placement::{self, Hold};
use crate::features::kennels::Kennel;

/// Locked, with who holds their places.
pub(super) struct Places {
    kennels: Vec<sql::Place>,
    /// By kennel: those who hold a place on the days in question, with those this request put there.
    holds: BTreeMap<Uuid, Vec<Hold>>,
    closed: Vec<(Uuid, Range<Date>)>,
    /// A stay that leaves its place, if that is why others are looked at.
    left_out: Option<Uuid>,
    placed: BTreeMap<Uuid, (Uuid, i32)>,
    moves: BTreeMap<Uuid, i32>,
}

impl Places {
    /// Locks the kennels that are named, and every active one where a guest names none.
    pub(super) async fn lock(scope: &Scope, named: &[Id<Kennel>], some_unnamed: bool) -> Result<Self> {
        let (tenant, ids) = (&scope.tenant.id, named.iter().map(|id| id.uuid()).collect::<Vec<_>>());
        let mut kennels = Vec::new();
        if some_unnamed {
            kennels = sql::lock_active_kennels().bind(scope, tenant, &ids).all().await?;
        } else if !ids.is_empty() {
            kennels = sql::lock_kennels().bind(scope, tenant, &ids).all().await?;
        }
        kennels.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self {
            kennels,
            holds: BTreeMap::new(),
            closed: Vec::new(),
            left_out: None,
            placed: BTreeMap::new(),
            moves: BTreeMap::new(),
        })
    }

    /// Reads who holds places of the kennels on `days`, and which are closed.
    pub(super) async fn load(&mut self, scope: &Scope, days: &Range<Date>) -> Result<()> {
        let tenant = &scope.tenant.id;
        let ids: Vec<Uuid> = self.kennels.iter().map(|kennel| kennel.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let (holds, closures) = (sql::holds(), sql::closures());
        let (holds, closures) = tokio::try_join!(
            holds.bind(scope, tenant, &ids, &days.end, &days.start).all(),
            closures.bind(scope, tenant, &ids, &days.end, &days.start).all()
        )?;
        for row in holds {
            self.holds.entry(row.kennel_id).or_default().push(hold(&row));
        }
        self.closed = closures.iter().map(|row| (row.kennel_id, row.starts_on..row.ends_on)).collect();
        Ok(())
    }

    /// Leaves a stay out of account: it is the one that moves.
    pub(super) fn forget(&mut self, stay: Uuid) {
        self.left_out = Some(stay);
        for holds in self.holds.values_mut() {
            holds.retain(|hold| hold.id != stay);
        }
    }

    /// A place for `stay` on `days`: in `kennel`, or in whichever has room.
    pub(super) async fn put(
        &mut self,
        scope: &Scope,
        stay: Uuid,
        kennel: Option<Id<Kennel>>,
        days: &Range<Date>,
    ) -> Result<(Uuid, i32)> {
        let open = |place: &&sql::Place| {
            let closed =
                self.closed.iter().any(|(id, closed)| *id == place.id && placement::meet(closed, days));
            place.is_active && !closed
        };
        let candidates: Vec<(Uuid, i32)> = match kennel {
            None => self.kennels.iter().filter(open).map(|place| (place.id, place.capacity)).collect(),
            Some(kennel) => {
                let place = self.kennels.iter().find(|place| place.id == kennel.uuid());
                let place = place.ok_or_else(|| Problem::invalid("kennelId", "there is no such kennel"))?;
                self.must_be_usable(place, days)?;
                vec![(place.id, place.capacity)]
            }
        };
        for (id, capacity) in &candidates {
            let holds = self.holds.entry(*id).or_default();
            if let Some(slot) = placement::free_slot(*capacity, holds, days) {
                holds.push(Hold { id: stay, slot, days: days.clone() });
                self.placed.insert(stay, (*id, slot));
                return Ok((*id, slot));
            }
        }
        for (id, capacity) in &candidates {
            let holds = self.holds.entry(*id).or_default();
            if placement::first_full_day(*capacity, holds, days).is_none() {
                return self.squeeze_in(scope, stay, *id, *capacity, days).await;
            }
        }
        Err(self.full(&candidates, kennel, days))
    }

    fn must_be_usable(&self, place: &sql::Place, days: &Range<Date>) -> Result<()> {
        if !place.is_active {
            return Err(Problem::conflict(format!("{} is archived: choose another kennel", place.name)));
        }
        match self.closed.iter().find(|(id, closed)| *id == place.id && placement::meet(closed, days)) {
            None => Ok(()),
            Some((_, closed)) => Err(Problem::conflict(format!(
                "{} is out of service from {} to {}",
                place.name, closed.start, closed.end
            ))),
        }
    }

    /// There is room on each day, and no one place is free on all: others of this kennel change theirs.
    async fn squeeze_in(
        &mut self,
        scope: &Scope,
        stay: Uuid,
        kennel: Uuid,
        capacity: i32,
        days: &Range<Date>,
    ) -> Result<(Uuid, i32)> {
        let ours: Vec<Hold> = self.holds.get(&kennel).into_iter().flatten().cloned().collect();
        let (first, last) = (Date::constant(1, 1, 1), Date::constant(2300, 1, 1));
        let rows =
            sql::holds().bind(scope, &scope.tenant.id, &[kennel].as_slice(), &last, &first).all().await?;
        let ids: Vec<Uuid> = ours.iter().map(|hold| hold.id).collect();
        let rest =
            rows.iter().map(hold).filter(|hold| !ids.contains(&hold.id) && Some(hold.id) != self.left_out);
        let all: Vec<Hold> = ours.into_iter().chain(rest).collect();
        let (slot, moves) = placement::repack(capacity, &all, days)
            .ok_or_else(|| Problem::internal("a kennel with room on every day could not be repacked"))?;
        let holds = self.holds.entry(kennel).or_default();
        for (id, slot) in moves {
            holds.iter_mut().filter(|hold| hold.id == id).for_each(|hold| hold.slot = slot);
            match self.placed.get_mut(&id) {
                Some(placed) => placed.1 = slot,
                None => {
                    self.moves.insert(id, slot);
                }
            }
        }
        holds.push(Hold { id: stay, slot, days: days.clone() });
        self.placed.insert(stay, (kennel, slot));
        Ok((kennel, slot))
    }

    fn full(&self, candidates: &[(Uuid, i32)], kennel: Option<Id<Kennel>>, days: &Range<Date>) -> Problem {
        let Some(kennel) = kennel else {
            return Problem::conflict(format!("no kennel is free from {} to {}", days.start, days.end));
        };
        let name = self
            .kennels
            .iter()
            .find(|place| place.id == kennel.uuid())
            .map_or("", |place| place.name.as_str());
        let holds = self.holds.get(&kennel.uuid()).map_or(&[][..], Vec::as_slice);
        let capacity = candidates.first().map_or(0, |(_, capacity)| *capacity);
        let day = placement::first_full_day(capacity, holds, days).unwrap_or(days.start);
        let until = holds.iter().filter(|hold| hold.days.contains(&day)).map(|hold| hold.days.end).min();
        Problem::conflict(format!("{name} is taken from {day} to {}", until.unwrap_or(days.end)))
    }

    /// Tells the database who changed places. The constraint is looked at when all is done, at the commit.
    pub(super) async fn move_others(&self, scope: &Scope) -> Result<()> {
        if self.moves.is_empty() {
            return Ok(());
        }
        let (ids, slots): (Vec<Uuid>, Vec<i32>) = self.moves.iter().unzip();
        sql::defer_places().bind(scope).await?;
        sql::move_slots().bind(scope, &slots, &ids, &scope.tenant.id).await?;
        Ok(())
    }

    pub(super) fn of(&self, stay: Uuid) -> Option<(Uuid, i32)> {
        self.placed.get(&stay).copied()
    }
}

fn hold(row: &sql::Hold) -> Hold {
    Hold { id: row.id, slot: row.kennel_slot, days: row.check_in_date..row.held_until }
}
