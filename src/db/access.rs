//! Units, users and sessions as rows; tokens for programs are in `tokens`. Secrets arrive here hashed or sealed; who may do what is `domain::actor`.

use super::schema::{sessions, units, users};
use super::{Conn, DbError};
use crate::domain::actor::Role;
use crate::domain::ids::{PersonId, SessionId, UnitId, UserId};
use crate::domain::place::Country;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A force, zone or department.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its official name, shown on public pages.
    pub name: String,
    /// The unit above it.
    pub parent: Option<UnitId>,
    /// Whose law it works under.
    pub country: Country,
    /// Telephone number given to the public.
    pub contact: String,
    /// Where it is told what is late; empty: as the settings say.
    pub duty_address: String,
    /// In which language; empty: as the settings say.
    pub duty_language: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = units)]
struct UnitRow {
    id: String,
    name: String,
    parent_id: Option<String>,
    country: String,
    contact: String,
    created_at: NaiveDateTime,
    duty_address: String,
    duty_language: String,
}

impl TryFrom<UnitRow> for Unit {
    type Error = DbError;

    fn try_from(row: UnitRow) -> Result<Self, DbError> {
        Ok(Self {
            id: UnitId::parse(&row.id).map_err(|e| DbError::corrupt("units.id", e))?,
            name: row.name,
            parent: row
                .parent_id
                .map(|id| UnitId::parse(&id))
                .transpose()
                .map_err(|e| DbError::corrupt("units.parent_id", e))?,
            country: Country::parse(&row.country).ok_or_else(|| DbError::corrupt("units.country", row.country))?,
            contact: row.contact,
            duty_address: row.duty_address,
            duty_language: row.duty_language,
        })
    }
}

/// Adds a unit.
pub fn add_unit(conn: &mut Conn, unit: &Unit, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = UnitRow {
        id: unit.id.to_string(),
        name: unit.name.clone(),
        parent_id: unit.parent.as_ref().map(ToString::to_string),
        country: unit.country.code().to_owned(),
        contact: unit.contact.clone(),
        created_at: now.naive_utc(),
        duty_address: unit.duty_address.clone(),
        duty_language: unit.duty_language.clone(),
    };
    diesel::insert_into(units::table).values(row).execute(conn)?;
    Ok(())
}

/// Names who is on duty in a unit, and in which language.
pub fn set_duty(conn: &mut Conn, id: &UnitId, address: &str, language: &str) -> Result<(), DbError> {
    diesel::update(units::table.find(id.as_str()))
        .set((units::duty_address.eq(address), units::duty_language.eq(language)))
        .execute(conn)?;
    Ok(())
}

/// One unit.
pub fn unit(conn: &mut Conn, id: &UnitId) -> Result<Unit, DbError> {
    units::table.find(id.as_str()).select(UnitRow::as_select()).first(conn)?.try_into()
}

/// All units, by name.
pub fn all_units(conn: &mut Conn) -> Result<Vec<Unit>, DbError> {
    units::table.select(UnitRow::as_select()).order(units::name).load(conn)?.into_iter().map(Unit::try_from).collect()
}

/// An account. `password_hash` and the sealed blobs are never shown to anybody.
#[derive(Clone)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The natural person behind it; four eyes compare persons.
    pub person: PersonId,
    /// Where they work.
    pub unit: UnitId,
    /// What they type.
    pub login: String,
    /// Their name, shown inside only.
    pub name: String,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Argon2id in PHC form; none until the account is activated.
    pub password_hash: Option<String>,
    /// The second factor, sealed with the server key.
    pub totp_sealed: Option<String>,
    /// The last time step whose code was accepted; each is accepted once.
    pub totp_last_step: Option<i64>,
    /// Public half of the reader key.
    pub reader_public: Option<Vec<u8>>,
    /// Private half, wrapped under the password.
    pub reader_wrapped: Option<Vec<u8>>,
    /// Wrong attempts since the last right one.
    pub failed_logins: i32,
    /// No attempt is looked at before this moment.
    pub retry_login_at: Option<DateTime<Utc>>,
    /// Set when the account is closed.
    pub disabled_at: Option<DateTime<Utc>>,
    /// What its one-time code is for: `account`, or `factor` after a reset.
    pub activation_kind: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct UserRow {
    id: String,
    person_id: String,
    unit_id: String,
    login: String,
    name: String,
    roles: String,
    password_hash: Option<String>,
    totp_secret: Option<String>,
    totp_last_step: Option<i64>,
    reader_public: Option<Vec<u8>>,
    reader_wrapped: Option<Vec<u8>>,
    failed_logins: i32,
    retry_login_at: Option<NaiveDateTime>,
    disabled_at: Option<NaiveDateTime>,
    activation_kind: String,
}

impl TryFrom<UserRow> for User {
    type Error = DbError;

    fn try_from(row: UserRow) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("users", e);
        Ok(Self {
            id: UserId::parse(&row.id).map_err(corrupt)?,
            person: PersonId::parse(&row.person_id).map_err(corrupt)?,
            unit: UnitId::parse(&row.unit_id).map_err(corrupt)?,
            login: row.login,
            name: row.name,
            roles: parse_roles(&row.roles)?,
            password_hash: row.password_hash,
            totp_sealed: row.totp_secret,
            totp_last_step: row.totp_last_step,
            reader_public: row.reader_public,
            reader_wrapped: row.reader_wrapped,
            failed_logins: row.failed_logins,
            retry_login_at: row.retry_login_at.map(|at| at.and_utc()),
            disabled_at: row.disabled_at.map(|at| at.and_utc()),
            activation_kind: row.activation_kind,
        })
    }
}

fn parse_roles(text: &str) -> Result<Vec<Role>, DbError> {
    text.split_whitespace().map(|code| Role::parse(code).ok_or_else(|| DbError::corrupt("users.roles", code))).collect()
}

/// A new account that waits for its one-time code.
pub struct NewUser<'a> {
    /// Its id.
    pub id: &'a UserId,
    /// The natural person.
    pub person: &'a PersonId,
    /// Where they work.
    pub unit: &'a UnitId,
    /// What they will type.
    pub login: &'a str,
    /// Their name.
    pub name: &'a str,
    /// What they may do.
    pub roles: &'a [Role],
    /// SHA-256 of the one-time code.
    pub activation_digest: &'a str,
    /// Until when the code works.
    pub activation_until: DateTime<Utc>,
}

/// Adds an account; `Conflict` when the login is taken.
pub fn add_user(conn: &mut Conn, user: &NewUser<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    let roles = user.roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(" ");
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id.as_str()),
            users::person_id.eq(user.person.as_str()),
            users::unit_id.eq(user.unit.as_str()),
            users::login.eq(user.login),
            users::name.eq(user.name),
            users::roles.eq(roles),
            users::activation_digest.eq(user.activation_digest),
            users::activation_until.eq(user.activation_until.naive_utc()),
            users::failed_logins.eq(0),
            users::created_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// One account.
pub fn user(conn: &mut Conn, id: &UserId) -> Result<User, DbError> {
    users::table.find(id.as_str()).select(UserRow::as_select()).first(conn)?.try_into()
}

/// The account somebody signs in to.
pub fn user_by_login(conn: &mut Conn, login: &str) -> Result<User, DbError> {
    users::table.filter(users::login.eq(login)).select(UserRow::as_select()).first(conn)?.try_into()
}

/// Accounts of one unit, by login.
pub fn users_of(conn: &mut Conn, unit: &UnitId) -> Result<Vec<User>, DbError> {
    let rows: Vec<UserRow> = users::table
        .filter(users::unit_id.eq(unit.as_str()))
        .select(UserRow::as_select())
        .order(users::login)
        .load(conn)?;
    rows.into_iter().map(User::try_from).collect()
}

/// The account a one-time code was made for, while the code is valid.
pub fn user_by_activation(conn: &mut Conn, digest: &str, now: DateTime<Utc>) -> Result<User, DbError> {
    users::table
        .filter(users::activation_digest.eq(digest).and(users::activation_until.gt(now.naive_utc())))
        .select(UserRow::as_select())
        .first(conn)?
        .try_into()
}

/// What activation sets at once.
pub struct Credentials<'a> {
    /// Argon2id in PHC form.
    pub password_hash: &'a str,
    /// The sealed second factor.
    pub totp_sealed: &'a str,
    /// Public half of the reader key.
    pub reader_public: &'a [u8],
    /// Wrapped private half.
    pub reader_wrapped: &'a [u8],
}

/// Activates an account and uses its code up.
pub fn activate(conn: &mut Conn, id: &UserId, credentials: &Credentials<'_>) -> Result<(), DbError> {
    diesel::update(users::table.find(id.as_str()))
        .set((
            users::password_hash.eq(credentials.password_hash),
            users::totp_secret.eq(credentials.totp_sealed),
            users::reader_public.eq(credentials.reader_public),
            users::reader_wrapped.eq(credentials.reader_wrapped),
            users::activation_digest.eq(None::<String>),
            users::activation_until.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Records a wrong attempt and from when the next one is looked at.
pub fn record_failed_login(
    conn: &mut Conn,
    id: &UserId,
    failures: i32,
    retry_at: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(users::table.find(id.as_str()))
        .set((users::failed_logins.eq(failures), users::retry_login_at.eq(retry_at.naive_utc())))
        .execute(conn)?;
    Ok(())
}

/// Records a right attempt and uses its time step up; `Stale` when another login used the step first.
pub fn record_login(conn: &mut Conn, id: &UserId, step: i64) -> Result<(), DbError> {
    let changed = diesel::update(
        users::table.find(id.as_str()).filter(users::totp_last_step.is_null().or(users::totp_last_step.lt(step))),
    )
    .set((users::totp_last_step.eq(step), users::failed_logins.eq(0), users::retry_login_at.eq(None::<NaiveDateTime>)))
    .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Closes an account; its sessions and tokens die with it because every look-up joins the account.
pub fn disable_user(conn: &mut Conn, id: &UserId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(users::table.find(id.as_str())).set(users::disabled_at.eq(now.naive_utc())).execute(conn)?;
    Ok(())
}

/// An interactive session.
#[derive(Clone)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// When a factor was last given.
    pub factor_at: DateTime<Utc>,
    /// When it was last used.
    pub used_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub ends_at: DateTime<Utc>,
    /// The reader key, wrapped under the session token.
    pub reader_wrapped: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: String,
    factor_at: NaiveDateTime,
    used_at: NaiveDateTime,
    ends_at: NaiveDateTime,
    reader_wrapped: Option<Vec<u8>>,
}

/// Opens a session.
pub fn add_session(conn: &mut Conn, session: &Session, user: &UserId, digest: &str) -> Result<(), DbError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session.id.as_str()),
            sessions::user_id.eq(user.as_str()),
            sessions::digest.eq(digest),
            sessions::reader_wrapped.eq(session.reader_wrapped.as_deref()),
            sessions::factor_at.eq(session.factor_at.naive_utc()),
            sessions::used_at.eq(session.used_at.naive_utc()),
            sessions::ends_at.eq(session.ends_at.naive_utc()),
            sessions::created_at.eq(session.used_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The open session and its account behind a token's digest.
pub fn session_by_digest(conn: &mut Conn, digest: &str, now: DateTime<Utc>) -> Result<(Session, User), DbError> {
    let (row, user): (SessionRow, UserRow) = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::digest.eq(digest))
        .filter(
            sessions::revoked_at.is_null().and(sessions::ends_at.gt(now.naive_utc())).and(users::disabled_at.is_null()),
        )
        .select((SessionRow::as_select(), UserRow::as_select()))
        .first(conn)?;
    let session = Session {
        id: SessionId::parse(&row.id).map_err(|e| DbError::corrupt("sessions.id", e))?,
        factor_at: row.factor_at.and_utc(),
        used_at: row.used_at.and_utc(),
        ends_at: row.ends_at.and_utc(),
        reader_wrapped: row.reader_wrapped,
    };
    Ok((session, user.try_into()?))
}

/// Notes that a session was used; called at most once a minute per session.
pub fn touch_session(conn: &mut Conn, id: &SessionId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(sessions::table.find(id.as_str())).set(sessions::used_at.eq(now.naive_utc())).execute(conn)?;
    Ok(())
}

/// Ends a session.
pub fn revoke_session(conn: &mut Conn, id: &SessionId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(sessions::table.find(id.as_str()))
        .set((sessions::revoked_at.eq(now.naive_utc()), sessions::reader_wrapped.eq(None::<Vec<u8>>)))
        .execute(conn)?;
    Ok(())
}
