//! Reading the decisions on an appeal: they name a magistrate and a case, so each reading is in the audit.

use super::audit::{self, Act};
use super::{App, AppError};
use crate::db::authorisations::{self, Stored};
use crate::db::{Conn, appeals};
use crate::domain::actor::{Actor, Permission};
use crate::domain::ids::AppealId;

/// The decisions on an appeal, oldest first. No entry, no reading.
pub fn of_appeal(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId) -> Result<Vec<Stored>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let found = authorisations::of_appeal(conn, &appeal.id)?;
    for stored in &found {
        let id = stored.record.authorisation.id.as_str();
        audit::record(conn, now, actor, &Act { action: "authorisation.read", object: id, ..Act::default() })?;
    }
    Ok(found)
}
