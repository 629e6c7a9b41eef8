//! The documents agree with the program: settings, commands and links.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use tailtown::cli::Cli;

use crate::program::run;
use crate::server::Home;

/// The README and the pages under `docs/`, with their texts.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages
        .chain([root.join("README.md"), root.join("ARCHITECTURE.md"), root.join("SECURITY.md")])
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// The page of the settings: the default of each by its name.
fn documented_settings() -> BTreeMap<String, String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configure.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        let name = cells.next()?.strip_suffix('`')?;
        let is_setting = name
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
        is_setting.then(|| (name.to_owned(), cells.next().unwrap().trim_matches(['`', '—']).to_owned()))
    });
    rows.collect()
}

#[tokio::test]
async fn configure_lists_every_setting_with_its_default() {
    let home = Home::new();
    let said = run(&home, &["config"], &[]).await.succeeded();
    let mut documented = documented_settings();
    for line in said.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let default =
            documented.remove(words[0]).unwrap_or_else(|| panic!("docs/configure.md lacks {}", words[0]));
        if words.contains(&"default") {
            let value = if words[1] == "default" { "" } else { words[1] };
            assert_eq!(default, value, "docs/configure.md: the default of {}", words[0]);
        }
    }
    assert!(documented.is_empty(), "docs/configure.md has settings that do not exist: {documented:?}");
}

/// The words of a command line: split at spaces, except inside single quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, piece) in command.split('\'').enumerate() {
        match number % 2 {
            0 => words.extend(piece.split_whitespace().map(str::to_owned)),
            _ => words.push(piece.to_owned()),
        }
    }
    words
}

#[test]
fn every_command_in_the_documents_exists() {
    let mut count = 0;
    for (path, text) in pages() {
        let blocks = text.split("```").skip(1).step_by(2);
        for line in blocks.flat_map(str::lines) {
            let line = line.split(" #").next().unwrap().split(" > ").next().unwrap();
            let line = line.strip_prefix("sudo -u tailtown ").unwrap_or(line);
            if line.starts_with("tailtown ") {
                count += 1;
                if let Err(error) = Cli::try_parse_from(words(line)) {
                    panic!("{}: {line}: {error}", path.display());
                }
            }
        }
    }
    assert!(count > 20, "only {count} commands were found");
}

#[test]
fn every_path_in_the_documents_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (page, text) in pages() {
        // Code spans are what is between single backticks; blocks have three.
        for span in text.replace("```", "").split('`').skip(1).step_by(2) {
            let is_ours = ["crates/", "ops/", "queries/", "migrations/", "bin/"]
                .iter()
                .any(|part| span.starts_with(part));
            let path = span.split_whitespace().next().unwrap_or_default();
            assert!(!is_ours || root.join(path).exists(), "{}: {span}", page.display());
        }
    }
}

#[test]
fn every_link_to_a_file_leads_to_one() {
    for (path, text) in pages() {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") {
                assert!(path.parent().unwrap().join(file).exists(), "{}: {link}", path.display());
            }
        }
    }
}
