//! Where operators need a second factor, one without can set it up and do nothing else.

use serde_json::{Value, json};
use testkit::{Client, House, PASSWORD, code_of, house, house_with};

use crate::document::{body_of, furnish, operations, path_of};
use crate::second_factor::Person;

const MISSING: &str = "urn:tailtown:problem:second-factor-missing";
const REQUIRED: [(&str, &str); 1] = [("OPERATOR_SECOND_FACTOR", "required")];

/// What an operator without a second factor may do.
const SET_UP: [&str; 5] = [
    "operators_log_in",
    "operators_log_out",
    "operators_me",
    "operators_start_second_factor",
    "operators_confirm_second_factor",
];

/// Every other operation of the document is refused, with the step that helps.
async fn can_only_set_up(house: &House, operator: &Client) {
    let things = furnish_for(house).await;
    let mut refused = 0;
    for operation in operations() {
        if !operation.path.starts_with("/platform/") || SET_UP.contains(&operation.id.as_str()) {
            continue;
        }
        let body = body_of(&operation, &things).map(|body| body.to_string().into_bytes());
        let path = path_of(&operation, &things);
        let problem = operator.send(operation.method.parse().unwrap(), &path, body).await.problem(403);
        assert_eq!(problem["type"], MISSING, "{}", operation.id);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("POST /platform/auth/second-factor"), "{detail}");
        refused += 1;
    }
    assert!(refused > 15, "only {refused}");
}

async fn furnish_for(house: &House) -> crate::document::Things {
    let subdomain = format!("resort{}", house.clock.now().as_second());
    furnish(&house.resort(&subdomain).await).await
}

#[tokio::test]
async fn an_operator_without_one_can_only_set_it_up() {
    let house = house_with(&REQUIRED).await;
    let operator = Person::operator(&house);
    can_only_set_up(&house, &operator.signed).await;
    // Nothing that a client says changes that.
    for header in ["x-second-factor", "x-tailtown-second-factor", "cookie"] {
        operator.signed.with(header, "true").get("/platform/tenants").await.problem(403);
    }
    assert_eq!(operator.signed.get("/platform/auth/me").await.ok()["secondFactor"], false);

    let (secret, _) = operator.set_up(&house).await;
    operator.signed.get("/platform/tenants").await.ok();
    let code = code_of(&secret, house.clock.now());
    let session = operator.log_in(&operator.anyone, PASSWORD, Some(&code)).await.ok();
    let second = operator.anyone.bearing(session["accessToken"].as_str().unwrap());
    second.get("/platform/tenants").await.ok();

    // Without it again, the session that is left can do no more than before.
    house.advance(std::time::Duration::from_secs(90));
    let removal = json!({ "currentPassword": PASSWORD, "code": code_of(&secret, house.clock.now()) });
    operator.own("/remove", removal).await.done();
    second.get("/platform/tenants").await.problem(401);
    can_only_set_up(&house, &operator.signed).await;
    operator.set_up(&house).await;
    operator.signed.get("/platform/tenants").await.ok();
    operator.signed.post("/platform/auth/logout", json!({})).await.done();
}

#[tokio::test]
async fn a_session_from_before_it_was_required_counts_no_more() {
    let house = house().await;
    house.operator.get("/platform/tenants").await.ok();
    let strict = house.node(&REQUIRED, house.clock.now()).await;
    let problem = strict.take_in(&house.operator).get("/platform/tenants").await.problem(403);
    assert_eq!(problem["type"], MISSING);
    // Set up at a node that does not require it, it counts at one that does.
    Person::operator(&house).set_up(&house).await;
    strict.take_in(&house.operator).get("/platform/tenants").await.ok();
}

#[tokio::test]
async fn another_operator_removes_a_lost_one_and_it_is_recorded() {
    let house = house().await;
    let new = json!({ "name": "Other", "email": "other@tailtown.example", "password": PASSWORD });
    let added = house.operator.post("/platform/operators", new).await.created();
    let id = added["id"].as_str().unwrap();
    let path = format!("/platform/operators/{id}/second-factor");
    house.operator.delete(&path).await.problem(404);
    let anyone = house.client("localhost:4004");
    let signed = anyone.signed_in("/platform/auth/login", "other@tailtown.example", PASSWORD).await;
    let other = Person { signed, anyone, auth: "/platform/auth", email: "other@tailtown.example" };
    other.set_up(&house).await;
    let own = format!("/platform/operators/{}/second-factor", house.operator_id);
    let problem = house.operator.delete(&own).await.problem(403);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("POST /platform/auth/second-factor/remove"), "{detail}");
    house.operator.delete(&path).await.done();
    other.signed.get("/platform/auth/me").await.problem(401);
    other.log_in(&other.anyone, PASSWORD, None).await.ok();
    let actions = house.operator.get(&format!("/platform/actions?subjectId={id}")).await.ok();
    let of = |name: &str| -> Vec<Value> {
        let rows = actions["data"].as_array().unwrap().iter();
        rows.filter(|row| row["action"] == name).cloned().collect()
    };
    let removed = of("operator.remove_second_factor");
    assert_eq!(removed.len(), 1, "{actions}");
    assert_eq!(removed[0]["operatorId"], house.operator_id.to_string());
    assert_eq!(
        (&removed[0]["before"]["secondFactor"], &removed[0]["after"]["secondFactor"]),
        (&true.into(), &false.into())
    );
    let by_oneself = [of("operator.start_second_factor"), of("operator.add_second_factor")].concat();
    assert_eq!(by_oneself.iter().map(|row| &row["operatorId"]).collect::<Vec<_>>(), [id, id]);

    // As the command does on the server.
    other_again(&house, &other).await;
    let scope = gateway::doors::PlatformScope::of_command(
        &house.program.database,
        "operator command",
        house.clock.now(),
    )
    .await
    .unwrap();
    let found = tailtown::features::operators::with_email(&scope, other.email).await.unwrap();
    assert!(tailtown::features::operators::remove_lost(&scope, found.id).await.unwrap());
    assert!(!tailtown::features::operators::remove_lost(&scope, found.id).await.unwrap());
    scope.commit().await.unwrap();
    drop(scope);
    other.log_in(&other.anyone, PASSWORD, None).await.ok();
    let actions = house.operator.get(&format!("/platform/actions?subjectId={id}&limit=1")).await.ok();
    let last = &actions["data"][0];
    assert_eq!((&last["action"], &last["command"]), (&removed[0]["action"], &"operator command".into()));
}

async fn other_again(house: &House, other: &Person) {
    let signed = other.anyone.signed_in("/platform/auth/login", other.email, PASSWORD).await;
    let again = Person { signed, anyone: other.anyone.clone(), auth: other.auth, email: other.email };
    again.set_up(house).await;
}

#[test]
fn production_requires_it_unless_told_otherwise() {
    let of = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        tailtown::config::read(&pairs, None).unwrap().0.gateway.operator_second_factor
    };
    use gateway::settings::OperatorSecondFactor::{Optional, Required};
    let production = ("TAILTOWN_ENV", "production");
    assert_eq!(of(&[]), Optional);
    assert_eq!(of(&[production]), Required);
    assert_eq!(of(&[production, ("OPERATOR_SECOND_FACTOR", "optional")]), Optional);
    assert_eq!(of(&REQUIRED), Required);
}
