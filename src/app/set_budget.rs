//! What the advertisements of something that is out may cost. Less is everybody's right who may write it, and done at once:
//! within what was signed. More is only a wish, until the chain says yes to the plan that holds it.

use super::audit::{self, Act, By};
use super::carry_on::{self, Effect};
use super::change_campaigns::Caps;
use super::{App, AppError, take_down};
use crate::db::appeals::{self, Appeal};
use crate::db::{Conn, ledger, paid_changes, wake_workers};
use crate::domain::actor::{Actor, Permission};
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::domain::stage::Stage;
use chrono::{DateTime, Utc};

/// The most an appeal's advertisements may be given here, euro cents: a million euro, as when it is filed.
const MOST: i64 = 100_000_000;

/// Sets it; what that does to what is out, and the appeal as it is then.
pub fn set(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    version: i32,
    cents: i64,
) -> Result<(Appeal, Effect), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::WriteAppeals, now)?;
    let mut appeal = appeals::of_unit(conn, id, &actor.unit)?;
    if appeal.version != version {
        return Err(AppError::Stale);
    }
    // Before it is out, the budget is edited like everything else.
    if appeal.stage != Stage::Live {
        return Err(AppError::Conflict { code: "not-live" });
    }
    if !(0..=MOST).contains(&cents) {
        return Err(vec![Fault::at("/budget_cents", "out-of-range")].into());
    }
    let has = appeal.draft.budget_cents.unwrap_or(0);
    if ledger::budget(conn, id)?.is_none() {
        return Err(AppError::Conflict { code: "no-advertisements" });
    }
    if cents < has {
        let appeal = lower(conn, app, actor.into(), appeal, cents, "asked for", now)?;
        return Ok((appeal, Effect::Lowered(cents)));
    }
    if cents == has {
        paid_changes::forget_wish(conn, id)?;
    } else {
        paid_changes::set_wish(conn, id, cents, &actor.person, now)?;
        // Whoever wishes for it does not say yes to it.
        appeals::add_author(conn, id, &actor.person)?;
        appeal.authors.insert(actor.person.clone());
    }
    appeals::save(conn, &mut appeal, now)?;
    let said = format!("{cents} cents instead of {has}");
    let act = Act {
        action: "appeal.budget_wished",
        object: id.as_str(),
        version: appeal.version,
        reason: &said,
        payload: "",
    };
    audit::record(conn, now, actor, &act)?;
    let effect = match carry_on::waiting(conn, app, &appeal)? {
        None => Effect::Covered,
        Some(waiting) if waiting.refusals.is_empty() => Effect::Waits(Some(waiting.plan.digest())),
        Some(_) => Effect::Waits(None),
    };
    Ok((appeal, effect))
}

/// Lets advertisements cost less together from now on: platforms are told, and what cannot be spent any more is given back.
pub(super) fn lower(
    conn: &mut Conn,
    app: &App,
    by: By,
    mut appeal: Appeal,
    cents: i64,
    why: &str,
    now: DateTime<Utc>,
) -> Result<Appeal, AppError> {
    let has = appeal.draft.budget_cents.unwrap_or(0);
    let id = appeal.id.clone();
    appeal.draft.budget_cents = Some(cents);
    paid_changes::forget_wish(conn, &id)?;
    ledger::authorise(conn, &id, cents, now)?;
    let ended = carry_on::bound(conn, app, &appeal, Caps::Within(cents), why, now)?;
    appeals::save(conn, &mut appeal, now)?;
    let said = format!("{cents} cents instead of {has}: {why}");
    let act = Act {
        action: "appeal.budget_lowered",
        object: id.as_str(),
        version: appeal.version,
        reason: &said,
        payload: "",
    };
    audit::record(conn, now, by.clone(), &act)?;
    if !ended.is_empty() {
        take_down::narrow(conn, app, by, appeal, &ended, "all it may cost is spent", now)?;
        appeal = appeals::any(conn, &id)?;
    }
    wake_workers(conn)?;
    Ok(appeal)
}
