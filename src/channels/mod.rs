//! Everything about the outside: what a channel can fail with, and the channels themselves.

pub mod ads;
pub mod email;
mod failure;
pub mod openid;
pub mod targeting;
pub mod witness;

pub use failure::Failure;
