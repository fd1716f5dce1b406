//! Public pages: plain owned views in, HTML text out. No handler, no database, no clock; the caller fills the views.
//!
//! # What holds for every page
//! - One language a page, without a switcher: a French page contains no Dutch word, and the other way round (a test).
//! - No script, no inline style, nothing from elsewhere: works under `default-src 'none'; style-src 'self'; img-src 'self'`.
//! - State changes on POST only: links in mails lead to a page with a button, because mail scanners open links.

pub mod api_docs;
pub mod appeal;
pub mod assets;
#[cfg(test)]
mod checks;
pub mod errors;
pub mod form;
pub mod frame;
pub mod home;
pub mod privacy;
pub mod respond;
pub mod rules_docs;
#[cfg(test)]
mod samples;
pub mod subscribe;
pub mod thread;
