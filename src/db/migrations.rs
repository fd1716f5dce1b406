//! Embedded migrations, one folder per database with the same names. Forward only; re-runnable after a kill.

use super::{Conn, DbError};
use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// How far this database is from what the program needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// Migrations the program carries.
    pub known: usize,
    /// Of these, still to run.
    pub pending: Vec<String>,
}

/// Brings the database up to date; returns the names of what ran.
/// Two starts at once are safe: PostgreSQL waits on an advisory lock, SQLite on its single writer.
pub fn migrate(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    let ran = match conn {
        Conn::Sqlite(c) => run(c, SQLITE)?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(c) => {
            use diesel::RunQueryDsl;
            // Any fixed number will do; this one spells "tocsin" in ASCII.
            diesel::sql_query("SELECT pg_advisory_lock(127970253220206)").execute(c)?;
            let ran = run(c, POSTGRES);
            diesel::sql_query("SELECT pg_advisory_unlock(127970253220206)").execute(c)?;
            ran?
        }
    };
    Ok(ran)
}

fn run<B: diesel::backend::Backend, H: MigrationHarness<B>>(
    conn: &mut H,
    source: impl MigrationSource<B>,
) -> Result<Vec<String>, DbError> {
    conn.run_pending_migrations(source)
        .map(|ran| ran.iter().map(ToString::to_string).collect())
        .map_err(|cause| DbError::Unavailable(format!("migration failed: {cause}")))
}

/// Compares the database with what the program carries, changing nothing but diesel's own bookkeeping table.
pub fn migration_state(conn: &mut Conn) -> Result<MigrationState, DbError> {
    match conn {
        Conn::Sqlite(c) => state(c, SQLITE),
        #[cfg(feature = "postgres")]
        Conn::Postgres(c) => state(c, POSTGRES),
    }
}

fn state<B: diesel::backend::Backend, H: MigrationHarness<B>>(
    conn: &mut H,
    source: EmbeddedMigrations,
) -> Result<MigrationState, DbError>
where
    EmbeddedMigrations: MigrationSource<B>,
{
    let failed = |cause: Box<dyn std::error::Error + Send + Sync>| DbError::Unavailable(cause.to_string());
    let known = MigrationSource::<B>::migrations(&source).map_err(failed)?.len();
    let pending = conn.pending_migrations(source).map_err(failed)?;
    Ok(MigrationState { known, pending: pending.iter().map(|pending| pending.name().to_string()).collect() })
}
