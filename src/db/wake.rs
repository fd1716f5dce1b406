//! Waking workers. PostgreSQL carries the word (`LISTEN`/`NOTIFY`); on SQLite workers poll. A lost word costs one poll:
//! the rows are the truth.

use super::{Conn, Db, DbError};
#[cfg(feature = "postgres")]
use diesel::prelude::*;

/// Says that there may be work, once the transaction has committed. Twice in one transaction is once.
pub fn wake_workers(conn: &mut Conn) -> Result<(), DbError> {
    match conn {
        Conn::Sqlite(_) => {}
        #[cfg(feature = "postgres")]
        Conn::Postgres(c) => drop(diesel::sql_query("NOTIFY tocsin_work").execute(c)?),
    }
    Ok(())
}

/// A connection of its own that hears the word.
pub struct Listener(Conn);

impl Db {
    /// Begins to listen; none where there is nothing to hear.
    pub fn listen(&self) -> Result<Option<Listener>, DbError> {
        let mut conn = self.own_connection()?;
        match &mut conn {
            Conn::Sqlite(_) => Ok(None),
            #[cfg(feature = "postgres")]
            Conn::Postgres(c) => {
                diesel::sql_query("LISTEN tocsin_work").execute(c)?;
                Ok(Some(Listener(conn)))
            }
        }
    }
}

impl Listener {
    /// Whether the word came since the last look. Reads what the socket already holds; asks the server nothing.
    pub fn heard(&mut self) -> Result<bool, DbError> {
        match &mut self.0 {
            Conn::Sqlite(_) => Ok(false),
            #[cfg(feature = "postgres")]
            Conn::Postgres(c) => {
                let mut heard = false;
                for word in c.notifications_iter() {
                    word?;
                    heard = true;
                }
                Ok(heard)
            }
        }
    }
}
