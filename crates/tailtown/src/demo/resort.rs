//! One resort of the demo, whole: what it is, who works there, what it sells, and the order in which the rest is made.
//! Its rows follow from the seed, its number and the moment alone.

use jiff::Timestamp;
use uuid::Uuid;

use super::bills;
use super::calendar::Calendar;
use super::dice::Dice;
use super::guests::{self, Guests};
use super::prices;
use super::rows::{
    AddOn, Customer, Invoice, InvoiceCounter, InvoiceLine, Kennel, KennelClosure, KennelSlot, Payment, Pet,
    Refund, Reservation, ReservationLine, ReservationStep, Service, Staff, Vaccination, VaccineRequirement,
};
use super::stays;
use super::words::{self, PLACES, Place, RESORT_FIRST, RESORT_LAST};

/// How far back a resort was opened, in days.
const OPENED: i32 = -1500;

/// All of one resort.
#[derive(Debug, PartialEq)]
pub(super) struct Resort {
    pub(super) tenant: Tenant,
    pub(super) staff: Vec<Staff>,
    pub(super) kennels: Vec<Kennel>,
    pub(super) slots: Vec<KennelSlot>,
    pub(super) closures: Vec<KennelClosure>,
    pub(super) services: Vec<Service>,
    pub(super) add_ons: Vec<AddOn>,
    pub(super) requirements: Vec<VaccineRequirement>,
    pub(super) customers: Vec<Customer>,
    pub(super) pets: Vec<Pet>,
    pub(super) vaccinations: Vec<Vaccination>,
    pub(super) reservations: Vec<Reservation>,
    pub(super) lines: Vec<ReservationLine>,
    pub(super) steps: Vec<ReservationStep>,
    pub(super) counter: InvoiceCounter,
    pub(super) invoices: Vec<Invoice>,
    pub(super) invoice_lines: Vec<InvoiceLine>,
    pub(super) payments: Vec<Payment>,
    pub(super) refunds: Vec<Refund>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Tenant {
    pub(super) id: Uuid,
    pub(super) subdomain: String,
    pub(super) name: String,
    pub(super) tier: &'static str,
    pub(super) status: &'static str,
    pub(super) timezone: &'static str,
    pub(super) tax_rate_bps: i32,
    pub(super) created_at: Timestamp,
}

/// Resort `number` as it stands at `now`. Its days are those around its own today; times that would lie ahead of `now`
/// are drawn back behind it.
pub(super) fn resort(seed: u64, number: u32, now: Timestamp, password_hash: &str) -> Resort {
    let place = place(number);
    let calendar = Calendar::new(place.timezone, now);
    let mut dice = Dice::new(seed, number);
    let size = size(number);
    let opened = calendar.at(OPENED, 9 * 60);
    let tenant = Tenant {
        id: dice.id(opened),
        subdomain: subdomain(number),
        name: name(number),
        tier: tier(number),
        status: status(number),
        timezone: place.timezone,
        tax_rate_bps: place.tax_rate_bps,
        created_at: opened,
    };
    let staff = staff(&mut dice, opened, number, password_hash);
    let (kennels, slots) = kennels(&mut dice, opened, size);
    let closures = closures(&mut dice, &calendar, &kennels);
    let services = services(&mut dice, opened, size);
    let add_ons = add_ons(&mut dice, opened);
    let requirements = requirements(&mut dice, opened);
    let Guests { customers, pets, vaccinations, families } =
        guests::guests(&mut dice, &calendar, place, size);
    let house = stays::House {
        size,
        kennels: &kennels,
        closures: &closures,
        services: &services,
        add_ons: &add_ons,
        desk: staff.iter().map(|member| member.id).collect(),
    };
    let stays = stays::stays(&mut dice, &calendar, &house, families);
    let bills = bills::bills(&mut dice, &calendar, place.tax_rate_bps, &house.desk, stays);
    Resort {
        tenant,
        kennels,
        slots,
        closures,
        services,
        add_ons,
        requirements,
        customers,
        pets,
        vaccinations,
        reservations: bills.reservations,
        lines: bills.reservation_lines,
        steps: bills.steps,
        counter: InvoiceCounter { last_number: bills.last_number },
        invoices: bills.invoices,
        invoice_lines: bills.lines,
        payments: bills.payments,
        refunds: bills.refunds,
        staff,
    }
}

pub(super) fn subdomain(number: u32) -> String {
    format!("resort{number}")
}

/// Each number its own name while there are pairs left.
fn name(number: u32) -> String {
    let index = number as usize - 1;
    let first = RESORT_FIRST[index % RESORT_FIRST.len()];
    let last = RESORT_LAST[(index + index / (RESORT_FIRST.len() * RESORT_LAST.len())) % RESORT_LAST.len()];
    format!("{first} {last}")
}

fn place(number: u32) -> &'static Place {
    &PLACES[(number as usize - 1) % PLACES.len()]
}

fn tier(number: u32) -> &'static str {
    match number {
        1 | 2 | 5 | 12 | 19 => "ENTERPRISE",
        4 | 8 => "FREE",
        3 | 6 | 7 => "PRO",
        9..=10 => "BASIC",
        11..=40 if number.is_multiple_of(3) => "PRO",
        11..=40 => "BASIC",
        _ if number.is_multiple_of(3) => "BASIC",
        _ => "FREE",
    }
}

fn status(number: u32) -> &'static str {
    match number {
        13 | 87 => "SUSPENDED",
        _ if number % 16 == 8 => "TRIAL",
        _ => "ACTIVE",
    }
}

/// How many customers: Zipf's law, with small resorts on the free tier.
fn size(number: u32) -> i32 {
    let customers = i32::try_from(1700 / number).unwrap_or(0).max(15);
    if tier(number) == "FREE" { customers.min(60) } else { customers }
}

fn staff(dice: &mut Dice, opened: Timestamp, number: u32, password_hash: &str) -> Vec<Staff> {
    let people = [("owner", "OWNER"), ("manager", "MANAGER"), ("desk1", "STAFF"), ("desk2", "STAFF")];
    let member = |(mailbox, role): (&str, &'static str)| Staff {
        id: dice.id(opened),
        first_name: dice.pick(&words::FIRST_NAMES),
        last_name: dice.pick(&words::LAST_NAMES),
        email: format!("{mailbox}@{}.example", subdomain(number)),
        role,
        password_hash: password_hash.to_owned(),
        created_at: opened,
        updated_at: opened,
    };
    people.map(member).into()
}

fn kennels(dice: &mut Dice, opened: Timestamp, size: i32) -> (Vec<Kennel>, Vec<KennelSlot>) {
    let (mut kennels, mut slots) = (Vec::new(), Vec::new());
    let mut build = |kind: &'static str, label, area: &'static str, count: i32, capacities: &[(i32, i32)]| {
        for place in 1..=count {
            let kennel = Kennel {
                id: dice.id(opened),
                name: format!("{label} {place:02}"),
                kind,
                area,
                capacity: dice.weigh(capacities),
                created_at: opened,
                updated_at: opened,
            };
            slots.extend((1..=kennel.capacity).map(|slot| KennelSlot { kennel_id: kennel.id, slot }));
            kennels.push(kennel);
        }
    };
    build("RUN", "Run", "Main hall", (size / 24).max(4), &[(60, 1), (30, 2), (10, 3)]);
    build("SUITE", "Suite", "Garden wing", (size / 90).max(1), &[(30, 1), (50, 2), (20, 3)]);
    build("CONDO", "Cat condo", "Cat room", (size / 60).max(2), &[(60, 1), (40, 2)]);
    (kennels, slots)
}

/// One kennel in twelve is out of service for some days; the stays are laid around it.
fn closures(dice: &mut Dice, calendar: &Calendar, kennels: &[Kennel]) -> Vec<KennelClosure> {
    const REASONS: [&str; 4] = ["Painting", "New door", "Deep cleaning", "Drain repair"];
    let planned = calendar.at(-30, 10 * 60);
    let mut closures = Vec::new();
    for kennel in kennels.iter().skip(5).step_by(12) {
        let start = dice.range(-20, 20);
        closures.push(KennelClosure {
            id: dice.id(planned),
            kennel_id: kennel.id,
            starts_on: calendar.date(start),
            ends_on: calendar.date(start + dice.range(2, 8)),
            reason: dice.pick(&REASONS),
            created_at: planned,
            updated_at: planned,
        });
    }
    closures
}

fn services(dice: &mut Dice, opened: Timestamp, size: i32) -> Vec<Service> {
    let mut sell = |name, category, unit, dollars: (i32, i32), minutes, capacity, taxable| Service {
        id: dice.id(opened),
        name,
        category,
        price_cents: i64::from(dice.range(dollars.0, dollars.1)) * 100,
        unit,
        duration_minutes: minutes,
        daily_capacity: capacity,
        taxable,
        requires_kennel: category == "BOARDING",
        created_at: opened,
        updated_at: opened,
    };
    vec![
        sell(prices::RUN, "BOARDING", "NIGHT", (45, 62), None, None, true),
        sell(prices::SUITE, "BOARDING", "NIGHT", (68, 89), None, None, true),
        sell(prices::CONDO, "BOARDING", "NIGHT", (27, 36), None, None, true),
        sell(prices::DAYCARE, "DAYCARE", "DAY", (31, 42), None, Some((size / 40).max(4)), true),
        sell(prices::BATH, "GROOMING", "SESSION", (32, 45), Some(60), Some((size / 170).max(3)), true),
        sell(prices::GROOM, "GROOMING", "SESSION", (74, 98), Some(120), Some((size / 250).max(2)), true),
        sell(prices::TRAINING, "TRAINING", "SESSION", (60, 80), Some(45), Some((size / 400).max(2)), false),
    ]
}

fn add_ons(dice: &mut Dice, opened: Timestamp) -> Vec<AddOn> {
    let mut sell = |name, category, unit, cents, taxable| AddOn {
        id: dice.id(opened),
        name,
        category,
        price_cents: cents,
        unit,
        taxable,
        created_at: opened,
        updated_at: opened,
    };
    vec![
        sell(prices::NAILS, None, "STAY", 1500, true),
        sell(prices::EXIT_BATH, Some("BOARDING"), "STAY", 2950, true),
        sell(prices::PLAYTIME, Some("BOARDING"), "DAY", 925, true),
        sell(prices::DOSES, Some("BOARDING"), "DAY", 350, false),
        sell(prices::TEETH, Some("GROOMING"), "STAY", 1275, true),
    ]
}

fn requirements(dice: &mut Dice, opened: Timestamp) -> Vec<VaccineRequirement> {
    const DEMANDS: [(&str, &str, &str, &str); 15] = [
        ("DOG", "BOARDING", guests::RABIES, "BLOCK"),
        ("DOG", "BOARDING", guests::DHPP, "BLOCK"),
        ("DOG", "BOARDING", guests::BORDETELLA, "BLOCK"),
        ("DOG", "BOARDING", guests::INFLUENZA, "WARN"),
        ("DOG", "DAYCARE", guests::RABIES, "BLOCK"),
        ("DOG", "DAYCARE", guests::DHPP, "BLOCK"),
        ("DOG", "DAYCARE", guests::BORDETELLA, "BLOCK"),
        ("DOG", "GROOMING", guests::RABIES, "BLOCK"),
        ("DOG", "GROOMING", guests::BORDETELLA, "WARN"),
        ("DOG", "TRAINING", guests::RABIES, "BLOCK"),
        ("DOG", "TRAINING", guests::DHPP, "BLOCK"),
        ("DOG", "TRAINING", guests::BORDETELLA, "WARN"),
        ("CAT", "BOARDING", guests::RABIES, "BLOCK"),
        ("CAT", "BOARDING", guests::FVRCP, "BLOCK"),
        ("CAT", "GROOMING", guests::RABIES, "BLOCK"),
    ];
    let demand = |(species, category, vaccine, enforcement)| VaccineRequirement {
        id: dice.id(opened),
        species,
        category,
        vaccine,
        enforcement,
        created_at: opened,
        updated_at: opened,
    };
    DEMANDS.map(demand).into()
}
