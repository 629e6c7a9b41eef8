//! What the program never writes down, at any level: names, addresses, passwords, tokens.

use serde_json::json;

use crate::program::{PASSWORD, Program, resort, run_with};
use crate::server::{Home, Server};

/// Every line of a day at the desk that held these secrets, at this level.
async fn day_at_the_desk(level: &str, said: &mut Vec<String>) {
    let (home, server) = (Home::new(), Server::shared().await);
    let database = server.migrated().await;
    let url = server.url("tailtown_app", &database);
    resort(&home, "resort1", &[("DATABASE_URL", &url)]).await;
    let operator =
        ["operator", "create", "marigold@operator.example", "--name", "Marigold", "--password-stdin"];
    run_with(&home, &operator, &[("DATABASE_URL", &url)], PASSWORD).await.succeeded();
    let folder = home.path().join("logs").display().to_string();
    let settings = [("DATABASE_URL", url.as_str()), ("LOG_LEVEL", level), ("LOG_DIR", &folder)];
    let program = Program::ready(&home, &settings).await;
    let anyone = program.client("resort1.localhost");
    let (owner, token) = anyone.signed_in("owner@resort1.example", PASSWORD).await;

    for (email, password) in [
        ("owner@resort1.example", "Wrongpassword1"),
        ("stranger@resort1.example", "Wrongpassword1"),
        ("owner@resort1.example", &"Wrongpassword1".repeat(100)),
    ] {
        let login = json!({ "email": email, "password": password });
        assert!([401, 422].contains(&anyone.post("/api/auth/login", login).await.status));
    }
    let new = json!({
        "firstName": "Zinnia", "lastName": "Quackenbush", "email": "zinnia@quackenbush.example",
        "phone": "(555) 867-5309", "notes": "keyunderthemat", "externalId": "passport-4711",
    });
    owner.post("/api/customers", new.clone()).await.expect(201);
    owner.post("/api/customers", new.clone()).await.expect(409);
    let unsound = json!({ "firstName": "Zinnia", "lastName": 4, "email": "zinnia@quackenbush.example" });
    owner.post("/api/customers", unsound).await.expect(422);
    let colleague = json!({
        "firstName": "Zinnia", "lastName": "Quackenbush", "email": "zinnia@quackenbush.example",
        "role": "STAFF", "password": "Colleaguepassword1",
    });
    owner.post("/api/staff", colleague.clone()).await.expect(201);
    owner.post("/api/staff", colleague).await.expect(409);
    let found = owner.get("/api/customers?q=Quackenbush").await.expect(200);
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert!([400, 422].contains(&owner.get("/api/customers?email=zinnia@quackenbush.example").await.status));
    owner.get("/api/nowhere/Quackenbush").await.expect(404);
    anyone.with("authorization", "Bearer Tokenofastranger").get("/api/customers").await.expect(401);
    anyone.with("cookie", &format!("tailtown_session={token}")).get("/api/auth/me").await.expect(200);

    // A rule that nobody foresaw: PostgreSQL quotes the whole row that breaks it, unless row security hides that.
    let rule = "alter table app.customers add constraint unforeseen check (first_name <> 'Zinnia') not valid; \
                alter table app.operators add constraint unforeseen check (name <> 'Marigold') not valid; \
                create unique index unforeseen_key on app.customers (tenant_id, email) where email is not null";
    server.admin(&database).await.batch_execute(rule).await.unwrap();
    let login = json!({ "email": "marigold@operator.example", "password": "Wrongpassword1" });
    program.client("localhost").post("/platform/auth/login", login).await.expect(401);
    // No row security hides an operator's row.
    let again = ["operator", "create", "marigold@again.example", "--name", "Marigold", "--password-stdin"];
    let refused = run_with(&home, &again, &[("DATABASE_URL", &url)], PASSWORD).await.refused();
    let other =
        json!({ "firstName": "Zinnia", "lastName": "Quackenbush", "email": "quackenbush@zinnia.example" });
    owner.with("x-request-id", "breaks-a-rule").post("/api/customers", other).await.expect(422);
    let twin =
        json!({ "firstName": "Twin", "lastName": "Quackenbush", "email": "zinnia@quackenbush.example" });
    owner.with("x-request-id", "collides").post("/api/customers", twin).await.expect(409);
    owner.post("/api/auth/logout", json!({})).await.expect(204);
    owner.get("/api/customers").await.expect(401);

    let ended = program.stop().await;
    said.extend([token, refused, ended.out, ended.err]);
    for name in ["combined.log", "error.log"] {
        said.push(std::fs::read_to_string(home.path().join("logs").join(name)).unwrap());
    }
}

#[tokio::test]
async fn no_line_of_any_level_holds_a_name_an_address_a_password_or_a_token() {
    for level in ["info", "trace"] {
        let mut said = Vec::new();
        day_at_the_desk(level, &mut said).await;
        let token = said.remove(0);
        let all = said.concat().to_lowercase();
        for id in ["breaks-a-rule", "collides", "unforeseen_key"] {
            assert!(all.contains(id), "{id} is not told of at {level}");
        }
        let secrets = [
            "zinnia",
            "quackenbush",
            "867-5309",
            "5558675309",
            "keyunderthemat",
            "passport-4711",
            "owner@resort1",
            "marigold",
            "stranger@",
            "wrongpassword1",
            "colleaguepassword1",
            "tokenofastranger",
            "argon2id",
            PASSWORD,
            &token,
        ];
        for secret in secrets {
            let secret = secret.to_lowercase();
            let line = all.lines().find(|line| line.contains(&secret));
            assert_eq!(line, None, "`{secret}` is told at {level}");
        }
    }
}
