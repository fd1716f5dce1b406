//! What the simulator accepts as targeting: what the reference documents of places, languages, ages and expansion. Anything
//! about interests, behaviour or custom audiences is an unexpected key here, because this program must never send it.

use serde_json::{Map, Value};

use super::errors::No;

/// Numbers of languages, as `GET /search?type=adlocale` answers here. Invented on purpose: a client that assumes numbers
/// fails.
pub const LOCALES: [(u32, &str); 6] = [
    (6, "English (US)"),
    (1201, "French (All)"),
    (1209, "French (France)"),
    (1214, "Dutch"),
    (1283, "Dutch (België)"),
    (1205, "German"),
];

const KEYS: [&str; 7] = [
    "geo_locations",
    "excluded_geo_locations",
    "locales",
    "age_min",
    "age_max",
    "publisher_platforms",
    "targeting_automation",
];

/// Whether places lie in the European Union is not asked: everything this program advertises does.
pub fn checked(targeting: &Map<String, Value>, several_radii: bool) -> Result<(), No> {
    if let Some(key) = targeting.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(No::wrong(format!("(#100) Invalid keys \"{key}\" were found in param \"targeting\".")));
    }
    let included = targeting.get("geo_locations").and_then(Value::as_object);
    let included =
        included.ok_or_else(|| No::wrong("Your ad set must have at least one location").blaming("targeting"))?;
    places(included, several_radii)?;
    if let Some(excluded) = targeting.get("excluded_geo_locations") {
        places(excluded.as_object().ok_or_else(|| No::wrong("excluded_geo_locations"))?, true)?;
    }
    let locales =
        targeting.get("locales").map(|locales| locales.as_array().ok_or_else(|| No::wrong("locales"))).transpose()?;
    for locale in locales.into_iter().flatten() {
        if !LOCALES.iter().any(|(key, _)| Some(u64::from(*key)) == locale.as_u64()) {
            return Err(No::wrong(format!("(#100) {locale} is not a valid locale")));
        }
    }
    let age = |key: &str, default: i64| targeting.get(key).map_or(Some(default), Value::as_i64);
    match (age("age_min", 18), age("age_max", 65)) {
        (Some(min), Some(max)) if (13..=65).contains(&min) && max <= 65 && min <= max => {}
        _ => return Err(No::wrong("(#100) age_min and age_max must be between 13 and 65")),
    }
    let automation = targeting.get("targeting_automation").and_then(|automation| automation.get("advantage_audience"));
    match automation.and_then(Value::as_i64) {
        Some(0 | 1) => Ok(()),
        _ => Err(No::new(100, 1_870_227, "Advantage audience flag required: set advantage_audience to 1 or 0")),
    }
}

fn places(geo: &Map<String, Value>, several_radii: bool) -> Result<(), No> {
    if geo.get("location_types").is_some_and(|types| *types != serde_json::json!(["home", "recent"])) {
        return Err(No::new(100, 1_870_199, "Remove the location_types field"));
    }
    let lists = ["countries", "regions", "cities", "zips", "custom_locations", "location_types"];
    if let Some(key) = geo.keys().find(|key| !lists.contains(&key.as_str())) {
        return Err(No::wrong(format!("(#100) Invalid keys \"{key}\" were found in param \"geo_locations\".")));
    }
    let list = |key: &str| geo.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let all: usize = lists.iter().take(5).map(|key| list(key).len()).sum();
    if all == 0 {
        return Err(No::wrong("Your ad set must have at least one location").blaming("targeting"));
    }
    let circles = list("custom_locations");
    if circles.len() > 200 {
        return Err(No::wrong("(#100) At most 200 custom locations are allowed"));
    }
    if circles.len() > 1 && !several_radii {
        return Err(No::new(100, 1_815_946, "Radius targeting with several locations: use one location per ad set"));
    }
    circles.iter().try_for_each(circle)
}

fn circle(circle: &Value) -> Result<(), No> {
    let known = ["latitude", "longitude", "radius", "distance_unit", "name"];
    let object = circle.as_object().ok_or_else(|| No::wrong("custom_locations"))?;
    if let Some(key) = object.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(No::wrong(format!("(#100) Invalid keys \"{key}\" were found in param \"custom_locations\".")));
    }
    let number =
        |key: &str| object.get(key).and_then(Value::as_f64).ok_or_else(|| No::wrong(format!("{key} is no number")));
    let (lat, lon, radius) = (number("latitude")?, number("longitude")?, number("radius")?);
    if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon) {
        return Err(No::wrong("(#100) latitude or longitude out of range"));
    }
    let fits = match object.get("distance_unit").and_then(Value::as_str) {
        Some("kilometer") => (1.0..=80.0).contains(&radius),
        None | Some("mile") => (0.63..=50.0).contains(&radius),
        Some(_) => return Err(No::wrong("(#100) distance_unit must be mile or kilometer")),
    };
    if fits {
        Ok(())
    } else {
        Err(No::wrong("(#100) radius must be 1 to 80 kilometers or 0.63 to 50 miles").blaming("targeting"))
    }
}
