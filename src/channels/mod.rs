//! Everything about the outside: what a channel can fail with, and the channels themselves.

pub mod ads;
pub mod email;
mod failure;
pub mod messenger;
pub mod openid;
pub mod paid;
pub mod read_back;
pub mod targeting;
pub mod webhook;
pub mod witness;

pub use failure::Failure;
