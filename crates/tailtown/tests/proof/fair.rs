//! A place in line: one resort's slow or many requests are its own matter, who waits in vain hears so, who goes away is gone.

use axum::body::Body;
use gateway::fairness::{Class, Classes, Stats};
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use testkit::{Answer, House, Resort, house_with};
use tokio::task::{JoinHandle, yield_now};
use tower::ServiceExt;

async fn house_of(settings: &str) -> House {
    house_with(&[("DATABASE_URL", &format!("postgresql://tailtown_app@/x?{settings}"))]).await
}

/// Keeps every customer from being changed until it is committed.
async fn lock_customers(house: &House) -> tokio_postgres::Client {
    let admin = house.database.connect("postgres").await;
    admin.batch_execute("begin; select from app.customers for update").await.unwrap();
    admin
}

/// A change that waits for the lock.
fn change(resort: &Resort, customer: &Value) -> JoinHandle<Answer> {
    let (staff, path) = (resort.staff.clone(), path(customer));
    tokio::spawn(async move { staff.patch(&path, json!({ "notes": "likes treats" })).await })
}

fn path(customer: &Value) -> String {
    format!("/api/customers/{}", customer["id"].as_str().unwrap())
}

fn stats(house: &House) -> Stats {
    house.program.line.stats()
}

fn waiting(house: &House) -> u64 {
    stats(house).classes.iter().map(|class| class.waiting).sum()
}

async fn until(mut so: impl FnMut() -> bool) {
    while !so() {
        yield_now().await;
    }
}

#[tokio::test]
async fn one_resorts_slow_work_leaves_the_others_their_places() {
    let house = house_of("connection_limit=8&pool_timeout=60").await;
    let (one, other) = (house.resort("resort1").await, house.resort("resort2").await);
    let (customer, others) = (one.add_customer().await, other.add_customer().await);
    let lock = lock_customers(&house).await;
    let mut changes = vec![change(&other, &others)];
    until(|| stats(&house).in_use == 1).await;
    changes.extend((0..30).map(|_| change(&one, &customer)));
    until(|| u64::from(stats(&house).in_use) + waiting(&house) == 31).await;
    let Stats { limit, in_use, .. } = stats(&house);
    assert!(in_use < limit, "it holds {in_use} of {limit} places");
    for _ in 0..10 {
        other.staff.get(&path(&others)).await.ok();
        other.staff.get("/api/customers?include=pets").await.ok();
        house.operator.get("/platform/auth/me").await.ok();
        assert_eq!(house.client("localhost").get("/health").await.status, 200);
    }
    lock.batch_execute("commit").await.unwrap();
    for change in changes {
        change.await.unwrap().ok();
    }
    assert_eq!(waiting(&house) + u64::from(stats(&house).in_use), 0);
}

#[tokio::test]
async fn a_full_line_refuses_at_once_and_who_goes_away_leaves_it_at_once() {
    let house = house_of("connection_limit=1&pool_timeout=60").await;
    let resort = house.resort("resort1").await;
    let customer = resort.add_customer().await;
    // What is kept stands in no line.
    let kept = resort.staff.get("/api/customers").await.ok();
    let lock = lock_customers(&house).await;
    let mut changes = vec![change(&resort, &customer)];
    until(|| stats(&house).in_use == 1).await;
    changes.extend((0..64).map(|_| change(&resort, &customer)));
    until(|| waiting(&house) == 64).await;

    let refused = change(&resort, &customer).await.unwrap();
    // As long as it takes this machine to work off what waits.
    assert!((1..=30).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    let problem = refused.problem(503);
    assert!(problem["detail"].as_str().unwrap().contains("too much is asked"), "{problem}");
    let desk = &stats(&house).classes[0];
    assert_eq!((desk.class, desk.shed, desk.waiting), (Class::Desk, 1, 64));
    assert_eq!(resort.staff.get("/api/customers").await.ok(), kept);

    for change in changes.drain(40..) {
        change.abort();
        assert!(change.await.unwrap_err().is_cancelled());
    }
    let desk = &stats(&house).classes[0];
    assert_eq!((desk.gave_up, desk.waiting), (25, 39));
    lock.batch_execute("commit").await.unwrap();
    for change in changes {
        change.await.unwrap().ok();
    }
    let Stats { in_use, classes, .. } = stats(&house);
    assert_eq!((in_use, classes[0].waiting, classes[0].shed), (0, 0, 1));
    assert_eq!(classes[0].waits.iter().sum::<u64>(), classes[0].admitted);
    let admin = observe::metrics::admin::routes(&house.program.metrics, true);
    let request =
        Request::builder().uri("/metrics").header("host", "127.0.0.1:4005").body(Body::empty()).unwrap();
    let page = admin.oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    let page = std::str::from_utf8(&page).unwrap();
    assert!(page.contains("tailtown_queue_shed_total{line=\"database\",class=\"desk\"} 1\n"), "{page}");
}

#[tokio::test]
async fn nobody_waits_longer_than_the_pools_timeout() {
    let house = house_of("connection_limit=1&pool_timeout=1").await;
    let resort = house.resort("resort1").await;
    let customer = resort.add_customer().await;
    let lock = lock_customers(&house).await;
    let first = change(&resort, &customer);
    until(|| stats(&house).in_use == 1).await;
    let second = change(&resort, &customer).await.unwrap();
    assert_eq!(second.header("retry-after"), "1");
    second.problem(503);
    assert!(!first.is_finished(), "it has its place and keeps it");
    lock.batch_execute("commit").await.unwrap();
    first.await.unwrap().ok();
}

#[test]
fn every_route_is_the_desks_a_list_or_a_report() {
    let classes = Classes::read(&tailtown::app::routes().1);
    for operation in crate::document::operations() {
        let is_list = operation.query.iter().any(|(name, _)| name == "cursor");
        let class = classes.of(&operation.path, &operation.method.parse().unwrap());
        assert_eq!(class == Class::Lists, is_list, "{}", operation.id);
        assert!(class == Class::Desk || operation.method == "GET", "{}", operation.id);
    }
    assert_eq!(classes.of("/api/customers", &Method::GET), Class::Lists);
    assert_eq!(classes.of("/api/customers", &Method::POST), Class::Desk);
    assert_eq!(classes.of("/api/customers/{id}", &Method::GET), Class::Desk);
}
