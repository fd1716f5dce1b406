//! A unit's changes of the rules, by its legal officer: named, reasoned, audited, ended and never edited.

use super::audit::{self, Act};
use super::{App, AppError, check_texts, random, standing};
use crate::db::{Conn, rules};
use crate::domain::actor::{Actor, Permission};
use crate::domain::canonical;
use crate::domain::faults::Fault;
use crate::domain::ids::OverrideId;
use crate::domain::rules::{Change, Override, RefusedOverride, RuleId};

fn reason_of(reason: &str) -> Result<String, AppError> {
    let reason = reason.trim();
    if reason.chars().count() < 10 {
        Err(vec![Fault::at("/reason", "reason-too-short")].into())
    } else {
        Ok(reason.to_owned())
    }
}

/// Changes a rule for the actor's unit and those below it.
pub fn change(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    rule: &RuleId,
    change: Change,
    reason: &str,
) -> Result<Override, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ChangeRules, now)?;
    let reason = reason_of(reason)?;
    if let Some(changed) = check_texts::changed_check(rule, &change) {
        check_texts::lint()?
            .book()
            .with(&[changed])
            .map_err(|_| AppError::Conflict { code: RefusedOverride::Locked.code() })?;
    } else {
        let book = standing::rules_of(conn, app, &actor.unit)?;
        book.changed(rule, &change).map_err(|refused| AppError::Conflict { code: refused.code() })?;
    }
    let change = Override {
        id: OverrideId::from_parts(now, random::bytes()),
        unit: actor.unit.clone(),
        rule: rule.clone(),
        change,
        reason,
        by: actor.person.clone(),
        at: now,
    };
    rules::add_override(conn, &change)?;
    let payload = canonical::digest(&change.change.to_document());
    let act =
        Act { action: "rule.changed", object: rule.as_str(), payload: &payload, reason: &change.reason, version: 0 };
    audit::record(conn, now, actor, &act)?;
    Ok(change)
}

/// Ends a change of the actor's unit: the rule applies again as it stands.
pub fn end(conn: &mut Conn, app: &App, actor: &Actor, id: &OverrideId, reason: &str) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ChangeRules, now)?;
    let reason = reason_of(reason)?;
    rules::end_override(conn, id, &actor.unit, &actor.person, &reason, now)?;
    let act = Act { action: "rule.restored", object: id.as_str(), reason: &reason, ..Act::default() };
    audit::record(conn, now, actor, &act)
}
