//! The operator's commands: what they print, and that a running program heeds them at once.

use serde_json::json;

use crate::program::{PASSWORD, Program, Settings, resort, run, run_with};
use crate::server::{Home, Server};

#[tokio::test]
async fn a_resort_is_created_listed_suspended_and_resumed() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("BASE_DOMAIN", "pets.example"), ("PORT", "4321")];
    let tailtown = async |words: &[&str]| run(&home, words, settings).await;
    assert_eq!(tailtown(&["tenant", "list"]).await.succeeded(), "");

    let create = |subdomain: &'static str, zone: &'static str, tier: &'static str| {
        let words =
            ["tenant", "create", subdomain, "--name", "Happy Tails", "--owner-email", "kim@pets.example"];
        [&words[..], &["--timezone", zone, "--tier", tier, "--tax-rate-bps", "825"]].concat()
    };
    let said = tailtown(&create("resort1", "America/Denver", "PRO")).await.succeeded();
    let lines: Vec<_> = said.lines().collect();
    let [created, owner, password] = lines[..] else { panic!("{said}") };
    let id = created.split(' ').nth(1).unwrap();
    assert_eq!(created, format!("created {id} at http://resort1.pets.example:4321"));
    assert_eq!(owner, "owner kim@pets.example");
    let password = password.strip_prefix("password ").unwrap().strip_suffix("   (shown this once)").unwrap();
    assert_eq!(password.len(), 20);
    resort(&home, "aardvark", settings).await;

    let list = tailtown(&["tenant", "list"]).await.succeeded();
    let rows: Vec<Vec<_>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..3], ["aardvark", "ACTIVE", "FREE"]);
    assert_eq!(rows[1], ["resort1", "ACTIVE", "PRO", id, "Happy", "Tails"]);
    assert_eq!(rows.len(), 2);

    let program = Program::ready(&home, &[("DATABASE_URL", &url), ("BASE_DOMAIN", "pets.example")]).await;
    let client = program.client("resort1.pets.example");
    let (owner, _) = client.signed_in("kim@pets.example", password).await;
    assert_eq!(tailtown(&["tenant", "suspend", "resort1"]).await.succeeded(), "resort1 is SUSPENDED\n");
    let problem = owner.get("/api/customers").await.expect(403);
    assert!(problem["detail"].as_str().unwrap().contains("suspended"), "{problem}");
    program.client("aardvark.pets.example").get("/api/customers").await.expect(401);
    assert!(tailtown(&["tenant", "list"]).await.succeeded().contains("SUSPENDED"));
    let again = tailtown(&["tenant", "suspend", "resort1"]).await.refused();
    assert!(again.contains("the resort is SUSPENDED: it cannot become SUSPENDED"), "{again}");
    assert_eq!(tailtown(&["tenant", "resume", "resort1"]).await.succeeded(), "resort1 is ACTIVE\n");
    owner.get("/api/customers").await.expect(401);
    let (owner, _) = client.signed_in("kim@pets.example", password).await;
    owner.get("/api/customers").await.expect(200);
    program.stop().await;

    for (words, told) in [
        (create("resort1", "America/Denver", "FREE"), "a resort has this subdomain already"),
        (create("Resort 2", "America/Denver", "FREE"), "subdomain: "),
        (create("resort2", "Denver", "FREE"), "timezone: "),
        (create("resort2", "America/Denver", "GOLD"), "--tier must be FREE, BASIC, PRO or ENTERPRISE"),
        (vec!["tenant", "suspend", "nowhere"], "there is no such resort"),
    ] {
        let said = tailtown(&words).await.refused();
        assert!(said.contains(told), "{words:?}: {said}");
    }
    let short = [&create("resort2", "America/Denver", "FREE")[..], &["--password-stdin"]].concat();
    let said = run_with(&home, &short, settings, "short").await.refused();
    assert!(said.contains("password"), "{said}");
    assert_eq!(tailtown(&["tenant", "list"]).await.succeeded().lines().count(), 2);
}

#[tokio::test]
async fn an_operator_is_created_and_signs_in() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let url = server.url("tailtown_app", &database);
    let settings: Settings<'_> = &[("DATABASE_URL", &url)];
    let words = ["operator", "create", "op@tailtown.example", "--name", "Op", "--password-stdin"];
    let said = run_with(&home, &words, settings, PASSWORD).await.succeeded();
    assert_eq!(said, "created operator op@tailtown.example\n");
    let again = run_with(&home, &words, settings, PASSWORD).await.refused();
    assert!(again.contains("an operator has this e-mail already"), "{again}");
    let program = Program::ready(&home, settings).await;
    let login = json!({ "email": "op@tailtown.example", "password": PASSWORD });
    program.client("localhost").post("/platform/auth/login", login.clone()).await.expect(200);

    // One who lost the second factor gets in again with a reset on the server.
    let admin = server.admin(&database).await;
    let factor =
        "insert into app.operator_second_factors select id, 'x', '{}', now(), now() from app.operators";
    admin.execute(factor, &[]).await.unwrap();
    program.client("localhost").post("/platform/auth/login", login.clone()).await.expect(401);
    let said = run(&home, &["operator", "list"], settings).await.succeeded();
    assert!(said.contains("active       second factor"), "{said}");
    let words = ["operator", "reset", "op@tailtown.example", "--password-stdin"];
    let said = run_with(&home, &words, settings, PASSWORD).await.succeeded();
    assert!(said.contains("a new password, has no second factor any more, and is signed out"), "{said}");
    program.client("localhost").post("/platform/auth/login", login).await.expect(200);
    let said = run_with(&home, &words, settings, PASSWORD).await.succeeded();
    assert!(said.contains("a new password and is signed out everywhere"), "{said}");
    let recorded =
        "select array_agg(action order by at, action) from app.operator_actions where command is not null";
    let recorded: Vec<String> = admin.query_one(recorded, &[]).await.unwrap().get(0);
    let (reset, removed) = ("operator.reset_password", "operator.remove_second_factor");
    assert_eq!(recorded, ["operator.add", removed, reset, reset]);
    program.stop().await;
}

#[tokio::test]
async fn migrations_are_told_deployed_and_told_again() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.database().await;
    let (url, owner) = (server.url("tailtown_app", &database), server.url("tailtown_owner", &database));
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner)];
    let steps = tailtown::app::migrations();

    let status = run(&home, &["migrate", "status"], settings).await;
    assert_eq!(status.out.lines().count(), steps.len());
    for (line, step) in status.out.lines().zip(&steps) {
        assert!(line.starts_with(&format!("{:04} {} ", step.version, step.name)), "{line}");
        assert!(line.ends_with("pending: run `tailtown migrate deploy`"), "{line}");
    }
    assert!(status.refused().contains("the schema is not the one this program needs"));

    // Two nodes at once: each step is applied once.
    let deploy = || run(&home, &["migrate", "deploy"], settings);
    let (one, other) = tokio::join!(deploy(), deploy());
    let said = one.succeeded() + &other.succeeded();
    for step in &steps {
        assert_eq!(said.matches(&format!("\napplied {} in ", step.name)).count(), 1, "{said}");
    }
    assert!(said.contains(&format!("{} applied; the schema is current", steps.len())), "{said}");
    assert!(said.contains("0 applied; the schema is current"), "{said}");

    let status = run(&home, &["migrate", "status"], settings).await.succeeded();
    assert!(status.lines().all(|line| line.contains(" applied 20")), "{status}");
    assert_eq!(status.lines().count(), steps.len());
}

#[tokio::test]
async fn in_production_a_commands_answer_is_all_it_prints() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.database().await;
    let (url, owner) = (server.url("tailtown_app", &database), server.url("tailtown_owner", &database));
    let settings: Settings<'_> =
        &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner), ("TAILTOWN_ENV", "production")];
    let said = run(&home, &["migrate", "deploy"], settings).await.succeeded();
    assert!(said.contains("applied; the schema is current\nnext: "), "{said}");
    assert!(!said.contains('{'), "{said}");
}

#[tokio::test]
async fn a_command_line_that_makes_no_sense_is_answered_with_help() {
    let home = Home::new();
    let ended = run(&home, &["serv"], &[]).await;
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.err.contains("serve"), "{}", ended.err);
    let help = run(&home, &["--help"], &[]).await.succeeded();
    for command in ["serve", "demo", "migrate", "tenant", "operator", "config", "openapi"] {
        assert!(help.contains(command), "{help}");
    }
    let document = run(&home, &["openapi"], &[]).await.succeeded();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert!(document["paths"]["/api/customers"].is_object());
}
