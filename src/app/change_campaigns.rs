//! Campaigns that are out, brought to what a later decision says they may cost and when they end. Three transactions and a
//! call between the last two: the decision orders changes, a look commits the intent of one (its money set aside before it is
//! asked for), the same look records what the platform was seen to have. Money is given back only then, so that the sum over
//! platforms is never above what is authorised. Which step follows is `domain::paid`'s; the calls are the worker's.

use super::advertise::{RECONCILED_EVERY, book, cap_of};
use super::audit::{self, Act, By};
use super::{App, AppError, escalate, random, take_down};
use crate::channels::Failure;
use crate::channels::ads::Trouble;
use crate::db::ledger::{self, Entry};
use crate::db::paid_effects::{self, Effect};
use crate::db::{Conn, appeals, contents, held, paid_changes};
use crate::domain::dispatch::{DeliveryState, Resolution};
use crate::domain::ids::{AppealId, ChangeId, DeliveryId};
use crate::domain::language::Language;
use crate::domain::paid::{
    Answer, Campaign, Change, ChangeState, Followed, Limits, Order, Phase, compared, followed, within,
};
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, TimeDelta, Utc};

/// A channel in a language.
pub type Part = (ChannelKind, Language);

/// How soon a change that waits for another one's money is tried again.
const MONEY_AGAIN: TimeDelta = TimeDelta::seconds(10);

/// What campaigns may cost from now on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caps {
    /// What they may cost already.
    Kept,
    /// What the plan says that was just signed.
    Signed,
    /// So much together, by what each spent and could still spend.
    Within(i64),
}

/// Orders whatever changes bring an appeal's campaigns to `ends_at` and `caps`. Answers the parts that cannot go on at all:
/// what they spent already is all they may cost.
pub(super) fn follow(
    conn: &mut Conn,
    appeal: &AppealId,
    caps: Caps,
    ends_at: DateTime<Utc>,
    because: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Part>, AppError> {
    let mut running = Vec::new();
    for (effect, language) in paid_effects::of_appeal(conn, appeal)? {
        let gone = [DeliveryState::Cancelled, DeliveryState::Failed];
        let is_over = effect.ended_at.is_some() || matches!(effect.course.phase, Phase::Ended | Phase::Refused);
        if is_over || gone.contains(&held::state_of(conn, &effect.delivery)?) || is_taken_down(conn, &effect)? {
            continue;
        }
        let open = paid_changes::open(conn, &effect.delivery)?;
        let known = Limits { cap_cents: effect.cap_cents, ends_at: effect.ends_at };
        let ordered = open.as_ref().map_or(known, |change| change.to);
        running.push((effect, language, open, ordered));
    }
    let spent = |effect: &Effect| effect.reported_cents.max(effect.committed_cents);
    let targets: Vec<i64> = match caps {
        Caps::Kept => running.iter().map(|(.., ordered)| ordered.cap_cents).collect(),
        Caps::Signed => {
            let mut signed = Vec::new();
            for (effect, ..) in &running {
                let delivery = held::delivery(conn, &effect.delivery)?;
                signed.push(cap_of(&contents::content(conn, &delivery)?.0));
            }
            signed
        }
        Caps::Within(cents) => {
            let parts: Vec<(i64, i64)> =
                running.iter().map(|(effect, ..)| (effect.cap_cents.max(spent(effect)), spent(effect))).collect();
            within(cents, &parts)
        }
    };
    let mut ordered: Vec<_> = running.into_iter().zip(targets).collect();
    // What becomes less first: what it gives back is there for the others.
    ordered.sort_by_key(|((effect, ..), target)| target - effect.cap_cents);
    let mut ended = Vec::new();
    for ((effect, language, open, before), cap_cents) in ordered {
        let to = Limits { cap_cents, ends_at };
        if cap_cents <= spent(&effect) && cap_cents < before.cap_cents {
            ended.push((effect.channel, language));
        } else if to != before {
            order(conn, &effect, open.as_ref(), to, because, now)?;
        }
    }
    Ok(ended)
}

/// Whether the part was taken down since it was decided.
pub(super) fn is_taken_down(conn: &mut Conn, effect: &Effect) -> Result<bool, AppError> {
    let delivery = held::delivery(conn, &effect.delivery)?;
    let decided = crate::db::dispatches::dispatch(conn, &delivery.dispatch)?.created_at;
    let takedowns = crate::db::takedowns::takedowns_of(conn, &effect.appeal)?;
    let of_part = |t: &crate::db::takedowns::Takedown| (t.channel, t.language) == (effect.channel, delivery.language);
    Ok(takedowns.iter().any(|takedown| of_part(takedown) && takedown.decided_at >= decided))
}

fn order(
    conn: &mut Conn,
    effect: &Effect,
    open: Option<&Change>,
    to: Limits,
    because: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let delivery = &effect.delivery;
    if effect.course.phase == Phase::Reserved {
        // Nothing was asked of a platform yet: what will be ordered is another.
        paid_effects::set_ends(conn, delivery, to.ends_at, to.ends_at)?;
        return resize(conn, effect, to.cap_cents, now);
    }
    let latest = open.map_or(effect.ends_at, |change| change.from.ends_at).max(effect.ends_at);
    let change = Change {
        id: ChangeId::from_parts(now, random::bytes()),
        delivery: delivery.clone(),
        because: because.to_owned(),
        to,
        from: Limits { cap_cents: effect.cap_cents, ends_at: latest },
        state: ChangeState::Waiting,
        tries: 0,
        decided_at: now,
        asked_at: None,
        settled_at: None,
        detail: String::new(),
    };
    paid_changes::order(conn, &change)?;
    // Sooner counts from now on, whatever the platform says; later only once the platform was seen to have it.
    paid_effects::set_ends(conn, delivery, to.ends_at, effect.ends_at.min(to.ends_at))?;
    paid_effects::look_now(conn, &[delivery.as_str()], now)?;
    let said = format!("{} cents until {}; {because}", to.cap_cents, to.ends_at);
    let act = Act { action: "campaign.change_ordered", object: delivery.as_str(), reason: &said, ..Act::default() };
    audit::record(conn, now, By::service("tocsin"), &act)
}

/// Sets more aside or gives some back at once, for a campaign of which the platform knows nothing else.
fn resize(conn: &mut Conn, effect: &Effect, cap_cents: i64, now: DateTime<Utc>) -> Result<(), AppError> {
    let more = cap_cents - effect.cap_cents;
    if more > 0 {
        paid_effects::set_cap(conn, &effect.delivery, cap_cents)?;
        return book(conn, &effect.delivery, Entry::Reserve, more, now);
    }
    let less = (-more).min(effect.reserved_cents);
    book(conn, &effect.delivery, Entry::Release, less, now)?;
    paid_effects::set_cap(conn, &effect.delivery, effect.cap_cents - less)?;
    Ok(ledger::follow(conn, &effect.appeal, now)?)
}

/// A change as a look goes about it.
#[derive(Clone)]
pub struct Changing {
    /// Which.
    pub change: Change,
    /// What the campaign is to be now: as ordered, as far as its money is set aside.
    pub order: Order,
    /// It is to be asked for; else it is only looked whether it is so.
    pub is_asked: bool,
}

/// Commits the intent of a change that waits, with whatever money it needs set aside; before the platform is asked.
pub(super) fn intend(conn: &mut Conn, effect: &mut Effect, now: DateTime<Utc>) -> Result<Option<Changing>, AppError> {
    let Some(mut change) = paid_changes::open(conn, &effect.delivery)? else { return Ok(None) };
    let mut cap_cents = change.to.cap_cents;
    let mut is_asked = change.state != ChangeState::Held;
    if cap_cents > effect.cap_cents && is_asked {
        let left = ledger::budget(conn, &effect.appeal)?.map_or(0, |budget| budget.left());
        let more = (cap_cents - effect.cap_cents).min(left);
        cap_cents = effect.cap_cents + more;
        if more > 0 {
            paid_effects::set_cap(conn, &effect.delivery, cap_cents)?;
            book(conn, &effect.delivery, Entry::Reserve, more, now)?;
            (effect.cap_cents, effect.reserved_cents) = (cap_cents, effect.reserved_cents + more);
        } else if change.to.ends_at == effect.ends_at && change.from.ends_at == effect.ends_at {
            // Its money is still with another campaign.
            is_asked = false;
        }
    }
    let delivery = held::delivery(conn, &effect.delivery)?;
    let (content, _) = contents::content(conn, &delivery)?;
    let (key, ends_at, language) = (effect.key.clone(), change.to.ends_at, delivery.language);
    let order = Order { key, cap_cents, ends_at, language, content };
    if is_asked {
        paid_changes::intend(conn, &change.id, &order.digest(), now)?;
        change.tries += 1;
    }
    Ok(Some(Changing { change, order, is_asked }))
}

/// What became of asking: the platform's answer (none when it was not asked), and the end it keeps for the order.
#[derive(Debug)]
pub struct Told {
    /// The answer.
    pub answer: Option<Result<(), Failure>>,
    /// When the platform ends a campaign ordered to end then: some keep whole days.
    pub ends_at: DateTime<Utc>,
}

/// What a look found of a change.
pub(super) struct Judged {
    changing: Changing,
    followed: Followed,
    seen: Option<Limits>,
    reason: String,
}

impl Judged {
    /// When it is looked at next; none when there is no hurry.
    pub fn due_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.followed {
            Followed::Again { .. } if !self.changing.is_asked => Some(now + MONEY_AGAIN),
            Followed::Again { at, .. } => Some(at),
            Followed::TakeDown => Some(now),
            // Part of it: the rest waits for another campaign's money.
            Followed::Made if self.is_part() => Some(now + MONEY_AGAIN),
            Followed::Made | Followed::Refused | Followed::Hold => None,
        }
    }

    fn is_part(&self) -> bool {
        self.changing.order.cap_cents < self.changing.change.to.cap_cents
    }

    /// What somebody must know: for a while already the platform lets it cost more, or run longer, than it may.
    pub fn drift(&self) -> Option<String> {
        let Followed::Again { is_late: true, .. } = self.followed else { return None };
        let Limits { cap_cents, ends_at } = self.changing.change.to;
        Some(format!("the platform has not taken the change to {cap_cents} cents until {ends_at}"))
    }

    /// The end that is no drift: what is ordered, and while it is asked for that of before.
    pub fn tolerated_end(&self, effect: &Effect) -> DateTime<Utc> {
        let Change { to, from, .. } = &self.changing.change;
        let is_late = matches!(self.followed, Followed::Again { is_late: true, .. });
        let before = if is_late { effect.ends_at } else { from.ends_at };
        effect.ends_at.max(to.ends_at).max(before)
    }
}

/// Judges what a look found of a change; writes nothing.
pub(super) fn judge(
    app: &App,
    changing: &Changing,
    told: Option<&Told>,
    found: &[Campaign],
    now: DateTime<Utc>,
) -> Judged {
    let ends_at = told.map_or(changing.order.ends_at, |told| told.ends_at);
    let wanted = Limits { cap_cents: changing.order.cap_cents, ends_at };
    // Two under one key are nobody's to change: the drift says so.
    let one = if let [one] = found { Some(one) } else { None };
    let shown = one.map(|one| compared(one, wanted));
    let answer = told.and_then(|told| told.answer.as_ref()).map(|answer| match answer {
        Ok(()) => Answer::Activated,
        Err(Failure::Retry { after, .. } | Failure::Down { after, .. }) => Answer::NotNow(*after),
        Err(Failure::Waits { after, .. }) => Answer::NotNow(Some(*after)),
        // Half of it happened, or perhaps all: looked at before anything else is asked.
        Err(Failure::Begun { .. } | Failure::Unknown { .. }) => Answer::Unclear,
        Err(Failure::Refused { reason } | Failure::Undone { reason }) => Answer::No(reason.clone()),
    });
    let reason = told.and_then(|told| told.answer.as_ref()?.as_ref().err()).map(|why| why.reason().to_owned());
    let followed = followed(answer.as_ref(), shown, changing.change.tries, now, app.chance.jitter());
    // What is held is only looked at; it is done when it is seen.
    let followed = match (changing.change.state, followed) {
        (ChangeState::Held, Followed::Made) => Followed::Made,
        (ChangeState::Held, _) => Followed::Hold,
        (_, other) => other,
    };
    let seen = one.map(|one| Limits { cap_cents: one.cap_cents, ends_at: one.ends_at });
    Judged { changing: changing.clone(), followed, seen, reason: reason.unwrap_or_default() }
}

/// Writes down what a look found of a change, after the look itself was kept.
pub(super) fn record(
    conn: &mut Conn,
    app: &App,
    effect: &Effect,
    judged: &Judged,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let Judged { changing: Changing { change, order, .. }, reason, .. } = judged;
    let state = match judged.followed {
        Followed::Made if !judged.is_part() => ChangeState::Made,
        Followed::Made => ChangeState::Waiting,
        Followed::Again { .. } => ChangeState::Intended,
        Followed::Hold => ChangeState::Held,
        Followed::Refused | Followed::TakeDown => ChangeState::Refused,
    };
    let state = if judged.changing.is_asked || state != ChangeState::Intended { state } else { ChangeState::Waiting };
    if !paid_changes::note(conn, &change.id, state, reason, now)? {
        // A later decision came meanwhile.
        return Ok(());
    }
    let acted = |conn: &mut Conn, action: &str, said: &str| {
        let act =
            Act { action, object: effect.delivery.as_str(), reason: said, payload: change.id.as_str(), version: 0 };
        audit::record(conn, now, By::service("worker"), &act)
    };
    match judged.followed {
        Followed::Made => {
            shrink(conn, effect, order.cap_cents, now)?;
            paid_effects::set_ends(conn, &effect.delivery, order.ends_at, order.ends_at)?;
            let said = format!("{} cents until {}", order.cap_cents, order.ends_at);
            acted(conn, "campaign.changed", &said)?;
            wake_others(conn, effect, now)
        }
        Followed::Refused => {
            // What was set aside for it is free again.
            let seen = judged.seen.unwrap_or(change.from);
            shrink(conn, effect, seen.cap_cents, now)?;
            // Of more money and more time it may have taken one.
            let ends_at = effect.ends_at.max(seen.ends_at.min(order.ends_at));
            paid_effects::set_ends(conn, &effect.delivery, order.ends_at, ends_at)?;
            acted(conn, "campaign.change_refused", reason)
        }
        Followed::TakeDown => {
            acted(conn, "campaign.change_refused", reason)?;
            let appeal = appeals::any(conn, &effect.appeal)?;
            let language = held::delivery(conn, &effect.delivery)?.language;
            let why = format!("the platform refused a smaller limit: {reason}");
            take_down::narrow(conn, app, By::service("worker"), appeal, &[(effect.channel, language)], &why, now)
        }
        Followed::Hold if change.state != ChangeState::Held => {
            tracing::error!(event = "campaign.change_held", delivery = %effect.delivery, reason);
            acted(conn, "campaign.change_held", reason)?;
            escalate::money(conn, app, &effect.appeal, now)
        }
        Followed::Hold | Followed::Again { .. } => Ok(()),
    }
}

/// Lowers what a campaign may cost to what the platform was seen to have, and gives the rest back.
fn shrink(conn: &mut Conn, effect: &Effect, cap_cents: i64, now: DateTime<Utc>) -> Result<(), AppError> {
    let effect = &paid_effects::effect(conn, &effect.delivery)?;
    if cap_cents < effect.cap_cents { resize(conn, effect, cap_cents, now) } else { Ok(()) }
}

/// What another campaign gave back may be what these wait for.
fn wake_others(conn: &mut Conn, effect: &Effect, now: DateTime<Utc>) -> Result<(), AppError> {
    for (other, _) in paid_effects::of_appeal(conn, &effect.appeal)? {
        if other.delivery == effect.delivery {
            continue;
        }
        let waits =
            paid_changes::open(conn, &other.delivery)?.is_some_and(|change| change.state == ChangeState::Waiting);
        if waits {
            paid_effects::look_now(conn, &[other.delivery.as_str()], now)?;
        }
    }
    Ok(())
}

/// What stands in the way of a campaign as its newest change left it; empty when nothing does.
pub(super) fn trouble(conn: &mut Conn, effect: &Effect) -> Result<&'static str, AppError> {
    Ok(match paid_changes::latest(conn, &effect.delivery)?.map(|change| change.state) {
        Some(ChangeState::Refused) => Trouble::ChangeRefused.code(),
        Some(ChangeState::Held) => Trouble::ChangeUnclear.code(),
        _ => "",
    })
}

/// When a campaign that was just launched is looked at next: at once where a change waits for it.
pub(super) fn first_look(conn: &mut Conn, effect: &Effect, now: DateTime<Utc>) -> Result<DateTime<Utc>, AppError> {
    let waits = paid_changes::open(conn, &effect.delivery)?.is_some();
    Ok(if waits { now } else { now + RECONCILED_EVERY })
}

/// A person's word about a change that only a person can decide about: asked for again, or left as the platform has it.
/// Whether there was one.
pub(super) fn settle(
    conn: &mut Conn,
    delivery: &DeliveryId,
    word: Resolution,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let held = paid_changes::open(conn, delivery)?.filter(|change| change.state == ChangeState::Held);
    let Some(change) = held else { return Ok(false) };
    match word {
        Resolution::SendAgain => paid_changes::again(conn, &change.id)?,
        Resolution::CountAsSent => {
            paid_changes::note(conn, &change.id, ChangeState::Replaced, "left as it is by a person", now)?;
        }
    }
    paid_effects::look_now(conn, &[delivery.as_str()], now)?;
    Ok(true)
}
