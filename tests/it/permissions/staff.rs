//! Who may do what of the work that staff do beside appeals: webhooks, notices, reports, claims, statements,
//! identifications.

use super::{EVERYBODY, READ, nowhere};
use serde_json::{Value, json};

pub const TABLE: &[(&str, &str)] = &[
    ("POST /webhooks", "m"),
    ("GET /webhooks", "m"),
    ("PATCH /webhooks/{id}", "m"),
    ("DELETE /webhooks/{id}", "m"),
    ("POST /webhooks/{id}/secret", "m"),
    ("POST /webhooks/{id}/test", "m"),
    ("GET /webhooks/{id}/messages", "m"),
    ("POST /webhooks/{id}/messages/{message}/redelivery", "m"),
    ("GET /me/notices", EVERYBODY),
    ("PUT /me/notices", EVERYBODY),
    ("DELETE /me/notices", EVERYBODY),
    ("GET /reports", "s"),
    ("GET /reports/{id}", "s"),
    ("POST /reports/{id}/decision", "s"),
    ("GET /units/{id}/report-receiver", "m"),
    ("PUT /units/{id}/report-receiver", "m"),
    ("POST /appeals/{id}/statements", "idr"),
    ("GET /appeals/{id}/statements", READ),
    ("POST /appeals/{id}/statements/{statement}/decision", "idr"),
    ("POST /responses/{id}/identifications", "r"),
    ("DELETE /responses/{id}/identifications/{identification}", "r"),
    ("GET /appeals/{id}/identifications", READ),
    ("GET /appeals/{id}/claims", READ),
    ("POST /responses/{id}/claims", "r"),
    ("PATCH /responses/{id}/claims/{claim}", "r"),
    ("POST /responses/{id}/claims/{claim}/question", "r"),
    ("POST /responses/{id}/claims/{claim}/decision", "r"),
    ("POST /responses/{id}/claims/{claim}/restitution", "r"),
    ("GET /responses/{id}/claims/{claim}/restitution", "r"),
];

/// The version seen, a body with which nothing but permission stands in the way, and what the address asks.
pub fn body(operation: &str) -> (Option<String>, Value, &'static str) {
    let (mut seen, mut body, mut asks) = (None, json!({}), "");
    match operation {
        "POST /webhooks" => body = json!({"url": "https://hooks.example.be/"}),
        "PATCH /webhooks/{id}" => (seen, body) = (Some("1".to_owned()), json!({"enabled": true})),
        "PUT /me/notices" => body = json!({"address": "me@police.example.be", "language": "fr", "urgent": true}),
        "GET /reports/{id}" => asks = "?reason=the%20duty",
        "POST /reports/{id}/decision" => {
            (seen, body) = (Some("1".to_owned()), json!({"verdict": "illegal", "reason": "clear case"}));
        }
        "PUT /units/{id}/report-receiver" => body = json!({"unit": nowhere("unt")}),
        "POST /appeals/{id}/statements" => body = json!({"says": "safe", "reason": "at the station"}),
        "POST /appeals/{id}/statements/{statement}/decision" => {
            body = json!({"confirms": true, "reason": "heard her"});
        }
        "POST /responses/{id}/identifications" => body = json!({"of": "victim"}),
        "DELETE /responses/{id}/identifications/{identification}" => body = json!({"reason": "a mistake"}),
        "POST /responses/{id}/claims" => body = json!({"lot": 1}),
        "PATCH /responses/{id}/claims/{claim}"
        | "POST /responses/{id}/claims/{claim}/question"
        | "POST /responses/{id}/claims/{claim}/restitution" => seen = Some("1".to_owned()),
        "POST /responses/{id}/claims/{claim}/decision" => {
            (seen, body) = (Some("1".to_owned()), json!({"verdict": "reject", "reason": "not theirs"}));
        }
        _ => {}
    }
    (seen, body, asks)
}
