//! The house keeps its order: what may name what is read off the source.

use std::collections::BTreeSet;
use std::path::Path;

/// Every Rust file under a folder of the workspace, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder), &mut found);
    assert!(!found.is_empty(), "{folder} is gone");
    found
}

/// The features a file names, by `features::name` or `features::{name, name}`.
fn named(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for after in text.split("features::").skip(1) {
        let list = after.strip_prefix('{').map_or(after, |list| list.split('}').next().unwrap());
        let take = if after.starts_with('{') { usize::MAX } else { 1 };
        for name in list.split(',').take(take) {
            let name = name
                .trim()
                .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .next()
                .unwrap();
            names.insert(name.to_owned());
        }
    }
    names
}

#[test]
fn a_feature_uses_only_those_above_it_in_the_list() {
    let list: Vec<&str> = tailtown::features::all().iter().map(|feature| feature.name).collect();
    let mut uses = 0;
    for (place, feature) in list.iter().enumerate() {
        let room = format!("/features/{feature}");
        let files = sources("crates/tailtown/src/features");
        let files: Vec<_> = files
            .iter()
            .filter(|(path, _)| path.contains(&format!("{room}/")) || path.ends_with(&format!("{room}.rs")))
            .collect();
        assert!(!files.is_empty(), "{feature} has no room");
        for (path, text) in files {
            for other in named(text) {
                let above = list
                    .iter()
                    .position(|known| **known == *other)
                    .unwrap_or_else(|| panic!("{path} names {other}"));
                assert!(above <= place, "{path} uses {other}, which comes later in the list");
                uses += 1;
            }
        }
    }
    assert!(uses > 5, "the names are no longer found");
}

#[test]
fn a_feature_runs_the_statements_of_its_own_file_or_of_one_above() {
    let list: Vec<&str> = tailtown::features::all().iter().map(|feature| feature.name).collect();
    for (path, text) in sources("crates/tailtown/src/features") {
        let room = path.split("/features/").nth(1).unwrap().split(['/', '.']).next().unwrap().to_owned();
        let Some(place) = list.iter().position(|known| **known == *room) else { continue };
        for after in text.split("queries::queries::").skip(1) {
            let file =
                after.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap();
            let above = list.iter().position(|known| *known == file);
            assert!(above.is_none_or(|above| above <= place), "{path} runs statements of {file}");
        }
    }
}

#[test]
fn no_layer_names_a_feature() {
    let features: BTreeSet<&str> = tailtown::features::all().iter().map(|feature| feature.name).collect();
    // A tenant is whom the layers serve; its feature of the same name holds what an operator does with it.
    let own = ["tenants"];
    let layers = ["base", "store", "observe", "backup", "gateway"];
    for (path, text) in layers.iter().flat_map(|layer| sources(&format!("crates/{layer}/src"))) {
        for after in text.split("queries::queries::").skip(1) {
            let file =
                after.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap();
            assert!(own.contains(&file) || !features.contains(file), "{path} runs statements of {file}");
        }
    }
}
