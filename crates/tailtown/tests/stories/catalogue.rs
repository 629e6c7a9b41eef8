//! What was booked stays as it was booked, whatever becomes of the catalogue.

use serde_json::{Value, json};
use testkit::{Single, resort};

/// A stay of two nights with an add-on once a day and another once for the stay.
struct Booked {
    single: Single,
    boarding: String,
    play: Value,
    bath: Value,
    stay: String,
}

async fn booked() -> Booked {
    let single = resort().await;
    let customer = single.add_customer().await;
    let pet = single.add_pet(&customer).await;
    let boarding = single.add_boarding().await;
    single.add_kennel("Run 1", 1).await;
    let add_on = async |name: &str, unit: &str, price: i32| {
        let new = json!({ "name": name, "priceCents": price, "unit": unit, "category": "BOARDING" });
        single.manager.post("/api/add-ons", new).await.created()
    };
    let (play, bath) = (add_on("Play", "DAY", 700).await, add_on("Bath", "STAY", 2000).await);
    let new = json!({
        "customerId": customer["id"], "serviceId": boarding["id"], "checkInDate": "2026-12-01", "checkOutDate": "2026-12-03",
        "pets": [{ "petId": pet["id"], "addOns": [{ "addOnId": play["id"], "quantity": 3 }, { "addOnId": bath["id"] }] }],
    });
    let made = single.staff.post("/api/reservations", new).await.created();
    assert_eq!(made["totalCents"], 2 * 5000 + 2 * 3 * 700 + 2000);
    let stay = format!("/api/reservations/{}", made["reservations"][0]["id"].as_str().unwrap());
    let boarding = format!("/api/services/{}", boarding["id"].as_str().unwrap());
    Booked { single, boarding, play, bath, stay }
}

impl Booked {
    fn path(add_on: &Value) -> String {
        format!("/api/add-ons/{}", add_on["id"].as_str().unwrap())
    }

    async fn change(&self, change: Value) -> Value {
        self.single.staff.patch(&self.stay, change).await.ok()
    }

    /// Changes of all kinds, whose prices are those of the booking.
    async fn keeps_what_was_asked(&self) {
        assert_eq!(
            self.change(json!({ "notes": "early" })).await["totalCents"],
            2 * 5000 + 2 * 3 * 700 + 2000
        );
        let longer = self.change(json!({ "checkOutDate": "2026-12-06" })).await;
        assert_eq!(longer["totalCents"], 5 * 5000 + 5 * 3 * 700 + 2000);
        assert_eq!(longer["lines"][1]["quantity"], 15);
        assert_eq!(longer["lines"][1]["description"], "Play");
        let kept = json!([{ "addOnId": self.play["id"], "quantity": 1 }, { "addOnId": self.bath["id"], "quantity": 1 }]);
        let less = self.change(json!({ "addOns": kept })).await;
        assert_eq!(less["totalCents"], 5 * 5000 + 5 * 700 + 2000);
        let shorter = self.change(json!({ "checkOutDate": "2026-12-02" })).await;
        assert_eq!(shorter["totalCents"], 5000 + 700 + 2000);
    }
}

#[tokio::test]
async fn add_ons_of_another_unit_price_name_and_category() {
    let booked = booked().await;
    let manager = &booked.single.manager;
    let play =
        json!({ "unit": "STAY", "priceCents": 1, "name": "Games", "category": "GROOMING", "taxable": false });
    manager.patch(&Booked::path(&booked.play), play).await.ok();
    manager.patch(&Booked::path(&booked.bath), json!({ "unit": "DAY", "category": "DAYCARE" })).await.ok();
    booked.keeps_what_was_asked().await;
    // What is newly added is as the catalogue says now.
    let walk = json!({ "name": "Walk", "priceCents": 900, "unit": "STAY" });
    let walk = manager.post("/api/add-ons", walk).await.created();
    let add_ons = json!([{ "addOnId": walk["id"], "quantity": 2 }]);
    assert_eq!(booked.change(json!({ "addOns": add_ons })).await["totalCents"], 5000 + 2 * 900);
    let gone = json!({ "addOns": [{ "addOnId": booked.play["id"] }] });
    booked.single.staff.patch(&booked.stay, gone).await.problem(422);
}

#[tokio::test]
async fn a_service_and_add_ons_that_were_archived_or_cost_more() {
    let booked = booked().await;
    let manager = &booked.single.manager;
    manager.patch(&booked.boarding, json!({ "priceCents": 9900 })).await.ok();
    for path in [Booked::path(&booked.play), Booked::path(&booked.bath), booked.boarding.clone()] {
        manager.delete(&path).await.done();
    }
    booked.keeps_what_was_asked().await;
}

#[tokio::test]
async fn stays_that_an_older_program_wrote_are_read_by_the_catalogue() {
    let booked = booked().await;
    let admin = booked.single.house.database.connect("postgres").await;
    let older = "update app.reservation_lines set unit = null, category = null, asked = null";
    admin.execute(older, &[]).await.unwrap();
    let path = Booked::path(&booked.play);
    booked.single.manager.delete(&path).await.done();
    booked.keeps_what_was_asked().await;
}

#[tokio::test]
async fn a_lower_limit_a_day_is_for_days_that_a_stay_does_not_have_yet() {
    let booked = booked().await;
    let customer = booked.single.add_customer().await;
    let pet = booked.single.add_pet(&customer).await;
    booked.single.add_kennel("Run 2", 1).await;
    let service = booked.boarding.rsplit('/').next().unwrap();
    let new = json!({
        "customerId": customer["id"], "serviceId": service, "checkInDate": "2026-12-01", "checkOutDate": "2026-12-05",
        "pets": [{ "petId": pet["id"] }],
    });
    booked.single.staff.post("/api/reservations", new).await.created();
    booked.single.manager.patch(&booked.boarding, json!({ "dailyCapacity": 1 })).await.ok();
    booked.change(json!({ "checkOutDate": "2026-12-02" })).await;
    let longer = json!({ "checkOutDate": "2026-12-03" });
    booked.single.staff.patch(&booked.stay, longer).await.problem(409);
}

#[tokio::test]
async fn a_pet_that_names_its_kennel_finds_it_free_of_one_that_names_none() {
    let booked = booked().await;
    let single = &booked.single;
    let customer = single.add_customer().await;
    let (rex, tom) = (single.add_pet(&customer).await, single.add_pet(&customer).await);
    single.add_kennel("Run 2", 1).await;
    let kennels = single.staff.get("/api/kennels").await.ok();
    let new = json!({
        "customerId": customer["id"], "serviceId": booked.boarding.rsplit('/').next().unwrap(),
        "checkInDate": "2026-12-10", "checkOutDate": "2026-12-12",
        "pets": [{ "petId": rex["id"] }, { "petId": tom["id"], "kennelId": kennels["data"][0]["id"] }],
    });
    single.staff.post("/api/reservations", new).await.created();
}
