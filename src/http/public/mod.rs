//! What the public sees: pages, feeds, pictures, forms. No login, no cookie, nothing from elsewhere; no script but the one
//! that a form offers in a rush, and that nobody needs.

mod answer_form;
mod answer_map;
pub mod appeals;
pub mod feeds;
mod frame;
pub mod inbound;

pub use frame::cached;
pub mod pictures;
pub mod respond;
pub mod subscribe;
pub mod thread;
mod upload;
