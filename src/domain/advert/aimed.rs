//! An aim as it is kept with the plan that signs it: where an advertisement is shown in one language, and how well that fits
//! the cells of the language. How an aim is found: `area::aim`.

use super::content::{read_circles, texts};
use super::{Placement, Weight};
use crate::domain::aim::{Circles, Fit, Reached};
use crate::domain::place::PlaceCode;
use serde_json::{Value, json};

/// An aim on one platform in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct AdAim {
    /// Where.
    pub placement: Placement,
    /// How well that fits.
    pub fit: Fit,
}

impl AdAim {
    /// From the units of a platform of circles, with the people each reaches ([`Weight`]).
    #[must_use]
    pub fn of_circles(units: Vec<(Circles, Weight)>, fit: Fit) -> Self {
        // A unit that reaches nobody counted still has to be paid.
        let least = |(unit, weight): (Circles, Weight)| (unit, Weight { people: weight.people.max(1), ..weight });
        Self { placement: Placement::Circles(units.into_iter().map(least).collect()), fit }
    }

    /// What validators sign of it, in whole people and thousandths: not the municipalities one by one, which follow from it.
    #[must_use]
    pub fn summary(&self) -> Value {
        let thousandths = |share: f64| whole(share * 1_000.0);
        json!({
            "target_inhabitants": whole(self.fit.target_inhabitants),
            "reached_inhabitants": whole(self.fit.reached_inhabitants),
            "over_inhabitants": whole(self.fit.over_inhabitants),
            "recall_thousandths": thousandths(self.fit.recall()),
            "over_reach_thousandths": thousandths(self.fit.over_reach()),
        })
    }

    /// The stored form.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let unit = super::content::unit;
        let (units, places) = match &self.placement {
            Placement::Circles(units) => (units.iter().map(unit).collect(), Value::Null),
            Placement::Places(ids) => (Value::Null, json!(ids)),
        };
        let list = |all: &[Reached]| -> Value {
            all.iter().map(|r| json!([r.place.as_ref().map(ToString::to_string), r.inhabitants, r.of])).collect()
        };
        let fit = &self.fit;
        json!({"units": units, "places": places, "fit": {
            "target_inhabitants": fit.target_inhabitants, "reached_inhabitants": fit.reached_inhabitants,
            "target_km2": fit.target_km2, "missed_km2": fit.missed_km2, "over_inhabitants": fit.over_inhabitants,
            "over_km2": fit.over_km2, "spill": list(&fit.spill), "parts": list(&fit.parts),
        }})
    }

    /// Reads the stored form; none when it is none.
    #[must_use]
    pub fn from_document(document: &Value) -> Option<Self> {
        let fit = document.get("fit")?;
        let number = |key: &str| fit.get(key)?.as_f64();
        let reached = |one: &Value| {
            let place = match one.get(0)? {
                Value::Null => None,
                code => Some(PlaceCode::parse(code.as_str()?).ok()?),
            };
            Some(Reached { place, inhabitants: one.get(1)?.as_f64()?, of: one.get(2)?.as_f64()? })
        };
        let list = |key: &str| fit.get(key)?.as_array()?.iter().map(reached).collect::<Option<Vec<_>>>();
        Some(Self {
            placement: read_placement(document)?,
            fit: Fit {
                target_inhabitants: number("target_inhabitants")?,
                reached_inhabitants: number("reached_inhabitants")?,
                target_km2: number("target_km2")?,
                missed_km2: number("missed_km2")?,
                over_inhabitants: number("over_inhabitants")?,
                over_km2: number("over_km2")?,
                spill: list("spill")?,
                parts: list("parts")?,
            },
        })
    }
}

/// Reads `units` or `places` as they are written here and in a plan.
pub(super) fn read_placement(document: &Value) -> Option<Placement> {
    let unit = |one: &Value| {
        let circles =
            Circles { includes: read_circles(one.get("include"))?, excludes: read_circles(one.get("exclude"))? };
        let each = one.get("each").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_u64).collect();
        Some((circles, Weight { people: one.get("weight")?.as_u64()?, each }))
    };
    let placement = match document.get("units").and_then(Value::as_array) {
        Some(units) => Placement::Circles(units.iter().map(unit).collect::<Option<_>>()?),
        None => Placement::Places(texts(document.get("places"))?),
    };
    (!placement.is_empty()).then_some(placement)
}

/// Whole people; what no area of this planet reaches is cut.
#[allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "rounded, and below any number of people by far"
)]
fn whole(number: f64) -> i64 {
    number.round().clamp(0.0, 1e15) as i64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::area::Circle;

    #[test]
    fn an_aim_is_read_back_as_it_was_found() {
        let circle = |radius| Circle::new(50.8, 4.3, radius).unwrap();
        let unit = |radius| Circles { includes: vec![circle(radius)], excludes: Vec::new() };
        let reached = |code: Option<&str>| Reached {
            place: code.map(|code| PlaceCode::parse(code).unwrap()),
            inhabitants: 12.25,
            of: 80.5,
        };
        let fit = Fit {
            target_inhabitants: 1_000.0,
            reached_inhabitants: 990.4,
            target_km2: 6.25,
            missed_km2: 0.1,
            over_inhabitants: 120.7,
            over_km2: 1.5,
            spill: vec![reached(Some("NIS:21004")), reached(None)],
            parts: vec![reached(Some("NIS:21009"))],
        };
        let counted = Weight { people: 90, each: vec![90] };
        let aim = AdAim::of_circles(vec![(unit(1_000.0), counted), (unit(3_000.0), 0.into())], fit.clone());
        assert_eq!(AdAim::from_document(&aim.to_document()), Some(aim.clone()));
        let Placement::Circles(units) = &aim.placement else { panic!() };
        assert_eq!(units.iter().map(|(_, weight)| weight.people).collect::<Vec<_>>(), [90, 1]);
        assert_eq!(aim.summary()["recall_thousandths"], 990);
        let places = AdAim { placement: Placement::Places(vec!["00a1".to_owned()]), fit };
        assert_eq!(AdAim::from_document(&places.to_document()), Some(places.clone()));
        let nowhere = AdAim { placement: Placement::Places(Vec::new()), ..places };
        assert_eq!(AdAim::from_document(&nowhere.to_document()), None, "nowhere would mean everywhere");
    }
}
