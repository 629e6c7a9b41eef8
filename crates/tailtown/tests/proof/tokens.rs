//! A token is believed whole or not at all: whatever is made of real ones signs nobody in, on any node, with any cache.

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use testkit::redis::Redis;
use testkit::{Client, House, MORNING, PASSWORD, Resort, house, house_with};
use uuid::Uuid;

fn token_of(client: &Client) -> String {
    client.header("authorization").trim_start_matches("Bearer ").to_owned()
}

/// The first 22 letters of a token are its tenant's id, but for two bits of the secret.
fn under(tenant: &str, secret: &str) -> String {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
    let (tenant, secret) = (BASE64.decode(tenant).unwrap(), BASE64.decode(secret).unwrap());
    BASE64.encode([&tenant[..16], &secret[16..]].concat())
}

/// The takeover that was once possible: an owner shows the own secret under another resort's id, while both resorts count
/// the same number of changes.
#[tokio::test]
async fn a_secret_opens_no_other_resort_however_the_cache_stands() {
    let redis = Redis::start().await;
    let url = redis.url();
    for settings in [&[][..], &[("REDIS_URL", url.as_str())]] {
        let house = house_with(settings).await;
        let (victim, attacker) = (house.resort("victim").await, house.resort("attacker").await);
        let theirs = token_of(&victim.owner);
        // The victim's count is ahead: at some point the attacker's sign-ins make both the same.
        for _ in 0..6 {
            victim.anyone.signed_in("/api/auth/login", "staff@victim.example", PASSWORD).await;
        }
        for _ in 0..12 {
            let login =
                attacker.anyone.signed_in("/api/auth/login", "owner@attacker.example", PASSWORD).await;
            login.get("/api/auth/me").await.ok();
            victim.owner.get("/api/auth/me").await.ok();
            let forged = victim.anyone.bearing(&under(&theirs, &token_of(&login)));
            for path in ["/api/auth/me", "/api/customers", "/api/customers"] {
                forged.get(path).await.problem(401);
            }
            let owner = json!({
                "firstName": "E", "lastName": "E", "email": "e@e.example", "role": "OWNER", "password": PASSWORD,
            });
            forged.post("/api/staff", owner).await.problem(401);
            // The attacker's own session is none the worse for it.
            login.get("/api/auth/me").await.ok();
        }
    }
}

/// A token that is refused for its number is not refused for what it is.
const UNLIMITED: (&str, &str) = ("REQUESTS_PER_ADDRESS", "1000000");

/// How many forgeries are left to chance in each round; a few turn out to be no forgeries.
const BY_CHANCE: usize = 1500;

/// Everything that is made of these tokens without being one of them.
fn forgeries(real: &[String], random: &mut StdRng) -> Vec<String> {
    let mut forged = Vec::new();
    for one in real {
        for length in [0, 1, 21, 22, 43, 60, 62, 63] {
            forged.push(one[..length].to_owned());
            forged.push(one[64 - length..].to_owned());
        }
        forged.extend(["A", "=", "==", "AAAA", "%00"].map(|more| format!("{one}{more}")));
        forged.push(format!("AAAA{one}"));
        forged.push(format!("{one},{one}"));
        forged.push(one.chars().rev().collect());
        forged.push(format!("{}{}", "A".repeat(22), &one[22..]));
        forged.push(under(&"A".repeat(64), one));
        for other in real.iter().filter(|other| *other != one) {
            forged.push(under(other, one));
            forged.push(format!("{}{}", &one[..32], &other[32..]));
            forged.push(format!("{one}{other}"));
        }
    }
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=";
    for number in 0..BY_CHANCE {
        let mut letters = real.choose(random).unwrap().clone().into_bytes();
        let place = random.random_range(0..letters.len());
        match number % 4 {
            // Cut off, or with more behind it.
            0 => letters.truncate(place),
            1 => (0..=place).for_each(|_| letters.push(*LETTERS.choose(random).unwrap())),
            // The end of another.
            2 => {
                letters.truncate(place);
                letters.extend_from_slice(&real.choose(random).unwrap().as_bytes()[place..]);
            }
            _ => {
                for _ in 0..random.random_range(1..4) {
                    let place = random.random_range(0..letters.len());
                    letters[place] = *LETTERS.choose(random).unwrap();
                }
            }
        }
        forged.push(String::from_utf8(letters).unwrap());
    }
    forged.retain(|text| !real.contains(text));
    forged
}

/// The same forgeries each time, so that a failure can be found again; others in each round.
fn random() -> StdRng {
    StdRng::seed_from_u64(14)
}

async fn try_all(
    house: &House,
    victim: &Resort,
    other: &Resort,
    second: Option<&testkit::Node>,
    random: &mut StdRng,
) {
    let real: Vec<String> = [&victim.owner, &victim.staff, &other.owner, &house.operator]
        .iter()
        .map(|client| token_of(client))
        .collect();
    let forged = forgeries(&real, random);
    assert!(forged.len() > BY_CHANCE / 2, "{}", forged.len());
    let platform = house.client("localhost:4004");
    let refused = async |text: &String| {
        let shown = victim.anyone.bearing(text);
        let elsewhere = second.map(|node| node.take_in(&shown));
        for client in [Some(shown), elsewhere].into_iter().flatten() {
            let answer = client.get("/api/auth/me").await;
            assert_eq!(answer.status, 401, "{text}: {}", answer.body);
        }
        let answer = platform.bearing(text).get("/platform/auth/me").await;
        assert_eq!(answer.status, 401, "{text} on the platform: {}", answer.body);
    };
    for some in forged.chunks(8) {
        join_all(some.iter().map(refused)).await;
    }
    // Tokens of another kind.
    victim.anyone.bearing(&real[3]).get("/api/auth/me").await.problem(401);
    platform.bearing(&real[0]).get("/platform/auth/me").await.problem(401);
    victim.anyone.bearing(&real[2]).get("/api/auth/me").await.problem(403);
    victim.anyone.bearing(&real[0]).get("/api/auth/me").await.ok();
}

#[tokio::test]
async fn forged_tokens_are_refused_cold_and_warm_in_one_process() {
    let house = house_with(&[UNLIMITED]).await;
    let (victim, other) = (house.resort("victim").await, house.resort("other").await);
    let mut random = random();
    for _ in 0..2 {
        try_all(&house, &victim, &other, None, &mut random).await;
    }
}

#[tokio::test]
async fn forged_tokens_are_refused_cold_and_warm_on_two_nodes_that_share_redis() {
    let redis = Redis::start().await;
    let url = redis.url();
    let settings = [("REDIS_URL", url.as_str()), UNLIMITED];
    let house = house_with(&settings).await;
    let second = house.node(&settings, MORNING.parse().unwrap()).await;
    let (victim, other) = (house.resort("victim").await, house.resort("other").await);
    let mut random = random();
    for _ in 0..2 {
        second.take_in(&victim.owner).get("/api/auth/me").await.ok();
        try_all(&house, &victim, &other, Some(&second), &mut random).await;
    }
}

#[tokio::test]
async fn an_id_as_host_name_takes_nobodys_place() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let id = resort.id.to_string();
    let by_id = |client: &Client| client.with("host", "localhost:4004").with("x-tenant-id", &id);
    for _ in 0..3 {
        resort.anyone.with("host", &format!("{id}.localhost:4004")).get("/api/auth/me").await.problem(404);
        by_id(&resort.owner).get("/api/auth/me").await.ok();
        by_id(&resort.anyone).get("/api/auth/me").await.problem(401);
    }
    // Nor can a resort be given such a name.
    for name in [id.clone(), id.replace('-', ""), Uuid::from_u128(7).to_string()] {
        let new = json!({
            "subdomain": name, "name": "N", "timezone": "America/Denver",
            "owner": { "firstName": "A", "lastName": "B", "email": "a@b.example", "password": PASSWORD },
        });
        let refused = house.operator.post("/platform/tenants", new).await.problem(422);
        assert_eq!(refused["errors"][0]["field"], "subdomain", "{refused}");
    }
}
