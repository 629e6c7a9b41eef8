//! A line in a world of its own: work that takes as long as it is told, and time that passes when something is done.

use std::collections::BTreeMap;

use super::*;
use proptest::prelude::*;

const FOREVER: u64 = u64::MAX;

fn id(number: usize) -> Uuid {
    Uuid::from_u128(number as u128 + 1)
}

fn ask(flow: usize, weight: u32, class: Class, since: u64) -> Ask {
    Ask { flow: id(flow), weight, class, kind: 0, since, until: FOREVER }
}

/// A machine that works off a line: what is under way, by when it will be done.
struct World {
    queue: Queue<u64>,
    now: u64,
    under_way: BTreeMap<(u64, u64), (Ask, u64, f64)>,
    number: u64,
    /// By resort: the service it had.
    served: HashMap<Uuid, u64>,
    /// In the order in which they got a place: the ask, when, and what it was to take.
    admitted: Vec<(Ask, u64)>,
}

impl World {
    fn new(places: u32) -> Self {
        let (under_way, served, admitted) = Default::default();
        Self { queue: Queue::new(places), now: 0, under_way, number: 0, served, admitted }
    }

    /// One comes and stays that long; its ticket when it waits.
    fn come(&mut self, ask: Ask, takes: u64) -> Option<u64> {
        match self.queue.arrive(self.now, &ask) {
            Arrival::Admitted { charged } => self.begin(ask, takes, charged),
            Arrival::Waits => return Some(self.queue.join(ask, takes).0),
            Arrival::Refused { .. } => {}
        }
        None
    }

    fn begin(&mut self, ask: Ask, takes: u64, charged: f64) {
        self.number += 1;
        self.under_way.insert((self.now + takes, self.number), (ask, takes, charged));
        self.admitted.push((ask, self.now));
        assert!(self.queue.taken() <= self.queue.places());
    }

    /// The next that is done, and whoever follows it.
    fn step(&mut self) -> Option<Ask> {
        let ((now, _), (ask, takes, charged)) = self.under_way.pop_first()?;
        self.now = now;
        *self.served.entry(ask.flow).or_default() += takes;
        self.queue.finish(now, &ask, charged, takes);
        self.serve();
        Some(ask)
    }

    fn serve(&mut self) {
        while let Some(next) = self.queue.next(self.now) {
            self.begin(next.ask, next.value, next.charged);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Resorts that always want more: each gets its ideal share by weight, but for what a few requests take.
    #[test]
    fn each_has_its_ideal_share(
        weights in prop::collection::vec(prop::sample::select(vec![1u32, 2, 4, 8]), 2..6),
        places in 2u32..12,
        costs in prop::collection::vec(100u64..5_000, 32..64),
    ) {
        let sum: u32 = weights.iter().sum();
        // The last quarter of the places is nobody's share.
        prop_assume!(weights.iter().all(|weight| weight * places <= sum * (places - places / 4)));
        let mut world = World::new(places);
        let mut costs = costs.into_iter().cycle();
        for _ in 0..20 {
            for (flow, weight) in weights.iter().enumerate() {
                world.come(ask(flow, *weight, Class::Desk, world.now), costs.next().unwrap());
            }
        }
        while world.now < 2_000_000 {
            let done = world.step().unwrap();
            world.come(Ask { since: world.now, ..done }, costs.next().unwrap());
        }
        let all: u64 = world.served.values().sum();
        for (flow, weight) in weights.iter().enumerate() {
            let ideal = all as f64 * f64::from(*weight) / f64::from(sum);
            let had = world.served[&id(flow)] as f64;
            // At any moment each resort may have twice its places' worth too much under way, and the rest made up for.
            let slack = 5_000.0 * f64::from(places + 2) * 4.0;
            prop_assert!((had - ideal).abs() <= slack, "{had} for {ideal} of {all}, weights {weights:?}");
        }
    }

    /// One floods with slow work; another asks now and then, and waits for no more than what is under way.
    #[test]
    fn who_asks_less_than_its_share_does_not_notice(
        places in 4u32..12, gaps in prop::collection::vec(2_000u64..50_000, 50..100), slow in 1_000u64..20_000,
    ) {
        let mut world = World::new(places);
        world.come(ask(1, 1, Class::Desk, 0), 500);
        for _ in 0..ROOM_OF_ONE {
            world.come(ask(0, 8, Class::Desk, 0), slow);
        }
        for gap in gaps {
            let due = world.now + gap;
            while world.under_way.first_key_value().is_some_and(|((done, _), _)| *done <= due) {
                let done = world.step().unwrap();
                if done.flow == id(0) {
                    world.come(Ask { since: world.now, ..done }, slow);
                }
            }
            world.now = due;
            prop_assert_eq!(world.come(ask(1, 1, Class::Desk, due), 500), None, "it had to wait");
        }
    }

    /// One floods among others that want all they can get: it has its ideal share, too.
    #[test]
    fn who_floods_has_its_share(
        weight in prop::sample::select(vec![1u32, 2, 8]), places in 4u32..12, takes in 500u64..5_000,
    ) {
        let mut world = World::new(places);
        while world.now < 1_000_000 {
            for flow in 1..4 {
                let waiting = world.queue.flows.get(&id(flow)).map_or(0, Flow::waiting);
                for _ in waiting..4 {
                    world.come(ask(flow, weight, Class::Desk, world.now), takes);
                }
            }
            for _ in 0..3 {
                world.come(ask(0, weight, Class::Desk, world.now), takes);
            }
            world.step();
        }
        let all: u64 = world.served.values().sum();
        let ratio = world.served[&id(0)] as f64 * 4.0 / all as f64;
        prop_assert!((0.9..1.1).contains(&ratio), "{ratio}");
    }

    /// However much of the desk's work comes, a list and a report get their turn.
    #[test]
    fn no_waiter_starves(places in 1u32..8, takes in 500u64..20_000, class in prop::sample::select(vec![Class::Lists, Class::Reports])) {
        let mut world = World::new(places);
        for _ in 0..50 {
            world.come(ask(0, 1, Class::Desk, 0), takes);
        }
        world.come(ask(0, 1, class, 0), takes);
        let is_served = |world: &World| world.admitted.iter().any(|(ask, _)| ask.class == class);
        while !is_served(&world) {
            let done = world.step().unwrap();
            world.come(Ask { since: world.now, ..done }, takes);
            prop_assert!(world.now < 2 * HANDICAP[2] + 100 * takes, "it starves");
        }
    }

    /// Whoever leaves is gone at once, and the others are served as if it had never come.
    #[test]
    fn who_leaves_the_line_is_gone(count in 2usize..60, leaving in prop::collection::vec(any::<prop::sample::Index>(), 1..20)) {
        let mut world = World::new(1);
        world.come(ask(0, 1, Class::Desk, 0), 1000);
        let mut tickets: Vec<(usize, u64)> = (0..count)
            .filter_map(|number| Some((number, world.come(ask(number % 3, 1, Class::Desk, number as u64), number as u64)?)))
            .collect();
        for index in leaving {
            if tickets.is_empty() {
                break;
            }
            let (number, ticket) = tickets.remove(index.index(tickets.len()));
            prop_assert_eq!(world.queue.leave(id(number % 3), Class::Desk, ticket), Some(number as u64));
            prop_assert_eq!(world.queue.leave(id(number % 3), Class::Desk, ticket), None);
            prop_assert_eq!(world.queue.waits(), tickets.len());
        }
        while world.step().is_some() {}
        prop_assert_eq!(world.admitted.len(), 1 + tickets.len());
        prop_assert_eq!((world.queue.taken(), world.queue.waits()), (0, 0));
    }

    /// Whatever comes and goes: no bound is passed, and in the end all is free.
    #[test]
    fn bounds_hold(
        places in 1u32..10,
        events in prop::collection::vec((0..30usize, 0..3usize, 0u64..3_000, 1u64..30_000, 0u64..2_000), 1..1500),
    ) {
        let mut world = World::new(places);
        for (flow, class, gap, takes, patience) in events {
            let due = world.now + gap;
            while world.under_way.first_key_value().is_some_and(|((done, _), _)| *done <= due) {
                world.step();
            }
            world.now = due;
            world.come(Ask { until: due + patience, ..ask(flow, 1, Class::ALL[class], due) }, takes);
            prop_assert!(world.queue.waits() <= ROOM);
            prop_assert!(world.queue.flows.values().all(|flow| flow.waiting() <= ROOM_OF_ONE));
        }
        while world.step().is_some() {}
        prop_assert_eq!((world.queue.taken(), world.queue.waits(), world.queue.in_line.len()), (0, 0, 0));
    }
}

#[test]
fn slow_work_of_one_leaves_places_for_the_others() {
    let mut world = World::new(8);
    world.come(ask(1, 1, Class::Desk, 0), 1);
    world.step();
    for class in [Class::Reports, Class::Lists].into_iter().cycle().take(20) {
        world.come(ask(0, 1, class, world.now), 1_000_000);
    }
    assert_eq!(world.queue.taken(), 4, "half of the places are its share");
    for _ in 0..4 {
        assert_eq!(world.come(ask(1, 1, Class::Desk, world.now), 1_000_000), None);
    }
    assert_eq!(world.queue.taken(), 8);
}

#[test]
fn one_alone_leaves_a_quarter_of_the_places_to_whoever_may_come_and_one_of_all_is_the_desks() {
    let mut world = World::new(8);
    for _ in 0..20 {
        world.come(ask(0, 1, Class::Lists, 0), 1000);
    }
    assert_eq!(world.queue.taken(), 6);
    for _ in 0..2 {
        world.come(ask(1, 1, Class::Lists, 0), 1000);
    }
    assert_eq!(world.queue.taken(), 7);
    assert_eq!(world.come(ask(1, 1, Class::Desk, 0), 1000), None);
}

#[test]
fn the_desk_comes_before_lists_and_lists_before_reports() {
    let mut world = World::new(1);
    world.come(ask(0, 1, Class::Desk, 0), 100);
    for (number, class) in [Class::Reports, Class::Lists, Class::Desk].into_iter().enumerate() {
        world.come(ask(number + 1, 1, class, 0), 100);
    }
    while world.step().is_some() {}
    let order: Vec<Class> = world.admitted.iter().map(|(ask, _)| ask.class).collect();
    assert_eq!(order, [Class::Desk, Class::Desk, Class::Lists, Class::Reports]);
}

#[test]
fn when_there_is_no_room_the_last_of_the_longest_line_goes() {
    let mut world = World::new(1);
    world.come(ask(0, 1, Class::Desk, 0), 1000);
    for number in 0..ROOM_OF_ONE as u64 {
        assert!(world.come(ask(0, 1, Class::Lists, number), 1000).is_some());
    }
    assert!(matches!(world.queue.arrive(0, &ask(0, 1, Class::Lists, 100)), Arrival::Refused { .. }));
    let desk = ask(0, 1, Class::Desk, 100);
    assert_eq!(world.queue.arrive(0, &desk), Arrival::Waits);
    assert_eq!(world.queue.join(desk, 1).1, Some(1000), "the latest list made room for it");
    // One that waits for the second time was there before those who came meanwhile.
    let again = ask(0, 1, Class::Lists, 3);
    assert_eq!(world.queue.arrive(0, &again), Arrival::Waits);
    for flow in 1..=ROOM / ROOM_OF_ONE {
        for _ in 0..ROOM_OF_ONE - 1 {
            world.come(ask(flow, 1, Class::Desk, 200), 1000);
        }
    }
    assert_eq!(world.queue.waits(), ROOM);
    let newcomer = ask(100, 1, Class::Reports, 300);
    assert_eq!(world.queue.arrive(0, &newcomer), Arrival::Waits);
    assert!(world.queue.join(newcomer, 1).1.is_some());
    assert_eq!(world.queue.waits(), ROOM);
}

#[test]
fn who_waits_while_all_wait_for_a_lock_is_served_when_they_have_it() {
    let mut world = World::new(2);
    for number in 0..200 {
        world.now = number as u64 * 20_000;
        world.come(ask(number, 1, Class::Desk, world.now), if number < 2 { 5_000_000 } else { 1000 });
    }
    while world.step().is_some() {}
    assert_eq!(world.admitted.len(), 200);
}

#[test]
fn who_would_wait_too_long_hears_so_at_once() {
    let mut world = World::new(1);
    for since in 0..24 {
        world.come(ask(0, 1, Class::Desk, since), 3_000_000);
        world.step();
    }
    for since in 24..27 {
        world.come(ask(0, 1, Class::Desk, since), 3_000_000);
    }
    let late = Ask { until: world.now + 7_000_000, ..ask(0, 1, Class::Desk, 30) };
    assert_eq!(world.queue.arrive(world.now, &late), Arrival::Refused { after: 9 });
    let patient = Ask { until: world.now + 10_000_000, ..late };
    assert_eq!(world.queue.arrive(world.now, &patient), Arrival::Waits);
}
