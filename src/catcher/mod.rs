//! A mail server that delivers nothing: it keeps what it is given and shows it in a browser. For the demo and for tests,
//! which also script its refusals and silences. Of the rest of the program it knows [`crate::smtp`] alone.

mod conversation;
mod server;
mod store;
mod storm;
mod view;

pub use crate::smtp::{Encrypt, Encrypting, Wire};
pub use server::{Options, Protection, SmtpCatcher};
pub use store::{CaughtMail, Script};
pub use storm::{Storm, Weather};
pub use view::routes;
