//! E-mail: texts, messages and the way to the relay.

pub mod bounce;
pub mod dkim;
pub mod message;
pub mod render;
pub mod smtp;
pub mod template;
