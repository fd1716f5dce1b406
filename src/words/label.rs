//! Labels of closed lists: kinds, hair colours, states. One family per list; the key is `family-code` with hyphens,
//! e.g. `hair-grey`, so that another module's enum needs only its code to be spoken in four languages.

use super::{Value, Words};

/// A closed list whose members have a label in every catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Kinds of appeal, as a heading.
    Kind,
    /// What a kind of appeal asks the reader.
    Question,
    /// Names of facts in a description ("Taille", "Kledij").
    Fact,
    /// Sex.
    Sex,
    /// Build.
    Build,
    /// Hair colour.
    Hair,
    /// Eye colour.
    Eyes,
    /// Kind of vehicle.
    Vehicle,
    /// Colour of a vehicle or object.
    Colour,
    /// Kind of response, as the public chooses it.
    Response,
    /// State of a response, as its sender sees it.
    ResponseState,
    /// What happened to a lot.
    Lot,
    /// Names of the four languages.
    Language,
    /// Months, `1` to `12`.
    Month,
    /// Weekdays, `1` (Monday) to `7`.
    Weekday,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Kind,
        Self::Question,
        Self::Fact,
        Self::Sex,
        Self::Build,
        Self::Hair,
        Self::Eyes,
        Self::Vehicle,
        Self::Colour,
        Self::Response,
        Self::ResponseState,
        Self::Lot,
        Self::Language,
        Self::Month,
        Self::Weekday,
    ];

    /// What its keys begin with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Question => "question",
            Self::Fact => "fact",
            Self::Sex => "sex",
            Self::Build => "build",
            Self::Hair => "hair",
            Self::Eyes => "eyes",
            Self::Vehicle => "vehicle",
            Self::Colour => "colour",
            Self::Response => "response",
            Self::ResponseState => "state",
            Self::Lot => "lot-state",
            Self::Language => "language",
            Self::Month => "month",
            Self::Weekday => "weekday",
        }
    }

    /// The codes that have a label. Tests hold every catalogue to this list, and the enums of other modules to it.
    #[must_use]
    pub const fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Kind => &[
                "missing_adult",
                "missing_minor",
                "child_alert",
                "wanted_suspect",
                "wanted_convict",
                "unknown_suspect",
                "witness",
                "vehicle",
                "unidentified_person",
                "objects_stolen",
                "objects_found",
                "heirs_sought",
            ],
            Self::Question => &["person", "identity", "facts", "vehicle", "objects", "heirs"],
            Self::Fact => &[
                "name",
                "alias",
                "age",
                "sex",
                "height",
                "build",
                "hair",
                "eyes",
                "clothing",
                "belongings",
                "marks",
                "languages",
                "last_seen",
                "place",
                "date",
                "direction",
                "offence",
                "vehicle",
                "plate",
                "make",
                "model",
                "colour",
                "object",
                "artist",
                "object_title",
                "material",
                "dimensions",
                "inscriptions",
                "period",
                "origin",
            ],
            Self::Sex => &["female", "male", "other"],
            Self::Build => &["slim", "medium", "strong", "heavy"],
            Self::Hair => &["black", "brown", "blond", "red", "grey", "white", "bald", "dyed"],
            Self::Eyes => &["brown", "blue", "green", "grey", "other"],
            Self::Vehicle => &["car", "van", "lorry", "motorcycle", "bicycle", "boat", "other"],
            Self::Colour => &[
                "black", "white", "grey", "silver", "blue", "red", "green", "yellow", "orange", "brown", "beige",
                "purple", "other",
            ],
            Self::Response => {
                &["tip", "sighting", "claim", "identification", "self_report", "distress", "illegal_content"]
            }
            Self::ResponseState => &["received", "being_read", "answered", "closed"],
            Self::Lot => &["claimed", "returned"],
            Self::Language => &["fr", "nl", "de", "en"],
            Self::Month => &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"],
            Self::Weekday => &["1", "2", "3", "4", "5", "6", "7"],
        }
    }

    /// The catalogue key of one member.
    #[must_use]
    pub fn key(self, code: &str) -> String {
        format!("{}-{}", self.prefix(), code.replace('_', "-"))
    }
}

impl Words {
    /// The label of one member of a closed list; `code` is one of [`Family::codes`].
    #[must_use]
    pub fn label(&self, family: Family, code: &str) -> String {
        self.say(&family.key(code)).into_owned()
    }

    /// A label and its value on one line; French sets a space before the colon.
    #[must_use]
    pub fn labelled(&self, label: impl AsRef<str>, value: impl AsRef<str>) -> String {
        let (label, value) = (label.as_ref(), value.as_ref());
        self.say_with("labelled", &[("label", label), ("value", value)]).into_owned()
    }

    /// An age, e.g. "9 ans".
    #[must_use]
    pub fn years(&self, years: u32) -> String {
        self.say_with("value-years", &[("years", Value::from(years))]).into_owned()
    }

    /// A height, e.g. "1,72 m", with the language's decimal mark.
    #[must_use]
    pub fn metres(&self, centimetres: u32) -> String {
        let (metres, rest) = (centimetres / 100, format!("{:02}", centimetres % 100));
        self.say_with("value-metres", &[("metres", Value::from(metres)), ("rest", Value::from(rest.as_str()))])
            .into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Locale;

    #[test]
    fn every_member_of_every_family_has_a_label_in_every_language() {
        for locale in Locale::ALL {
            let words = Words::of(locale);
            for family in Family::ALL {
                for code in family.codes() {
                    assert!(words.knows(&family.key(code)), "{locale}: {}", family.key(code));
                }
            }
        }
    }

    #[test]
    fn labels_use_the_words_of_the_trade() {
        assert_eq!(Words::of(Locale::Fr).label(Family::Kind, "witness"), "Appel à témoins");
        assert_eq!(Words::of(Locale::Nl).label(Family::Fact, "plate"), "Nummerplaat");
        assert_eq!(Words::of(Locale::De).label(Family::Fact, "marks"), "Besondere Merkmale");
    }

    #[test]
    fn measures_follow_the_language() {
        assert_eq!(Words::of(Locale::Fr).years(1), "1 an");
        assert_eq!(Words::of(Locale::Fr).years(9), "9 ans");
        assert_eq!(Words::of(Locale::Fr).labelled("Taille", "1 m"), "Taille\u{a0}: 1 m");
        assert_eq!(Words::of(Locale::Nl).metres(172), "1,72\u{a0}m");
        assert_eq!(Words::of(Locale::En).metres(105), "1.05\u{a0}m");
    }
}
