//! Stays, from the request to the goodbye, and what must never happen to a kennel.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{Resort, resort, uncached_resort};

/// A booking of one pet.
fn booking(customer: &Value, pet: &Value, service: &Value, kennel: &Value, days: [&str; 2]) -> Value {
    json!({
        "customerId": customer["id"], "serviceId": service["id"], "checkInDate": days[0], "checkOutDate": days[1],
        "pets": [{ "petId": pet["id"], "kennelId": kennel["id"] }],
    })
}

/// A customer with a pet.
async fn family(resort: &Resort) -> (Value, Value) {
    let customer = resort.add_customer().await;
    let pet = resort.add_pet(&customer).await;
    (customer, pet)
}

#[tokio::test]
async fn a_stay_goes_from_request_to_goodbye_and_each_step_can_be_undone() {
    let resort = resort().await;
    let (customer, pet) = family(&resort).await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Run 1", 1).await);
    let mut new = booking(&customer, &pet, &service, &kennel, ["2026-11-24", "2026-11-27"]);
    new["pending"] = json!(true);
    let made = resort.staff.post("/api/reservations", new).await.created();
    assert_eq!(made["totalCents"], 15_000);
    let stay = format!("/api/reservations/{}", made["reservations"][0]["id"].as_str().unwrap());
    resort.staff.post(&format!("{stay}/check-in"), json!({})).await.problem(409);
    let steps = [
        ("confirm", "CONFIRMED", "PENDING"),
        ("check-in", "CHECKED_IN", "CONFIRMED"),
        ("check-out", "CHECKED_OUT", "CHECKED_IN"),
        ("complete", "COMPLETED", "CHECKED_OUT"),
    ];
    for (verb, after, before) in steps {
        let path = format!("{stay}/{verb}");
        assert_eq!(resort.staff.post(&path, json!({ "reason": "why not" })).await.ok()["status"], after);
        assert_eq!(resort.staff.post(&format!("{stay}/undo"), json!({})).await.ok()["status"], before);
        resort.staff.post(&path, json!({})).await.ok();
    }
    let whole = resort.staff.get(&stay).await.ok();
    assert_eq!(whole["lines"][0]["quantity"], 3);
    let undone = whole["steps"].as_array().unwrap().iter().filter(|step| !step["undoneAt"].is_null());
    assert_eq!(undone.count(), 4);
    let refused = resort.staff.post(&format!("{stay}/cancel"), json!({})).await.problem(409);
    assert_eq!(refused["detail"], "the reservation is COMPLETED: it can undo the last step");
}

#[tokio::test]
async fn fifty_bookings_of_one_kennel_at_once_leave_one() {
    let resort = resort().await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Run 1", 1).await);
    let families = join_all((0..50).map(|_| family(&resort))).await;
    let bookings = families.iter().enumerate().map(async |(number, (customer, pet))| {
        let days = [["2026-12-01", "2026-12-05"], ["2026-12-03", "2026-12-08"], ["2026-12-04", "2026-12-05"]]
            [number % 3];
        resort.staff.post("/api/reservations", booking(customer, pet, &service, &kennel, days)).await
    });
    let answers = join_all(bookings).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
    assert_eq!((count(201), count(409)), (1, 49));
}

#[tokio::test]
async fn fifty_stays_moved_into_one_kennel_at_once_leave_one_there() {
    let resort = resort().await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("The suite", 1).await);
    resort.add_kennel("Meadow", 50).await;
    let mut stays = Vec::new();
    for _ in 0..50 {
        let (customer, pet) = family(&resort).await;
        let mut new = booking(&customer, &pet, &service, &Value::Null, ["2026-12-01", "2026-12-05"]);
        // The suite is named by nobody, and comes after the meadow by name.
        new["pets"][0]["kennelId"] = Value::Null;
        let made = resort.staff.post("/api/reservations", new).await.created();
        stays.push(format!("/api/reservations/{}", made["reservations"][0]["id"].as_str().unwrap()));
    }
    let moves =
        stays.iter().map(async |stay| resort.staff.patch(stay, json!({ "kennelId": kennel["id"] })).await);
    let answers = join_all(moves).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
    assert_eq!((count(200), count(409)), (1, 49));
}

#[tokio::test]
async fn a_kennel_turns_over_on_the_day_of_departure() {
    let resort = resort().await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Run 1", 1).await);
    for (days, status) in [
        (["2026-12-01", "2026-12-03"], 201),
        (["2026-12-03", "2026-12-05"], 201),
        (["2026-12-02", "2026-12-04"], 409),
    ] {
        let (customer, pet) = family(&resort).await;
        let answer =
            resort.staff.post("/api/reservations", booking(&customer, &pet, &service, &kennel, days)).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
}

#[tokio::test]
async fn guests_change_places_when_a_kennel_has_room_each_day_but_no_place_on_all() {
    let resort = resort().await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Pair", 2).await);
    let book = async |days: [&str; 2]| {
        let (customer, pet) = family(&resort).await;
        resort.staff.post("/api/reservations", booking(&customer, &pet, &service, &kennel, days)).await
    };
    book(["2026-12-01", "2026-12-03"]).await.created();
    book(["2026-12-02", "2026-12-04"]).await.created();
    let long = book(["2026-12-04", "2026-12-08"]).await.created();
    book(["2026-12-03", "2026-12-05"]).await.created();
    // One place is held on the 5th to the 8th, the other on the 3rd and 4th: a stay from the 5th on fits beside both.
    book(["2026-12-05", "2026-12-09"]).await.created();
    book(["2026-12-07", "2026-12-08"]).await.problem(409);
    let stay = format!("/api/reservations/{}", long["reservations"][0]["id"].as_str().unwrap());
    assert_eq!(resort.staff.get(&stay).await.ok()["status"], "CONFIRMED");
}

#[tokio::test]
async fn a_family_is_booked_together_or_not_at_all() {
    let resort = resort().await;
    let (customer, rex) = family(&resort).await;
    let tom = resort.add_pet(&customer).await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Run 1", 1).await);
    let mut new = booking(&customer, &rex, &service, &kennel, ["2026-12-01", "2026-12-03"]);
    new["pets"].as_array_mut().unwrap().push(json!({ "petId": tom["id"] }));
    let refused = resort.staff.post("/api/reservations", new.clone()).await.problem(409);
    assert_eq!(refused["detail"], "no kennel is free from 2026-12-01 to 2026-12-03");
    assert_eq!(resort.staff.get("/api/reservations").await.ok()["data"], json!([]));
    resort.add_kennel("Run 2", 1).await;
    let made = resort.staff.post("/api/reservations", new).await.created();
    let listed = resort
        .staff
        .get(&format!("/api/reservations?bookingId={}", made["bookingId"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    assert_ne!(made["reservations"][0]["kennelId"], made["reservations"][1]["kennelId"]);
}

#[tokio::test]
async fn the_quote_is_the_booking() {
    let resort = resort().await;
    let (customer, pet) = family(&resort).await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Run 1", 1).await);
    let play = json!({ "name": "Play", "priceCents": 700, "unit": "DAY" });
    let play = resort.manager.post("/api/add-ons", play).await.created();
    let add_ons = json!([{ "addOnId": play["id"], "quantity": 2 }]);
    let asked = json!({
        "serviceId": service["id"], "checkInDate": "2026-12-01", "checkOutDate": "2026-12-04", "pets": [{ "addOns": add_ons }],
    });
    let quote = resort.staff.post("/api/quotes", asked).await.ok();
    assert_eq!(quote["subtotalCents"], 3 * 5000 + 3 * 2 * 700);
    assert_eq!(quote["taxCents"], 1584);
    let mut new = booking(&customer, &pet, &service, &kennel, ["2026-12-01", "2026-12-04"]);
    new["pets"][0]["addOns"] = add_ons;
    let made = resort.staff.post("/api/reservations", new).await.created();
    assert_eq!(made["reservations"][0]["lines"], quote["pets"][0]);

    // A night less is priced by the same function; what was booked keeps its price, whatever the catalogue says now.
    let stay = format!("/api/reservations/{}", made["reservations"][0]["id"].as_str().unwrap());
    let service = format!("/api/services/{}", service["id"].as_str().unwrap());
    resort.manager.patch(&service, json!({ "priceCents": 6000 })).await.ok();
    assert_eq!(
        resort.staff.patch(&stay, json!({ "notes": "early" })).await.ok()["totalCents"],
        made["totalCents"]
    );
    let changed = resort.staff.patch(&stay, json!({ "checkOutDate": "2026-12-03" })).await.ok();
    assert_eq!(changed["totalCents"], 2 * 5000 + 2 * 2 * 700);
}

#[tokio::test]
async fn a_vaccination_must_cover_every_day_of_the_stay() {
    let resort = resort().await;
    let (customer, pet) = family(&resort).await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Run 1", 1).await);
    let demand =
        json!({ "species": "DOG", "category": "BOARDING", "vaccine": "Rabies", "enforcement": "BLOCK" });
    resort.manager.post("/api/vaccine-requirements", demand).await.created();
    let mut new = booking(&customer, &pet, &service, &kennel, ["2026-12-01", "2026-12-04"]);
    let given = json!({ "petId": pet["id"], "vaccine": "rabies", "expiresOn": "2026-12-02" });
    let given = resort.staff.post("/api/vaccinations", given).await.created();
    let refused = resort.staff.post("/api/reservations", new.clone()).await.problem(409);
    assert!(refused["detail"].as_str().unwrap().starts_with("Rex has no Rabies on 2026-12-03"), "{refused}");
    new["overrideReason"] = json!("vet letter seen");
    resort.staff.post("/api/reservations", new.clone()).await.problem(403);
    let made = resort.manager.post("/api/reservations", new).await.created();
    let stay = format!("/api/reservations/{}", made["reservations"][0]["id"].as_str().unwrap());
    let verbs: Vec<_> = resort.staff.get(&stay).await.ok()["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["verb"].clone())
        .collect();
    assert_eq!(verbs, ["book", "override"]);

    resort.house.advance(Duration::from_secs(7 * 86_400));
    resort.staff.post(&format!("{stay}/check-in"), json!({})).await.problem(401);
    let staff = resort.anyone.signed_in("/api/auth/login", "staff@resort1.example", testkit::PASSWORD).await;
    staff.post(&format!("{stay}/check-in"), json!({})).await.problem(409);
    let given = format!("/api/vaccinations/{}", given["id"].as_str().unwrap());
    staff.patch(&given, json!({ "expiresOn": "2027-12-02" })).await.ok();
    assert_eq!(staff.post(&format!("{stay}/check-in"), json!({})).await.ok()["status"], "CHECKED_IN");
}

#[tokio::test]
async fn a_place_given_away_cannot_be_taken_back() {
    let resort = resort().await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Run 1", 1).await);
    let days = ["2026-12-01", "2026-12-04"];
    let (customer, pet) = family(&resort).await;
    let made = resort
        .staff
        .post("/api/reservations", booking(&customer, &pet, &service, &kennel, days))
        .await
        .created();
    let stay = format!("/api/reservations/{}", made["reservations"][0]["id"].as_str().unwrap());
    resort.staff.post(&format!("{stay}/cancel"), json!({})).await.ok();
    assert_eq!(resort.staff.post(&format!("{stay}/undo"), json!({})).await.ok()["status"], "CONFIRMED");
    resort.staff.post(&format!("{stay}/cancel"), json!({})).await.ok();
    let (other, other_pet) = family(&resort).await;
    resort
        .staff
        .post("/api/reservations", booking(&other, &other_pet, &service, &kennel, days))
        .await
        .created();
    let refused = resort.staff.post(&format!("{stay}/undo"), json!({})).await.problem(409);
    assert_eq!(refused["detail"], "Run 1 is taken from 2026-12-01 to 2026-12-04");
}

#[tokio::test]
async fn a_service_takes_no_more_guests_a_day_than_it_says() {
    let resort = resort().await;
    let daycare = json!({ "name": "Daycare", "category": "DAYCARE", "unit": "DAY", "priceCents": 3000, "dailyCapacity": 2 });
    let daycare = resort.manager.post("/api/services", daycare).await.created();
    let families = join_all((0..10).map(|_| family(&resort))).await;
    let bookings = families.iter().map(async |(customer, pet)| {
        let new = booking(customer, pet, &daycare, &Value::Null, ["2026-12-01", "2026-12-02"]);
        resort.staff.post("/api/reservations", new).await
    });
    let answers = join_all(bookings).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 2);
    assert!(answers.iter().all(|answer| answer.status == 201 || answer.status == 409));
    let path = format!(
        "/api/availability?from=2026-12-01&to=2026-12-04&serviceId={}",
        daycare["id"].as_str().unwrap()
    );
    let days = resort.staff.get(&path).await.ok()["days"].clone();
    assert_eq!([&days[0]["serviceFree"], &days[1]["serviceFree"], &days[2]["serviceFree"]], [0, 0, 2]);
}

#[tokio::test]
async fn a_pet_boards_in_one_place_at_a_time() {
    let resort = resort().await;
    let (customer, pet) = family(&resort).await;
    let service = resort.add_boarding().await;
    resort.add_kennel("Meadow", 30).await;
    let new = json!({
        "customerId": customer["id"], "serviceId": service["id"], "checkInDate": "2026-12-01", "checkOutDate": "2026-12-04",
        "pets": [{ "petId": pet["id"] }],
    });
    let answers = join_all((0..10).map(|_| resort.staff.post("/api/reservations", new.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
}

#[tokio::test]
async fn what_is_free_counts_stays_and_closures_day_by_day() {
    let resort = uncached_resort().await;
    let (customer, pet) = family(&resort).await;
    let (service, kennel) = (resort.add_boarding().await, resort.add_kennel("Pair", 2).await);
    let new = booking(&customer, &pet, &service, &kennel, ["2026-12-02", "2026-12-04"]);
    resort.staff.post("/api/reservations", new).await.created();
    let kennel = format!("/api/kennels/{}/out-of-service", kennel["id"].as_str().unwrap());
    let closed = json!({ "startsOn": "2026-12-03", "endsOn": "2026-12-05" });
    resort.manager.post(&kennel, closed).await.problem(409);
    let closed = json!({ "startsOn": "2026-12-05", "endsOn": "2026-12-06", "reason": "paint" });
    resort.manager.post(&kennel, closed).await.created();
    let answer = resort.staff.get("/api/availability?from=2026-12-01&to=2026-12-07").await;
    assert_eq!(answer.statements, 4);
    assert_eq!(answer.ok()["kennels"][0]["free"], json!([2, 1, 1, 2, 0, 2]));
}
