//! Two versions of the program over one schema: the older goes on until a step says that it cannot.

use database::migrate::{Migration, Mismatch, State, application_name, verify};

use crate::ground::{Database, connect, exists, until};
use crate::{names, pets, toys};

/// Takes away what programs before the second step used.
fn contract() -> Migration {
    Migration::new("0003_no_pets.sql", "-- serves: 0002_toys\ndrop table app.pets;")
}

#[tokio::test]
async fn the_programs_role_sees_how_the_schema_differs() {
    let database = Database::empty().await;
    let program = database.program().await;
    let migrations = [pets(), toys()];
    let behind = |name: &str| Err(Mismatch::Behind(name.into()));
    assert_eq!(verify(&program, &migrations).await, behind("0001_pets"));
    database.owner().await.batch_execute("create schema app").await.unwrap();
    assert_eq!(verify(&program, &migrations).await, behind("0001_pets"));

    database.deploy(&migrations[..1]).await.unwrap();
    assert_eq!(verify(&program, &migrations).await, behind("0002_toys"));
    database.deploy(&migrations).await.unwrap();
    assert_eq!(verify(&program, &migrations).await, Ok(()));

    assert_eq!(verify(&program, &migrations[..1]).await, Ok(()), "what it does not know is of no harm to it");
    let edited = [pets(), Migration::new("0002_toys.sql", "create table app.toys ();")];
    assert_eq!(verify(&program, &edited).await, Err(Mismatch::Changed("0002_toys".into())));
}

#[tokio::test]
async fn an_older_program_goes_on_until_a_step_does_not_serve_it() {
    let database = Database::empty().await;
    let (older, newer, newest) = ([pets()], [pets(), toys()], [pets(), toys(), contract()]);
    let program = database.program().await;
    database.deploy(&newer).await.unwrap();
    assert_eq!(verify(&program, &older).await, Ok(()));
    assert!(database.deploy(&older).await.unwrap().is_empty(), "there is nothing to do for it");
    let states = database.states(&older).await;
    assert!(matches!(states[..], [State::Applied { .. }, State::Ahead { serves_us: true }]), "{states:?}");

    database.deploy(&newest).await.unwrap();
    assert_eq!(verify(&program, &newer).await, Ok(()));
    assert!(database.deploy(&newer).await.unwrap().is_empty());
    let outgrown = || Mismatch::Outgrown { name: "0003_no_pets".into(), serves: 2 };
    assert_eq!(verify(&program, &older).await, Err(outgrown()));
    let error = database.deploy(&older).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&outgrown()));
    assert!(matches!(database.states(&older).await[2], State::Ahead { serves_us: false }));
}

#[tokio::test]
async fn a_step_is_not_applied_under_a_program_that_it_does_not_serve() {
    let database = Database::empty().await;
    let newest = [pets(), toys(), contract()];
    database.deploy(&newest[..2]).await.unwrap();
    let config = database.config("tailtown_app");
    let named = async |known: &[Migration]| {
        let mut server = config.clone();
        server.application_name(application_name(known));
        connect(&server).await
    };
    let older = named(&newest[..1]).await;
    let newer = named(&newest[..2]).await;
    let error = format!("{:#}", database.deploy(&newest).await.unwrap_err());
    assert!(
        error.contains("migrations/0003_no_pets.sql serves only programs that know step 0002"),
        "{error}"
    );
    assert!(error.contains("one that knows 0001 is connected: bring every node"), "{error}");
    let owner = database.owner().await;
    assert!(exists(&owner, "app.pets").await);
    assert_eq!(database.states(&newest).await[2], State::Pending);
    drop(older);
    let gone = "select from pg_stat_activity where datname = current_database() and application_name = 'tailtown/0001'";
    until("the older one is gone", async || owner.query(gone, &[]).await.unwrap().is_empty()).await;
    assert_eq!(names(&database.deploy(&newest).await.unwrap()), ["0003_no_pets"]);
    drop(newer);
}

#[tokio::test]
async fn a_step_of_another_program_that_is_not_finished_is_left_to_it() {
    let database = Database::empty().await;
    let broken =
        Migration::new("0002_toys.sql", "-- transaction: none\ncreate table app.toys ();\nselect 1 / 0;");
    database.deploy(&[pets(), broken]).await.unwrap_err();
    assert_eq!(verify(&database.program().await, &[pets()]).await, Ok(()));
    let error = database.deploy(&[pets()]).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Mismatch::Unfinished("0002_toys".into())));
}

#[tokio::test]
async fn a_number_below_one_that_is_applied_is_refused() {
    let database = Database::empty().await;
    database.deploy(&[pets(), toys()]).await.unwrap();
    let owner = database.owner().await;
    owner.batch_execute("delete from app.migrations where version = 1").await.unwrap();
    let error = database.deploy(&[pets(), toys()]).await.unwrap_err();
    let order = Mismatch::OutOfOrder { name: "0001_pets".into(), later: "0002_toys".into() };
    assert_eq!(error.downcast_ref(), Some(&order));
}

#[tokio::test]
async fn a_history_from_before_is_understood_and_completed() {
    let database = Database::empty().await;
    let owner = database.owner().await;
    database.deploy(&[pets()]).await.unwrap();
    let as_before = "alter table app.migrations drop column serves, drop column failed_at, drop column error, drop column place, \
                     drop column rows_done";
    owner.batch_execute(as_before).await.unwrap();
    let program = database.program().await;
    assert_eq!(verify(&program, &[pets()]).await, Ok(()));
    assert!(matches!(database.states(&[pets()]).await[..], [State::Applied { .. }]));
    assert_eq!(names(&database.deploy(&[pets(), toys(), contract()]).await.unwrap()).len(), 2);
    let outgrown = Mismatch::Outgrown { name: "0003_no_pets".into(), serves: 2 };
    assert_eq!(verify(&program, &[pets()]).await, Err(outgrown));
}
