//! Campaigns kept in step with what was decided: every quarter of an hour what a platform shows is compared with what was
//! ordered, what was spent is booked, what may not run any more is switched off and read back, what can no longer be spent
//! is given back. One transaction before a look and one after it; in between the worker asks the platform.

use super::advertise::{RECONCILED_EVERY, book};
use super::audit::{self, Act, By};
use super::change_campaigns::{self, Changing, Told};
use super::deliver::lease;
use super::{App, AppError, escalate, fault};
use crate::channels::Failure;
use crate::channels::ads::Trouble;
use crate::channels::paid::PaidPort;
use crate::db::ledger::Entry;
use crate::db::paid_effects::{self, Effect, Kept};
use crate::db::{Conn, appeals, held, paid_changes};
use crate::domain::dispatch::DeliveryState;
use crate::domain::paid::{Campaign, CampaignState, Phase, Shown, differs};
use crate::domain::scope::ChannelKind;
use crate::domain::stage::Stage;
use chrono::{DateTime, TimeDelta, Utc};

/// Whoever died with a look in hand leaves it due again after this; a look takes at most a few calls of 30 s.
const LOOK_LEASE: TimeDelta = TimeDelta::minutes(3);
/// A platform that does not answer is asked again after this; one that must be switched off sooner.
const AGAIN: TimeDelta = TimeDelta::minutes(2);
/// How soon something that must stop is looked at again.
const STOP_AGAIN: TimeDelta = TimeDelta::seconds(5);
/// Platforms go on counting clicks of before the end for so long; until then nothing is given back.
const SPENDING_SETTLES: TimeDelta = TimeDelta::hours(48);

/// A look that is due.
#[derive(Clone)]
pub struct Look {
    /// The campaign.
    pub effect: Effect,
    /// It may run now; else it is to be switched off.
    pub wanted: bool,
    /// When the look was decided: it shows the world as it was then.
    pub as_of: DateTime<Utc>,
    /// A change that it is to get; its intent is committed.
    pub changing: Option<Changing>,
}

/// What a look saw.
#[derive(Debug)]
pub struct Seen {
    /// What the platform shows.
    pub found: Result<Vec<Campaign>, Failure>,
    /// What became of a change, where there was one to be made.
    pub told: Option<Told>,
}

/// Whether a look is due on one of `channels`. Only reads.
pub fn is_due(conn: &mut Conn, app: &App, channels: &[ChannelKind]) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    let codes: Vec<&str> = channels.iter().map(|channel| channel.code()).collect();
    Ok(paid_effects::is_due(conn, &codes, now)?)
}

/// Claims a look that is due on one of `channels`.
pub fn next(conn: &mut Conn, app: &App, channels: &[ChannelKind]) -> Result<Option<Look>, AppError> {
    let now = app.clock.now(conn)?;
    let codes: Vec<&str> = channels.iter().map(|channel| channel.code()).collect();
    while let Some(mut effect) = paid_effects::claim(conn, &codes, now, LOOK_LEASE)? {
        let wanted = is_wanted(conn, &effect, now)?;
        if !wanted && effect.course.phase == Phase::Reserved {
            // Nothing was ever asked of the platform, and nobody will ask any more.
            end(conn, &effect, now)?;
            continue;
        }
        let runs = wanted && effect.course.phase == Phase::Running;
        let changing = if runs { change_campaigns::intend(conn, &mut effect, now)? } else { None };
        return Ok(Some(Look { effect, wanted, as_of: now, changing }));
    }
    Ok(None)
}

fn is_wanted(conn: &mut Conn, effect: &Effect, now: DateTime<Utc>) -> Result<bool, AppError> {
    let gone = [DeliveryState::Cancelled, DeliveryState::Failed];
    Ok(now < effect.ends_at
        && !gone.contains(&held::state_of(conn, &effect.delivery)?)
        && !change_campaigns::is_taken_down(conn, effect)?
        && matches!(appeals::any(conn, &effect.appeal)?.stage, Stage::Live | Stage::Scheduled))
}

/// Nothing exists and nothing will: the money is free again.
fn end(conn: &mut Conn, effect: &Effect, now: DateTime<Utc>) -> Result<(), AppError> {
    let kept = Kept {
        phase: Phase::Ended,
        external_id: None,
        absent_since: effect.course.absent_since,
        reported_cents: effect.reported_cents,
        ended_at: Some(now),
        due_at: None,
        drift: "",
        shown: effect.shown,
    };
    paid_effects::keep(conn, effect, &kept, now)?;
    book(conn, &effect.delivery, Entry::Release, effect.reserved_cents, now)
}

/// Writes down what a look saw. A look somebody else took over, or that was overtaken by the delivery's own turn, is
/// forgotten: the next one sees the same.
pub fn record(conn: &mut Conn, app: &App, port: &dyn PaidPort, look: &Look, seen: &Seen) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let refused = seen.told.as_ref().and_then(|told| told.answer.as_ref()?.as_ref().err());
    let trouble = match &seen.found {
        Ok(found) if found.iter().any(|campaign| campaign.state == CampaignState::Rejected) => Trouble::Rejected.code(),
        Ok(_) if refused.is_some_and(|why| !matches!(why, Failure::Refused { .. })) => {
            refused.and_then(|why| Trouble::told(why.reason())).unwrap_or(Trouble::NoAnswer).code()
        }
        Ok(_) => change_campaigns::trouble(conn, &look.effect)?,
        Err(failure) => Trouble::told(failure.reason()).unwrap_or(Trouble::NoAnswer).code(),
    };
    // What the platform would not have stays said, whatever it shows of it later.
    if look.effect.course.phase != Phase::Refused && (look.effect.trouble != Trouble::Rejected.code()) {
        paid_effects::note_trouble(conn, &look.effect.delivery, trouble)?;
    }
    let recorded = match &seen.found {
        Ok(found) => compare(conn, app, port, look, (found.as_slice(), seen.told.as_ref()), now),
        Err(failure) => {
            tracing::warn!(event = "campaign.look", delivery = %look.effect.delivery, %failure);
            let asked = match failure {
                Failure::Waits { after, .. } => Some(*after),
                Failure::Retry { after, .. } | Failure::Down { after, .. } => *after,
                _ => None,
            };
            let own = if look.wanted { AGAIN } else { STOP_AGAIN };
            let pause = asked.and_then(|asked| TimeDelta::from_std(asked).ok()).unwrap_or_default().max(own);
            let kept = Kept { due_at: Some(now + pause), ..unchanged(&look.effect) };
            Ok(paid_effects::keep(conn, &look.effect, &kept, now)?)
        }
    };
    match recorded {
        Err(AppError::Stale) => Ok(()),
        other => {
            other?;
            fault::point("look.inside")
        }
    }
}

fn unchanged(effect: &Effect) -> Kept<'_> {
    Kept {
        phase: effect.course.phase,
        external_id: None,
        absent_since: effect.course.absent_since,
        reported_cents: effect.reported_cents,
        ended_at: effect.ended_at,
        due_at: None,
        drift: &effect.drift,
        shown: effect.shown,
    }
}

fn compare(
    conn: &mut Conn,
    app: &App,
    port: &dyn PaidPort,
    look: &Look,
    (found, told): (&[Campaign], Option<&Told>),
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let effect = &look.effect;
    if found.is_empty() {
        return absent(conn, app, port, look, now);
    }
    let spent: i64 = found.iter().map(|campaign| campaign.spent_cents).sum();
    let reported = spent.max(effect.reported_cents);
    let is_over = found.iter().all(|campaign| is_ended(campaign.state));
    let ended_at = is_over.then(|| effect.ended_at.unwrap_or(now));
    let phase = match effect.course.phase {
        _ if is_over => Phase::Ended,
        // What a person counted as sent is adopted as it runs.
        Phase::Intended | Phase::Made if found.iter().any(|c| c.state == CampaignState::Running) => Phase::Running,
        other => other,
    };
    let changing = look.changing.as_ref().filter(|_| !is_over);
    let judged = changing.map(|changing| change_campaigns::judge(app, changing, told, found, now));
    let drift = drift(look, judged.as_ref(), found, spent, is_over);
    let is_settled = ended_at.is_some_and(|at| now >= at + SPENDING_SETTLES);
    let pause = if look.wanted || is_over { RECONCILED_EVERY } else { STOP_AGAIN };
    let kept = Kept {
        phase,
        external_id: found.first().map(|campaign| campaign.id.as_str()),
        absent_since: None,
        reported_cents: reported,
        ended_at,
        due_at: (!is_settled).then_some(judged.as_ref().and_then(|j| j.due_at(now)).unwrap_or(now + pause)),
        drift: &drift,
        shown: shown(found, effect.shown),
    };
    paid_effects::keep(conn, effect, &kept, now)?;
    if is_over {
        paid_changes::end(conn, &effect.delivery, "the campaign has ended", now)?;
    }
    // Never more than was set aside: what goes beyond is an alarm, not a booking that the ceiling would refuse.
    let new = (reported - effect.committed_cents).clamp(0, effect.reserved_cents);
    book(conn, &effect.delivery, Entry::Commit, new, now)?;
    if is_settled {
        book(conn, &effect.delivery, Entry::Release, effect.reserved_cents - new, now)?;
    }
    if let Some(judged) = &judged {
        change_campaigns::record(conn, app, effect, judged, now)?;
        let trouble = change_campaigns::trouble(conn, effect)?;
        if !trouble.is_empty() {
            paid_effects::note_trouble(conn, &effect.delivery, trouble)?;
        }
    }
    alarm(conn, app, effect, &drift, now)
}

/// Whom they were shown to: never less than was known, because a platform that counts anew begins at nothing.
fn shown(found: &[Campaign], known: Shown) -> Shown {
    let sum = |count: fn(&Shown) -> i64| found.iter().map(|campaign| count(&campaign.shown)).sum::<i64>();
    let reach: Option<i64> = found.iter().map(|campaign| campaign.shown.reach).sum();
    Shown {
        reach: reach.max(known.reach),
        impressions: sum(|shown| shown.impressions).max(known.impressions),
        clicks: sum(|shown| shown.clicks).max(known.clicks),
    }
}

const fn is_ended(state: CampaignState) -> bool {
    matches!(state, CampaignState::Ended | CampaignState::Rejected)
}

/// A platform that shows nothing. Only after its settling time does that prove anything.
fn absent(conn: &mut Conn, app: &App, port: &dyn PaidPort, look: &Look, now: DateTime<Utc>) -> Result<(), AppError> {
    let effect = &look.effect;
    let since = effect.course.absent_since.unwrap_or(look.as_of);
    // A worker that was paused between its intent and its call may still call until its lease is out.
    let settled = effect.course.asked_at.unwrap_or(since).max(since) + lease(app) + port.terms().settle;
    if look.as_of < settled {
        let kept =
            Kept { absent_since: Some(since), due_at: Some((now + STOP_AGAIN * 2).min(settled)), ..unchanged(effect) };
        return Ok(paid_effects::keep(conn, effect, &kept, now)?);
    }
    if !look.wanted {
        return end(conn, effect, now);
    }
    // Somebody deleted what should run, or a person counted as sent what never was. Nothing is made here: that is a
    // decision.
    let drift = "the platform shows no such campaign";
    let kept = Kept { absent_since: Some(since), due_at: Some(now + RECONCILED_EVERY), drift, ..unchanged(effect) };
    let in_flight = [DeliveryState::Pending, DeliveryState::Leased, DeliveryState::EffectUnknown];
    if in_flight.contains(&held::state_of(conn, &effect.delivery)?) {
        // The delivery's own turns find that out.
        return Ok(paid_effects::keep(conn, effect, &Kept { drift: "", ..kept }, now)?);
    }
    paid_effects::keep(conn, effect, &kept, now)?;
    alarm(conn, app, effect, drift, now)
}

/// What is not as ordered; empty when all is.
fn drift(
    look: &Look,
    judged: Option<&change_campaigns::Judged>,
    found: &[Campaign],
    spent: i64,
    is_over: bool,
) -> String {
    let effect = &look.effect;
    let mut drifts = Vec::new();
    let ends_at = judged.map_or(effect.ends_at, |judged| judged.tolerated_end(effect));
    drifts.extend(judged.and_then(change_campaigns::Judged::drift));
    if found.len() > 1 {
        drifts.push(format!("{} campaigns carry the key", found.len()));
    }
    drifts.extend(found.iter().filter_map(|campaign| differs(campaign, effect.cap_cents, ends_at)));
    if spent > effect.cap_cents {
        drifts.push(format!("it spent {spent} of {} cents", effect.cap_cents));
    }
    if look.wanted && is_over && effect.course.phase == Phase::Running {
        drifts.push("somebody else ended it".to_owned());
    }
    drifts.join("; ")
}

/// Says once what is not as it should be.
fn alarm(conn: &mut Conn, app: &App, effect: &Effect, drift: &str, now: DateTime<Utc>) -> Result<(), AppError> {
    if drift.is_empty() || drift == effect.drift {
        return Ok(());
    }
    tracing::error!(event = "money.drift", delivery = %effect.delivery, drift);
    let act = Act { action: "money.drift", object: effect.delivery.as_str(), reason: drift, ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)?;
    escalate::money(conn, app, &effect.appeal, now)
}

/// The proof that nothing of an appeal's campaigns on a channel in a language runs any more, or the name of what is left.
pub(super) fn proof(conn: &mut Conn, look: &crate::db::takedowns::Look) -> Result<Result<String, String>, AppError> {
    let mut proofs = Vec::new();
    for (effect, language) in paid_effects::of_appeal(conn, &look.appeal)? {
        if effect.channel != look.channel || language != look.language {
            continue;
        }
        let id = effect.course.external_id.as_deref().unwrap_or("none");
        match (effect.course.phase, effect.ended_at) {
            (Phase::Ended, Some(at)) if id == "none" => proofs.push(format!("never made, as seen at {at}")),
            (Phase::Ended, Some(at)) => {
                let spent = effect.reported_cents;
                proofs.push(format!("campaign {id} ended, as seen at {at}; {spent} cents spent"));
            }
            (Phase::Refused, _) => proofs.push("the platform never took it".to_owned()),
            (phase, _) => return Ok(Err(format!("still-running: campaign {id} is {phase}"))),
        }
    }
    Ok(Ok(if proofs.is_empty() { "no campaign was made".to_owned() } else { proofs.join("; ") }))
}
