//! The places of a Google Ads campaign (REST v26): one `campaignCriterionOperation` a circle, and one for the language.

use serde_json::{Value, json};

use crate::domain::aim::{CircleLimits, Circles};
use crate::domain::area::Circle;
use crate::domain::language::Language;

/// 500 circles in a campaign, up to 800 km; a smallest one is documented nowhere, so the one its own pages offer is
/// taken. Excluding circles are documented for named places only: none. A further campaign is never made for an aim: it
/// would bid against the first, with a budget of its own.
pub(super) const LIMITS: CircleLimits =
    CircleLimits { circles: 500, exclusions: 0, units: 1, min_radius_m: 1_000, max_radius_m: 800_000 };

/// Where the operations belong.
#[derive(Clone, Debug)]
pub struct Google {
    /// The campaign's resource name; a temporary one (negative id) inside one atomic request.
    pub campaign: String,
}

impl Default for Google {
    fn default() -> Self {
        Self { campaign: "customers/CUSTOMER/campaigns/-2".to_owned() }
    }
}

/// Every operation, in the order they are sent, and how places are to be understood.
#[must_use]
pub fn criteria(circles: &Circles, google: &Google, language: Option<Language>) -> Value {
    let operation = |mut criterion: Value| {
        if let Some(object) = criterion.as_object_mut() {
            object.insert("campaign".to_owned(), json!(google.campaign));
        }
        json!({"campaignCriterionOperation": {"create": criterion}})
    };
    let mut operations: Vec<Value> = circles.includes.iter().map(|circle| operation(proximity(*circle))).collect();
    operations.extend(
        language
            .map(constant)
            .map(|id| operation(json!({"language": {"languageConstant": format!("languageConstants/{id}")}}))),
    );
    json!({
        "mutateOperations": operations,
        // Only who is there, not who is interested in the place.
        "geoTargetTypeSetting": {"positiveGeoTargetType": "PRESENCE", "negativeGeoTargetType": "PRESENCE"},
    })
}

fn proximity(circle: Circle) -> Value {
    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "degrees below 180, times a million, fit 32 bits, as the API has them"
    )]
    let micro = |degrees: f64| (degrees * 1e6).round() as i32;
    json!({"proximity": {
        "geoPoint": {"latitudeInMicroDegrees": micro(circle.lat()), "longitudeInMicroDegrees": micro(circle.lon())},
        "radius": f64::from(circle.radius_m()) / 1000.0,
        "radiusUnits": "KILOMETERS",
    }})
}

/// Google's numbers of languages (`SELECT language_constant.id … FROM language_constant`).
const fn constant(language: Language) -> u32 {
    match language {
        Language::Fr => 1002,
        Language::Nl => 1010,
        Language::De => 1001,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn a_circle_is_a_proximity_in_micro_degrees() {
        let circles =
            Circles { includes: vec![Circle::new(50.846_6, 4.352_8, 1_400.0).unwrap()], excludes: Vec::new() };
        let google = Google { campaign: "customers/1/campaigns/-2".to_owned() };
        let told = criteria(&circles, &google, Some(Language::Nl));
        let campaign = "customers/1/campaigns/-2";
        assert_eq!(
            told.get("mutateOperations").unwrap(),
            &json!([
                {"campaignCriterionOperation": {"create": {"campaign": campaign, "proximity": {
                    "geoPoint": {"latitudeInMicroDegrees": 50_846_600, "longitudeInMicroDegrees": 4_352_800},
                    "radius": 1.4, "radiusUnits": "KILOMETERS"}}}},
                {"campaignCriterionOperation": {"create": {"campaign": campaign,
                    "language": {"languageConstant": "languageConstants/1010"}}}},
            ])
        );
    }
}
