//! Advertising platforms on this machine that reach nobody: strict about what the real ones are strict about, with a
//! ledger of every effect and faults on demand. For the demo, for tests, and as processes of their own (`tocsin simulate`).
//! They are written from the wire reference, not from the clients, and know nothing of the rest of the program.
//!
//! | file | what |
//! |---|---|
//! | `wire`, `call` | HTTP/1.1 by hand, so that a connection can be cut before or after an effect |
//! | `server` | one platform behind one address, and the control addresses under `/_simulator/` |
//! | `fault`, `clock`, `ledger`, `spending` | what goes wrong, what time it is, what happened, what it cost |
//! | `tree` | what an account holds, by id and by what it belongs to |
//! | `meta`, `google`, `x` | the platforms |

mod call;
mod clock;
mod fault;
mod google;
mod ledger;
mod mac;
mod meta;
mod platform;
mod server;
mod spending;
mod tree;
mod wire;
mod x;

pub use call::{Answer, Call, Part};
pub use clock::Clock;
pub use fault::{Fault, Planned};
pub use google::{GoogleAccount, GoogleAds};
pub use ledger::{Effect, Ledger};
pub use meta::{MetaAccount, MetaAds};
pub use platform::Platform;
pub use server::{Recorded, Simulator};
pub use x::{XAccount, XAds, XPlace};
