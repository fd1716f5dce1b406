//! What subjects are made of: coded looks, named people, sightings, vehicles, convictions.

use crate::domain::codes::codes;
use crate::domain::place::PlaceCode;
use chrono::{DateTime, Utc};

codes! {
    /// Sex as stated by the family or seen on the images.
    Sex { /// Female.
        Female = "female", /// Male.
        Male = "male", /// Other or unknown.
        Other = "other" }
}
codes! {
    /// Build.
    Build { /// Slim.
        Slim = "slim", /// Medium.
        Medium = "medium", /// Strong.
        Strong = "strong", /// Heavy.
        Heavy = "heavy" }
}
codes! {
    /// Hair.
    HairColour { /// Black.
        Black = "black", /// Brown.
        Brown = "brown", /// Blond.
        Blond = "blond", /// Red.
        Red = "red", /// Grey.
        Grey = "grey", /// White.
        White = "white", /// Bald or shaved.
        Bald = "bald", /// Dyed in another colour.
        Dyed = "dyed" }
}
codes! {
    /// Eyes.
    EyeColour { /// Brown.
        Brown = "brown", /// Blue.
        Blue = "blue", /// Green.
        Green = "green", /// Grey.
        Grey = "grey", /// Other.
        Other = "other" }
}
codes! {
    /// Sort of vehicle.
    VehicleKind { /// Car.
        Car = "car", /// Van.
        Van = "van", /// Lorry.
        Lorry = "lorry", /// Motorcycle or moped.
        Motorcycle = "motorcycle", /// Bicycle.
        Bicycle = "bicycle", /// Boat.
        Boat = "boat", /// Other.
        Other = "other" }
}
codes! {
    /// Colour of a thing.
    Colour { /// Black.
        Black = "black", /// White.
        White = "white", /// Grey.
        Grey = "grey", /// Silver.
        Silver = "silver", /// Blue.
        Blue = "blue", /// Red.
        Red = "red", /// Green.
        Green = "green", /// Yellow.
        Yellow = "yellow", /// Orange.
        Orange = "orange", /// Brown.
        Brown = "brown", /// Beige.
        Beige = "beige", /// Purple.
        Purple = "purple", /// Other.
        Other = "other" }
}
/// How somebody looks, as far as it can be coded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appearance {
    /// Sex.
    pub sex: Option<Sex>,
    /// Height in centimetres, 30 to 250.
    pub height_cm: Option<i64>,
    /// Build.
    pub build: Option<Build>,
    /// Hair.
    pub hair: Option<HairColour>,
    /// Eyes.
    pub eyes: Option<EyeColour>,
}

impl Appearance {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A named person.
#[derive(Clone, PartialEq, Eq)]
pub struct Named {
    /// Given name.
    pub given_name: String,
    /// Family name; may be kept back.
    pub family_name: Option<String>,
    /// Age in completed years.
    pub age: Option<i64>,
    /// Looks.
    pub appearance: Appearance,
}

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Named(***)")
    }
}

/// Where and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// When; from this moment when `until` is set.
    pub at: DateTime<Utc>,
    /// End of the time window.
    pub until: Option<DateTime<Utc>>,
    /// Municipality or wider.
    pub place: PlaceCode,
}

/// Somebody missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPerson {
    /// Who.
    pub person: Named,
    /// Last seen.
    pub last_seen: Sighting,
    /// Needs medical help; the illness itself is never published.
    pub needs_help: bool,
}

/// A vehicle as it can be recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehicleFacts {
    /// Sort.
    pub sort: VehicleKind,
    /// Make and model.
    pub model: Option<String>,
    /// Colour.
    pub colour: Option<Colour>,
    /// Licence plate; published only when the scope says so.
    pub plate: Option<String>,
}

/// Somebody wanted whose identity is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedPerson {
    /// Who.
    pub person: Named,
    /// Last seen, if anywhere.
    pub last_seen: Option<Sighting>,
    /// Somebody checked the person was of age at the facts.
    pub adult_proven: bool,
}

/// What a convict on the run must have been given (BE-MW).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conviction {
    /// Final or enforceable.
    pub is_final: bool,
    /// Years of imprisonment.
    pub years: i64,
    /// An international warrant exists.
    pub warrant: bool,
}
