//! What the program is built of is what deny.toml allows: licences, sources, and one version of each crate. It is checked here
//! because every checkout can; advisories need a database that not every checkout can reach.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, ParseMode};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rules() -> toml::Table {
    std::fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap()
}

/// Every package that a build for Linux on `architecture` has in it.
fn packages(architecture: &str) -> Vec<Value> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(["--filter-platform", &format!("{architecture}-unknown-linux-gnu")])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let used: BTreeSet<&str> = nodes.iter().map(|node| node["id"].as_str().unwrap()).collect();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages.filter(|package| used.contains(package["id"].as_str().unwrap())).cloned().collect()
}

fn name(package: &Value) -> String {
    format!("{}@{}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap())
}

#[test]
fn every_licence_is_one_that_we_allow() {
    let rules = rules();
    let allowed: BTreeSet<&str> = rules["licenses"]["allow"]
        .as_array()
        .unwrap()
        .iter()
        .map(|licence| licence.as_str().unwrap())
        .collect();
    let mut wrong = Vec::new();
    for package in packages(std::env::consts::ARCH) {
        let licence = package["license"].as_str().unwrap_or_default();
        let expression = Expression::parse_mode(licence, ParseMode::LAX);
        let fits = expression.is_ok_and(|expression| {
            expression.evaluate(|required| allowed.contains(required.to_string().as_str()))
        });
        if !fits {
            wrong.push(format!("{} is under {licence:?}", name(&package)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nChoose another crate, or allow the licence in deny.toml.",
        wrong.join("\n")
    );
}

#[test]
fn every_crate_comes_from_the_registry() {
    for package in packages(std::env::consts::ARCH) {
        let source = package["source"].as_str();
        let is_known = source.is_none_or(|source| source.ends_with("github.com/rust-lang/crates.io-index"));
        assert!(is_known, "{} comes from {source:?}", name(&package));
    }
}

#[test]
fn a_crate_has_one_version_unless_deny_toml_says_why() {
    let rules = rules();
    let skipped: BTreeMap<&str, &str> = rules["bans"]["skip"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skip| (skip["crate"].as_str().unwrap(), skip["reason"].as_str().unwrap()))
        .collect();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages(std::env::consts::ARCH) {
        versions.entry(package["name"].as_str().unwrap().to_owned()).or_default().push(name(&package));
    }
    let mut unused: BTreeSet<&str> = skipped.keys().copied().collect();
    let mut wrong = Vec::new();
    for versions in versions.into_values().filter(|versions| versions.len() > 1) {
        let mut left = versions.clone();
        left.retain(|version| {
            let skip =
                skipped.keys().find(|skip| **skip == version || version.starts_with(&format!("{skip}.")));
            if let Some(skip) = skip {
                unused.remove(skip);
            }
            skip.is_none()
        });
        if left.len() > 1 {
            wrong.push(format!("{} (of {versions:?})", left.join(" and ")));
        }
    }
    assert!(wrong.is_empty(), "more than one version of {}: see `cargo tree -i`", wrong.join(", "));
    assert!(unused.is_empty(), "deny.toml skips {unused:?} for nothing");
}
