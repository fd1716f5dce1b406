//! Who may do what where: roles of the home unit, rights given one by one, and the two administrators it takes to give a
//! dangerous one. The command line may begin a unit; everything after that is asked for and confirmed.

use super::audit::{self, Act, By};
use super::{App, AppError, random, sessions};
use crate::db::access::{self as rows, User};
use crate::db::grants::{self, Grant};
use crate::db::{Conn, DbError, factors};
use crate::domain::actor::{Actor, Means, Permission, Role};
use crate::domain::faults::Fault;
use crate::domain::grant::{Field, Reach, Right, SameHands, may_ask, may_confirm};
use crate::domain::ids::{GrantId, UnitId, UserId};
use crate::sealing::{OneTimeCode, OsRandom};
use chrono::{DateTime, TimeDelta, Utc};

/// How long the one-time code after a factor reset works: it is handed over at once.
const RESET: TimeDelta = TimeDelta::hours(24);

impl From<SameHands> for AppError {
    fn from(hands: SameHands) -> Self {
        Self::Forbidden { code: hands.code() }
    }
}

/// Where a request wants to act.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The unit it names; else the account's own.
    pub unit: Option<UnitId>,
    /// The first appeal, decision, dispatch or response that its address names.
    pub object: Option<String>,
}

/// Who somebody is on what they want to act on: their roles in its unit, and what they were given there or on it alone.
pub fn actor(conn: &mut Conn, user: User, means: Means, wanted: &Wanted) -> Result<Actor, AppError> {
    let held = grants::active_of(conn, &user.id)?;
    let unit = wanted.unit.clone().unwrap_or_else(|| user.unit.clone());
    let mut actor = Actor {
        user: user.id,
        person: user.person,
        roles: if unit == user.unit { user.roles } else { Vec::new() },
        unit,
        fields: std::collections::BTreeSet::new(),
        means,
    };
    let in_unit = held.iter().filter(|grant| grant.reach.unit == actor.unit && grant.reach.appeal.is_none());
    let in_unit: Vec<Right> = in_unit.map(|grant| grant.right).collect();
    if actor.unit != user.unit && in_unit.is_empty() {
        return Err(AppError::Forbidden { code: "not-allowed" });
    }
    for right in in_unit {
        give(&mut actor, right);
    }
    if held.iter().any(|grant| grant.reach.appeal.is_some())
        && let Some(object) = &wanted.object
        && let Some((appeal, unit)) = grants::appeal_behind(conn, object)?
    {
        let mut on_it = held.iter().filter(|grant| grant.reach.appeal.as_ref() == Some(&appeal)).peekable();
        if on_it.peek().is_some() && unit != actor.unit {
            // In that unit they are nobody but for this appeal, and the address names nothing else.
            actor.unit = unit;
            actor.roles.clear();
            actor.fields.clear();
        }
        for grant in on_it {
            give(&mut actor, grant.right);
        }
    }
    Ok(actor)
}

fn give(actor: &mut Actor, right: Right) {
    match right {
        Right::Role(role) if !actor.roles.contains(&role) => actor.roles.push(role),
        Right::Field(field) => drop(actor.fields.insert(field)),
        Right::Role(_) | Right::FactorReset => {}
    }
}

/// What is asked for.
pub struct Wish<'a> {
    /// Who gains.
    pub user: &'a UserId,
    /// What.
    pub right: Right,
    /// On one appeal only.
    pub appeal: Option<crate::domain::ids::AppealId>,
    /// Why.
    pub reason: &'a str,
}

/// Asks for a right on the caller's unit's objects. What is not dangerous holds at once.
pub fn ask(conn: &mut Conn, app: &App, actor: &Actor, wish: &Wish<'_>) -> Result<Grant, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageUsers, now)?;
    let unknown = |e: DbError| match e {
        DbError::NotFound => AppError::from(vec![Fault::at("/user", "unknown-value").with("value", wish.user)]),
        other => other.into(),
    };
    let user = rows::user(conn, wish.user).map_err(unknown)?;
    // A factor belongs to the account, so it is its home unit's administrators who replace it.
    if wish.right == Right::FactorReset && user.unit != actor.unit {
        return Err(AppError::NotFound);
    }
    may_ask(&actor.person, &user.person)?;
    if !(3..=500).contains(&wish.reason.trim().chars().count()) {
        return Err(vec![Fault::at("/reason", "grant-reason")].into());
    }
    if let Some(appeal) = &wish.appeal {
        crate::db::appeals::of_unit(conn, appeal, &actor.unit)?;
    }
    let mut grant = Grant {
        id: GrantId::from_parts(now, random::bytes()),
        user: user.id.clone(),
        reach: Reach { unit: actor.unit.clone(), appeal: wish.appeal.clone() },
        right: wish.right,
        state: "asked".to_owned(),
        reason: wish.reason.trim().to_owned(),
        asked_by: actor.user.to_string(),
        asked_person: actor.person.to_string(),
        decided_by: None,
        created_at: now,
    };
    if !wish.right.is_dangerous() {
        "active".clone_into(&mut grant.state);
        grants::add(conn, &grant)?;
        note(conn, actor.into(), "grant.given", &grant, now)?;
        take_effect(conn, &grant, &user, actor.into(), now)?;
        return Ok(grant);
    }
    grants::add(conn, &grant)?;
    note(conn, actor.into(), "grant.asked", &grant, now)?;
    Ok(grant)
}

fn note(conn: &mut Conn, by: By, action: &str, grant: &Grant, now: DateTime<Utc>) -> Result<(), AppError> {
    let what = format!("{} {} {}", grant.right.kind(), grant.right.code(), grant.user);
    let act = Act { action, object: grant.id.as_str(), reason: &grant.reason, payload: &what, ..Act::default() };
    audit::record(conn, now, by, &act)
}

/// A role of the home unit joins the account's roles and ends its sessions; anything else is looked up at each request.
fn take_effect(conn: &mut Conn, grant: &Grant, user: &User, by: By, now: DateTime<Utc>) -> Result<(), AppError> {
    let Right::Role(role) = grant.right else { return Ok(()) };
    if grant.reach.unit != user.unit || grant.reach.appeal.is_some() || user.roles.contains(&role) {
        return Ok(());
    }
    let roles: Vec<Role> = user.roles.iter().copied().chain([role]).collect();
    grants::set_roles(conn, &user.id, &roles)?;
    sessions::end_all(conn, &user.id, by, "session.ended_by_role_change", now).map(drop)
}

/// The second administrator's yes. After a factor reset the one-time code is shown once, to them.
pub fn confirm(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &GrantId,
) -> Result<(Grant, Option<OneTimeCode>), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ManageUsers, now)?;
    let mut grant = grants::of_unit(conn, id, &actor.unit)?;
    let user = rows::user(conn, &grant.user)?;
    let asker = crate::domain::ids::PersonId::parse(&grant.asked_person)
        .map_err(|e| AppError::Broken(format!("grant {id}: {e}")))?;
    may_confirm(&asker, &actor.person, &user.person)?;
    let to = if grant.right == Right::FactorReset { "ended" } else { "active" };
    settle(conn, &mut grant, "asked", to, actor, now)?;
    note(conn, actor.into(), "grant.confirmed", &grant, now)?;
    if grant.right != Right::FactorReset {
        take_effect(conn, &grant, &user, actor.into(), now)?;
        return Ok((grant, None));
    }
    let code = OneTimeCode::generate(&mut OsRandom);
    factors::reset(conn, &user.id, &code.digest().to_hex(), now + RESET)?;
    let act = Act { action: "factor.reset", object: user.id.as_str(), ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    sessions::end_all(conn, &user.id, actor.into(), "session.ended_by_factor_change", now)?;
    Ok((grant, Some(code)))
}

fn settle(
    conn: &mut Conn,
    grant: &mut Grant,
    from: &str,
    to: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    grants::settle(conn, &grant.id, from, to, actor.user.as_str(), now).map_err(|e| match e {
        DbError::Stale => AppError::Conflict { code: "grant-settled" },
        other => other.into(),
    })?;
    to.clone_into(&mut grant.state);
    grant.decided_by = Some(actor.user.to_string());
    Ok(())
}

/// Takes a right away, or refuses it while it is asked for. One administrator does, without another.
pub fn end(conn: &mut Conn, app: &App, actor: &Actor, id: &GrantId) -> Result<Grant, AppError> {
    let now = app.clock.now(conn)?;
    actor.may_look(Permission::ManageUsers, now)?;
    let mut grant = grants::of_unit(conn, id, &actor.unit)?;
    if grant.state == "asked" {
        settle(conn, &mut grant, "asked", "refused", actor, now)?;
        note(conn, actor.into(), "grant.refused", &grant, now)?;
        return Ok(grant);
    }
    settle(conn, &mut grant, "active", "ended", actor, now)?;
    note(conn, actor.into(), "grant.ended", &grant, now)?;
    let user = rows::user(conn, &grant.user)?;
    if let Right::Role(role) = grant.right
        && grant.reach.appeal.is_none()
        && grant.reach.unit == user.unit
    {
        lose(conn, &user, role, actor.into(), now)?;
    }
    Ok(grant)
}

fn lose(conn: &mut Conn, user: &User, role: Role, by: By, now: DateTime<Utc>) -> Result<(), AppError> {
    let roles: Vec<Role> = user.roles.iter().copied().filter(|held| *held != role).collect();
    grants::set_roles(conn, &user.id, &roles)?;
    sessions::end_all(conn, &user.id, by, "session.ended_by_role_change", now).map(drop)
}

fn of_own_unit(conn: &mut Conn, actor: &Actor, id: &UserId) -> Result<User, AppError> {
    let user = rows::user(conn, id)?;
    if user.unit == actor.unit { Ok(user) } else { Err(AppError::NotFound) }
}

/// Takes a role of the home unit away, however it was given.
pub fn take_role(conn: &mut Conn, app: &App, actor: &Actor, id: &UserId, role: Role) -> Result<User, AppError> {
    let now = app.clock.now(conn)?;
    actor.may_look(Permission::ManageUsers, now)?;
    let user = of_own_unit(conn, actor, id)?;
    if !user.roles.contains(&role) {
        return Err(AppError::NotFound);
    }
    lose(conn, &user, role, actor.into(), now)?;
    for grant in grants::active_of(conn, id)? {
        let same = grant.right == Right::Role(role) && grant.reach.unit == user.unit && grant.reach.appeal.is_none();
        if same {
            grants::settle(conn, &grant.id, "active", "ended", actor.user.as_str(), now)?;
        }
    }
    let act = Act { action: "role.taken", object: id.as_str(), reason: role.code(), ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    Ok(rows::user(conn, id)?)
}

/// Closes an account: its sessions end, its tokens stop working.
pub fn disable(conn: &mut Conn, app: &App, actor: &Actor, id: &UserId) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    actor.may_look(Permission::ManageUsers, now)?;
    let user = of_own_unit(conn, actor, id)?;
    close_account(conn, &user, actor.into(), now)
}

/// [`disable`] from the command line.
pub fn disable_from_cli(conn: &mut Conn, app: &App, login: &str) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let user = rows::user_by_login(conn, login)?;
    close_account(conn, &user, By::service("cli"), now)
}

fn close_account(conn: &mut Conn, user: &User, by: By, now: DateTime<Utc>) -> Result<(), AppError> {
    if user.disabled_at.is_some() {
        return Ok(());
    }
    rows::disable_user(conn, &user.id, now)?;
    audit::record(conn, now, by.clone(), &Act { action: "user.disabled", object: user.id.as_str(), ..Act::default() })?;
    sessions::end_all(conn, &user.id, by, "session.ended_by_disabling", now).map(drop)
}

/// Gives a field at the beginning of a unit, from the command line or a test: recorded as what it is.
pub fn bootstrap_field(conn: &mut Conn, app: &App, by: By, id: &UserId, field: Field) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let user = rows::user(conn, id)?;
    let grant = Grant {
        id: GrantId::from_parts(now, random::bytes()),
        user: user.id,
        reach: Reach { unit: user.unit, appeal: None },
        right: Right::Field(field),
        state: "active".to_owned(),
        reason: "beginning of the unit".to_owned(),
        asked_by: String::new(),
        asked_person: String::new(),
        decided_by: None,
        created_at: now,
    };
    grants::add(conn, &grant)?;
    note(conn, by, "grant.bootstrapped", &grant, now)
}

/// Whether a unit is past its beginning: from two administrators on, they give the rights and not the command line.
pub fn is_founded(conn: &mut Conn, unit: &UnitId) -> Result<bool, DbError> {
    Ok(grants::administrators(conn, unit)?.len() >= 2)
}
