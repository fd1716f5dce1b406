//! Why a use case did not happen, in terms a caller can act on. `http` turns each into one status and one problem.

use crate::area::AreaFault;
use crate::db::DbError;
use crate::domain::faults::Fault;
use crate::domain::gate::Refusal;
use crate::domain::stage::{RefusedStep, Stage, Step};

/// Every failure of a use case.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No such object, or not this unit's.
    #[error("not found")]
    NotFound,
    /// Nobody is known to be acting.
    #[error("not signed in")]
    Unauthenticated,
    /// The actor may not do this; the code says why.
    #[error("forbidden: {code}")]
    Forbidden {
        /// Stable code with words in the catalogues.
        code: &'static str,
    },
    /// It collides with what exists.
    #[error("conflict: {code}")]
    Conflict {
        /// Stable code with words in the catalogues.
        code: &'static str,
    },
    /// The version or digest the caller decided on is no longer the current one.
    #[error("stale")]
    Stale,
    /// The caller did not say which version or digest the decision is about.
    #[error("precondition required")]
    PreconditionRequired,
    /// The stage does not allow the step.
    #[error("{step} is not possible at stage {from}")]
    WrongStage {
        /// Where the appeal stands.
        from: Stage,
        /// What was asked.
        step: Step,
    },
    /// The request is wrong in these places.
    #[error("{} faults", .0.len())]
    Faults(Vec<Fault>),
    /// The target area is wrong in these places.
    #[error("{} faults in the area", .0.len())]
    Area(Vec<AreaFault>),
    /// The publishing gate or the chain refuses, for all these reasons.
    #[error("{} refusals", .0.len())]
    Refused(Vec<Refusal>),
    /// Too often; try again later.
    #[error("too many requests")]
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Something this depends on is out of reach; nothing was changed.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The identity provider does not answer; the password still works.
    #[error("the identity provider is out of reach")]
    ProviderDown,
    /// A defect or corrupt data; needs a person.
    #[error("broken: {0}")]
    Broken(String),
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound => Self::NotFound,
            DbError::Conflict => Self::Conflict { code: "already-exists" },
            DbError::Stale => Self::Stale,
            DbError::Unavailable(cause) => Self::Unavailable(cause),
            DbError::Corrupt(cause) => Self::Broken(cause),
        }
    }
}

impl From<RefusedStep> for AppError {
    fn from(refused: RefusedStep) -> Self {
        Self::WrongStage { from: refused.from, step: refused.step }
    }
}

impl From<Vec<Fault>> for AppError {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Faults(faults)
    }
}
