//! The words the demo's people, pets and places are made of.

/// Where a resort stands, with the sales tax of the place in basis points.
pub(super) struct Place {
    pub(super) city: &'static str,
    pub(super) region: &'static str,
    pub(super) timezone: &'static str,
    pub(super) tax_rate_bps: i32,
    pub(super) area_code: u16,
    /// The first three digits of its postal codes.
    pub(super) postal: &'static str,
}

const fn place(
    city: &'static str,
    region: &'static str,
    timezone: &'static str,
    tax_rate_bps: i32,
    area_code: u16,
    postal: &'static str,
) -> Place {
    Place { city, region, timezone, tax_rate_bps, area_code, postal }
}

/// Every run of four has each of the four time zones.
pub(super) const PLACES: [Place; 16] = [
    place("Denver", "CO", "America/Denver", 881, 303, "802"),
    place("Albany", "NY", "America/New_York", 800, 518, "122"),
    place("Austin", "TX", "America/Chicago", 825, 512, "787"),
    place("Sacramento", "CA", "America/Los_Angeles", 875, 916, "958"),
    place("Boise", "ID", "America/Denver", 600, 208, "837"),
    place("Richmond", "VA", "America/New_York", 600, 804, "232"),
    place("Madison", "WI", "America/Chicago", 550, 608, "537"),
    place("Portland", "OR", "America/Los_Angeles", 0, 503, "972"),
    place("Albuquerque", "NM", "America/Denver", 763, 505, "871"),
    place("Raleigh", "NC", "America/New_York", 725, 919, "276"),
    place("Nashville", "TN", "America/Chicago", 975, 615, "372"),
    place("Seattle", "WA", "America/Los_Angeles", 1035, 206, "981"),
    place("Salt Lake City", "UT", "America/Denver", 775, 801, "841"),
    place("Portland", "ME", "America/New_York", 550, 207, "041"),
    place("Minneapolis", "MN", "America/Chicago", 903, 612, "554"),
    place("Reno", "NV", "America/Los_Angeles", 827, 775, "895"),
];

/// Of people who moved and kept their number; 555-0100 to 555-0199 are reserved for fiction in each.
pub(super) const AREA_CODES: [u16; 20] =
    [212, 213, 214, 215, 312, 313, 314, 404, 412, 415, 504, 602, 617, 619, 702, 713, 718, 816, 832, 904];

pub(super) const RESORT_FIRST: [&str; 20] = [
    "Aspen Creek",
    "Happy Paws",
    "Maple Grove",
    "Sunny Acres",
    "Four Winds",
    "Riverbend",
    "Cedar Hill",
    "Wagging Tails",
    "Lakeside",
    "Old Mill",
    "Prairie Rose",
    "Blue Door",
    "Foxglove",
    "Copper Ridge",
    "Stonebridge",
    "Meadowlark",
    "Silver Birch",
    "Harbor View",
    "Juniper",
    "Willow Bend",
];

pub(super) const RESORT_LAST: [&str; 7] = [
    "Pet Resort",
    "Boarding & Daycare",
    "Kennels",
    "Pet Lodge",
    "Dog & Cat Hotel",
    "Animal Inn",
    "Pet Retreat",
];

pub(super) const FIRST_NAMES: [&str; 80] = [
    "Aaron",
    "Abigail",
    "Alice",
    "Amanda",
    "Amir",
    "Andrea",
    "Angela",
    "Anthony",
    "Beatriz",
    "Benjamin",
    "Brian",
    "Caleb",
    "Carlos",
    "Carmen",
    "Catherine",
    "Charles",
    "Chloé",
    "Christine",
    "Daniel",
    "David",
    "Deborah",
    "Denise",
    "Diego",
    "Eleanor",
    "Elena",
    "Emily",
    "Eric",
    "Ethan",
    "Evelyn",
    "Fatima",
    "Frank",
    "George",
    "Grace",
    "Hannah",
    "Hiroshi",
    "Ingrid",
    "Isaac",
    "Jacob",
    "Jamal",
    "James",
    "Jasmine",
    "Jennifer",
    "José",
    "Joseph",
    "Julia",
    "Karen",
    "Kevin",
    "Laura",
    "Leah",
    "Lena",
    "Linda",
    "Lucas",
    "Margaret",
    "Maria",
    "Marcus",
    "Martha",
    "Mei",
    "Michael",
    "Monica",
    "Naomi",
    "Nathan",
    "Nicole",
    "Noah",
    "Olivia",
    "Omar",
    "Patricia",
    "Paul",
    "Priya",
    "Rachel",
    "Renée",
    "Robert",
    "Ruth",
    "Samuel",
    "Sarah",
    "Sophia",
    "Stephen",
    "Teresa",
    "Thomas",
    "Victoria",
    "Zoë",
];

pub(super) const LAST_NAMES: [&str; 100] = [
    "Adams",
    "Allen",
    "Anderson",
    "Baker",
    "Barnes",
    "Bauer",
    "Bell",
    "Bennett",
    "Brooks",
    "Brown",
    "Bryant",
    "Campbell",
    "Carter",
    "Chen",
    "Clark",
    "Coleman",
    "Collins",
    "Cooper",
    "Cruz",
    "Davis",
    "Delgado",
    "Diaz",
    "Edwards",
    "Ellis",
    "Evans",
    "Fischer",
    "Fisher",
    "Flores",
    "Foster",
    "Garcia",
    "Gonzalez",
    "Graham",
    "Gray",
    "Green",
    "Griffin",
    "Gupta",
    "Hall",
    "Hamilton",
    "Hansen",
    "Harris",
    "Hayes",
    "Henderson",
    "Hernandez",
    "Hughes",
    "Jackson",
    "Jenkins",
    "Johnson",
    "Jones",
    "Jordan",
    "Kaur",
    "Kelly",
    "Kim",
    "King",
    "Kowalski",
    "Larsen",
    "Lee",
    "Lewis",
    "Long",
    "Lopez",
    "Martin",
    "Martinez",
    "Mason",
    "Miller",
    "Mitchell",
    "Moore",
    "Morgan",
    "Murphy",
    "Müller",
    "Nelson",
    "Nguyen",
    "Novak",
    "Núñez",
    "O'Brien",
    "Ortiz",
    "Palmer",
    "Park",
    "Patel",
    "Perez",
    "Peterson",
    "Phillips",
    "Powell",
    "Price",
    "Ramirez",
    "Reed",
    "Reyes",
    "Rivera",
    "Roberts",
    "Robinson",
    "Rodriguez",
    "Rossi",
    "Sanders",
    "Scott",
    "Silva",
    "Smith",
    "Sullivan",
    "Taylor",
    "Thompson",
    "Turner",
    "Walker",
    "Young",
];

pub(super) const STREETS: [&str; 32] = [
    "Alder St",
    "Aspen Way",
    "Birch Ln",
    "Canyon Rd",
    "Cedar Ave",
    "Cherry St",
    "Church St",
    "Clover Ct",
    "Creekside Dr",
    "Elm St",
    "Franklin Ave",
    "Garden St",
    "Grant Ave",
    "Highland Ave",
    "Hillcrest Dr",
    "Jefferson St",
    "Juniper Dr",
    "Lakeview Dr",
    "Laurel Ln",
    "Lincoln Ave",
    "Main St",
    "Maple Ave",
    "Meadow Ln",
    "Oak St",
    "Orchard Rd",
    "Park Ave",
    "Pine St",
    "Ridge Rd",
    "River Rd",
    "Spruce St",
    "Sunset Blvd",
    "Washington St",
];

pub(super) const CUSTOMER_TAGS: [&str; 6] =
    ["VIP", "daycare regular", "prefers text", "referral", "military discount", "late pickup"];

pub(super) const CUSTOMER_NOTES: [&str; 8] = [
    "Travels for work, often books on short notice.",
    "Neighbor Pat may pick up; ask for ID.",
    "Prefers a call before noon.",
    "Sends own food in labeled bags.",
    "Always asks for the same kennel.",
    "Has a spare key to our lobby locker for drop-off.",
    "Please e-mail photos during the stay.",
    "Pays by check.",
];

pub(super) const STAY_NOTES: [&str; 8] = [
    "Brings own bed.",
    "Family reachable by text only.",
    "Half portion on the first evening.",
    "Picks up after six, will call ahead.",
    "Blue leash and collar belong to the pet.",
    "First stay, please send a photo.",
    "No group play this time.",
    "Toy bunny must go home again.",
];

pub(super) const BOY_DOGS: [&str; 26] = [
    "Bandit", "Bear", "Blue", "Bruno", "Buddy", "Charlie", "Chester", "Cooper", "Dexter", "Duke", "Finn",
    "Gus", "Henry", "Jack", "Koda", "Leo", "Max", "Milo", "Moose", "Murphy", "Oscar", "Otis", "Rocky",
    "Teddy", "Tucker", "Winston",
];

pub(super) const GIRL_DOGS: [&str; 26] = [
    "Bailey", "Bella", "Biscuit", "Coco", "Daisy", "Ginger", "Hazel", "Honey", "Juniper", "Lady", "Lola",
    "Lucy", "Luna", "Maggie", "Nala", "Olive", "Penny", "Pepper", "Rosie", "Ruby", "Sadie", "Scout",
    "Stella", "Willow", "Winnie", "Zoey",
];

pub(super) const BOY_CATS: [&str; 16] = [
    "Ash", "Boots", "Dusty", "Felix", "Figaro", "Jasper", "Loki", "Mochi", "Nimbus", "Oreo", "Pickles",
    "Simba", "Smokey", "Socks", "Tiger", "Ziggy",
];

pub(super) const GIRL_CATS: [&str; 16] = [
    "Cleo", "Ivy", "Kiki", "Lily", "Marble", "Mia", "Midnight", "Minnow", "Misty", "Olive", "Pumpkin",
    "Shadow", "Sophie", "Tabby", "Tilly", "Willow",
];

pub(super) const RABBIT_NAMES: [&str; 6] = ["Clover", "Hopper", "Nutmeg", "Snowball", "Thumper", "Truffle"];

/// A breed with the weights of its adults, in grams.
#[derive(Clone, Copy)]
pub(super) struct Breed {
    pub(super) name: &'static str,
    pub(super) grams: (i32, i32),
}

const fn breed(name: &'static str, from: i32, to: i32) -> Breed {
    Breed { name, grams: (from, to) }
}

pub(super) const DOG_BREEDS: [Breed; 34] = [
    breed("Labrador Retriever", 25_000, 36_000),
    breed("Golden Retriever", 25_000, 34_000),
    breed("German Shepherd", 22_000, 40_000),
    breed("French Bulldog", 8_000, 13_000),
    breed("Bulldog", 18_000, 25_000),
    breed("Standard Poodle", 20_000, 32_000),
    breed("Miniature Poodle", 5_000, 7_000),
    breed("Beagle", 9_000, 14_000),
    breed("Rottweiler", 36_000, 60_000),
    breed("German Shorthaired Pointer", 20_000, 32_000),
    breed("Dachshund", 7_000, 14_000),
    breed("Pembroke Welsh Corgi", 10_000, 14_000),
    breed("Australian Shepherd", 18_000, 29_000),
    breed("Yorkshire Terrier", 2_000, 3_200),
    breed("Cavalier King Charles Spaniel", 5_900, 8_200),
    breed("Doberman Pinscher", 27_000, 45_000),
    breed("Boxer", 25_000, 36_000),
    breed("Miniature Schnauzer", 5_000, 9_000),
    breed("Cane Corso", 40_000, 50_000),
    breed("Great Dane", 50_000, 79_000),
    breed("Shih Tzu", 4_000, 7_300),
    breed("Siberian Husky", 16_000, 27_000),
    breed("Bernese Mountain Dog", 32_000, 52_000),
    breed("Pomeranian", 1_400, 3_200),
    breed("Boston Terrier", 5_000, 11_000),
    breed("Havanese", 3_200, 5_900),
    breed("English Springer Spaniel", 18_000, 23_000),
    breed("Shetland Sheepdog", 6_800, 11_300),
    breed("Brittany", 14_000, 18_000),
    breed("Cocker Spaniel", 9_000, 14_000),
    breed("Border Collie", 14_000, 20_000),
    breed("Chihuahua", 1_500, 2_700),
    breed("Vizsla", 20_000, 27_000),
    breed("Mixed breed", 8_000, 32_000),
];

pub(super) const CAT_BREEDS: [Breed; 12] = [
    breed("Domestic Shorthair", 3_600, 5_400),
    breed("Domestic Longhair", 3_600, 5_600),
    breed("Maine Coon", 5_400, 8_200),
    breed("Ragdoll", 4_500, 9_000),
    breed("Persian", 3_200, 5_400),
    breed("Siamese", 3_000, 5_000),
    breed("British Shorthair", 4_000, 7_700),
    breed("Bengal", 3_600, 6_800),
    breed("Abyssinian", 2_700, 4_500),
    breed("Sphynx", 2_700, 5_400),
    breed("Russian Blue", 3_200, 5_400),
    breed("Norwegian Forest Cat", 4_100, 7_300),
];

pub(super) const RABBIT_BREEDS: [Breed; 3] =
    [breed("Holland Lop", 900, 1_800), breed("Netherland Dwarf", 500, 1_100), breed("Rex", 3_400, 4_800)];

pub(super) const VETS: [&str; 8] = [
    "Companion Animal Clinic",
    "Eastside Veterinary Hospital",
    "Four Corners Animal Hospital",
    "Green Valley Veterinary Care",
    "Northgate Animal Clinic",
    "Paw Prints Veterinary Center",
    "Southfork Veterinary Associates",
    "Town & Country Animal Hospital",
];

pub(super) const DOG_FEEDING: [&str; 6] = [
    "1 cup dry food, morning and evening",
    "2 cups dry food, morning and evening",
    "Half a cup dry food three times a day",
    "Own food in labeled bags, twice a day",
    "1 cup grain-free dry food with warm water, twice a day",
    "Slow feeder bowl, 1.5 cups twice a day",
];

pub(super) const CAT_FEEDING: [&str; 4] = [
    "One pouch wet food, morning and evening",
    "A quarter cup dry food twice a day",
    "Dry food always available",
    "Half a can in the evening, dry food in the morning",
];

pub(super) const MEDICATION: [&str; 8] = [
    "Apoquel 5.4 mg, one tablet with breakfast",
    "Carprofen 75 mg, half a tablet morning and evening with food",
    "Levothyroxine 0.3 mg, morning and evening",
    "Gabapentin 100 mg, one capsule in the evening",
    "Eye drops, one drop in each eye in the morning",
    "Trazodone 50 mg before storms",
    "Glucosamine chew, one a day",
    "Methimazole 2.5 mg, morning and evening",
];

pub(super) const ALLERGIES: [&str; 6] =
    ["Chicken", "Beef", "Grain", "Penicillin", "Flea saliva", "Oatmeal shampoo"];

pub(super) const BEHAVIOR: [(&str, &str); 8] = [
    ("Guards food: feed alone.", "Food guarding"),
    ("Slips out of doors: double-check the gate.", "Escape artist"),
    ("Shy with men, warms up with treats.", "Shy"),
    ("Pulls hard on the leash; use the harness.", "Strong puller"),
    ("Not with other males.", "No group play"),
    ("Jumps six-foot fences.", "Fence jumper"),
    ("Afraid of thunder.", "Storm anxiety"),
    ("Nips when paws are handled.", "Bite caution"),
];
