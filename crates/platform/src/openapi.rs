//! The routes and their description: one call names a path, its handler and its words; the rest is read off the types.

use std::any::type_name;

use aide::OperationInput;
use aide::axum::ApiRouter;
use aide::axum::routing::{ApiMethodRouter, delete_with, get_with, patch_with, post_with, put_with};
use aide::generate::GenContext;
use aide::openapi::{
    HeaderStyle, MediaType, OpenApi, Operation, Parameter, ParameterData, ParameterSchemaOrContent,
    PathStyle, ReferenceOr, RequestBody, Response, SchemaObject, SecurityScheme, StatusCode, Tag,
};
use aide::operation::{
    OperationHandler, OperationOutput, ParamLocation, add_parameters, parameters_from_schema, set_body,
};
use aide::transform::TransformOperation;
use axum::handler::Handler;
use axum::{Extension, Router};
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::fairness::{self, Class};
use crate::{Platform, idempotency, problem};

/// The routes of one feature.
pub struct Routes {
    feature: &'static str,
    about: &'static str,
    router: ApiRouter<Platform>,
}

impl Routes {
    pub fn new(feature: &'static str, about: &'static str) -> Self {
        Self { feature, about, router: ApiRouter::new() }
    }

    /// Adds one operation. Its id is `<feature>_<handler>`, read off the handler's own path; `text` is the API's text:
    /// the first line its summary, the rest its description.
    #[must_use]
    pub fn on<H, I, O, T>(self, method: &Method, path: &str, handler: H, text: &str) -> Self
    where
        H: Handler<T, Platform> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on_as(None, true, method, path, handler, text)
    }

    /// The same as another class than the one its shape says, or without idempotency keys.
    fn on_as<H, I, O, T>(
        self,
        class: Option<Class>,
        keyed: bool,
        method: &Method,
        path: &str,
        handler: H,
        text: &str,
    ) -> Self
    where
        H: Handler<T, Platform> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        let (summary, description) = text.split_once('\n').unwrap_or((text, ""));
        let verb = type_name::<H>().rsplit("::").next().unwrap_or_default().to_owned();
        let id = format!("{}_{verb}", self.feature);
        let tag = self.feature;
        let is_keyed_post = keyed && *method == Method::POST;
        let document = for_any_lifetime(move |operation| {
            let mut operation =
                operation.id(&id).tag(tag).summary(summary.trim()).description(description.trim());
            // What the way to a handler answers: the address, the session, the resort, the limits, the queue.
            refuses(operation.inner_mut(), &[400, 401, 403, 404, 429, 500, 503]);
            path_parameters(operation.inner_mut(), path);
            if let Some(class) = class {
                fairness::declare(operation.inner_mut(), class);
            }
            if !keyed {
                let description = operation.inner_mut().description.get_or_insert_default();
                *description = format!("{description}\n\n{}", idempotency::IGNORED).trim().to_owned();
            }
            if !is_keyed_post {
                // A door to writing documents the key, and does not know the method.
                operation.inner_mut().parameters.retain(|parameter| !is_idempotency_key(parameter));
            }
            operation
        });
        let route: ApiMethodRouter<Platform> = match *method {
            Method::GET => get_with(handler, document),
            Method::POST => post_with(handler, document),
            Method::PUT => put_with(handler, document),
            Method::PATCH => patch_with(handler, document),
            _ => delete_with(handler, document),
        };
        let route = if keyed { route } else { route.layer(Extension(idempotency::Unkeyed)) };
        Self { router: self.router.api_route(path, route), ..self }
    }

    #[must_use]
    pub fn get<H, I, O, T>(self, path: &str, handler: H, text: &str) -> Self
    where
        H: Handler<T, Platform> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(&Method::GET, path, handler, text)
    }

    /// A GET that looks at much: it waits behind the desk's work and lists.
    #[must_use]
    pub fn report<H, I, O, T>(self, path: &str, handler: H, text: &str) -> Self
    where
        H: Handler<T, Platform> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on_as(Some(Class::Reports), true, &Method::GET, path, handler, text)
    }

    #[must_use]
    pub fn post<H, I, O, T>(self, path: &str, handler: H, text: &str) -> Self
    where
        H: Handler<T, Platform> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(&Method::POST, path, handler, text)
    }

    /// A POST whose request or answer is secret, such as a login or a change of a password: an idempotency key is ignored,
    /// and nothing is kept of it.
    #[must_use]
    pub fn post_unkeyed<H, I, O, T>(self, path: &str, handler: H, text: &str) -> Self
    where
        H: Handler<T, Platform> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on_as(None, false, &Method::POST, path, handler, text)
    }

    #[must_use]
    pub fn put<H, I, O, T>(self, path: &str, handler: H, text: &str) -> Self
    where
        H: Handler<T, Platform> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(&Method::PUT, path, handler, text)
    }

    #[must_use]
    pub fn patch<H, I, O, T>(self, path: &str, handler: H, text: &str) -> Self
    where
        H: Handler<T, Platform> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(&Method::PATCH, path, handler, text)
    }

    #[must_use]
    pub fn delete<H, I, O, T>(self, path: &str, handler: H, text: &str) -> Self
    where
        H: Handler<T, Platform> + OperationHandler<I, O>,
        I: OperationInput,
        O: OperationOutput,
        T: 'static,
    {
        self.on(&Method::DELETE, path, handler, text)
    }
}

fn is_idempotency_key(parameter: &ReferenceOr<Parameter>) -> bool {
    parameter.as_item().is_some_and(|parameter| parameter.parameter_data_ref().name == idempotency::HEADER)
}

/// Says of a closure what the compiler does not infer: it takes an operation of any lifetime.
fn for_any_lifetime<F>(document: F) -> F
where
    F: for<'a> FnOnce(TransformOperation<'a>) -> TransformOperation<'a>,
{
    document
}

/// Puts the features' routes together, in their order, with the document that describes them.
pub fn assemble(version: &str, features: impl IntoIterator<Item = Routes>) -> (Router<Platform>, OpenApi) {
    aide::generate::infer_responses(true);
    aide::generate::extract_schemas(true);
    let mut document = OpenApi::default();
    document.info.title = "Tailtown".into();
    document.info.version = version.into();
    document.info.description = Some(ABOUT.into());
    let mut router = ApiRouter::new();
    for feature in features {
        document.tags.push(Tag {
            name: feature.feature.into(),
            description: Some(feature.about.into()),
            ..Tag::default()
        });
        router = router.merge(feature.router);
    }
    let router = router.finish_api_with(&mut document, |api| {
        api.security_scheme(
            "session",
            SecurityScheme::Http {
                scheme: "bearer".into(),
                bearer_format: None,
                description: Some(
                    "The accessToken of a login. Browsers may use the cookie the login sets.".into(),
                ),
                extensions: Default::default(),
            },
        )
    });
    say_formats(&mut document);
    let components = document.components.get_or_insert_default();
    let problem = SchemaGenerator::default().into_root_schema_for::<problem::Wire<'_>>();
    for (name, schema) in problem.get("$defs").and_then(Value::as_object).into_iter().flatten() {
        if let Ok(json_schema) = Schema::try_from(schema.clone()) {
            components.schemas.insert(name.clone(), object(json_schema));
        }
    }
    components.schemas.insert("Problem".into(), object(in_components(problem)));
    for (status, name, description) in REFUSALS {
        let schema = json_schema!({ "$ref": "#/components/schemas/Problem" });
        let content = [(
            "application/problem+json".to_owned(),
            MediaType { schema: Some(object(schema)), ..Default::default() },
        )];
        let response = Response {
            description: format!("{status}: {description}"),
            content: content.into_iter().collect(),
            ..Default::default()
        };
        components.responses.insert((*name).into(), ReferenceOr::Item(response));
    }
    (router, document)
}

const ABOUT: &str = "The API of a pet resort's day. The host name says which resort (`resort1.example.com`); the session \
says who is asking. Lists are pages with a cursor; a POST may carry an `Idempotency-Key`, and the same request sent twice \
then acts once; a PATCH is a merge patch and may be guarded by `If-Match`. Money is whole cents, dates are the resort's \
own calendar days, stays are half-open. Every refusal is an RFC 9457 problem.";

const REFUSALS: &[(u16, &str, &str)] = &[
    (400, "Malformed", "the request cannot be read"),
    (401, "Unauthenticated", "sign in first"),
    (403, "Forbidden", "your role does not allow this, or the resort is suspended"),
    (404, "NotFound", "there is no such thing at this resort"),
    (408, "TooSlow", "the body did not arrive in time: send it again"),
    (409, "Conflict", "not possible as things stand"),
    (412, "ChangedMeanwhile", "it was changed since you read it"),
    (413, "TooLarge", "the body is too large"),
    (415, "UnsupportedMediaType", "send JSON"),
    (422, "Invalid", "a field breaks a rule"),
    (429, "TooMany", "too many: wait as Retry-After says"),
    (500, "Internal", "something went wrong on our side"),
    (503, "Unavailable", "busy or down for a moment: retry as Retry-After says"),
];

/// Notes that an operation may answer with these problems.
pub(crate) fn refuses(operation: &mut Operation, statuses: &[u16]) {
    let responses = operation.responses.get_or_insert_default();
    for (status, name, _) in REFUSALS.iter().filter(|(status, ..)| statuses.contains(status)) {
        let reference = ReferenceOr::Reference {
            reference: format!("#/components/responses/{name}"),
            summary: None,
            description: None,
        };
        responses.responses.insert(StatusCode::Code(*status), reference);
    }
}

/// Notes who may call: `extension` is the least role, as tests and readers see it.
pub(crate) fn requires(operation: &mut Operation, role: &str) {
    operation.security = vec![[("session".to_owned(), Vec::new())].into_iter().collect()];
    operation.extensions.insert("x-role".into(), json!(role));
    refuses(operation, &[401, 403]);
}

fn object(json_schema: Schema) -> SchemaObject {
    SchemaObject { json_schema, example: None, external_docs: None }
}

/// Days as `plausible` takes them in bodies.
const DAY: &str = "^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

const TIME_OF_DAY: &str = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?$";

/// Writes out what the formats of dates and times leave open. Every date of a body is checked by
/// [`crate::clock::plausible`].
fn say_formats(document: &mut OpenApi) {
    fn walk(value: &mut Value, in_body: bool) {
        match value.get("format").and_then(Value::as_str) {
            Some("date") if in_body => value["pattern"] = DAY.into(),
            Some("partial-time") => {
                value["pattern"] = TIME_OF_DAY.into();
                if let Some(map) = value.as_object_mut() {
                    map.remove("format");
                }
            }
            _ => {}
        }
        match value {
            Value::Object(map) => map.values_mut().for_each(|value| walk(value, in_body)),
            Value::Array(items) => items.iter_mut().for_each(|value| walk(value, in_body)),
            _ => {}
        }
    }
    fn mend(schema: &mut SchemaObject, in_body: bool) {
        let mut value = schema.json_schema.clone().to_value();
        walk(&mut value, in_body);
        schema.json_schema = Schema::try_from(value).unwrap_or_default();
    }
    // A type that refuses unknown fields is one that is read.
    let components = document.components.iter_mut().flat_map(|components| components.schemas.values_mut());
    for schema in components {
        let is_read = schema.json_schema.get("additionalProperties") == Some(&json!(false));
        mend(schema, is_read);
    }
    let items = document.paths.iter_mut().flat_map(|paths| paths.paths.values_mut());
    for item in items.filter_map(ReferenceOr::as_item_mut) {
        let operations = [&mut item.post, &mut item.put, &mut item.patch];
        let bodies = operations.into_iter().flatten().filter_map(|operation| operation.request_body.as_mut());
        for body in bodies.filter_map(ReferenceOr::as_item_mut) {
            let schemas = body.content.values_mut().filter_map(|media| media.schema.as_mut());
            schemas.for_each(|schema| mend(schema, true));
        }
    }
}

/// A schema made on its own refers to its parts under `$defs`; in the document they live among the components.
fn in_components(schema: Schema) -> Schema {
    let mut value = schema.to_value();
    if let Value::Object(object) = &mut value {
        object.remove("$defs");
        object.remove("$schema");
    }
    let text = value.to_string().replace("#/$defs/", "#/components/schemas/");
    serde_json::from_str(&text).ok().and_then(|value: Value| Schema::try_from(value).ok()).unwrap_or_default()
}

fn media<T: JsonSchema>(ctx: &mut GenContext) -> MediaType {
    MediaType { schema: Some(object(ctx.schema.subschema_for::<T>())), ..MediaType::default() }
}

pub(crate) fn json_response<T: JsonSchema>(ctx: &mut GenContext, description: &str) -> Response {
    let content = [("application/json".to_owned(), media::<T>(ctx))];
    Response {
        description: description.into(),
        content: content.into_iter().collect(),
        ..Response::default()
    }
}

pub(crate) fn json_body<T: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation) {
    let content = [("application/json".to_owned(), media::<T>(ctx))];
    set_body(
        ctx,
        operation,
        RequestBody { content: content.into_iter().collect(), required: true, ..RequestBody::default() },
    );
}

/// Marks a field that is chosen when the thing is made and never changes: a patch does not offer it.
pub const FIXED: &str = "x-fixed";

/// The schema of `T` with nothing required and no defaults: what a merge patch over it may say.
pub(crate) fn patch_body<T: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation) {
    let schema = ctx.schema.subschema_for::<T>();
    let mut schema = ctx.resolve_schema(&schema).clone();
    schema.remove("required");
    schema.remove("title");
    schema.insert("description".into(), json!("Only what is named is changed; null clears a field."));
    let properties = schema.ensure_object().get_mut("properties").and_then(Value::as_object_mut);
    if let Some(properties) = properties {
        properties.retain(|_, property| property.get(FIXED).is_none());
        for property in properties.values_mut() {
            if let Some(property) = property.as_object_mut() {
                property.remove("default");
            }
        }
    }
    let media = MediaType { schema: Some(object(schema)), ..MediaType::default() };
    let content = [("application/json".to_owned(), media)];
    set_body(
        ctx,
        operation,
        RequestBody { content: content.into_iter().collect(), required: true, ..RequestBody::default() },
    );
}

pub(crate) fn query_parameters<T: JsonSchema>(ctx: &mut GenContext, operation: &mut Operation) {
    let schema = SchemaGenerator::default().into_root_schema_for::<T>();
    let definitions = schema.get("$defs").cloned();
    let parameters = parameters_from_schema(ctx, schema, ParamLocation::Query);
    let parameters = parameters.into_iter().map(|mut parameter| {
        if let Parameter::Query { parameter_data, .. } = &mut parameter
            && let ParameterSchemaOrContent::Schema(schema) = &mut parameter_data.format
        {
            schema.json_schema = inline(&schema.json_schema, definitions.as_ref());
        }
        parameter
    });
    add_parameters(ctx, operation, parameters.collect::<Vec<_>>());
}

/// A parameter's enumeration is written out in place; it is small and read there. One that may be left out is never null.
fn inline(schema: &Schema, definitions: Option<&Value>) -> Schema {
    fn walk(value: &mut Value, definitions: Option<&Value>) {
        if let Some(Value::Array(kinds)) = value.get_mut("type") {
            kinds.retain(|kind| kind != "null");
            if let [kind] = kinds.as_slice() {
                value["type"] = kind.clone();
            }
        }
        if let Some(Value::Array(choices)) = value.get_mut("anyOf") {
            choices.retain(|choice| choice["type"] != "null");
            if let [choice] = choices.as_slice() {
                *value = choice.clone();
            }
        }
        if let Some(target) = value.get("$ref").and_then(Value::as_str)
            && let Some(target) = definitions.and_then(|all| all.get(target.trim_start_matches("#/$defs/")))
        {
            *value = target.clone();
        }
        match value {
            Value::Object(map) => map.values_mut().for_each(|value| walk(value, definitions)),
            Value::Array(items) => items.iter_mut().for_each(|value| walk(value, definitions)),
            _ => {}
        }
    }
    let mut value = schema.clone().to_value();
    walk(&mut value, definitions);
    Schema::try_from(value).unwrap_or_default()
}

pub(crate) fn header_parameter(
    ctx: &mut GenContext,
    operation: &mut Operation,
    name: &str,
    schema: Schema,
    description: &str,
) {
    let data = parameter(name, Some(description), false, schema);
    add_parameters(ctx, operation, [Parameter::Header { parameter_data: data, style: HeaderStyle::Simple }]);
}

fn path_parameters(operation: &mut Operation, path: &str) {
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let data = parameter(name, None, true, json_schema!({ "type": "string", "format": "uuid" }));
        let parameter = Parameter::Path { parameter_data: data, style: PathStyle::Simple };
        operation.parameters.push(ReferenceOr::Item(parameter));
    }
}

fn parameter(name: &str, description: Option<&str>, required: bool, schema: Schema) -> ParameterData {
    ParameterData {
        name: name.into(),
        description: description.map(Into::into),
        required,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(object(schema)),
        example: None,
        examples: Default::default(),
        explode: None,
        extensions: Default::default(),
    }
}
