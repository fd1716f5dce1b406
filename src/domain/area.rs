//! Target areas: what was filed and the H3 cells it became. How cells are found from codes and geometry: `area`.

mod cell_set;
mod corridor;
mod document;
mod note;
pub mod position;
mod spec;
mod target;

pub use cell_set::{CellRange, CellSet, NotACell};
pub use corridor::{Corridor, ImpossibleCorridor};
pub use document::MalformedDocument;
pub use note::{AreaNote, NoteKind};
pub use spec::{AreaPart, AreaSpec, Circle, CoverMode, ImpossibleCircle, UnknownMode};
pub use target::{LanguageSplit, TargetArea};

/// The one resolution at which a subscriber's place is kept (a cell of about 0.013 km² here).
pub const SUBSCRIBER_RESOLUTION: h3o::Resolution = h3o::Resolution::Ten;

/// The finest resolution an area may be filed at: cells of about 300 m², a street corner. Finer would only follow the
/// error of the boundaries.
pub const FINEST_RESOLUTION: h3o::Resolution = h3o::Resolution::Twelve;
