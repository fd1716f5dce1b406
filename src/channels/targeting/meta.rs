//! The targeting object of a Meta ad set (Marketing API v26.0, "Basic Targeting"): `custom_locations` and
//! `excluded_geo_locations`, radii in kilometres, latitude and longitude in degrees.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::domain::aim::{CircleLimits, Circles};
use crate::domain::area::Circle;
use crate::domain::language::Language;

/// 200 circles of 1 to 80 km in an ad set, and as many excluding ones (the same type). A campaign has 200 ad sets; an
/// aim takes no more than 8 of them, because each has a budget of its own.
pub(super) const LIMITS: CircleLimits =
    CircleLimits { circles: 200, exclusions: 200, units: 8, min_radius_m: 1_000, max_radius_m: 80_000 };

/// What differs between accounts and must be read from the platform.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// Locale numbers by language, as `GET /search?type=adlocale` answers them. The platform's numbers are not the same
    /// in all public lists, so none is assumed: without them an ad set is not narrowed by language.
    pub locales: BTreeMap<Language, Vec<u32>>,
}

/// One ad set's targeting.
pub type AdSet = Value;

/// The targeting of each ad set of an aim. An exclusion holds in its own ad set only: the others still reach whoever
/// lives there.
#[must_use]
pub fn ad_sets(units: &[Circles], meta: &Meta, language: Option<Language>) -> Vec<AdSet> {
    let set = |circles: &Circles| {
        let mut targeting = Map::new();
        targeting.insert("geo_locations".to_owned(), json!({"custom_locations": locations(&circles.includes)}));
        if !circles.excludes.is_empty() {
            let excluded = json!({"custom_locations": locations(&circles.excludes)});
            targeting.insert("excluded_geo_locations".to_owned(), excluded);
        }
        if let Some(locales) = language.and_then(|language| meta.locales.get(&language)) {
            targeting.insert("locales".to_owned(), json!(locales));
        }
        // 1 would let the platform go beyond the given places; left out, the ad set is refused (subcode 1870227).
        targeting.insert("targeting_automation".to_owned(), json!({"advantage_audience": 0}));
        Value::Object(targeting)
    };
    units.iter().map(set).collect()
}

/// Nothing is rounded: a circle is kept in whole metres and in 1e-7 degrees, and both are written out.
fn locations(circles: &[Circle]) -> Vec<Value> {
    let location = |circle: &Circle| {
        json!({
            "latitude": circle.lat(),
            "longitude": circle.lon(),
            "radius": f64::from(circle.radius_m()) / 1000.0,
            // The platform's default is the mile.
            "distance_unit": "kilometer",
        })
    };
    circles.iter().map(location).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;

    #[test]
    fn circles_are_written_in_kilometres_an_ad_set_a_unit() {
        let circle = Circle::new(50.846_6, 4.352_8, 1_400.0).unwrap();
        let other = Circle::new(51.0, 4.5, 2_000.0).unwrap();
        let units = [
            Circles { includes: vec![circle], excludes: vec![other] },
            Circles { includes: vec![other], excludes: Vec::new() },
        ];
        let meta = Meta { locales: BTreeMap::from([(Language::Fr, vec![7])]) };
        let sets = ad_sets(&units, &meta, Some(Language::Fr));
        let written = json!({"latitude": 50.8466, "longitude": 4.3528, "radius": 1.4, "distance_unit": "kilometer"});
        let second = json!({"latitude": 51.0, "longitude": 4.5, "radius": 2.0, "distance_unit": "kilometer"});
        let automation = json!({"advantage_audience": 0});
        assert_eq!(
            sets,
            [
                json!({
                    "geo_locations": {"custom_locations": [written]},
                    "excluded_geo_locations": {"custom_locations": [second]},
                    "locales": [7],
                    "targeting_automation": automation,
                }),
                // What the first excludes is not excluded from the second.
                json!({
                    "geo_locations": {"custom_locations": [second]},
                    "locales": [7],
                    "targeting_automation": automation,
                }),
            ]
        );
        assert!(ad_sets(&units, &Meta::default(), Some(Language::Nl))[0].get("locales").is_none());
    }
}
