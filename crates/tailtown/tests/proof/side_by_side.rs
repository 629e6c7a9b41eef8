//! Whatever is done to stays at the same moment, no two requests wait for each other.

use futures_util::future::join_all;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use testkit::{Answer, Resort, resort};

const TODAY: Date = date(2026, 11, 24);

/// What can be done to a stay.
const DEEDS: [&str; 12] = [
    "longer",
    "shorter",
    "other kennel",
    "notes",
    "confirm",
    "check-in",
    "check-out",
    "complete",
    "cancel",
    "no-show",
    "undo",
    "bill",
];

struct House<'a> {
    resort: &'a Resort,
    service: Value,
    kennels: [Value; 2],
}

impl House<'_> {
    /// Daycare with a daily limit, in a kennel.
    async fn of(resort: &Resort) -> House<'_> {
        let service = json!({
            "name": "Daycare", "category": "DAYCARE", "unit": "DAY", "priceCents": 3000, "dailyCapacity": 5000,
            "requiresKennel": true,
        });
        let service = resort.manager.post("/api/services", service).await.created();
        let kennels = [resort.add_kennel("One", 50).await, resort.add_kennel("Two", 50).await];
        House { resort, service, kennels }
    }

    /// Books a pet of a new customer, and answers with the reservation.
    async fn book(&self, kennel: &Value, from: Date, to: Date) -> Value {
        self.book_for(&self.resort.add_customer().await, kennel, [from, to], false).await
    }

    async fn book_for(
        &self,
        customer: &Value,
        kennel: &Value,
        [from, to]: [Date; 2],
        pending: bool,
    ) -> Value {
        let pet = self.resort.add_pet(customer).await;
        let new = json!({
            "customerId": customer["id"], "serviceId": self.service["id"], "checkInDate": from, "checkOutDate": to,
            "pets": [{ "petId": pet["id"], "kennelId": kennel["id"] }], "pending": pending,
        });
        self.resort.staff.post("/api/reservations", new).await.created()["reservations"][0].clone()
    }

    async fn does(&self, deed: &str, stay: &Value) -> Answer {
        let path = format!("/api/reservations/{}", stay["id"].as_str().unwrap());
        let client = &self.resort.staff;
        match deed {
            "longer" => client.patch(&path, json!({ "checkOutDate": TODAY.saturating_add(3.days()) })).await,
            "shorter" => client.patch(&path, json!({ "checkOutDate": TODAY })).await,
            "other kennel" => client.patch(&path, json!({ "kennelId": self.kennels[1]["id"] })).await,
            "notes" => client.patch(&path, json!({ "notes": "calm" })).await,
            "bill" => client.post("/api/invoices", json!({ "reservationIds": [stay["id"]] })).await,
            step => client.post(&format!("{path}/{step}"), json!({})).await,
        }
    }
}

fn must_be_settled(answer: &Answer, deeds: &str) {
    let status = answer.status.as_u16();
    assert!([200, 201, 204, 409, 412].contains(&status), "{deeds}: {answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_two_deeds_at_one_stay_and_at_two_of_one_kennel() {
    let resort = resort().await;
    let mut house = House::of(&resort).await;
    for (index, one) in DEEDS.iter().enumerate() {
        house.kennels = [
            resort.add_kennel(&format!("One {index}"), 50).await,
            resort.add_kennel(&format!("Two {index}"), 50).await,
        ];
        let to = TODAY.saturating_add(1.day());
        let stays = join_all((index..DEEDS.len()).map(|_| async {
            let pair = (house.book(&house.kennels[0], TODAY, to), house.book(&house.kennels[0], TODAY, to));
            futures_util::future::join(pair.0, pair.1).await
        }));
        for ((first, second), other) in stays.await.iter().zip(&DEEDS[index..]) {
            for stay in [first, first, second] {
                let answers = [one, other, one, other].map(|deed| house.does(deed, stay));
                let both = join_all(answers);
                let (both, other_stay) = futures_util::future::join(both, house.does(other, first)).await;
                for answer in both.iter().chain([&other_stay]) {
                    must_be_settled(answer, &format!("{one} beside {other}"));
                }
            }
        }
    }
}

/// A check-in reads the service of the stay, a change of dates counts the days of that service.
#[tokio::test(flavor = "multi_thread")]
async fn check_ins_beside_changes_of_dates_at_a_service_with_a_daily_limit() {
    let resort = resort().await;
    let house = House::of(&resort).await;
    for _ in 0..30 {
        let stay = house.book(&house.kennels[0], TODAY, TODAY.saturating_add(1.day())).await;
        let deeds = ["longer", "check-in", "shorter", "undo", "check-in", "longer"];
        for answer in join_all(deeds.map(|deed| house.does(deed, &stay))).await {
            must_be_settled(&answer, "check-in beside a change of dates");
        }
    }
}

/// A stay comes into a kennel where three others have to change their places for it, beside what is done to those.
#[tokio::test(flavor = "multi_thread")]
async fn guests_change_places_beside_steps_and_bills() {
    let resort = resort().await;
    let house = House::of(&resort).await;
    let customer = resort.add_customer().await;
    for round in 0..30 {
        let kennel = resort.add_kennel(&format!("Pair {round}"), 2).await;
        let day = |number: i32| TODAY.saturating_add(number.days());
        let mut stays = Vec::new();
        for (from, to) in [(0, 1), (1, 2), (3, 6), (6, 8), (8, 9)] {
            stays.push(house.book_for(&customer, &kennel, [day(from), day(to)], true).await);
        }
        let comes = house.book_for(&customer, &house.kennels[0], [day(2), day(3)], true).await;
        let path = format!("/api/reservations/{}", comes["id"].as_str().unwrap());
        let moved = resort.staff.patch(&path, json!({ "kennelId": kennel["id"] }));
        let ids: Vec<&Value> = stays.iter().rev().map(|stay| &stay["id"]).collect();
        let bill = resort.staff.post("/api/invoices", json!({ "reservationIds": ids }));
        let deeds =
            stays.iter().flat_map(|stay| ["confirm", "undo", "confirm"].map(|deed| house.does(deed, stay)));
        let (moved, bill, answers) = futures_util::future::join3(moved, bill, join_all(deeds)).await;
        for answer in answers.iter().chain([&moved, &bill]) {
            must_be_settled(answer, "a move into a kennel beside a bill and steps");
        }
        assert_eq!(moved.status, 200, "{moved:?}");
    }
}
