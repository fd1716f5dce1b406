//! How the X Ads API says no.

use serde_json::{Value, json};

use crate::simulators::call::Answer;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct No {
    http: u16,
    code: &'static str,
    message: String,
    parameter: Option<String>,
}

impl No {
    /// By HTTP status and code.
    pub fn new(http: u16, code: &'static str, message: impl ToString) -> Self {
        Self { http, code, message: message.to_string(), parameter: None }
    }

    /// A parameter that is not as documented.
    pub fn invalid(parameter: &str, message: impl ToString) -> Self {
        let parameter = Some(parameter.to_owned());
        Self { http: 400, code: "INVALID_PARAMETER", message: message.to_string(), parameter }
    }

    /// A parameter that is not there.
    pub fn missing(parameter: &str) -> Self {
        let message = format!("\"{parameter}\" is a required parameter");
        Self { http: 400, code: "MISSING_PARAMETER", message, parameter: Some(parameter.to_owned()) }
    }

    /// As an answer.
    pub fn answer(&self) -> Answer {
        let mut one = json!({"code": self.code, "message": self.message});
        if let (Some(object), Some(parameter)) = (one.as_object_mut(), &self.parameter) {
            object.insert("parameter".to_owned(), json!(parameter));
        }
        Answer::json(self.http, &json!({"errors": [one], "request": {"params": Value::Object(serde_json::Map::new())}}))
    }
}
