//! A cluster that is not whole is named, with the way back, and never made anew.

use std::fs;

use database::embedded::{self, EmbeddedError};

use crate::home::{Home, words, write};

#[tokio::test]
async fn a_damaged_cluster_is_refused_with_the_way_back_and_nothing_in_it_is_touched() {
    let home = Home::new().durable();
    let server = home.start().await;
    write(&server, "committed").await;
    server.stop().await.unwrap();
    let wal = fs::read_dir(home.cluster().join("pg_wal")).unwrap().flatten();
    let segment = wal.map(|file| file.file_name()).find(|name| name.len() == 24).unwrap();
    let segment = format!("pg_wal/{}", segment.display());
    for (part, told) in [
        ("PG_VERSION", "it has no PG_VERSION"),
        ("pg_wal", "it has no pg_wal"),
        ("global/pg_control", "it has no global/pg_control"),
        ("base", "it has no base"),
        // PostgreSQL alone can tell.
        (&segment, "could not locate a valid checkpoint record"),
    ] {
        let (whole, away) = (home.cluster().join(part), home.settings.home.join("away"));
        fs::rename(&whole, &away).unwrap();
        for command_beside in [false, true] {
            let error = match command_beside {
                false => home.refusal().await,
                true => embedded::join(&home.settings).await.unwrap_err(),
            };
            assert!(matches!(&error, EmbeddedError::Damaged { .. }), "{part}: {error}");
            let text = error.to_string();
            assert!(text.contains(told) && text.contains("tailtown backup restore"), "{part}: {text}");
        }
        assert!(!whole.exists(), "{part} was made anew");
        fs::rename(&away, &whole).unwrap();
    }
    fs::write(home.cluster().join("PG_VERSION"), "").unwrap();
    let error = home.refusal().await.to_string();
    assert!(error.contains("its PG_VERSION holds no version"), "{error}");
    fs::write(home.cluster().join("PG_VERSION"), major(&home)).unwrap();
    let server = home.start().await;
    assert_eq!(words(&server).await, ["committed"]);
    server.stop().await.unwrap();
    let left = fs::read_dir(&home.settings.home).unwrap().flatten().map(|entry| entry.file_name());
    assert!(
        left.into_iter().all(|name| name != "away" && !name.display().to_string().starts_with("cluster-"))
    );
}

/// As a table's folder has it.
fn major(home: &Home) -> String {
    let mut databases = fs::read_dir(home.cluster().join("base")).unwrap().flatten();
    databases.find_map(|database| fs::read_to_string(database.path().join("PG_VERSION")).ok()).unwrap()
}

#[tokio::test]
async fn a_folder_with_something_else_in_it_is_no_place_for_a_cluster() {
    let home = Home::new();
    fs::create_dir_all(home.cluster()).unwrap();
    fs::write(home.cluster().join("letters.txt"), "dear Ada").unwrap();
    let error = home.refusal().await;
    assert!(matches!(&error, EmbeddedError::Damaged { .. }), "{error}");
    let left: Vec<_> =
        fs::read_dir(home.cluster()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["letters.txt"]);
}
