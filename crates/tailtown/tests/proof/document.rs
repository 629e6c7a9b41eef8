//! The OpenAPI document as the tests read it: every operation, who may call it, and a body that is valid for it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::{PASSWORD, Resort};

/// One operation of the API.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub id: String,
    pub method: String,
    /// With `{id}` and the like in it.
    pub path: String,
    /// The least role, if not everyone may call it.
    pub role: Option<String>,
    /// Query parameters by name, with the schema of each.
    pub query: Vec<(String, Value)>,
    pub body: Option<Value>,
}

/// Every operation, in the document's order.
pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(tailtown::app::routes().1).unwrap();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let body = operation["requestBody"]["content"].as_object();
            let body = body.map(|content| content.values().next().unwrap()["schema"].clone());
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            let query = query.map(|parameter| {
                (parameter["name"].as_str().unwrap().to_owned(), inlined(&parameter["schema"], &document))
            });
            found.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                role: operation["x-role"].as_str().map(str::to_owned),
                query: query.collect(),
                body: body.map(|schema| inlined(&schema, &document)),
            });
        }
    }
    found
}

/// A schema with its references written out, four deep.
fn inlined(schema: &Value, document: &Value) -> Value {
    fn walk(value: &Value, document: &Value, depth: u32) -> Value {
        match value {
            Value::Object(map) => match map.get("$ref").and_then(Value::as_str).filter(|_| depth < 4) {
                Some(target) => {
                    walk(document.pointer(target.trim_start_matches('#')).unwrap(), document, depth + 1)
                }
                None => map.iter().map(|(key, value)| (key.clone(), walk(value, document, depth))).collect(),
            },
            Value::Array(items) => items.iter().map(|item| walk(item, document, depth)).collect(),
            other => other.clone(),
        }
    }
    walk(schema, document, 0)
}

/// One of each thing at a resort, by name.
pub(crate) type Things = BTreeMap<&'static str, String>;

/// Makes one of each thing a resort can have.
pub(crate) async fn furnish(resort: &Resort) -> Things {
    let id = |thing: &Value| thing["id"].as_str().unwrap().to_owned();
    let customer = resort.add_customer().await;
    let pet = resort.add_pet(&customer).await;
    let kennel = resort.add_kennel("Run 1", 3).await;
    let service = resort.add_boarding().await;
    let play = json!({ "name": "Play", "priceCents": 700, "unit": "DAY" });
    let add_on = resort.manager.post("/api/add-ons", play).await.created();
    let given = json!({ "petId": pet["id"], "vaccine": "Rabies", "expiresOn": "2028-01-01" });
    let vaccination = resort.staff.post("/api/vaccinations", given).await.created();
    let demand =
        json!({ "species": "CAT", "category": "BOARDING", "vaccine": "Rabies", "enforcement": "BLOCK" });
    let requirement = resort.manager.post("/api/vaccine-requirements", demand).await.created();
    let closed = json!({ "startsOn": "2027-12-03", "endsOn": "2027-12-05" });
    let closure =
        resort.manager.post(&format!("/api/kennels/{}/out-of-service", id(&kennel)), closed).await.created();
    let booking = json!({
        "customerId": customer["id"], "serviceId": service["id"], "checkInDate": "2026-11-24", "checkOutDate": "2026-11-26",
        "pets": [{ "petId": pet["id"], "kennelId": kennel["id"] }],
    });
    let booking = resort.staff.post("/api/reservations", booking).await.created();
    let line = json!([{ "description": "Bone", "quantity": 1, "unitPriceCents": 900 }]);
    let bill = json!({ "customerId": customer["id"], "lines": line });
    let invoice = resort.staff.post("/api/invoices", bill).await.created();
    let payment = json!({ "amountCents": 100, "method": "CASH" });
    let payment =
        resort.staff.post(&format!("/api/invoices/{}/payments", id(&invoice)), payment).await.created();
    let password = json!({ "currentPassword": PASSWORD });
    resort.manager.post("/api/auth/second-factor", password).await.ok();
    let staff = resort.staff.get("/api/auth/me").await.ok();
    BTreeMap::from([
        ("customer", id(&customer)),
        ("pet", id(&pet)),
        ("kennel", id(&kennel)),
        ("service", id(&service)),
        ("addOn", id(&add_on)),
        ("vaccination", id(&vaccination)),
        ("requirement", id(&requirement)),
        ("closure", id(&closure)),
        ("booking", booking["bookingId"].as_str().unwrap().to_owned()),
        ("reservation", id(&booking["reservations"][0])),
        ("invoice", id(&invoice)),
        ("payment", id(&payment)),
        ("staff", id(&staff["staff"])),
        ("tenant", resort.id.to_string()),
        ("operator", resort.operator_id.to_string()),
    ])
}

/// The path of an operation with the ids of `things` in it.
pub(crate) fn path_of(operation: &Operation, things: &Things) -> String {
    let room = operation.path.split('/').nth(2).unwrap();
    let thing = match room {
        "add-ons" => "addOn",
        "vaccine-requirements" => "requirement",
        "staff" => "staff",
        room => room.trim_end_matches('s'),
    };
    let id = things.get(thing).map_or("", String::as_str);
    let path = operation.path.replace("{id}", id).replace("{closureId}", &things["closure"]);
    match operation.id.as_str() {
        "vaccinations_status" => format!("{path}?category=BOARDING"),
        "reservations_show_availability" => format!("{path}?from=2026-11-24&to=2026-11-30"),
        _ => path,
    }
}

/// A body that is valid for the operation, naming `things`; `None` where it takes none.
pub(crate) fn body_of(operation: &Operation, things: &Things) -> Option<Value> {
    operation.body.as_ref()?;
    let of = |name: &str| things[name].clone();
    let stay = || {
        json!({
            "customerId": of("customer"), "serviceId": of("service"), "checkInDate": "2027-03-01", "checkOutDate": "2027-03-03",
            "pets": [{ "petId": of("pet"), "kennelId": of("kennel"), "addOns": [{ "addOnId": of("addOn") }] }],
        })
    };
    Some(match operation.id.as_str() {
        "operators_log_in" | "staff_log_in" => json!({ "email": "x@y.example", "password": "wrong" }),
        "operators_change_password" | "staff_change_password" => {
            json!({ "currentPassword": "wrong", "newPassword": "long enough, this" })
        }
        "operators_start_second_factor" | "staff_start_second_factor" => {
            json!({ "currentPassword": "wrong" })
        }
        "operators_confirm_second_factor" | "staff_confirm_second_factor" => json!({ "code": "wrong" }),
        "operators_remove_second_factor" | "staff_remove_second_factor" => {
            json!({ "currentPassword": "wrong", "code": "wrong" })
        }
        "operators_add" => json!({ "name": "O", "email": "o@y.example", "password": "long enough, this" }),
        "tenants_add" => json!({
            "subdomain": "new", "name": "New", "timezone": "America/Denver",
            "owner": { "firstName": "A", "lastName": "B", "email": "o@y.example", "password": "long enough, this" },
        }),
        "operators_change"
        | "tenants_change"
        | "kennels_change"
        | "services_change"
        | "services_change_add_on"
        | "pets_change" => {
            json!({ "name": "Other" })
        }
        "staff_add" => json!({
            "firstName": "A", "lastName": "B", "email": "new@y.example", "role": "STAFF", "password": "long enough, this",
        }),
        "staff_change" | "customers_change" => json!({ "firstName": "Other" }),
        "staff_reset_password" | "operators_reset_password" => json!({ "newPassword": "long enough, this" }),
        "customers_add" => json!({ "firstName": "A", "lastName": "B" }),
        "pets_add" => json!({ "customerId": of("customer"), "name": "P", "species": "DOG" }),
        "vaccinations_add" => json!({ "petId": of("pet"), "vaccine": "X", "expiresOn": "2028-01-01" }),
        "vaccinations_change" => json!({ "verified": true }),
        "vaccinations_add_requirement" => {
            json!({ "species": "DOG", "category": "DAYCARE", "vaccine": "X", "enforcement": "WARN" })
        }
        "vaccinations_change_requirement" => json!({ "enforcement": "WARN" }),
        "kennels_add" => json!({ "name": "K", "kind": "RUN" }),
        "kennels_add_closure" => json!({ "startsOn": "2028-12-03", "endsOn": "2028-12-05" }),
        "kennels_change_closure" => json!({ "reason": "paint" }),
        "services_add" => json!({ "name": "S", "category": "GROOMING", "unit": "SESSION", "priceCents": 1 }),
        "services_add_add_on" => json!({ "name": "S", "unit": "STAY", "priceCents": 1 }),
        "reservations_book" => stay(),
        "reservations_quote" => json!({
            "serviceId": of("service"), "checkInDate": "2027-03-01", "checkOutDate": "2027-03-03",
            "pets": [{ "addOns": [{ "addOnId": of("addOn") }] }],
        }),
        "reservations_change" => json!({ "notes": "Other" }),
        "invoices_add" => json!({ "reservationIds": [of("reservation")] }),
        "invoices_change" => json!({ "notes": "Other" }),
        "payments_add" => json!({ "amountCents": 1, "method": "CASH" }),
        "payments_refund" => json!({ "amountCents": 1 }),
        _ if operation.path.contains("/reservations/{id}/") => json!({ "reason": "because" }),
        other => panic!("{other} takes a body: say here which one is valid"),
    })
}
