//! Use cases: one file each, one transaction each. `domain` decides, `db` stores, the audit entry commits with both.

pub mod access;
pub mod audience;
pub mod audit;
pub mod authorise_appeal;
pub mod channel_places;
pub mod content;
mod context;
pub mod deliver;
pub mod dispatch_appeal;
mod error;
pub mod file_appeal;
pub mod mail;
pub mod plan_dispatch;
mod random;
pub mod respond;
mod server_key;
pub mod subscribe;
pub mod take_down;
pub mod validate_appeal;
pub mod work_response;

pub use context::{App, Clock, StartError};
pub use error::AppError;
pub use server_key::ServerKey;
