//! What is kept, and the nights on which it is made by itself.

use std::time::Duration;

use backup::schedule::night;

use crate::ground::{Ground, ground, names};

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Ground {
    async fn prune(&self) -> Vec<String> {
        let removed = self.backups().prune(&self.server(), false).await.unwrap();
        removed.into_iter().map(|(name, _)| name).collect()
    }
}

#[tokio::test]
async fn the_last_proven_backup_outlives_every_rule() {
    let ground = ground(5).await.with("BACKUP_KEEP_DAYS", "2");
    let old = ground.run().await.name;
    let proven = ground.run().await.name;
    ground.backups().verify(&proven, None, &ground.server()).await.unwrap();
    ground.house.advance(30 * DAY);
    let newer = ground.run().await.name;
    ground.house.advance(30 * DAY);
    let newest = ground.run().await.name;

    let dry = ground.backups().prune(&ground.server(), true).await.unwrap();
    assert_eq!(dry.len(), 2);
    assert_eq!(names(&ground.folder()).len(), 4, "a dry run removes nothing");
    assert_eq!(ground.prune().await, [old, newer]);
    assert_eq!(names(&ground.folder()), [proven.clone(), newest.clone()]);

    ground.backups().verify(&newest, None, &ground.server()).await.unwrap();
    assert_eq!(ground.prune().await, [proven]);
    assert!(ground.prune().await.is_empty());
}

#[tokio::test]
async fn one_node_of_many_makes_the_nights_backup_proves_it_and_prunes() {
    let ground = ground(5).await.with("BACKUP_KEEP_DAYS", "1");
    let due = ground.house.clock.now();
    let server = ground.server();
    let nodes: Vec<_> = (0..4).map(|_| ground.backups()).collect();
    let nights = nodes.iter().map(|node| night(node, &server, due));
    let mut done = 0;
    for night in join_all(nights).await {
        done += usize::from(night.unwrap());
    }
    assert!(done >= 1);
    let listed = ground.backups().list().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].verified.is_some());

    // A node that comes late finds the work done.
    assert!(night(&nodes[0], &server, due).await.unwrap());
    assert_eq!(ground.backups().list().await.unwrap().len(), 1);

    for _ in 0..3 {
        ground.house.advance(DAY);
        assert!(night(&nodes[1], &server, ground.house.clock.now()).await.unwrap());
    }
    assert_eq!(ground.backups().list().await.unwrap().len(), 2);
}

async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    futures_util::future::join_all(futures).await
}

#[tokio::test]
async fn a_night_cut_off_before_the_proof_goes_on_with_the_proof() {
    let ground = ground(5).await;
    let due = ground.house.clock.now();
    let made = ground.run().await;
    assert!(night(&ground.backups(), &ground.server(), due).await.unwrap());
    let listed = ground.backups().list().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].name == made.name && listed[0].verified.is_some());
}

#[tokio::test]
async fn two_backups_at_once_do_not_get_in_each_others_way() {
    let ground = ground(5).await;
    let other = ground.admin().await;
    other.batch_execute("select pg_advisory_lock(x'6261636b'::bigint)").await.unwrap();
    let refused = ground.backups().run(&ground.server()).await.unwrap_err().to_string();
    assert!(refused.contains("is being made") && refused.contains("by the database session"), "{refused}");
    drop(other);
    // What has just ended is waited for.
    ground.run().await;
}
