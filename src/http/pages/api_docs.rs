//! The readable description of the HTTP API at `/api/docs`, in English, without a script: the caller walks the `OpenAPI`
//! document and hands over plain text.

use askama::Template;

use super::frame::{RenderError, render};

/// The whole API.
#[derive(Clone, Debug)]
pub struct ApiDocsView {
    /// Its name.
    pub title: String,
    /// Its version.
    pub version: String,
    /// What holds for every operation, by paragraph.
    pub introduction: Vec<String>,
    /// Where the `OpenAPI` document is.
    pub openapi_href: String,
    /// Operations by noun, in the order to show them.
    pub groups: Vec<GroupView>,
    /// Named schemas that operations refer to.
    pub schemas: Vec<SchemaView>,
}

/// Operations on one noun.
#[derive(Clone, Debug)]
pub struct GroupView {
    /// The noun; also the anchor, so plain ASCII without spaces is best.
    pub name: String,
    /// Its operations.
    pub operations: Vec<OperationView>,
}

/// One method on one path.
#[derive(Clone, Debug)]
pub struct OperationView {
    /// Unique anchor, e.g. the `operationId`.
    pub id: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// E.g. `/api/v1/appeals/{id}`.
    pub path: String,
    /// One line.
    pub summary: String,
    /// More, by paragraph.
    pub description: Vec<String>,
    /// Path, query and header parameters.
    pub parameters: Vec<ParameterView>,
    /// The request body.
    pub request: Option<BodyView>,
    /// What comes back, by status.
    pub responses: Vec<AnswerView>,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct ParameterView {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Whether it must be there.
    pub required: bool,
    /// Its type in a word or two.
    pub kind: String,
    /// What it does.
    pub description: String,
}

/// A body.
#[derive(Clone, Debug)]
pub struct BodyView {
    /// E.g. `application/json`.
    pub content_type: String,
    /// Pretty JSON of its schema.
    pub schema: String,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct AnswerView {
    /// E.g. `201`.
    pub status: String,
    /// When it is given.
    pub description: String,
    /// Its body, if it has one.
    pub body: Option<BodyView>,
}

/// A named schema.
#[derive(Clone, Debug)]
pub struct SchemaView {
    /// Its name; also its anchor.
    pub name: String,
    /// Pretty JSON.
    pub json: String,
}

#[derive(Template)]
#[template(path = "api_docs.html")]
struct ApiDocsPage<'a> {
    view: &'a ApiDocsView,
}

impl ApiDocsView {
    /// The page.
    pub fn render(&self) -> Result<String, RenderError> {
        render(&ApiDocsPage { view: self })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn operations_are_shown_and_escaped_without_script_or_style() {
        let body = BodyView { content_type: "application/json".to_owned(), schema: "{ \"<script>\": 1 }".to_owned() };
        let operation = OperationView {
            id: "file_appeal".to_owned(),
            method: "POST".to_owned(),
            path: "/api/v1/appeals".to_owned(),
            summary: "File an appeal".to_owned(),
            description: vec!["Idempotent.".to_owned()],
            parameters: vec![ParameterView {
                name: "Idempotency-Key".to_owned(),
                place: "header".to_owned(),
                required: true,
                kind: "string".to_owned(),
                description: "Chosen by the client".to_owned(),
            }],
            request: Some(body.clone()),
            responses: vec![AnswerView {
                status: "201".to_owned(),
                description: "Filed".to_owned(),
                body: Some(body.clone()),
            }],
        };
        let html = ApiDocsView {
            title: "Tocsin API".to_owned(),
            version: "1".to_owned(),
            introduction: vec!["JSON.".to_owned()],
            openapi_href: "/api/v1/openapi.json".to_owned(),
            groups: vec![GroupView { name: "appeals".to_owned(), operations: vec![operation] }],
            schemas: vec![SchemaView { name: "Appeal".to_owned(), json: body.schema }],
        }
        .render()
        .unwrap();
        assert!(html.contains("id=\"file_appeal\"") && html.contains("Idempotency-Key"));
        assert!(!html.contains("<script") && !html.contains("style="));
    }
}
