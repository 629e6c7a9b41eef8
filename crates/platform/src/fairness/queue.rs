//! Who is next in line. Pure: the time comes as an argument, in microseconds.
//!
//! Start-time fair queueing (Goyal, Vin and Cheng, "Start-time Fair Queuing", 1996) over resorts, for several places and work
//! whose cost is known only when it is done: a resort is charged what its kind of work usually takes when it is let in, and
//! the difference when it leaves. Within that the desk comes before lists and lists before reports, by a handicap that fades
//! with waiting, so that nobody waits for ever.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use super::Class;

/// How many may wait for one resort, and in all.
pub(super) const ROOM_OF_ONE: usize = 64;
const ROOM: usize = 1024;

/// When somebody has been waiting for this long without a break, and not for its own turn only, no more may wait than are served
/// in [`STANDING_WAIT`].
const STANDING: u64 = 1_000_000;
const STANDING_WAIT: f64 = 0.1;

/// Nor does anybody wait for longer than this when somebody has been waiting for so long.
const LONGEST_STANDING_WAIT: u64 = 750_000;

/// When nothing was finished for this long, it is not too much that is asked: all wait for something, such as a lock, and that
/// time does not count.
const STALL: u64 = 100_000;

/// For how long a resort that asked is counted among those who share the places: who comes back finds room.
const PRESENT: u64 = 1_000_000;

/// Whose requests take longer than this on average gets half of the places even when it is alone: what it holds cannot be taken
/// back when others come.
const SLOW: f64 = 250_000.0;

/// For how long a resort counts as flooding after it had to be refused: it would take whatever it is given. While others are
/// there it gets its part by weight, and beyond that only what nobody else is using, with rests in between.
const FLOODS: u64 = 1_000_000;

/// So many refusals a second are told at once. For each beyond that those that follow are told later by [`LATER`], up to
/// [`LATEST`].
const TOLD: f64 = 50.0;
const LATER: f64 = 10_000.0;
const LATEST: f64 = 3_000_000.0;

/// What a flooding resort may have saved up of its part.
const SAVED: f64 = 20_000.0;

/// How long it rests for what it took beyond: so many times as long at most. At first it does not: it gets what is idle, and
/// one that asks for no more than that is not refused again. For each second in which it is refused so much that it is told by
/// [`MUCH`] later it rests longer, else shorter, and what it was is remembered for a while, as those who are told later cannot ask.
const MOST_REST: f64 = 99.0;
const LONGEST_REST: f64 = 300_000.0;
const MUCH: f64 = 1_000_000.0;
const FORGIVEN: u64 = 5_000_000;

/// Of a flooding resort no more may wait than have been served within this long, or one.
const FLOOD_WAIT: f64 = 0.5;

/// For how long a resort is remembered that used more than others.
const REMEMBERED: u64 = 60_000_000;

/// How often the counts that change with time alone are made anew.
const SWEEP: u64 = 100_000;

/// What a class gives way, in service that others may have had before it, and how long it must wait until it gives way no more.
const HANDICAP: [f64; Class::COUNT] = [0.0, 20_000.0, 200_000.0];
const FADES: f64 = 500_000.0;

/// One that asks for a place.
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
    /// What it will take, as far as one knows.
    pub(super) cost: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    Admitted,
    /// It may wait.
    Waits,
    /// It would wait in vain; it may come back after so many seconds, and one of many hears so later.
    Refused {
        after: u32,
        later: u64,
    },
}

/// Who leaves the line, and whether with a place or because it is too late.
pub(super) struct Next<T> {
    pub(super) value: T,
    pub(super) ask: Ask,
    pub(super) is_admitted: bool,
}

struct Waiter<T> {
    ticket: u64,
    ask: Ask,
    /// For how long nothing had moved when it came.
    stalled: u64,
    value: T,
}

struct Flow<T> {
    weight: f64,
    taken: [u32; Class::COUNT],
    lines: [VecDeque<Waiter<T>>; Class::COUNT],
    /// The service it has had, by its weight.
    time: f64,
    /// What one of its requests takes.
    cost: f64,
    seen: u64,
    is_present: bool,
    /// When it was last refused for want of room, and how often beyond what is told at once.
    refused: Option<u64>,
    refusals: f64,
    /// While it floods: how it rests, as judged when.
    rest: f64,
    judged: u64,
    finished: u32,
    /// Its requests finished per second.
    rate: f64,
    /// Of its part by weight: what is left, and as of when.
    saved: f64,
    saved_at: u64,
    rests_until: u64,
}

impl<T> Flow<T> {
    fn waiting(&self) -> usize {
        self.lines.iter().map(VecDeque::len).sum()
    }

    fn taken(&self) -> u32 {
        self.taken.iter().sum()
    }

    fn floods(&self, now: u64) -> bool {
        self.refused.is_some_and(|refused| now.saturating_sub(refused) < FLOODS)
    }

    /// Was refused once more.
    fn refuse(&mut self, now: u64) {
        if self.refused.is_none_or(|refused| now.saturating_sub(refused) >= FORGIVEN) {
            (self.rest, self.judged) = (0.0, now);
        }
        if now.saturating_sub(self.judged) >= FLOODS {
            let is_much = self.refusals * LATER >= MUCH;
            let rest = if is_much { 10.0 * self.rest + 9.0 } else { (self.rest - 1.0) / 2.0 };
            (self.rest, self.judged) = (rest.clamp(0.0, MOST_REST), now);
        }
        self.refused = Some(now);
    }

    /// How many of its requests may wait.
    fn room(&self, now: u64) -> usize {
        let served = (self.rate * FLOOD_WAIT) as usize;
        if self.floods(now) { served.clamp(1, ROOM_OF_ONE) } else { ROOM_OF_ONE }
    }

    /// What is left of its part, which grows with so much of each microsecond.
    fn left(&self, now: u64, part: f64) -> f64 {
        (self.saved + now.saturating_sub(self.saved_at) as f64 * part).min(SAVED)
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
    /// Whether waiting is all right however long the line stands: then only its room and each one's own patience bound it.
    is_patient: bool,
    taken: [u32; Class::COUNT],
    waiting: [usize; Class::COUNT],
    flows: HashMap<Uuid, Flow<T>>,
    /// The resorts for which somebody waits.
    in_line: Vec<Uuid>,
    /// The virtual time: where the one stood who was let in last.
    time: f64,
    present_weight: f64,
    swept: u64,
    finished: u32,
    /// Requests finished per second.
    rate: f64,
    /// For how long places were held, and how much of all of them that is, up to 1.
    held: f64,
    used: f64,
    waiting_since: Option<u64>,
    /// Since when somebody waited and it was for want of places.
    crowded_since: Option<u64>,
    finished_at: u64,
    /// For how long nothing has moved while somebody waited, in all.
    stalled: u64,
    tickets: u64,
}

impl<T> Queue<T> {
    pub(super) fn new(places: u32) -> Self {
        Self {
            places,
            is_patient: false,
            taken: [0; Class::COUNT],
            waiting: [0; Class::COUNT],
            flows: HashMap::new(),
            in_line: Vec::new(),
            time: 0.0,
            present_weight: 0.0,
            swept: 0,
            finished: 0,
            rate: 0.0,
            held: 0.0,
            used: 1.0,
            waiting_since: None,
            crowded_since: None,
            finished_at: 0,
            stalled: 0,
            tickets: 0,
        }
    }

    /// A line in which waiting is all right.
    pub(super) fn patient(places: u32) -> Self {
        Self { is_patient: true, ..Self::new(places) }
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
        let Some(flow) = self.flows.get(&ask.flow) else { return Arrival::Waits };
        if self.may_enter(flow, ask.class, now) {
            self.admit(ask);
            return Arrival::Admitted;
        }
        self.judge(now, ask)
    }

    /// Whether one that has to wait may, without counting it as having come.
    pub(super) fn judge(&mut self, now: u64, ask: &Ask) -> Arrival {
        let Some(flow) = self.flows.get(&ask.flow) else { return Arrival::Waits };
        let (waiting, share) = (flow.waiting(), self.share(flow));
        let wait = flow.cost * (waiting + 1) as f64 / f64::from(share);
        let after = (wait / 1e6).ceil().clamp(1.0, 30.0) as u32;
        let is_full = waiting >= flow.room(now) || (self.is_full(now) && self.is_longest(flow));
        if is_full && flow.would_be_last(ask) {
            return Arrival::Refused { after, later: self.refuse(now, ask.flow) };
        }
        if wait > ask.until.saturating_sub(now) as f64 {
            return Arrival::Refused { after, later: 0 };
        }
        Arrival::Waits
    }

    /// Notes that one was refused; says how much later it is to hear so.
    fn refuse(&mut self, now: u64, flow: Uuid) -> u64 {
        let Some(flow) = self.flows.get_mut(&flow) else { return 0 };
        let told = flow.refused.map_or(0.0, |refused| now.saturating_sub(refused) as f64 * TOLD / 1e6);
        flow.refusals = (flow.refusals - told).clamp(0.0, LATEST / LATER) + 1.0;
        flow.refuse(now);
        ((flow.refusals - 1.0) * LATER) as u64
    }

    /// When the line is to be looked at again though nobody leaves a place before: to be asked after whoever joins or leaves.
    pub(super) fn wakes(&self) -> Option<u64> {
        let in_line = self.in_line.iter().filter_map(|id| self.flows.get(id));
        if self.is_idle() { in_line.map(|flow| flow.rests_until).min() } else { None }
    }

    /// Stands in line, after [`Self::arrive`] allowed it; says its ticket and who has to go instead when there was no room.
    pub(super) fn join(&mut self, now: u64, ask: Ask, value: T) -> (u64, Option<T>) {
        let gone = if self.flows.get(&ask.flow).is_some_and(|flow| flow.waiting() >= flow.room(now)) {
            self.drop_last(now, ask.flow)
        } else if self.is_full(now) {
            self.longest().and_then(|longest| self.drop_last(now, longest))
        } else {
            None
        };
        self.tickets += 1;
        let ticket = self.tickets;
        self.waiting_since.get_or_insert(now);
        self.crowded_since.get_or_insert(now);
        self.waiting[ask.class.index()] += 1;
        if let Some(flow) = self.flows.get_mut(&ask.flow) {
            if flow.waiting() == 0 {
                self.in_line.push(ask.flow);
            }
            let line = &mut flow.lines[ask.class.index()];
            let at = line.partition_point(|waiter| waiter.ask.since <= ask.since);
            line.insert(at, Waiter { ticket, ask, stalled: self.stalled, value });
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

    /// The next to leave the line, with a place or because it is too late; to be asked until there is none.
    pub(super) fn next(&mut self, now: u64) -> Option<Next<T>> {
        self.sweep(now);
        let mut best: Option<(f64, u64, Uuid, usize)> = None;
        for id in &self.in_line {
            let Some(flow) = self.flows.get(id) else { continue };
            for class in Class::ALL {
                let Some(head) = flow.lines[class.index()].front() else { continue };
                let is_late = self.is_late(now, head);
                if !is_late && !self.may_enter(flow, class, now) {
                    continue;
                }
                let waited = now.saturating_sub(head.ask.since) as f64;
                let handicap = HANDICAP[class.index()] * (1.0 - waited / FADES).max(0.0);
                let rank = if is_late { f64::NEG_INFINITY } else { flow.time + handicap };
                if best.is_none_or(|(least, since, ..)| (rank, head.ask.since) < (least, since)) {
                    best = Some((rank, head.ask.since, *id, class.index()));
                }
            }
        }
        let Some((.., id, class)) = best else {
            // Half is free, and whoever waits waits for its own turn.
            if 2 * self.taken() <= self.places && self.waits() > 0 {
                self.crowded_since = Some(now);
            }
            return None;
        };
        let waiter = self.flows.get_mut(&id)?.lines[class].pop_front()?;
        let is_admitted = !self.is_late(now, &waiter);
        let Waiter { ask, value, .. } = waiter;
        self.left(id, class);
        if is_admitted {
            self.admit(&ask);
        }
        Some(Next { value, ask, is_admitted })
    }

    /// Its place is free again, after `held`.
    pub(super) fn finish(&mut self, now: u64, ask: &Ask, held: u64) {
        self.moves(now);
        let held = held as f64;
        self.finished += 1;
        self.held += held;
        self.taken[ask.class.index()] -= 1;
        let part = self.flows.get(&ask.flow).map_or(0.0, |flow| self.claim(flow));
        let Some(flow) = self.flows.get_mut(&ask.flow) else { return };
        (flow.saved, flow.saved_at) = ((flow.left(now, part) - held).max(-SAVED), now);
        flow.rests_until = now + (held * flow.rest).min(LONGEST_REST) as u64;
        flow.taken[ask.class.index()] -= 1;
        flow.finished += 1;
        flow.time += (held - ask.cost) / flow.weight;
        flow.cost += (held - flow.cost) / 8.0;
        flow.seen = now;
    }

    /// Something moves; leaves out the time in which nothing did.
    fn moves(&mut self, now: u64) {
        let still = self.still(now);
        self.stalled += still;
        for since in [&mut self.waiting_since, &mut self.crowded_since].into_iter().flatten() {
            *since += still;
        }
        self.finished_at = now;
    }

    fn enter(&mut self, now: u64, ask: &Ask) {
        let flow = self.flows.entry(ask.flow).or_insert_with(|| Flow {
            weight: 0.0,
            taken: [0; Class::COUNT],
            lines: Default::default(),
            time: self.time,
            cost: ask.cost,
            seen: now,
            is_present: false,
            refused: None,
            refusals: 0.0,
            rest: 0.0,
            judged: now,
            finished: 0,
            rate: 0.0,
            saved: SAVED,
            saved_at: now,
            rests_until: now,
        });
        let weight = f64::from(ask.weight.max(1));
        let counted = if flow.is_present { flow.weight } else { 0.0 };
        self.present_weight += weight - counted;
        (flow.weight, flow.seen, flow.is_present) = (weight, now, true);
        // Who did not want its part has no claim to it later.
        if flow.waiting() == 0 {
            flow.time = flow.time.max(self.time);
        }
    }

    fn admit(&mut self, ask: &Ask) {
        self.taken[ask.class.index()] += 1;
        let Some(flow) = self.flows.get_mut(&ask.flow) else { return };
        flow.taken[ask.class.index()] += 1;
        self.time = self.time.max(flow.time);
        flow.time += ask.cost / flow.weight;
    }

    /// How many places a resort may hold: all when it is alone, or half when it is slow; else its part by weight, two at least
    /// where there are some and never the last one.
    fn share(&self, flow: &Flow<T>) -> u32 {
        if self.present_weight <= flow.weight {
            return if flow.cost > SLOW { (self.places / 2).max(1) } else { self.places };
        }
        let part = self.part(flow).ceil() as u32;
        part.max(if self.places < 4 { 1 } else { 2 }).min(self.places - 1).max(1)
    }

    /// Its part of what is in use: what is idle is nobody's claim.
    fn claim(&self, flow: &Flow<T>) -> f64 {
        self.part(flow) * self.used
    }

    /// Its part of the places by weight.
    fn part(&self, flow: &Flow<T>) -> f64 {
        f64::from(self.places) * flow.weight / self.present_weight.max(flow.weight)
    }

    /// Whether there is a place for it. One stays free for the desk, in all and of each resort's share; reports get half.
    fn may_enter(&self, flow: &Flow<T>, class: Class, now: u64) -> bool {
        if flow.floods(now) && self.present_weight > flow.weight {
            let nobody_wants_it = self.is_idle() && now >= flow.rests_until;
            if !nobody_wants_it && flow.left(now, self.claim(flow)) <= 0.0 {
                return false;
            }
        }
        let fits = |all: u32, taken: &[u32; Class::COUNT]| {
            let [_, lists, reports] = taken;
            taken.iter().sum::<u32>() < all
                && (class == Class::Desk || lists + reports < (all - 1).max(1))
                && (class != Class::Reports || *reports < (all / 2).max(1))
        };
        fits(self.places, &self.taken) && fits(self.share(flow), &flow.taken)
    }

    /// Whether hardly anything is under way.
    fn is_idle(&self) -> bool {
        self.taken() <= self.places / 8
    }

    /// Whether it has waited for too long.
    fn is_late(&self, now: u64, waiter: &Waiter<T>) -> bool {
        let waited = now.saturating_sub(waiter.ask.since + self.stalled - waiter.stalled);
        waiter.ask.until <= now || (self.is_standing(now) && waited > LONGEST_STANDING_WAIT)
    }

    /// Whether somebody has been waiting all the time.
    fn is_standing(&self, now: u64) -> bool {
        self.is_long(now, self.waiting_since)
    }

    fn is_long(&self, now: u64, since: Option<u64>) -> bool {
        !self.is_patient && since.is_some_and(|since| now.saturating_sub(since + self.still(now)) > STANDING)
    }

    /// For how long nothing has moved while somebody waited, up to this moment.
    fn still(&self, now: u64) -> u64 {
        let still = self.waiting_since.map_or(0, |since| now.saturating_sub(since.max(self.finished_at)));
        if still > STALL { still } else { 0 }
    }

    fn is_full(&self, now: u64) -> bool {
        let served = (self.rate * STANDING_WAIT) as usize;
        self.waits()
            >= if self.is_long(now, self.crowded_since) { served.clamp(ROOM_OF_ONE, ROOM) } else { ROOM }
    }

    /// The resort for which most wait.
    fn longest(&self) -> Option<Uuid> {
        self.in_line.iter().max_by_key(|id| self.flows.get(id).map(Flow::waiting)).copied()
    }

    /// Whether it would be, with one more.
    fn is_longest(&self, flow: &Flow<T>) -> bool {
        let longest = self.longest().and_then(|id| self.flows.get(&id));
        longest.is_none_or(|longest| flow.waiting() + 1 >= longest.waiting())
    }

    fn drop_last(&mut self, now: u64, id: Uuid) -> Option<T> {
        self.refuse(now, id);
        let flow = self.flows.get_mut(&id)?;
        let (class, _) = flow.last()?;
        let waiter = flow.lines[class].pop_back()?;
        self.left(id, class);
        Some(waiter.value)
    }

    /// One fewer waits.
    fn left(&mut self, id: Uuid, class: usize) {
        self.waiting[class] -= 1;
        if self.waits() == 0 {
            (self.waiting_since, self.crowded_since) = (None, None);
        }
        if self.flows.get(&id).is_some_and(|flow| flow.waiting() == 0) {
            self.in_line.retain(|other| *other != id);
        }
    }

    fn sweep(&mut self, now: u64) {
        let since = now.saturating_sub(self.swept);
        if since < SWEEP {
            return;
        }
        let weight = if since > 10 * SWEEP { 1.0 } else { 0.3 };
        let smooth = |rate: &mut f64, finished: u32| {
            *rate += (f64::from(finished) * 1e6 / since as f64 - *rate) * weight;
        };
        smooth(&mut self.rate, self.finished);
        let used = (self.held / (f64::from(self.places) * since as f64)).min(1.0);
        self.used += (used - self.used) * weight;
        self.held = 0.0;
        (self.swept, self.finished, self.present_weight) = (now, 0, 0.0);
        let time = self.time;
        self.flows.retain(|_, flow| {
            smooth(&mut flow.rate, std::mem::take(&mut flow.finished));
            let idle = now.saturating_sub(flow.seen);
            flow.is_present = flow.taken() > 0 || flow.waiting() > 0 || idle < PRESENT;
            if flow.is_present {
                self.present_weight += flow.weight;
            }
            flow.is_present || (flow.time > time && idle < REMEMBERED)
        });
    }
}

#[cfg(test)]
mod tests;
