//! The places of an X line item (Ads API version 12): `LOCATION` criteria by place id, in batches of 500, and the list of
//! places X itself gives out (`GET /12/targeting_criteria/locations`). X takes no circles. Which places: `area::aim`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::channel_place::{ListedPlace, UnusablePlace};
use crate::domain::language::Language;

/// Locations one line item takes.
pub const MOST_PLACES: usize = 2_000;
/// Operations one batch takes; all or nothing.
const BATCH: usize = 500;

/// Where the criteria belong.
#[derive(Clone, Debug)]
pub struct X {
    /// The line item's id.
    pub line_item: String,
}

impl Default for X {
    fn default() -> Self {
        Self { line_item: "LINE_ITEM".to_owned() }
    }
}

/// The bodies of `POST /12/batch/accounts/{account}/targeting_criteria`, in the order they are sent. The language goes
/// with the last one: a line item without a location is shown to the whole world, so places come first.
#[must_use]
pub fn batches(places: &[&str], x: &X, language: Option<Language>) -> Vec<Value> {
    let create = |kind: &str, value: &str| {
        json!({"operation_type": "Create", "params": {
            "line_item_id": x.line_item, "targeting_type": kind, "targeting_value": value, "operator_type": "EQ"}})
    };
    let mut operations: Vec<Value> = places.iter().map(|place| create("LOCATION", place)).collect();
    operations.extend(language.map(|language| create("LANGUAGE", language.code())));
    operations.chunks(BATCH).map(|batch| json!(batch)).collect()
}

/// Why a file is no list of places.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableList {
    /// No JSON, or not in the form X answers with.
    #[error("no page of places: {0}")]
    Json(#[from] serde_json::Error),
    /// A row is not as X documents it.
    #[error("row {row}: {cause}")]
    Row {
        /// From 1, over all pages of the text.
        row: usize,
        /// What is wrong.
        cause: UnusablePlace,
    },
}

/// One answer; what else is in it (`request`, `next_cursor`) is of no concern here.
#[derive(Deserialize)]
struct Page {
    data: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    country_code: String,
    location_type: String,
    targeting_value: String,
}

/// Reads one answer or several written after each other.
pub fn listed_places(text: &str) -> Result<Vec<ListedPlace>, UnreadableList> {
    let mut places = Vec::new();
    for page in serde_json::Deserializer::from_str(text).into_iter::<Page>() {
        for row in page?.data {
            let place = ListedPlace::new(&row.targeting_value, &row.name, &row.location_type, &row.country_code);
            places.push(place.map_err(|cause| UnreadableList::Row { row: places.len() + 1, cause })?);
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::channel_place::ChannelPlaceKind;

    #[test]
    fn places_are_criteria_in_batches_of_five_hundred_and_the_language_comes_last() {
        let ids: Vec<String> = (0..500).map(|n| format!("{n:016x}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let told = batches(&ids, &X { line_item: "ml5vs".to_owned() }, Some(Language::Nl));
        assert_eq!(told.len(), 2);
        assert_eq!(told[0].as_array().unwrap().len(), 500);
        assert_eq!(
            told[0][1],
            json!({"operation_type": "Create", "params": {"line_item_id": "ml5vs", "targeting_type": "LOCATION",
                "targeting_value": "0000000000000001", "operator_type": "EQ"}})
        );
        assert_eq!(
            told[1],
            json!([{"operation_type": "Create", "params": {"line_item_id": "ml5vs", "targeting_type": "LANGUAGE",
                "targeting_value": "nl", "operator_type": "EQ"}}])
        );
    }

    #[test]
    fn pages_are_read_as_x_answers_and_a_wrong_row_is_named() {
        let page = |id: &str, name: &str| {
            json!({
                "request": {"params": {"location_type": "CITIES", "country_code": "BE"}}, "next_cursor": null,
                "data": [{"name": name, "country_code": "BE", "location_type": "CITIES",
                    "targeting_value": id, "targeting_type": "LOCATION"}],
            })
            .to_string()
        };
        let places = listed_places(&format!("{}\n{}", page("00a1", "Ghent"), page("00a2", "Namur"))).unwrap();
        assert_eq!(places.len(), 2);
        assert_eq!((places[0].name.as_str(), places[0].kind), ("Ghent", ChannelPlaceKind::City));
        let wrong = listed_places(&format!("{}{}", page("00a1", "Ghent"), page("-", "Namur"))).unwrap_err();
        assert_eq!(wrong.to_string(), "row 2: `-` is no place id: 1 to 64 letters and digits");
        assert!(listed_places("[1]").is_err());
        assert!(listed_places("").unwrap().is_empty());
    }
}
