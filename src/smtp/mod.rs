//! What every server side of a mail conversation shares (RFC 5321, RFC 2033): lines with an end, texts to the lone dot, answers
//! that leave together, patience with an end. What is said is left to whoever holds the conversation: the catcher of demo
//! and tests, and the mailbox of the public's answers.

mod talk;
mod wire;

pub use talk::{Heard, Talk, Text, path};
pub use wire::{Encrypt, Encrypting, Wire};
