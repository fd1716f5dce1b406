//! Which database, how many connections, and the two doors to it.

use super::turn::Turns;
use super::{Conn, DbError};
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, ManageConnection, Pool, PooledConnection};
use std::sync::Arc;
use std::time::Duration;

/// Where the data lives, told apart by scheme before anything is opened.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:path/to/file.db` (relative or absolute).
    Sqlite(String),
    /// `postgres://…`; needs a build with the feature `postgres`.
    Postgres(String),
}

impl std::fmt::Debug for DatabaseUrl {
    /// A PostgreSQL URL may hold a password, so only the kind is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{path}"),
            Self::Postgres(_) => write!(f, "postgres://***"),
        }
    }
}

/// The configured database address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableUrl {
    /// Neither `sqlite:` nor `postgres://`.
    #[error("database.url must begin with `sqlite:` or `postgres://`")]
    UnknownScheme,
    /// PostgreSQL asked of a build without it.
    #[error(
        "database.url names a PostgreSQL database, but this program was built without it; \
         install libpq-dev and build with `--features postgres`"
    )]
    BuiltWithoutPostgres,
}

impl DatabaseUrl {
    /// Reads the scheme; opens nothing.
    pub fn parse(url: &str) -> Result<Self, UnusableUrl> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(path.to_owned()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return if cfg!(feature = "postgres") {
                Ok(Self::Postgres(url.to_owned()))
            } else {
                Err(UnusableUrl::BuiltWithoutPostgres)
            };
        }
        Err(UnusableUrl::UnknownScheme)
    }
}

#[derive(Clone, Debug)]
struct Opener(DatabaseUrl);

impl ManageConnection for Opener {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        match &self.0 {
            DatabaseUrl::Sqlite(path) => {
                ConnectionManager::<diesel::SqliteConnection>::new(path).connect().map(Conn::Sqlite)
            }
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => {
                ConnectionManager::<diesel::PgConnection>::new(url).connect().map(Conn::Postgres)
            }
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => Err(diesel::r2d2::Error::ConnectionError(
                diesel::ConnectionError::BadConnection(UnusableUrl::BuiltWithoutPostgres.to_string()),
            )),
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        conn.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        use diesel::connection::TransactionManager;
        std::thread::panicking()
            || <Conn as diesel::Connection>::TransactionManager::is_broken_transaction_manager(conn)
    }
}

/// Settings every new connection starts with.
#[derive(Debug)]
struct Prepare;

impl CustomizeConnection<Conn, diesel::r2d2::Error> for Prepare {
    fn on_acquire(&self, conn: &mut Conn) -> Result<(), diesel::r2d2::Error> {
        let settings = match conn {
            // 16 MB of pages hold a whole batch of answers or mails, which would otherwise be written twice; a log of 16 MB
            // is written back a quarter as often, and what changes again and again goes back once.
            // busy_timeout first: switching to WAL itself may have to wait. FULL because a receipt is a promise.
            Conn::Sqlite(_) => {
                "PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
                 PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON; \
                 PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=4000;"
            }
            // No query here runs long enough to be worth compiling, and the guess that one does costs a tenth of a second.
            // A process that is stopped in the middle of a write must not hold its locks for ever: nothing of ours thinks
            // for so long between two statements of one.
            #[cfg(feature = "postgres")]
            Conn::Postgres(_) => {
                "SET TIME ZONE 'UTC'; SET lock_timeout='10s'; SET idle_in_transaction_session_timeout='20s'; \
                 SET synchronous_commit=on; SET jit=off;"
            }
        };
        conn.batch_execute(settings).map_err(diesel::r2d2::Error::QueryError)
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Opener>,
    url: DatabaseUrl,
    turns: Arc<Turns>,
}

impl Db {
    /// Opens a pool of `connections`; fails when the first one cannot be had within ten seconds.
    pub fn open(url: DatabaseUrl, connections: u32) -> Result<Self, DbError> {
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(10))
            .connection_customizer(Box::new(Prepare))
            .build(Opener(url.clone()))?;
        Ok(Self { pool, url, turns: Arc::default() })
    }

    /// Which database this is, without its secrets.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Reads on a blocking thread. All statements of `work` see one snapshot.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let db = self.clone();
        blocking(move || db.read_now(work)).await
    }

    /// Writes on a blocking thread, in one transaction: all of `work` or nothing.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let db = self.clone();
        blocking(move || db.write_now(work)).await
    }

    /// [`Db::read`] for callers that already are on a thread of their own (command line).
    pub fn read_now<T, E: From<DbError>>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let mut conn = self.connection()?;
        conn.batch_execute(match *conn {
            Conn::Sqlite(_) => "BEGIN",
            #[cfg(feature = "postgres")]
            // Reads hold nobody up, and some think between two statements (a plan's checks and aims take seconds, on a busy
            // machine tens of them).
            Conn::Postgres(_) => {
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout='5min'"
            }
        })
        .map_err(DbError::from)?;
        let outcome = work(&mut conn);
        conn.batch_execute("ROLLBACK").map_err(DbError::from)?;
        outcome
    }

    /// [`Db::write`] for callers that already are on a thread of their own.
    pub fn write_now<T, E: From<DbError>>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        if !matches!(self.url, DatabaseUrl::Sqlite(_)) {
            return transaction(&mut *self.connection()?, work).0;
        }
        let turn = self.turns.take();
        let mut conn = turn.connection(|| self.own_connection())?;
        let (outcome, is_over) = transaction(&mut conn, work);
        if is_over {
            turn.leave(conn);
        }
        outcome
    }

    /// Lets nothing of what was deleted stay in the files: SQLite overwrites deleted rows (`secure_delete`), but its log
    /// still holds them until it is written back and cut. PostgreSQL does the same in its own time, with VACUUM.
    pub async fn settle(&self) -> Result<(), DbError> {
        let db = self.clone();
        blocking(move || {
            db.bare(|conn| match conn {
                Conn::Sqlite(_) => Ok(conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);")?),
                #[cfg(feature = "postgres")]
                Conn::Postgres(_) => Ok(()),
            })
        })
        .await
    }

    /// Runs `work` outside any transaction, as migrations need.
    pub fn bare<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, DbError>) -> Result<T, DbError> {
        work(&mut *self.connection()?)
    }

    /// A connection outside the pool, for whoever keeps one for good.
    pub(super) fn own_connection(&self) -> Result<Conn, DbError> {
        let failed = |cause: diesel::r2d2::Error| DbError::Unavailable(cause.to_string());
        let mut conn = Opener(self.url.clone()).connect().map_err(failed)?;
        Prepare.on_acquire(&mut conn).map_err(failed)?;
        Ok(conn)
    }

    fn connection(&self) -> Result<PooledConnection<Opener>, DbError> {
        Ok(self.pool.get()?)
    }
}

/// One transaction: all of `work` or nothing; and whether it is certainly over.
fn transaction<T, E: From<DbError>>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> (Result<T, E>, bool) {
    if let Err(cause) = conn.begin_write() {
        return (Err(DbError::from(cause).into()), false);
    }
    match work(conn) {
        Ok(value) => match conn.commit() {
            Ok(()) => (Ok(value), true),
            Err(cause) => (Err(DbError::from(cause).into()), false),
        },
        Err(refusal) => match conn.roll_back() {
            Ok(()) => (Err(refusal), true),
            Err(cause) => (Err(DbError::from(cause).into()), false),
        },
    }
}

/// Every piece of work goes to its thread as the same type: the machinery behind is compiled once, not once for each of
/// the hundreds of places that read and write.
async fn blocking<T: Send + 'static, E: From<DbError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let job: Box<dyn FnOnce() + Send> = Box::new(move || drop(tell.send(work())));
    let ended = tokio::task::spawn_blocking(job).await;
    let lost =
        || ended.err().map_or_else(|| "the database's thread is gone".to_owned(), |panicked| panicked.to_string());
    told.await.unwrap_or_else(|_| Err(DbError::Unavailable(lost()).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides_before_anything_is_opened() {
        assert_eq!(DatabaseUrl::parse("sqlite:a/b.db"), Ok(DatabaseUrl::Sqlite("a/b.db".to_owned())));
        for mistyped in ["postgres", "host=localhost", "mysql://x", ""] {
            assert_eq!(DatabaseUrl::parse(mistyped), Err(UnusableUrl::UnknownScheme), "{mistyped}");
        }
        let postgres = DatabaseUrl::parse("postgres://user:secret@host/name");
        if cfg!(feature = "postgres") {
            assert!(postgres.is_ok_and(|url| !format!("{url:?}").contains("secret")));
        } else {
            assert_eq!(postgres, Err(UnusableUrl::BuiltWithoutPostgres));
        }
    }
}
