//! The chain's people and its afterwards: who holds which level, reviews after an emergency, what was found out since.

use super::schema::{discoveries, level_seats, plans, reviews, users};
use super::{Conn, DbError};
use crate::domain::ids::{AppealId, PersonId, SeatId, UnitId, UserId};
use crate::domain::plan::PlanDigest;
use crate::domain::rules::Level;
use crate::domain::validation::Verdict;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A level of validation that a user holds.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Its id.
    pub id: SeatId,
    /// Whose appeals.
    pub unit: UnitId,
    /// Who holds it.
    pub user: UserId,
    /// Which level.
    pub level: Level,
    /// Whose it is while they are away; none when it is the user's own.
    pub delegated_by: Option<UserId>,
    /// First moment.
    pub valid_from: DateTime<Utc>,
    /// First moment no longer; open when absent.
    pub valid_until: Option<DateTime<Utc>>,
    /// Who gave it: an account.
    pub given_by: String,
    /// Why.
    pub reason: String,
    /// Who confirmed it: an account; none while it only was asked for.
    pub confirmed_by: Option<String>,
}

type SeatColumns = (
    String,
    String,
    String,
    String,
    Option<String>,
    NaiveDateTime,
    Option<NaiveDateTime>,
    String,
    String,
    Option<String>,
);
const SEAT: (
    level_seats::id,
    level_seats::unit_id,
    level_seats::user_id,
    level_seats::level,
    level_seats::delegated_by,
    level_seats::valid_from,
    level_seats::valid_until,
    level_seats::given_by,
    level_seats::reason,
    level_seats::confirmed_by,
) = (
    level_seats::id,
    level_seats::unit_id,
    level_seats::user_id,
    level_seats::level,
    level_seats::delegated_by,
    level_seats::valid_from,
    level_seats::valid_until,
    level_seats::given_by,
    level_seats::reason,
    level_seats::confirmed_by,
);

fn seat_from(
    (id, unit, user, level, delegated_by, from, until, given_by, reason, confirmed_by): SeatColumns,
) -> Result<Seat, DbError> {
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("level_seats", e);
    Ok(Seat {
        id: SeatId::parse(&id).map_err(corrupt)?,
        unit: UnitId::parse(&unit).map_err(corrupt)?,
        user: UserId::parse(&user).map_err(corrupt)?,
        level: Level::parse(&level).ok_or_else(|| DbError::corrupt("level_seats.level", level))?,
        delegated_by: delegated_by.map(|user| UserId::parse(&user)).transpose().map_err(corrupt)?,
        valid_from: from.and_utc(),
        valid_until: until.map(|at| at.and_utc()),
        given_by,
        reason,
        confirmed_by,
    })
}

/// Adds a seat.
pub fn add_seat(conn: &mut Conn, seat: &Seat, now: DateTime<Utc>) -> Result<(), DbError> {
    use level_seats as s;
    diesel::insert_into(s::table)
        .values((
            s::id.eq(seat.id.as_str()),
            s::unit_id.eq(seat.unit.as_str()),
            s::user_id.eq(seat.user.as_str()),
            s::level.eq(seat.level.code()),
            s::delegated_by.eq(seat.delegated_by.as_ref().map(UserId::as_str)),
            s::valid_from.eq(seat.valid_from.naive_utc()),
            s::valid_until.eq(seat.valid_until.map(|at| at.naive_utc())),
            s::given_by.eq(&seat.given_by),
            s::reason.eq(&seat.reason),
            s::confirmed_by.eq(&seat.confirmed_by),
            s::created_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Every seat of a unit that was not taken away, oldest first.
pub fn seats_of(conn: &mut Conn, unit: &UnitId) -> Result<Vec<Seat>, DbError> {
    use level_seats as s;
    let rows: Vec<SeatColumns> = s::table
        .filter(s::unit_id.eq(unit.as_str()).and(s::ended_at.is_null()))
        .order(s::id)
        .select(SEAT)
        .load(conn)?;
    rows.into_iter().map(seat_from).collect()
}

/// Confirms a seat; `Conflict` when somebody did before.
pub fn confirm_seat(conn: &mut Conn, id: &SeatId, by: &str) -> Result<(), DbError> {
    use level_seats as s;
    let open = s::id.eq(id.as_str()).and(s::confirmed_by.is_null()).and(s::ended_at.is_null());
    let changed = diesel::update(s::table.filter(open)).set(s::confirmed_by.eq(by)).execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Conflict) }
}

/// Takes a seat away, and with it what its holder delegated from it.
pub fn end_seat(conn: &mut Conn, seat: &Seat, now: DateTime<Utc>) -> Result<(), DbError> {
    use level_seats as s;
    let same_level = s::unit_id.eq(seat.unit.as_str()).and(s::level.eq(seat.level.code())).and(s::ended_at.is_null());
    diesel::update(s::table.filter(same_level.and(s::delegated_by.eq(seat.user.as_str()))))
        .set(s::ended_at.eq(now.naive_utc()))
        .execute(conn)?;
    diesel::update(s::table.filter(s::id.eq(seat.id.as_str()).and(s::ended_at.is_null())))
        .set(s::ended_at.eq(now.naive_utc()))
        .execute(conn)?;
    Ok(())
}

/// The natural person behind an account.
pub fn person_of(conn: &mut Conn, user: &UserId) -> Result<PersonId, DbError> {
    let person: String = users::table.find(user.as_str()).select(users::person_id).first(conn)?;
    PersonId::parse(&person).map_err(|e| DbError::corrupt("users.person_id", e))
}

/// Why a submitted plan goes the emergency path; none when it does not.
pub fn emergency_of(conn: &mut Conn, appeal: &AppealId, plan: &PlanDigest) -> Result<Option<String>, DbError> {
    let reason: Option<String> =
        plans::table.find((appeal.as_str(), plan.as_str())).select(plans::emergency).first(conn).optional()?;
    Ok(reason.filter(|reason| !reason.is_empty()))
}

/// A review that follows an emergency.
#[derive(Clone, Debug)]
pub struct Review {
    /// Its id.
    pub id: String,
    /// Of which appeal.
    pub appeal: AppealId,
    /// Of which plan.
    pub plan: PlanDigest,
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// The answer, who gave it and when; none while it is open.
    pub done: Option<(Verdict, PersonId, DateTime<Utc>)>,
    /// What the reviewer wrote.
    pub note: String,
}

type ReviewColumns =
    (String, String, String, NaiveDateTime, Option<String>, Option<String>, Option<NaiveDateTime>, String);
const REVIEW: (
    reviews::id,
    reviews::appeal_id,
    reviews::plan_digest,
    reviews::due_at,
    reviews::verdict,
    reviews::by_person,
    reviews::at,
    reviews::note,
) = (
    reviews::id,
    reviews::appeal_id,
    reviews::plan_digest,
    reviews::due_at,
    reviews::verdict,
    reviews::by_person,
    reviews::at,
    reviews::note,
);

fn review_from((id, appeal, plan, due_at, verdict, by, at, note): ReviewColumns) -> Result<Review, DbError> {
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("reviews", e);
    let done = match (verdict.as_deref().and_then(Verdict::parse), by, at) {
        (Some(verdict), Some(by), Some(at)) => Some((verdict, PersonId::parse(&by).map_err(corrupt)?, at.and_utc())),
        _ => None,
    };
    Ok(Review {
        id,
        appeal: AppealId::parse(&appeal).map_err(corrupt)?,
        plan: PlanDigest::parse(&plan).ok_or_else(|| DbError::corrupt("reviews.plan_digest", plan))?,
        due_at: due_at.and_utc(),
        done,
        note,
    })
}

/// Opens a review.
pub fn open_review(
    conn: &mut Conn,
    id: &str,
    appeal: &AppealId,
    plan: &PlanDigest,
    due_at: DateTime<Utc>,
) -> Result<(), DbError> {
    use reviews as r;
    diesel::insert_into(r::table)
        .values((
            r::id.eq(id),
            r::appeal_id.eq(appeal.as_str()),
            r::plan_digest.eq(plan.as_str()),
            r::due_at.eq(due_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Every review of an appeal, oldest first.
pub fn reviews_of(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Review>, DbError> {
    let rows: Vec<ReviewColumns> =
        reviews::table.filter(reviews::appeal_id.eq(appeal.as_str())).order(reviews::id).select(REVIEW).load(conn)?;
    rows.into_iter().map(review_from).collect()
}

/// Closes an open review; `Conflict` when somebody was faster.
pub fn close_review(
    conn: &mut Conn,
    review: &str,
    verdict: Verdict,
    note: &str,
    by: &PersonId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use reviews as r;
    let closed = diesel::update(r::table.filter(r::id.eq(review).and(r::at.is_null())))
        .set((r::verdict.eq(verdict.code()), r::note.eq(note), r::by_person.eq(by.as_str()), r::at.eq(now.naive_utc())))
        .execute(conn)?;
    if closed == 1 { Ok(()) } else { Err(DbError::Conflict) }
}

/// Reviews that are overdue and about which nobody was told yet; marks them as told.
pub fn overdue_reviews(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<Review>, DbError> {
    use reviews as r;
    let overdue = r::at.is_null().and(r::escalated_at.is_null()).and(r::due_at.lt(now.naive_utc()));
    let rows: Vec<ReviewColumns> = r::table.filter(overdue).order(r::id).limit(100).select(REVIEW).load(conn)?;
    let found = rows.into_iter().map(review_from).collect::<Result<Vec<_>, _>>()?;
    for review in &found {
        diesel::update(r::table.find(&review.id)).set(r::escalated_at.eq(now.naive_utc())).execute(conn)?;
    }
    Ok(found)
}

/// Notes that a minor was discovered.
pub fn add_minor_discovered(
    conn: &mut Conn,
    id: &str,
    appeal: &AppealId,
    note: &str,
    by: &PersonId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use discoveries as d;
    diesel::insert_into(d::table)
        .values((
            d::id.eq(id),
            d::appeal_id.eq(appeal.as_str()),
            d::kind.eq("minor"),
            d::note.eq(note),
            d::by_person.eq(by.as_str()),
            d::at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// When a minor was discovered last; none when never.
pub fn minor_discovered_at(conn: &mut Conn, appeal: &AppealId) -> Result<Option<DateTime<Utc>>, DbError> {
    use discoveries as d;
    let at: Option<NaiveDateTime> =
        d::table.filter(d::appeal_id.eq(appeal.as_str())).order(d::id.desc()).select(d::at).first(conn).optional()?;
    Ok(at.map(|at| at.and_utc()))
}
