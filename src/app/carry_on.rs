//! What a later decision means for something that is out. A narrower one takes down what it no longer covers, at once; a
//! longer one carries it on once the chain said yes to the plan that names it: approvals sign the decision and the end
//! (security-and-ops §4), so an extension is signed like everything else, while the appeal stays out under what it has.

use super::audit::{self, Act, By};
use super::change_campaigns::{self, Caps, Part};
use super::standing::{self, Standing};
use super::take_down::{self, Lapse};
use super::validate_appeal::{self, Answer, Signing};
use super::{App, AppError, check_texts, plan_dispatch, stored_aims};
use crate::db::appeals::{self, Appeal};
use crate::db::dispatches::{self, Continuation, Dispatch};
use crate::db::{Conn, access, authorisations, chain, contents, ledger, paid_changes, publications, takedowns};
use crate::domain::actor::Actor;
use crate::domain::authorisation::Authorisation;
use crate::domain::dispatch::{DispatchOrder, Evidence, distinct};
use crate::domain::faults::Fault;
use crate::domain::gate::{self, Authority, Refusal};
use crate::domain::ids::{AppealId, AuthorisationId};
use crate::domain::language::Language;
use crate::domain::plan::{Plan, PlanDigest, PlanItem};
use crate::domain::rules::{RuleBook, country_day};
use crate::domain::scope::ChannelKind;
use crate::domain::stage::Stage;
use crate::domain::validation::{Validation, Verdict};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// What a decision did to something that is out.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It covers what is out, for no longer than what was signed already.
    Covered,
    /// It covers what is out for longer, once the chain says yes to this plan; none while the plan is refused.
    Waits(Option<PlanDigest>),
    /// It covers less money: advertisements may cost no more than so many euro cents together from now on.
    Lowered(i64),
    /// It covers less: these came down.
    Narrowed(Vec<(ChannelKind, Language)>),
    /// It covers less in a way that no part can be kept, for these reasons.
    TakenDown(Vec<Refusal>),
}

/// What is wrong with what a new decision says about the one before it: it must be one of the same appeal and country, and
/// all together may not last longer than the law lets one last.
pub(super) fn faults(
    conn: &mut Conn,
    rules: &RuleBook,
    appeal: &Appeal,
    decision: &Authorisation,
) -> Result<Vec<Fault>, AppError> {
    let Some(previous) = &decision.previous else { return Ok(Vec::new()) };
    let records = authorisations::of_appeal(conn, &appeal.id)?;
    let of = |id: &AuthorisationId| records.iter().map(|s| &s.record.authorisation).find(|known| known.id == *id);
    let Some(mut first) = of(previous) else {
        return Ok(vec![Fault::at("/previous_id", "unknown-value").with("value", previous)]);
    };
    let mut faults = Vec::new();
    if first.country != decision.country {
        faults.push(Fault::at("/previous_id", "of-other-country"));
    }
    while let Some(earlier) = first.previous.as_ref().and_then(of) {
        first = earlier;
    }
    let on = country_day(decision.country, decision.valid_from);
    if let Some(most) = rules.in_all(appeal.draft.kind(), decision.country, on)
        && decision.valid_until - first.valid_from > most
    {
        faults.push(Fault::at("/valid_until", "lasts-too-long").with("hours", most.num_hours()));
    }
    Ok(faults)
}

/// The dispatch that an appeal is out under, or will be.
fn current(conn: &mut Conn, appeal: &Appeal) -> Result<Option<Dispatch>, AppError> {
    if !matches!(appeal.stage, Stage::Live | Stage::Scheduled) {
        return Ok(None);
    }
    Ok(dispatches::dispatches_of(conn, &appeal.id)?.pop())
}

/// Lets what is shown end when its decisions do: later with the paper of an oral one or a continuation, sooner with a
/// shorter word.
pub(super) fn set_ends(conn: &mut Conn, app: &App, appeal: &Appeal, now: DateTime<Utc>) -> Result<(), AppError> {
    bound(conn, app, appeal, Caps::Kept, "the decision's end", now).map(drop)
}

/// [`set_ends`], with what advertisements may cost from now on; the parts of which nothing can go on.
pub(super) fn bound(
    conn: &mut Conn,
    app: &App,
    appeal: &Appeal,
    caps: Caps,
    because: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Part>, AppError> {
    let Some(dispatch) = current(conn, appeal)? else { return Ok(Vec::new()) };
    let standing = standing::load(conn, app, appeal)?;
    let Some(ends_at) = standing.ends_under(now, &dispatch.decisions()) else { return Ok(Vec::new()) };
    publications::ends(conn, &appeal.id, ends_at)?;
    // What is not covered any more is taken down, not bounded.
    if ends_at <= now {
        return Ok(Vec::new());
    }
    change_campaigns::follow(conn, &appeal.id, caps, ends_at, because, now)
}

/// Does at once what a decision that was just verified means for something that is out; none when it means nothing for it.
pub(super) fn heed(
    conn: &mut Conn,
    app: &App,
    by: By,
    id: &AppealId,
    decision: &AuthorisationId,
) -> Result<Option<Effect>, AppError> {
    let now = app.clock.now(conn)?;
    let appeal = appeals::any(conn, id)?;
    let Some(dispatch) = current(conn, &appeal)? else { return Ok(None) };
    let standing = standing::load(conn, app, &appeal)?;
    if !standing.follows(&dispatch.decisions(), decision) {
        return Ok(None);
    }
    Ok(Some(match take_down::lapse_if_uncovered(conn, app, id, by)? {
        Lapse::Whole(refusals) => Effect::TakenDown(refusals),
        Lapse::Parts(parts) => Effect::Narrowed(parts),
        Lapse::Lowered(cents) => Effect::Lowered(cents),
        Lapse::Covered => {
            set_ends(conn, app, &appeal, now)?;
            match waiting(conn, app, &appeal)? {
                None => Effect::Covered,
                Some(waiting) if waiting.refusals.is_empty() => Effect::Waits(Some(waiting.plan.digest())),
                Some(_) => Effect::Waits(None),
            }
        }
    }))
}

/// What of a dispatch is still wanted: all of it but the parts that came down since.
pub(super) fn parts_left(conn: &mut Conn, dispatch: &Dispatch) -> Result<Vec<PlanItem>, AppError> {
    let gone: BTreeSet<_> = takedowns::takedowns_of(conn, &dispatch.appeal)?
        .into_iter()
        .filter(|takedown| takedown.decided_at >= dispatch.created_at)
        .map(|takedown| (takedown.channel, takedown.language))
        .collect();
    let items = contents::items_of(conn, &dispatch.id)?;
    Ok(items.into_iter().filter(|item| !gone.contains(&(item.channel, item.language))).collect())
}

/// A plan that would let something stay out longer, and why it may not.
pub struct Waiting {
    /// What is out, under the later decisions.
    pub plan: Plan,
    /// Why it may not, the chain's answer aside.
    pub refusals: Vec<Refusal>,
    /// The appeal with what is wished for it.
    appeal: Appeal,
    dispatch: Dispatch,
    standing: Standing,
    items: Vec<PlanItem>,
}

/// The decisions a waiting plan rests on: those that would carry it on, or those it is out under where only more money is
/// wished for.
fn under_waiting<'a>(
    app: &App,
    standing: &'a Standing,
    appeal: &'a Appeal,
    dispatch: &Dispatch,
    wishes: bool,
    now: DateTime<Utc>,
) -> Option<Authority<'a>> {
    let decisions = dispatch.decisions();
    let carried = standing.authority_waiting(app, appeal, now, &decisions);
    carried.or_else(|| wishes.then(|| standing.authority_under(app, appeal, now, &decisions)))
}

/// The plan that waits for the chain to carry a live appeal on, or to let it cost more; none when nothing does. Texts,
/// pictures and area are those that are out: only the decisions, the end and the budget are others.
pub fn waiting(conn: &mut Conn, app: &App, appeal: &Appeal) -> Result<Option<Waiting>, AppError> {
    let now = app.clock.now(conn)?;
    let dispatch = if appeal.stage == Stage::Live { current(conn, appeal)? } else { None };
    let Some(dispatch) = dispatch else { return Ok(None) };
    let standing = standing::load(conn, app, appeal)?;
    let wish = paid_changes::wish(conn, &appeal.id)?;
    let mut wished = appeal.clone();
    wished.draft.budget_cents = wish.or(appeal.draft.budget_cents);
    let appeal = &wished;
    let Some(under) = under_waiting(app, &standing, appeal, &dispatch, wish.is_some(), now) else { return Ok(None) };
    let unit = access::unit(conn, &appeal.unit)?;
    let home = under.home_record().and_then(|record| standing.stored(&record.authorisation.id));
    let (aims, _) = stored_aims::load(conn, app, appeal)?;
    let built = home.map(|home| plan_dispatch::build(app, appeal, &unit, home, &under, &aims)).transpose()?.flatten();
    let Some(plan_dispatch::Built { mut plan, refusals: missing }) = built else { return Ok(None) };
    let items = parts_left(conn, &dispatch)?;
    let is_out = |item: &PlanItem| items.iter().any(|out| (out.channel, out.language) == (item.channel, item.language));
    plan.items.retain(is_out);
    for item in plan.items.iter_mut().filter(|item| item.channel.is_paid()) {
        keep_aim(item, &items);
    }
    let mut refusals = gate::authority_refusals(&under);
    // Where advertisements are shown is known: where they are.
    refusals.extend(missing.into_iter().filter(|why| !matches!(why, Refusal::NotAimed { .. })));
    for item in &plan.items {
        refusals.extend(gate::item_refusals(item, &appeal.media, &under));
    }
    if let Some(area) = &appeal.area {
        let written = plan.items.iter().map(|item| item.language).collect();
        refusals.extend(gate::missing_languages(&area.split.languages().collect(), &written));
    }
    drop(under);
    refusals.extend(check_texts::refusals(&check_texts::report(conn, app, appeal, &unit, &standing, now)?));
    Ok(Some(Waiting { plan, refusals: distinct(refusals), dispatch, standing, items, appeal: wished }))
}

/// What is advertised stays as it is out, words and places; only its money and its last day are others.
fn keep_aim(item: &mut PlanItem, out: &[PlanItem]) {
    let known = out.iter().find(|out| (out.channel, out.language) == (item.channel, item.language));
    let Some(known) = known else { return };
    let planned = std::mem::replace(&mut item.content, known.content.clone());
    if let (Some(content), Some(planned)) = (item.content.as_object_mut(), planned.as_object()) {
        for key in ["cap_cents", "last_day"] {
            planned.get(key).map(|value| content.insert(key.to_owned(), value.clone()));
        }
    }
}

/// One person's yes or no to the plan that would carry a live appeal on. With the last yes it does; a no leaves it out as
/// long as it was signed for.
pub(super) fn validate(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    mut appeal: Appeal,
    digest: &PlanDigest,
    answer: &Answer,
) -> Result<(Appeal, Validation), AppError> {
    let now = app.clock.now(conn)?;
    let waiting = waiting(conn, app, &appeal)?.ok_or(AppError::Conflict { code: "nothing-to-extend" })?;
    if !waiting.refusals.is_empty() {
        return Err(AppError::Refused(waiting.refusals));
    }
    if waiting.plan.digest() != *digest {
        return Err(AppError::Stale);
    }
    let signed = waiting.dispatch.decisions();
    let wishes = waiting.appeal.draft.budget_cents != appeal.draft.budget_cents;
    let under = under_waiting(app, &waiting.standing, &waiting.appeal, &waiting.dispatch, wishes, now);
    let under = under.ok_or(AppError::Stale)?;
    let records: Vec<_> = under.records().collect();
    let levels = waiting.standing.chain(&appeal, now).1;
    // Whoever verified the decision put its plan into the chain; in the emergency it went out in, the chain goes again.
    let emergency = chain::emergency_of(conn, &appeal.id, &waiting.dispatch.plan)?;
    let submitter = records.iter().find_map(|record| record.verification.as_ref()).map_or(&actor.person, |v| &v.by);
    authorisations::add_plan(conn, &waiting.plan, emergency.as_deref().unwrap_or_default(), submitter, now)?;
    let signing = Signing { digest, records: &records, levels, emergency: emergency.is_some() };
    let (validation, is_whole) = validate_appeal::sign(conn, actor, &appeal, &signing, answer, now)?;
    let action = match (answer.verdict, is_whole) {
        (Verdict::No, _) => "appeal.extension_refused",
        (Verdict::Yes, false) => "appeal.extension_validated",
        (Verdict::Yes, true) => "appeal.extended",
    };
    let act = Act {
        action,
        object: appeal.id.as_str(),
        version: appeal.version,
        payload: digest.as_str(),
        reason: &validation.reasons,
    };
    audit::record(conn, now, actor, &act)?;
    if !is_whole {
        return Ok((appeal, validation));
    }
    let validations = authorisations::validations_of(conn, &appeal.id)?;
    let evidence = Evidence {
        authority: under,
        stage: appeal.stage,
        pictures: &appeal.media,
        authors: &appeal.authors,
        validations: &validations,
        levels,
    };
    let order = DispatchOrder::prove_continued(waiting.plan, &evidence).map_err(AppError::Refused)?;
    let known = |id: &&AuthorisationId| !signed.contains(id);
    let continuation = Continuation {
        plan: digest.clone(),
        authorisations: order.plan().authorisations.iter().filter(known).cloned().collect(),
    };
    dispatches::add_continuation(conn, &waiting.dispatch.id, &continuation, now)?;
    for item in order.items() {
        contents::renew_content(conn, &waiting.dispatch.id, item)?;
        publications::renew(conn, &appeal.id, item, now)?;
    }
    debug_assert!(order.items().len() <= waiting.items.len(), "nothing new goes out with an extension");
    appeal.draft.budget_cents = order.plan().budget_cents;
    paid_changes::forget_wish(conn, &appeal.id)?;
    ledger::authorise(conn, &appeal.id, appeal.draft.budget_cents.unwrap_or(0), now)?;
    // A share below what was spent already ends with that: the platform says so, and the campaign with it.
    bound(conn, app, &appeal, Caps::Signed, digest.as_str(), now)?;
    validate_appeal::open_review(conn, &appeal, &waiting.standing, digest, emergency.is_some(), now)?;
    appeals::save(conn, &mut appeal, now)?;
    Ok((appeal, validation))
}
