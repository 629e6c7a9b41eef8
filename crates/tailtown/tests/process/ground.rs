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
async fn a_schema_that_is_ahead_is_served_until_it_has_outgrown_the_program() {
    let server = Server::shared().await;
    let database = server.migrated().await;
    let (url, owner) = (server.url("tailtown_app", &database), server.url("tailtown_owner", &database));
    let (home, admin) = (Home::new(), server.admin(&database).await);
    let ahead = "insert into app.migrations (version, name, checksum, statements_done, applied_at, elapsed_ms) \
                 values (9999, '9999_tomorrow', 'x', 1, now(), 1)";
    admin.batch_execute(ahead).await.unwrap();
    let program = Program::ready(&home, &[("DATABASE_URL", &url)]).await;
    let settings: Settings<'_> = &[("DATABASE_URL", &url), ("OWNER_DATABASE_URL", &owner)];
    let said = run(&home, &["migrate", "deploy"], settings).await.succeeded();
    assert!(said.contains("9999_tomorrow was applied by a newer program; this one can serve it"), "{said}");
    let said = run(&home, &["migrate", "status"], settings).await.succeeded();
    assert!(
        said.contains("9999_tomorrow        applied by a newer program; this one can serve it"),
        "{said}"
    );

    admin.batch_execute("update app.migrations set serves = 9998 where version = 9999").await.unwrap();
    // One that serves already says so where a balancer asks.
    let client = program.client("localhost");
    eventually("it is ready", async || client.get("/readyz").await.status == 503).await;
    let problem = client.get("/readyz").await.unavailable();
    assert!(problem["detail"].as_str().unwrap().contains("9999_tomorrow"), "{problem}");
    client.get("/livez").await.expect(200);
    program.stop().await;
    let outgrown =
        "the schema no longer supports this program: 9999_tomorrow serves only programs that know step 9998";
    for said in [serve(&url).await, run(&home, &["migrate", "deploy"], settings).await.refused()] {
        assert!(said.contains(outgrown) && said.contains("deploy a newer program"), "{said}");
    }
    assert!(run(&home, &["migrate", "status"], settings).await.out.contains("this one cannot serve it"));
}

#[tokio::test]
async fn a_schema_whose_migrations_were_edited_is_refused() {
    let server = Server::shared().await;
    let database = server.migrated().await;
    let edited = "update app.migrations set checksum = 'x' where version = 1";
    server.admin(&database).await.batch_execute(edited).await.unwrap();
    let said = serve(&server.url("tailtown_app", &database)).await;
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
        (server.superuser().as_str(), "it is a superuser"),
        ("tailtown_owner", "it owns, or is a member of the owner of, "),
        (&bypass, "it has BYPASSRLS"),
        (&member, "it owns, or is a member of the owner of, "),
    ] {
        let said = serve(&server.url(role, &database)).await;
        assert!(said.contains(&format!("refusing to serve: the role {role}: {reason}")), "{said}");
        assert!(said.contains("connect as tailtown_app"), "{said}");
    }
    admin.batch_execute("alter table app.customers no force row level security").await.unwrap();
    let said = serve(&server.url("tailtown_app", &database)).await;
    assert!(said.contains("row-level security is not forced on app.customers"), "{said}");
    let undo = format!("drop role {bypass}; drop role {member}");
    admin.batch_execute(&undo).await.unwrap();
}
