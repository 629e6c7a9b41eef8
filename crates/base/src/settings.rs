//! Reads settings one by one from the environment and the text of a `tailtown.toml`, and collects what is wrong with them. Each
//! part of the program reads its own.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// One line of `tailtown config`.
#[derive(Clone, Debug)]
pub struct Setting {
    pub name: &'static str,
    /// As in effect; a secret is never shown.
    pub value: String,
    pub source: Source,
    pub about: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File,
    Environment,
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Source::Default => "default",
            Source::File => "tailtown.toml",
            Source::Environment => "environment",
        })
    }
}

/// Everything that is wrong with the settings, at once.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal(pub Vec<String>);

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings are refused:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl std::error::Error for Refusal {}

/// A value as it may be shown: any setting may hold an address, and any address a user, a password or a token in its query.
/// Everything before the last `@` is left out, so that a password with a `/` or `?` in it is, too.
pub fn masked(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let (user, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("***@", rest));
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let query = if end < rest.len() { "?***" } else { "" };
    format!("{scheme}://{user}{}{query}", &rest[..end])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Development,
    Production,
}

/// What [`Reader::number`] reads.
pub trait Number: FromStr + Display + PartialOrd + Copy {
    /// What a refusal calls it, before the word number.
    const KIND: &'static str = "whole ";
}

impl Number for u16 {}
impl Number for u32 {}
impl Number for u64 {}
impl Number for usize {}
impl Number for f64 {
    const KIND: &'static str = "";
}

/// Takes the settings one by one, and notes what is wrong with each.
pub struct Reader<'a> {
    environment: &'a BTreeMap<String, String>,
    file: BTreeMap<String, String>,
    known: Vec<Setting>,
    wrong: Vec<String>,
}

impl<'a> Reader<'a> {
    pub fn new(environment: &'a BTreeMap<String, String>, file: Option<&str>) -> Self {
        let mut reader = Self { environment, file: BTreeMap::new(), known: Vec::new(), wrong: Vec::new() };
        match file.unwrap_or_default().parse::<toml::Table>() {
            Ok(table) => {
                for (key, value) in table {
                    let text = match value {
                        toml::Value::String(text) => text,
                        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) => {
                            value.to_string()
                        }
                        _ => {
                            reader.wrong.push(format!(
                                "{key} in tailtown.toml must be a text, a number or true or false"
                            ));
                            continue;
                        }
                    };
                    reader.file.insert(key, text);
                }
            }
            Err(error) => reader.wrong.push(format!("tailtown.toml cannot be read: {}", error.message())),
        }
        reader
    }

    /// The text of a setting and where it is from; an empty variable counts as unset.
    fn look_up(&self, name: &str) -> Option<(String, Source)> {
        let set = self.environment.get(name).filter(|value| !value.is_empty());
        let set = set.map(|value| (value.clone(), Source::Environment));
        set.or_else(|| self.file.get(&name.to_ascii_lowercase()).map(|value| (value.clone(), Source::File)))
    }

    pub fn text(&mut self, name: &'static str, default: &str, about: &'static str) -> String {
        let (value, source) = self.look_up(name).unwrap_or((default.to_owned(), Source::Default));
        self.known.push(Setting { name, value: masked(&value), source, about });
        value
    }

    pub fn refuse(&mut self, name: &str, value: &str, allowed: &str) {
        self.wrong.push(format!("{name}={}: must be {allowed}", masked(value)));
    }

    pub fn checked(
        &mut self,
        name: &'static str,
        default: &str,
        fits: impl Fn(&str) -> bool,
        allowed: &str,
        about: &'static str,
    ) -> String {
        let text = self.text(name, default, about);
        if !fits(&text) {
            self.refuse(name, &text, allowed);
        }
        text
    }

    /// A bad value is noted and its default goes on, so that all bad values are told at once.
    #[expect(clippy::expect_used, reason = "defaults are in the program and tested")]
    pub fn value<T: FromStr>(
        &mut self,
        name: &'static str,
        default: &str,
        allowed: &str,
        about: &'static str,
    ) -> T {
        let text = self.text(name, default, about);
        text.parse().unwrap_or_else(|_| {
            self.refuse(name, &text, allowed);
            default.parse().ok().expect("a default is a value")
        })
    }

    pub fn optional<T: FromStr>(
        &mut self,
        name: &'static str,
        allowed: &str,
        about: &'static str,
    ) -> Option<T> {
        let text = self.text(name, "", about);
        if text.is_empty() {
            return None;
        }
        let value = text.parse().ok();
        if value.is_none() {
            self.refuse(name, &text, allowed);
        }
        value
    }

    pub fn number<T>(
        &mut self,
        name: &'static str,
        default: T,
        range: RangeInclusive<T>,
        about: &'static str,
    ) -> T
    where
        T: Number,
    {
        let text = self.text(name, &default.to_string(), about);
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.unwrap_or_else(|| {
            self.refuse(
                name,
                &text,
                &format!("a {}number from {} to {}", T::KIND, range.start(), range.end()),
            );
            default
        })
    }

    pub fn seconds(
        &mut self,
        name: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
        about: &'static str,
    ) -> Duration {
        Duration::from_secs(self.number(name, default, range, about))
    }

    pub fn hours(
        &mut self,
        name: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
        about: &'static str,
    ) -> Duration {
        Duration::from_secs(3600 * self.number(name, default, range, about))
    }

    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        default: &str,
        values: &[(&str, T)],
        about: &'static str,
    ) -> T {
        let text = self.text(name, default, about);
        let named = |wanted: &str| values.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        named(&text).unwrap_or_else(|| {
            let allowed = values.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" or ");
            self.refuse(name, &text, &allowed);
            values[0].1
        })
    }

    /// An address holds a password: neither the settings nor a refusal repeat it.
    pub fn secret<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
        about: &'static str,
    ) -> Option<T> {
        let (text, source) = self.look_up(name).unwrap_or((String::new(), Source::Default));
        let shown = if text.is_empty() { "" } else { "(set, not shown)" };
        self.known.push(Setting { name, value: shown.to_owned(), source, about });
        if text.is_empty() {
            return None;
        }
        parse(&text).map_err(|error| self.wrong.push(format!("{name}: {error}"))).ok()
    }

    /// Notes what is wrong with settings that do not go together.
    pub fn wrong(&mut self, what: String) {
        self.wrong.push(what);
    }

    pub fn finish(mut self) -> Result<Vec<Setting>, Refusal> {
        let known = |name: &str| self.known.iter().any(|setting| setting.name == name);
        let names = || self.known.iter().map(|setting| setting.name).collect::<Vec<_>>().join(", ");
        let in_file = self
            .file
            .keys()
            .filter(|key| key.as_str() != key.to_ascii_lowercase() || !known(&key.to_ascii_uppercase()));
        let mut wrong: Vec<_> = in_file
            .map(|key| {
                format!(
                    "{key} in tailtown.toml: there is no such setting; there are, in lower case, {}",
                    names()
                )
            })
            .collect();
        let foreign = self.environment.keys().filter(|name| name.starts_with("TAILTOWN_") && !known(name));
        wrong.extend(foreign.map(|name| format!("{name}: there is no such setting; there are {}", names())));
        self.wrong.append(&mut wrong);
        if self.wrong.is_empty() { Ok(self.known) } else { Err(Refusal(self.wrong)) }
    }
}
