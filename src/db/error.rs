//! What a caller can do about a failed query. Callers match on this, never on a database's message.

use diesel::result::{DatabaseErrorKind, Error};

/// Every failure of the database layer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No such row, or not for this unit: the outside sees 404 either way.
    #[error("not found")]
    NotFound,
    /// A uniqueness rule refused the row.
    #[error("already exists")]
    Conflict,
    /// Somebody else changed the row since it was read.
    #[error("changed in the meantime")]
    Stale,
    /// The database cannot be reached or is out of room; trying later may help.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// A stored row does not parse. Needs a person.
    #[error("stored data is corrupt: {0}")]
    Corrupt(String),
}

impl DbError {
    /// A stored value that does not parse: says which and why.
    pub fn corrupt(what: &str, why: impl std::fmt::Debug) -> Self {
        Self::Corrupt(format!("{what}: {why:?}"))
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Conflict,
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Stale,
            Error::DeserializationError(cause) => Self::Corrupt(cause.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<diesel::r2d2::PoolError> for DbError {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
