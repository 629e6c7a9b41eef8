//! Money taken and given back: never more than is due, never twice, whatever races.

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{Client, resort, uncached_resort};

use crate::invoices::{customer, invoice, path};

#[tokio::test]
async fn an_invoice_is_paid_in_parts_by_any_tender() {
    let resort = resort().await;
    let invoice = invoice(&resort.staff, &customer(&resort.staff).await, 5000).await;
    let first = pay(&resort.staff, &invoice, 2000, "CHECK").await.created();
    assert_eq!(first["refunds"], json!([]));
    let partly = resort.staff.get(&path(&invoice)).await.ok();
    assert_eq!((partly["status"].clone(), partly["balanceCents"].clone()), (json!("OPEN"), json!(3000)));
    let problem = pay(&resort.staff, &invoice, 3001, "CARD").await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("3000 cents"), "{problem}");
    resort.house.advance(std::time::Duration::from_secs(1));
    pay(&resort.staff, &invoice, 3000, "CARD").await.created();
    let paid = resort.staff.get(&path(&invoice)).await.ok();
    assert_eq!((paid["status"].clone(), paid["paidCents"].clone()), (json!("PAID"), json!(5000)));
    let methods: Vec<_> =
        paid["payments"].as_array().unwrap().iter().map(|payment| payment["method"].clone()).collect();
    assert_eq!(methods, ["CHECK", "CARD"]);
    pay(&resort.staff, &invoice, 1, "CASH").await.problem(409);
}

#[tokio::test]
async fn only_a_sound_payment_on_an_open_invoice_is_taken() {
    let resort = resort().await;
    let customer = customer(&resort.staff).await;
    let draft = json!({ "customerId": customer, "status": "DRAFT", "lines": [{ "description": "Bath", "quantity": 1, "unitPriceCents": 100 }] });
    let draft = resort.staff.post("/api/invoices", draft).await.created();
    pay(&resort.staff, &draft, 1, "CASH").await.problem(409);
    let open = invoice(&resort.staff, &customer, 100).await;
    for (amount, method) in [(0, "CASH"), (-5, "CASH"), (i64::MIN, "CASH"), (i64::MAX, "CASH"), (1, "GOLD")] {
        pay(&resort.staff, &open, amount, method).await.problem(422);
    }
    let nowhere = json!({ "id": uuid::Uuid::nil() });
    pay(&resort.staff, &nowhere, 1, "CASH").await.problem(404);
    pay(&resort.anyone, &open, 1, "CASH").await.problem(401);
}

#[tokio::test]
async fn a_refund_is_a_managers_bounded_and_makes_the_money_due_again() {
    let resort = resort().await;
    let invoice = invoice(&resort.staff, &customer(&resort.staff).await, 5000).await;
    let payment = pay(&resort.staff, &invoice, 5000, "CARD").await.created();
    let path_of_refunds = format!("/api/payments/{}/refunds", payment["id"].as_str().unwrap());
    resort.staff.post(&path_of_refunds, json!({ "amountCents": 1 })).await.problem(403);
    let refund = json!({ "amountCents": 1500, "reason": "left early" });
    let answer = resort.manager.post(&path_of_refunds, refund).await.created();
    assert_eq!(
        (answer["refundedCents"].clone(), answer["refunds"][0]["reason"].clone()),
        (json!(1500), json!("left early"))
    );
    let open = resort.staff.get(&path(&invoice)).await.ok();
    assert_eq!((open["status"].clone(), open["balanceCents"].clone()), (json!("OPEN"), json!(1500)));
    assert_eq!(open["payments"][0]["refundedCents"], 1500);

    // Paid again by another tender; the first payment still cannot give back more than it brought.
    pay(&resort.staff, &invoice, 1500, "CASH").await.created();
    let problem = resort.manager.post(&path_of_refunds, json!({ "amountCents": 3501 })).await.problem(409);
    assert!(problem["detail"].as_str().unwrap().contains("3500 cents"), "{problem}");
    resort.manager.post(&path_of_refunds, json!({ "amountCents": 0 })).await.problem(422);
    resort.manager.post(&path_of_refunds, json!({ "amountCents": 3500 })).await.created();
    let shown = resort.staff.get(&format!("/api/payments/{}", payment["id"].as_str().unwrap())).await.ok();
    assert_eq!(
        (shown["refundedCents"].clone(), shown["refunds"].as_array().unwrap().len()),
        (json!(5000), 2)
    );
    assert_eq!(resort.staff.get(&path(&invoice)).await.ok()["paidCents"], 1500);
}

#[tokio::test]
async fn fifty_who_pay_the_whole_balance_at_once_pay_it_once() {
    let resort = resort().await;
    let invoice = invoice(&resort.staff, &customer(&resort.staff).await, 5000).await;
    let mut statuses =
        join_all((0..50).map(async |_| pay(&resort.staff, &invoice, 5000, "CARD").await.status.as_u16()))
            .await;
    statuses.sort_unstable();
    assert_eq!(statuses, [&[201][..], &[409; 49]].concat());
    let paid = resort.staff.get(&path(&invoice)).await.ok();
    assert_eq!((paid["paidCents"].clone(), paid["payments"].as_array().unwrap().len()), (json!(5000), 1));
}

#[tokio::test]
async fn payments_refunds_and_voids_at_once_leave_books_that_balance() {
    let resort = resort().await;
    let invoice = invoice(&resort.staff, &customer(&resort.staff).await, 1000).await;
    let work = (0i64..40).map(async |turn| {
        let taken = pay(&resort.staff, &invoice, 100 + turn * 7, "CASH").await;
        if turn % 5 == 0 {
            let voided = resort.manager.post(&format!("{}/void", path(&invoice)), json!({})).await;
            assert!([200, 409].contains(&voided.status.as_u16()), "{}", voided.body);
        }
        if taken.status != 201 {
            return assert_eq!(taken.status, 409, "{}", taken.body);
        }
        let refunds = format!("/api/payments/{}/refunds", taken.body["id"].as_str().unwrap());
        let refunds =
            join_all((0..3).map(async |_| resort.manager.post(&refunds, json!({ "amountCents": 60 })).await));
        for refund in refunds.await {
            assert!([201, 409].contains(&refund.status.as_u16()), "{}", refund.body);
        }
    });
    join_all(work).await;
    let after = resort.staff.get(&path(&invoice)).await.ok();
    let sum = |field: &str| {
        after["payments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|payment| payment[field].as_i64().unwrap())
            .sum::<i64>()
    };
    let paid = sum("amountCents") - sum("refundedCents");
    assert_eq!(after["paidCents"], paid);
    assert!((0..=1000).contains(&paid), "{after}");
    assert_eq!(after["balanceCents"], if after["status"] == "VOID" { 0 } else { 1000 - paid });
}

#[tokio::test]
async fn a_payment_sent_twice_is_one() {
    let resort = resort().await;
    let invoice = invoice(&resort.staff, &customer(&resort.staff).await, 5000).await;
    let keyed = resort.staff.with("idempotency-key", "till 1, slip 7");
    let first = pay(&keyed, &invoice, 1000, "CASH").await;
    let again = pay(&keyed, &invoice, 1000, "CASH").await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.created(), first.created());
    pay(&keyed, &invoice, 1001, "CASH").await.problem(422);

    let keyed = resort.staff.with("idempotency-key", "till 1, slip 8");
    let answers = join_all((0..10).map(async |_| pay(&keyed, &invoice, 4000, "CASH").await.created())).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let paid = resort.staff.get(&path(&invoice)).await.ok();
    assert_eq!((paid["paidCents"].clone(), paid["payments"].as_array().unwrap().len()), (json!(5000), 2));

    // A refusal is not kept: the same key may succeed once there is something to pay.
    let keyed = resort.staff.with("idempotency-key", "till 1, slip 9");
    pay(&keyed, &invoice, 10, "CASH").await.problem(409);
    let refunds = format!("/api/payments/{}/refunds", answers[0]["id"].as_str().unwrap());
    let refund = resort.manager.with("idempotency-key", "back 1");
    let once = refund.post(&refunds, json!({ "amountCents": 10 })).await.created();
    assert_eq!(refund.post(&refunds, json!({ "amountCents": 10 })).await.created(), once);
    pay(&keyed, &invoice, 10, "CASH").await.created();
}

#[tokio::test]
async fn payments_are_listed_by_the_resorts_days() {
    let resort = uncached_resort().await;
    let customer = customer(&resort.staff).await;
    let (first, second) =
        (invoice(&resort.staff, &customer, 1000).await, invoice(&resort.staff, &customer, 1000).await);
    // The test begins at 8:00 in Denver on the 24th: five payments, three hours apart, end at 20:00, which is the 25th in UTC.
    for (turn, method) in ["CASH", "CARD", "CASH", "CARD", "CASH"].into_iter().enumerate() {
        let invoice = if turn < 2 { &first } else { &second };
        pay(&resort.staff, invoice, 100 + i64::try_from(turn).unwrap(), method).await.created();
        resort.house.advance(std::time::Duration::from_hours(3));
    }
    let amounts = async |query: &str| {
        let found = resort.staff.get(&format!("/api/payments?{query}")).await.ok();
        let amounts = found["data"].as_array().unwrap().iter().map(|row| row["amountCents"].to_string());
        amounts.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(amounts("").await, "104 103 102 101 100");
    assert_eq!(amounts("receivedFrom=2026-11-24&receivedTo=2026-11-24").await, "104 103 102 101 100");
    assert_eq!(amounts("receivedFrom=2026-11-25").await, "");
    assert_eq!(amounts("receivedTo=2026-11-23").await, "");
    assert_eq!(amounts("method=CARD").await, "103 101");
    let first = first["id"].as_str().unwrap();
    assert_eq!(amounts(&format!("invoiceId={first}")).await, "101 100");
    assert_eq!(amounts(&format!("invoiceId={first}&method=CASH")).await, "100");
    for wrong in ["receivedFrom=-009999-01-01", "receivedTo=9999-12-31", "receivedTo=x", "method=GOLD", "q=x"]
    {
        resort.staff.get(&format!("/api/payments?{wrong}")).await.problem(422);
    }
    let page = resort.staff.get("/api/payments?limit=2&fields=amountCents").await;
    assert_eq!(page.statements, 3);
    let next = page.ok()["nextCursor"].as_str().unwrap().to_owned();
    assert_eq!(amounts(&format!("limit=2&cursor={next}")).await, "102 101");
}

#[tokio::test]
async fn another_resorts_payment_does_not_exist() {
    let resort = resort().await;
    let other = resort.house.resort("resort2").await;
    let theirs = invoice(&other.staff, &customer(&other.staff).await, 100).await;
    let payment = pay(&other.staff, &theirs, 100, "CASH").await.created();
    let path = format!("/api/payments/{}", payment["id"].as_str().unwrap());
    resort.owner.get(&path).await.problem(404);
    resort.owner.post(&format!("{path}/refunds"), json!({ "amountCents": 1 })).await.problem(404);
    let theirs = theirs["id"].as_str().unwrap();
    assert_eq!(resort.owner.get(&format!("/api/payments?invoiceId={theirs}")).await.ok()["data"], json!([]));
}

async fn pay(client: &Client, invoice: &Value, amount_cents: i64, method: &str) -> testkit::Answer {
    let new = json!({ "amountCents": amount_cents, "method": method });
    client.post(&format!("{}/payments", path(invoice)), new).await
}
