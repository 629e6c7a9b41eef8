//! Bills: their sums, their numbers, their way from draft to paid or void.

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{Client, Single, resort, uncached_resort};
use uuid::Uuid;

#[tokio::test]
async fn an_invoice_by_hand_is_summed_taxed_and_numbered_by_the_server() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    let new = json!({ "customerId": customer, "notes": "thank you", "lines": [
        { "description": "Boarding", "quantity": 3, "unitPriceCents": 4500 },
        { "description": "Gift card", "quantity": 1, "unitPriceCents": 2000, "taxable": false },
        { "description": "Loyalty", "quantity": 1, "unitPriceCents": -501 },
    ] });
    let added = resort.staff.post("/api/invoices", new).await;
    let location = added.header("location").to_owned();
    let invoice = added.created();
    assert_eq!(invoice["number"], 1);
    assert_eq!(invoice["status"], "OPEN");
    assert_eq!(invoice["issueDate"], "2026-11-24");
    assert_eq!(invoice["dueDate"], "2026-11-24");
    assert_eq!(invoice["subtotalCents"], 14_999);
    // 8.25 % of 129.99 is 10.724175.
    assert_eq!(invoice["taxCents"], 1072);
    assert_eq!(invoice["totalCents"], 16_071);
    assert_eq!(invoice["balanceCents"], 16_071);
    assert_eq!(invoice["customer"]["lastName"], "Payer");
    assert_eq!(invoice["lines"][0]["amountCents"], 13_500);
    assert_eq!(invoice["lines"][2]["position"], 3);
    assert_eq!(resort.staff.get(&location).await.ok(), invoice);
}

#[tokio::test]
async fn sums_in_a_request_are_refused() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    for field in ["totalCents", "taxCents", "subtotalCents", "paidCents", "number", "tenantId"] {
        let mut new = one_line(&customer, 100);
        new[field] = json!(1);
        resort.staff.post("/api/invoices", new).await.problem(422);
    }
    let mut new = one_line(&customer, 100);
    new["lines"][0]["amountCents"] = json!(1);
    resort.staff.post("/api/invoices", new).await.problem(422);
}

#[tokio::test]
async fn what_cannot_be_billed_is_refused_with_its_field() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    let line = |quantity: i64, price: i64| json!({ "description": "x", "quantity": quantity, "unitPriceCents": price });
    let refused = [
        (json!({ "customerId": customer }), "lines"),
        (json!({ "lines": [line(1, 1)] }), "customerId"),
        (json!({ "status": "DRAFT" }), "customerId"),
        (json!({ "customerId": Uuid::nil(), "lines": [line(1, 1)] }), "customerId"),
        (json!({ "customerId": customer, "lines": [line(0, 1)] }), "lines[0].quantity"),
        (json!({ "customerId": customer, "lines": [line(1, i64::MIN)] }), "lines[0].unitPriceCents"),
        (
            json!({ "customerId": customer, "lines": [line(1, 1), line(11, 100_000_000)] }),
            "lines[1].unitPriceCents",
        ),
        (json!({ "customerId": customer, "lines": [line(10, 100_000_000)] }), "lines"),
        (json!({ "customerId": customer, "lines": [line(1, 100), line(1, -101)] }), "lines"),
        (json!({ "customerId": customer, "lines": [line(1, 1)], "status": "PAID" }), "status"),
        (json!({ "customerId": customer, "lines": [line(1, 1)], "issueDate": "0001-01-01" }), "issueDate"),
        (json!({ "customerId": customer, "lines": [line(1, 1)], "dueDate": "9999-12-31" }), "dueDate"),
        (json!({ "customerId": customer, "lines": [line(1, 1)], "dueDate": "2026-11-23" }), "dueDate"),
        (json!({ "customerId": customer, "lines": [line(1, 1)], "notes": "a\u{0}b" }), "notes"),
        (json!({ "reservationIds": [Uuid::nil()] }), "reservationIds[0]"),
    ];
    for (new, field) in refused {
        let problem = resort.staff.post("/api/invoices", new.clone()).await.problem(422);
        assert_eq!(problem["errors"][0]["field"], field, "{new}: {problem}");
    }
    // None of them used up a number.
    assert_eq!(invoice(&resort.staff, &customer, 100).await["number"], 1);
}

#[tokio::test]
async fn a_draft_is_changed_as_often_as_needed_then_opened_at_the_rate_of_the_day() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    let mut new = one_line(&customer, 1000);
    new["status"] = json!("DRAFT");
    new["dueDate"] = json!("2026-12-08");
    let draft = resort.staff.post("/api/invoices", new).await.created();
    let path = path(&draft);
    assert_eq!((draft["number"].clone(), draft["taxCents"].clone()), (Value::Null, json!(83)));

    let lines = json!([{ "description": "Bath", "quantity": 2, "unitPriceCents": 1500 }]);
    let changed = resort.staff.with("if-match", "\"1\"").patch(&path, json!({ "lines": lines })).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.ok();
    assert_eq!(
        (changed["subtotalCents"].clone(), changed["lines"].as_array().unwrap().len()),
        (json!(3000), 1)
    );
    resort.staff.with("if-match", "\"1\"").patch(&path, json!({ "notes": "x" })).await.problem(412);
    let kept = resort.staff.patch(&path, json!({ "notes": "x" })).await.ok();
    assert_eq!(
        (kept["totalCents"].clone(), kept["notes"].clone()),
        (changed["totalCents"].clone(), json!("x"))
    );
    for (change, field) in [
        (json!({ "customerId": customer }), "customerId"),
        (json!({ "status": "OPEN" }), "status"),
        (json!({ "issueDate": null }), "issueDate"),
        (json!({ "issueDate": "2027-01-01" }), "dueDate"),
    ] {
        let problem = resort.staff.patch(&path, change).await.problem(422);
        assert!(problem.to_string().contains(field), "{problem}");
    }

    let tenant = format!("/platform/tenants/{}", resort.id);
    resort.house.operator.patch(&tenant, json!({ "taxRateBps": 1000 })).await.ok();
    resort.house.advance(std::time::Duration::from_hours(10 * 24));
    let staff = resort.anyone.signed_in("/api/auth/login", "staff@resort1.example", testkit::PASSWORD).await;
    let open = staff.post(&format!("{path}/open"), json!({})).await.ok();
    assert_eq!((open["number"].clone(), open["status"].clone()), (json!(1), json!("OPEN")));
    assert_eq!((open["taxRateBps"].clone(), open["taxCents"].clone()), (json!(1000), json!(300)));
    assert_eq!(
        (open["issueDate"].clone(), open["dueDate"].clone()),
        (json!("2026-12-04"), json!("2026-12-18"))
    );
    staff.post(&format!("{path}/open"), json!({})).await.problem(409);

    for change in
        [json!({ "lines": lines }), json!({ "reservationIds": [] }), json!({ "issueDate": "2026-12-01" })]
    {
        staff.patch(&path, change).await.problem(409);
    }
    let later = staff.patch(&path, json!({ "dueDate": "2026-12-31", "notes": null })).await.ok();
    assert_eq!((later["dueDate"].clone(), later["notes"].clone()), (json!("2026-12-31"), Value::Null));
    assert_eq!(later["taxCents"], 300);
    staff.delete(&path).await.problem(409);
}

#[tokio::test]
async fn an_empty_draft_is_neither_opened_nor_missed_when_deleted() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    let draft = json!({ "customerId": customer, "status": "DRAFT" });
    let path = path(&resort.staff.post("/api/invoices", draft).await.created());
    resort.staff.post(&format!("{path}/open"), json!({})).await.problem(409);
    resort.staff.delete(&path).await.done();
    resort.staff.get(&path).await.problem(404);
    resort.staff.delete(&path).await.problem(404);
    assert_eq!(invoice(&resort.staff, &customer, 1).await["number"], 1);
}

#[tokio::test]
async fn voiding_is_a_managers_final_and_keeps_the_number() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    let first = path(&invoice(&resort.staff, &customer, 100).await);
    let void = format!("{first}/void");
    resort.staff.post(&void, json!({})).await.problem(403);
    let pay = json!({ "amountCents": 50, "method": "CASH" });
    let payment = resort.staff.post(&format!("{first}/payments"), pay.clone()).await.created();
    resort.manager.post(&void, json!({})).await.problem(409);
    let refunds = format!("/api/payments/{}/refunds", payment["id"].as_str().unwrap());
    resort.manager.post(&refunds, json!({ "amountCents": 50 })).await.created();
    let voided = resort.manager.post(&void, json!({})).await.ok();
    assert_eq!((voided["status"].clone(), voided["number"].clone()), (json!("VOID"), json!(1)));
    assert_eq!((voided["totalCents"].clone(), voided["balanceCents"].clone()), (json!(100), json!(0)));

    resort.manager.post(&void, json!({})).await.problem(409);
    resort.manager.post(&format!("{first}/open"), json!({})).await.problem(409);
    resort.manager.post(&format!("{first}/payments"), pay).await.problem(409);
    resort.manager.patch(&first, json!({ "dueDate": "2026-12-31" })).await.problem(409);
    assert_eq!(
        resort.manager.patch(&first, json!({ "notes": "twice billed" })).await.ok()["notes"],
        "twice billed"
    );
    assert_eq!(invoice(&resort.staff, &customer, 100).await["number"], 2);
}

#[tokio::test]
async fn an_invoice_that_comes_to_nothing_is_paid() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    let free = invoice(&resort.staff, &customer, 0).await;
    assert_eq!(
        (free["status"].clone(), free["number"].clone(), free["totalCents"].clone()),
        (json!("PAID"), json!(1), json!(0))
    );
}

#[tokio::test]
async fn numbers_have_no_gap_though_many_open_at_once_and_some_fail() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    let mut drafts = Vec::new();
    for price in 1..=10 {
        let mut new = one_line(&customer, price);
        new["status"] = json!("DRAFT");
        drafts.push(path(&resort.staff.post("/api/invoices", new).await.created()));
    }
    // The counter is drawn before this one is found to be nobody's: what it drew must come back.
    let nobody = one_line(&json!(Uuid::nil()), 100);
    let opens = drafts.iter().map(async |draft| {
        let failed = resort.staff.post("/api/invoices", nobody.clone()).await;
        assert_eq!(failed.status, 422);
        resort.staff.post(&format!("{draft}/open"), json!({})).await.ok()
    });
    let adds = (1..=10).map(async |price| {
        let added = invoice(&resort.staff, &customer, price).await;
        assert_eq!(resort.staff.post("/api/invoices", nobody.clone()).await.status, 422);
        added
    });
    let (opened, added) = tokio::join!(join_all(opens), join_all(adds));
    let mut numbers: Vec<_> =
        opened.iter().chain(&added).map(|invoice| invoice["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_draft_opened_by_twenty_at_once_draws_one_number() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    let mut new = one_line(&customer, 100);
    new["status"] = json!("DRAFT");
    let path = path(&resort.staff.post("/api/invoices", new).await.created());
    let opens =
        join_all((0..20).map(async |_| resort.staff.post(&format!("{path}/open"), json!({})).await.status))
            .await;
    assert_eq!(opens.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(opens.iter().filter(|status| **status == 409).count(), 19);
    assert_eq!(invoice(&resort.staff, &customer, 100).await["number"], 2);
}

#[tokio::test]
async fn resorts_count_their_invoices_apart_and_do_not_see_each_others() {
    let resort = resort().await;
    let other = resort.house.resort("resort2").await;
    let mine = invoice(&resort.staff, &customer(&resort.staff).await, 100).await;
    let theirs = invoice(&other.staff, &customer(&other.staff).await, 100).await;
    assert_eq!((mine["number"].clone(), theirs["number"].clone()), (json!(1), json!(1)));
    let path = path(&theirs);
    resort.owner.get(&path).await.problem(404);
    resort.owner.patch(&path, json!({ "notes": "x" })).await.problem(404);
    resort.owner.delete(&path).await.problem(404);
    for verb in ["open", "void"] {
        resort.owner.post(&format!("{path}/{verb}"), json!({})).await.problem(404);
    }
    let pay = json!({ "amountCents": 1, "method": "CASH" });
    resort.owner.post(&format!("{path}/payments"), pay).await.problem(404);
    let foreign = one_line(&theirs["customerId"], 100);
    resort.owner.post("/api/invoices", foreign).await.problem(422);
}

#[tokio::test]
async fn invoices_are_found_by_what_is_known_of_them() {
    let resort = resort().await;
    let (ann, bob) = (customer(&resort.staff).await, customer(&resort.staff).await);
    let add = async |customer: &Value, issued: &str, status: &str, price: i64| {
        let mut new = one_line(customer, price);
        (new["issueDate"], new["status"]) = (json!(issued), json!(status));
        resort.staff.post("/api/invoices", new).await.created();
    };
    add(&ann, "2026-11-20", "OPEN", 100).await;
    add(&bob, "2026-11-21", "OPEN", 0).await;
    add(&ann, "2026-11-22", "DRAFT", 100).await;
    add(&bob, "2026-11-24", "OPEN", 100).await;
    let days = async |query: &str| {
        let found = resort.staff.get(&format!("/api/invoices?{query}")).await.ok();
        let days = found["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["issueDate"].as_str().unwrap()[8..].to_owned());
        days.collect::<Vec<_>>().join(" ")
    };
    let ann = ann.as_str().unwrap();
    assert_eq!(days("").await, "24 22 21 20");
    assert_eq!(days("status=OPEN").await, "24 20");
    assert_eq!(days("status=PAID").await, "21");
    assert_eq!(days(&format!("customerId={ann}")).await, "22 20");
    assert_eq!(days(&format!("customerId={ann}&status=DRAFT")).await, "22");
    assert_eq!(days("number=2").await, "21");
    assert_eq!(days("number=2&status=OPEN").await, "");
    assert_eq!(days(&format!("number=1&customerId={ann}")).await, "20");
    assert_eq!(days("number=-9223372036854775808").await, "");
    assert_eq!(days("issuedFrom=2026-11-21&issuedTo=2026-11-22").await, "22 21");
    assert_eq!(days("overdue=true").await, "20");
    assert_eq!(days("overdue=true&status=PAID").await, "");
    assert_eq!(days("overdue=false").await, "24 22 21");
    assert_eq!(days(&format!("overdue=true&customerId={ann}")).await, "20");
    let overdue = resort.staff.get("/api/invoices?fields=overdue").await.ok();
    assert_eq!(overdue["data"][3], json!({ "overdue": true }));
    for wrong in [
        "status=LATE",
        "issuedFrom=0001-01-01",
        "issuedTo=yesterday",
        "overdue=maybe",
        "number=one",
        "limit=0",
        "q=x",
    ] {
        resort.staff.get(&format!("/api/invoices?{wrong}")).await.problem(422);
    }
    resort.staff.get("/api/invoices?cursor=WzFd").await.problem(400);

    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = resort.staff.get(&format!("/api/invoices?limit=1{cursor}")).await.ok();
        pages.push(page["data"][0]["issueDate"].as_str().unwrap()[8..].to_owned());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages.join(" "), "24 22 21 20");
}

#[tokio::test]
async fn a_list_costs_the_same_number_of_statements_however_long_it_is() {
    let resort = uncached_resort().await;
    let path = "/api/invoices?include=lines,payments,customer";
    let mut statements = Vec::new();
    for _ in 0..3 {
        let customer = customer(&resort.staff).await;
        for _ in 0..4 {
            resort.house.advance(std::time::Duration::from_secs(1));
            invoice(&resort.staff, &customer, 100).await;
        }
        let answer = resort.staff.get(path).await;
        statements.push(answer.statements);
        let page = answer.ok();
        assert_eq!(page["data"][0]["lines"].as_array().unwrap().len(), 1);
        assert_eq!(page["data"][0]["payments"], json!([]));
        assert_eq!(page["data"][0]["customer"]["id"], customer);
    }
    // Who asks, the invoices, and one for each that is nested.
    assert_eq!(statements, [5, 5, 5]);
    assert_eq!(resort.staff.get("/api/invoices").await.statements, 2);
}

#[tokio::test]
async fn the_quote_of_a_stay_is_its_invoice() {
    let resort = resort().await;
    let family = customer(&resort.staff).await;
    let (rex, kit) =
        (stay(&resort, &family, "CHECKED_OUT").await, stay(&resort, &family, "CHECKED_IN").await);
    let new = json!({ "reservationIds": [rex, kit], "lines": [{ "description": "Toy", "quantity": 1, "unitPriceCents": 1000 }] });
    let invoice = resort.staff.post("/api/invoices", new.clone()).await.created();
    assert_eq!(invoice["customerId"], family);
    // Each stay: three nights at 45.00, taxed, and a walk at 12.00, not taxed.
    assert_eq!(invoice["subtotalCents"], 2 * 14_700 + 1000);
    assert_eq!(invoice["taxCents"], 2310);
    let lines = invoice["lines"].as_array().unwrap();
    let of = |stay: &Value| lines.iter().filter(|line| line["reservationId"] == *stay).count();
    assert_eq!((of(&rex), of(&kit), of(&Value::Null)), (2, 2, 1));
    let quoted = resort.staff.get(&reservation(&rex)).await;
    assert!(quoted.header("etag").starts_with("\"4."), "{}", quoted.header("etag"));
    let quoted = quoted.ok();
    assert_eq!(quoted["invoiceId"], invoice["id"]);
    let billed = lines.iter().filter(|line| line["reservationId"] == rex);
    for (line, quoted) in billed.zip(quoted["lines"].as_array().unwrap()) {
        for field in ["description", "quantity", "unitPriceCents", "amountCents", "taxable"] {
            assert_eq!(line[field], quoted[field]);
        }
    }

    let problem = resort.staff.post("/api/invoices", json!({ "reservationIds": [kit] })).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("invoice 1"), "{problem}");
    resort.manager.post(&format!("{}/void", path(&invoice)), json!({})).await.ok();
    assert_eq!(resort.staff.post("/api/invoices", new).await.created()["number"], 2);
}

#[tokio::test]
async fn only_stays_of_one_customer_that_are_not_cancelled_are_billed() {
    let resort = resort().await;
    let (ann, bob) = (customer(&resort.staff).await, customer(&resort.staff).await);
    let (rex, kit) = (stay(&resort, &ann, "CHECKED_OUT").await, stay(&resort, &bob, "CHECKED_OUT").await);
    let cancelled = stay(&resort, &ann, "CANCELLED").await;
    let post = async |ids: Value, customer: Value| {
        resort.staff.post("/api/invoices", json!({ "reservationIds": ids, "customerId": customer })).await
    };
    let field = |problem: Value| problem["errors"][0]["field"].as_str().unwrap().to_owned();
    assert_eq!(field(post(json!([rex, kit]), Value::Null).await.problem(422)), "reservationIds[1]");
    assert_eq!(field(post(json!([rex]), bob).await.problem(422)), "reservationIds[0]");
    assert_eq!(field(post(json!([rex, rex]), Value::Null).await.problem(422)), "reservationIds[1]");
    post(json!([rex, cancelled]), Value::Null).await.problem(409);
    post(json!([rex]), ann).await.created();
}

#[tokio::test]
async fn a_draft_bills_its_stays_as_they_are_when_it_is_opened() {
    let resort = resort().await;
    let family = customer(&resort.staff).await;
    let (rex, kit) = (stay(&resort, &family, "CONFIRMED").await, stay(&resort, &family, "CONFIRMED").await);
    let draft = json!({ "reservationIds": [rex], "status": "DRAFT" });
    let path = path(&resort.staff.post("/api/invoices", draft).await.created());
    let problem = resort.staff.post("/api/invoices", json!({ "reservationIds": [rex] })).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("a draft"), "{problem}");

    let both = resort.staff.patch(&path, json!({ "reservationIds": [rex, kit] })).await.ok();
    assert_eq!(both["subtotalCents"], 2 * 14_700);
    let other = resort.staff.patch(&path, json!({ "reservationIds": [kit] })).await.ok();
    assert_eq!(other["subtotalCents"], 14_700);
    resort.staff.post("/api/invoices", json!({ "reservationIds": [rex] })).await.created();

    // What is on a draft keeps its price at the desk; a price that changed all the same is billed as it is.
    resort.staff.patch(&reservation(&kit), json!({ "checkOutDate": "2026-11-28" })).await.problem(409);
    let owner = resort.house.database.connect("tailtown_owner").await;
    let longer = "update app.reservation_lines set quantity = 4, amount_cents = 4 * unit_price_cents where position = 1";
    owner.batch_execute(longer).await.unwrap();
    let open = resort.staff.post(&format!("{path}/open"), json!({})).await.ok();
    assert_eq!((open["subtotalCents"].clone(), open["number"].clone()), (json!(4 * 4500 + 1200), json!(2)));
    assert_eq!(open["lines"][0]["quantity"], 4);
}

#[tokio::test]
async fn a_deleted_draft_lets_its_stays_go() {
    let resort = resort().await;
    let family = customer(&resort.staff).await;
    let rex = stay(&resort, &family, "CONFIRMED").await;
    let draft = json!({ "reservationIds": [rex], "status": "DRAFT" });
    resort.staff.delete(&path(&resort.staff.post("/api/invoices", draft).await.created())).await.done();
    resort.staff.post("/api/invoices", json!({ "reservationIds": [rex] })).await.created();
}

#[tokio::test]
async fn a_stay_invoiced_by_twenty_at_once_is_on_one_invoice() {
    let resort = resort().await;
    let family = customer(&resort.staff).await;
    let (rex, kit) =
        (stay(&resort, &family, "CHECKED_OUT").await, stay(&resort, &family, "CHECKED_OUT").await);
    let adds = join_all((0..20).map(async |turn| {
        let ids = if turn % 2 == 0 { json!([rex, kit]) } else { json!([kit, rex]) };
        resort.staff.post("/api/invoices", json!({ "reservationIds": ids })).await.status.as_u16()
    }));
    let mut statuses = adds.await;
    statuses.sort_unstable();
    assert_eq!(statuses, [&[201][..], &[409; 19]].concat());
}

#[tokio::test]
async fn invoices_that_want_the_same_stays_wait_for_each_other_in_one_order() {
    let resort = resort().await;
    let family = customer(&resort.staff).await;
    let mut stays = Vec::new();
    for _ in 0..4 {
        stays.push(stay(&resort, &family, "CHECKED_OUT").await);
    }
    let expect = |answer: testkit::Answer| {
        assert!([200, 201, 204, 409].contains(&answer.status.as_u16()), "{}", answer.body);
        (answer.status.is_success(), answer.body)
    };
    let post = async |body: Value| expect(resort.staff.post("/api/invoices", body).await);
    let [a, b, c, d] = stays.as_slice() else { panic!("four stays") };
    let work = (0..60).map(async |turn| match turn % 3 {
        0 => {
            let (made, invoice) = post(json!({ "reservationIds": [d, c, b, a] })).await;
            if made {
                expect(resort.manager.post(&format!("{}/void", path(&invoice)), json!({})).await);
            }
        }
        1 => {
            let (made, draft) = post(json!({ "reservationIds": [d], "status": "DRAFT" })).await;
            if made {
                expect(resort.staff.patch(&path(&draft), json!({ "reservationIds": [c, a] })).await);
                expect(resort.staff.patch(&path(&draft), json!({ "reservationIds": [b] })).await);
                expect(resort.staff.delete(&path(&draft)).await);
            }
        }
        _ => {
            let (made, draft) = post(json!({ "reservationIds": [a, b], "status": "DRAFT" })).await;
            if made {
                expect(resort.staff.post(&format!("{}/open", path(&draft)), json!({})).await);
                expect(resort.manager.post(&format!("{}/void", path(&draft)), json!({})).await);
            }
        }
    });
    join_all(work).await;
    resort.staff.post("/api/invoices", json!({ "reservationIds": stays })).await.created();
}

pub(crate) async fn customer(staff: &Client) -> Value {
    let new = json!({ "firstName": "Pat", "lastName": "Payer" });
    staff.post("/api/customers", new).await.created()["id"].clone()
}

/// An open invoice of one untaxed line.
pub(crate) async fn invoice(staff: &Client, customer: &Value, cents: i64) -> Value {
    let mut new = one_line(customer, cents);
    new["lines"][0]["taxable"] = json!(false);
    staff.post("/api/invoices", new).await.created()
}

pub(crate) fn path(invoice: &Value) -> String {
    format!("/api/invoices/{}", invoice["id"].as_str().unwrap())
}

fn one_line(customer: &Value, cents: i64) -> Value {
    json!({ "customerId": customer, "lines": [{ "description": "Bath", "quantity": 1, "unitPriceCents": cents }] })
}

fn reservation(id: &Value) -> String {
    format!("/api/reservations/{}", id.as_str().unwrap())
}

/// A stay of three nights, 45.00 each and taxed, with a walk for 12.00, which is not: booked, and taken as far as `status`.
async fn stay(resort: &Single, customer: &Value, status: &str) -> Value {
    let name = format!("Boarding {}", base::id::fresh(resort.house.clock.now()));
    let pet = json!({ "customerId": customer, "name": "Rex", "species": "DOG" });
    let service = json!({ "name": name, "category": "BOARDING", "unit": "NIGHT", "priceCents": 4500, "requiresKennel": false });
    let walk =
        json!({ "name": format!("Walk, {name}"), "unit": "STAY", "priceCents": 1200, "taxable": false });
    let pet = resort.staff.post("/api/pets", pet).await.created();
    let service = resort.manager.post("/api/services", service).await.created();
    let walk = resort.manager.post("/api/add-ons", walk).await.created();
    let booking = json!({
        "customerId": customer, "serviceId": service["id"], "checkInDate": "2026-11-24", "checkOutDate": "2026-11-27",
        "pets": [{ "petId": pet["id"], "addOns": [{ "addOnId": walk["id"] }] }],
    });
    let booking = resort.staff.post("/api/reservations", booking).await.created();
    let id = booking["reservations"][0]["id"].clone();
    let verbs: &[&str] = match status {
        "CHECKED_OUT" => &["check-in", "check-out"],
        "CHECKED_IN" => &["check-in"],
        "CANCELLED" => &["cancel"],
        _ => &[],
    };
    for verb in verbs {
        resort.staff.post(&format!("{}/{verb}", reservation(&id)), json!({})).await.ok();
    }
    id
}
