//! Magistrates' decisions, their verifications and withdrawals; plans and the chain's answers. Rows are only added.

use super::appeals::json;
use super::schema::{
    authorisation_confirmations, authorisation_verifications, authorisation_withdrawals, authorisations, plans,
    validations,
};
use super::{Conn, DbError, per_backend};
use crate::domain::area::CellSet;
use crate::domain::authorisation::{Authorisation, AuthorisationRecord, DocumentProof, Verification, Withdrawal};
use crate::domain::document;
use crate::domain::ids::{AppealId, AuthorisationId, PersonId, ValidationId};
use crate::domain::plan::{Plan, PlanDigest};
use crate::domain::rules::Level;
use crate::domain::validation::{Validation, Verdict};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A decision with the cells its area became; none when it covers the whole country or the Union.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The decision.
    pub record: AuthorisationRecord,
    /// Its area in cells.
    pub cells: Option<CellSet>,
    /// The paper that followed an oral decision.
    pub confirmation: Option<Confirmation>,
}

/// Adds a decision.
pub fn add(
    conn: &mut Conn,
    decision: &Authorisation,
    cells: Option<&CellSet>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(authorisations::table)
        .values((
            authorisations::id.eq(decision.id.as_str()),
            authorisations::appeal_id.eq(decision.appeal.as_str()),
            authorisations::previous_id.eq(decision.previous.as_ref().map(AuthorisationId::as_str)),
            authorisations::entered_by.eq(decision.entered_by.as_str()),
            authorisations::document.eq(decision.to_document().to_string()),
            authorisations::scope_area.eq(cells.map(|cells| cells.to_hex().join(" ")).unwrap_or_default()),
            authorisations::valid_until.eq(decision.valid_until.naive_utc()),
            authorisations::created_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

type Columns = (String, String, String, String, String);
type VerificationColumns = (String, NaiveDateTime, String);
type WithdrawalColumns = (String, NaiveDateTime, String);

fn record(
    (id, appeal, entered_by, document, area): Columns,
    verification: Option<VerificationColumns>,
    withdrawal: Option<WithdrawalColumns>,
    confirmation: Option<Confirmation>,
) -> Result<Stored, DbError> {
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("authorisations", e);
    let mut authorisation = Authorisation::from_document(
        &json("authorisations.document", &document)?,
        AuthorisationId::parse(&id).map_err(corrupt)?,
        AppealId::parse(&appeal).map_err(corrupt)?,
        PersonId::parse(&entered_by).map_err(corrupt)?,
    )
    .map_err(|e| DbError::corrupt("authorisations.document", e))?;
    let cells = if area.is_empty() {
        None
    } else {
        Some(CellSet::from_hex(area.split(' ')).map_err(|e| DbError::corrupt("authorisations.scope_area", e))?)
    };
    let verification = verification
        .map(|(by, at, called_back_on)| {
            PersonId::parse(&by).map(|by| Verification { by, at: at.and_utc(), called_back_on }).map_err(corrupt)
        })
        .transpose()?;
    let withdrawal = withdrawal
        .map(|(by, at, reason)| {
            PersonId::parse(&by).map(|by| Withdrawal { by, at: at.and_utc(), reason }).map_err(corrupt)
        })
        .transpose()?;
    // The row stays as it was recorded; what it covers grows by the paper once a second person saw it.
    if let Some(confirmed) = confirmation.as_ref().filter(|confirmation| confirmation.verified.is_some()) {
        authorisation.document.get_or_insert_with(|| confirmed.document.clone());
    }
    Ok(Stored { record: AuthorisationRecord { authorisation, verification, withdrawal }, cells, confirmation })
}

fn load(conn: &mut Conn, columns: Columns) -> Result<Stored, DbError> {
    use authorisation_verifications as v;
    use authorisation_withdrawals as w;
    let verification =
        v::table.find(&columns.0).select((v::by_person, v::at, v::called_back_on)).first(conn).optional()?;
    let withdrawal = w::table.find(&columns.0).select((w::by_person, w::at, w::reason)).first(conn).optional()?;
    let confirmation = confirmation_of(conn, &columns.0)?;
    record(columns, verification, withdrawal, confirmation)
}

/// Every decision about an appeal, oldest first.
pub fn of_appeal(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Stored>, DbError> {
    use authorisations as a;
    let rows: Vec<Columns> = a::table
        .filter(a::appeal_id.eq(appeal.as_str()))
        .order(a::id)
        .select((a::id, a::appeal_id, a::entered_by, a::document, a::scope_area))
        .load(conn)?;
    rows.into_iter().map(|columns| load(conn, columns)).collect()
}

/// The appeal a decision is about.
pub fn appeal_of(conn: &mut Conn, id: &AuthorisationId) -> Result<AppealId, DbError> {
    let appeal: String = authorisations::table.find(id.as_str()).select(authorisations::appeal_id).first(conn)?;
    AppealId::parse(&appeal).map_err(|e| DbError::corrupt("authorisations.appeal_id", e))
}

/// Adds a verification; `Conflict` when there is one.
pub fn add_verification(conn: &mut Conn, id: &AuthorisationId, verification: &Verification) -> Result<(), DbError> {
    use authorisation_verifications as v;
    diesel::insert_into(v::table)
        .values((
            v::authorisation_id.eq(id.as_str()),
            v::by_person.eq(verification.by.as_str()),
            v::at.eq(verification.at.naive_utc()),
            v::called_back_on.eq(&verification.called_back_on),
        ))
        .execute(conn)?;
    Ok(())
}

/// Adds a withdrawal; `Conflict` when there is one.
pub fn add_withdrawal(conn: &mut Conn, id: &AuthorisationId, withdrawal: &Withdrawal) -> Result<(), DbError> {
    use authorisation_withdrawals as w;
    diesel::insert_into(w::table)
        .values((
            w::authorisation_id.eq(id.as_str()),
            w::by_person.eq(withdrawal.by.as_str()),
            w::at.eq(withdrawal.at.naive_utc()),
            w::reason.eq(&withdrawal.reason),
        ))
        .execute(conn)?;
    Ok(())
}

/// The paper that followed an oral decision.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// The paper.
    pub document: DocumentProof,
    /// Who recorded it.
    pub entered_by: PersonId,
    /// When.
    pub entered_at: DateTime<Utc>,
    /// The second person who saw it, and when; it counts from then on.
    pub verified: Option<(PersonId, DateTime<Utc>)>,
}

fn confirmation_of(conn: &mut Conn, id: &str) -> Result<Option<Confirmation>, DbError> {
    use authorisation_confirmations as c;
    type Row = (String, String, NaiveDateTime, Option<String>, Option<NaiveDateTime>);
    let row: Option<Row> = c::table
        .find(id)
        .select((c::document, c::entered_by, c::entered_at, c::verified_by, c::verified_at))
        .first(conn)
        .optional()?;
    let corrupt = |e: crate::domain::ids::MalformedId| DbError::corrupt("authorisation_confirmations", e);
    row.map(|(document, by, at, verified_by, verified_at)| {
        let document =
            document::read(&json("authorisation_confirmations.document", &document)?, "", DocumentProof::read)
                .map_err(|e| DbError::corrupt("authorisation_confirmations.document", e))?;
        let verified_by = verified_by.map(|by| PersonId::parse(&by)).transpose().map_err(corrupt)?;
        Ok(Confirmation {
            document,
            entered_by: PersonId::parse(&by).map_err(corrupt)?,
            entered_at: at.and_utc(),
            verified: verified_by.zip(verified_at.map(|at| at.and_utc())),
        })
    })
    .transpose()
}

/// Adds the paper of an oral decision; `Conflict` when there is one.
pub fn add_confirmation(conn: &mut Conn, id: &AuthorisationId, confirmation: &Confirmation) -> Result<(), DbError> {
    use authorisation_confirmations as c;
    diesel::insert_into(c::table)
        .values((
            c::authorisation_id.eq(id.as_str()),
            c::document.eq(confirmation.document.to_document().to_string()),
            c::entered_by.eq(confirmation.entered_by.as_str()),
            c::entered_at.eq(confirmation.entered_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes who saw the paper of an oral decision; `Conflict` when somebody did before.
pub fn verify_confirmation(
    conn: &mut Conn,
    id: &AuthorisationId,
    by: &PersonId,
    called_back_on: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use authorisation_confirmations as c;
    let open = c::authorisation_id.eq(id.as_str()).and(c::verified_by.is_null());
    let done = diesel::update(c::table.filter(open))
        .set((c::verified_by.eq(by.as_str()), c::verified_at.eq(now.naive_utc()), c::called_back_on.eq(called_back_on)))
        .execute(conn)?;
    if done == 1 { Ok(()) } else { Err(DbError::Conflict) }
}

/// Keeps the plan that was put into the chain; the same plan again is the same row.
pub fn add_plan(
    conn: &mut Conn,
    plan: &Plan,
    emergency: &str,
    by: &PersonId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let home = plan.authorisations.first().map(AuthorisationId::as_str).unwrap_or_default();
    let row = (
        plans::emergency.eq(emergency),
        plans::appeal_id.eq(plan.appeal.as_str()),
        plans::digest.eq(plan.digest().to_string()),
        plans::authorisation_id.eq(home),
        plans::document.eq(plan.to_document().to_string()),
        plans::submitted_by.eq(by.as_str()),
        plans::submitted_at.eq(now.naive_utc()),
    );
    per_backend!(conn, c => diesel::insert_into(plans::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Whether this plan was put into the chain.
pub fn plan_was_submitted(conn: &mut Conn, appeal: &AppealId, digest: &PlanDigest) -> Result<bool, DbError> {
    let found: Option<String> =
        plans::table.find((appeal.as_str(), digest.as_str())).select(plans::digest).first(conn).optional()?;
    Ok(found.is_some())
}

/// Adds an answer of the chain.
pub fn add_validation(conn: &mut Conn, appeal: &AppealId, validation: &Validation) -> Result<(), DbError> {
    diesel::insert_into(validations::table)
        .values((
            validations::id.eq(validation.id.as_str()),
            validations::appeal_id.eq(appeal.as_str()),
            validations::plan_digest.eq(validation.plan.as_str()),
            validations::by_person.eq(validation.by.as_str()),
            validations::level.eq(validation.level.code()),
            validations::on_behalf_of.eq(validation.on_behalf_of.as_ref().map(PersonId::as_str).unwrap_or_default()),
            validations::verdict.eq(validation.verdict.code()),
            validations::reasons.eq(&validation.reasons),
            validations::at.eq(validation.at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Every answer of the chain about an appeal, oldest first.
pub fn validations_of(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<Validation>, DbError> {
    use validations as v;
    type Row = (String, String, String, String, String, String, String, NaiveDateTime);
    let rows: Vec<Row> = v::table
        .filter(v::appeal_id.eq(appeal.as_str()))
        .order(v::id)
        .select((v::id, v::plan_digest, v::by_person, v::level, v::on_behalf_of, v::verdict, v::reasons, v::at))
        .load(conn)?;
    let person = |id: &str| PersonId::parse(id).map_err(|e| DbError::corrupt("validations.by_person", e));
    rows.into_iter()
        .map(|(id, plan, by, level, on_behalf_of, verdict, reasons, at)| {
            Ok(Validation {
                level: Level::parse(&level).ok_or_else(|| DbError::corrupt("validations.level", level))?,
                on_behalf_of: (!on_behalf_of.is_empty()).then(|| person(&on_behalf_of)).transpose()?,
                id: ValidationId::parse(&id).map_err(|e| DbError::corrupt("validations.id", e))?,
                plan: PlanDigest::parse(&plan).ok_or_else(|| DbError::corrupt("validations.plan_digest", plan))?,
                by: person(&by)?,
                verdict: Verdict::parse(&verdict).ok_or_else(|| DbError::corrupt("validations.verdict", verdict))?,
                reasons,
                at: at.and_utc(),
            })
        })
        .collect()
}
