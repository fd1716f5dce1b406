//! `googleAds:search`: the part of the query language this program uses. Anything else is refused by name.
#![allow(clippy::indexing_slicing, reason = "fields of JSON objects made or checked here")]

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::GoogleAccount;
use super::errors::No;
use super::rows::{FIELDS, Row, rows};
use super::store::Store;

/// Rows of a page, as the API fixes it; small here, so that pages are followed.
const PAGE: usize = 100;

#[derive(Debug)]
enum Test {
    Is(String, bool),
    Between(String, String),
}

#[derive(Debug)]
struct Query {
    fields: Vec<String>,
    resource: &'static str,
    tests: Vec<(String, Test)>,
}

fn wrong(code: &'static str, message: impl ToString) -> No {
    No::new("queryError", code, message)
}

/// Words, marks and quoted texts; quoted ones begin with a quote.
fn words(text: &str) -> Result<Vec<String>, No> {
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\n' => {}
            '\'' => {
                let mut word = String::from('\'');
                loop {
                    match letters.next() {
                        Some('\\') => word.extend(letters.next()),
                        Some('\'') => break,
                        Some(other) => word.push(other),
                        None => return Err(wrong("BAD_VALUE", "a quote is not closed")),
                    }
                }
                words.push(word);
            }
            ',' | '=' => words.push(letter.to_string()),
            '!' => {
                letters.next_if_eq(&'=').ok_or_else(|| wrong("BAD_OPERATOR", "!"))?;
                words.push("!=".to_owned());
            }
            _ => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-')) {
                    word.push(next);
                }
                words.push(word);
            }
        }
    }
    Ok(words)
}

fn parse(text: &str) -> Result<Query, No> {
    let words = words(text)?;
    let mut words = words.iter().map(String::as_str).peekable();
    if words.next() != Some("SELECT") {
        return Err(wrong("EXPECTED_SELECT", text));
    }
    let mut fields = Vec::new();
    loop {
        fields.push(words.next().ok_or_else(|| wrong("BAD_FIELD_NAME", "SELECT"))?.to_owned());
        match words.next() {
            Some(",") => {}
            Some("FROM") => break,
            other => return Err(wrong("EXPECTED_FROM", other.unwrap_or_default())),
        }
    }
    let named = words.next().unwrap_or_default();
    let (resource, known) = *FIELDS
        .iter()
        .find(|(name, _)| *name == named)
        .ok_or_else(|| wrong("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", named))?;
    let mut tests = Vec::new();
    let mut next = words.next();
    while let Some("WHERE" | "AND") = next {
        let field = words.next().unwrap_or_default().to_owned();
        let test = match words.next() {
            Some("=") => Test::Is(words.next().unwrap_or_default().to_owned(), true),
            Some("!=") => Test::Is(words.next().unwrap_or_default().to_owned(), false),
            Some("BETWEEN") => {
                let from = words.next().unwrap_or_default().to_owned();
                if words.next() != Some("AND") {
                    return Err(wrong("BAD_OPERATOR", "BETWEEN"));
                }
                Test::Between(from, words.next().unwrap_or_default().to_owned())
            }
            other => return Err(wrong("BAD_OPERATOR", other.unwrap_or_default())),
        };
        tests.push((field, test));
        next = words.next();
    }
    if let Some(rest) = next {
        return Err(wrong("UNEXPECTED_INPUT", rest));
    }
    let named = fields.iter().chain(tests.iter().map(|(field, _)| field));
    for field in named {
        if !known.contains(&field.as_str()) {
            return Err(wrong("UNRECOGNIZED_FIELD", format!("Unrecognized field in the query: '{field}'.")));
        }
    }
    if fields.iter().any(|field| field == "metrics.unique_users")
        && !tests.iter().any(|(field, _)| field == "segments.date")
    {
        return Err(wrong("EXPECTED_FILTERS_ON_DATE_RANGE", "unique_users needs a range of at most 92 days"));
    }
    Ok(Query { fields, resource, tests })
}

fn passes(row: &Row, (field, test): &(String, Test)) -> bool {
    let value = row.iter().find(|(name, _)| name == field).map(|(_, value)| value);
    let text = match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string().to_uppercase(),
        None => String::new(),
    };
    match test {
        Test::Is(wanted, equal) => (wanted.strip_prefix('\'').unwrap_or(wanted) == text) == *equal,
        // Figures here are of the whole life; a range only has to be one.
        Test::Between(from, to) => from <= to,
    }
}

/// `snake_case` as `camelCase`.
fn camel(word: &str) -> String {
    let mut parts = word.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        let mut letters = part.chars();
        let upper = letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter();
        all + &upper.chain(letters).collect::<String>()
    })
}

fn shown(row: &Row, fields: &[String]) -> Value {
    let mut shown = json!({});
    for field in fields {
        let Some((_, value)) = row.iter().find(|(name, value)| name == field && !value.is_null()) else { continue };
        let mut place = &mut shown;
        for word in field.split('.') {
            place = &mut place[camel(word)];
        }
        *place = value.clone();
    }
    shown
}

/// Answers a search.
pub fn search(account: &GoogleAccount, store: &Store, body: &Value, now: DateTime<Utc>) -> Result<Value, No> {
    if let Some((name, _)) =
        body.as_object().into_iter().flatten().find(|(n, _)| !["query", "pageToken"].contains(&n.as_str()))
    {
        let no = if name == "pageSize" {
            No::new("requestError", "PAGE_SIZE_NOT_SUPPORTED", name)
        } else {
            No::malformed(name)
        };
        return Err(no);
    }
    let query = parse(body.get("query").and_then(Value::as_str).unwrap_or_default())?;
    let all = rows(account, store, query.resource, now);
    let found: Vec<&Row> = all.iter().filter(|row| query.tests.iter().all(|test| passes(row, test))).collect();
    let from = match body.get("pageToken").and_then(Value::as_str) {
        None => 0,
        Some(token) => token.parse().map_err(|_| No::new("requestError", "INVALID_PAGE_TOKEN", token))?,
    };
    let results: Vec<Value> = found.iter().skip(from).take(PAGE).map(|row| shown(row, &query.fields)).collect();
    let mut answer = json!({"fieldMask": query.fields.iter().map(|field| camel(field)).collect::<Vec<_>>().join(",")});
    if !results.is_empty() {
        answer["results"] = json!(results);
    }
    if from + PAGE < found.len() {
        answer["nextPageToken"] = json!((from + PAGE).to_string());
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn quotes_in_names_are_escaped_and_unknown_fields_are_refused() {
        let query = parse(
            r"SELECT campaign.id FROM campaign WHERE campaign.name = 'L\'avis \\ 1' AND campaign.status != 'REMOVED'",
        );
        let query = query.unwrap();
        assert!(matches!(&query.tests.first().unwrap().1, Test::Is(name, true) if name == r"'L'avis \ 1"));
        assert!(parse("SELECT campaign.nome FROM campaign").is_err());
        assert!(parse("SELECT campaign.id FROM campaign LIMIT 1").is_err(), "only what this program uses");
    }
}
