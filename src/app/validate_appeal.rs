//! Into the chain and through it, level by level. A yes or no is about exactly one plan digest; the plan is rebuilt and
//! compared here, so that nobody can sign what is no longer true.

use super::audit::{self, Act};
use super::chain_duties::held;
use super::plan_dispatch::{self, Preview};
use super::standing::Standing;
use super::{App, AppError, carry_on, random, take_down};
use crate::db::appeals::{self, Appeal};
use crate::db::{Conn, authorisations, chain};
use crate::domain::actor::{Actor, Permission};
use crate::domain::authorisation::AuthorisationRecord;
use crate::domain::faults::Fault;
use crate::domain::gate::{Refusal, chain_refusals, last_words};
use crate::domain::ids::{AppealId, PersonId, ReviewId, ValidationId};
use crate::domain::outcome::Outcome;
use crate::domain::plan::PlanDigest;
use crate::domain::rules::Level;
use crate::domain::stage::{Stage, Step};
use crate::domain::validation::{Validation, Verdict, may_validate};
use chrono::{DateTime, Utc};

/// The plan as it stands, if it is the one the caller looked at and nothing refuses it.
fn current(conn: &mut Conn, app: &App, appeal: &Appeal, digest: &PlanDigest) -> Result<Preview, AppError> {
    let preview = plan_dispatch::preview(conn, app, appeal)?;
    if !preview.refusals.is_empty() {
        return Err(AppError::Refused(preview.refusals));
    }
    if preview.digest().as_ref() != Some(digest) {
        return Err(AppError::Stale);
    }
    Ok(preview)
}

/// Puts the plan into the chain. With a reason, on the emergency path: the same people, at the same time instead of one
/// after the other, and a review afterwards.
pub fn submit(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    digest: &PlanDigest,
    emergency: Option<&str>,
) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Submit, now)?;
    let mut appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let stage = appeal.stage.after(Step::Submit)?;
    let preview = current(conn, app, &appeal, digest)?;
    let emergency = emergency.map_or("", str::trim);
    if !emergency.is_empty() {
        if preview.standing.rules.emergency(appeal.draft.kind()).is_none() {
            return Err(AppError::Conflict { code: "no-emergency-path" });
        }
        if emergency.chars().count() < 10 {
            return Err(vec![Fault::at("/emergency", "reason-too-short")].into());
        }
    }
    if let Some(plan) = &preview.plan {
        authorisations::add_plan(conn, plan, emergency, &actor.person, now)?;
    }
    appeal.stage = stage;
    appeals::save(conn, &mut appeal, now)?;
    let action = if emergency.is_empty() { "appeal.submitted" } else { "appeal.submitted_in_emergency" };
    let act = Act { action, object: id.as_str(), version: appeal.version, payload: digest.as_str(), reason: emergency };
    audit::record(conn, now, actor, &act)?;
    Ok(appeal)
}

/// What somebody says about a plan.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Yes or no.
    pub verdict: Verdict,
    /// Why; a no needs it.
    pub reasons: String,
    /// At which level; the first open one that the person holds when absent.
    pub level: Option<Level>,
    /// With a no: the appeal is not published at all, instead of going back. The decision is kept.
    pub is_final: bool,
}

/// Where a plan stands in its chain.
struct Progress<'a> {
    levels: &'a [Level],
    open: Vec<Level>,
    emergency: bool,
}

impl Progress<'_> {
    /// The seat a person speaks from: an open level they hold. Levels follow one another, except in an emergency.
    fn seat(
        &self,
        asked: Option<Level>,
        held: Vec<(Level, Option<PersonId>)>,
    ) -> Result<(Level, Option<PersonId>), AppError> {
        let mut fits = held.into_iter().filter(|(level, _)| self.levels.contains(level));
        let seat = if let Some(asked) = asked {
            fits.find(|(level, _)| *level == asked)
        } else {
            let all: Vec<_> = fits.collect();
            all.iter().find(|(level, _)| self.open.contains(level)).or(all.first()).cloned()
        };
        let (level, for_whom) = seat.ok_or(AppError::Forbidden { code: "no-seat" })?;
        if !self.emergency && self.open.first().is_some_and(|first| *first < level) {
            return Err(AppError::Conflict { code: "level-not-yet" });
        }
        Ok((level, for_whom))
    }
}

/// What a yes or no is about.
pub(super) struct Signing<'a> {
    /// The plan.
    pub digest: &'a PlanDigest,
    /// The decisions it rests on: whoever recorded or verified one cannot validate.
    pub records: &'a [&'a AuthorisationRecord],
    /// The levels it passes.
    pub levels: &'a [Level],
    /// Whether they answer at the same time.
    pub emergency: bool,
}

/// Keeps one person's yes or no to a plan that was rebuilt and compared; and whether the chain is whole with it.
pub(super) fn sign(
    conn: &mut Conn,
    actor: &Actor,
    appeal: &Appeal,
    about: &Signing<'_>,
    answer: &Answer,
    now: DateTime<Utc>,
) -> Result<(Validation, bool), AppError> {
    if answer.verdict == Verdict::No && answer.reasons.trim().is_empty() {
        return Err(vec![Fault::at("/reasons", "required")].into());
    }
    let Signing { digest, records, levels, emergency } = *about;
    may_validate(&actor.person, &appeal.authors, records).map_err(|seat| AppError::Forbidden { code: seat.code() })?;
    let mut validations = authorisations::validations_of(conn, &appeal.id)?;
    let refusals = chain_refusals(digest, &validations, &appeal.authors, records, levels);
    let open = refusals.into_iter().filter_map(|refusal| match refusal {
        Refusal::LevelOpen(level) => Some(level),
        _ => None,
    });
    let progress = Progress { levels, open: open.collect(), emergency };
    let (level, for_whom) = progress.seat(answer.level, held(conn, actor, now)?)?;
    let before = last_words(digest, &validations).get(&actor.person).map(|said| (said.verdict, said.level));
    if answer.verdict == Verdict::Yes && before.is_some_and(|(verdict, at)| verdict == Verdict::Yes && at != level) {
        return Err(AppError::Forbidden { code: "already-said-yes" });
    }
    let validation = Validation {
        id: ValidationId::from_parts(now, random::bytes()),
        plan: digest.clone(),
        by: actor.person.clone(),
        level,
        on_behalf_of: for_whom,
        verdict: answer.verdict,
        reasons: answer.reasons.trim().to_owned(),
        at: now,
    };
    authorisations::add_validation(conn, &appeal.id, &validation)?;
    validations.push(validation.clone());
    let is_whole = chain_refusals(digest, &validations, &appeal.authors, records, levels).is_empty();
    Ok((validation, is_whole))
}

/// Opens the review that an emergency owes, once a plan.
pub(super) fn open_review(
    conn: &mut Conn,
    appeal: &Appeal,
    standing: &Standing,
    digest: &PlanDigest,
    is_owed: bool,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let within = standing.rules.emergency(appeal.draft.kind()).map(|rule| rule.review_within);
    let is_open = chain::reviews_of(conn, &appeal.id)?.iter().any(|review| review.plan == *digest);
    if let (true, Some(within), false) = (is_owed, within, is_open) {
        let review = ReviewId::from_parts(now, random::bytes());
        chain::open_review(conn, review.as_str(), &appeal.id, digest, now + within)?;
    }
    Ok(())
}

/// One person's yes or no.
pub fn validate(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    digest: &PlanDigest,
    answer: &Answer,
) -> Result<(Appeal, Validation), AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Validate, now)?;
    let mut appeal = appeals::of_unit(conn, id, &actor.unit)?;
    if appeal.stage == Stage::Live {
        return carry_on::validate(conn, app, actor, appeal, digest, answer);
    }
    // Asked for both answers, so that an appeal that is not in the chain is told so before anything else.
    appeal.stage.after(Step::Approve)?;
    let preview = current(conn, app, &appeal, digest)?;
    if !authorisations::plan_was_submitted(conn, id, digest)? {
        return Err(AppError::Stale);
    }
    let under = preview.standing.authority(app, &appeal, now);
    let records: Vec<_> = under.records().collect();
    let emergency = chain::emergency_of(conn, id, digest)?.is_some();
    let levels = preview.standing.chain(&appeal, now).1;
    let signing = Signing { digest, records: &records, levels, emergency };
    let (validation, is_whole) = sign(conn, actor, &appeal, &signing, answer, now)?;
    let action = match (answer.verdict, answer.is_final) {
        (Verdict::Yes, _) => "appeal.validated",
        (Verdict::No, false) => "appeal.returned",
        (Verdict::No, true) => "appeal.not_published",
    };
    drop(under);
    match (answer.verdict, answer.is_final) {
        (Verdict::Yes, _) if is_whole => appeal.stage = appeal.stage.after(Step::Approve)?,
        (Verdict::No, false) => appeal.stage = appeal.stage.after(Step::Return)?,
        _ => {}
    }
    appeals::save(conn, &mut appeal, now)?;
    let act = Act {
        action,
        object: id.as_str(),
        version: appeal.version,
        payload: digest.as_str(),
        reason: &validation.reasons,
    };
    audit::record(conn, now, actor, &act)?;
    open_review(conn, &appeal, &preview.standing, digest, is_whole && emergency, now)?;
    if answer.verdict == Verdict::No && answer.is_final {
        appeal = take_down::end(conn, app, actor.into(), appeal, Outcome::NotPublished, &validation.reasons, now)?;
    }
    Ok((appeal, validation))
}
