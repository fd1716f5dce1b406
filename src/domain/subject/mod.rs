//! Whom or what an appeal is about, typed per kind. Only facts that read the same in every language: names, numbers,
//! codes, times, places. Whatever is a sentence in some language belongs to a notice.

mod document;
mod facts;
mod subjects;

pub use facts::{
    Appearance, Build, Colour, Conviction, EyeColour, HairColour, MissingPerson, Named, Sex, Sighting, VehicleFacts,
    VehicleKind, WantedPerson,
};
pub use subjects::Subject;
