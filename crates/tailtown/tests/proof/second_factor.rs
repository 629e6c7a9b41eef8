//! Second factors: a login needs the code as well, each code counts once, and guessing codes is as slow as guessing passwords.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, House, PASSWORD, Resort, code_of, house, house_with};
use tokio::task::JoinSet;
use tokio_postgres::Client as Database;

pub(crate) const REQUIRED: &str = "urn:tailtown:problem:second-factor-required";
const NEW: &str = "another horse, another battery";
const STEP: Duration = Duration::from_secs(30);

/// Someone who can have a second factor: a member of staff, or an operator.
pub(crate) struct Person {
    pub signed: Client,
    pub anyone: Client,
    /// Of the routes of the own account.
    pub auth: &'static str,
    pub email: &'static str,
}

impl Person {
    pub(crate) fn of_staff(resort: &Resort) -> Self {
        let (signed, anyone) = (resort.staff.clone(), resort.anyone.clone());
        Self { signed, anyone, auth: "/api/auth", email: "staff@resort1.example" }
    }

    pub(crate) fn operator(house: &House) -> Self {
        let (signed, anyone) = (house.operator.clone(), house.client("localhost:4004"));
        Self { signed, anyone, auth: "/platform/auth", email: "operator@tailtown.example" }
    }

    fn both(house: &House, resort: &Resort) -> [Self; 2] {
        [Self::of_staff(resort), Self::operator(house)]
    }

    pub(crate) async fn own(&self, path: &str, body: Value) -> Answer {
        self.signed.post(&format!("{}/second-factor{path}", self.auth), body).await
    }

    pub(crate) async fn start(&self) -> String {
        let started = self.own("", json!({ "currentPassword": PASSWORD })).await;
        assert_eq!(started.header("cache-control"), "no-store");
        started.ok()["secret"].as_str().unwrap().to_owned()
    }

    /// Sets a factor up: its secret and the recovery codes. The clock stands at a step of which no code was used then.
    pub(crate) async fn set_up(&self, house: &House) -> (String, Vec<String>) {
        let secret = self.start().await;
        let confirmed = self.own("/confirm", json!({ "code": code_of(&secret, house.clock.now()) })).await;
        assert_eq!(confirmed.header("cache-control"), "no-store");
        let codes: Vec<String> = serde_json::from_value(confirmed.ok()["recoveryCodes"].clone()).unwrap();
        house.advance(3 * STEP);
        (secret, codes)
    }

    async fn me(&self) -> Value {
        let me = self.signed.get(&format!("{}/me", self.auth)).await.ok();
        if me["staff"].is_null() { me } else { me["staff"].clone() }
    }

    pub(crate) async fn log_in(&self, from: &Client, password: &str, code: Option<&str>) -> Answer {
        let mut login = json!({ "email": self.email, "password": password });
        if let Some(code) = code {
            login["code"] = code.into();
        }
        from.post(&format!("{}/login", self.auth), login).await
    }

    fn from(&self, address: &str) -> Client {
        self.anyone.with("x-forwarded-for", address)
    }
}

fn kind(answer: Answer, status: u16) -> String {
    answer.problem(status)["type"].as_str().unwrap().to_owned()
}

async fn admin(house: &House) -> Database {
    house.database.connect("postgres").await
}

#[tokio::test]
async fn once_confirmed_a_login_needs_the_code_and_only_who_has_the_password_learns_so() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for person in Person::both(&house, &resort) {
        let elsewhere = person.log_in(&person.anyone, PASSWORD, None).await.ok();
        let elsewhere = person.anyone.bearing(elsewhere["accessToken"].as_str().unwrap());
        let problem = person.own("", json!({ "currentPassword": "wrong" })).await.problem(422);
        assert_eq!(problem["errors"][0]["field"], "currentPassword");
        person.own("/confirm", json!({ "code": "000000" })).await.problem(409);
        let first = person.start().await;
        let secret = person.start().await;
        assert_ne!(first, secret);
        // Not confirmed, it does not count, nor does a secret that was replaced.
        assert_eq!(person.me().await["secondFactor"], false);
        person.log_in(&person.anyone, PASSWORD, None).await.ok();
        let code = code_of(&first, house.clock.now());
        assert_eq!(
            person.own("/confirm", json!({ "code": code })).await.problem(422)["errors"][0]["field"],
            "code"
        );
        let code = code_of(&secret, house.clock.now());
        let confirmed = person.own("/confirm", json!({ "code": code })).await.ok();
        assert_eq!(confirmed["recoveryCodes"].as_array().unwrap().len(), 10);
        assert_eq!(person.me().await["secondFactor"], true);
        elsewhere.get(&format!("{}/me", person.auth)).await.problem(401);
        person.own("", json!({ "currentPassword": PASSWORD })).await.problem(409);
        person.own("/confirm", json!({ "code": code })).await.problem(409);

        // A wrong password learns nothing: with a code or without, it is answered as for an account that does not exist.
        let nobody = json!({ "email": "nobody@resort1.example", "password": "wrong" });
        let nobody = person.anyone.post(&format!("{}/login", person.auth), nobody).await;
        for code in [None, Some("000000"), Some(code.as_str())] {
            let wrong = person.log_in(&person.anyone, "wrong", code).await;
            assert_eq!(wrong.statements, nobody.statements);
            let wrong = wrong.problem(401);
            assert_eq!(
                (&wrong["type"], &wrong["detail"]),
                (&"about:blank".into(), &nobody.body["detail"]),
                "{code:?}"
            );
        }
        house.advance(STEP);
        for code in [None, Some(""), Some("000000")] {
            let answer = person.log_in(&person.from("203.0.113.7"), PASSWORD, code).await;
            assert_eq!(kind(answer, 401), REQUIRED, "{code:?}");
        }
        house.advance(Duration::from_secs(3600));
        let code = code_of(&secret, house.clock.now());
        let session = person.log_in(&person.anyone, PASSWORD, Some(&code)).await.ok();
        let signed = person.anyone.bearing(session["accessToken"].as_str().unwrap());
        signed.get(&format!("{}/me", person.auth)).await.ok();
    }
    let staff = resort.owner.get("/api/staff").await.ok();
    let with: Vec<_> = staff["data"].as_array().unwrap().iter().map(|one| &one["secondFactor"]).collect();
    assert_eq!(with, [false, false, true]);
    let operators = house.operator.get("/platform/operators").await.ok();
    assert_eq!(operators["data"][0]["secondFactor"], true);
}

#[tokio::test]
async fn of_logins_side_by_side_at_two_nodes_one_has_the_code_accepted() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let other = house.node(&[], house.clock.now()).await;
    for person in Person::both(&house, &resort) {
        let (secret, recovery) = person.set_up(&house).await;
        other.clock.advance(3 * STEP);
        for code in [code_of(&secret, house.clock.now()), recovery[0].clone()] {
            let mut logins = JoinSet::new();
            for number in 0..4 {
                let client =
                    if number % 2 == 0 { person.anyone.clone() } else { other.take_in(&person.anyone) };
                let login = json!({ "email": person.email, "password": PASSWORD, "code": code });
                let path = format!("{}/login", person.auth);
                logins.spawn(async move { client.post(&path, login).await.status.as_u16() });
            }
            let mut answers = logins.join_all().await;
            answers.sort_unstable();
            assert_eq!(answers, [200, 401, 401, 401]);
            assert_eq!(kind(person.log_in(&person.anyone, PASSWORD, Some(&code)).await, 401), REQUIRED);
            house.advance(Duration::from_secs(3600));
            other.clock.advance(Duration::from_secs(3600));
        }
        // Nine codes are left, also as somebody types them.
        let typed = format!(" {} ", recovery[1].to_lowercase().replace('-', " "));
        person.log_in(&person.anyone, PASSWORD, Some(&typed)).await.ok();
        person.log_in(&person.anyone, PASSWORD, Some(&recovery[1])).await.problem(401);
        person.log_in(&person.anyone, PASSWORD, Some(&recovery[9])).await.ok();
    }
    let used = house.operator.get("/platform/actions?limit=100").await.ok()["data"].to_string();
    assert_eq!(used.matches("operator.use_recovery_code").count(), 3);
}

#[tokio::test]
async fn a_clock_may_be_one_step_ahead_or_behind() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for person in Person::both(&house, &resort) {
        let (secret, _) = person.set_up(&house).await;
        for (ahead, status) in [(-60, 401), (60, 401), (30, 200), (-30, 200), (0, 200), (-30, 401), (30, 401)]
        {
            let at = house.clock.now() + jiff::SignedDuration::from_secs(ahead);
            let answer = person.log_in(&person.anyone, PASSWORD, Some(&code_of(&secret, at))).await;
            assert_eq!(answer.status.as_u16(), status, "{ahead}");
        }
    }
}

#[tokio::test]
async fn wrong_codes_are_slowed_from_wherever_they_come_and_keep_no_known_device_out() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for person in Person::both(&house, &resort) {
        let (secret, _) = person.set_up(&house).await;
        let now = || code_of(&secret, house.clock.now());
        let device = person.log_in(&person.from("198.51.100.1"), PASSWORD, Some(&now())).await;
        let cookies = device.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
        let device = cookies.into_iter().find(|cookie| cookie.starts_with("tailtown_device=")).unwrap();
        let device = person.from("198.51.100.1").with("cookie", device.split(';').next().unwrap());
        house.advance(STEP);
        // A known device does not replace the code.
        assert_eq!(kind(person.log_in(&device, PASSWORD, None).await, 401), REQUIRED);
        for number in 0..5 {
            let from = person.from(&format!("203.0.113.{number}"));
            assert_eq!(kind(person.log_in(&from, PASSWORD, Some("000000")).await, 401), REQUIRED);
        }
        for wait in [1, 2, 4] {
            // The right code has to wait as well, from an address that was never seen; right passwords in between change nothing.
            let from = person.from(&format!("203.0.113.{}", 100 + wait));
            person.log_in(&from, PASSWORD, None).await.problem(401);
            let refused = person.log_in(&from, PASSWORD, Some(&now())).await;
            assert_eq!(refused.header("retry-after"), wait.to_string());
            refused.problem(429);
            // Nobody without the password learns of it.
            let stranger = person.log_in(&person.from("203.0.113.200"), "wrong", Some("000000")).await;
            assert_eq!(kind(stranger, 401), "about:blank");
            house.advance(Duration::from_secs(wait));
            let from = person.from(&format!("203.0.113.{}", 150 + wait));
            person.log_in(&from, PASSWORD, Some("000000")).await.problem(401);
        }
        person.log_in(&person.from("203.0.113.9"), PASSWORD, Some(&now())).await.problem(429);
        person.log_in(&device, PASSWORD, Some(&now())).await.ok();
        house.advance(Duration::from_secs(30));
        person.log_in(&person.from("203.0.113.9"), PASSWORD, Some(&now())).await.ok();
        // What was right is counted anew.
        person.log_in(&person.from("203.0.113.9"), PASSWORD, Some("000000")).await.problem(401);
        // Guesses on a known device are slowed, too.
        for _ in 0..5 {
            person.log_in(&device, PASSWORD, Some("000000")).await.problem(401);
        }
        person.log_in(&device, PASSWORD, Some(&now())).await.problem(429);
    }
}

#[tokio::test]
async fn asking_for_the_code_again_and_again_waits_like_wrong_passwords() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for person in Person::both(&house, &resort) {
        person.set_up(&house).await;
        for _ in 0..5 {
            person.log_in(&person.from("203.0.113.7"), PASSWORD, None).await.problem(401);
        }
        person.log_in(&person.from("203.0.113.7"), PASSWORD, None).await.problem(429);
    }
}

#[tokio::test]
async fn the_fifth_wrong_code_ends_the_session_and_a_right_password_gives_no_more_guesses() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for mut person in Person::both(&house, &resort) {
        let again = async |person: &mut Person, code: Option<&str>| {
            let answer = person.log_in(&person.anyone, PASSWORD, code).await.ok();
            person.signed = person.anyone.bearing(answer["accessToken"].as_str().unwrap());
        };
        person.start().await;
        for _ in 0..4 {
            person.own("/confirm", json!({ "code": "000000" })).await.problem(422);
        }
        person.own("/confirm", json!({ "code": "000000" })).await.problem(401);
        person.own("/confirm", json!({ "code": "000000" })).await.problem(401);
        again(&mut person, None).await;
        let (secret, _) = person.set_up(&house).await;
        let remove = |code: &str| json!({ "currentPassword": PASSWORD, "code": code });
        for _ in 0..4 {
            person.own("/remove", remove("000000")).await.problem(422);
        }
        let change = json!({ "currentPassword": PASSWORD, "newPassword": NEW });
        person.signed.post(&format!("{}/password", person.auth), change).await.done();
        let remove = |code: &str| json!({ "currentPassword": NEW, "code": code });
        person.own("/remove", remove("000000")).await.problem(422);
        person.own("/remove", remove(&code_of(&secret, house.clock.now()))).await.problem(429);
        house.advance(STEP);
        person.own("/remove", remove(&code_of(&secret, house.clock.now()))).await.done();
        assert_eq!(person.me().await["secondFactor"], false);
    }
}

#[tokio::test]
async fn removing_needs_password_and_code_and_ends_other_sessions() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for person in Person::both(&house, &resort) {
        let remove = |password: &str, code: &str| json!({ "currentPassword": password, "code": code });
        person.own("/remove", remove(PASSWORD, "000000")).await.problem(409);
        let (secret, recovery) = person.set_up(&house).await;
        let now = || code_of(&secret, house.clock.now());
        let other = person.log_in(&person.anyone, PASSWORD, Some(&now())).await.ok();
        let other = person.anyone.bearing(other["accessToken"].as_str().unwrap());
        let used = now();
        assert_eq!(
            person.own("/remove", remove("wrong", &recovery[0])).await.problem(422)["errors"][0]["field"],
            "currentPassword"
        );
        // A code that signed somebody in removes nothing.
        assert_eq!(
            person.own("/remove", remove(PASSWORD, &used)).await.problem(422)["errors"][0]["field"],
            "code"
        );
        other.get(&format!("{}/me", person.auth)).await.ok();
        person.own("/remove", remove(PASSWORD, &recovery[0])).await.done();
        other.get(&format!("{}/me", person.auth)).await.problem(401);
        assert_eq!(person.me().await["secondFactor"], false);
        person.log_in(&person.anyone, PASSWORD, None).await.ok();
    }
}

#[tokio::test]
async fn a_password_that_is_changed_or_reset_keeps_the_factor() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let id = resort.staff.get("/api/auth/me").await.ok()["staff"]["id"].as_str().unwrap().to_owned();
    for person in Person::both(&house, &resort) {
        let (secret, _) = person.set_up(&house).await;
        let change = json!({ "currentPassword": PASSWORD, "newPassword": NEW });
        person.signed.post(&format!("{}/password", person.auth), change).await.done();
        assert_eq!(kind(person.log_in(&person.anyone, NEW, None).await, 401), REQUIRED);
        let code = code_of(&secret, house.clock.now());
        person.log_in(&person.anyone, NEW, Some(&code)).await.ok();
    }
    let reset = json!({ "newPassword": PASSWORD });
    resort.owner.post(&format!("/api/staff/{id}/password"), reset).await.done();
    let person = Person::of_staff(&resort);
    assert_eq!(kind(person.log_in(&person.anyone, PASSWORD, None).await, 401), REQUIRED);
}

#[tokio::test]
async fn an_owner_removes_the_factor_that_a_member_of_staff_lost_and_nobody_else_does() {
    let house = house().await;
    let (resort, neighbour) = (house.resort("resort1").await, house.resort("resort2").await);
    let person = Person::of_staff(&resort);
    let path = format!("/api/staff/{}/second-factor", person.me().await["id"].as_str().unwrap());
    resort.owner.delete(&path).await.problem(404);
    person.set_up(&house).await;
    for client in [&resort.manager, &resort.staff] {
        client.delete(&path).await.problem(403);
    }
    neighbour.owner.delete(&path).await.problem(404);
    assert_eq!(person.me().await["secondFactor"], true);
    resort.owner.delete(&path).await.done();
    person.signed.get("/api/auth/me").await.problem(401);
    person.log_in(&person.anyone, PASSWORD, None).await.ok();
    resort.owner.delete(&path).await.problem(404);
    let own = resort.owner.get("/api/auth/me").await.ok();
    let own = format!("/api/staff/{}/second-factor", own["staff"]["id"].as_str().unwrap());
    let problem = resort.owner.delete(&own).await.problem(403);
    assert!(problem["detail"].as_str().unwrap().contains("POST /api/auth/second-factor/remove"), "{problem}");
}

#[tokio::test]
async fn a_row_that_is_copied_to_another_account_opens_nothing() {
    let house = house().await;
    let (resort, neighbour) = (house.resort("resort1").await, house.resort("resort2").await);
    let person = Person::of_staff(&resort);
    let (secret, recovery) = person.set_up(&house).await;
    let copy = "insert into app.staff_second_factors (tenant_id, staff_id, sealed_secret, recovery_codes, created_at, confirmed_at) \
                select s.tenant_id, s.id, f.sealed_secret, f.recovery_codes, f.created_at, f.confirmed_at \
                from app.staff s, app.staff_second_factors f where s.id <> f.staff_id";
    assert_eq!(admin(&house).await.execute(copy, &[]).await.unwrap(), 5);
    for (client, email) in
        [(&resort.anyone, "manager@resort1.example"), (&neighbour.anyone, "staff@resort2.example")]
    {
        for code in [&code_of(&secret, house.clock.now()), &recovery[0]] {
            let login = json!({ "email": email, "password": PASSWORD, "code": code });
            assert_eq!(kind(client.post("/api/auth/login", login).await, 401), REQUIRED, "{email}");
        }
    }
    person.log_in(&person.anyone, PASSWORD, Some(&recovery[0])).await.ok();
}

#[tokio::test]
async fn no_table_holds_a_secret_or_a_code_that_anybody_could_use() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    let database = admin(&house).await;
    for person in Person::both(&house, &resort) {
        let (secret, recovery) = person.set_up(&house).await;
        let code = code_of(&secret, house.clock.now());
        person.log_in(&person.anyone, PASSWORD, Some(&code)).await.ok();
        let tables = "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'app'";
        let mut rows = 0;
        for table in database.query(tables, &[]).await.unwrap() {
            let table: String = table.get(0);
            for row in database.query(&format!("select t::text from {table} t"), &[]).await.unwrap() {
                let row: String = row.get(0);
                rows += 1;
                for text in recovery.iter().chain([&secret]) {
                    let plain = text.replace('-', "");
                    assert!(!row.contains(text) && !row.contains(&plain), "{table}");
                    assert!(!row.contains(&hex_of(&plain)), "{table}");
                }
            }
        }
        assert!(rows > 10, "{rows}");
    }
}

/// The bytes of a base32 text, as PostgreSQL shows them.
fn hex_of(base32: &str) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String =
        base32.chars().map(|letter| format!("{:05b}", LETTERS.find(letter).unwrap())).collect();
    (0..bits.len() / 4)
        .map(|nibble| u8::from_str_radix(&bits[4 * nibble..4 * nibble + 4], 2).unwrap())
        .map(|nibble| format!("{nibble:x}"))
        .collect()
}

/// A login that was proven with the password alone waits for the account's lock while a factor is added: it must see the factor.
#[tokio::test]
async fn a_factor_that_is_added_during_a_login_with_the_password_alone_keeps_it_out() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for (person, table, others) in
        [(Person::of_staff(&resort), "staff", "tenant_id, "), (Person::operator(&house), "operator", "")]
    {
        let mut changing = admin(&house).await;
        let watching = admin(&house).await;
        let accounts = if table == "staff" { "staff" } else { "operators" };
        let change = changing.transaction().await.unwrap();
        let lock = format!("select id from app.{accounts} where email = $1 for update");
        let id: uuid::Uuid = change.query_one(&lock, &[&person.email]).await.unwrap().get(0);
        let (client, path) = (person.anyone.clone(), format!("{}/login", person.auth));
        let login = json!({ "email": person.email, "password": PASSWORD });
        let login = tokio::spawn(async move { client.post(&path, login).await });
        let waiting =
            "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while watching.query(waiting, &[]).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let add = format!(
            "insert into app.{table}_second_factors ({others}{table}_id, sealed_secret, created_at, confirmed_at) \
             select {others}id, 'x', now(), now() from app.{accounts} where id = $1"
        );
        change.execute(&add, &[&id]).await.unwrap();
        change.commit().await.unwrap();
        login.await.unwrap().problem(401);
    }
}

#[tokio::test]
async fn one_connection_is_enough_for_all_of_it() {
    let one = ("DATABASE_URL", "postgresql://tailtown_app@/x?connection_limit=1&pool_timeout=2");
    let house = house_with(&[one]).await;
    let resort = house.resort("resort1").await;
    for person in Person::both(&house, &resort) {
        let (secret, recovery) = person.set_up(&house).await;
        person.log_in(&person.anyone, PASSWORD, Some(&code_of(&secret, house.clock.now()))).await.ok();
        person.log_in(&person.anyone, PASSWORD, Some(&recovery[0])).await.ok();
        let wrong = json!({ "currentPassword": PASSWORD, "code": "000000" });
        for status in [422, 422, 422, 422, 401] {
            person.own("/remove", wrong.clone()).await.problem(status);
        }
        let path = format!("{}/me", person.auth);
        assert_eq!(person.signed.send(Method::GET, &path, None).await.status.as_u16(), 401);
    }
}
