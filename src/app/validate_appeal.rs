//! Into the chain and through it. A yes or no is about exactly one plan digest; the plan is rebuilt and compared here, so
//! that nobody can sign what is no longer true.

use super::audit::{self, Act};
use super::plan_dispatch::{self, Preview};
use super::{App, AppError, random};
use crate::db::appeals::{self, Appeal};
use crate::db::{Conn, authorisations};
use crate::domain::actor::{Actor, Permission};
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, ValidationId};
use crate::domain::plan::PlanDigest;
use crate::domain::stage::Step;
use crate::domain::validation::{Validation, Verdict, may_validate};

/// The plan as it stands, if it is the one the caller looked at and nothing refuses it.
fn current(conn: &mut Conn, app: &App, appeal: &Appeal, digest: &PlanDigest) -> Result<Preview, AppError> {
    let preview = plan_dispatch::preview(conn, app, appeal)?;
    if !preview.refusals.is_empty() {
        return Err(AppError::Refused(preview.refusals));
    }
    if preview.digest().as_ref() != Some(digest) {
        return Err(AppError::Stale);
    }
    Ok(preview)
}

/// Puts the plan into the chain.
pub fn submit(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    digest: &PlanDigest,
) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Submit, now)?;
    let mut appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let stage = appeal.stage.after(Step::Submit)?;
    let preview = current(conn, app, &appeal, digest)?;
    if let Some(plan) = &preview.plan {
        authorisations::add_plan(conn, plan, &actor.person, now)?;
    }
    appeal.stage = stage;
    appeals::save(conn, &mut appeal, now)?;
    let act = Act {
        action: "appeal.submitted",
        object: id.as_str(),
        version: appeal.version,
        payload: digest.as_str(),
        reason: "",
    };
    audit::record(conn, now, actor, &act)?;
    Ok(appeal)
}

/// One person's yes or no.
pub fn validate(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    digest: &PlanDigest,
    verdict: Verdict,
    reasons: &str,
) -> Result<(Appeal, Validation), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Validate, now)?;
    let mut appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let stage = appeal.stage.after(if verdict == Verdict::Yes { Step::Approve } else { Step::Return })?;
    if verdict == Verdict::No && reasons.trim().is_empty() {
        return Err(vec![Fault::at("/reasons", "required")].into());
    }
    let preview = current(conn, app, &appeal, digest)?;
    if !authorisations::plan_was_submitted(conn, id, digest)? {
        return Err(AppError::Stale);
    }
    if let Some(stored) = &preview.authorisation {
        may_validate(&actor.person, &appeal.authors, &stored.record)
            .map_err(|seat| AppError::Forbidden { code: seat.code() })?;
    }
    let validation = Validation {
        id: ValidationId::from_parts(now, random::bytes()),
        plan: digest.clone(),
        by: actor.person.clone(),
        verdict,
        reasons: reasons.trim().to_owned(),
        at: now,
    };
    authorisations::add_validation(conn, id, &validation)?;
    appeal.stage = stage;
    appeals::save(conn, &mut appeal, now)?;
    let action = if verdict == Verdict::Yes { "appeal.validated" } else { "appeal.returned" };
    let act = Act {
        action,
        object: id.as_str(),
        version: appeal.version,
        payload: digest.as_str(),
        reason: &validation.reasons,
    };
    audit::record(conn, now, actor, &act)?;
    Ok((appeal, validation))
}
