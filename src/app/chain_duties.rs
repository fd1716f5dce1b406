//! What the chain owes besides a yes or no: seats at its levels and who speaks for whom while away, the review after an
//! emergency.

use super::audit::{self, Act, By};
use super::{App, AppError, random, standing, take_down};
use crate::db::access;
use crate::db::chain::{self, Review, Seat};
use crate::db::{Conn, appeals, authorisations};
use crate::domain::actor::{Actor, Permission, Role};
use crate::domain::faults::Fault;
use crate::domain::gate::last_words;
use crate::domain::grant::may_confirm;
use crate::domain::ids::{AppealId, PersonId, SeatId, UnitId, UserId};
use crate::domain::rules::Level;
use crate::domain::stage::Stage;
use crate::domain::validation::{Verdict, may_validate};
use chrono::{DateTime, TimeDelta, Utc};

/// The longest somebody may speak for somebody else at a stretch: a long holiday, not a handover.
const LONGEST_ABSENCE: TimeDelta = TimeDelta::days(42);

/// Every seat of the actor's unit.
pub fn seats(conn: &mut Conn, app: &App, actor: &Actor) -> Result<Vec<Seat>, AppError> {
    let now = app.clock.now(conn)?;
    if actor.may(Permission::ReadAppeals, now).is_err() {
        actor.may(Permission::ManageUsers, now)?;
    }
    Ok(chain::seats_of(conn, &actor.unit)?)
}

/// An account of the unit that may validate at all.
fn validator(conn: &mut Conn, unit: &UnitId, user: &UserId, pointer: &str) -> Result<(), AppError> {
    let found = access::users_of(conn, unit)?.into_iter().find(|known| known.id == *user);
    match found {
        Some(found) if found.disabled_at.is_none() && found.roles.contains(&Role::Validator) => Ok(()),
        Some(_) => Err(vec![Fault::at(pointer, "not-a-validator")].into()),
        None => Err(vec![Fault::at(pointer, "unknown-value").with("value", user)].into()),
    }
}

/// Asks for an account to hold a level. It counts once a second administrator confirmed it, because it publishes; nobody
/// gives one to themselves.
pub fn give_seat(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    user: &UserId,
    level: Level,
    reason: &str,
) -> Result<Seat, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageUsers, now)?;
    if chain::person_of(conn, user).is_ok_and(|person| person == actor.person) {
        return Err(AppError::Forbidden { code: "own-right" });
    }
    add_seat(conn, app, actor.into(), &actor.unit, (user, level), (reason, false))
}

/// The second administrator's yes to a level: neither who asked for it nor who gains it.
pub fn confirm_seat(conn: &mut Conn, app: &App, actor: &Actor, id: &SeatId) -> Result<Seat, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageUsers, now)?;
    let find = |conn: &mut Conn| -> Result<Seat, AppError> {
        let seats = chain::seats_of(conn, &actor.unit)?;
        seats.into_iter().find(|seat| seat.id == *id).ok_or(AppError::NotFound)
    };
    let seat = find(conn)?;
    let asker = UserId::parse(&seat.given_by).map_err(|e| AppError::Broken(format!("seat {id}: {e}")))?;
    let (asker, gains) = (chain::person_of(conn, &asker)?, chain::person_of(conn, &seat.user)?);
    may_confirm(&asker, &actor.person, &gains).map_err(|hands| AppError::Forbidden { code: hands.code() })?;
    chain::confirm_seat(conn, id, actor.user.as_str())?;
    let act =
        Act { action: "level.confirmed", object: seat.user.as_str(), payload: seat.level.code(), ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    find(conn)
}

/// Gives an account of a unit a level at once: the command line, which is in the hands of who runs the machine.
pub fn found_seat(
    conn: &mut Conn,
    app: &App,
    by: By,
    unit: &UnitId,
    user: &UserId,
    level: Level,
    reason: &str,
) -> Result<Seat, AppError> {
    add_seat(conn, app, by, unit, (user, level), (reason, true))
}

fn add_seat(
    conn: &mut Conn,
    app: &App,
    by: By,
    unit: &UnitId,
    (user, level): (&UserId, Level),
    (reason, is_confirmed): (&str, bool),
) -> Result<Seat, AppError> {
    let now = app.clock.now(conn)?;
    validator(conn, unit, user, "/user")?;
    let known = chain::seats_of(conn, unit)?;
    if known.iter().any(|seat| seat.user == *user && seat.level == level && seat.delegated_by.is_none()) {
        return Err(AppError::Conflict { code: "already-exists" });
    }
    let seat = Seat {
        id: SeatId::from_parts(now, random::bytes()),
        unit: unit.clone(),
        user: user.clone(),
        level,
        delegated_by: None,
        valid_from: now,
        valid_until: None,
        given_by: by.name().to_owned(),
        reason: reason.trim().to_owned(),
        confirmed_by: is_confirmed.then(|| by.name().to_owned()),
    };
    chain::add_seat(conn, &seat, now)?;
    let action = if is_confirmed { "level.given" } else { "level.asked" };
    let act = Act { action, object: user.as_str(), payload: level.code(), reason: &seat.reason, version: 0 };
    audit::record(conn, now, by, &act)?;
    Ok(seat)
}

/// Lets a colleague speak at the actor's level while they are away.
pub fn delegate(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    level: Level,
    to: &UserId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    reason: &str,
) -> Result<Seat, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Validate, now)?;
    validator(conn, &actor.unit, to, "/to")?;
    let mut faults = Vec::new();
    if until <= from.max(now) {
        faults.push(Fault::at("/until", "before-start"));
    } else if until - from > LONGEST_ABSENCE {
        faults.push(Fault::at("/until", "lasts-too-long").with("hours", LONGEST_ABSENCE.num_hours()));
    }
    if reason.trim().chars().count() < 3 {
        faults.push(Fault::at("/reason", "required"));
    }
    if chain::person_of(conn, to)? == actor.person {
        faults.push(Fault::at("/to", "same-person"));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let own = own_seats(conn, actor, now)?;
    if !own.contains(&level) {
        return Err(AppError::Forbidden { code: "no-seat" });
    }
    let seat = Seat {
        id: SeatId::from_parts(now, random::bytes()),
        unit: actor.unit.clone(),
        user: to.clone(),
        level,
        delegated_by: Some(actor.user.clone()),
        valid_from: from,
        valid_until: Some(until),
        given_by: actor.user.to_string(),
        reason: reason.trim().to_owned(),
        // The holder's own to lend, for a while.
        confirmed_by: Some(actor.user.to_string()),
    };
    chain::add_seat(conn, &seat, now)?;
    let act =
        Act { action: "level.delegated", object: to.as_str(), payload: level.code(), reason: &seat.reason, version: 0 };
    audit::record(conn, now, actor, &act)?;
    Ok(seat)
}

/// Takes a seat away: an administrator any, its holder or whoever delegated it their own. The safe direction takes one
/// person and no step-up beyond the permission's.
pub fn end_seat(conn: &mut Conn, app: &App, actor: &Actor, id: &SeatId) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let seat = chain::seats_of(conn, &actor.unit)?.into_iter().find(|seat| seat.id == *id).ok_or(AppError::NotFound)?;
    if seat.user != actor.user && seat.delegated_by.as_ref() != Some(&actor.user) {
        actor.may(Permission::ManageUsers, now)?;
    }
    chain::end_seat(conn, &seat, now)?;
    let act = Act { action: "level.ended", object: seat.user.as_str(), payload: seat.level.code(), ..Act::default() };
    audit::record(conn, now, actor, &act)
}

/// Levels the actor holds by themselves. A validator without any seat speaks at the first level, so that a small force
/// with a chain of one level needs none.
fn own_seats(conn: &mut Conn, actor: &Actor, now: DateTime<Utc>) -> Result<Vec<Level>, AppError> {
    Ok(held(conn, actor, now)?.into_iter().filter(|(_, for_whom)| for_whom.is_none()).map(|(level, _)| level).collect())
}

/// Levels the actor may speak at now, each with the person whose seat it is when it is not their own.
pub(super) fn held(
    conn: &mut Conn,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<(Level, Option<PersonId>)>, AppError> {
    let mut held = Vec::new();
    for seat in chain::seats_of(conn, &actor.unit)? {
        let is_now = seat.valid_from <= now && seat.valid_until.is_none_or(|until| now < until);
        if seat.user != actor.user || !is_now || seat.confirmed_by.is_none() {
            continue;
        }
        let for_whom = seat.delegated_by.as_ref().map(|user| chain::person_of(conn, user)).transpose()?;
        held.push((seat.level, for_whom));
    }
    if held.iter().all(|(_, for_whom)| for_whom.is_some()) {
        held.push((Level::CommunicationOfficer, None));
    }
    // Own seats first: somebody who holds a level speaks for themselves.
    held.sort_by_key(|(level, for_whom)| (*level, for_whom.is_some()));
    Ok(held)
}

/// The reviews of an appeal.
pub fn reviews(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId) -> Result<Vec<Review>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    Ok(chain::reviews_of(conn, &appeal.id)?)
}

/// The review after an emergency, by somebody who had no part in it. A no takes the appeal down at once.
pub fn review(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    verdict: Verdict,
    note: &str,
) -> Result<Review, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Validate, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    if note.trim().chars().count() < 3 {
        return Err(vec![Fault::at("/note", "required")].into());
    }
    let open = chain::reviews_of(conn, id)?.into_iter().find(|review| review.done.is_none());
    let review = open.ok_or(AppError::Conflict { code: "no-review" })?;
    let standing = standing::load(conn, app, &appeal)?;
    let under = standing.authority(app, &appeal, now);
    let records: Vec<_> = under.records().collect();
    may_validate(&actor.person, &appeal.authors, &records).map_err(|seat| AppError::Forbidden { code: seat.code() })?;
    let validations = authorisations::validations_of(conn, id)?;
    if last_words(&review.plan, &validations).contains_key(&actor.person) {
        return Err(AppError::Forbidden { code: "reviewer-validated" });
    }
    chain::close_review(conn, &review.id, verdict, note.trim(), &actor.person, now)?;
    let action = if verdict == Verdict::Yes { "emergency.approved" } else { "emergency.disapproved" };
    let act = Act { action, object: id.as_str(), payload: review.plan.as_str(), reason: note.trim(), version: 0 };
    audit::record(conn, now, actor, &act)?;
    if verdict == Verdict::No && matches!(appeal.stage, Stage::Live | Stage::Scheduled) {
        take_down::suspend(conn, app, actor.into(), appeal, "disapproved in review", now)?;
    }
    chain::reviews_of(conn, id)?.into_iter().find(|known| known.id == review.id).ok_or(AppError::NotFound)
}
