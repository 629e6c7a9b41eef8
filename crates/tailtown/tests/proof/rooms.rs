//! The house keeps its order: what may name what is read off the source.

use std::collections::{BTreeMap, BTreeSet};
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

/// The modules of a crate, by their paths, with the text of their files; tests are left out.
fn modules(krate: &str) -> BTreeMap<Vec<String>, String> {
    let root = format!("crates/{krate}/src/");
    let files = sources(&root).into_iter().filter_map(|(path, text)| {
        let path = path.split(&root).nth(1)?.strip_suffix(".rs")?.to_owned();
        let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
        if ["mod", "lib", "main"].contains(&module.last()?.as_str()) {
            module.pop();
        }
        let code: String = text
            .split("\nmod tests {")
            .next()?
            .lines()
            .map(|line| format!("{}\n", line.split("//").next().unwrap()))
            .collect();
        (module.last().is_none_or(|name| name != "tests")).then_some((module, code))
    });
    files.collect()
}

/// The paths that a text uses, with the braces of `use` written out.
fn paths(code: &str) -> Vec<Vec<String>> {
    fn expand(tree: &str, before: &[String], found: &mut Vec<Vec<String>>) {
        let (head, inner) = tree.split_once('{').map_or((tree, None), |(head, rest)| (head, Some(rest)));
        let mut path = before.to_vec();
        let head = head.split(" as ").next().unwrap();
        path.extend(head.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()));
        let Some(inner) = inner else {
            found.push(path);
            return;
        };
        let (mut depth, mut item) = (0, String::new());
        for letter in inner.rsplit_once('}').map_or(inner, |(inner, _)| inner).chars() {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            if letter == ',' && depth == 0 {
                expand(&std::mem::take(&mut item), &path, found);
            } else {
                item.push(letter);
            }
        }
        if !item.trim().is_empty() {
            expand(&item, &path, found);
        }
    }
    let (mut found, mut rest) = (Vec::new(), String::new());
    for statement in code.split_inclusive(';') {
        let used = statement.rfind("use ").filter(|at| {
            let before = statement[..*at].trim_end();
            before.is_empty() || before.ends_with(['}', ']', ')', ';']) || before.ends_with("pub")
        });
        match used {
            Some(at) => {
                rest.push_str(&statement[..at]);
                expand(statement[at + 4..].trim_end_matches(';'), &[], &mut found);
            }
            None => rest.push_str(statement),
        }
    }
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
    let words = rest.split(|letter| !is_part(letter)).filter(|word| word.contains("::"));
    found.extend(words.map(|word| word.split("::").map(str::to_owned).collect()));
    found
}

/// The module that a path leads to from another, as far as there is one.
fn target(path: &[String], from: &[String], all: &BTreeMap<Vec<String>, String>) -> Option<Vec<String>> {
    let mut at = from.to_vec();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => {
            at.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                at.pop();
                rest = &rest[1..];
            }
        }
        first => {
            let child = [at.as_slice(), &[first.to_owned()]].concat();
            if !all.contains_key(&child) {
                return None;
            }
        }
    }
    for part in rest {
        let child = [at.as_slice(), std::slice::from_ref(part)].concat();
        if !all.contains_key(&child) {
            break;
        }
        at = child;
    }
    (at != from).then_some(at)
}

#[test]
fn no_two_files_of_a_crate_import_each_other_in_a_circle() {
    for krate in [
        "base", "database", "store", "observe", "backup", "gateway", "tailtown", "bench", "generate",
        "testkit",
    ] {
        let all = modules(krate);
        let mut uses: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = all
            .iter()
            .map(|(module, code)| {
                let paths = paths(code);
                (module.clone(), paths.iter().filter_map(|path| target(path, module, &all)).collect())
            })
            .collect();
        assert!(
            krate == "generate" || uses.values().any(|used| !used.is_empty()),
            "{krate}: nothing is found"
        );
        // What uses nothing that is left is in no circle.
        loop {
            let done: Vec<_> =
                uses.iter().filter(|(_, used)| used.is_empty()).map(|(module, _)| module.clone()).collect();
            if done.is_empty() {
                break;
            }
            for module in &done {
                uses.remove(module);
            }
            for used in uses.values_mut() {
                used.retain(|module| !done.contains(module) && all.contains_key(module));
            }
        }
        assert!(uses.is_empty(), "{krate}: these files are in a circle, or use one that is: {uses:#?}");
    }
}
