//! What must hold for every resort of the demo, on any day.

use std::collections::{HashMap, HashSet};

use crate::config;
use base::clock;
use base::money::tax_cents;
use base::tenant::{Status, Tier};
use gateway::identity::Role;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use crate::features::kennels::Kind;
use crate::features::pets::{Sex, Species};
use crate::features::services::{AddOnUnit, Unit};
use crate::features::vaccinations::{Category, Enforcement};

use super::resort::{Resort, resort, subdomain};
use super::rows::{Reservation, Service};
use super::{SEED, is_demo, welcome};

/// Resorts of each size, zone and tier, on days of both offsets, a leap day's neighbours and the turn of a year.
fn sample() -> impl Iterator<Item = (Resort, Date, Timestamp)> {
    let moments =
        ["2026-11-24T05:30:00Z", "2026-03-08T20:00:00Z", "2027-01-01T00:30:00Z", "2028-02-29T12:00:00Z"];
    let cases = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 13), (1, 40), (2, 87), (3, 100), (0, 10_000)];
    cases.into_iter().map(move |(moment, number)| {
        let now: Timestamp = moments[moment].parse().unwrap();
        let resort = resort(SEED, number, now, "hash");
        let zone = TimeZone::get(resort.tenant.timezone).unwrap();
        (resort, clock::today(&zone, now), now)
    })
}

fn comes(stay: &Reservation) -> bool {
    !matches!(stay.status, "CANCELLED" | "NO_SHOW")
}

fn nights(from: Date, to: Date) -> i32 {
    from.until(to).unwrap().get_days()
}

fn service<'a>(resort: &'a Resort, stay: &Reservation) -> &'a Service {
    resort.services.iter().find(|service| service.id == stay.service_id).unwrap()
}

#[test]
fn the_same_seed_number_and_moment_make_the_same_rows() {
    let now: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
    let seventh = resort(SEED, 7, now, "hash");
    assert!(seventh == resort(SEED, 7, now, "hash"));
    assert!(seventh.customers != resort(SEED, 9, now, "hash").customers);
    assert!(seventh.customers != resort(SEED + 1, 7, now, "hash").customers);
    let plan = |resort: &Resort| {
        let stays = resort.reservations.iter();
        stays.map(|stay| (stay.check_in_date, stay.status, stay.total_cents)).collect::<Vec<_>>()
    };
    let later = resort(SEED, 7, now + 4.hours(), "hash");
    assert!(plan(&seventh) == plan(&later), "another hour of the same day tells the same story");
}

#[test]
fn no_kennel_holds_two_families_and_none_is_used_while_out_of_service() {
    for (resort, ..) in sample() {
        let slots: HashSet<_> = resort.slots.iter().map(|slot| (slot.kennel_id, slot.slot)).collect();
        for stay in &resort.reservations {
            let holds = matches!(stay.status, "PENDING" | "CONFIRMED" | "CHECKED_IN");
            assert_eq!(stay.kennel_slot.is_some(), stay.kennel_id.is_some() && holds);
            assert_eq!(stay.kennel_id.is_some(), service(&resort, stay).requires_kennel);
            assert!(stay.kennel_slot.is_none_or(|slot| slots.contains(&(stay.kennel_id.unwrap(), slot))));
        }
        let mut kennels: HashMap<Uuid, Vec<&Reservation>> = HashMap::new();
        for stay in resort.reservations.iter().filter(|stay| comes(stay)) {
            stay.kennel_id.into_iter().for_each(|kennel| kennels.entry(kennel).or_default().push(stay));
        }
        for (kennel, stays) in &kennels {
            for (index, one) in stays.iter().enumerate() {
                for other in &stays[index + 1..] {
                    let meet = one.check_in_date < other.held_until && other.check_in_date < one.held_until;
                    assert!(!meet || one.booking_id == other.booking_id, "{one:?} {other:?}");
                    assert!(!meet || one.kennel_slot.is_none() || one.kennel_slot != other.kennel_slot);
                }
                let closed = resort.closures.iter().filter(|closure| closure.kennel_id == *kennel);
                closed.for_each(|closure| {
                    assert!(one.held_until <= closure.starts_on || closure.ends_on <= one.check_in_date);
                });
            }
        }
    }
}

#[test]
fn no_pet_is_in_two_places_and_no_day_is_over_its_capacity() {
    for (resort, ..) in sample() {
        let (mut pets, mut days) = (HashMap::new(), HashMap::new());
        for stay in resort.reservations.iter().filter(|stay| comes(stay)) {
            let until = pets.entry(stay.pet_id).or_insert(stay.check_in_date);
            assert!(
                *until <= stay.check_in_date,
                "stays are in the order of arrival and a pet's do not meet"
            );
            *until = stay.held_until;
            let service = service(&resort, stay);
            if let Some(capacity) = service.daily_capacity {
                assert_eq!(stay.held_until, stay.check_in_date.tomorrow().unwrap());
                let count = days.entry((service.id, stay.check_in_date)).or_insert(0);
                *count += 1;
                assert!(*count <= capacity);
            }
        }
    }
}

#[test]
fn vaccinations_cover_every_day_of_every_stay_that_demands_them() {
    for (resort, ..) in sample() {
        let pets: HashMap<_, _> = resort.pets.iter().map(|pet| (pet.id, pet)).collect();
        let mut doses: HashMap<_, Vec<(Date, Date)>> = HashMap::new();
        for dose in &resort.vaccinations {
            let ends = [1, 3].map(|years| dose.given_on.checked_add(years.years()).unwrap());
            assert!(ends.contains(&dose.expires_on), "{dose:?}");
            assert!(pets[&dose.pet_id].birth_on.unwrap() < dose.given_on);
            doses.entry((dose.pet_id, dose.vaccine)).or_default().push((dose.given_on, dose.expires_on));
        }
        for stay in &resort.reservations {
            let (pet, service) = (pets[&stay.pet_id], service(&resort, stay));
            assert!(pet.is_active && pet.customer_id == stay.customer_id && pet.created_at < stay.created_at);
            let demands = resort.requirements.iter().filter(|demand| {
                demand.enforcement == "BLOCK"
                    && demand.species == pet.species
                    && demand.category == service.category
            });
            for demand in demands {
                let held = &doses[&(pet.id, demand.vaccine)];
                for day in 0..=nights(stay.check_in_date, stay.held_until) {
                    let day = stay.check_in_date.checked_add(day.days()).unwrap();
                    assert!(
                        held.iter().any(|(given, expires)| *given <= day && day <= *expires),
                        "{pet:?} {stay:?}"
                    );
                }
            }
        }
        assert!(
            resort.vaccinations.iter().filter(|dose| dose.vaccine == "Rabies").count()
                > resort.pets.len() / 2
        );
    }
}

#[test]
fn prices_follow_the_rule() {
    for (resort, ..) in sample() {
        let mut lines: HashMap<_, Vec<_>> = HashMap::new();
        resort.lines.iter().for_each(|line| lines.entry(line.reservation_id).or_default().push(line));
        for stay in &resort.reservations {
            let (service, lines) = (service(&resort, stay), &lines[&stay.id]);
            let days = nights(stay.check_in_date, stay.held_until);
            let by_night = service.unit == "NIGHT";
            assert_eq!(nights(stay.check_out_date, stay.held_until), i32::from(!by_night));
            assert_eq!(lines[0].kind, "SERVICE");
            assert_eq!(lines[0].quantity, if service.unit == "SESSION" { 1 } else { days });
            assert_eq!(lines[0].unit_price_cents, service.price_cents);
            for (line, position) in lines.iter().zip(1..) {
                assert_eq!(line.position, position);
                assert_eq!(line.amount_cents, line.unit_price_cents * i64::from(line.quantity));
                let Some(id) = line.add_on_id else { continue };
                let add_on = resort.add_ons.iter().find(|add_on| add_on.id == id).unwrap();
                assert_eq!(line.quantity, if add_on.unit == "DAY" { days } else { 1 });
                assert!(add_on.category.is_none_or(|category| category == service.category));
            }
            assert_eq!(stay.total_cents, lines.iter().map(|line| line.amount_cents).sum::<i64>());
        }
    }
}

#[test]
fn a_stay_stands_where_its_dates_and_its_steps_say() {
    for (resort, today, now) in sample() {
        let mut steps: HashMap<_, Vec<_>> = HashMap::new();
        resort.steps.iter().for_each(|step| steps.entry(step.reservation_id).or_default().push(step));
        for stay in &resort.reservations {
            let (from, out) = (stay.check_in_date, stay.check_out_date);
            match stay.status {
                "PENDING" => assert!(from > today),
                "CONFIRMED" => assert!(from >= today),
                "CHECKED_IN" => assert!(from <= today && out >= today),
                "CHECKED_OUT" => assert_eq!(out, today),
                "COMPLETED" => assert!(out <= today),
                "NO_SHOW" => assert!(from < today),
                _ => assert_eq!(stay.status, "CANCELLED"),
            }
            let (mut status, mut at) = ("PENDING", stay.created_at);
            for step in steps.get(&stay.id).into_iter().flatten() {
                assert!(step.from_status == status && step.created_at > at, "{stay:?}");
                (status, at) = (step.to_status, step.created_at);
            }
            assert_eq!((stay.status, stay.updated_at), (status, at));
            assert!(at < now);
            assert!(nights(from, out) <= 10 && stay.arrival_time.hour() >= 7);
        }
    }
}

#[test]
fn invoices_add_up_and_their_numbers_have_no_gap() {
    for (resort, ..) in sample() {
        let (mut sums, mut paid) = (HashMap::new(), HashMap::new());
        for line in &resort.invoice_lines {
            let (subtotal, taxable) = sums.entry(line.invoice_id).or_insert((0, 0));
            *subtotal += line.amount_cents;
            *taxable += i64::from(line.taxable) * line.amount_cents;
        }
        for payment in &resort.payments {
            *paid.entry(payment.invoice_id).or_insert(0) += payment.amount_cents - payment.refunded_cents;
            let refunds = resort.refunds.iter().filter(|refund| refund.payment_id == payment.id);
            assert_eq!(payment.refunded_cents, refunds.map(|refund| refund.amount_cents).sum::<i64>());
        }
        let mut last = date(2000, 1, 1);
        for (invoice, number) in resort.invoices.iter().zip(1..) {
            let (subtotal, taxable) = sums[&invoice.id];
            assert_eq!((invoice.number, invoice.subtotal_cents), (number, subtotal));
            assert_eq!(invoice.tax_cents, tax_cents(taxable, resort.tenant.tax_rate_bps));
            assert_eq!(invoice.total_cents, subtotal + invoice.tax_cents);
            assert_eq!(invoice.paid_cents, paid.get(&invoice.id).copied().unwrap_or(0));
            match invoice.status {
                "PAID" => assert_eq!(invoice.paid_cents, invoice.total_cents),
                "OPEN" => assert!(invoice.paid_cents < invoice.total_cents),
                _ => assert_eq!((invoice.status, invoice.paid_cents), ("VOID", 0)),
            }
            assert!(last <= invoice.issue_date && invoice.issue_date <= invoice.due_date);
            last = invoice.issue_date;
        }
        assert_eq!(resort.counter.last_number, i64::try_from(resort.invoices.len()).unwrap());
        let void: HashSet<_> = resort
            .invoices
            .iter()
            .filter(|invoice| invoice.status == "VOID")
            .map(|invoice| invoice.id)
            .collect();
        for stay in &resort.reservations {
            assert_eq!(stay.invoice_id.is_some(), stay.status == "COMPLETED");
            assert!(stay.invoice_id.is_none_or(|invoice| !void.contains(&invoice)));
        }
        if resort.tenant.subdomain == "resort1" {
            assert_eq!((void.len(), resort.refunds.len()), (1, 2));
        }
    }
}

#[test]
fn ids_are_unique_and_of_version_seven() {
    let mut seen = HashSet::new();
    for (resort, ..) in sample() {
        let ids = (resort.customers.iter().map(|row| row.id))
            .chain(resort.pets.iter().map(|row| row.id))
            .chain(resort.reservations.iter().map(|row| row.id))
            .chain(resort.lines.iter().map(|row| row.id))
            .chain(resort.steps.iter().map(|row| row.id))
            .chain(resort.invoices.iter().map(|row| row.id))
            .chain([resort.tenant.id]);
        for id in ids {
            assert_eq!(id.get_version_num(), 7);
            assert!(seen.insert(id));
        }
    }
}

#[test]
fn a_week_has_its_peaks_and_its_weekend() {
    let (resort, ..) = sample().next().unwrap();
    let arrivals = |category: &str, on: Weekday| {
        let stays = resort.reservations.iter().filter(|stay| stay.check_in_date.weekday() == on);
        stays.filter(|stay| service(&resort, stay).category == category).count()
    };
    for day in [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Saturday] {
        assert!(arrivals("BOARDING", Weekday::Friday) > arrivals("BOARDING", day));
        assert!(arrivals("BOARDING", Weekday::Sunday) > arrivals("BOARDING", day));
    }
    assert_eq!(arrivals("DAYCARE", Weekday::Sunday), 0);
}

#[test]
fn the_resorts_are_many_and_small_after_a_few_that_are_large() {
    let now: Timestamp = "2026-11-24T05:30:00Z".parse().unwrap();
    let resorts: Vec<_> = (1..=100).map(|number| resort(SEED, number, now, "hash")).collect();
    let sizes: Vec<_> = resorts.iter().map(|resort| resort.customers.len()).collect();
    assert_eq!(sizes.iter().max(), Some(&sizes[0]));
    let total: usize = sizes.iter().sum();
    assert!((8_000..=10_000).contains(&total), "{total}");
    let distinct = |of: fn(&Resort) -> &str| resorts.iter().map(of).collect::<HashSet<_>>().len();
    assert_eq!(distinct(|resort| resort.tenant.timezone), 4);
    assert_eq!(distinct(|resort| resort.tenant.tier), 4);
    assert_eq!(distinct(|resort| &resort.tenant.name), 100);
    let suspended: Vec<_> =
        (1..).zip(&resorts).filter(|(_, resort)| resort.tenant.status == "SUSPENDED").collect();
    assert!((1..=2).contains(&suspended.len()) && suspended.iter().all(|(number, _)| *number > 10));
}

#[test]
fn its_words_are_the_features_words() {
    fn known<'a, T: std::str::FromStr>(mut words: impl Iterator<Item = &'a str>) -> bool {
        words.all(|word| word.parse::<T>().is_ok())
    }
    for (resort, ..) in sample() {
        assert!(known::<Tier>([resort.tenant.tier].into_iter()));
        assert!(known::<Status>([resort.tenant.status].into_iter()));
        assert!(known::<Role>(resort.staff.iter().map(|row| row.role)));
        assert!(known::<Kind>(resort.kennels.iter().map(|row| row.kind)));
        assert!(known::<Category>(resort.services.iter().map(|row| row.category)));
        assert!(known::<Unit>(resort.services.iter().map(|row| row.unit)));
        assert!(known::<Category>(resort.add_ons.iter().filter_map(|row| row.category)));
        assert!(known::<AddOnUnit>(resort.add_ons.iter().map(|row| row.unit)));
        assert!(known::<Species>(resort.requirements.iter().map(|row| row.species)));
        assert!(known::<Category>(resort.requirements.iter().map(|row| row.category)));
        assert!(known::<Enforcement>(resort.requirements.iter().map(|row| row.enforcement)));
        assert!(known::<Species>(resort.pets.iter().map(|row| row.species)));
        assert!(known::<Sex>(resort.pets.iter().map(|row| row.sex)));
    }
}

#[test]
fn only_the_demos_own_subdomains_are_its_own() {
    assert!(is_demo(&subdomain(1)) && is_demo("resort10000"));
    assert!(!is_demo("resort") && !is_demo("resort0") && !is_demo("resort01") && !is_demo("lakeside"));
}

#[test]
fn the_welcome_shows_the_addresses_as_they_are_configured() {
    let set = [
        ("PORT", "5000"),
        ("BASE_DOMAIN", "example.com"),
        ("DEMO_TENANTS", "2"),
        ("TAILTOWN_HOME", "/state"),
    ];
    let set = set.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let text = welcome(&config::read(&set.into(), None).unwrap().0);
    for part in [
        "http://resort1.example.com:5000/docs",
        "http://resort2.example.com:5000\n",
        "/state",
        "tailtown-demo",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("resort3"));
}
