//! What a command on the server changes is on record, as the API shows it.

use serde_json::{Value, json};

use crate::client::Client;
use crate::program::{PASSWORD, Program, Settings, resort, run, run_with};
use crate::server::{Home, Server};

const NEW_PASSWORD: &str = "a marmot under the porch";

/// An operator signed in with this password, or the status of the refusal.
async fn operator(program: &Program, email: &str, password: &str) -> Result<Client, u16> {
    let client = program.client("localhost");
    let login = json!({ "email": email, "password": password });
    let answer = client.post("/platform/auth/login", login).await;
    if answer.status != 200 {
        return Err(answer.status);
    }
    let token = answer.expect(200)["accessToken"].as_str().unwrap().to_owned();
    Ok(client.with("authorization", &format!("Bearer {token}")))
}

/// What is on record with this filter, newest first.
async fn recorded(operator: &Client, filter: &str) -> Vec<Value> {
    let list = operator.get(&format!("/platform/actions?limit=100{filter}")).await.expect(200);
    list["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn operators_are_listed_deactivated_and_reset_by_command_and_that_is_on_record() {
    let (home, server) = (Home::new(), Server::shared().await);
    let url = server.url("tailtown_app", &server.migrated().await);
    let settings: Settings<'_> = &[("DATABASE_URL", &url)];
    assert_eq!(run(&home, &["operator", "list"], settings).await.succeeded(), "");
    for name in ["zoe", "anna"] {
        let email = format!("{name}@tailtown.example");
        let words = ["operator", "create", &email, "--name", name, "--password-stdin"];
        run_with(&home, &words, settings, PASSWORD).await.succeeded();
    }
    let list = run(&home, &["operator", "list"], settings).await.succeeded();
    let rows: Vec<Vec<_>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..4], ["anna@tailtown.example", "active", "password", "only"], "{list}");
    assert_eq!(rows[0][5], "anna", "{list}");
    assert_eq!((rows[1][0], rows[1][1], rows.len()), ("zoe@tailtown.example", "active", 2), "{list}");
    let (anna, zoe) = (rows[0][4].to_owned(), rows[1][4].to_owned());

    let program = Program::ready(&home, settings).await;
    let first = operator(&program, "anna@tailtown.example", PASSWORD).await.unwrap();
    let other = operator(&program, "zoe@tailtown.example", PASSWORD).await.unwrap();

    // A running program heeds it at once.
    let words = ["operator", "reset", " Zoe@Tailtown.example", "--password-stdin"];
    let said = run_with(&home, &words, settings, NEW_PASSWORD).await.succeeded();
    assert_eq!(said, "zoe@tailtown.example has a new password and is signed out everywhere\n");
    other.get("/platform/auth/me").await.expect(401);
    assert_eq!(operator(&program, "zoe@tailtown.example", PASSWORD).await.err(), Some(401));
    let other = operator(&program, "zoe@tailtown.example", NEW_PASSWORD).await.unwrap();

    let said = run(&home, &["operator", "reset", "zoe@tailtown.example"], settings).await.succeeded();
    let made = said.lines().nth(1).unwrap().strip_prefix("password ").unwrap();
    let made = made.strip_suffix("   (shown this once)").unwrap();
    other.get("/platform/auth/me").await.expect(401);
    let other = operator(&program, "zoe@tailtown.example", made).await.unwrap();

    let said = run(&home, &["operator", "deactivate", "zoe@tailtown.example"], settings).await.succeeded();
    assert_eq!(said, "zoe@tailtown.example is deactivated, and signed out everywhere\n");
    other.get("/platform/auth/me").await.expect(401);
    assert_eq!(operator(&program, "zoe@tailtown.example", made).await.err(), Some(401));
    let list = run(&home, &["operator", "list"], settings).await.succeeded();
    assert!(list.lines().nth(1).unwrap().contains(" deactivated "), "{list}");

    for (words, told) in [
        (["operator", "deactivate", "anna@tailtown.example"], "add another one first"),
        (["operator", "deactivate", "nobody@tailtown.example"], "there is no such operator"),
        (["operator", "reset", "nobody@tailtown.example"], "there is no such operator"),
    ] {
        let said = run(&home, &words, settings).await.refused();
        assert!(said.contains(told), "{said}");
    }
    let words = ["operator", "reset", "anna@tailtown.example", "--password-stdin"];
    let said = run_with(&home, &words, settings, "short").await.refused();
    assert!(said.contains("must be 10 to 128 characters"), "{said}");

    let of = |records: Vec<Value>| -> Vec<String> {
        let by_command =
            records.iter().all(|one| one["command"] == "operator command" && one["operatorId"].is_null());
        assert!(by_command, "{records:?}");
        records.iter().map(|one| one["action"].as_str().unwrap().to_owned()).collect()
    };
    let records = recorded(&first, &format!("&subjectId={zoe}")).await;
    assert!(
        records[0]["before"]["isActive"] == true && records[0]["after"]["isActive"] == false,
        "{records:?}"
    );
    for secret in [PASSWORD, NEW_PASSWORD, made] {
        assert!(!json!(records).to_string().contains(secret), "{records:?}");
    }
    let actions =
        ["operator.deactivate", "operator.reset_password", "operator.reset_password", "operator.add"];
    assert_eq!(of(records), actions);
    // What was refused is not on it.
    assert_eq!(of(recorded(&first, &format!("&subjectId={anna}")).await), ["operator.add"]);
    program.stop().await;
}

#[tokio::test]
async fn what_commands_do_with_a_resorts_data_is_on_record() {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let (url, owner) = (server.url("tailtown_app", &database), server.url("tailtown_owner", &database));
    let everything = server.url(&server.superuser(), &database);
    let settings: Settings<'_> =
        &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner), ("BACKUP_DATABASE_URL", &everything)];
    let tailtown = async |words: &[&str]| run(&home, words, settings).await;
    let words = ["operator", "create", "op@tailtown.example", "--name", "Op", "--password-stdin"];
    run_with(&home, &words, settings, PASSWORD).await.succeeded();
    let id = resort(&home, "resort1", settings).await;
    tailtown(&["tenant", "suspend", "resort1"]).await.succeeded();
    tailtown(&["tenant", "resume", "resort1"]).await.succeeded();
    tailtown(&["backup", "run"]).await.succeeded();

    tailtown(&["tenant", "export", "resort1", "--to", "resort1.tailtown"]).await.succeeded();
    let said = tailtown(&["tenant", "import", "resort1.tailtown", "--as", "resort2"]).await.succeeded();
    let copy = said.split_once('(').unwrap().1.split_once(')').unwrap().0.to_owned();
    tailtown(&["tenant", "suspend", "resort1"]).await.succeeded();
    tailtown(&["tenant", "restore", "resort1", "--from", "latest", "--dry-run"]).await.succeeded();
    tailtown(&["tenant", "restore", "resort1", "--from", "latest", "--yes"]).await.succeeded();
    tailtown(&["tenant", "erase", "resort2", "--yes"]).await.succeeded();
    // What is refused leaves nothing on record.
    tailtown(&["tenant", "export", "resort1", "--to", "resort1.tailtown"]).await.refused();
    tailtown(&["tenant", "import", "resort1.tailtown", "--as", "Resort 3"]).await.refused();
    tailtown(&["tenant", "erase", "resort1"]).await.refused();

    let program = Program::ready(&home, settings).await;
    let operator = operator(&program, "op@tailtown.example", PASSWORD).await.unwrap();
    let of = async |id: &str| {
        let records = recorded(&operator, &format!("&subjectId={id}")).await;
        for one in &records {
            assert!(one["command"] == "tenant command" && one["operatorId"].is_null(), "{one}");
        }
        let action = |one: &Value| one["action"].as_str().unwrap().to_owned();
        (records.iter().map(action).collect::<Vec<_>>(), records)
    };
    let (actions, records) = of(&id).await;
    let expected = [
        "tenant.restore",
        "tenant.suspend",
        "tenant.export",
        "tenant.resume",
        "tenant.suspend",
        "tenant.add",
    ];
    assert_eq!(actions, expected);
    // It stays suspended: what operators decide is not put back.
    for side in ["before", "after"] {
        assert_eq!(records[0][side]["subdomain"], "resort1", "{}", records[0]);
        assert_eq!(records[0][side]["status"], "SUSPENDED", "{}", records[0]);
    }
    assert!(records[0]["after"]["restoredFrom"].as_str().unwrap().starts_with("backup_"), "{}", records[0]);
    let rows = records[2]["after"]["rows"].as_u64().unwrap();
    assert!(rows > 0 && records[2]["before"].is_null(), "{}", records[2]);
    let (actions, records) = of(&copy).await;
    assert_eq!(actions, ["tenant.erase", "tenant.import"]);
    assert!(
        records[0]["before"]["subdomain"] == "resort2" && records[0]["after"].is_null(),
        "{}",
        records[0]
    );
    assert_eq!(records[1]["after"]["rows"], rows, "{}", records[1]);
    program.stop().await;
}
