//! A request as a platform sees it, and its answer.

use std::collections::BTreeMap;

use serde_json::Value;

/// A request, read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Upper case.
    pub method: String,
    /// Without the query, as sent.
    pub path: String,
    /// After the question mark, as sent.
    pub query: String,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// One part of a multipart body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// Of a file.
    pub file: Option<String>,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Besides the content type and length.
    pub headers: Vec<(String, String)>,
    /// Text, as a rule JSON.
    pub body: String,
}

impl Answer {
    /// JSON with a status.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string() }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

/// Undoes percent-encoding; `+` is a space only in forms.
fn decoded(text: &str, plus: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let code = std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
                bytes.extend(code);
            }
            b'+' if plus => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Names and values of a query or a form.
#[must_use]
pub fn pairs(text: &str, plus: bool) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name, plus), decoded(value, plus))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

impl Call {
    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn content_type(&self) -> &str {
        self.header("content-type").unwrap_or_default()
    }

    /// Whether the body is a form.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.content_type().starts_with("application/x-www-form-urlencoded")
    }

    /// Fields of the body's form; none when it is something else.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        if self.is_form() { pairs(&String::from_utf8_lossy(&self.body), true) } else { Vec::new() }
    }

    /// Query, then form.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut all = pairs(&self.query, false);
        all.extend(self.form());
        all
    }

    /// The body as JSON, if it says so and is.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        let says_so = self.content_type().starts_with("application/json");
        says_so.then(|| serde_json::from_slice(&self.body).ok()).flatten()
    }

    /// The parts of a multipart body; none when it is something else or malformed.
    #[must_use]
    pub fn parts(&self) -> Option<Vec<Part>> {
        let boundary = self.content_type().strip_prefix("multipart/form-data")?.split("boundary=").nth(1)?;
        let mark = format!("--{}", boundary.trim_matches('"'));
        let mut parts = Vec::new();
        let mut rest = after(&self.body, mark.as_bytes())?;
        while !rest.starts_with(b"--") {
            let piece = rest.get(..find(rest, mark.as_bytes())?)?;
            let split = find(piece, b"\r\n\r\n")?;
            let head = String::from_utf8_lossy(piece.get(..split)?).into_owned();
            let bytes = piece.get(split + 4..piece.len().checked_sub(2)?)?.to_vec();
            let named = |key: &str| {
                let value = head.split(&format!("{key}=\"")).nth(1)?.split('"').next()?;
                Some(value.to_owned())
            };
            parts.push(Part { name: named(" name")?, file: named("filename"), bytes });
            rest = after(rest, mark.as_bytes())?;
        }
        Some(parts)
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn after<'a>(bytes: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    bytes.get(find(bytes, what)? + what.len()..)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;

    #[test]
    fn queries_forms_and_parts_are_read() {
        let mut call = Call { query: "q=Avis%20t%C3%A9moin%201%2C2&empty=".to_owned(), ..Call::default() };
        assert_eq!(call.parameters()[0].1, "Avis témoin 1,2");
        call.headers.insert("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        call.body = b"a=1+2&b=%7B%7D".to_vec();
        assert_eq!(call.form(), [("a".to_owned(), "1 2".to_owned()), ("b".to_owned(), "{}".to_owned())]);
        call.headers.insert("content-type".to_owned(), "multipart/form-data; boundary=XX".to_owned());
        call.body = b"--XX\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"p.jpg\"\r\n\r\n\x00\r\n1\r\n--XX--\r\n".to_vec();
        let part = Part { name: "filename".to_owned(), file: Some("p.jpg".to_owned()), bytes: b"\x00\r\n1".to_vec() };
        assert_eq!(call.parts().unwrap(), [part]);
    }
}
