//! What the public sees: pages, feeds, pictures, forms. No login, no cookie, no script, nothing from elsewhere.

pub mod appeals;
pub mod feeds;
mod frame;

pub use frame::cached;
pub mod pictures;
pub mod respond;
pub mod subscribe;
