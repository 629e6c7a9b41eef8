//! A resort's stays and visits: some sixty days back, in house now, and the weeks ahead. They are laid day by day, so
//! that a kennel, a pet and a daily capacity are never promised twice.

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use uuid::Uuid;

use super::calendar::Calendar;
use super::dice::Dice;
use super::guests::{FIRST_DAY, Family, Guest, LAST_DAY};
use super::prices::{self, BATH, CONDO, DAYCARE, GROOM, Priced, RUN, SUITE, TRAINING};
use super::rows::{AddOn, Kennel, KennelClosure, Reservation, ReservationLine, ReservationStep, Service};
use super::words;

/// What the stays are laid into.
pub(super) struct House<'a> {
    /// How many customers it has, which says how busy it is.
    pub(super) size: i32,
    pub(super) kennels: &'a [Kennel],
    pub(super) closures: &'a [KennelClosure],
    pub(super) services: &'a [Service],
    pub(super) add_ons: &'a [AddOn],
    pub(super) desk: Vec<Uuid>,
}

#[derive(Default)]
pub(super) struct Stays {
    pub(super) reservations: Vec<Reservation>,
    pub(super) lines: Vec<ReservationLine>,
    pub(super) steps: Vec<ReservationStep>,
    /// What ended and is to be billed.
    pub(super) ended: Vec<Ended>,
}

/// A booking whose pets went home, for its bill.
pub(super) struct Ended {
    pub(super) customer: Uuid,
    pub(super) day: i32,
    pub(super) at: Timestamp,
    /// Places in [`Stays::reservations`], each with the pet's name.
    pub(super) reservations: Vec<(usize, &'static str)>,
}

pub(super) fn stays(dice: &mut Dice, calendar: &Calendar, house: &House, families: Vec<Family>) -> Stays {
    let mut planner =
        Planner { dice, calendar, house, families, rooms: rooms(calendar, house), stays: Stays::default() };
    for day in FIRST_DAY..=LAST_DAY {
        planner.boarding(day);
        planner.daycare(day);
        planner.session(day, BATH, 4);
        planner.session(day, GROOM, 3);
        planner.session(day, TRAINING, 2);
    }
    planner.stays
}

/// A kennel as the planner fills it: with one family at a time.
struct Room {
    kennel: Uuid,
    kind: &'static str,
    capacity: usize,
    free: i32,
    closed: Option<(i32, i32)>,
}

fn rooms(calendar: &Calendar, house: &House) -> Vec<Room> {
    let closed = |kennel: Uuid| {
        let closure = house.closures.iter().find(|closure| closure.kennel_id == kennel)?;
        Some((calendar.day(closure.starts_on), calendar.day(closure.ends_on)))
    };
    let room = |kennel: &Kennel| Room {
        kennel: kennel.id,
        kind: kennel.kind,
        capacity: usize::try_from(kennel.capacity).unwrap_or(0),
        free: FIRST_DAY,
        closed: closed(kennel.id),
    };
    house.kennels.iter().map(room).collect()
}

struct Planner<'a> {
    dice: &'a mut Dice,
    calendar: &'a Calendar,
    house: &'a House<'a>,
    families: Vec<Family>,
    rooms: Vec<Room>,
    stays: Stays,
}

/// What the pets of one family book together.
struct Booking {
    family: usize,
    from: i32,
    out: i32,
    arrival: i32,
    departure: i32,
    status: &'static str,
}

impl Planner<'_> {
    /// Families that arrive to stay overnight, most on Friday and Sunday, fewer booked the further ahead.
    fn boarding(&mut self, day: i32) {
        let rush = match self.calendar.weekday(day) {
            Weekday::Friday => 200,
            Weekday::Sunday => 155,
            Weekday::Thursday => 105,
            Weekday::Saturday | Weekday::Wednesday => 75,
            Weekday::Monday => 65,
            Weekday::Tuesday => 55,
        };
        let arrivals = self.house.size * 13 * rush / 107 * booked_ahead(day) / 100;
        for _ in 0..self.dice.about(arrivals) {
            let nights = self.dice.weigh(&[
                (15, 1),
                (24, 2),
                (20, 3),
                (13, 4),
                (8, 5),
                (5, 6),
                (7, 7),
                (3, 8),
                (2, 9),
                (3, 10),
            ]);
            let Some(family) = self.find_family(day, day + nights, |_| true) else { continue };
            let guests = self.party(family, day, day + nights);
            let status = self.status(day, day + nights);
            let booking = Booking {
                family,
                from: day,
                out: day + nights,
                arrival: self.dice.range(30, 70) * 15,
                departure: self.dice.range(32, 68) * 15,
                status,
            };
            let rooms = self.take_rooms(&guests, &booking);
            if !rooms.is_empty() {
                self.book(&booking, &rooms);
            }
        }
    }

    /// Dogs of the day group: the regulars on their weekdays, and others while there is room. Closed at weekends.
    fn daycare(&mut self, day: i32) {
        let weekday = self.calendar.weekday(day).to_monday_zero_offset();
        let Ok(weekday @ 0..=4) = usize::try_from(weekday) else { return };
        let capacity = self.house.service(DAYCARE).daily_capacity.unwrap_or(0);
        let share = self.dice.range(60, 100);
        let wanted = self.dice.about(self.house.size * share / 4 * booked_ahead(day) / 100).min(capacity);
        let wanted = usize::try_from(wanted).unwrap_or(0);
        let mut coming: Vec<(usize, usize)> = Vec::new();
        for (family, guest, regular) in self.regulars() {
            if regular[weekday] && self.dice.percent(92) && self.guest(family, guest).may_stay(day, day + 1) {
                coming.push((family, guest));
            }
        }
        while coming.len() < wanted {
            let Some(family) = self.find_family(day, day + 1, |guest| !guest.cat) else { break };
            let guests = &self.families[family].guests;
            let guest = guests.iter().position(|guest| !guest.cat && guest.may_stay(day, day + 1));
            if let Some(guest) = guest.filter(|guest| !coming.contains(&(family, *guest))) {
                coming.push((family, guest));
            } else if self.dice.percent(20) {
                break;
            }
        }
        for (family, guest) in coming.into_iter().take(wanted) {
            let (arrival, departure) = (self.dice.range(28, 38) * 15, self.dice.range(62, 74) * 15);
            let status = self.status(day, day);
            let booking = Booking { family, from: day, out: day, arrival, departure, status };
            self.book(&booking, &[Place { guest, service: DAYCARE, kennel: None }]);
        }
    }

    /// Grooming and training, Tuesday to Saturday: `share` visits a day for every thousand customers.
    fn session(&mut self, day: i32, service: &'static str, share: i32) {
        if matches!(self.calendar.weekday(day), Weekday::Sunday | Weekday::Monday) {
            return;
        }
        let offer = self.house.service(service);
        let (capacity, minutes) = (offer.daily_capacity.unwrap_or(0), offer.duration_minutes.unwrap_or(60));
        let visits = self.dice.about(self.house.size * share * booked_ahead(day) / 100).min(capacity);
        for _ in 0..visits {
            let suits = |guest: &Guest| !guest.cat && guest.regular.is_none();
            let Some(family) = self.find_family(day, day + 1, suits) else { continue };
            let guests = &self.families[family].guests;
            let found = guests.iter().position(|guest| suits(guest) && guest.may_stay(day, day + 1));
            let Some(guest) = found else { continue };
            let arrival = self.dice.range(34, 60) * 15;
            let status = self.status(day, day);
            let booking =
                Booking { family, from: day, out: day, arrival, departure: arrival + minutes, status };
            self.book(&booking, &[Place { guest, service, kennel: None }]);
        }
    }

    fn guest(&self, family: usize, guest: usize) -> &Guest {
        &self.families[family].guests[guest]
    }

    fn regulars(&self) -> Vec<(usize, usize, [bool; 5])> {
        let of = |(family, all): (usize, &Family)| {
            let guests = all.guests.iter().enumerate();
            guests.filter_map(|(guest, is)| Some((family, guest, is.regular?))).collect::<Vec<_>>()
        };
        self.families.iter().enumerate().flat_map(of).collect()
    }

    /// A family by chance of which a pet that suits may stay.
    fn find_family(&mut self, from: i32, until: i32, suits: impl Fn(&Guest) -> bool) -> Option<usize> {
        if self.families.is_empty() {
            return None;
        }
        (0..12).find_map(|_| {
            let family = self.dice.index(self.families.len());
            let mut guests = self.families[family].guests.iter();
            guests.any(|guest| suits(guest) && guest.may_stay(from, until)).then_some(family)
        })
    }

    /// Who of the family comes along: mostly all who may.
    fn party(&mut self, family: usize, from: i32, until: i32) -> Vec<usize> {
        let guests = self.families[family].guests.iter().enumerate();
        let mut party: Vec<_> =
            guests.filter(|(_, guest)| guest.may_stay(from, until)).map(|(place, _)| place).collect();
        if self.dice.percent(25) {
            party.truncate(1);
        }
        party
    }

    /// The family's dogs share a kennel that fits them, or some stay at home; so do its cats.
    fn take_rooms(&mut self, guests: &[usize], booking: &Booking) -> Vec<Place> {
        let (cats, dogs): (Vec<usize>, Vec<usize>) =
            guests.iter().copied().partition(|guest| self.guest(booking.family, *guest).cat);
        let suite = self.dice.percent(22);
        let kinds: &[(&str, &'static str)] =
            if suite { &[("SUITE", SUITE), ("RUN", RUN)] } else { &[("RUN", RUN), ("SUITE", SUITE)] };
        let mut places = Vec::new();
        for (guests, kinds) in [(&dogs, kinds), (&cats, &[("CONDO", CONDO)])] {
            let most = guests.len();
            let wanted = (1..=most).rev().flat_map(|count| kinds.iter().map(move |kind| (count, kind)));
            for (count, (kind, service)) in wanted {
                if let Some(kennel) = self.take_room(kind, count, booking) {
                    let slots = guests.iter().take(count).zip(1..);
                    places.extend(slots.map(|(guest, slot)| Place {
                        guest: *guest,
                        service,
                        kennel: Some((kennel, slot)),
                    }));
                    break;
                }
            }
        }
        places
    }

    /// The smallest free kennel that fits, of these the one that stood empty longest.
    fn take_room(&mut self, kind: &str, count: usize, booking: &Booking) -> Option<Uuid> {
        let (from, out) = (booking.from, booking.out);
        let open = |room: &&mut Room| room.closed.is_none_or(|(start, end)| out <= start || end <= from);
        let fits = |room: &&mut Room| room.kind == kind && room.capacity >= count && room.free <= from;
        let room =
            self.rooms.iter_mut().filter(fits).filter(open).min_by_key(|room| (room.capacity, room.free))?;
        if booking.comes() {
            room.free = out;
        }
        Some(room.kennel)
    }

    /// What became of a stay, or will.
    fn status(&mut self, from: i32, out: i32) -> &'static str {
        let visit = from == out;
        let weights: &[(i32, &'static str)] = match (from, out) {
            (_, ..0) => &[(91, "COMPLETED"), (6, "CANCELLED"), (3, "NO_SHOW")],
            (..0, 0) => &[(55, "CHECKED_IN"), (14, "CHECKED_OUT"), (31, "COMPLETED")],
            (..0, _) => &[(93, "CHECKED_IN"), (5, "CANCELLED"), (2, "NO_SHOW")],
            (0, _) if visit => &[
                (45, "CHECKED_IN"),
                (38, "CONFIRMED"),
                (5, "CHECKED_OUT"),
                (8, "COMPLETED"),
                (4, "CANCELLED"),
            ],
            (0, _) => &[(45, "CHECKED_IN"), (50, "CONFIRMED"), (5, "CANCELLED")],
            _ => &[(78, "CONFIRMED"), (16, "PENDING"), (6, "CANCELLED")],
        };
        self.dice.weigh(weights)
    }

    fn book(&mut self, booking: &Booking, places: &[Place]) {
        let (dice, calendar, house) = (&mut *self.dice, self.calendar, self.house);
        let family = &mut self.families[booking.family];
        let known = places.iter().map(|place| family.guests[place.guest].known).max().unwrap_or(FIRST_DAY);
        let (verbs, mut times) = history(dice, calendar, booking, known + 1);
        calendar.settle(&mut times);
        let booking_id = dice.id(times[0]);
        let desk: Vec<_> = verbs.iter().map(|_| dice.pick(&house.desk)).collect();
        let (created_at, updated_at) = (times[0], times[times.len() - 1]);
        let notes = dice.percent(8).then(|| dice.pick(&words::STAY_NOTES));
        let mut booked = Vec::new();
        for place in places {
            let guest = &mut family.guests[place.guest];
            let service = house.service(place.service);
            let held = booking.out + i32::from(service.unit != "NIGHT");
            if booking.comes() {
                guest.free = held;
            }
            let id = dice.id(created_at);
            let stay = Priced {
                reservation_id: id,
                at: created_at,
                service,
                days: held - booking.from,
                cat: guest.cat,
                medicated: guest.medicated,
            };
            let mut lines = prices::lines(dice, house.add_ons, &stay);
            let holds = matches!(booking.status, "PENDING" | "CONFIRMED" | "CHECKED_IN");
            booked.push((self.stays.reservations.len(), guest.name));
            self.stays.reservations.push(Reservation {
                id,
                booking_id,
                customer_id: family.customer,
                pet_id: guest.pet,
                service_id: service.id,
                kennel_id: place.kennel.map(|(kennel, _)| kennel),
                kennel_slot: place.kennel.filter(|_| holds).map(|(_, slot)| slot),
                check_in_date: calendar.date(booking.from),
                check_out_date: calendar.date(booking.out),
                held_until: calendar.date(held),
                arrival_time: time(booking.arrival),
                departure_time: time(booking.departure),
                status: booking.status,
                notes,
                total_cents: lines.iter().map(|line| line.amount_cents).sum(),
                invoice_id: None,
                version: i32::try_from(times.len()).unwrap_or(1),
                created_at,
                updated_at,
            });
            self.stays.lines.append(&mut lines);
            for (position, (index, (verb, from_status, to_status))) in
                (1..).zip(verbs.iter().copied().enumerate())
            {
                let at = times[index + 1];
                self.stays.steps.push(ReservationStep {
                    id: dice.id(at),
                    reservation_id: id,
                    position,
                    verb,
                    from_status,
                    to_status,
                    reason: (verb == "cancel").then(|| dice.pick(&REASONS)),
                    staff_id: desk[index],
                    created_at: at,
                });
            }
        }
        if booking.status == "COMPLETED" {
            let customer = family.customer;
            self.stays.ended.push(Ended { customer, day: booking.out, at: updated_at, reservations: booked });
        }
    }
}

/// A guest's place in a booking.
struct Place {
    guest: usize,
    service: &'static str,
    kennel: Option<(Uuid, i32)>,
}

const REASONS: [&str; 5] = [
    "Trip was cancelled",
    "Pet is ill",
    "Family found a sitter",
    "Booked twice by mistake",
    "Moved to another week",
];

/// A day's share, in per cent, of what is booked in the end.
fn booked_ahead(day: i32) -> i32 {
    if day <= 0 { 100 } else { 100 - day * 13 / 10 }
}

impl Booking {
    /// Whether the pets are expected, here, or were here.
    fn comes(&self) -> bool {
        !matches!(self.status, "CANCELLED" | "NO_SHOW")
    }
}

impl Guest {
    fn may_stay(&self, from: i32, until: i32) -> bool {
        self.free <= from && self.known < from && self.covered.0 <= from && until <= self.covered.1
    }
}

impl House<'_> {
    fn service(&self, name: &str) -> &Service {
        &self.services[self.services.iter().position(|service| service.name == name).unwrap_or(0)]
    }
}

/// A step of a stay: the verb, the status before, the status after.
type Step = (&'static str, &'static str, &'static str);

/// The steps to where a booking stands, and when it was made and each was taken.
fn history(
    dice: &mut Dice,
    calendar: &Calendar,
    booking: &Booking,
    earliest: i32,
) -> (Vec<Step>, Vec<Timestamp>) {
    const CONFIRM: Step = ("confirm", "PENDING", "CONFIRMED");
    const CHECK_IN: Step = ("check-in", "CONFIRMED", "CHECKED_IN");
    const CHECK_OUT: Step = ("check-out", "CHECKED_IN", "CHECKED_OUT");
    const COMPLETE: Step = ("complete", "CHECKED_OUT", "COMPLETED");
    let steps = match booking.status {
        "CONFIRMED" => vec![CONFIRM],
        "CHECKED_IN" => vec![CONFIRM, CHECK_IN],
        "CHECKED_OUT" => vec![CONFIRM, CHECK_IN, CHECK_OUT],
        "COMPLETED" => vec![CONFIRM, CHECK_IN, CHECK_OUT, COMPLETE],
        "NO_SHOW" => vec![CONFIRM, ("no-show", "CONFIRMED", "NO_SHOW")],
        "CANCELLED" if dice.percent(30) => vec![("cancel", "PENDING", "CANCELLED")],
        "CANCELLED" => vec![CONFIRM, ("cancel", "CONFIRMED", "CANCELLED")],
        _ => vec![],
    };
    let made = booking.from.min(0) - dice.weigh(&[(40, 5), (35, 15), (25, 40)]);
    let made = dice.range(made, booking.from.min(0) - 1).max(earliest).min(booking.from);
    let minute = dice.range(8 * 60, 17 * 60);
    let mut times = vec![calendar.at(made, minute)];
    for (verb, _, _) in &steps {
        times.push(match *verb {
            "confirm" => calendar.at(made, minute + dice.range(4, 50)),
            "check-in" => calendar.at(booking.from, booking.arrival + dice.range(-8, 12)),
            "check-out" => calendar.at(booking.out, booking.departure + dice.range(-20, 10)),
            "complete" => calendar.at(booking.out, booking.departure + dice.range(11, 18)),
            "no-show" => calendar.at(booking.from, 19 * 60 + dice.range(0, 30)),
            _ => {
                calendar.at(dice.range(made, booking.from.min(0) - 1).max(made), 17 * 60 + dice.range(51, 90))
            }
        });
    }
    (steps, times)
}

fn time(minute: i32) -> Time {
    Time::midnight().wrapping_add(jiff::SignedDuration::from_mins(minute.into()))
}
