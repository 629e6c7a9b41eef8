//! Who gets in with a password, and how much those who guess are slowed; that nobody is kept out by others who guess.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Client, House, PASSWORD, Resort, house, house_with, resort};
use tokio::task::JoinSet;

const STAFF: &str = "staff@resort1.example";
const OWNER: &str = "owner@resort1.example";
const OPERATOR: &str = "operator@tailtown.example";
const NEW: &str = "another horse, another battery";

/// A door to sign in at: a resort's, or the operators'.
struct Door {
    client: Client,
    path: &'static str,
    email: &'static str,
}

impl Door {
    fn of_staff(resort: &Resort) -> Self {
        Self { client: resort.anyone.clone(), path: "/api/auth/login", email: STAFF }
    }

    fn of_operators(house: &House) -> Self {
        Self { client: house.client("localhost:4004"), path: "/platform/auth/login", email: OPERATOR }
    }

    fn both(house: &House, resort: &Resort) -> [Self; 2] {
        [Self::of_staff(resort), Self::of_operators(house)]
    }

    async fn try_from(&self, address: &str, email: &str, password: &str) -> Answer {
        attempt(self.client.with("x-forwarded-for", address), self.path, email, password).await
    }

    /// The client of a browser that signed in, with the cookie of its device alone.
    async fn device(&self) -> Client {
        let answer = self.try_from("198.51.100.1", self.email, PASSWORD).await;
        self.client.with("cookie", &device_cookie(&answer))
    }
}

async fn attempt(client: Client, path: &str, email: &str, password: &str) -> Answer {
    client.post(path, json!({ "email": email, "password": password })).await
}

async fn log_in(client: Client, email: &str, password: &str) -> Answer {
    attempt(client, "/api/auth/login", email, password).await
}

fn device_cookie(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let device = cookies.into_iter().find(|cookie| cookie.starts_with("tailtown_device=")).unwrap();
    assert!(device.contains("; HttpOnly; SameSite=Lax"), "{device}");
    device.split(';').next().unwrap().to_owned()
}

fn seconds(answer: &Answer) -> u64 {
    answer.header("retry-after").parse().unwrap()
}

#[tokio::test]
async fn of_twenty_guesses_at_once_five_are_heard_and_others_get_in_meanwhile() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for door in Door::both(&house, &resort) {
        let device = door.device().await;
        let mut guesses = JoinSet::new();
        for guess in 0..20 {
            let (client, path, email) = (door.client.clone(), door.path, door.email);
            guesses.spawn(async move {
                let client = client.with("x-forwarded-for", "203.0.113.7");
                attempt(client, path, email, &format!("guess {guess}")).await.status
            });
        }
        let answers = guesses.join_all().await;
        let count = |status: u16| answers.iter().filter(|answer| answer.as_u16() == status).count();
        assert_eq!((count(401), count(429)), (5, 15), "{answers:?}");
        // The one who guesses waits, with the right password as well.
        let refused = door.try_from("203.0.113.7", door.email, PASSWORD).await;
        assert_eq!(seconds(&refused), 1);
        refused.problem(429);
        // The owner of the account does not: from elsewhere, or on a device that was there before, beside the one who guesses.
        door.try_from("203.0.113.8", door.email, PASSWORD).await.ok();
        attempt(device.with("x-forwarded-for", "203.0.113.7"), door.path, door.email, PASSWORD).await.ok();
        door.try_from("203.0.113.7", door.email, PASSWORD).await.problem(429);
        house.advance(Duration::from_secs(1));
        door.try_from("203.0.113.7", door.email, PASSWORD).await.ok();
        // What was right once is counted anew.
        door.try_from("203.0.113.7", door.email, "wrong").await.problem(401);
        door.try_from("203.0.113.7", door.email, PASSWORD).await.ok();
    }
    resort.staff.get("/api/auth/me").await.ok();
}

#[tokio::test]
async fn each_further_wrong_password_waits_twice_as_long_up_to_a_quarter_of_an_hour_on_every_node() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let other = house.node(&[], house.clock.now()).await;
    let door = Door::of_staff(&resort);
    for _ in 0..4 {
        door.try_from("203.0.113.7", STAFF, "wrong").await.problem(401);
    }
    for expected in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        door.try_from("203.0.113.7", STAFF, "wrong").await.problem(401);
        let elsewhere = other.take_in(&door.client).with("x-forwarded-for", "203.0.113.7");
        let refused = attempt(elsewhere, door.path, STAFF, PASSWORD).await;
        assert_eq!(seconds(&refused), expected);
        refused.problem(429);
        house.advance(Duration::from_secs(expected));
        other.clock.advance(Duration::from_secs(expected));
    }
    // An hour without an attempt, and all is forgotten.
    house.advance(Duration::from_secs(3600));
    for _ in 0..5 {
        door.try_from("203.0.113.7", STAFF, "wrong").await.problem(401);
    }
    door.try_from("203.0.113.7", STAFF, "wrong").await.problem(429);
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_answered_like_one_that_does() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let path = format!("/api/staff/{}", id_of(&resort.manager).await);
    resort.owner.patch(&path, json!({ "isActive": false })).await.ok();
    for door in Door::both(&house, &resort) {
        let mut told = Vec::new();
        for email in [door.email, "nobody@resort1.example", "manager@resort1.example"] {
            let mut answers = Vec::new();
            for number in 0..7 {
                let answer = door.try_from("203.0.113.7", email, "wrong").await;
                let after = answer.headers.get("retry-after").cloned();
                let (status, statements) = (answer.status, answer.statements);
                // The first look-up of a resort is not the account's.
                let statements = if number == 0 { 0 } else { statements };
                answers.push((status, after, answer.body["detail"].clone(), statements));
            }
            told.push(answers);
        }
        assert!(told.iter().all(|answers| *answers == told[0]), "{told:#?}");
        assert_eq!(
            told[0].iter().map(|answer| answer.0.as_u16()).collect::<Vec<_>>(),
            [401, 401, 401, 401, 401, 429, 429]
        );
    }
}

#[tokio::test]
async fn a_device_is_known_at_its_resort_for_its_accounts_until_their_passwords_change() {
    let house = house().await;
    let (one, two) = (house.resort("resort1").await, house.resort("resort2").await);
    let door = Door::of_staff(&one);
    // A tablet on which two people signed in; both are known on it.
    let first = door.device().await;
    let answer = attempt(first.clone(), door.path, OWNER, PASSWORD).await;
    let tablet = first.with("cookie", &device_cookie(&answer)).with("x-forwarded-for", "203.0.113.7");
    let blocked = async |email: &str| {
        for _ in 0..5 {
            door.try_from("203.0.113.7", email, "wrong").await.problem(401);
        }
        door.try_from("203.0.113.7", email, PASSWORD).await.problem(429);
    };
    for email in [STAFF, OWNER, "manager@resort1.example", "staff@resort2.example"] {
        blocked(email).await;
    }
    for email in [STAFF, OWNER] {
        attempt(tablet.clone(), door.path, email, PASSWORD).await.ok();
    }
    // Not for others, nor changed, nor at another resort.
    attempt(tablet.clone(), door.path, "manager@resort1.example", PASSWORD).await.problem(429);
    let cookie = tablet.header("cookie").to_owned();
    let other = if cookie.contains("device=A") { "tailtown_device=B" } else { "tailtown_device=A" };
    let changed = format!("{other}{}", &cookie[other.len()..]);
    for cookie in [changed.as_str(), "tailtown_device=", "tailtown_device=AAAA"] {
        attempt(tablet.with("cookie", cookie), door.path, STAFF, PASSWORD).await.problem(429);
    }
    let there = two.anyone.with("cookie", &cookie).with("x-forwarded-for", "203.0.113.7");
    for _ in 0..5 {
        attempt(there.clone(), door.path, "staff@resort2.example", "wrong").await.problem(401);
    }
    attempt(there, door.path, "staff@resort2.example", PASSWORD).await.problem(429);
    // Its own guesses are slowed, too.
    for _ in 0..5 {
        attempt(tablet.clone(), door.path, OWNER, "wrong").await.problem(401);
    }
    attempt(tablet.clone(), door.path, OWNER, PASSWORD).await.problem(429);
    // A new password, and it is a stranger again.
    let change = json!({ "currentPassword": PASSWORD, "newPassword": NEW });
    one.staff.post("/api/auth/password", change).await.done();
    attempt(tablet, door.path, STAFF, NEW).await.problem(429);
}

#[tokio::test]
async fn a_flood_of_wrong_passwords_keeps_no_right_one_out() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for door in Door::both(&house, &resort) {
        let device = door.device().await;
        let mut flood = JoinSet::new();
        for number in 0..160 {
            let (client, path) = (door.client.clone(), door.path);
            flood.spawn(async move {
                let client = client.with("x-forwarded-for", &format!("203.0.113.{}", number % 8));
                attempt(client, path, &format!("nobody{number}@resort1.example"), "wrong horse battery")
                    .await
                    .status
            });
        }
        let mut right = JoinSet::new();
        for number in 0..8 {
            let (client, path, email) = (door.client.clone(), door.path, door.email);
            let stranger = client.with("x-forwarded-for", &format!("203.0.113.{}", 100 + number));
            right.spawn(async move { attempt(stranger, path, email, PASSWORD).await.status });
            let known = device.with("x-forwarded-for", &format!("203.0.113.{number}"));
            right.spawn(async move { attempt(known, path, email, PASSWORD).await.status });
        }
        let right = right.join_all().await;
        assert!(right.iter().all(|status| status.as_u16() == 200), "{right:?}");
        let flood = flood.join_all().await;
        assert!(flood.iter().all(|status| [401, 429, 503].contains(&status.as_u16())), "{flood:?}");
        assert!(flood.iter().any(|status| status.as_u16() == 401), "{flood:?}");
    }
}

#[tokio::test]
async fn no_lock_is_taken_for_a_wrong_password_and_no_second_connection_for_a_right_one() {
    let one = ("DATABASE_URL", "postgresql://tailtown_app@/x?connection_limit=1&pool_timeout=2");
    let house = house_with(&[one]).await;
    let resort = house.resort("resort1").await;
    let mut admin = house.database.connect("postgres").await;
    let held = admin.transaction().await.unwrap();
    held.batch_execute("select from app.staff for update; select from app.operators for update")
        .await
        .unwrap();
    for door in Door::both(&house, &resort) {
        door.try_from("203.0.113.7", door.email, "wrong").await.problem(401);
    }
    held.rollback().await.unwrap();
    // Whoever held the only connection while it asks for another one would wait for itself.
    for door in Door::both(&house, &resort) {
        door.try_from("203.0.113.7", door.email, PASSWORD).await.ok();
    }
    let change = json!({ "currentPassword": PASSWORD, "newPassword": NEW });
    resort.staff.post("/api/auth/password", change.clone()).await.done();
    house.operator.post("/platform/auth/password", change).await.done();
    resort.owner.post("/api/staff", colleague("long enough, this")).await.created();
    let path = format!("/api/staff/{}/password", id_of(&resort.manager).await);
    resort.owner.post(&path, json!({ "newPassword": NEW })).await.done();
    let operator = json!({ "name": "O", "email": "o@y.example", "password": "long enough, this" });
    house.operator.post("/platform/operators", operator).await.created();
    house.operator.post("/platform/tenants", tenant("long enough, this")).await.created();
}

fn colleague(password: &str) -> Value {
    json!({ "firstName": "A", "lastName": "B", "email": "new.colleague@y.example", "role": "STAFF", "password": password })
}

fn tenant(password: &str) -> Value {
    let owner =
        json!({ "firstName": "A", "lastName": "B", "email": "first.owner@y.example", "password": password });
    json!({ "subdomain": "muddy-paws", "name": "Muddy Paws Ranch", "timezone": "America/Denver", "owner": owner })
}

async fn id_of(client: &Client) -> String {
    client.get("/api/auth/me").await.ok()["staff"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_fifth_wrong_current_password_ends_the_session_and_no_other() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for (door, stolen, path) in [
        (Door::of_staff(&resort), resort.staff.clone(), "/api/auth/"),
        (Door::of_operators(&house), house.operator.clone(), "/platform/auth/"),
    ] {
        let (change, me) = (format!("{path}password"), format!("{path}me"));
        let answer = door.try_from("203.0.113.7", door.email, PASSWORD).await.ok();
        let own = door.client.bearing(answer["accessToken"].as_str().unwrap());
        let guess = |password: &str| json!({ "currentPassword": password, "newPassword": NEW });
        let mut guesses = JoinSet::new();
        for number in 0..20 {
            let (stolen, change, guess) = (stolen.clone(), change.clone(), guess(&format!("guess {number}")));
            guesses.spawn(async move { stolen.post(&change, guess).await.status.as_u16() });
        }
        let answers = guesses.join_all().await;
        assert_eq!(answers.iter().filter(|status| **status == 422).count(), 4, "{answers:?}");
        stolen.get(&me).await.problem(401);
        stolen.post(&change, guess(PASSWORD)).await.problem(401);
        own.get(&me).await.ok();
        own.post(&change, guess("wrong")).await.problem(422);
        own.post(&change, guess(PASSWORD)).await.done();
    }
}

#[tokio::test]
async fn an_owner_sets_the_own_password_with_the_current_one_only() {
    let resort = resort().await;
    let own = format!("/api/staff/{}/password", id_of(&resort.owner).await);
    let problem = resort.owner.post(&own, json!({ "newPassword": NEW })).await.problem(403);
    assert!(problem["detail"].as_str().unwrap().contains("POST /api/auth/password"), "{problem}");
    attempt(resort.anyone.clone(), "/api/auth/login", OWNER, PASSWORD).await.ok();
    let other = format!("/api/staff/{}/password", id_of(&resort.staff).await);
    resort.owner.post(&other, json!({ "newPassword": NEW })).await.done();
    attempt(resort.anyone.clone(), "/api/auth/login", STAFF, NEW).await.ok();
}

#[tokio::test]
async fn passwords_that_are_guessed_first_are_refused_wherever_one_is_set() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let staff = format!("/api/staff/{}/password", id_of(&resort.staff).await);
    let own = |new: &str| json!({ "currentPassword": PASSWORD, "newPassword": new });
    for common in ["password123!", "qwertyqwerty", "resort1resort1!", "1234567890"] {
        let refused = [
            resort.owner.post("/api/staff", colleague(common)).await,
            resort.owner.post(&staff, json!({ "newPassword": common })).await,
            resort.staff.post("/api/auth/password", own(common)).await,
        ];
        let fields = ["password", "newPassword", "newPassword"];
        for (answer, field) in refused.into_iter().zip(fields) {
            assert_eq!(answer.problem(422)["errors"][0]["field"], field, "{common}");
        }
    }
    for mail in ["new.colleague@y.example", "New.Colleague2026"] {
        resort.owner.post("/api/staff", colleague(mail)).await.problem(422);
    }
    resort.owner.post(&staff, json!({ "newPassword": STAFF })).await.problem(422);
    for name in ["muddy-paws-2026", "MuddyPawsRanch!", "first.owner", "password2026"] {
        let name = format!("{name}!!!");
        let problem = house.operator.post("/platform/tenants", tenant(&name)).await.problem(422);
        assert_eq!(problem["errors"][0]["field"], "owner.password");
    }
    for password in [OPERATOR, "iloveyou!!!!"] {
        house.operator.post("/platform/auth/password", own(password)).await.problem(422);
    }
    let operator = json!({ "name": "O", "email": "o.o.operator@y.example", "password": "oooperator1234" });
    house.operator.post("/platform/operators", operator).await.problem(422);
}

#[tokio::test]
async fn an_address_may_sign_in_only_so_often_and_another_is_not_held_up_by_it() {
    let settings = [("SIGN_INS_PER_ADDRESS", "7")];
    let house = house_with(&settings).await;
    let (one, other) = (house.resort("resort1").await, house.resort("resort2").await);
    let from = |client: &Client, address: &str| client.with("x-forwarded-for", address);
    for number in 0..7 {
        let email = format!("nobody{number}@resort1.example");
        log_in(from(&one.anyone, "203.0.113.7"), &email, "wrong horse battery").await.problem(401);
    }
    for resort in [&one, &other] {
        let refused = log_in(from(&resort.anyone, "203.0.113.7"), "staff@resort2.example", PASSWORD).await;
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 1);
        refused.problem(429);
    }
    log_in(from(&one.anyone, "203.0.113.7, 203.0.113.8"), STAFF, PASSWORD).await.ok();
    // Whoever has one address of a network of IPv6 has all of them.
    for number in 0..7 {
        let email = format!("nobody{number}@resort1.example");
        let neighbour = from(&one.anyone, &format!("2001:db8:1:2::{number}"));
        log_in(neighbour, &email, "wrong horse battery").await.problem(401);
    }
    log_in(from(&one.anyone, "2001:db8:1:2::ffff"), STAFF, PASSWORD).await.problem(429);
    log_in(from(&one.anyone, "2001:db8:1:3::ffff"), STAFF, PASSWORD).await.ok();
    let stats = house.program.limits.stats();
    assert_eq!((stats.sign_ins_refused, stats.sign_ins_slowed), (3, 0));
}
