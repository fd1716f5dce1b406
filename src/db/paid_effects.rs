//! Campaigns of paid channels, one a delivery: how far each is, what it may cost, when it is looked at next. A course is
//! written by whoever holds the delivery's claim; looks have a fence of their own.

use super::schema::{deliveries, paid_effects};
use super::{Conn, DbError};
use crate::domain::advert::{Cents, Forecast};
use crate::domain::ids::{AppealId, DeliveryId};
use crate::domain::language::Language;
use crate::domain::paid::{Course, Phase, Shown};
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

/// A campaign.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Whose campaign it is.
    pub delivery: DeliveryId,
    /// Of which appeal.
    pub appeal: AppealId,
    /// On which platform.
    pub channel: ChannelKind,
    /// What it is found by.
    pub key: String,
    /// The most it may cost, euro cents.
    pub cap_cents: i64,
    /// Still set aside for it.
    pub reserved_cents: i64,
    /// Booked as spent.
    pub committed_cents: i64,
    /// What the platform says it spent; more than booked only when it spent more than it was allowed.
    pub reported_cents: i64,
    /// The end ordered from the platform.
    pub ends_at: DateTime<Utc>,
    /// How far it is.
    pub course: Course,
    /// When it was seen to spend nothing any more.
    pub ended_at: Option<DateTime<Utc>>,
    /// What is not as it should be; empty when all is.
    pub drift: String,
    /// Whom it was shown to, as the platform says.
    pub shown: Shown,
    /// What was expected of it when it was decided.
    pub forecast: Forecast,
    /// What stands in its way now, a code; empty when nothing does.
    pub trouble: String,
    fence: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = paid_effects)]
struct Row {
    delivery_id: String,
    appeal_id: String,
    channel: String,
    external_key: String,
    external_id: Option<String>,
    cap_cents: i64,
    reserved_cents: i64,
    committed_cents: i64,
    reported_cents: i64,
    ends_at: NaiveDateTime,
    phase: String,
    asked_at: Option<NaiveDateTime>,
    creates: i32,
    looks: i32,
    absent_since: Option<NaiveDateTime>,
    ended_at: Option<NaiveDateTime>,
    fence: i64,
    drift: String,
    reach: Option<i64>,
    impressions: i64,
    clicks: i64,
    forecast_people: i64,
    forecast_impressions: i64,
    forecast_cents: i64,
    trouble: String,
}

impl TryFrom<Row> for Effect {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("paid_effects", e);
        Ok(Self {
            delivery: DeliveryId::parse(&row.delivery_id).map_err(corrupt)?,
            appeal: AppealId::parse(&row.appeal_id).map_err(corrupt)?,
            channel: ChannelKind::parse(&row.channel)
                .ok_or_else(|| DbError::corrupt("paid_effects.channel", row.channel))?,
            key: row.external_key,
            cap_cents: row.cap_cents,
            reserved_cents: row.reserved_cents,
            committed_cents: row.committed_cents,
            reported_cents: row.reported_cents,
            ends_at: row.ends_at.and_utc(),
            course: Course {
                phase: Phase::parse(&row.phase).ok_or_else(|| DbError::corrupt("paid_effects.phase", row.phase))?,
                external_id: row.external_id,
                asked_at: row.asked_at.map(|at| at.and_utc()),
                creates: row.creates,
                looks: row.looks,
                absent_since: row.absent_since.map(|at| at.and_utc()),
            },
            ended_at: row.ended_at.map(|at| at.and_utc()),
            drift: row.drift,
            shown: Shown { reach: row.reach, impressions: row.impressions, clicks: row.clicks },
            forecast: Forecast {
                people: row.forecast_people,
                impressions: row.forecast_impressions,
                cost: Cents(row.forecast_cents),
            },
            trouble: row.trouble,
            fence: row.fence,
        })
    }
}

/// A campaign to be, before its money is set aside.
pub struct NewEffect<'a> {
    /// Whose campaign it is.
    pub delivery: &'a DeliveryId,
    /// Of which appeal; its budget must exist.
    pub appeal: &'a AppealId,
    /// On which platform.
    pub channel: ChannelKind,
    /// What it is found by.
    pub key: &'a str,
    /// SHA-256 of the order.
    pub digest: &'a str,
    /// The most it may cost, euro cents.
    pub cap_cents: i64,
    /// Until when the decision covers it.
    pub authorised_until: DateTime<Utc>,
    /// The end to order; never later.
    pub ends_at: DateTime<Utc>,
    /// What is expected of it.
    pub forecast: Forecast,
    /// The account it is made in, and the month it counts in there (`account_caps::month_of`).
    pub account: (&'a str, &'a str),
}

/// Adds a campaign in its first phase.
pub fn add(conn: &mut Conn, new: &NewEffect<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    use paid_effects as p;
    diesel::insert_into(p::table)
        .values((
            p::delivery_id.eq(new.delivery.as_str()),
            p::appeal_id.eq(new.appeal.as_str()),
            p::channel.eq(new.channel.code()),
            p::external_key.eq(new.key),
            p::request_digest.eq(new.digest),
            p::cap_cents.eq(new.cap_cents),
            p::authorised_until.eq(new.authorised_until.naive_utc()),
            p::ends_at.eq(new.ends_at.naive_utc()),
            p::phase.eq(Phase::Reserved.code()),
            p::updated_at.eq(now.naive_utc()),
            p::forecast_people.eq(new.forecast.people),
            p::forecast_impressions.eq(new.forecast.impressions),
            p::forecast_cents.eq(new.forecast.cost.0),
            p::account.eq(new.account.0),
            p::cap_month.eq(new.account.1),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes down what stands in a campaign's way, a code; empty when nothing does.
pub fn note_trouble(conn: &mut Conn, delivery: &DeliveryId, trouble: &str) -> Result<(), DbError> {
    use paid_effects as p;
    let found = p::table.find(delivery.as_str()).filter(p::trouble.ne(trouble));
    diesel::update(found).set(p::trouble.eq(trouble)).execute(conn)?;
    Ok(())
}

/// Bounds a campaign's time anew: until when the decision covers it, and the end the platform may have at most.
pub fn set_ends(
    conn: &mut Conn,
    delivery: &DeliveryId,
    authorised_until: DateTime<Utc>,
    ends_at: DateTime<Utc>,
) -> Result<(), DbError> {
    use paid_effects as p;
    diesel::update(p::table.find(delivery.as_str()))
        .set((p::authorised_until.eq(authorised_until.naive_utc()), p::ends_at.eq(ends_at.naive_utc())))
        .execute(conn)?;
    Ok(())
}

/// Bounds what a campaign may cost anew; the database refuses less than is set aside and spent.
pub fn set_cap(conn: &mut Conn, delivery: &DeliveryId, cents: i64) -> Result<(), DbError> {
    use paid_effects as p;
    diesel::update(p::table.find(delivery.as_str())).set(p::cap_cents.eq(cents)).execute(conn)?;
    Ok(())
}

/// The campaign of a delivery.
pub fn effect(conn: &mut Conn, delivery: &DeliveryId) -> Result<Effect, DbError> {
    paid_effects::table.find(delivery.as_str()).select(Row::as_select()).first::<Row>(conn)?.try_into()
}

/// The campaigns of an appeal with the language of each, in the order they were decided.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<(Effect, Language)>, DbError> {
    let rows: Vec<Row> = paid_effects::table
        .filter(paid_effects::appeal_id.eq(appeal.as_str()))
        .order(paid_effects::delivery_id)
        .select(Row::as_select())
        .load(conn)?;
    let mut found = Vec::new();
    for row in rows {
        let language: String = deliveries::table.find(&row.delivery_id).select(deliveries::language).first(conn)?;
        let language = Language::parse(&language).map_err(|e| DbError::corrupt("deliveries.language", e))?;
        found.push((row.try_into()?, language));
    }
    Ok(found)
}

/// Stores how far a campaign is. Only for whoever holds the delivery's claim, in the transaction that proved it; `due_at`:
/// when it is looked at next;
/// `digest`: of the order whose create is intended now.
pub fn save_course(
    conn: &mut Conn,
    delivery: &DeliveryId,
    course: &Course,
    digest: Option<&str>,
    due_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use paid_effects as p;
    diesel::update(p::table.find(delivery.as_str()))
        .set((
            digest.map(|digest| p::request_digest.eq(digest)),
            // Whoever looks at it meanwhile saw something older.
            p::fence.eq(p::fence + 1),
            p::phase.eq(course.phase.code()),
            p::external_id.eq(&course.external_id),
            p::asked_at.eq(course.asked_at.map(|at| at.naive_utc())),
            p::creates.eq(course.creates),
            p::looks.eq(course.looks),
            p::absent_since.eq(course.absent_since.map(|at| at.naive_utc())),
            p::due_at.eq(due_at.map(|at| at.naive_utc())),
            p::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes down the id of a campaign whose maker lost the claim meanwhile: true whoever made it, and whoever stops it needs
/// it. Never over another id.
pub fn note_made(conn: &mut Conn, delivery: &DeliveryId, id: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    use paid_effects as p;
    diesel::update(p::table.find(delivery.as_str()).filter(p::external_id.is_null()))
        .set((p::external_id.eq(id), p::due_at.eq(now.naive_utc()), p::updated_at.eq(now.naive_utc())))
        .execute(conn)?;
    Ok(())
}

/// After a restore: whatever was about to be created may exist by now, and everything that may spend is looked at.
pub(super) fn look_at_everything(conn: &mut Conn, epoch: i64, now: DateTime<Utc>) -> Result<(), DbError> {
    use paid_effects as p;
    diesel::update(p::table.filter(p::phase.eq(Phase::Reserved.code())))
        .set((p::phase.eq(Phase::Intended.code()), p::asked_at.eq(now.naive_utc()), p::fence.eq(p::fence + epoch)))
        .execute(conn)?;
    let open = p::phase.eq_any([Phase::Intended.code(), Phase::Made.code(), Phase::Running.code()]);
    diesel::update(p::table.filter(open)).set(p::due_at.eq(now.naive_utc())).execute(conn)?;
    Ok(())
}

/// Wants these campaigns looked at now.
pub fn look_now(conn: &mut Conn, deliveries: &[&str], now: DateTime<Utc>) -> Result<(), DbError> {
    use paid_effects as p;
    let open = p::phase.ne_all([Phase::Refused.code()]).and(p::ended_at.is_null());
    diesel::update(p::table.filter(p::delivery_id.eq_any(deliveries).and(open)))
        .set(p::due_at.eq(now.naive_utc()))
        .execute(conn)?;
    Ok(())
}

/// A person wants it tried again, or the database is an old copy: it may exist, so it is looked for first.
pub fn look_first(conn: &mut Conn, delivery: &DeliveryId, now: DateTime<Utc>) -> Result<(), DbError> {
    use paid_effects as p;
    let open = [Phase::Reserved.code(), Phase::Intended.code(), Phase::Made.code()];
    diesel::update(p::table.find(delivery.as_str()).filter(p::phase.eq_any(open)))
        .set((
            p::phase.eq(Phase::Intended.code()),
            p::asked_at.eq(now.naive_utc()),
            p::creates.eq(0),
            p::looks.eq(0),
            p::absent_since.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a look is due on one of `channels`.
pub fn is_due(conn: &mut Conn, channels: &[&str], now: DateTime<Utc>) -> Result<bool, DbError> {
    use paid_effects as p;
    let due = p::due_at.le(now.naive_utc()).and(p::channel.eq_any(channels));
    Ok(p::table.filter(due).select(p::delivery_id).first::<String>(conn).optional()?.is_some())
}

/// Claims the campaign whose look is due longest; whoever dies with it in hand leaves it due again after `lease`.
pub fn claim(
    conn: &mut Conn,
    channels: &[&str],
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Option<Effect>, DbError> {
    use paid_effects as p;
    let row: Option<Row> = p::table
        .filter(p::due_at.le(now.naive_utc()).and(p::channel.eq_any(channels)))
        .order((p::due_at, p::delivery_id))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let mut effect = Effect::try_from(row)?;
    let found = p::table.find(effect.delivery.as_str()).filter(p::fence.eq(effect.fence));
    let changed = diesel::update(found)
        .set((p::fence.eq(effect.fence + 1), p::due_at.eq((now + lease).naive_utc())))
        .execute(conn)?;
    effect.fence += 1;
    Ok((changed == 1).then_some(effect))
}

/// What a look leaves behind.
pub struct Kept<'a> {
    /// The phase now.
    pub phase: Phase,
    /// The platform's id, if one is known.
    pub external_id: Option<&'a str>,
    /// Since when nothing was found.
    pub absent_since: Option<DateTime<Utc>>,
    /// What the platform says it spent.
    pub reported_cents: i64,
    /// When it was seen to spend nothing any more.
    pub ended_at: Option<DateTime<Utc>>,
    /// The next look; none: never.
    pub due_at: Option<DateTime<Utc>>,
    /// What is not as it should be.
    pub drift: &'a str,
    /// Whom it was shown to.
    pub shown: Shown,
}

/// Stores what a look saw; `Stale` when somebody else looked meanwhile.
pub fn keep(conn: &mut Conn, effect: &Effect, kept: &Kept<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    use paid_effects as p;
    let changed = diesel::update(p::table.find(effect.delivery.as_str()).filter(p::fence.eq(effect.fence)))
        .set((
            p::phase.eq(kept.phase.code()),
            // Known stays known.
            kept.external_id.map(|id| p::external_id.eq(id)),
            p::absent_since.eq(kept.absent_since.map(|at| at.naive_utc())),
            p::reported_cents.eq(kept.reported_cents),
            p::ended_at.eq(kept.ended_at.map(|at| at.naive_utc())),
            p::due_at.eq(kept.due_at.map(|at| at.naive_utc())),
            p::drift.eq(kept.drift),
            p::reach.eq(kept.shown.reach),
            p::impressions.eq(kept.shown.impressions),
            p::clicks.eq(kept.shown.clicks),
            p::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}
