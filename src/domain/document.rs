//! Reads a JSON document field by field and collects every fault with its pointer, unknown keys included.
//! The same reader serves stored documents and request bodies, so both obey the same limits.

use super::faults::Fault;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::ops::RangeInclusive;

/// Collects the faults of one document.
pub type Faults = RefCell<Vec<Fault>>;

/// One JSON object being read.
pub struct Reader<'a> {
    object: Option<&'a Map<String, Value>>,
    pointer: String,
    faults: &'a Faults,
    known: Vec<&'static str>,
}

/// A moment as documents hold it: RFC 3339, UTC, as many digits as it needs.
#[must_use]
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// What was given, cut so that an answer never echoes a whole request.
fn echo(given: &str) -> String {
    given.chars().take(64).collect()
}

/// Characters that no reader sees but that change what is read: controls, and the marks that turn text around.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text may stand in a document; line breaks and tabs where it may run over several lines.
fn is_clean(text: &str, lines: bool) -> bool {
    !text.chars().any(|c| is_hidden(c) && !(lines && matches!(c, '\n' | '\r' | '\t')))
}

/// A step of a JSON pointer, escaped (RFC 6901 §3).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl<'a> Reader<'a> {
    /// Starts reading `value`, which should be an object.
    #[must_use]
    pub fn new(value: &'a Value, pointer: &str, faults: &'a Faults) -> Self {
        let object = value.as_object();
        if object.is_none() {
            faults.borrow_mut().push(Fault::at(pointer, "wrong-type").with("expected", "object"));
        }
        Self { object, pointer: pointer.to_owned(), faults, known: Vec::new() }
    }

    /// The pointer of one of its keys.
    #[must_use]
    pub fn pointer(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, escaped(key))
    }

    /// Notes a fault at one of its keys.
    pub fn fault(&self, key: &str, code: &'static str) {
        self.note(Fault::at(self.pointer(key), code));
    }

    /// Notes a fault.
    pub fn note(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// The raw value of a key; null counts as absent.
    pub fn raw(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.object?.get(key).filter(|value| !value.is_null())
    }

    fn wrong<T>(&self, key: &str, expected: &str) -> Option<T> {
        self.note(Fault::at(self.pointer(key), "wrong-type").with("expected", expected));
        None
    }

    /// Runs an optional read and notes `required` when the key is absent.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        if self.object.is_some() && self.raw(key).is_none() {
            self.fault(key, "required");
            return None;
        }
        read(self, key)
    }

    /// Text of a length in characters, without hidden characters other than line breaks; trimmed.
    pub fn text(&mut self, key: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        self.words(key, length, true)
    }

    /// A [`Reader::text`] on one line: it ends up in subjects, titles and headers.
    pub fn line(&mut self, key: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        self.words(key, length, false)
    }

    fn words(&mut self, key: &'static str, length: RangeInclusive<usize>, lines: bool) -> Option<String> {
        let value = self.raw(key)?;
        let Some(text) = value.as_str() else { return self.wrong(key, "text") };
        let text = text.trim();
        let count = text.chars().count();
        if count < *length.start() {
            self.note(Fault::at(self.pointer(key), "too-short").with("limit", length.start()).with("length", count));
            return None;
        }
        if count > *length.end() {
            self.note(Fault::at(self.pointer(key), "too-long").with("limit", length.end()).with("length", count));
            return None;
        }
        if !is_clean(text, lines) {
            self.fault(key, "control-character");
            return None;
        }
        Some(text.to_owned())
    }

    /// A required [`Reader::text`].
    pub fn needed_text(&mut self, key: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        self.required(key, |reader, key| reader.text(key, length))
    }

    /// A required [`Reader::line`].
    pub fn needed_line(&mut self, key: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        self.required(key, |reader, key| reader.line(key, length))
    }

    /// An integer within a range.
    pub fn integer(&mut self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.raw(key)?;
        let Some(number) = value.as_i64() else { return self.wrong(key, "integer") };
        if range.contains(&number) {
            return Some(number);
        }
        self.note(
            Fault::at(self.pointer(key), "out-of-range")
                .with("min", range.start())
                .with("max", range.end())
                .with("value", number),
        );
        None
    }

    /// True or false; absent is false.
    pub fn flag(&mut self, key: &'static str) -> bool {
        match self.raw(key) {
            None => false,
            Some(value) => value.as_bool().unwrap_or_else(|| self.wrong::<bool>(key, "true or false").unwrap_or(false)),
        }
    }

    /// One of a closed set of codes.
    pub fn choice<T>(&mut self, key: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = self.raw(key)?;
        let Some(code) = value.as_str() else { return self.wrong(key, "text") };
        let found = parse(code);
        if found.is_none() {
            self.note(Fault::at(self.pointer(key), "unknown-value").with("value", echo(code)));
        }
        found
    }

    /// A moment, RFC 3339 with its zone; kept to the microsecond.
    pub fn time(&mut self, key: &'static str) -> Option<DateTime<Utc>> {
        let value = self.raw(key)?;
        let Some(text) = value.as_str() else { return self.wrong(key, "time") };
        let Ok(time) = DateTime::parse_from_rfc3339(text) else {
            self.note(Fault::at(self.pointer(key), "malformed-time").with("value", echo(text)));
            return None;
        };
        DateTime::from_timestamp_micros(time.timestamp_micros())
    }

    /// A nested object.
    pub fn object(&mut self, key: &'static str) -> Option<Reader<'a>> {
        let value = self.raw(key)?;
        Some(Reader::new(value, &self.pointer(key), self.faults))
    }

    /// A nested object that must be there; reading an absent one notes nothing more.
    pub fn needed_object(&mut self, key: &'static str) -> Option<Reader<'a>> {
        self.required(key, Reader::object)
    }

    /// A list; each item with its pointer. Absent is empty; more than `limit` items is a fault.
    pub fn items(&mut self, key: &'static str, limit: usize) -> Vec<(String, &'a Value)> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            self.wrong::<()>(key, "list");
            return Vec::new();
        };
        if items.len() > limit {
            self.note(Fault::at(self.pointer(key), "too-many-items").with("limit", limit).with("count", items.len()));
            return Vec::new();
        }
        let pointer = self.pointer(key);
        items.iter().enumerate().map(|(i, item)| (format!("{pointer}/{i}"), item)).collect()
    }

    /// A list of objects, each read by `read`.
    pub fn objects<T>(
        &mut self,
        key: &'static str,
        limit: usize,
        mut read: impl FnMut(Reader<'a>) -> Option<T>,
    ) -> Vec<T> {
        let faults = self.faults;
        self.items(key, limit)
            .into_iter()
            .filter_map(|(pointer, item)| read(Reader::new(item, &pointer, faults)))
            .collect()
    }

    /// A list of texts, each parsed by `parse`; what does not parse is an `unknown-value`.
    pub fn parsed<T>(&mut self, key: &'static str, limit: usize, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let items = self.items(key, limit);
        items
            .into_iter()
            .filter_map(|(pointer, item)| {
                let parsed = item.as_str().and_then(&parse);
                if parsed.is_none() {
                    let given = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                    self.note(Fault::at(pointer, "unknown-value").with("value", echo(&given)));
                }
                parsed
            })
            .collect()
    }

    /// A list of plain texts.
    pub fn texts(&mut self, key: &'static str, limit: usize, longest: usize) -> Vec<String> {
        let items = self.items(key, limit);
        items
            .into_iter()
            .filter_map(|(pointer, item)| match item.as_str().map(str::trim) {
                Some("") => {
                    self.note(Fault::at(pointer, "too-short").with("limit", 1).with("length", 0));
                    None
                }
                Some(text) if text.chars().count() > longest => {
                    self.note(
                        Fault::at(pointer, "too-long").with("limit", longest).with("length", text.chars().count()),
                    );
                    None
                }
                Some(text) if !is_clean(text, true) => {
                    self.note(Fault::at(pointer, "control-character"));
                    None
                }
                Some(text) => Some(text.to_owned()),
                None => {
                    self.note(Fault::at(pointer, "wrong-type").with("expected", "text"));
                    None
                }
            })
            .collect()
    }

    /// An object whose keys are data (languages): each key with its pointer and value.
    pub fn entries(&mut self, key: &'static str) -> Vec<(String, String, &'a Value)> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let Some(object) = value.as_object() else {
            self.wrong::<()>(key, "object");
            return Vec::new();
        };
        let pointer = self.pointer(key);
        object.iter().map(|(name, item)| (name.clone(), format!("{pointer}/{}", escaped(name)), item)).collect()
    }

    /// The faults' collection, for nested readers.
    #[must_use]
    pub fn faults(&self) -> &'a Faults {
        self.faults
    }

    /// Every key that nobody asked for is a fault.
    pub fn finish(self) {
        for key in self.object.into_iter().flat_map(Map::keys) {
            if !self.known.contains(&key.as_str()) {
                self.fault(key, "unknown-key");
            }
        }
    }
}

/// Reads a whole document: the value, or every fault.
pub fn read<T>(value: &Value, pointer: &str, read: impl FnOnce(Reader<'_>) -> Option<T>) -> Result<T, Vec<Fault>> {
    let faults = Faults::default();
    let found = read(Reader::new(value, pointer, &faults));
    let mut faults = faults.into_inner();
    match found {
        Some(found) if faults.is_empty() => Ok(found),
        // A reader that gives up without a fault would be a defect; say at least where.
        _ if faults.is_empty() => {
            faults.push(Fault::at(pointer, "invalid"));
            Err(faults)
        }
        _ => Err(faults),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use serde_json::json;

    fn faults(value: &Value, using: impl Fn(&mut Reader<'_>) -> bool) -> Vec<(String, &'static str)> {
        let result = read(value, "", |mut r| {
            using(&mut r);
            r.finish();
            Some(())
        });
        result.err().unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    fn at(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
        vec![(pointer.to_owned(), code)]
    }

    #[test]
    fn a_key_nobody_asked_for_is_a_fault_with_an_escaped_pointer() {
        assert_eq!(faults(&json!({"a/b~c": 1}), |_| true), at("/a~1b~0c", "unknown-key"));
    }

    #[test]
    fn a_line_takes_no_break_and_no_text_takes_what_nobody_sees() {
        let line = |r: &mut Reader<'_>| r.line("t", 1..=20).is_some();
        let text = |r: &mut Reader<'_>| r.text("t", 1..=20).is_some();
        let list = |r: &mut Reader<'_>| r.texts("t", 3, 20).is_empty();
        assert_eq!(faults(&json!({"t": "one\r\nBcc: two"}), line), at("/t", "control-character"));
        assert_eq!(faults(&json!({"t": "one\ntwo"}), text), []);
        for hidden in ["nul\u{0}", "esc\u{1b}[2J", "turned\u{202e}txt"] {
            assert_eq!(faults(&json!({"t": hidden}), text), at("/t", "control-character"));
            assert_eq!(faults(&json!({"t": ["fine", hidden]}), list), at("/t/1", "control-character"));
        }
    }

    #[test]
    fn every_wrong_type_is_named_and_nothing_panics() {
        for wrong in [json!(1.5), json!([]), json!({}), json!(true)] {
            let reads: [fn(&mut Reader<'_>) -> bool; 4] = [
                |r| r.text("t", 1..=2).is_some(),
                |r| r.integer("t", 0..=1).is_some(),
                |r| r.time("t").is_some(),
                |r| r.choice("t", |_| Some(())).is_some(),
            ];
            for read in reads {
                assert_eq!(faults(&json!({"t": wrong}), read), at("/t", "wrong-type"));
            }
        }
        assert_eq!(faults(&json!([1]), |_| true), at("", "wrong-type"));
        assert_eq!(faults(&json!({"t": 2_i64.pow(60)}), |r| r.integer("t", 0..=1).is_some()), at("/t", "out-of-range"));
    }

    #[test]
    fn an_answer_never_echoes_a_whole_request() {
        let value = json!({"t": "x".repeat(10_000)});
        let fault = read(&value, "", |mut r| r.choice("t", |_| None::<()>)).unwrap_err().remove(0);
        assert!(fault.args.iter().all(|(_, value)| value.len() <= 64));
    }
}
