//! Boundary files and tables in, `geodata/` out: what `tocsin geodata build` does. The same sources give the same
//! bytes. `check` compares the result with the boundaries.

mod cells;
mod check;
mod index_writer;
mod run;
mod sources;
mod tables;

pub use check::{CheckStep, CountryCheck, Disagreement, InteriorPoints, check};
pub use run::{BuildError, BuildReport, CountryReport, Step, build};
