//! Places and geometry in, H3 cells and languages out.
//!
//! The gazetteer is built once from public boundary files (`tocsin geodata build`), committed in `geodata/` and
//! carried inside the binary; after loading, everything here is a pure function of it.
//!
//! | file | what |
//! |---|---|
//! | `gazetteer`, `belgium`, `france`, `unit_index` | the tables and cell indexes, and how they are loaded |
//! | `members`, `locate`, `shares` | questions: code → municipalities and cells, point → place, cells → languages |
//! | `parse`, `size`, `geojson`, `validity`, `sweep` | a filed area checked, every fault with its place in the document |
//! | `wrap` | rings across the antimeridian or around a pole made continuous |
//! | `cover`, `resolve`, `outline` | shapes → cells, filing → target area, cells → outline |
//! | `build` | boundary files → `geodata/` |

pub mod aim;
mod belgium;
pub mod build;
mod cover;
mod fault;
mod france;
mod gazetteer;
mod geojson;
mod locate;
mod members;
mod outline;
mod parse;
mod resolve;
mod shares;
mod size;
mod sweep;
mod table;
#[cfg(test)]
mod tests;
mod unit_index;
mod validity;
mod wrap;

pub use cover::{Runaway, cover_polygons};
pub use fault::{AreaFault, limits};
pub use france::Court;
pub use gazetteer::{Gazetteer, GazetteerError};
pub use locate::{Located, OffTheEarth, subscriber_cell};
pub use members::{AreaError, Names};
pub use outline::{OutlineError, outline};
pub use parse::{geojson_spec, parse_spec};
pub use resolve::resolve;
pub use shares::Share;
pub use unit_index::DamagedIndex;
