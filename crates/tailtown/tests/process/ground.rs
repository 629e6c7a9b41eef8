//! The program refuses to serve a database it does not fit, and says which command helps.

use crate::program::{Program, Settings, eventually, run};
use crate::server::{Home, Server};

async fn serve(url: &str) -> String {
    run(&Home::new(), &["serve"], &[("DATABASE_URL", url)]).await.refused()
}

#[tokio::test]
async fn a_schema_that_is_behind_is_refused_until_it_is_deployed() {
    let server = Server::shared().await;
    let database = server.database().await;
    let (url, owner) = (server.url("tailtown_app", &database), server.url("tailtown_owner", &database));
    let said = serve(&url).await;
    assert!(said.contains("the schema is behind: 0001_tenants is not applied"), "{said}");
    assert!(said.contains("run `tailtown migrate deploy`"), "{said}");
    // The commands that need its tables say the same.
    let home = Home::new();
    let said = run(&home, &["tenant", "list"], &[("DATABASE_URL", &url)]).await.refused();
    assert!(said.contains("run `tailtown migrate deploy`"), "{said}");

    let without_owner = run(&home, &["migrate", "deploy"], &[("DATABASE_URL", &url)]).await.refused();
    assert!(without_owner.contains("set OWNER_DATABASE_URL"), "{without_owner}");
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner)];
    run(&home, &["migrate", "deploy"], settings).await.succeeded();
    Program::ready(&home, &[("DATABASE_URL", &url)]).await.stop().await;

    let admin = server.admin(&database).await;
    let last =
        "delete from app.migrations where version = (select max(version) from app.migrations) returning name";
    let last: String = admin.query_one(last, &[]).await.unwrap().get(0);
    let said = serve(&url).await;
    assert!(said.contains(&format!("the schema is behind: {last} is not applied")), "{said}");
}

#[tokio::test]
async fn a_schema_that_is_ahead_or_edited_is_refused() {
    let server = Server::shared().await;
    let database = server.migrated().await;
    let (url, owner) = (server.url("tailtown_app", &database), server.url("tailtown_owner", &database));
    let (home, admin) = (Home::new(), server.admin(&database).await);
    let program = Program::ready(&home, &[("DATABASE_URL", &url)]).await;
    let ahead = "insert into app.migrations (version, name, checksum, statements_done, applied_at, elapsed_ms) \
                 values (9999, '9999_tomorrow', 'x', 1, now(), 1)";
    admin.batch_execute(ahead).await.unwrap();
    // One that serves already says so where a balancer asks.
    let client = program.client("localhost");
    eventually("it is ready", async || client.get("/readyz").await.status == 503).await;
    assert!(client.get("/readyz").await.unavailable()["detail"].as_str().unwrap().contains("9999_tomorrow"));
    client.get("/livez").await.expect(200);
    program.stop().await;

    let said = serve(&url).await;
    assert!(said.contains("the schema is ahead: 9999_tomorrow is applied"), "{said}");
    assert!(said.contains("deploy the program it came with"), "{said}");
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner)];
    let said = run(&home, &["migrate", "deploy"], settings).await.refused();
    assert!(said.contains("the schema is ahead: 9999_tomorrow"), "{said}");

    let edited = "delete from app.migrations where version = 9999; \
                  update app.migrations set checksum = 'x' where version = 1";
    admin.batch_execute(edited).await.unwrap();
    let said = serve(&url).await;
    assert!(said.contains("0001_tenants was edited after it was applied"), "{said}");
}

#[tokio::test]
async fn a_role_that_could_pass_row_level_security_is_refused() {
    let server = Server::shared().await;
    let database = server.migrated().await;
    let admin = server.admin(&database).await;
    let (bypass, member) = (format!("{database}_bypass"), format!("{database}_member"));
    let make = format!(
        "create role {bypass} login bypassrls in role tailtown_app; create role {member} login in role tailtown_owner"
    );
    admin.batch_execute(&make).await.unwrap();
    for (role, reason) in [
        (server.superuser().as_str(), "is a superuser"),
        ("tailtown_owner", "owns, or is a member of the owner of, "),
        (&bypass, "has BYPASSRLS"),
        (&member, "owns, or is a member of the owner of, "),
    ] {
        let said = serve(&server.url(role, &database)).await;
        assert!(said.contains(&format!("refusing to serve: the role {role} {reason}")), "{said}");
        assert!(said.contains("use the role tailtown_app"), "{said}");
    }
    admin.batch_execute("alter table app.customers no force row level security").await.unwrap();
    let said = serve(&server.url("tailtown_app", &database)).await;
    assert!(said.contains("row-level security is not forced on customers"), "{said}");
    let undo = format!("drop role {bypass}; drop role {member}");
    admin.batch_execute(&undo).await.unwrap();
}
