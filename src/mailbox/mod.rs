//! Where the mail server of this machine hands over what the public answers by mail: LMTP (RFC 2033) and SMTP (RFC 5321), on a
//! socket or a port of this machine. A mail is answered with 250 when it is sealed and durable, not before; with 4xx when it
//! cannot be kept now; with 5xx when it is for nobody. What it says and where it goes is `app::inbound_mail`'s; how lines and
//! texts are read is [`crate::smtp`]'s.
//!
//! # Invariants
//! - Nothing of a mail touches the disk or a log in the clear; its text lives in memory until it is answered.
//! - Connections, texts in memory, lines, bytes, mistakes and time are bounded: a peer that is slow or hostile keeps one place
//!   for [`Limits::visit`] at the most.

mod converse;
mod listen;

pub use listen::{Limits, Mailbox};
