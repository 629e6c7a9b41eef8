//! The kennels that a request may put guests into.

use std::ops::Range;

use base::id::Id;
use base::problem::{Problem, Result};
use gateway::doors::Scope;
use jiff::civil::Date;
use queries::client::Params;
use queries::queries::reservations as sql;
use uuid::Uuid;

use super::placement::{self, Board, Hold, Search};
use crate::features::kennels::Kennel;

/// Locked, with who holds their places.
pub(super) struct Places {
    kennels: Vec<sql::Place>,
    board: Board,
    closed: Vec<(Uuid, Range<Date>)>,
}

impl Places {
    /// Locks the kennels that are named, and every active one where a guest names none. See `locks` for what comes before
    /// and after.
    pub(super) async fn lock(scope: &Scope, named: &[Id<Kennel>], some_unnamed: bool) -> Result<Self> {
        let (tenant, ids) = (&scope.tenant.id, named.iter().map(|id| id.uuid()).collect::<Vec<_>>());
        let mut kennels = Vec::new();
        if some_unnamed {
            kennels = sql::lock_active_kennels()
                .params(scope, &sql::LockActiveKennelsParams { tenant_id: *tenant, ids: &ids })
                .all()
                .await?;
        } else if !ids.is_empty() {
            kennels = sql::lock_kennels()
                .params(scope, &sql::LockKennelsParams { tenant_id: *tenant, ids: &ids })
                .all()
                .await?;
        }
        kennels.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { kennels, board: Board::default(), closed: Vec::new() })
    }

    /// Reads who holds places of the kennels on `days`, and which are closed. A stay that moves is left out.
    pub(super) async fn load(
        &mut self,
        scope: &Scope,
        days: &Range<Date>,
        left_out: Option<Uuid>,
    ) -> Result<()> {
        let tenant_id = scope.tenant.id;
        let ids: Vec<Uuid> = self.kennels.iter().map(|kennel| kennel.id).collect();
        self.board = Board::leaving_out(left_out);
        if ids.is_empty() {
            return Ok(());
        }
        let (holds, closures) = (sql::holds(), sql::closures());
        let (holds, closures) = tokio::try_join!(
            holds.bind(scope, &tenant_id, &ids, &days.end, &days.start).all(),
            closures.bind(scope, &tenant_id, &ids, &days.end, &days.start).all()
        )?;
        for row in holds {
            self.board.load(row.kennel_id, [hold(&row)]);
        }
        self.closed = closures.iter().map(|row| (row.kennel_id, row.starts_on..row.ends_on)).collect();
        Ok(())
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
        let mut search = self.board.put(stay, &candidates, days);
        while let Search::Incomplete(kennel) = search {
            let (first, last) = (Date::constant(1, 1, 1), Date::constant(2300, 1, 1));
            let ids = [kennel];
            let rows = sql::holds()
                .params(
                    scope,
                    &sql::HoldsParams {
                        tenant_id: scope.tenant.id,
                        kennel_ids: ids.as_slice(),
                        until: last,
                        from: first,
                    },
                )
                .all()
                .await?;
            self.board.complete(kennel, rows.iter().map(hold));
            search = self.board.put(stay, &candidates, days);
        }
        match search {
            Search::Found(kennel, slot) => Ok((kennel, slot)),
            _ => Err(self.full(&candidates, kennel, days)),
        }
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

    fn full(&self, candidates: &[(Uuid, i32)], kennel: Option<Id<Kennel>>, days: &Range<Date>) -> Problem {
        let Some(kennel) = kennel else {
            return Problem::conflict(format!("no kennel is free from {} to {}", days.start, days.end));
        };
        let name = self
            .kennels
            .iter()
            .find(|place| place.id == kennel.uuid())
            .map_or("", |place| place.name.as_str());
        let holds = self.board.holds(kennel.uuid());
        let capacity = candidates.first().map_or(0, |(_, capacity)| *capacity);
        let day = placement::first_full_day(capacity, holds, days).unwrap_or(days.start);
        let until = holds.iter().filter(|hold| hold.days.contains(&day)).map(|hold| hold.days.end).min();
        Problem::conflict(format!("{name} is taken from {day} to {}", until.unwrap_or(days.end)))
    }

    /// Tells the database who changed places. The constraint is looked at when all is done, at the commit.
    pub(super) async fn move_others(&self, scope: &Scope) -> Result<()> {
        let (ids, slots) = self.board.moves();
        if ids.is_empty() {
            return Ok(());
        }
        sql::defer_places().bind(scope).await?;
        sql::move_slots()
            .params(scope, &sql::MoveSlotsParams { slots: &slots, ids: &ids, tenant_id: scope.tenant.id })
            .await?;
        Ok(())
    }

    pub(super) fn of(&self, stay: Uuid) -> Option<(Uuid, i32)> {
        self.board.of(stay)
    }
}

fn hold(row: &sql::Hold) -> Hold {
    Hold { id: row.id, slot: row.kennel_slot, days: row.check_in_date..row.held_until }
}
