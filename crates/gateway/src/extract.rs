//! Reading requests and writing answers: bodies, queries, paths, preconditions; each refusal says what to do.

use std::marker::PhantomData;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use garde::Validate;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::percent_decode_str;
use schemars::{JsonSchema, json_schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::describe;
use base::problem::{FieldError, Problem, Result};

/// The body of the request at hand, already read within its limits, in the request's extensions.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestBody(pub(crate) Bytes);

/// A JSON body: read, then checked by the rules its type declares.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + Validate<Context = ()>, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let value: T = parse(&request)?;
        check(&value)?;
        Ok(Json(value))
    }
}

/// A body that may be left out.
impl<T: DeserializeOwned + Validate<Context = ()>, S: Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>> {
        let empty = request.extensions().get::<RequestBody>().is_none_or(|body| body.0.is_empty());
        if empty { Ok(None) } else { <Self as FromRequest<S>>::from_request(request, state).await.map(Some) }
    }
}

impl<T: JsonSchema> OperationInput for Json<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        describe::json_body::<T>(ctx, operation);
        describe::refuses(operation, &[400, 408, 413, 415, 422]);
    }
}

/// The body of a PATCH: an RFC 7396 merge patch over `T`, the type a POST takes. What it names is changed, `null`
/// clears, what it leaves out stays.
pub struct Patch<T> {
    changes: Value,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned + Validate<Context = ()>> Patch<T> {
    /// `current` with the changes in it, checked as a whole.
    ///
    /// # Errors
    /// 422 when the result breaks a rule of `T`, or the patch names a field `T` does not have.
    pub fn apply(&self, current: &T) -> Result<T> {
        let mut merged = serde_json::to_value(current)?;
        if let (Value::Object(merged), Value::Object(changes)) = (&mut merged, &self.changes) {
            for (field, value) in changes {
                merged.insert(field.clone(), value.clone());
            }
        }
        let changed = serde_path_to_error::deserialize(merged).map_err(|error| unreadable(&error))?;
        check(&changed)?;
        Ok(changed)
    }

    /// Whether the patch names `field`.
    pub fn names(&self, field: &str) -> bool {
        self.changes.get(field).is_some()
    }
}

impl<T, S: Sync> FromRequest<S> for Patch<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let mut changes: Value = parse(&request)?;
        whole_numbers(&mut changes);
        if !changes.is_object() {
            return Err(Problem::invalid("", "send an object with the fields to change"));
        }
        Ok(Patch { changes, of: PhantomData })
    }
}

impl<T: JsonSchema> OperationInput for Patch<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        describe::patch_body::<T>(ctx, operation);
        describe::refuses(operation, &[400, 408, 413, 415, 422]);
    }
}

fn parse<T: DeserializeOwned>(request: &Request) -> Result<T> {
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    if !["application/json", "application/merge-patch+json"]
        .iter()
        .any(|json| kind.eq_ignore_ascii_case(json))
    {
        return Err(Problem::unsupported_media_type());
    }
    let body = request.extensions().get::<RequestBody>().cloned().unwrap_or_default().0;
    read(&body)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let malformed = |error: &serde_json::Error| Problem::malformed(format!("the body is not JSON: {error}"));
    let mut reader = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize(&mut reader) {
        Ok(value) => {
            reader.end().map_err(|error| malformed(&error))?;
            Ok(value)
        }
        Err(error) if error.inner().is_data() => {
            // To JSON Schema 5.0 is an integer, and so it is here.
            let mut value: Value = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
            if !whole_numbers(&mut value) {
                return Err(unreadable(&error));
            }
            serde_path_to_error::deserialize(value).map_err(|error| unreadable(&error))
        }
        Err(error) => Err(malformed(error.inner())),
    }
}

/// Writes numbers such as 5.0 and 1e2 as the integers they are; says whether there were any.
fn whole_numbers(value: &mut Value) -> bool {
    match value {
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 2f64.powi(53));
            #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2^53")]
            if let Some(whole) = whole {
                *value = Value::from(whole as i64);
            }
            whole.is_some()
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| whole_numbers(item) | any),
        Value::Object(fields) => fields.values_mut().fold(false, |any, field| whole_numbers(field) | any),
        _ => false,
    }
}

fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let field = error.path().to_string();
    // serde_json adds the place in the text, which means nothing for a value that was merged.
    let message = error.inner().to_string();
    let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
    Problem::invalid(if field == "." { String::new() } else { field }, message)
}

/// Checks a value by the rules its type declares, naming each field at fault once.
///
/// # Errors
/// 422 when one of them is broken.
pub fn check<T: Validate<Context = ()>>(value: &T) -> Result<()> {
    let Err(report) = value.validate() else { return Ok(()) };
    let mut errors: Vec<FieldError> = Vec::new();
    for (path, error) in report.iter() {
        let field = camel_case(&path.to_string());
        if errors.iter().all(|earlier| earlier.field != field) {
            errors.push(FieldError { field, message: error.to_string() });
        }
    }
    Err(Problem::invalid_fields(errors))
}

fn camel_case(snake: &str) -> String {
    let mut upper = false;
    snake
        .chars()
        .filter_map(|letter| {
            if letter == '_' {
                upper = true;
                return None;
            }
            let letter = if upper { letter.to_ascii_uppercase() } else { letter };
            upper = false;
            Some(letter)
        })
        .collect()
}

/// A query string without paging; a parameter `T` does not know is refused.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        from_pairs(&query_pairs(parts)?).map(Query)
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        describe::query_parameters::<T>(ctx, operation);
        describe::refuses(operation, &[400, 422]);
    }
}

/// The query's pairs, decoded.
///
/// # Errors
/// 400 when it is not UTF-8, 422 when a parameter comes twice.
pub(crate) fn query_pairs(parts: &Parts) -> Result<Vec<(String, String)>> {
    let query = parts.uri.query().unwrap_or("");
    percent_decode_str(query).decode_utf8().map_err(|_| Problem::malformed("the query is not UTF-8"))?;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
        .map_err(|error| Problem::malformed(format!("the query cannot be read: {error}")))?;
    for (index, (name, _)) in pairs.iter().enumerate() {
        if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(Problem::invalid(name, "is given twice"));
        }
    }
    Ok(pairs)
}

pub(crate) fn from_pairs<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T> {
    let encoded = serde_urlencoded::to_string(pairs).map_err(Problem::internal)?;
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(encoded.as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let field = error.path().to_string();
        Problem::invalid(if field == "." { String::new() } else { field }, error.inner().to_string())
    })
}

/// The ids in the path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(ids)) => Ok(Path(ids)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => {
                let names = RawPathParams::from_request_parts(parts, state).await;
                let names =
                    names.map(|params| params.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>());
                let names = names.unwrap_or_default().join(" and ");
                Err(Problem::malformed(format!("{names} in the address must be a UUID")))
            }
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

/// The path's parameters are documented where the route is named.
impl<T> OperationInput for Path<T> {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        describe::refuses(operation, &[400, 404]);
    }
}

/// What the client last saw, from `If-Match`. Without the header every version is fine.
pub struct IfMatch(Option<HeaderValue>);

impl IfMatch {
    /// # Errors
    /// 412 when the thing is no longer at the version the client saw.
    pub fn check(&self, version: i32) -> Result<()> {
        let Some(seen) = self.0.as_ref() else { return Ok(()) };
        // A GET's tag names its bytes as well: what follows the version.
        let is_current = |tag: &str| {
            let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            let seen = inner.map(|tag| tag.split_once('.').map_or(tag, |(version, _)| version));
            tag == "*" || seen == Some(version.to_string().as_str())
        };
        let matches = seen.to_str().is_ok_and(|seen| seen.split(',').any(|tag| is_current(tag.trim())));
        if matches { Ok(()) } else { Err(Problem::changed_meanwhile()) }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(IfMatch(parts.headers.get(header::IF_MATCH).cloned()))
    }
}

impl OperationInput for IfMatch {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        describe::header_parameter(
            ctx,
            operation,
            "If-Match",
            json_schema!({ "type": "string" }),
            "The ETag you last read: refused with 412 if it changed since.",
        );
        describe::refuses(operation, &[412]);
    }
}

fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

/// 200 with the thing and its ETag.
pub struct Versioned<T> {
    pub version: i32,
    pub value: T,
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = json(&self.value);
        set(response.headers_mut(), header::ETAG, &etag(self.version));
        response
    }
}

impl<T: JsonSchema> aide::OperationOutput for Versioned<T> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(200), describe::json_response::<T>(ctx, "As it now is; the ETag guards a later change"))]
    }
}

/// 201 with the new thing, where it lives, and its ETag if it can be changed.
pub struct Created<T> {
    pub location: String,
    pub version: Option<i32>,
    pub value: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = json(&self.value);
        *response.status_mut() = StatusCode::CREATED;
        set(response.headers_mut(), header::LOCATION, &self.location);
        if let Some(version) = self.version {
            set(response.headers_mut(), header::ETAG, &etag(version));
        }
        response
    }
}

impl<T: JsonSchema> aide::OperationOutput for Created<T> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(201), describe::json_response::<T>(ctx, "Created; `Location` says where it lives"))]
    }
}

/// 200 with a plain JSON answer.
pub struct Reply<T>(pub T);

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        json(&self.0)
    }
}

impl<T: JsonSchema> aide::OperationOutput for Reply<T> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(200), describe::json_response::<T>(ctx, "The answer"))]
    }
}

/// 200 with a secret, which nobody on its way may store.
pub struct Unstored<T>(pub T);

impl<T: Serialize> IntoResponse for Unstored<T> {
    fn into_response(self) -> Response {
        let mut response = json(&self.0);
        set(response.headers_mut(), header::CACHE_CONTROL, "no-store");
        response
    }
}

impl<T: JsonSchema> aide::OperationOutput for Unstored<T> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        Reply::<T>::inferred_responses(ctx, operation)
    }
}

/// 204: done, nothing to show.
pub struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl aide::OperationOutput for Done {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        vec![(Some(204), Documented { description: "Done".into(), ..Documented::default() })]
    }
}

/// An answer of JSON.
pub fn json<T: Serialize>(value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => {
            ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
        }
        Err(error) => Problem::internal(error).into_response(),
    }
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precondition_holds_for_the_version_seen_or_any() {
        let seen = |text: &str| IfMatch(Some(HeaderValue::from_str(text).unwrap()));
        assert!(IfMatch(None).check(7).is_ok());
        assert!(seen("\"7\"").check(7).is_ok());
        assert!(seen("\"6\", \"7\"").check(7).is_ok());
        assert!(seen("*").check(7).is_ok());
        assert!(seen("\"7.x1-_\"").check(7).is_ok());
        assert!(seen("\"77.x\"").check(7).is_err());
        assert!(seen("\"6\"").check(7).is_err());
        assert!(seen("7").check(7).is_err());
    }

    #[test]
    fn a_number_without_a_fraction_is_an_integer_however_it_is_written() {
        #[derive(serde::Deserialize)]
        struct Walk {
            legs: Vec<i32>,
        }
        let legs = |body: &str| read::<Walk>(body.as_bytes()).map(|walk| walk.legs);
        assert_eq!(legs(r#"{"legs":[4.0,1e2,-3]}"#).unwrap(), [4, 100, -3]);
        for body in [r#"{"legs":[4.5]}"#, r#"{"legs":[1e300]}"#, r#"{"legs":["4"]}"#] {
            assert_eq!(legs(body).unwrap_err().status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        }
        for body in [r#"{"legs":[4.0]"#, r#"{"legs":[4.0]} 1"#] {
            assert_eq!(legs(body).unwrap_err().status(), StatusCode::BAD_REQUEST, "{body}");
        }
    }

    #[test]
    fn a_field_with_several_faults_is_named_once() {
        #[derive(Validate)]
        struct Owner {
            #[garde(dive, email)]
            main_email: base::text::Text<5>,
            #[garde(inner(range(max = 9)))]
            pet_count: Option<i32>,
        }
        let owner = Owner { main_email: "".into(), pet_count: Some(10) };
        let problem = check(&owner).unwrap_err();
        assert_eq!(problem.fields(), ["mainEmail", "petCount"]);
    }

    #[test]
    fn field_paths_are_spelled_as_on_the_wire() {
        assert_eq!(camel_case("lines[0].unit_price_cents"), "lines[0].unitPriceCents");
    }
}
