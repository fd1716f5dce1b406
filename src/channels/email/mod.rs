//! E-mail: texts, messages and the way to the relay.

pub mod message;
pub mod render;
pub mod smtp;
pub mod template;
