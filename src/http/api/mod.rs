//! The JSON API under `/api/v1`: extract, authorise, one call into `app`, convert.

pub mod access;
pub mod aims;
pub mod appeals;
pub mod assessments;
pub mod attachments;
pub mod audit;
pub mod authorisations;
pub mod chain;
pub mod channels;
pub mod claims;
pub mod deliveries;
pub mod dispatches;
pub mod endings;
pub mod grants;
pub mod levels;
#[cfg(test)]
mod matrix_tests;
pub mod openid;
pub mod paid;
pub mod passkeys;
pub mod pictures;
pub mod places;
pub mod responses;
pub mod retention;
pub mod rules;
pub mod sessions;
pub mod statistics;
mod takedown_page;
pub mod triage;
pub mod views;
pub mod weeks;
