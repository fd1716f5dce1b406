//! Boundary files and tables in, `geodata/` out: what `tocsin geodata build` does. The same sources give the same
//! bytes.

mod cells;
mod index_writer;
mod run;
mod sources;
mod tables;

pub use run::{BuildError, BuildReport, CountryReport, Step, build};
