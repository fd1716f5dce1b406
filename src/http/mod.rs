//! Requests in, views out: the API, the public pages, health. No rule and no SQL lives here.

pub mod api;
mod docs;
mod health;
pub mod pages;
mod pdf;
pub mod problem;
mod public;
pub mod request;
pub mod rules_page;
mod server;

pub use public::respond::{send_sealing_nothing, send_storing_nothing};
pub use server::{serve, serve_with};
