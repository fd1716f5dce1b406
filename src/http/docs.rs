//! The OpenAPI document, completed, and its readable form.

use super::pages::api_docs::{AnswerView, ApiDocsView, BodyView, GroupView, OperationView, ParameterView};
use serde_json::Value;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, OpenApi};

/// Adds what the code does not say: title, version, how to authenticate.
pub fn describe(document: &mut OpenApi) {
    "Tocsin".clone_into(&mut document.info.title);
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document.info.description = Some(
        "Errors are RFC 9457 problems; `errors` names each wrong place by JSON pointer. Writes take Idempotency-Key; \
         edits and decisions take If-Match. Times are RFC 3339, money is euro cents."
            .to_owned(),
    );
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn operation(path: &str, method: &str, value: &Value) -> OperationView {
    let parameters = value.get("parameters").and_then(Value::as_array).into_iter().flatten().map(|p| ParameterView {
        name: text(p, "/name"),
        place: text(p, "/in"),
        required: p.get("required") == Some(&Value::Bool(true)),
        kind: p.pointer("/schema/type").map(ToString::to_string).unwrap_or_default().replace('"', ""),
        description: text(p, "/description"),
    });
    let answers = value.get("responses").and_then(Value::as_object).into_iter().flatten().map(|(status, answer)| {
        AnswerView { status: status.clone(), description: text(answer, "/description"), body: None }
    });
    let request = value.get("requestBody").map(|body| BodyView {
        content_type: "application/json".to_owned(),
        schema: body.pointer("/content/application~1json/schema").map(|s| format!("{s:#}")).unwrap_or_default(),
    });
    OperationView {
        id: text(value, "/operationId"),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(value, "/summary"),
        description: text(value, "/description").split("\n\n").map(str::to_owned).filter(|p| !p.is_empty()).collect(),
        parameters: parameters.collect(),
        request,
        responses: answers.collect(),
    }
}

/// The document for people.
pub fn view(document: &OpenApi) -> ApiDocsView {
    let document = serde_json::to_value(document).unwrap_or_default();
    let mut groups: Vec<GroupView> = Vec::new();
    for (path, methods) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, value) in methods.as_object().into_iter().flatten() {
            let tag = text(value, "/tags/0");
            let shown = operation(path, method, value);
            match groups.iter_mut().find(|group| group.name == tag) {
                Some(group) => group.operations.push(shown),
                None => groups.push(GroupView { name: tag, operations: vec![shown] }),
            }
        }
    }
    ApiDocsView {
        title: text(&document, "/info/title"),
        version: text(&document, "/info/version"),
        introduction: vec![text(&document, "/info/description")],
        openapi_href: "/api/v1/openapi.json".to_owned(),
        groups,
        schemas: Vec::new(),
    }
}
