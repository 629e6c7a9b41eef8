//! Which place of a kennel a stay gets. Places are alike: when none is free over all of a stay, others change theirs.

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
}
