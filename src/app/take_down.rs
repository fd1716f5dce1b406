//! The same road backwards: pages and feed entries gone at once, mails still to go cancelled, those already sent followed
//! by a neutral word. Needs one person and no step-up: the safe direction is always easy.

use super::audit::{self, Act, By};
use super::dispatch_appeal::PRIORITY_TAKEDOWN;
use super::{App, AppError, carry_on, events, mail, random, set_budget, standing, statements};
use crate::db::appeals::{self, Appeal};
use crate::db::contents;
use crate::db::deliveries::{self, NewDelivery};
use crate::db::dispatches;
use crate::db::paid_effects;
use crate::db::publications;
use crate::db::takedowns::{self, Takedown};
use crate::db::{Conn, wake_workers};
use crate::domain::actor::{Actor, Permission};
use crate::domain::dispatch::{Purpose, distinct};
use crate::domain::event::EventKind;
use crate::domain::faults::Fault;
use crate::domain::gate::{self, Refusal};
use crate::domain::ids::{AppealId, DeliveryId, TakedownId};
use crate::domain::language::Language;
use crate::domain::outcome::Outcome;
use crate::domain::paid::Phase;
use crate::domain::plan::PlanItem;
use crate::domain::scope::ChannelKind;
use crate::domain::stage::{Stage, Step};
use crate::domain::takedown::TakedownState;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// How the way back of a page or feed entry begins: gone in this transaction; that nobody is shown it any more is for a
/// look from outside to say.
const GONE: (TakedownState, &str) = (TakedownState::Open, "withdrawn; to be read back");

/// Takes an appeal down; it can come back only through a new decision of the chain.
pub fn take_down(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId, reason: &str) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::TakeDown, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    if reason.trim().chars().count() < 3 {
        return Err(vec![Fault::at("/reason", "required")].into());
    }
    suspend(conn, app, actor.into(), appeal, reason.trim(), now)
}

/// Takes an appeal down for whoever was found to be entitled to.
pub(super) fn suspend(
    conn: &mut Conn,
    app: &App,
    by: By,
    mut appeal: Appeal,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Appeal, AppError> {
    // Something scheduled is not out yet, but stopping it is the same wish.
    let step = if appeal.stage == Stage::Scheduled { Step::Lapse } else { Step::Suspend };
    appeal.stage = appeal.stage.after(step)?;
    bring_back(conn, app, &mut appeal, reason, (Purpose::Correction, None), None, now)?;
    let id = appeal.id.clone();
    let act = Act { action: "appeal.taken_down", object: id.as_str(), version: appeal.version, reason, payload: "" };
    audit::record(conn, now, by, &act)?;
    events::raise(conn, EventKind::AppealTakenDown, &appeal.unit, Some(&id), id.as_str(), now)?;
    Ok(appeal)
}

/// Ends an appeal with its outcome and tells everyone alerted, without a word about where, why or in what state.
pub fn close(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    id: &AppealId,
    outcome: Outcome,
    reason: &str,
) -> Result<Appeal, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::Close, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    statements::allow_ending(conn, &appeal, outcome)?;
    end(conn, app, actor.into(), appeal, outcome, reason, now)
}

/// Ends an appeal for whoever was found to be entitled to.
pub(super) fn end(
    conn: &mut Conn,
    app: &App,
    by: By,
    mut appeal: Appeal,
    outcome: Outcome,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Appeal, AppError> {
    appeal.stage = appeal.stage.after(Step::Close)?;
    appeal.outcome = Some(outcome);
    bring_back(conn, app, &mut appeal, outcome.code(), (Purpose::Closure, Some(outcome)), None, now)?;
    let id = appeal.id.clone();
    // Nothing more is compared: what could test guesses against what was said goes with the appeal.
    crate::db::likeness::forget(conn, &id)?;
    crate::db::attachments::forget(conn, &id)?;
    super::retention::start(conn, app, &id, now)?;
    let act =
        Act { action: "appeal.closed", object: id.as_str(), version: appeal.version, reason, payload: outcome.code() };
    audit::record(conn, now, by, &act)?;
    events::raise(conn, EventKind::AppealClosed, &appeal.unit, Some(&id), id.as_str(), now)?;
    Ok(appeal)
}

/// What was found not to be covered any more, and came down.
pub(super) enum Lapse {
    /// Nothing.
    Covered,
    /// These channels in these languages.
    Parts(Vec<(ChannelKind, Language)>),
    /// Nothing, but advertisements may cost no more than so many euro cents together.
    Lowered(i64),
    /// Everything, for these reasons.
    Whole(Vec<Refusal>),
}

/// What is found not to be covered, before anything is done about it.
enum Judged {
    Covered,
    Money(i64),
    Parts(Vec<(ChannelKind, Language)>, Vec<Refusal>),
    Whole(String, Vec<Refusal>),
}

/// Whether something is out, or on its way out, that no decision covers any more. Only reads.
pub(super) fn is_uncovered(conn: &mut Conn, app: &App, id: &AppealId) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    let appeal = appeals::any(conn, id)?;
    Ok(appeal.stage.after(Step::Lapse).is_ok() && !matches!(judge(conn, app, &appeal, now)?, Judged::Covered))
}

/// A channel or language that a later decision leaves out is found alone, and so is less money; anything else that it leaves
/// out (a place, a name) is in every part, so all of them are.
fn judge(conn: &mut Conn, app: &App, appeal: &Appeal, now: DateTime<Utc>) -> Result<Judged, AppError> {
    let standing = standing::load(conn, app, appeal)?;
    let mut reason = "authorisation ended".to_owned();
    let mut refused = Vec::new();
    match dispatches::dispatches_of(conn, &appeal.id)?.last() {
        // What was sent rests on its own decisions and what follows from them; others in force do not carry it. The whole
        // gate is asked: a rule, a withdrawal and a discovery take it down as surely as an end.
        Some(dispatch) if matches!(appeal.stage, Stage::Live | Stage::Scheduled) => {
            let decisions = dispatch.decisions();
            let mut under = standing.authority_under(app, appeal, now, &decisions);
            let is_followed = standing.is_followed(&decisions);
            // A later word that allows less money is kept by spending less.
            let most = under.records().map(|record| gate::most_for_ads(&record.authorisation)).min();
            let less = most.filter(|most| is_followed && under.budget_cents.is_some_and(|budget| budget > *most));
            under.budget_cents = less.or(under.budget_cents);
            refused.extend(gate::authority_refusals(&under));
            if refused.is_empty() && is_followed {
                let left = carry_on::parts_left(conn, dispatch)?;
                let nothing = |item: &PlanItem| less == Some(0) && item.channel.is_paid();
                let of_items = left.iter().map(|item| {
                    let mut refusals = gate::item_refusals(item, &appeal.media, &under);
                    refusals.extend(nothing(item).then_some(Refusal::Budget));
                    (item, refusals)
                });
                let uncovered: Vec<_> = of_items.filter(|(_, refusals)| !refusals.is_empty()).collect();
                let parts: Vec<_> = uncovered.iter().map(|(item, _)| (item.channel, item.language)).collect();
                refused.extend(uncovered.into_iter().flat_map(|(_, refusals)| refusals));
                if !parts.is_empty() && parts.len() < left.len() {
                    return Ok(Judged::Parts(parts, refused));
                }
            }
            if refused.is_empty() {
                return Ok(less.filter(|less| *less > 0).map_or(Judged::Covered, Judged::Money));
            }
            refused = distinct(refused);
            if is_followed {
                reason = said(refused.clone());
            }
        }
        _ if standing.home(appeal, now).is_some_and(|stored| stored.record.holds_or_waits(now)) => {
            return Ok(Judged::Covered);
        }
        _ => {}
    }
    Ok(Judged::Whole(reason, refused))
}

/// Takes down whatever no decision covers any more: after a withdrawal or a narrower decision, and by the sweeper when an
/// end passed.
pub(super) fn lapse_if_uncovered(conn: &mut Conn, app: &App, id: &AppealId, by: By) -> Result<Lapse, AppError> {
    let now = app.clock.now(conn)?;
    let mut appeal = appeals::any(conn, id)?;
    let Ok(stage) = appeal.stage.after(Step::Lapse) else { return Ok(Lapse::Covered) };
    let (reason, refused) = match judge(conn, app, &appeal, now)? {
        Judged::Covered => return Ok(Lapse::Covered),
        Judged::Money(cents) => {
            set_budget::lower(conn, app, by, appeal, cents, "the magistrate allows no more", now)?;
            return Ok(Lapse::Lowered(cents));
        }
        Judged::Parts(parts, refused) => {
            narrow(conn, app, by, appeal, &parts, &said(refused), now)?;
            return Ok(Lapse::Parts(parts));
        }
        Judged::Whole(reason, refused) => (reason, refused),
    };
    appeal.stage = stage;
    bring_back(conn, app, &mut appeal, &reason, (Purpose::Correction, None), None, now)?;
    let act = Act {
        action: "appeal.lapsed",
        object: id.as_str(),
        version: appeal.version,
        reason: &reason,
        ..Act::default()
    };
    audit::record(conn, now, by, &act)?;
    events::raise(conn, EventKind::AppealTakenDown, &appeal.unit, Some(id), id.as_str(), now)?;
    Ok(Lapse::Whole(refused))
}

/// Why something is no longer covered, for the record: codes, which name nobody.
fn said(refusals: Vec<Refusal>) -> String {
    let codes: Vec<_> = distinct(refusals).iter().map(Refusal::code).collect();
    let mut distinct: Vec<_> = codes.clone();
    distinct.dedup();
    format!("no longer covered: {}", distinct.join(" "))
}

/// Takes some channels and languages of something that is out down; the others stay.
pub(super) fn narrow(
    conn: &mut Conn,
    app: &App,
    by: By,
    mut appeal: Appeal,
    parts: &[(ChannelKind, Language)],
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    bring_back(conn, app, &mut appeal, reason, (Purpose::Correction, None), Some(parts), now)?;
    let named: Vec<_> = parts.iter().map(|(channel, language)| format!("{channel}/{language}")).collect();
    let reason = format!("{reason}; {}", named.join(" "));
    let id = appeal.id.clone();
    let act =
        Act { action: "appeal.narrowed", object: id.as_str(), version: appeal.version, reason: &reason, payload: "" };
    audit::record(conn, now, by, &act)?;
    carry_on::set_ends(conn, app, &appeal, now)
}

/// Takes `parts`, or everything, off our own channels, cancels what is on its way, and queues the word to those already
/// reached.
fn bring_back(
    conn: &mut Conn,
    app: &App,
    appeal: &mut Appeal,
    reason: &str,
    (purpose, outcome): (Purpose, Option<Outcome>),
    parts: Option<&[(ChannelKind, Language)]>,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    // First of all: nobody begins a mail any more, so that whom mails reached can be counted.
    match parts {
        Some(parts) => {
            for part in parts {
                deliveries::cancel_part(conn, &appeal.id, *part, now)?;
            }
        }
        None => {
            deliveries::cancel(conn, &appeal.id, Purpose::Appeal, now)?;
        }
    }
    // Languages that go on are left alone: whoever is sending to them knows to whom.
    let by_mail = |parts: &[(ChannelKind, Language)]| -> Vec<Language> {
        parts.iter().filter(|(channel, _)| *channel == ChannelKind::Email).map(|(_, language)| *language).collect()
    };
    let mails = contents::mailed(conn, &appeal.id, parts.map(by_mail).as_deref(), now)?;
    if let Some(parts) = parts {
        for part in parts {
            let (channel, language) = *part;
            let was_shown = publications::withdraw_part(conn, &appeal.id, *part, now)?;
            let was_mailed = mails.iter().any(|(_, _, of, reached)| *of == language && *reached > 0);
            if !channel.is_paid() && (channel != ChannelKind::Email || !was_mailed) {
                let start = if was_shown { GONE } else { (TakedownState::Proven, "nothing of it had gone out") };
                begin(conn, &appeal.id, channel, language, reason, now, start)?;
            }
        }
    } else {
        for (channel, language) in publications::withdraw(conn, &appeal.id, now)? {
            begin(conn, &appeal.id, channel, language, reason, now, GONE)?;
        }
    }
    stop_campaigns(conn, appeal, parts, reason, now)?;
    let tell = purpose == Purpose::Closure || app.config.worker.correction_mail;
    let told_before = purpose == Purpose::Closure && !takedowns::takedowns_of(conn, &appeal.id)?.is_empty();
    let mut languages: Vec<Language> = Vec::new();
    for (i, (delivery, dispatch, language, reached)) in mails.iter().enumerate() {
        if *reached == 0 {
            continue;
        }
        if !languages.contains(language) {
            languages.push(*language);
            let start = if tell {
                (TakedownState::Waiting, "correction on its way to everyone reached")
            } else {
                (TakedownState::Proven, "sent mail cannot be recalled; no correction by policy")
            };
            begin(conn, &appeal.id, ChannelKind::Email, *language, reason, now, start)?;
        }
        if !tell {
            continue;
        }
        let content = match purpose {
            Purpose::Closure => mail::closure(app, appeal, *language, outcome, told_before)?,
            _ => mail::correction(app, appeal, *language)?,
        };
        contents::add_content(conn, dispatch, purpose, ChannelKind::Email, *language, &content, &Value::Null)?;
        let row = NewDelivery {
            id: DeliveryId::from_parts(now, random::bytes()),
            dispatch,
            appeal: &appeal.id,
            purpose,
            channel: ChannelKind::Email,
            language: *language,
            audience: delivery.as_str(),
            shard: i32::try_from(i).unwrap_or(i32::MAX),
            cells: &[],
            province: "",
            priority: PRIORITY_TAKEDOWN,
            due_at: now,
            expected: *reached,
        };
        deliveries::add(conn, &row, now)?;
    }
    if appeal.stage == Stage::Closed && takedowns::unproven(conn, &appeal.id)? == 0 {
        appeal.stage = appeal.stage.after(Step::ConfirmTakedown)?;
    }
    wake_workers(conn)?;
    Ok(appeals::save(conn, appeal, now)?)
}

/// Has campaigns switched off, in the same transaction that cancels what was to create them. Proven when each is seen to
/// have ended, or never to have been made.
fn stop_campaigns(
    conn: &mut Conn,
    appeal: &Appeal,
    parts: Option<&[(ChannelKind, Language)]>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let mut begun = Vec::new();
    for (effect, language) in paid_effects::of_appeal(conn, &appeal.id)? {
        let part = (effect.channel, language);
        if effect.ended_at.is_some() || parts.is_some_and(|parts| !parts.contains(&part)) {
            continue;
        }
        paid_effects::look_now(conn, &[effect.delivery.as_str()], now)?;
        if effect.course.phase != Phase::Refused && !begun.contains(&part) {
            begun.push(part);
            let start = (TakedownState::Open, "to be switched off");
            begin(conn, &appeal.id, part.0, part.1, reason, now, start)?;
        }
    }
    Ok(())
}

fn begin(
    conn: &mut Conn,
    appeal: &AppealId,
    channel: ChannelKind,
    language: Language,
    reason: &str,
    now: DateTime<Utc>,
    (state, proof): (TakedownState, &str),
) -> Result<(), AppError> {
    let takedown = Takedown {
        id: TakedownId::from_parts(now, random::bytes()),
        channel,
        language,
        reason: reason.to_owned(),
        decided_at: now,
        started_at: Some(now),
        done_at: (state == TakedownState::Proven).then_some(now),
        proof: proof.to_owned(),
        state,
        due_at: (state == TakedownState::Open).then_some(now),
        looks: 0,
        looked_at: None,
        failure: String::new(),
    };
    Ok(takedowns::add(conn, appeal, &takedown)?)
}
