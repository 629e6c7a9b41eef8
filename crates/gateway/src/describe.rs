//! What extractors and answers say of themselves in the OpenAPI document.

use aide::generate::GenContext;
use aide::openapi::{
    HeaderStyle, MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle,
    ReferenceOr, RequestBody, Response, SchemaObject, StatusCode,
};
use aide::operation::{ParamLocation, add_parameters, parameters_from_schema, set_body};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// Every refusal there is: status, name of its response, description.
pub(crate) const REFUSALS: &[(u16, &str, &str)] = &[
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

pub(crate) fn object(json_schema: Schema) -> SchemaObject {
    SchemaObject { json_schema, example: None, external_docs: None }
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

pub(crate) fn path_parameters(operation: &mut Operation, path: &str) {
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
