//! Pets, vaccinations, kennels and services: the records a stay stands on.

use serde_json::{Value, json};
use testkit::{resort, uncached_resort};

fn path(of: &str, thing: &Value) -> String {
    format!("/api/{of}/{}", thing["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_pet_is_its_customers_for_good() {
    let resort = uncached_resort().await;
    let customer = resort.add_customer().await;
    let pet = resort.add_pet(&customer).await;
    let other = resort.add_customer().await;
    let pet = path("pets", &pet);
    let refused = resort.staff.patch(&pet, json!({ "customerId": other["id"] })).await.problem(422);
    assert_eq!(refused["errors"][0]["field"], "customerId");
    let changed = resort.staff.patch(&pet, json!({ "weightGrams": 12_500, "alerts": ["bites"] })).await.ok();
    assert_eq!((&changed["weightGrams"], &changed["alerts"]), (&json!(12_500), &json!(["bites"])));
    for (field, value) in [
        ("birthOn", json!("2027-01-01")),
        ("birthOn", json!("0001-01-01")),
        ("weightGrams", json!(0)),
        ("microchip", json!("12")),
    ] {
        let refused = resort.staff.patch(&pet, json!({ field: value })).await.problem(422);
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let nobody =
        json!({ "customerId": "0190b3f2-7a1c-7c3e-8f00-000000000000", "name": "X", "species": "CAT" });
    assert_eq!(resort.staff.post("/api/pets", nobody).await.problem(422)["errors"][0]["field"], "customerId");
    let shown = resort.staff.get(&format!("{pet}?include=customer,vaccinations")).await;
    assert_eq!(shown.statements, 4);
    assert_eq!(shown.ok()["customer"]["id"], customer["id"]);
    resort.staff.delete(&pet).await.done();
    assert_eq!(resort.staff.get("/api/pets?isActive=true").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn vaccinations_say_what_they_cover() {
    let resort = resort().await;
    let customer = resort.add_customer().await;
    let pet = resort.add_pet(&customer).await;
    for (vaccine, enforcement) in [("Rabies", "BLOCK"), ("Bordetella", "WARN")] {
        let demand = json!({ "species": "DOG", "category": "DAYCARE", "vaccine": vaccine, "enforcement": enforcement });
        resort.staff.post("/api/vaccine-requirements", demand.clone()).await.problem(403);
        resort.manager.post("/api/vaccine-requirements", demand.clone()).await.created();
        resort.manager.post("/api/vaccine-requirements", demand).await.problem(409);
    }
    let given = json!({ "petId": pet["id"], "vaccine": "RABIES", "givenOn": "2025-12-10", "expiresOn": "2026-12-10" });
    resort.staff.post("/api/vaccinations", given).await.created();
    let backwards = json!({ "petId": pet["id"], "vaccine": "RABIES", "givenOn": "2026-10-10", "expiresOn": "2026-10-09" });
    resort.staff.post("/api/vaccinations", backwards).await.problem(422);
    let status = format!("{}/vaccination-status?category=DAYCARE", path("pets", &pet));
    let status = async |days: &str| resort.staff.get(&format!("{status}{days}")).await.ok();
    let states = |status: &Value| [status[0]["state"].clone(), status[1]["state"].clone()];
    assert_eq!(states(&status("").await), ["MISSING", "EXPIRING"]);
    assert_eq!(states(&status("&from=2026-11-01&to=2026-11-02").await)[1], "CURRENT");
    let late = status("&from=2026-12-09&to=2026-12-12").await;
    assert_eq!(late[1]["state"], "EXPIRED");
    assert_eq!(late[1]["firstUncoveredOn"], "2026-12-11");
}

#[tokio::test]
async fn a_kennel_with_guests_can_neither_shrink_below_them_nor_close() {
    let resort = resort().await;
    let kennel = resort.add_kennel("Pair", 2).await;
    let service = resort.add_boarding().await;
    for _ in 0..2 {
        let customer = resort.add_customer().await;
        let pet = resort.add_pet(&customer).await;
        let new = json!({
            "customerId": customer["id"], "serviceId": service["id"], "checkInDate": "2026-12-01",
            "checkOutDate": "2026-12-03", "pets": [{ "petId": pet["id"], "kennelId": kennel["id"] }],
        });
        resort.staff.post("/api/reservations", new).await.created();
    }
    let kennel = path("kennels", &kennel);
    resort.manager.patch(&kennel, json!({ "capacity": 1 })).await.problem(409);
    resort.manager.delete(&kennel).await.problem(409);
    assert_eq!(resort.manager.patch(&kennel, json!({ "capacity": 3 })).await.ok()["capacity"], 3);
    assert_eq!(resort.manager.patch(&kennel, json!({ "capacity": 2 })).await.ok()["capacity"], 2);
    resort.manager.post("/api/kennels", json!({ "name": "PAIR", "kind": "RUN" })).await.problem(409);
}

#[tokio::test]
async fn a_service_is_sold_by_a_unit_that_fits_it() {
    let resort = resort().await;
    let nonsense = json!({ "name": "Bath", "category": "GROOMING", "unit": "NIGHT", "priceCents": 100 });
    assert_eq!(
        resort.manager.post("/api/services", nonsense).await.problem(422)["errors"][0]["field"],
        "unit"
    );
    let boarding = resort.add_boarding().await;
    assert_eq!(boarding["requiresKennel"], true);
    let boarding = path("services", &boarding);
    resort.manager.patch(&boarding, json!({ "unit": "DAY" })).await.problem(422);
    resort.manager.patch(&boarding, json!({ "priceCents": -1 })).await.problem(422);
    resort.staff.patch(&boarding, json!({ "priceCents": 1 })).await.problem(403);
    resort.manager.delete(&boarding).await.done();
    assert_eq!(resort.staff.get(&boarding).await.ok()["isActive"], false);
}
