//! Claims on lots as rows, and how many responses name each municipality.

use super::schema::{lot_claims, response_places};
use super::{Conn, DbError, per_backend};
use crate::domain::claim::{ClaimProof, ClaimStanding, HiddenAnswer, Judged};
use crate::domain::ids::{AppealId, ClaimId, LotId, ResponseId, UnitId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A claim.
#[derive(Clone, Debug)]
pub struct Claim {
    /// As far as it is judged.
    pub judged: Judged,
    /// Whose: who sent this response.
    pub response: ResponseId,
    /// Of which appeal.
    pub appeal: AppealId,
    /// On which lot.
    pub lot: LotId,
    /// Grows with every change.
    pub version: i32,
    /// Who decided it in the end.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// When the lot was handed over.
    pub returned_at: Option<DateTime<Utc>>,
    /// To whom and how, sealed to the appeal's key.
    pub sealed_restitution: Option<Vec<u8>>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = lot_claims, treat_none_as_default_value = false)]
struct Row {
    id: String,
    response_id: String,
    appeal_id: String,
    lot_id: String,
    state: String,
    proofs: String,
    hidden: String,
    version: i32,
    proposed_by: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<NaiveDateTime>,
    returned_at: Option<NaiveDateTime>,
    sealed_restitution: Option<Vec<u8>>,
    received_at: NaiveDateTime,
}

impl TryFrom<Row> for Claim {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("lot_claims", e);
        let user = |id: Option<String>| id.map(|id| UserId::parse(&id).map_err(corrupt)).transpose();
        let judged = Judged {
            id: ClaimId::parse(&row.id).map_err(corrupt)?,
            standing: ClaimStanding::parse(&row.state)
                .ok_or_else(|| DbError::corrupt("lot_claims.state", &row.state))?,
            proofs: row.proofs.split(' ').filter_map(ClaimProof::parse).collect(),
            hidden: HiddenAnswer::parse(&row.hidden)
                .ok_or_else(|| DbError::corrupt("lot_claims.hidden", &row.hidden))?,
            proposed_by: user(row.proposed_by)?,
        };
        Ok(Self {
            judged,
            response: ResponseId::parse(&row.response_id).map_err(corrupt)?,
            appeal: AppealId::parse(&row.appeal_id).map_err(corrupt)?,
            lot: LotId::parse(&row.lot_id).map_err(corrupt)?,
            version: row.version,
            decided_by: user(row.decided_by)?,
            decided_at: row.decided_at.map(|at| at.and_utc()),
            returned_at: row.returned_at.map(|at| at.and_utc()),
            sealed_restitution: row.sealed_restitution,
            received_at: row.received_at.and_utc(),
        })
    }
}

impl From<&Claim> for Row {
    fn from(c: &Claim) -> Self {
        let proofs: Vec<_> = c.judged.proofs.iter().map(|proof| proof.code()).collect();
        Self {
            id: c.judged.id.to_string(),
            response_id: c.response.to_string(),
            appeal_id: c.appeal.to_string(),
            lot_id: c.lot.to_string(),
            state: c.judged.standing.code().to_owned(),
            proofs: proofs.join(" "),
            hidden: c.judged.hidden.code().to_owned(),
            version: c.version,
            proposed_by: c.judged.proposed_by.as_ref().map(ToString::to_string),
            decided_by: c.decided_by.as_ref().map(ToString::to_string),
            decided_at: c.decided_at.map(|at| at.naive_utc()),
            returned_at: c.returned_at.map(|at| at.naive_utc()),
            sealed_restitution: c.sealed_restitution.clone(),
            received_at: c.received_at.naive_utc(),
        }
    }
}

impl Claim {
    /// A claim that just came.
    #[must_use]
    pub fn new(id: ClaimId, response: ResponseId, appeal: AppealId, lot: LotId, now: DateTime<Utc>) -> Self {
        let judged = Judged {
            id,
            standing: ClaimStanding::Open,
            proofs: Vec::new(),
            hidden: HiddenAnswer::NotAsked,
            proposed_by: None,
        };
        Self {
            judged,
            response,
            appeal,
            lot,
            version: 1,
            decided_by: None,
            decided_at: None,
            returned_at: None,
            sealed_restitution: None,
            received_at: now,
        }
    }
}

/// Rows per statement: 14 values each.
const CHUNK: usize = 500;

/// Adds claims; `Conflict` when a response claims the same lot twice.
pub fn add_all(conn: &mut Conn, all: &[&Claim]) -> Result<(), DbError> {
    for part in all.chunks(CHUNK) {
        let rows: Vec<Row> = part.iter().map(|claim| Row::from(*claim)).collect();
        per_backend!(conn, c => diesel::insert_into(lot_claims::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// A claim of a response.
pub fn of_response(conn: &mut Conn, response: &ResponseId, id: &ClaimId) -> Result<Claim, DbError> {
    lot_claims::table
        .find(id.as_str())
        .filter(lot_claims::response_id.eq(response.as_str()))
        .select(Row::as_select())
        .first::<Row>(conn)?
        .try_into()
}

/// An appeal's claims, oldest first; of one lot when it is named.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId, lot: Option<&LotId>) -> Result<Vec<Claim>, DbError> {
    let mut query = lot_claims::table
        .filter(lot_claims::appeal_id.eq(appeal.as_str()))
        .order(lot_claims::id)
        .select(Row::as_select())
        .into_boxed();
    if let Some(lot) = lot {
        query = query.filter(lot_claims::lot_id.eq(lot.as_str().to_owned()));
    }
    query.load::<Row>(conn)?.into_iter().map(Claim::try_from).collect()
}

/// Stores a changed claim; `Stale` when somebody was faster.
pub fn update(conn: &mut Conn, claim: &Claim) -> Result<(), DbError> {
    let row = Row::from(claim);
    let changed = diesel::update(lot_claims::table.find(&row.id).filter(lot_claims::version.eq(row.version)))
        .set((
            lot_claims::state.eq(&row.state),
            lot_claims::proofs.eq(&row.proofs),
            lot_claims::hidden.eq(&row.hidden),
            lot_claims::version.eq(row.version + 1),
            lot_claims::proposed_by.eq(&row.proposed_by),
            lot_claims::decided_by.eq(&row.decided_by),
            lot_claims::decided_at.eq(row.decided_at),
            lot_claims::returned_at.eq(row.returned_at),
            lot_claims::sealed_restitution.eq(&row.sealed_restitution),
        ))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::Stale) }
}

/// Removes a response's claims.
pub fn erase(conn: &mut Conn, response: &str) -> Result<(), DbError> {
    diesel::delete(lot_claims::table.filter(lot_claims::response_id.eq(response))).execute(conn)?;
    Ok(())
}

/// Counts municipalities that responses name. Whoever calls holds the turn of the audit chain, so nobody counts at once.
pub fn count_places(conn: &mut Conn, appeal: &AppealId, places: &[(String, i64)]) -> Result<(), DbError> {
    use response_places as p;
    for (place, more) in places {
        let known = p::table.find((appeal.as_str(), place.as_str()));
        let changed = diesel::update(known).set(p::received.eq(p::received + *more)).execute(conn)?;
        if changed == 0 {
            diesel::insert_into(p::table)
                .values((p::appeal_id.eq(appeal.as_str()), p::place.eq(place), p::received.eq(*more)))
                .execute(conn)?;
        }
    }
    Ok(())
}

/// Counts one more useful response that names a municipality, or one less; never below none.
pub fn count_useful(conn: &mut Conn, appeal: &AppealId, place: &str, more: bool) -> Result<(), DbError> {
    use response_places as p;
    let known = p::table.find((appeal.as_str(), place));
    if more {
        diesel::update(known.filter(p::useful.lt(p::received))).set(p::useful.eq(p::useful + 1)).execute(conn)?;
    } else {
        diesel::update(known.filter(p::useful.gt(0))).set(p::useful.eq(p::useful - 1)).execute(conn)?;
    }
    Ok(())
}

/// An appeal and one of its lots.
pub type LotOf = (String, String);

/// Claims of a unit's appeals that came, and lots that were handed over, in a span of time: appeal and lot of each.
pub fn between(
    conn: &mut Conn,
    unit: &UnitId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<(Vec<LotOf>, Vec<LotOf>), DbError> {
    use super::schema::responses;
    use lot_claims as c;
    let of_unit = || responses::table.filter(responses::unit_id.eq(unit.as_str().to_owned())).select(responses::id);
    let claimed = c::table
        .filter(c::received_at.ge(from.naive_utc()).and(c::received_at.lt(to.naive_utc())))
        .filter(c::response_id.eq_any(of_unit()))
        .select((c::appeal_id, c::lot_id))
        .distinct()
        .load(conn)?;
    let within = c::returned_at.ge(from.naive_utc()).and(c::returned_at.lt(to.naive_utc()));
    let returned = c::table
        .filter(within.assume_not_null())
        .filter(c::response_id.eq_any(of_unit()))
        .select((c::appeal_id, c::lot_id))
        .distinct()
        .load(conn)?;
    Ok((claimed, returned))
}

/// Municipalities, how many responses of an appeal name them, and how many of those were useful; most first.
pub fn places(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<(String, i64, i64)>, DbError> {
    use response_places as p;
    Ok(p::table
        .filter(p::appeal_id.eq(appeal.as_str()))
        .order((p::received.desc(), p::place))
        .select((p::place, p::received, p::useful))
        .load(conn)?)
}
