//! The document says what the program does: cursors that belong to their list, refusals and bounds that are written down.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use testkit::{Client, House, Resort, house};

use crate::document::{Operation, body_of, furnish, operations, path_of};

fn caller<'a>(operation: &Operation, house: &'a House, resort: &'a Resort) -> &'a Client {
    if operation.path.starts_with("/platform/") { &house.operator } else { &resort.owner }
}

#[tokio::test]
async fn a_cursor_is_good_for_the_list_and_the_resort_that_gave_it() {
    let house = house().await;
    let (resort, neighbour) = (house.resort("resort1").await, house.resort("resort2").await);
    let things = furnish(&resort).await;
    let operations = operations();
    // A second row for each list.
    for operation in operations.iter().filter(|operation| operation.method == "POST") {
        let verb = operation.id.split_once('_').map_or("", |(_, verb)| verb);
        if verb == "book" || verb == "add" || verb.starts_with("add_") {
            let body = body_of(operation, &things).unwrap();
            caller(operation, &house, &resort).post(&path_of(operation, &things), body).await.created();
        }
    }
    let lists: Vec<&Operation> = operations
        .iter()
        .filter(|operation| operation.query.iter().any(|(name, _)| name == "cursor"))
        .collect();
    let mut cursors = BTreeMap::new();
    for list in &lists {
        let path = format!("{}?limit=1", path_of(list, &things));
        let page = caller(list, &house, &resort).get(&path).await.ok();
        let cursor =
            page["nextCursor"].as_str().unwrap_or_else(|| panic!("{} has one page", list.id)).to_owned();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        for name in ["lovelace", "example", "rex", "run 1", "resort", "2026"] {
            assert!(!String::from_utf8_lossy(&bytes).to_lowercase().contains(name), "{}: {name}", list.id);
        }
        cursors.insert(list.id.as_str(), cursor);
    }
    let mut wrong = Vec::new();
    for list in &lists {
        let client = caller(list, &house, &resort);
        for (of, cursor) in &cursors {
            let path = format!("{}?limit=5&cursor={cursor}", path_of(list, &things));
            let status = client.get(&path).await.status.as_u16();
            if status != if *of == list.id { 200 } else { 400 } {
                wrong.push(format!("{} took the cursor of {of}: {status}", list.id));
            }
            if list.path.starts_with("/api/") {
                let status = neighbour.owner.get(&path).await.status.as_u16();
                if status != 400 {
                    wrong.push(format!("{} of another resort took the cursor of {of}: {status}", list.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let customers = &cursors["customers_list"];
    let path = format!("/api/customers?limit=1&cursor={customers}");
    resort.owner.get(&format!("{path}&include=pets")).await.ok();
    resort.owner.get(&format!("{path}&isActive=false")).await.problem(400);
    resort.staff.get(&path).await.ok();
}

/// The places of a body's schema that name no bound.
fn unbounded(schema: &Value, place: &str, found: &mut Vec<String>) {
    let is = |kind: &str| {
        schema["type"] == kind
            || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
    };
    let has = |names: &[&str]| names.iter().any(|name| !schema[*name].is_null());
    let both = |low, high| has(&[low]) && has(&[high]);
    if (is("integer") && !both("minimum", "maximum"))
        || (is("string") && !has(&["maxLength", "enum", "const", "format", "pattern"]))
        || (is("array") && !has(&["maxItems"]))
        || (is("object") && schema["additionalProperties"] != false)
        || (schema["format"] == "date" && !has(&["pattern"]))
    {
        found.push(place.to_owned());
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        for schema in schema[choice].as_array().into_iter().flatten() {
            unbounded(schema, place, found);
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        unbounded(property, &format!("{place}.{name}"), found);
    }
    if let Some(items) = schema.get("items") {
        unbounded(items, &format!("{place}[]"), found);
    }
}

#[test]
fn every_field_of_a_body_has_its_bounds_in_the_document() {
    let mut found = Vec::new();
    for operation in operations() {
        if let Some(body) = &operation.body {
            unbounded(body, &operation.id, &mut found);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_patch_offers_no_field_that_cannot_change() {
    let patches: BTreeMap<_, _> =
        operations().into_iter().filter_map(|operation| Some((operation.id, operation.body?))).collect();
    let offers = |id: &str, field: &str| patches[id]["properties"].get(field).is_some();
    for (id, field) in [
        ("pets_change", "customerId"),
        ("vaccinations_change", "petId"),
        ("services_change", "unit"),
        ("services_change", "category"),
        ("tenants_change", "subdomain"),
        ("tenants_change", "currency"),
    ] {
        assert!(!offers(id, field), "{id} offers {field}");
    }
    assert!(offers("pets_change", "name") && patches["pets_add"]["properties"].get("customerId").is_some());
}

#[test]
fn every_operation_says_how_it_may_refuse() {
    let document = serde_json::to_value(tailtown::app::routes().1).unwrap();
    let methods = document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
    for (method, operation) in methods {
        let answers = &operation["responses"];
        let mut statuses = vec!["400", "401", "403", "404", "429", "500", "503"];
        if !operation["requestBody"].is_null() {
            statuses.extend(["408", "413", "415", "422"]);
        }
        for status in statuses {
            assert!(!answers[status].is_null(), "{method} {} may answer {status}", operation["operationId"]);
        }
    }
    let schemas = &document["components"]["schemas"];
    for (schema, field) in [("Problem", "errors"), ("Reservation", "warnings")] {
        let required = schemas[schema]["required"].as_array().unwrap();
        assert!(!required.iter().any(|name| name == field), "{schema}.{field} may be left out");
    }
}

#[tokio::test]
async fn a_filter_that_names_nothing_is_refused_and_a_fault_is_named_where_it_is() {
    let house = house().await;
    let resort = house.resort("resort1").await;
    for query in [
        "customers?include=",
        "pets?include=customer,",
        "reservations?status=",
        "kennels?include=,",
        "pets?fields=",
    ] {
        resort.staff.get(&format!("/api/{query}")).await.problem(422);
    }
    let problem = resort.staff.get("/api/availability?from=2026-11-24&to=0001-01-01").await.problem(422);
    assert_eq!(problem["errors"][0]["field"], "to");
    let new = serde_json::json!({ "firstName": "", "lastName": "B", "email": "" });
    let problem = resort.staff.post("/api/customers", new).await.problem(422);
    let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["email", "firstName"]);
    let kennel = serde_json::json!({ "name": "Run", "kind": "RUN", "capacity": 3.0 });
    assert_eq!(resort.manager.post("/api/kennels", kennel).await.created()["capacity"], 3);
}

#[tokio::test]
async fn the_reference_needs_nothing_from_elsewhere_and_runs_no_script() {
    let house = house().await;
    let answer = house.client("localhost:4004").get("/docs").await;
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-")
            && policy.contains("frame-ancestors 'none'")
    );
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    for path in ["/docs", "/openapi.json", "/health", "/api/customers", "/nowhere"] {
        let answer = house.client("localhost:4004").get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}
