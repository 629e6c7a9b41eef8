//! Text as people type it: trimmed, never empty, bounded, and free of what cannot be stored or printed.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::ops::Deref;

use bytes::BytesMut;
use garde::error::Path;
use garde::rules::AsStr;
use garde::{Report, Validate};
use queries::StringSql;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio_postgres::types::{IsNull, ToSql, Type};

/// A text of 1 to `MAX` characters. Reading trims it; the rules are checked together with those of the type it is in, so
/// that a form hears of all its faults at once.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MAX: usize> From<String> for Text<MAX> {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl<const MAX: usize> From<&str> for Text<MAX> {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

impl<const MAX: usize> AsStr for Text<MAX> {
    fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Serialize for Text<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let trimmed = text.trim();
        Ok(Self(if trimmed.len() == text.len() { text } else { trimmed.to_owned() }))
    }
}

impl<const MAX: usize> Validate for Text<MAX> {
    type Context = ();

    fn validate_into(&self, (): &(), path: &mut dyn FnMut() -> Path, report: &mut Report) {
        if self.0.is_empty() {
            report.append(
                path(),
                garde::Error::new("must not be empty: leave it out, or send null to clear it"),
            );
        }
        if self.0.chars().count() > MAX {
            report.append(path(), garde::Error::new(format!("must be at most {MAX} characters")));
        }
        if self.0.chars().any(|letter| letter.is_control() && !"\n\r\t".contains(letter)) {
            report.append(path(), garde::Error::new("must not hold control characters"));
        }
    }
}

impl<const MAX: usize> JsonSchema for Text<MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Text{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX, "pattern": PATTERN })
    }
}

/// Not only white space, and no control character but a tab or the end of a line.
const PATTERN: &str = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$";

impl<const MAX: usize> StringSql for Text<MAX> {}

impl<const MAX: usize> ToSql for Text<MAX> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        <String as ToSql>::accepts(kind)
    }

    tokio_postgres::types::to_sql_checked!();
}

/// The rule for an e-mail that may be left out; for one that may not, there is `#[garde(email)]`.
///
/// # Errors
/// What is wrong with it.
pub fn optional_email<const MAX: usize>(email: &Option<Text<MAX>>, (): &()) -> garde::Result {
    email.as_ref().map_or(Ok(()), |email| garde::rules::email::apply(email, ()))
}

/// Names with commas between, in one query parameter: `?include=pets,reservations`.
#[derive(Clone, Debug)]
pub struct Names<T>(Vec<T>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Names<T> {
    pub fn has(&self, name: &T) -> bool {
        self.0.contains(name)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Names<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Err(serde::de::Error::custom("names nothing: leave it out"));
        }
        text.split(',')
            .map(|name| T::deserialize(name.to_owned().into_deserializer()))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for Names<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}Names", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let of = T::json_schema(generator).to_value();
        // Variants with a description of their own come one by one.
        let kinds = of["oneOf"].as_array().cloned().unwrap_or_else(|| vec![of]);
        let names = kinds
            .iter()
            .flat_map(|kind| kind["enum"].as_array().cloned().unwrap_or(vec![kind["const"].clone()]));
        let names = names.filter_map(|name| name.as_str().map(str::to_owned)).collect::<Vec<_>>().join("|");
        json_schema!({ "type": "string", "pattern": format!("^({names})(,({names}))*$") })
    }
}

/// Folds a text for search as the `*_key` columns are folded: lower case, without the accents of Latin letters.
pub fn fold(text: &str) -> String {
    const ACCENTED: &str = "áàâäãåāçčéèêëēęíìîïīłñńóòôöõøōšúùûüūýÿžź";
    const PLAIN: &str = "aaaaaaacceeeeeeiiiiilnnooooooosuuuuuyyzz";
    let plain = |letter: char| {
        let place = ACCENTED.chars().position(|accented| accented == letter);
        place.and_then(|place| PLAIN.chars().nth(place)).unwrap_or(letter)
    };
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}

/// The bounds of all texts that begin with `prefix`, bytewise: at least the first, less than the second. A range reaches
/// an index under row-level security where LIKE does not.
pub fn prefix_range(prefix: &str) -> (String, String) {
    (prefix.to_owned(), format!("{prefix}\u{10FFFF}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn faults(text: &str) -> usize {
        serde_json::from_value::<Text<5>>(text.into())
            .unwrap()
            .validate()
            .err()
            .map_or(0, |report| report.iter().count())
    }

    #[test]
    fn text_is_trimmed_and_bounded_in_characters() {
        assert_eq!(&*serde_json::from_str::<Text<5>>("\"  Zoë \"").unwrap(), "Zoë");
        assert_eq!(faults("Zoëäö"), 0);
        assert_eq!(faults("   "), 1);
        assert_eq!(faults("sixsix"), 1);
        assert_eq!(faults("a\0b"), 1);
        assert_eq!(faults("a\nb"), 0);
    }

    #[test]
    fn folding_forgets_case_and_accents() {
        assert_eq!(fold("Łukasz ŽÓŁĆ"), "lukasz zolć");
        assert_eq!(fold("Übermüller"), "ubermuller");
    }

    proptest! {
        #[test]
        fn a_prefix_range_holds_exactly_what_begins_so(prefix in "[a-z0-9 é]{0,4}", text in "[a-z0-9 éß]{0,6}") {
            let (low, high) = prefix_range(&prefix);
            prop_assert_eq!(low <= text && text < high, text.starts_with(&prefix));
        }
    }
}
