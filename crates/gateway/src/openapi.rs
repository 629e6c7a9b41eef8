//! The routes and their description: one call names a path, its handler and its words; the rest is read off the types.

use std::any::type_name;

use aide::OperationInput;
use aide::axum::ApiRouter;
use aide::axum::routing::{ApiMethodRouter, delete_with, get_with, patch_with, post_with, put_with};
use aide::openapi::{
    MediaType, OpenApi, Parameter, ReferenceOr, Response, SchemaObject, SecurityScheme, Tag,
};
use aide::operation::{OperationHandler, OperationOutput};
use aide::transform::TransformOperation;
use axum::handler::Handler;
use axum::{Extension, Router};
use base::problem;
use http::Method;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

pub use crate::describe::FIXED;
use crate::describe::{REFUSALS, object, path_parameters, refuses};
use crate::fairness::{self, Class};
use crate::idempotency;
use crate::state::Platform;

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

/// Days as `plausible` takes them in bodies.
const DAY: &str = "^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

const TIME_OF_DAY: &str = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?$";

/// Writes out what the formats of dates and times leave open. Every date of a body is checked by
/// [`base::clock::plausible`].
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
