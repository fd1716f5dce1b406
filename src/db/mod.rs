//! Everything about SQL. Two doors, [`Db::read`] and [`Db::write`]; nothing else obtains a connection.
//! Rows are private to their file and become domain values here; rules live in `domain`, use cases in `app`.

pub mod access;
pub mod ad_accounts;
pub mod ad_estimates;
pub mod aims;
pub mod appeals;
pub mod audience;
pub mod audit;
pub mod authorisations;
pub mod backup;
pub mod chain;
pub mod channel_accounts;
pub mod channel_places;
pub mod checkpoints;
mod connection;
pub mod contents;
pub mod deliveries;
pub mod dispatches;
mod error;
pub mod escalations;
pub mod factors;
pub mod flows;
pub mod grants;
pub mod held;
pub mod idempotency;
pub mod ledger;
pub mod letters;
pub mod likeness;
mod migrations;
pub mod openid;
pub mod paid_effects;
pub mod passkeys;
pub mod picture_views;
mod pool;
pub mod publications;
pub mod recipients;
pub mod responses;
pub mod rules;
pub mod schema;
pub mod subscribers;
pub mod takedowns;
pub mod tokens;
pub mod triage;
mod turn;
mod wake;
pub mod weeks;

pub use connection::Conn;
pub use error::DbError;
pub use migrations::{MigrationState, migrate, migration_state};
pub use pool::{DatabaseUrl, Db, UnusableUrl};
pub use wake::{Listener, wake_workers};

pub(crate) use connection::per_backend;
