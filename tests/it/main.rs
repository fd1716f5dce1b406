//! Behaviour through public faces: HTTP, command line, real SMTP, real databases, real pages. One file per story.
//! `TOCSIN_TEST_DATABASE` chooses sqlite (default) or postgres; `tests/run` runs both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::too_many_lines,
    reason = "tests may"
)]

mod access;
mod accessibility;
mod ads;
mod architecture;
mod attachments;
mod audience;
mod audit;
mod authority;
mod bounces;
mod chain;
mod channel_places;
mod channels;
mod checks;
mod claims;
mod crash;
mod crash_paid;
mod dispatch;
mod duty;
mod engine;
mod entering;
mod extension;
mod faces;
mod filing;
mod flood;
mod geodata;
mod hostile;
mod keyless;
mod law;
mod letterbox;
mod life;
mod limits;
mod lost_answers;
mod mailbox;
mod night;
mod notices;
#[cfg(feature = "openid")]
mod openid;
mod outages;
mod outcomes;
mod pages;
mod paid;
mod paid_changes;
mod paid_faults;
mod paid_plan;
mod passkeys;
mod permissions;
mod pictures;
mod places;
mod readme;
mod reads;
mod relay;
mod responses;
mod restore;
mod routing;
mod schema;
mod simulate;
mod storm;
mod subscribers;
mod support;
mod takedown;
mod threads;
mod upgrade;
mod webhooks;
mod weeks;
mod whereabouts;
