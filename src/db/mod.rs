//! Everything about SQL. Two doors, [`Db::read`] and [`Db::write`]; nothing else obtains a connection.
//! Rows are private to their file and become domain values here; rules live in `domain`, use cases in `app`.

pub mod access;
pub mod account_caps;
pub mod ad_accounts;
pub mod ad_estimates;
pub mod aims;
pub mod appeals;
pub mod attachments;
pub mod audience;
pub mod audit;
pub mod authorisations;
pub mod backup;
pub mod bounces;
pub mod chain;
pub mod channel_accounts;
pub mod channel_places;
pub mod checkpoints;
pub mod claims;
mod connection;
pub mod contents;
pub mod counted;
pub mod deliveries;
pub mod dispatches;
mod error;
pub mod escalations;
pub mod events;
pub mod factors;
pub mod flows;
pub mod grants;
pub mod held;
pub mod idempotency;
pub mod identifications;
pub mod ledger;
pub mod letterbox;
pub mod letters;
pub mod likeness;
mod migrations;
pub mod notices;
pub mod openid;
pub mod paid_changes;
pub mod paid_effects;
pub mod passkeys;
pub mod picture_views;
pub mod platform_tasks;
mod pool;
pub mod publications;
pub mod recipients;
pub mod reports;
pub mod responses;
pub mod retention;
pub mod rules;
pub mod schema;
pub mod statements;
pub mod subscribers;
pub mod takedowns;
pub mod threads;
pub mod tokens;
pub mod triage;
mod turn;
mod wake;
pub mod warm_up;
pub mod webhook_messages;
pub mod webhooks;
pub mod weeks;

pub use connection::Conn;
pub use error::DbError;
pub use migrations::{MigrationState, migrate, migration_state};
pub use pool::{DatabaseUrl, Db, UnusableUrl};
pub use wake::{Listener, wake_workers};

/// Rows a statement writes at once: with 32 values each, the most our tables have, below the 32,766 that SQLite binds.
const ROWS: usize = 1_000;

pub(crate) use connection::{insert_rows, per_backend};
