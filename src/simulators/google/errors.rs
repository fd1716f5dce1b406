//! How the Google Ads API says no.

use serde_json::{Value, json};

use crate::simulators::call::Answer;

/// One refusal; boxed, because everything here may end in one.
#[derive(Clone, Debug, PartialEq)]
pub struct No(Box<Refusal>);

#[derive(Clone, Debug, PartialEq)]
struct Refusal {
    http: u16,
    status: &'static str,
    family: &'static str,
    code: &'static str,
    message: String,
    operation: Option<usize>,
    details: Option<Value>,
}

impl No {
    /// 400 `INVALID_ARGUMENT` with an error of a family.
    pub fn new(family: &'static str, code: &'static str, message: impl ToString) -> Self {
        let message = message.to_string();
        let status = "INVALID_ARGUMENT";
        Self(Box::new(Refusal { http: 400, status, family, code, message, operation: None, details: None }))
    }

    /// A field that is not one, or has the wrong type: the JSON mapping refuses it before anything else.
    pub fn malformed(message: impl ToString) -> Self {
        Self::new("", "", message)
    }

    /// With another HTTP status.
    pub fn with_status(mut self, http: u16, status: &'static str) -> Self {
        self.0.http = http;
        self.0.status = status;
        self
    }

    /// Which operation.
    pub fn at(mut self, operation: usize) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// With `details`.
    pub fn with(mut self, details: Value) -> Self {
        self.0.details = Some(details);
        self
    }

    /// As an answer.
    pub fn answer(&self) -> Answer {
        let no = &self.0;
        let mut error = json!({"code": no.http, "message": no.message, "status": no.status});
        if !no.family.is_empty() {
            let mut one = json!({"errorCode": {no.family: no.code}, "message": no.message});
            if let (Some(object), Some(index)) = (one.as_object_mut(), no.operation) {
                let path = json!([{"fieldName": "mutate_operations", "index": index}]);
                object.insert("location".to_owned(), json!({"fieldPathElements": path}));
            }
            if let (Some(object), Some(details)) = (one.as_object_mut(), &no.details) {
                object.insert("details".to_owned(), details.clone());
            }
            let failure = json!({"@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
                "errors": [one], "requestId": "simulated-request"});
            if let Some(object) = error.as_object_mut() {
                object.insert("details".to_owned(), json!([failure]));
            }
        }
        Answer::json(no.http, &json!({"error": error})).with("request-id", "simulated-request")
    }
}
