//! How officers want to be told by mail, and what the next mail to each says: a line and a count for each kind of event and
//! appeal, however many there were.

use super::schema::{notice_lines, notice_wishes};
use super::{Conn, DbError, per_backend};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{AppealId, UserId};
use crate::domain::notice_wish::{Cadence, Wish};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use diesel::prelude::*;

/// Where and how somebody is told. Holds an address: never printed.
#[derive(Clone)]
pub struct Notices {
    /// Who.
    pub user: UserId,
    /// Where.
    pub address: String,
    /// In which language: `fr`, `nl`, `de` or `en`.
    pub language: String,
    /// What they want.
    pub wish: Wish,
    /// When the last mail went.
    pub last_at: Option<DateTime<Utc>>,
    /// When the next one goes; none while nothing waits.
    pub due_at: Option<DateTime<Utc>>,
}

type Columns = (String, String, String, i32, Option<i32>, Option<i32>, Option<NaiveDateTime>, Option<NaiveDateTime>);

fn from(row: Columns) -> Result<Notices, DbError> {
    let (user, address, language, urgent, every, daily, last_at, due_at) = row;
    let time = |minute: i32| {
        let seconds = u32::try_from(minute).ok()?.checked_mul(60)?;
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)
    };
    let cadence = match (every, daily.and_then(time)) {
        (Some(minutes), _) => Cadence::Every(TimeDelta::minutes(i64::from(minutes))),
        (None, Some(time)) => Cadence::Daily(time),
        (None, None) => Cadence::Never,
    };
    Ok(Notices {
        user: UserId::parse(&user).map_err(|e| DbError::corrupt("notice_wishes", e))?,
        address,
        language,
        wish: Wish { urgent: urgent != 0, cadence },
        last_at: last_at.map(|at| at.and_utc()),
        due_at: due_at.map(|at| at.and_utc()),
    })
}

/// Keeps what somebody wants, in place of what they wanted before; what waits for them stays.
pub fn set(conn: &mut Conn, wanted: &Notices) -> Result<(), DbError> {
    use notice_wishes as w;
    let (every, daily) = match wanted.wish.cadence {
        Cadence::Never => (None, None),
        Cadence::Every(span) => (i32::try_from(span.num_minutes()).ok(), None),
        Cadence::Daily(time) => (None, i32::try_from(time.num_seconds_from_midnight() / 60).ok()),
    };
    let urgent = i32::from(wanted.wish.urgent);
    let changed = diesel::update(w::table.find(wanted.user.as_str()))
        .set((
            w::address.eq(&wanted.address),
            w::language.eq(&wanted.language),
            w::urgent.eq(urgent),
            w::every_minutes.eq(every),
            w::daily_minute.eq(daily),
        ))
        .execute(conn)?;
    if changed == 0 {
        diesel::insert_into(w::table)
            .values((
                w::user_id.eq(wanted.user.as_str()),
                w::address.eq(&wanted.address),
                w::language.eq(&wanted.language),
                w::urgent.eq(urgent),
                w::every_minutes.eq(every),
                w::daily_minute.eq(daily),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// What somebody wants; none when they never said.
pub fn of_user(conn: &mut Conn, user: &UserId) -> Result<Option<Notices>, DbError> {
    let row: Option<Columns> = notice_wishes::table.find(user.as_str()).first(conn).optional()?;
    row.map(from).transpose()
}

/// Tells somebody nothing any more, and forgets their address.
pub fn remove(conn: &mut Conn, user: &UserId) -> Result<(), DbError> {
    diesel::delete(notice_lines::table.filter(notice_lines::user_id.eq(user.as_str()))).execute(conn)?;
    diesel::delete(notice_wishes::table.find(user.as_str())).execute(conn)?;
    Ok(())
}

/// Adds an event to what the next mail says, and sees to it that the mail goes by then.
pub fn note(conn: &mut Conn, user: &UserId, event: &Event, due_at: DateTime<Utc>) -> Result<(), DbError> {
    use notice_lines as l;
    use notice_wishes as w;
    let appeal = event.appeal.as_ref().map(AppealId::as_str).unwrap_or_default();
    let row = (
        l::user_id.eq(user.as_str()),
        l::kind.eq(event.kind.code()),
        l::appeal_id.eq(appeal),
        l::object.eq(&event.object),
        l::count.eq(event.count),
    );
    per_backend!(conn, c => diesel::insert_into(l::table)
        .values(row)
        .on_conflict((l::user_id, l::kind, l::appeal_id))
        .do_update()
        .set(l::count.eq(l::count + event.count))
        .execute(c))?;
    let later = w::due_at.is_null().or(w::due_at.gt(due_at.naive_utc()));
    diesel::update(w::table.find(user.as_str()).filter(later.assume_not_null()))
        .set(w::due_at.eq(due_at.naive_utc()))
        .execute(conn)?;
    Ok(())
}

/// Whether a mail is due.
pub fn is_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool, DbError> {
    use notice_wishes as w;
    let due = w::table.filter(w::due_at.le(now.naive_utc()).assume_not_null());
    Ok(due.select(w::user_id).first::<String>(conn).optional()?.is_some())
}

/// A line of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What happened.
    pub kind: EventKind,
    /// To which appeal; empty: to none.
    pub appeal: String,
    /// The first thing it is about.
    pub object: String,
    /// How many.
    pub count: i64,
}

/// Takes the mail that has been due longest: whose, and what it says, oldest kinds first. None when nothing is due, or
/// another worker was faster.
pub fn take(conn: &mut Conn, now: DateTime<Utc>) -> Result<Option<(Notices, Vec<Line>)>, DbError> {
    use notice_lines as l;
    use notice_wishes as w;
    let row: Option<Columns> = w::table
        .filter(w::due_at.le(now.naive_utc()).assume_not_null())
        .order((w::due_at, w::user_id))
        .first(conn)
        .optional()?;
    let Some(wanted) = row.map(from).transpose()? else { return Ok(None) };
    let same = w::due_at.eq(wanted.due_at.map(|at| at.naive_utc())).assume_not_null();
    let changed = diesel::update(w::table.find(wanted.user.as_str()).filter(same))
        .set((w::due_at.eq(None::<NaiveDateTime>), w::last_at.eq(now.naive_utc())))
        .execute(conn)?;
    if changed == 0 {
        return Ok(None);
    }
    // Deleted and read in one statement: what is counted meanwhile waits for the next mail.
    let rows: Vec<(String, String, String, String, i64)> =
        diesel::delete(l::table.filter(l::user_id.eq(wanted.user.as_str())))
            .returning(l::all_columns)
            .get_results(conn)?;
    let mut lines = Vec::new();
    for (_, kind, appeal, object, count) in rows {
        let kind = EventKind::parse(&kind).ok_or_else(|| DbError::corrupt("notice_lines.kind", kind))?;
        lines.push(Line { kind, appeal, object, count });
    }
    lines.sort_by(|a, b| (!a.kind.is_urgent(), a.kind, &a.appeal).cmp(&(!b.kind.is_urgent(), b.kind, &b.appeal)));
    Ok(Some((wanted, lines)))
}
