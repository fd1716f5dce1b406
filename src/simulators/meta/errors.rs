//! How the Marketing API says no: code, subcode and the words an officer would be shown.

use serde_json::{Value, json};

use crate::simulators::call::Answer;

/// A refusal; HTTP 400 unless the code says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct No {
    code: u32,
    subcode: u32,
    message: String,
    blame: Option<&'static str>,
}

impl No {
    /// By code and subcode (0: none).
    pub fn new(code: u32, subcode: u32, message: impl ToString) -> Self {
        Self { code, subcode, message: message.to_string(), blame: None }
    }

    /// A wrong parameter: code 100.
    pub fn wrong(message: impl ToString) -> Self {
        Self::new(100, 0, message)
    }

    /// Names the field.
    pub const fn blaming(mut self, field: &'static str) -> Self {
        self.blame = Some(field);
        self
    }

    /// As on the wire.
    pub fn document(&self) -> Value {
        let passing = matches!(self.code, 1 | 2 | 4 | 17 | 341 | 613 | 80_004);
        let mut error = json!({
            "message": self.message,
            "type": if matches!(self.code, 102 | 190) { "OAuthException" } else { "FacebookApiException" },
            "code": self.code, "is_transient": passing, "fbtrace_id": "AsimulatedTrace",
            "error_user_title": "Simulator", "error_user_msg": self.message,
        });
        if let Some(object) = error.as_object_mut() {
            if self.subcode != 0 {
                object.insert("error_subcode".to_owned(), json!(self.subcode));
            }
            if let Some(field) = self.blame {
                object.insert("error_data".to_owned(), json!({"blame_field_specs": [[field]]}));
            }
        }
        json!({"error": error})
    }

    /// As an answer.
    pub fn answer(&self) -> Answer {
        let status = match self.code {
            190 | 102 => 401,
            10 | 200..=299 => 403,
            1 | 2 => 500,
            _ => 400,
        };
        Answer::json(status, &self.document())
    }
}
