//! The rules. Pure: no I/O, no clock, no async, no SQL, no HTTP; every moment and every random value is an argument.
#![deny(missing_docs)]

pub mod area;
pub mod language;
pub mod place;
