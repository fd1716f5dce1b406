//! Every sentence a person reads, in FR, NL, DE and EN: Fluent catalogues, their lookup, labels of closed lists and dates.
//! Which language a place or a person gets is decided elsewhere (`area`, subscribers); pages and mails only say.
//!
//! # Adding a sentence
//! Write the key in all four files of `locales/` with the same variables, then call `say` or `say_with` with the key as a
//! literal. Tests compare the catalogues and read the calls out of the sources: an unknown key, a key nobody uses and a
//! variable that is not passed all fail the build. Keys under `problem-`, `refusal-`, `fault-` and `lint-` may be built at run time.

mod catalogue;
#[cfg(test)]
mod checks;
mod kind;
mod label;
mod locale;
mod moment;

#[cfg(test)]
pub(crate) use catalogue::source;
pub use catalogue::{Value, Words};
pub use kind::SpokenKind;
pub use label::Family;
pub use locale::{Locale, UnknownLocale};
pub use moment::Zone;
