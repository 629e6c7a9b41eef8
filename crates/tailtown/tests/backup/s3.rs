//! A bucket on a server that speaks S3, and what happens when the line to it is cut.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use testkit::TestDatabase;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::ground::{Ground, ROLE, backups, census, ground};

const BUCKET: &str = "resorts";

/// An S3-speaking server over `folder`, for as long as the test runs.
async fn serve(folder: &Path) -> SocketAddr {
    std::fs::create_dir_all(folder.join(BUCKET)).unwrap();
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
    builder.set_auth(SimpleAuth::from_single("somebody", "secret"));
    let service = builder.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(socket), service).await;
            });
        }
    });
    address
}

/// A line to `to` that carries so many bytes there and is then cut, as is every later one.
async fn line(to: SocketAddr, left: Arc<AtomicU64>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let left = left.clone();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(to).await.unwrap();
                let (mut there, mut back) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
                loop {
                    let carried = tokio::select! {
                        read = near.read(&mut there) => match read {
                            Ok(read @ 1..) => {
                                let carried = far.write_all(&there[..read]).await.is_ok();
                                carried.then_some(read)
                            }
                            _ => None,
                        },
                        read = far.read(&mut back) => match read {
                            Ok(read @ 1..) => {
                                let carried = near.write_all(&back[..read]).await.is_ok();
                                carried.then_some(read)
                            }
                            _ => None,
                        },
                    };
                    let Some(carried) = carried else { return };
                    let spent = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                        left.checked_sub(carried as u64)
                    });
                    if spent.is_err() {
                        left.store(0, Ordering::SeqCst);
                        return;
                    }
                }
            });
        }
    });
    address
}

fn to_bucket(ground: Ground, address: SocketAddr, to: &str) -> Ground {
    ground
        .with("S3_ENDPOINT", &format!("http://{address}"))
        .with("S3_BUCKET", BUCKET)
        .with("S3_ACCESS_KEY_ID", "somebody")
        .with("S3_SECRET_ACCESS_KEY", "secret")
        .with("BACKUP_TO", to)
}

#[tokio::test(flavor = "multi_thread")]
async fn straight_to_a_bucket_and_back() {
    let ground = ground(3000).await;
    let address = serve(&ground.path("s3")).await;
    let ground = to_bucket(ground, address, "s3");
    let before = census(&ground.house.database).await;
    let manifest = ground.run().await;
    assert!(manifest.parts.len() > 1);
    assert!(!ground.folder().exists(), "nothing of it lies on this machine");
    let (manifest, _) = ground.backups().verify("latest", None, &ground.server()).await.unwrap();
    let empty = TestDatabase::empty().await;
    let backups = ground.backups();
    let plan = backups.plan_restore(&manifest.name, Some("s3"), &empty.config(ROLE)).await.unwrap();
    backups.restore(plan).await.unwrap();
    assert_eq!(census(&empty).await, before);

    let path = ground.path("s3").join(BUCKET).join("tailtown").join(&manifest.name).join("part-0002");
    let bytes = std::fs::read(&path).unwrap();
    let mut changed = bytes.clone();
    changed[1000] ^= 1;
    std::fs::write(&path, changed).unwrap();
    let said = ground.backups().verify("latest", None, &ground.server()).await.unwrap_err();
    assert!(format!("{said:#}").contains("part-0002 was changed"), "{said:#}");
    std::fs::remove_file(&path).unwrap();
    let said = ground.backups().verify("latest", None, &ground.server()).await.unwrap_err();
    assert!(format!("{said:#}").contains("part-0002 is missing"), "{said:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_goes_to_the_bucket_with_its_proof_and_outlives_the_folder() {
    let ground = ground(300).await;
    let address = serve(&ground.path("s3")).await;
    let ground = to_bucket(ground, address, "both");
    let manifest = ground.run().await;
    ground.backups().verify("latest", None, &ground.server()).await.unwrap();
    let listed = ground.backups().list().await.unwrap();
    assert_eq!(listed[0].places, ["folder", "s3"]);
    std::fs::remove_dir_all(ground.folder()).unwrap();
    let listed = ground.backups().list().await.unwrap();
    assert!(listed[0].places == ["s3"] && listed[0].verified.is_some());
    let (_, verified) = ground.backups().verify(&manifest.name, Some("s3"), &ground.server()).await.unwrap();
    assert_eq!(verified.rows, manifest.tables.rows());

    ground.house.advance(std::time::Duration::from_secs(90 * 24 * 3600));
    let newest = ground.run().await;
    ground.backups().verify("latest", None, &ground.server()).await.unwrap();
    let removed = ground.backups().prune(&ground.server(), false).await.unwrap();
    assert_eq!(removed, [(manifest.name, "s3")]);
    let left = ground.backups().stores()[1].names().await.unwrap();
    assert_eq!(left, [newest.name]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_is_named_and_the_same_command_completes() {
    let ground = ground(3000).await;
    let address = serve(&ground.path("s3")).await;
    for (to, budget) in [("s3", 700_000), ("s3", 1_250_000), ("both", 900_000)] {
        let left = Arc::new(AtomicU64::new(budget));
        let cut = line(address, left.clone()).await;
        let mut settings = ground.settings.clone();
        let mine = |settings: &std::collections::BTreeMap<String, String>| backups(settings, &ground.house);
        let prefix = format!("{to}{budget}");
        for (name, value) in [
            ("S3_ENDPOINT", format!("http://{cut}")),
            ("S3_BUCKET", BUCKET.to_owned()),
            ("S3_PREFIX", prefix),
            ("S3_ACCESS_KEY_ID", "somebody".to_owned()),
            ("S3_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("BACKUP_TO", to.to_owned()),
        ] {
            settings.insert(name.to_owned(), value);
        }
        let said = format!("{:#}", mine(&settings).run(&ground.server()).await.unwrap_err());
        assert!(said.contains("the connection to the store broke at s3://resorts/"), "{said}");
        assert!(to == "s3" || said.contains("is whole in"), "{said}");

        left.store(u64::MAX, Ordering::SeqCst);
        let backups = mine(&settings);
        let in_bucket = backups.stores().last().unwrap().names().await.unwrap();
        assert!(in_bucket.is_empty(), "what is cut off is no backup");
        ground.house.advance(std::time::Duration::from_secs(60));
        let manifest = backups.run(&ground.server()).await.unwrap();
        let whole = backups.stores().last().unwrap().names().await.unwrap();
        assert_eq!(whole.len(), if to == "both" { 2 } else { 1 });
        backups.verify(&manifest.name, Some("s3"), &ground.server()).await.unwrap();
        ground.house.advance(std::time::Duration::from_secs(60));
    }
}

/// A store whose listing never ends.
async fn endless() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut asked, mut piece) = (Vec::new(), [0; 4096]);
                while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                    match socket.read(&mut piece).await {
                        Ok(read @ 1..) => asked.extend_from_slice(&piece[..read]),
                        _ => return,
                    }
                }
                let names = (0..20_000).map(|number| {
                    format!("<CommonPrefixes><Prefix>tailtown/backup_{number}/</Prefix></CommonPrefixes>")
                });
                let page = format!(
                    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>{}\
                     </ListBucketResult>",
                    names.collect::<String>()
                );
                let head =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", page.len());
                let _ = socket.write_all(format!("{head}{page}").as_bytes()).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn a_listing_that_never_ends_is_given_up() {
    let address = endless().await;
    let ground = to_bucket(ground(1).await, address, "s3");
    let said = ground.backups().list().await.unwrap_err();
    assert!(format!("{said:#}").contains("holds more than 100000 names"), "{said:#}");
}
