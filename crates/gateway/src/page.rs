//! Pages of a list: keyset, never offset, so that no row comes twice or is missed while others are inserted.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::describe;
use crate::extract;
use crate::identity::Identity;
use crate::state::Platform;
use base::problem::{Problem, Result};
use store::keys::Keys;

/// One page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub data: Vec<T>,
    /// Ask for the next page with `?cursor=` and this; null on the last page.
    pub next_cursor: Option<String>,
}

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the parameters; `List` reads them one by one")]
struct Paging {
    /// How many rows to return, 1 to 100. Default 20.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<i64>,
    /// Where the previous page ended: its `nextCursor`.
    #[schemars(length(min = 1))]
    cursor: Option<String>,
    /// Return only these fields of each row, by name, with commas between.
    #[schemars(length(min = 1))]
    fields: Option<String>,
}

/// What a client asks of a list: how many rows, from where, which fields, and the filter `F` with the rest of the
/// query. A parameter that is in neither is refused.
pub struct List<F> {
    pub filter: F,
    limit: i64,
    cursor: Option<String>,
    fields: Option<Vec<String>>,
    cursors: Cursors,
}

/// Seals and opens the cursors of one list: of one resort or the operators, one address and one filter. A cursor is not
/// readable, and no other list takes it.
#[derive(Default)]
struct Cursors {
    keys: Keys,
    place: Vec<u8>,
}

impl Cursors {
    /// The list that a request asks for; `filter` is its query without paging.
    fn new(keys: &Keys, parts: &Parts, filter: &[(String, String)]) -> Result<Self> {
        let tenant = parts.extensions.get::<Identity>().map(|identity| identity.tenant.id);
        // What is nested into the rows does not change which rows there are.
        let mut filter: Vec<_> = filter.iter().filter(|(name, _)| name != "include").collect();
        filter.sort();
        let place = serde_json::to_vec(&(tenant, parts.uri.path(), filter))?;
        Ok(Self { keys: keys.clone(), place })
    }

    fn seal<K: Serialize>(&self, key: &K) -> Result<String> {
        self.keys.seal("cursor", &self.place, &serde_json::to_vec(key)?)
    }

    fn open<K: DeserializeOwned>(&self, text: &str) -> Result<Option<K>> {
        let opened = self.keys.open("cursor", &self.place, text)?;
        Ok(opened.and_then(|key| serde_json::from_slice(&key).ok()))
    }
}

impl<F> List<F> {
    /// How many rows a statement should fetch: one more than the page shows, to know if there is a next.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The sort values the previous page ended with.
    ///
    /// # Errors
    /// 400 for a cursor this list did not give.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>> {
        let Some(text) = &self.cursor else { return Ok(None) };
        self.cursors.open(text)?.map(Some).ok_or_else(|| {
            Problem::malformed(
                "the cursor is not one that this list gave with these filters: leave it out to start at the beginning",
            )
        })
    }

    /// The page of at most `limit` rows; `key` gives the sort values of a row, which must be unique in the list.
    ///
    /// # Errors
    /// 422 when `?fields=` names a field the rows do not have.
    pub fn page<T: Serialize, K: Serialize>(&self, rows: Vec<T>, key: impl Fn(&T) -> K) -> Result<Listed<T>> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut data = rows;
        let more = data.len() > limit;
        data.truncate(limit);
        let next_cursor =
            if more { data.last().map(|row| self.cursors.seal(&key(row))).transpose()? } else { None };
        let Some(fields) = &self.fields else { return Ok(Listed::Whole(Page { data, next_cursor })) };
        let data = data.iter().map(|row| select(row, fields)).collect::<Result<_>>()?;
        Ok(Listed::Chosen(Page { data, next_cursor }))
    }
}

/// A page as it is sent: whole rows, or the fields the client chose.
pub enum Listed<T> {
    Whole(Page<T>),
    Chosen(Page<Value>),
}

impl<T: Serialize> axum::response::IntoResponse for Listed<T> {
    fn into_response(self) -> axum::response::Response {
        match self {
            Self::Whole(page) => extract::json(&page),
            Self::Chosen(page) => extract::json(&page),
        }
    }
}

impl<T: JsonSchema> aide::OperationOutput for Listed<T> {
    type Inner = Page<T>;

    fn inferred_responses(
        ctx: &mut GenContext,
        _: &mut Operation,
    ) -> Vec<(Option<u16>, aide::openapi::Response)> {
        vec![(Some(200), describe::json_response::<Page<T>>(ctx, "One page of the list"))]
    }
}

fn select<T: Serialize>(row: &T, fields: &[String]) -> Result<Value> {
    let Value::Object(mut row) = serde_json::to_value(row)? else {
        return Err(Problem::malformed("this list has no fields to choose from"));
    };
    if let Some(unknown) = fields.iter().find(|field| !row.contains_key(*field)) {
        let known = row.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(Problem::invalid(
            "fields",
            format!("there is no field `{unknown}`: choose from {known}"),
        ));
    }
    row.retain(|name, _| fields.contains(name));
    Ok(Value::Object(row))
}

impl<F: DeserializeOwned> FromRequestParts<Platform> for List<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self> {
        let (mut limit, mut cursor, mut fields) = (DEFAULT_LIMIT, None, None);
        let mut rest = Vec::new();
        for (name, value) in extract::query_pairs(parts)? {
            match name.as_str() {
                "limit" => {
                    limit =
                        value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(
                            || Problem::invalid("limit", "must be a whole number from 1 to 100"),
                        )?;
                }
                "cursor" => cursor = Some(value),
                "fields" if value.is_empty() => {
                    return Err(Problem::invalid("fields", "names nothing: leave it out"));
                }
                "fields" => {
                    fields = Some(value.split(',').map(|field| field.trim().to_owned()).collect());
                }
                _ => rest.push((name, value)),
            }
        }
        let filter = extract::from_pairs(&rest)?;
        Ok(List { filter, limit, cursor, fields, cursors: Cursors::new(&platform.keys, parts, &rest)? })
    }
}

impl<F: JsonSchema> OperationInput for List<F> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        describe::query_parameters::<F>(ctx, operation);
        describe::query_parameters::<Paging>(ctx, operation);
        describe::refuses(operation, &[400, 422]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_gives_back_its_key_to_its_own_list_only(name in ".{0,40}", number in any::<i64>()) {
            let keys = Keys::of(&[1; 32]);
            let of = |place: &str| Cursors { keys: keys.clone(), place: place.into() };
            let key = (name, number);
            let sealed = of("customers").seal(&key).unwrap();
            prop_assert_eq!(of("pets").open::<(String, i64)>(&sealed).unwrap(), None);
            prop_assert_eq!(of("customers").open::<(String, i64)>(&sealed).unwrap(), Some(key));
        }

        #[test]
        fn a_made_up_cursor_is_refused(text in ".{0,60}") {
            let cursors = Cursors { keys: Keys::of(&[1; 32]), place: Vec::new() };
            prop_assert_eq!(cursors.open::<Value>(&text).unwrap(), None);
        }

        /// Walks a changing list page by page: rows inserted meanwhile may or may not appear, but every row that was
        /// there all along comes exactly once.
        #[test]
        fn no_row_comes_twice_or_is_missed_while_rows_are_inserted(
            stable in prop::collection::btree_set(0u32..10_000, 0..120),
            inserts in prop::collection::vec(0u32..10_000, 0..60),
            limit in 1i64..20,
        ) {
            let mut table = stable.clone();
            let mut inserts = inserts.into_iter();
            let mut seen = Vec::new();
            let mut cursor = None;
            let keys = Keys::of(&[1; 32]);
            loop {
                let cursors = Cursors { keys: keys.clone(), place: Vec::new() };
                let list = List { filter: (), limit, cursor: cursor.take(), fields: None, cursors };
                let after: Option<u32> = list.after().unwrap();
                let fetch = usize::try_from(list.fetch()).unwrap();
                let rows = table.iter().copied().filter(|row| after.is_none_or(|last| *row > last)).take(fetch).collect();
                let Listed::Whole(page) = list.page(rows, |row: &u32| *row).unwrap() else { unreachable!("no fields") };
                seen.extend(page.data);
                cursor = page.next_cursor;
                if cursor.is_none() { break }
                table.extend(inserts.by_ref().take(3));
            }
            let mut once = seen.clone();
            once.dedup();
            prop_assert_eq!(&once, &seen, "a row came twice");
            prop_assert!(stable.iter().all(|row| seen.contains(row)), "a row was missed");
        }
    }
}
