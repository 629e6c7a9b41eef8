//! A resort's customers, their pets, and what these were vaccinated with.

use std::collections::HashSet;

use base::text::fold;
use jiff::ToSpan;
use uuid::Uuid;

use super::calendar::Calendar;
use super::dice::Dice;
use super::rows::{Customer, Pet, Vaccination};
use super::words::{self, Breed, Place};

pub(super) const RABIES: &str = "Rabies";
pub(super) const DHPP: &str = "DHPP";
pub(super) const BORDETELLA: &str = "Bordetella";
pub(super) const FVRCP: &str = "FVRCP";
pub(super) const INFLUENZA: &str = "Canine influenza";

/// The first day of the demo's stays; vaccinations reach back beyond it.
pub(super) const FIRST_DAY: i32 = -60;
/// The last day on which a stay begins.
pub(super) const LAST_DAY: i32 = 45;

pub(super) struct Guests {
    pub(super) customers: Vec<Customer>,
    pub(super) pets: Vec<Pet>,
    pub(super) vaccinations: Vec<Vaccination>,
    pub(super) families: Vec<Family>,
}

/// A customer with the pets that may come to stay.
pub(super) struct Family {
    pub(super) customer: Uuid,
    pub(super) guests: Vec<Guest>,
}

pub(super) struct Guest {
    pub(super) pet: Uuid,
    pub(super) name: &'static str,
    pub(super) cat: bool,
    pub(super) medicated: bool,
    /// The day the resort first heard of it.
    pub(super) known: i32,
    /// The days on which every required vaccine is in force, both included.
    pub(super) covered: (i32, i32),
    /// The weekdays of a daycare regular, Monday first.
    pub(super) regular: Option<[bool; 5]>,
    /// From this day on it is not somewhere else in the house.
    pub(super) free: i32,
}

pub(super) fn guests(dice: &mut Dice, calendar: &Calendar, place: &Place, size: i32) -> Guests {
    let mut guests = Guests { customers: vec![], pets: vec![], vaccinations: vec![], families: vec![] };
    let mut mailboxes = HashSet::new();
    for index in 0..size {
        let since = dice.range(-1400, -130);
        let customer = customer(dice, calendar, place, index, since, &mut mailboxes);
        let mut family = Family { customer: customer.id, guests: Vec::new() };
        let pets = dice.weigh(&[(56, 1), (30, 2), (10, 3), (4, 4)]);
        for _ in 0..pets {
            let (pet, birth, known) = pet(dice, calendar, place, &customer, since);
            let covered = vaccinate(dice, calendar, &pet, birth, known, &mut guests.vaccinations);
            if let Some(covered) = covered.filter(|_| pet.is_active) {
                let social = pet.species == "DOG" && pet.behavior.is_none();
                family.guests.push(Guest {
                    pet: pet.id,
                    name: pet.name,
                    cat: pet.species == "CAT",
                    medicated: pet.medication.is_some(),
                    known,
                    covered,
                    regular: (social && dice.percent(7)).then(|| [(); 5].map(|()| dice.percent(45))),
                    free: FIRST_DAY,
                });
            }
            guests.pets.push(pet);
        }
        guests.customers.push(customer);
        if !family.guests.is_empty() {
            guests.families.push(family);
        }
    }
    guests
}

fn customer(
    dice: &mut Dice,
    calendar: &Calendar,
    place: &Place,
    index: i32,
    since: i32,
    mailboxes: &mut HashSet<String>,
) -> Customer {
    let created_at = calendar.at(since, dice.range(8 * 60, 18 * 60));
    let (first_name, last_name) = (dice.pick(&words::FIRST_NAMES), dice.pick(&words::LAST_NAMES));
    let letters = |name: &str| fold(name).replace('\'', "");
    let mut mailbox = format!("{}.{}", letters(first_name), letters(last_name));
    if !mailboxes.insert(mailbox.clone()) {
        mailbox = format!("{mailbox}{index}");
    }
    let domain = dice.pick(&["example.com", "example.net", "example.org"]);
    let street =
        dice.percent(94).then(|| format!("{} {}", dice.range(100, 9800), dice.pick(&words::STREETS)));
    let flat = street.is_some() && dice.percent(14);
    let mut tags: Vec<&'static str> = Vec::new();
    while dice.percent(16) {
        let tag = dice.pick(&words::CUSTOMER_TAGS);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let contact = dice.percent(55);
    Customer {
        id: dice.id(created_at),
        first_name,
        last_name,
        email: dice.percent(95).then(|| format!("{mailbox}@{domain}")),
        phone: Some(phone(place, index)),
        address_line2: flat.then(|| format!("Apt {}", dice.range(1, 40))),
        city: street.is_some().then_some(place.city),
        region: street.is_some().then_some(place.region),
        postal_code: street.is_some().then(|| format!("{}{:02}", place.postal, dice.range(1, 39))),
        country: street.is_some().then_some("US"),
        address_line1: street,
        emergency_contact_name: contact.then(|| format!("{} {last_name}", dice.pick(&words::FIRST_NAMES))),
        emergency_contact_phone: contact.then(|| fictional(place.area_code, dice.range(0, 99))),
        notes: dice.percent(10).then(|| dice.pick(&words::CUSTOMER_NOTES)),
        tags,
        is_active: dice.percent(97),
        created_at,
        updated_at: created_at,
    }
}

/// Each customer's own number: the first hundred local, the others from elsewhere.
fn phone(place: &Place, index: i32) -> String {
    let block = usize::try_from(index / 100).unwrap_or(0);
    let area =
        if block == 0 { place.area_code } else { words::AREA_CODES[(block - 1) % words::AREA_CODES.len()] };
    fictional(area, index * 37 % 100)
}

fn fictional(area_code: u16, last: i32) -> String {
    format!("({area_code}) 555-01{last:02}")
}

/// A pet with the days of its birth and of its first entry here.
fn pet(dice: &mut Dice, calendar: &Calendar, place: &Place, owner: &Customer, since: i32) -> (Pet, i32, i32) {
    let species = dice.weigh(&[(73, "DOG"), (25, "CAT"), (2, "RABBIT")]);
    let sex = dice.pick(&["MALE", "FEMALE"]);
    let (names, breeds): (&[&'static str], &[Breed]) = match (species, sex) {
        ("DOG", "MALE") => (&words::BOY_DOGS, &words::DOG_BREEDS),
        ("DOG", _) => (&words::GIRL_DOGS, &words::DOG_BREEDS),
        ("CAT", "MALE") => (&words::BOY_CATS, &words::CAT_BREEDS),
        ("CAT", _) => (&words::GIRL_CATS, &words::CAT_BREEDS),
        _ => (&words::RABBIT_NAMES, &words::RABBIT_BREEDS),
    };
    let breed = dice.pick(breeds);
    let age = if dice.percent(6) { dice.range(120, 500) } else { dice.range(500, 4700) };
    let known = since.max(100 - age);
    let created_at = calendar.at(known, dice.range(8 * 60, 18 * 60)).max(owner.created_at);
    let grams = dice.range(breed.grams.0, breed.grams.1);
    let grown = if age < 300 && species == "DOG" { grams * (age + 60) / 360 } else { grams };
    let behavior = (species != "RABBIT" && dice.percent(13)).then(|| dice.pick(&words::BEHAVIOR));
    let medication = dice.percent(if age > 2900 { 28 } else { 7 }).then(|| dice.pick(&words::MEDICATION));
    let allergies = dice.percent(8).then(|| dice.pick(&words::ALLERGIES));
    let mut alerts: Vec<_> = behavior.map(|(_, alert)| alert).into_iter().collect();
    alerts.extend(medication.map(|_| "Medication"));
    alerts.extend(allergies.map(|_| "Allergy"));
    let vet = dice.percent(80);
    let pet = Pet {
        id: dice.id(created_at),
        customer_id: owner.id,
        name: dice.pick(names),
        species,
        breed: dice.percent(97).then_some(breed.name),
        sex,
        birth_on: Some(calendar.date(-age)),
        weight_grams: dice.percent(92).then_some(grown / 100 * 100),
        neutered: Some(age > 300 && dice.percent(88)),
        microchip: dice
            .percent(70)
            .then(|| format!("98510{:05}{:05}", dice.range(0, 99_999), dice.range(0, 99_999))),
        vet_name: vet.then(|| dice.pick(&words::VETS)),
        vet_phone: vet.then(|| fictional(place.area_code, dice.range(0, 99))),
        feeding: match species {
            "DOG" => dice.percent(75).then(|| dice.pick(&words::DOG_FEEDING)),
            "CAT" => dice.percent(75).then(|| dice.pick(&words::CAT_FEEDING)),
            _ => Some("Hay always, a handful of greens in the evening"),
        },
        medication,
        allergies,
        behavior: behavior.map(|(text, _)| text),
        alerts,
        is_active: owner.is_active && dice.percent(97),
        created_at,
        updated_at: created_at,
    };
    (pet, -age, known)
}

/// How a pet stands with one vaccine.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Current,
    Soon,
    Lapsed,
    Missing,
}

/// Enters the doses of a pet, and says from when until when all that are required are in force.
fn vaccinate(
    dice: &mut Dice,
    calendar: &Calendar,
    pet: &Pet,
    birth: i32,
    known: i32,
    vaccinations: &mut Vec<Vaccination>,
) -> Option<(i32, i32)> {
    // Each with whether it may hold three years; the influenza's is recommended only, and comes last.
    let mut vaccines = match pet.species {
        "DOG" => vec![(RABIES, true), (DHPP, true), (BORDETELLA, false)],
        "CAT" => vec![(RABIES, true), (FVRCP, true)],
        _ => return None,
    };
    let required = vaccines.len();
    if pet.species == "DOG" && dice.percent(40) {
        vaccines.push((INFLUENZA, false));
    }
    let standing = dice.weigh(&[
        (85, Standing::Current),
        (7, Standing::Soon),
        (5, Standing::Lapsed),
        (3, Standing::Missing),
    ]);
    let odd = dice.index(required);
    let mut covered = Some((i32::MIN, i32::MAX));
    for (index, (vaccine, long)) in vaccines.into_iter().enumerate() {
        let standing = if index == odd { standing } else { Standing::Current };
        let doses = doses(dice, calendar, standing, birth, long);
        if index < required {
            let in_force = doses.first().zip(doses.last()).map(|(last, first)| (first.0, last.1));
            covered = covered.zip(in_force).map(|(all, one)| (all.0.max(one.0), all.1.min(one.1)));
        }
        for (given, expires) in doses {
            let entered = calendar.at(given.max(known), 18 * 60 + 30).max(pet.created_at);
            vaccinations.push(Vaccination {
                id: dice.id(entered),
                pet_id: pet.id,
                vaccine,
                given_on: calendar.date(given),
                expires_on: calendar.date(expires),
                verified: standing == Standing::Current || dice.percent(60),
                created_at: entered,
                updated_at: entered,
            });
        }
    }
    covered
}

/// The days of doses, given and expiring, last one first. Each but the first was given before the one before it ran out,
/// back to before the demo's first day or to the pet's first dose.
fn doses(
    dice: &mut Dice,
    calendar: &Calendar,
    standing: Standing,
    birth: i32,
    long: bool,
) -> Vec<(i32, i32)> {
    // The first dose of a young animal holds a year; after that the veterinarian may give one for three.
    let first = birth + 112;
    let years =
        |dice: &mut Dice, given: i32| if long && given > first + 340 && dice.percent(70) { 3 } else { 1 };
    let mut doses = Vec::new();
    let mut given = match standing {
        Standing::Missing => return doses,
        Standing::Current => {
            let latest = dice.range(-300, -1);
            let older = dice.range(-1030, -1);
            if long && older > first + 340 { older } else { latest.max(first) }
        }
        Standing::Soon => dice.range(3, 30) - 365,
        Standing::Lapsed => dice.range(-150, -1) - 365,
    };
    if given > -1 || given < first {
        return doses;
    }
    // A dose that is still in force after so long must be one for three years.
    let mut held = match standing {
        Standing::Current if given < -300 => 3,
        Standing::Current => years(dice, given),
        _ => 1,
    };
    loop {
        let end = calendar.date(given).saturating_add(held.years());
        doses.push((given, calendar.day(end)));
        if given <= FIRST_DAY - 15 {
            return doses;
        }
        let renewed = given + dice.range(0, 14);
        held = years(dice, renewed - 3 * 366);
        given = calendar.day(calendar.date(renewed).saturating_sub(held.years()));
        if given < first {
            return doses;
        }
    }
}
