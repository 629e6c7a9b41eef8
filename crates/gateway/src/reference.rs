//! `/openapi.json`, and `/docs`: a page made from it at start, without scripts and without anything from elsewhere.

use std::fmt::Write;
use std::sync::Arc;

use aide::openapi::OpenApi;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("reference.css");

/// The routes of the reference.
pub(crate) fn routes(document: &OpenApi) -> Router {
    let value = serde_json::to_value(document).unwrap_or_default();
    let json: Arc<[u8]> = value.to_string().into_bytes().into();
    let page: Arc<str> = page(&value).into();
    let headers = headers();
    let document = move || async move {
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json.to_vec())
    };
    Router::new()
        .route("/openapi.json", get(document))
        .route("/docs", get(move || async move { (headers, Html(page.to_string())) }))
}

/// What a browser may do with the page: show it with its own style, and nothing else.
fn headers() -> [(HeaderName, HeaderValue); 3] {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    [
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'")),
        ),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]
}

fn page(document: &Value) -> String {
    let mut html = String::new();
    let title = escaped(text(&document["info"]["title"]));
    let operations = operations(document);
    put(
        &mut html,
        format_args!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} API</title>\
             <style>{STYLE}</style></head><body><nav><a href=\"#top\"><b>{title} API</b></a>"
        ),
    );
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = escaped(text(&tag["name"]));
        put(&mut html, format_args!("<a href=\"#{name}\">{name}</a>"));
    }
    put(
        &mut html,
        format_args!(
            "<a href=\"#schemas\">schemas</a></nav><main id=\"top\"><h1>{title} API <small>{}</small></h1>{}\
             <p><a href=\"/openapi.json\">openapi.json</a> is the same for machines.</p>",
            escaped(text(&document["info"]["version"])),
            prose(&document["info"]["description"])
        ),
    );
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = text(&tag["name"]);
        let (id, about) = (escaped(name), prose(&tag["description"]));
        put(&mut html, format_args!("<section id=\"{id}\"><h2>{id}</h2>{about}"));
        for (method, path, operation) in operations.iter().filter(|(.., one)| one["tags"][0] == name) {
            write_operation(&mut html, document, method, path, operation);
        }
        html.push_str("</section>");
    }
    html.push_str("<section id=\"schemas\"><h2>schemas</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let name = escaped(name);
        put(
            &mut html,
            format_args!("<article id=\"schema-{name}\"><h3>{name}</h3>{}", prose(&schema["description"])),
        );
        write_fields(&mut html, schema);
        html.push_str("</article>");
    }
    html.push_str("</section></main></body></html>");
    html
}

/// Method, path and operation, in the document's order.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let methods = paths.flat_map(|(path, item)| {
        item.as_object()
            .into_iter()
            .flatten()
            .map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    methods.filter(|(.., operation)| operation["operationId"].is_string()).collect()
}

fn write_operation(html: &mut String, document: &Value, method: &str, path: &str, operation: &Value) {
    let id = escaped(text(&operation["operationId"]));
    let role = operation["x-role"].as_str().map(|role| format!(" <em>{}</em>", escaped(role)));
    put(
        html,
        format_args!(
            "<details id=\"{id}\"><summary><b class=\"{method}\">{}</b> <code>{}</code> <span>{}</span>{}</summary>{}",
            method.to_uppercase(),
            escaped(path).replace('/', "/<wbr>"),
            escaped(text(&operation["summary"])),
            role.unwrap_or_default(),
            prose(&operation["description"])
        ),
    );
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        html.push_str("<h4>Parameters</h4><dl>");
        for parameter in parameters {
            let required = parameter["required"] == true;
            let about = if parameter["description"].is_null() {
                &parameter["schema"]["description"]
            } else {
                &parameter["description"]
            };
            let place = text(&parameter["in"]);
            let kind = format!("{}, {}", kind(&parameter["schema"]), escaped(place));
            write_field(html, text(&parameter["name"]), &kind, required, about);
        }
        html.push_str("</dl>");
    }
    for media in
        operation["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values())
    {
        let schema = &media["schema"];
        put(html, format_args!("<h4>Body</h4><p>{}</p>", kind(schema)));
        write_fields(html, schema);
    }
    html.push_str("<h4>Answers</h4><dl>");
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let reference =
            answer["$ref"].as_str().and_then(|target| document.pointer(target.trim_start_matches('#')));
        let answer = reference.unwrap_or(answer);
        let content = answer["content"].as_object().and_then(|content| content.values().next());
        let kind = content.map_or_else(String::new, |media| kind(&media["schema"]));
        let words = text(&answer["description"]).trim_start_matches(status).trim_start_matches(": ");
        put(
            html,
            format_args!("<dt><code>{}</code> {kind}</dt><dd>{}</dd>", escaped(status), escaped(words)),
        );
    }
    html.push_str("</dl></details>");
}

fn write_fields(html: &mut String, schema: &Value) {
    let Some(properties) = schema["properties"].as_object() else {
        if schema.get("$ref").is_none() {
            put(html, format_args!("<p>{}</p>", kind(schema)));
        }
        return;
    };
    html.push_str("<dl>");
    for (name, property) in properties {
        let required = schema["required"].as_array().is_some_and(|names| names.iter().any(|one| one == name));
        write_field(html, name, &kind(property), required, &property["description"]);
    }
    html.push_str("</dl>");
}

fn write_field(html: &mut String, name: &str, kind: &str, required: bool, about: &Value) {
    let required = if required { " <strong>required</strong>" } else { "" };
    put(
        html,
        format_args!(
            "<dt><code>{}</code> <i>{kind}</i>{required}</dt><dd>{}</dd>",
            escaped(name),
            escaped(text(about))
        ),
    );
}

/// What a schema takes, in a line of HTML: its type, values and bounds.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|target| target.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choice].as_array() {
            return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return values
            .iter()
            .map(|value| format!("<code>{}</code>", escaped(text(value))))
            .collect::<Vec<_>>()
            .join(", ");
    }
    if let Some(value) = schema["const"].as_str() {
        return format!("<code>{}</code>", escaped(value));
    }
    if schema["type"] == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    let mut words = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        other => text(other).to_owned(),
    };
    if let Some(format) = schema["format"].as_str().filter(|format| !format.contains("int")) {
        put(&mut words, format_args!(", {format}"));
    }
    for (bound, name) in [
        ("minimum", "at least"),
        ("maximum", "at most"),
        ("minLength", "shortest"),
        ("maxLength", "longest"),
        ("maxItems", "most"),
        ("default", "default"),
    ] {
        if let Some(value) = schema.get(bound) {
            put(&mut words, format_args!(", {name} {value}"));
        }
    }
    escaped(&words)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// A description as a paragraph; what stands between backticks is code.
fn prose(value: &Value) -> String {
    let mut html = String::new();
    for (index, part) in escaped(text(value)).split('`').enumerate() {
        if index % 2 == 0 {
            html.push_str(part);
        } else {
            put(&mut html, format_args!("<code>{part}</code>"));
        }
    }
    if html.is_empty() { html } else { format!("<p>{html}</p>") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn put(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = text.write_fmt(words);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_document_says_is_text_on_the_page() {
        let document = json!({
            "info": { "title": "<script>", "description": "`a<b>`" },
            "tags": [{ "name": "pets" }],
            "paths": { "/pets": { "get": { "operationId": "pets_list", "tags": ["pets"], "summary": "List & look",
                "responses": { "200": { "description": "<img>" } } } } },
            "components": { "schemas": { "Pet": { "properties": { "name": { "type": "string", "maxLength": 9 } } } } },
        });
        let page = page(&document);
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        assert!(page.contains("List &amp; look") && page.contains("<code>a&lt;b&gt;</code>"));
        assert!(page.contains("string, longest 9"));
    }
}
