//! The rules. Pure: no I/O, no clock, no async, no SQL, no HTTP; every moment and every random value is an argument.
#![deny(missing_docs)]

pub mod account_name;
pub mod actor;
pub mod advert;
pub mod aim;
pub mod appeal;
pub mod area;
pub mod attachment;
pub mod audit;
pub mod authorisation;
pub mod authority;
pub mod canonical;
pub mod channel_place;
mod codes;
pub mod crockford;
pub mod dispatch;
pub mod document;
pub mod email;
pub mod faults;
pub mod flow;
pub mod gate;
pub mod grant;
pub mod ids;
pub mod kind;
pub mod language;
pub mod likeness;
pub mod lot;
pub mod media;
pub mod notice;
pub mod outcome;
pub mod paid;
pub mod place;
pub mod plan;
pub mod refusal;
pub mod regime;
pub mod response;
pub mod rules;
#[cfg(test)]
pub(crate) mod samples;
pub mod scope;
pub mod stage;
pub mod subject;
pub mod takedown;
pub mod triage;
pub mod validation;
pub mod week;
pub mod when;
