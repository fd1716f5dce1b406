//! Changes of campaigns that are out, as they were ordered and what became of them; and more money wished for something that
//! is out. What one means is `domain::paid`'s.

use super::schema::{budget_wishes, paid_changes};
use super::{Conn, DbError, per_backend};
use crate::domain::ids::{AppealId, ChangeId, DeliveryId, PersonId};
use crate::domain::paid::{Change, ChangeState, Limits};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = paid_changes)]
struct Row {
    id: String,
    delivery_id: String,
    because: String,
    to_cents: i64,
    to_ends_at: NaiveDateTime,
    from_cents: i64,
    from_ends_at: NaiveDateTime,
    state: String,
    tries: i32,
    decided_at: NaiveDateTime,
    asked_at: Option<NaiveDateTime>,
    settled_at: Option<NaiveDateTime>,
    detail: String,
}

impl TryFrom<Row> for Change {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("paid_changes", e);
        Ok(Self {
            id: ChangeId::parse(&row.id).map_err(corrupt)?,
            delivery: DeliveryId::parse(&row.delivery_id).map_err(corrupt)?,
            because: row.because,
            to: Limits { cap_cents: row.to_cents, ends_at: row.to_ends_at.and_utc() },
            from: Limits { cap_cents: row.from_cents, ends_at: row.from_ends_at.and_utc() },
            state: ChangeState::parse(&row.state).ok_or_else(|| DbError::corrupt("paid_changes.state", row.state))?,
            tries: row.tries,
            decided_at: row.decided_at.and_utc(),
            asked_at: row.asked_at.map(|at| at.and_utc()),
            settled_at: row.settled_at.map(|at| at.and_utc()),
            detail: row.detail,
        })
    }
}

/// The newest change of a delivery's campaign.
pub fn latest(conn: &mut Conn, delivery: &DeliveryId) -> Result<Option<Change>, DbError> {
    use paid_changes as c;
    let row: Option<Row> = c::table
        .filter(c::delivery_id.eq(delivery.as_str()))
        .order((c::decided_at.desc(), c::id.desc()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// The change that is not settled.
pub fn open(conn: &mut Conn, delivery: &DeliveryId) -> Result<Option<Change>, DbError> {
    Ok(latest(conn, delivery)?.filter(|change| change.state.is_open()))
}

/// Orders a change in place of one that is not settled.
pub fn order(conn: &mut Conn, change: &Change) -> Result<(), DbError> {
    use paid_changes as c;
    end(conn, &change.delivery, "a later decision", change.decided_at)?;
    diesel::insert_into(c::table)
        .values((
            c::id.eq(change.id.as_str()),
            c::delivery_id.eq(change.delivery.as_str()),
            c::because.eq(&change.because),
            c::to_cents.eq(change.to.cap_cents),
            c::to_ends_at.eq(change.to.ends_at.naive_utc()),
            c::from_cents.eq(change.from.cap_cents),
            c::from_ends_at.eq(change.from.ends_at.naive_utc()),
            c::state.eq(change.state.code()),
            c::decided_at.eq(change.decided_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Replaces what is not settled by nothing.
pub fn end(conn: &mut Conn, delivery: &DeliveryId, why: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    use paid_changes as c;
    let open = [ChangeState::Waiting, ChangeState::Intended, ChangeState::Held].map(ChangeState::code);
    diesel::update(c::table.filter(c::delivery_id.eq(delivery.as_str()).and(c::state.eq_any(open))))
        .set((c::state.eq(ChangeState::Replaced.code()), c::detail.eq(why), c::settled_at.eq(now.naive_utc())))
        .execute(conn)?;
    Ok(())
}

/// It is about to be asked for; `digest`: of the order as it is sent now.
pub fn intend(conn: &mut Conn, id: &ChangeId, digest: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    use paid_changes as c;
    diesel::update(c::table.find(id.as_str()))
        .set((
            c::state.eq(ChangeState::Intended.code()),
            c::request_digest.eq(digest),
            c::tries.eq(c::tries + 1),
            c::asked_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// What became of it. Nothing for one that was settled meanwhile; whether it was not.
pub fn note(
    conn: &mut Conn,
    id: &ChangeId,
    state: ChangeState,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    use paid_changes as c;
    let open = [ChangeState::Waiting, ChangeState::Intended, ChangeState::Held].map(ChangeState::code);
    let changed = diesel::update(c::table.find(id.as_str()).filter(c::state.eq_any(open)))
        .set((
            c::state.eq(state.code()),
            c::detail.eq(detail),
            c::settled_at.eq((!state.is_open()).then(|| now.naive_utc())),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// A person wants it asked for again.
pub fn again(conn: &mut Conn, id: &ChangeId) -> Result<(), DbError> {
    use paid_changes as c;
    diesel::update(c::table.find(id.as_str()).filter(c::state.eq(ChangeState::Held.code())))
        .set((c::state.eq(ChangeState::Waiting.code()), c::tries.eq(0)))
        .execute(conn)?;
    Ok(())
}

/// What an appeal should be allowed to cost, once the chain says yes.
pub fn wish(conn: &mut Conn, appeal: &AppealId) -> Result<Option<i64>, DbError> {
    Ok(budget_wishes::table.find(appeal.as_str()).select(budget_wishes::cents).first(conn).optional()?)
}

/// Wishes for so much, in place of an earlier wish.
pub fn set_wish(
    conn: &mut Conn,
    appeal: &AppealId,
    cents: i64,
    by: &PersonId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use budget_wishes as w;
    let at = now.naive_utc();
    let row = (w::appeal_id.eq(appeal.as_str()), w::cents.eq(cents), w::asked_by.eq(by.as_str()), w::asked_at.eq(at));
    per_backend!(conn, c => diesel::insert_into(w::table)
        .values(row)
        .on_conflict(w::appeal_id)
        .do_update()
        .set((w::cents.eq(cents), w::asked_by.eq(by.as_str()), w::asked_at.eq(at)))
        .execute(c))?;
    Ok(())
}

/// Nothing is wished for any more.
pub fn forget_wish(conn: &mut Conn, appeal: &AppealId) -> Result<(), DbError> {
    diesel::delete(budget_wishes::table.find(appeal.as_str())).execute(conn)?;
    Ok(())
}
