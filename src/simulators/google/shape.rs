//! Which fields each resource takes, and of which JSON type: the mapping of the API refuses any other name.

use serde_json::Value;

use super::errors::No;

/// The JSON type of a field.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Text of at most so many characters.
    Text(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A 64-bit integer, as text.
    Long,
    /// A 32-bit integer, as a number.
    Int,
    /// A number.
    Double,
    /// `true` or `false`.
    Bool,
    /// An object with these fields.
    Object(&'static [(&'static str, Form)]),
    /// An array of such.
    List(&'static Form),
}

const NAME: Form = Form::Text(2_084);
const TEXT_30: Form = Form::Object(&[("text", Form::Text(30))]);
const TEXT_90: Form = Form::Object(&[("text", Form::Text(90))]);
const IMAGE: Form = Form::Object(&[("asset", NAME)]);
const PRESENCE: Form = Form::Word(&["PRESENCE", "PRESENCE_OR_INTEREST"]);
const AGE_RANGE: Form = Form::Word(&[
    "AGE_RANGE_18_24",
    "AGE_RANGE_25_34",
    "AGE_RANGE_35_44",
    "AGE_RANGE_45_54",
    "AGE_RANGE_55_64",
    "AGE_RANGE_65_UP",
    "AGE_RANGE_UNDETERMINED",
]);
const EU: Form = Form::Word(&["CONTAINS_EU_POLITICAL_ADVERTISING", "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING"]);

/// The fields of each resource that can be made or changed here.
pub const KINDS: [(&str, &[(&str, Form)]); 7] = [
    (
        "campaignBudget",
        &[
            ("resourceName", NAME),
            ("name", Form::Text(255)),
            ("amountMicros", Form::Long),
            ("totalAmountMicros", Form::Long),
            ("period", Form::Word(&["DAILY", "CUSTOM_PERIOD"])),
            ("deliveryMethod", Form::Word(&["STANDARD"])),
            ("explicitlyShared", Form::Bool),
        ],
    ),
    (
        "campaign",
        &[
            ("resourceName", NAME),
            ("name", Form::Text(256)),
            ("status", Form::Word(&["ENABLED", "PAUSED"])),
            ("advertisingChannelType", Form::Word(&["DISPLAY", "DEMAND_GEN", "SEARCH"])),
            ("campaignBudget", NAME),
            ("targetSpend", Form::Object(&[])),
            ("manualCpm", Form::Object(&[])),
            ("manualCpc", Form::Object(&[])),
            ("containsEuPoliticalAdvertising", EU),
            (
                "geoTargetTypeSetting",
                Form::Object(&[("positiveGeoTargetType", PRESENCE), ("negativeGeoTargetType", PRESENCE)]),
            ),
            ("startDateTime", Form::Text(19)),
            ("endDateTime", Form::Text(19)),
        ],
    ),
    (
        "campaignCriterion",
        &[
            ("campaign", NAME),
            ("negative", Form::Bool),
            (
                "proximity",
                Form::Object(&[
                    (
                        "geoPoint",
                        Form::Object(&[("latitudeInMicroDegrees", Form::Int), ("longitudeInMicroDegrees", Form::Int)]),
                    ),
                    ("radius", Form::Double),
                    ("radiusUnits", Form::Word(&["KILOMETERS", "MILES"])),
                ]),
            ),
            ("language", Form::Object(&[("languageConstant", NAME)])),
            ("location", Form::Object(&[("geoTargetConstant", NAME)])),
        ],
    ),
    (
        "adGroup",
        &[
            ("resourceName", NAME),
            ("campaign", NAME),
            ("name", Form::Text(255)),
            ("status", Form::Word(&["ENABLED", "PAUSED"])),
            ("type", Form::Word(&["DISPLAY_STANDARD"])),
            ("optimizedTargetingEnabled", Form::Bool),
        ],
    ),
    (
        "adGroupCriterion",
        &[
            ("adGroup", NAME),
            ("status", Form::Word(&["ENABLED", "PAUSED"])),
            ("negative", Form::Bool),
            ("ageRange", Form::Object(&[("type", AGE_RANGE)])),
        ],
    ),
    (
        "asset",
        &[
            ("resourceName", NAME),
            ("name", Form::Text(255)),
            ("type", Form::Word(&["IMAGE"])),
            ("imageAsset", Form::Object(&[("data", Form::Text(8_000_000))])),
        ],
    ),
    (
        "adGroupAd",
        &[
            ("adGroup", NAME),
            ("status", Form::Word(&["ENABLED", "PAUSED"])),
            (
                "ad",
                Form::Object(&[
                    ("finalUrls", Form::List(&NAME)),
                    (
                        "responsiveDisplayAd",
                        Form::Object(&[
                            ("marketingImages", Form::List(&IMAGE)),
                            ("squareMarketingImages", Form::List(&IMAGE)),
                            ("headlines", Form::List(&TEXT_30)),
                            ("longHeadline", TEXT_90),
                            ("descriptions", Form::List(&TEXT_90)),
                            ("businessName", Form::Text(25)),
                        ]),
                    ),
                ]),
            ),
        ],
    ),
];

/// Refuses what is not of the form.
pub fn checked(value: &Value, form: Form, path: &str) -> Result<(), No> {
    let wrong = |what: &str| Err(No::malformed(format!("Invalid value at '{path}' ({what})")));
    match form {
        Form::Text(most) => match value.as_str().map(|text| text.chars().count()) {
            None => wrong("TYPE_STRING"),
            Some(0) => Err(No::new("stringLengthError", "TOO_SHORT", format!("{path} is empty"))),
            Some(length) if length > most => {
                Err(No::new("stringLengthError", "TOO_LONG", format!("{path}: {length} of {most}")))
            }
            Some(_) => Ok(()),
        },
        Form::Word(words) => match value.as_str() {
            Some(word) if words.contains(&word) => Ok(()),
            _ => wrong("TYPE_ENUM"),
        },
        Form::Long => match value.as_str().and_then(|text| text.parse::<i64>().ok()) {
            Some(_) => Ok(()),
            None => wrong("TYPE_INT64, as text"),
        },
        Form::Int if value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) => Ok(()),
        Form::Int => wrong("TYPE_INT32"),
        Form::Double if value.is_number() => Ok(()),
        Form::Double => wrong("TYPE_DOUBLE"),
        Form::Bool if value.is_boolean() => Ok(()),
        Form::Bool => wrong("TYPE_BOOL"),
        Form::Object(fields) => fields_checked(value, fields, path),
        Form::List(form) => match value.as_array() {
            Some(all) => all.iter().try_for_each(|one| checked(one, *form, path)),
            None => wrong("repeated"),
        },
    }
}

/// Refuses unknown names and wrong types.
pub fn fields_checked(value: &Value, fields: &[(&str, Form)], path: &str) -> Result<(), No> {
    let Some(object) = value.as_object() else { return Err(No::malformed(format!("Invalid value at '{path}'"))) };
    for (name, value) in object {
        let Some((_, form)) = fields.iter().find(|(known, _)| known == name) else {
            return Err(No::malformed(format!("Invalid JSON payload received. Unknown name \"{name}\" at '{path}'")));
        };
        checked(value, *form, &format!("{path}.{name}"))?;
    }
    Ok(())
}
