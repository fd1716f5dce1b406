//! Places and geometry in, H3 cells and languages out.
//!
//! The gazetteer is built once from public boundary files (`tocsin geodata build`), committed in `geodata/` and
//! carried inside the binary; after loading, everything here is a pure function of it.
//!
//! | file | what |
//! |---|---|
//! | `gazetteer`, `belgium`, `france`, `unit_index` | the tables and cell indexes, and how they are loaded |
//! | `members`, `locate`, `shares`, `inhabitants` | questions: code → municipalities and cells, point → place, cells → languages and people |
//! | `names`, `fold`, `phrase`, `lookup`, `settle` | what people write for a place → the place of today, with notes |
//! | `parse`, `parse_line`, `size`, `geojson`, `validity`, `sweep` | a filed area checked, every fault with its place in the document |
//! | `too_many` | what is refused for its size before it is checked closely |
//! | `wrap` | rings across the antimeridian or around a pole made continuous |
//! | `cover`, `corridor`, `resolve`, `outline` | shapes → cells, filing → target area, cells → outline |
//! | `aim` | circles that reach an area's people, and how well |
//! | `channel_places` | a platform's own list of places → official places, and sets of them near a target |
//! | `draw` | a picture of an area and of an aim |
//! | `build` | boundary files → `geodata/` |

pub mod aim;
mod arrondissements;
mod belgium;
pub mod build;
mod channel_places;
mod chart;
mod corridor;
mod cover;
mod draw;
mod fault;
mod fold;
mod france;
mod gazetteer;
mod geojson;
mod inhabitants;
mod locate;
mod lookup;
mod members;
mod names;
mod outline;
mod parse;
mod parse_line;
mod phrase;
mod resolve;
mod settle;
mod shares;
mod size;
mod sweep;
mod table;
#[cfg(test)]
mod tests;
mod too_many;
mod unit_index;
mod validity;
mod wrap;

pub use channel_places::PlaceGroup;
pub use chart::{Chart, SIDE as CHART_SIDE};
pub use cover::{Runaway, cover_polygons};
pub use draw::{Picture, Undrawable, draw, draw_places};
pub use fault::{AreaFault, limits};
pub use france::Court;
pub use gazetteer::{Gazetteer, GazetteerError};
pub use inhabitants::{Inhabitants, OUTSIDE_PER_KM2, PlaceInhabitants};
pub use locate::{Located, OffTheEarth, subscriber_cell};
pub use lookup::{Candidate, Found, NotFound};
pub use members::{AreaError, Names};
pub use outline::{OutlineError, outline};
pub use parse::{geojson_spec, parse_spec, place_part};
pub use parse_line::{corridor_from_geojson, file_spec};
pub use resolve::{resolve, resolve_under};
pub use settle::Reading;
pub use shares::Share;
pub use unit_index::DamagedIndex;
