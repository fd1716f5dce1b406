//! Use cases: one file each, one transaction each. `domain` decides, `db` stores, the audit entry commits with both.

pub mod access;
pub mod assess_appeal;
pub mod audience;
pub mod audit;
pub mod authorise_appeal;
pub mod chain_duties;
pub mod channel_accounts;
pub mod check_texts;
pub mod checkpoints;
pub mod content;
mod context;
pub mod deliver;
pub mod dispatch_appeal;
mod error;
pub mod export_audit;
pub mod factors;
pub mod file_appeal;
pub mod grants;
pub mod mail;
pub mod plan_dispatch;
mod random;
pub mod read_authorisation;
pub mod respond;
pub mod rules;
mod server_key;
pub mod sessions;
pub mod standing;
pub mod subscribe;
pub mod take_down;
pub mod tokens;
pub mod validate_appeal;
pub mod verify_audit;
pub mod work_response;

pub use context::{App, Clock, StartError, read_rules};
pub use error::AppError;
pub use server_key::{ServerKey, open_checkpoint_key};
