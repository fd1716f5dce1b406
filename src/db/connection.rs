//! One connection type over both databases. The compiler's refusals on it are the fence of portability;
//! `per_backend!` is the narrow exit and stays inside `db`.

use diesel::prelude::*;

/// A connection to whichever database the operator chose. Which one, is decided by URL in `pool`, never by the
/// derived `establish`: that would silently create an SQLite file for a mistyped PostgreSQL address.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// Embedded, the default.
    Sqlite(SqliteConnection),
    /// For more than one machine.
    #[cfg(feature = "postgres")]
    Postgres(PgConnection),
}

/// Runs one query text against the concrete connection, for what the common type refuses (upserts, batches).
macro_rules! per_backend {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($c) => $query,
            #[cfg(feature = "postgres")]
            $crate::db::Conn::Postgres($c) => $query,
        }
    };
}
pub(crate) use per_backend;

/// Many rows of one table. PostgreSQL takes them in one statement, one round trip; SQLite takes them one by one with a
/// statement it keeps, and so needs neither to read a text of thousands of marks nor a journal for half of a statement.
macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(c) => {
                $rows.iter().try_for_each(|row| diesel::insert_into($table).values(row).execute(c).map(|_| ()))
            }
            #[cfg(feature = "postgres")]
            $crate::db::Conn::Postgres(c) => diesel::insert_into($table).values($rows).execute(c).map(|_| ()),
        }
    };
}
pub(crate) use insert_rows;

impl Conn {
    /// Begins a transaction that means to write. SQLite takes its single writer's place at once (`IMMEDIATE`);
    /// a deferred transaction would fail on the lock upgrade without waiting.
    pub(super) fn begin_write(&mut self) -> QueryResult<()> {
        use diesel::connection::AnsiTransactionManager;
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
            #[cfg(feature = "postgres")]
            Self::Postgres(c) => {
                <AnsiTransactionManager as diesel::connection::TransactionManager<_>>::begin_transaction(c)
            }
        }
    }

    /// Makes the transaction's changes durable.
    pub(super) fn commit(&mut self) -> QueryResult<()> {
        use diesel::connection::TransactionManager;
        <Self as Connection>::TransactionManager::commit_transaction(self)
    }

    /// Forgets the transaction's changes.
    pub(super) fn roll_back(&mut self) -> QueryResult<()> {
        use diesel::connection::TransactionManager;
        <Self as Connection>::TransactionManager::rollback_transaction(self)
    }

    /// The database's own clock in UTC, cut to microseconds: PostgreSQL keeps six digits, and a value compared
    /// after a round trip must not differ. On SQLite the database runs in our process, so its clock is ours.
    pub fn now(&mut self) -> Result<chrono::DateTime<chrono::Utc>, super::DbError> {
        let naive = match self {
            Self::Sqlite(_) => chrono::Utc::now().naive_utc(),
            #[cfg(feature = "postgres")]
            Self::Postgres(c) => {
                diesel::select(diesel::dsl::sql::<diesel::sql_types::Timestamp>("clock_timestamp() AT TIME ZONE 'UTC'"))
                    .get_result(c)?
            }
        };
        Ok(cut_to_micros(naive.and_utc()))
    }
}

/// Drops what PostgreSQL would not keep.
pub(super) fn cut_to_micros(at: chrono::DateTime<chrono::Utc>) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}
