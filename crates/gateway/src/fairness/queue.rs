//! Whose turn it is. Pure: the time comes as an argument, in microseconds.
//!
//! Start-time fair queueing (Goyal, Vin and Cheng, "Start-time Fair Queuing", 1996) over tenants, for several places and work
//! whose cost is known only when it is done: a tenant is charged what its requests usually take when one is let in, and the
//! difference when it leaves.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use super::class::Class;

/// How many requests may wait for one tenant, and in all.
pub(super) const ROOM_OF_ONE: usize = 64;
const ROOM: usize = 1024;

/// How long a tenant that asked is counted among those who share the places: who comes back finds room.
const PRESENT: u64 = 1_000_000;

/// By how much a class is placed behind the desk; waiting makes up for it, so that nobody waits for ever.
const HANDICAP: [u64; Class::COUNT] = [0, 50_000, 200_000];

/// A request for a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub(super) flow: Uuid,
    pub(super) weight: u32,
    pub(super) class: Class,
    /// The number of its route.
    pub(super) kind: usize,
    /// When its request arrived: one that waits a second time is not behind those who came later.
    pub(super) since: u64,
    pub(super) until: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Arrival {
    /// It has a place, for which its tenant was charged so much.
    Admitted { charged: f64 },
    /// It may wait.
    Waits,
    /// It would wait in vain; it may come back after so many seconds.
    Refused { after: u32 },
}

/// A request that waited and has a place now.
pub(super) struct Next<T> {
    pub(super) value: T,
    pub(super) ask: Ask,
    pub(super) charged: f64,
}

struct Waiter<T> {
    ticket: u64,
    ask: Ask,
    value: T,
}

struct Flow<T> {
    weight: f64,
    taken: u32,
    lines: [VecDeque<Waiter<T>>; Class::COUNT],
    /// The service it has had, by its weight.
    time: f64,
    /// What one of its requests takes.
    cost: f64,
    seen: u64,
}

impl<T> Flow<T> {
    fn waiting(&self) -> usize {
        self.lines.iter().map(VecDeque::len).sum()
    }

    /// The last of the lowest class: the one to go when one has to.
    fn last(&self) -> Option<(usize, &Waiter<T>)> {
        self.lines.iter().enumerate().rev().find_map(|(class, line)| Some((class, line.back()?)))
    }

    /// Whether one more would be the one to go.
    fn would_be_last(&self, ask: &Ask) -> bool {
        self.last().is_none_or(|(class, last)| (ask.class.index(), ask.since) >= (class, last.ask.since))
    }
}

pub(super) struct Queue<T> {
    places: u32,
    taken: [u32; Class::COUNT],
    waiting: [usize; Class::COUNT],
    flows: HashMap<Uuid, Flow<T>>,
    /// The tenants for which somebody waits.
    in_line: Vec<Uuid>,
    /// The virtual time: where the tenant stood that was let in last.
    time: f64,
    /// What a request takes, of whichever tenant.
    cost: f64,
    present_weight: f64,
    swept: u64,
    tickets: u64,
}

impl<T> Queue<T> {
    pub(super) fn new(places: u32) -> Self {
        let (taken, waiting, flows, in_line, tickets) = Default::default();
        let (time, cost, present_weight, swept) = (0.0, 0.0, 0.0, 0);
        Self { places, taken, waiting, flows, in_line, time, cost, present_weight, swept, tickets }
    }

    pub(super) fn places(&self) -> u32 {
        self.places
    }

    /// From here on there are so many.
    pub(super) fn set_places(&mut self, places: u32) {
        self.places = places;
    }

    pub(super) fn taken(&self) -> u32 {
        self.taken.iter().sum()
    }

    pub(super) fn waiting(&self) -> [usize; Class::COUNT] {
        self.waiting
    }

    fn waits(&self) -> usize {
        self.waiting.iter().sum()
    }

    /// Lets it in when a place is free for it; else says whether it may [`Self::join`].
    pub(super) fn arrive(&mut self, now: u64, ask: &Ask) -> Arrival {
        self.sweep(now);
        self.enter(now, ask);
        match self.flows.get(&ask.flow) {
            Some(flow) if self.may_enter(flow, ask.class) => Arrival::Admitted { charged: self.admit(ask) },
            _ => self.judge(now, ask),
        }
    }

    /// Whether one that has to wait may.
    pub(super) fn judge(&self, now: u64, ask: &Ask) -> Arrival {
        let Some(flow) = self.flows.get(&ask.flow) else { return Arrival::Waits };
        let waiting = flow.waiting();
        let wait = flow.cost * (waiting + 1) as f64 / f64::from(self.share(flow));
        let is_full = waiting >= ROOM_OF_ONE || (self.waits() >= ROOM && self.is_longest(flow));
        if (is_full && flow.would_be_last(ask)) || wait > ask.until.saturating_sub(now) as f64 {
            return Arrival::Refused { after: (wait / 1e6).ceil().clamp(1.0, 30.0) as u32 };
        }
        Arrival::Waits
    }

    /// Stands in line, after [`Self::arrive`] allowed it; says its ticket and who has to go instead when there was no room.
    pub(super) fn join(&mut self, ask: Ask, value: T) -> (u64, Option<T>) {
        let is_own_full = self.flows.get(&ask.flow).is_some_and(|flow| flow.waiting() >= ROOM_OF_ONE);
        let full = if is_own_full { Some(ask.flow) } else { self.longest().filter(|_| self.waits() >= ROOM) };
        let gone = full.and_then(|flow| self.drop_last(flow));
        self.tickets += 1;
        let ticket = self.tickets;
        self.waiting[ask.class.index()] += 1;
        if let Some(flow) = self.flows.get_mut(&ask.flow) {
            if flow.waiting() == 0 {
                self.in_line.push(ask.flow);
            }
            let line = &mut flow.lines[ask.class.index()];
            let at = line.partition_point(|waiter| waiter.ask.since <= ask.since);
            line.insert(at, Waiter { ticket, ask, value });
        }
        (ticket, gone)
    }

    /// Whoever waits no longer leaves the line.
    pub(super) fn leave(&mut self, flow: Uuid, class: Class, ticket: u64) -> Option<T> {
        let line = &mut self.flows.get_mut(&flow)?.lines[class.index()];
        let at = line.iter().position(|waiter| waiter.ticket == ticket)?;
        let waiter = line.remove(at)?;
        self.left(flow, class.index());
        Some(waiter.value)
    }

    /// The next to get a place; to be asked until there is none.
    pub(super) fn next(&mut self, now: u64) -> Option<Next<T>> {
        self.sweep(now);
        let mut best: Option<(f64, u64, Uuid, usize)> = None;
        for id in &self.in_line {
            let Some(flow) = self.flows.get(id) else { continue };
            for class in Class::ALL {
                let Some(head) = flow.lines[class.index()].front() else { continue };
                if !self.may_enter(flow, class) {
                    continue;
                }
                let waited = now.saturating_sub(head.ask.since);
                let rank = flow.time + HANDICAP[class.index()].saturating_sub(waited) as f64;
                if best.is_none_or(|(least, since, ..)| (rank, head.ask.since) < (least, since)) {
                    best = Some((rank, head.ask.since, *id, class.index()));
                }
            }
        }
        let (.., id, class) = best?;
        let Waiter { ask, value, .. } = self.flows.get_mut(&id)?.lines[class].pop_front()?;
        self.left(id, class);
        Some(Next { value, ask, charged: self.admit(&ask) })
    }

    /// Its place is free again, after `held`.
    pub(super) fn finish(&mut self, now: u64, ask: &Ask, charged: f64, held: u64) {
        let held = held as f64;
        self.taken[ask.class.index()] -= 1;
        self.cost += (held - self.cost) / 8.0;
        let Some(flow) = self.flows.get_mut(&ask.flow) else { return };
        flow.taken -= 1;
        flow.time += (held - charged) / flow.weight;
        flow.cost += (held - flow.cost) / 8.0;
        flow.seen = now;
    }

    fn enter(&mut self, now: u64, ask: &Ask) {
        let weight = f64::from(ask.weight.max(1));
        let (lines, time, cost) = (Default::default(), self.time, self.cost);
        let flow = self.flows.entry(ask.flow).or_insert(Flow {
            weight: 0.0,
            taken: 0,
            lines,
            time,
            cost,
            seen: now,
        });
        self.present_weight += weight - flow.weight;
        (flow.weight, flow.seen) = (weight, now);
        // Who did not want its part has no claim to it later.
        if flow.waiting() == 0 {
            flow.time = flow.time.max(self.time);
        }
    }

    fn admit(&mut self, ask: &Ask) -> f64 {
        self.taken[ask.class.index()] += 1;
        let Some(flow) = self.flows.get_mut(&ask.flow) else { return 0.0 };
        flow.taken += 1;
        self.time = self.time.max(flow.time);
        flow.time += flow.cost / flow.weight;
        flow.cost
    }

    /// How many places a tenant may hold: its part by weight among those who are there, two at least, so that one that is slow does
    /// not keep all else of a small tenant waiting; and never the last quarter, as what it holds cannot be taken back when others
    /// come.
    fn share(&self, flow: &Flow<T>) -> u32 {
        let part = f64::from(self.places) * flow.weight / self.present_weight.max(flow.weight);
        (part.ceil() as u32).max(2).min(self.places - self.places / 4).max(1)
    }

    /// Whether there is a place for it. One stays free for the desk; reports get half.
    fn may_enter(&self, flow: &Flow<T>, class: Class) -> bool {
        let [_, lists, reports] = self.taken;
        self.taken() < self.places
            && flow.taken < self.share(flow)
            && (class == Class::Desk || lists + reports < (self.places - 1).max(1))
            && (class != Class::Reports || reports < (self.places / 2).max(1))
    }

    /// The tenant for which most wait.
    fn longest(&self) -> Option<Uuid> {
        self.in_line.iter().max_by_key(|id| self.flows.get(id).map(Flow::waiting)).copied()
    }

    /// Whether it would be, with one more.
    fn is_longest(&self, flow: &Flow<T>) -> bool {
        let longest = self.longest().and_then(|id| self.flows.get(&id));
        longest.is_none_or(|longest| flow.waiting() + 1 >= longest.waiting())
    }

    fn drop_last(&mut self, id: Uuid) -> Option<T> {
        let flow = self.flows.get_mut(&id)?;
        let (class, _) = flow.last()?;
        let waiter = flow.lines[class].pop_back()?;
        self.left(id, class);
        Some(waiter.value)
    }

    /// One fewer waits.
    fn left(&mut self, id: Uuid, class: usize) {
        self.waiting[class] -= 1;
        if self.flows.get(&id).is_some_and(|flow| flow.waiting() == 0) {
            self.in_line.retain(|other| *other != id);
        }
    }

    /// Forgets who has not asked for a while.
    fn sweep(&mut self, now: u64) {
        if now.saturating_sub(self.swept) < PRESENT / 10 {
            return;
        }
        self.swept = now;
        self.flows.retain(|_, flow| {
            flow.taken > 0 || flow.waiting() > 0 || now.saturating_sub(flow.seen) < PRESENT
        });
        self.present_weight = self.flows.values().map(|flow| flow.weight).sum();
    }
}

#[cfg(test)]
mod tests;
