//! Which place of a kennel a stay gets. Places are alike: when none is free over all of a stay, others change theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use uuid::Uuid;

/// A stay that holds a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) id: Uuid,
    /// From 1 to the kennel's capacity.
    pub(super) slot: i32,
    pub(super) days: Range<Date>,
}

/// Half-open days meet when they share a day; a guest who leaves makes room for one who comes that day.
pub(super) fn meet(one: &Range<Date>, other: &Range<Date>) -> bool {
    one.start < other.end && other.start < one.end
}

/// A place that is free on every day of `wanted` as things stand.
pub(super) fn free_slot(capacity: i32, holds: &[Hold], wanted: &Range<Date>) -> Option<i32> {
    (1..=capacity).find(|slot| !holds.iter().any(|hold| hold.slot == *slot && meet(&hold.days, wanted)))
}

/// The first day of `wanted` on which every place is held.
pub(super) fn first_full_day(capacity: i32, holds: &[Hold], wanted: &Range<Date>) -> Option<Date> {
    // The number of guests only rises when one comes.
    let arrivals = holds.iter().map(|hold| hold.days.start).filter(|day| wanted.contains(day));
    let mut days: Vec<Date> = arrivals.chain([wanted.start]).collect();
    days.sort_unstable();
    let held = |day: &Date| holds.iter().filter(|hold| hold.days.contains(day)).count();
    days.into_iter().find(|day| i32::try_from(held(day)).is_ok_and(|held| held >= capacity))
}

/// Places for `wanted` and every hold of the kennel, when there is room on each day: the new stay's, and those that
/// change. Taking the stays by arrival and giving each the first free place never needs more places than there are guests
/// at once.
pub(super) fn repack(capacity: i32, holds: &[Hold], wanted: &Range<Date>) -> Option<(i32, Vec<(Uuid, i32)>)> {
    let mut stays: Vec<(&Range<Date>, Option<&Hold>)> =
        holds.iter().map(|hold| (&hold.days, Some(hold))).collect();
    stays.push((wanted, None));
    stays.sort_by_key(|(days, hold)| (days.start, hold.map(|hold| hold.id)));
    let mut free_from = vec![Date::MIN; usize::try_from(capacity).ok()?];
    let (mut new_slot, mut moves) = (None, Vec::new());
    for (days, hold) in stays {
        let place = free_from.iter().position(|free| *free <= days.start)?;
        free_from[place] = days.end;
        let slot = i32::try_from(place + 1).ok()?;
        match hold {
            None => new_slot = Some(slot),
            Some(hold) if hold.slot != slot => moves.push((hold.id, slot)),
            Some(_) => {}
        }
    }
    new_slot.map(|slot| (slot, moves))
}

/// The order in which the pets of a booking are placed: those that name no kennel take what the others leave.
pub(super) fn named_first(names_a_kennel: bool) -> bool {
    !names_a_kennel
}

/// The places of some kennels: who holds them, and what a request changes about that.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// By kennel. Each stay is read once; what happens to it afterwards happens here.
    holds: BTreeMap<Uuid, Vec<Hold>>,
    /// The kennels of which the holds on every day are known.
    complete: BTreeSet<Uuid>,
    /// A stay that leaves its place, if that is why others are looked at.
    left_out: Option<Uuid>,
    placed: BTreeMap<Uuid, (Uuid, i32)>,
    moves: BTreeMap<Uuid, i32>,
}

/// What came of looking for a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Search {
    Found(Uuid, i32),
    /// This kennel has room on each day, but no one place on all: others must move, so all that it holds must be known.
    Incomplete(Uuid),
    Full,
}

impl Board {
    pub(super) fn leaving_out(stay: Option<Uuid>) -> Self {
        Self { left_out: stay, ..Self::default() }
    }

    /// Adds what the database says of a kennel; a stay that is known already stays as it is.
    pub(super) fn load(&mut self, kennel: Uuid, holds: impl IntoIterator<Item = Hold>) {
        let known = self.holds.entry(kennel).or_default();
        for hold in holds {
            if Some(hold.id) != self.left_out && !known.iter().any(|other| other.id == hold.id) {
                known.push(hold);
            }
        }
    }

    /// The same with all that a kennel holds, on whatever days.
    pub(super) fn complete(&mut self, kennel: Uuid, holds: impl IntoIterator<Item = Hold>) {
        self.load(kennel, holds);
        self.complete.insert(kennel);
    }

    pub(super) fn holds(&self, kennel: Uuid) -> &[Hold] {
        self.holds.get(&kennel).map_or(&[], Vec::as_slice)
    }

    /// Looks for a place for `stay` on `days` in kennels of some capacity, first where nobody has to move.
    pub(super) fn put(&mut self, stay: Uuid, kennels: &[(Uuid, i32)], days: &Range<Date>) -> Search {
        for (kennel, capacity) in kennels {
            if let Some(slot) = free_slot(*capacity, self.holds(*kennel), days) {
                return self.place(stay, *kennel, slot, days);
            }
        }
        for (kennel, capacity) in kennels {
            if first_full_day(*capacity, self.holds(*kennel), days).is_some() {
                continue;
            }
            if !self.complete.contains(kennel) {
                return Search::Incomplete(*kennel);
            }
            if let Some((slot, moves)) = repack(*capacity, self.holds(*kennel), days) {
                self.shift(*kennel, moves);
                return self.place(stay, *kennel, slot, days);
            }
        }
        Search::Full
    }

    fn place(&mut self, stay: Uuid, kennel: Uuid, slot: i32, days: &Range<Date>) -> Search {
        self.holds.entry(kennel).or_default().push(Hold { id: stay, slot, days: days.clone() });
        self.placed.insert(stay, (kennel, slot));
        Search::Found(kennel, slot)
    }

    fn shift(&mut self, kennel: Uuid, moves: Vec<(Uuid, i32)>) {
        for (id, slot) in moves {
            let holds = self.holds.entry(kennel).or_default();
            holds.iter_mut().filter(|hold| hold.id == id).for_each(|hold| hold.slot = slot);
            match self.placed.get_mut(&id) {
                Some(placed) => placed.1 = slot,
                None => {
                    self.moves.insert(id, slot);
                }
            }
        }
    }

    /// The kennel and the place that this request found for `stay`.
    pub(super) fn of(&self, stay: Uuid) -> Option<(Uuid, i32)> {
        self.placed.get(&stay).copied()
    }

    /// The stays of others that change their place, with the new one.
    pub(super) fn moves(&self) -> (Vec<Uuid>, Vec<i32>) {
        self.moves.iter().unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use proptest::prelude::*;

    fn days(start: i32, length: i32) -> Range<Date> {
        let day = |number: i32| Date::constant(2026, 1, 1).checked_add(number.days()).unwrap();
        day(start)..day(start + length)
    }

    /// Holds as bookings one after the other would leave them.
    fn booked(capacity: i32, stays: &[(i32, i32)]) -> Vec<Hold> {
        let mut holds: Vec<Hold> = Vec::new();
        for (number, (start, length)) in stays.iter().enumerate() {
            let wanted = days(*start, *length);
            if let Some(slot) = free_slot(capacity, &holds, &wanted) {
                holds.push(Hold { id: Uuid::from_u128(number as u128), slot, days: wanted });
            }
        }
        holds
    }

    fn stays() -> impl Strategy<Value = Vec<(i32, i32)>> {
        prop::collection::vec((0..30i32, 1..8i32), 0..40)
    }

    proptest! {
        #[test]
        fn a_place_is_found_exactly_when_every_day_has_room(
            capacity in 1..5i32, stays in stays(), start in 0..30i32, length in 1..10i32,
        ) {
            let holds = booked(capacity, &stays);
            let wanted = days(start, length);
            let crowded = (start..start + length).map(|day| days(day, 1).start).find(|day| {
                holds.iter().filter(|hold| hold.days.contains(day)).count() as i32 >= capacity
            });
            prop_assert_eq!(first_full_day(capacity, &holds, &wanted), crowded);
            let packed = repack(capacity, &holds, &wanted);
            prop_assert_eq!(packed.is_some(), crowded.is_none());
            if let Some((slot, moves)) = packed {
                let mut after = holds.clone();
                for (id, slot) in moves {
                    after.iter_mut().filter(|hold| hold.id == id).for_each(|hold| hold.slot = slot);
                }
                after.push(Hold { id: Uuid::max(), slot, days: wanted });
                for (index, one) in after.iter().enumerate() {
                    prop_assert!((1..=capacity).contains(&one.slot));
                    for other in &after[index + 1..] {
                        prop_assert!(one.slot != other.slot || !meet(&one.days, &other.days));
                    }
                }
            }
        }

        #[test]
        fn half_open_stays_meet_when_they_share_a_day(a in 0..20i32, m in 1..6i32, b in 0..20i32, n in 1..6i32) {
            let shared = (a..a + m).any(|day| (b..b + n).contains(&day));
            prop_assert_eq!(meet(&days(a, m), &days(b, n)), shared);
            prop_assert_eq!(meet(&days(b, n), &days(a, m)), shared);
        }
    }

    #[test]
    fn a_kennel_turns_over_on_the_same_day() {
        let holds = booked(1, &[(0, 3)]);
        assert_eq!(free_slot(1, &holds, &days(3, 2)), Some(1));
        assert_eq!(free_slot(1, &holds, &days(2, 2)), None);
    }

    const FIRST_KENNEL: u128 = 1000;
    const FIRST_PET: u128 = 2000;

    /// Whether stays fit into `capacity` places, by trying every place for each.
    fn fit(capacity: i32, stays: &[Range<Date>], taken: &mut Vec<(i32, Range<Date>)>) -> bool {
        let Some((stay, rest)) = stays.split_first() else { return true };
        (1..=capacity).any(|slot| {
            if taken.iter().any(|(other, days)| *other == slot && meet(days, stay)) {
                return false;
            }
            taken.push((slot, stay.clone()));
            let fits = fit(capacity, rest, taken);
            taken.pop();
            fits
        })
    }

    /// Whether the pets fit, by trying every kennel for each that names none.
    fn all_fit(kennels: &[(i32, Vec<Hold>)], pets: &[Option<usize>], days: &Range<Date>) -> bool {
        fn choose(
            kennels: &[(i32, Vec<Hold>)],
            pets: &[Option<usize>],
            days: &Range<Date>,
            guests: &mut Vec<usize>,
        ) -> bool {
            let Some((pet, rest)) = pets.split_first() else {
                return kennels.iter().zip(&*guests).all(|((capacity, holds), guests)| {
                    let stays = holds.iter().map(|hold| hold.days.clone());
                    let stays: Vec<_> = stays.chain(std::iter::repeat_n(days.clone(), *guests)).collect();
                    fit(*capacity, &stays, &mut Vec::new())
                });
            };
            let choices = pet.map_or(0..kennels.len(), |kennel| kennel..kennel + 1);
            choices.into_iter().any(|kennel| {
                guests[kennel] += 1;
                let fits = choose(kennels, rest, days, guests);
                guests[kennel] -= 1;
                fits
            })
        }
        choose(kennels, pets, days, &mut vec![0; kennels.len()])
    }

    /// Kennels as bookings one after the other would leave them, the places in any order.
    fn kennel() -> impl Strategy<Value = (i32, Vec<Hold>)> {
        let stays = prop::collection::vec((0..12i32, 1..6i32, 0..3i32), 0..9);
        (1..4i32, stays).prop_map(|(capacity, stays)| {
            let mut holds: Vec<Hold> = Vec::new();
            for (start, length, first) in stays {
                let wanted = days(start, length);
                let mut slots = (0..capacity).map(|slot| (slot + first) % capacity + 1);
                let free =
                    |slot: &i32| !holds.iter().any(|hold| hold.slot == *slot && meet(&hold.days, &wanted));
                if let Some(slot) = slots.find(free) {
                    holds.push(Hold { id: Uuid::nil(), slot, days: wanted });
                }
            }
            (capacity, holds)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_booking_is_taken_exactly_when_its_pets_fit_in_some_way(
            kennels in prop::collection::vec(kennel(), 1..4),
            wishes in prop::collection::vec(prop::option::of(0..4usize), 1..5),
            start in 0..14i32,
            length in 1..8i32,
        ) {
            let mut kennels = kennels;
            let ids = kennels.iter_mut().flat_map(|(_, holds)| holds);
            ids.zip(0..).for_each(|(hold, number)| hold.id = Uuid::from_u128(number));
            let pets: Vec<_> = wishes.iter().map(|wish| wish.map(|kennel| kennel % kennels.len())).collect();
            let wanted = days(start, length);
            let id = |kennel: usize| Uuid::from_u128(FIRST_KENNEL + kennel as u128);
            let mut board = Board::default();
            for (index, (_, holds)) in kennels.iter().enumerate() {
                board.load(id(index), holds.iter().filter(|hold| meet(&hold.days, &wanted)).cloned());
            }
            let all: Vec<_> = kennels.iter().enumerate().map(|(index, (capacity, _))| (id(index), *capacity)).collect();
            let mut seats: Vec<_> = pets.iter().zip(FIRST_PET..).collect();
            seats.sort_by_key(|(wish, _)| named_first(wish.is_some()));
            let taken = seats.iter().all(|(wish, pet)| {
                let candidates = wish.map_or(all.clone(), |kennel| vec![all[kennel]]);
                loop {
                    match board.put(Uuid::from_u128(*pet), &candidates, &wanted) {
                        Search::Found(..) => return true,
                        Search::Full => return false,
                        Search::Incomplete(kennel) => {
                            let index = (kennel.as_u128() - FIRST_KENNEL) as usize;
                            board.complete(kennel, kennels[index].1.clone());
                        }
                    }
                }
            });
            prop_assert_eq!(taken, all_fit(&kennels, &pets, &wanted));
            if !taken {
                return Ok(());
            }
            // What the database would hold afterwards: its rows, with the moves, and the new stays.
            let (moved, slots) = board.moves();
            for (index, (capacity, holds)) in kennels.iter().enumerate() {
                let mut after = holds.clone();
                for hold in &mut after {
                    if let Some(place) = moved.iter().position(|id| *id == hold.id) {
                        hold.slot = slots[place];
                    }
                }
                for pet in FIRST_PET..FIRST_PET + pets.len() as u128 {
                    let pet = Uuid::from_u128(pet);
                    let (kennel, slot) = board.of(pet).unwrap();
                    if kennel == id(index) {
                        after.push(Hold { id: pet, slot, days: wanted.clone() });
                    }
                }
                for (place, one) in after.iter().enumerate() {
                    prop_assert!((1..=*capacity).contains(&one.slot));
                    for other in &after[place + 1..] {
                        prop_assert!(one.slot != other.slot || !meet(&one.days, &other.days));
                    }
                }
            }
        }
    }
}
