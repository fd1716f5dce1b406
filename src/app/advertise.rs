//! A claimed delivery on a paid channel: its money set aside when it is decided, then turn after turn. One transaction
//! records what came of the last call, asks the gate again, and commits the intent of the next; so nothing is asked of a
//! platform that was not written down before. Which turn comes next is `domain::paid`'s; the calls are the worker's.

use super::audit::{self, Act, By};
use super::deliver::{attempt, cancel, hold, lease, refusals};
use super::{App, AppError, adverts, change_campaigns, fault, random};
use crate::channels::Failure;
use crate::channels::ads::Trouble;
use crate::channels::paid::PaidPort;
use crate::db::deliveries::{self, Delivery};
use crate::db::ledger::{self, Entry};
use crate::db::paid_effects::{self, Effect, NewEffect};
use crate::db::{Conn, DbError, account_caps, contents, flows};
use crate::domain::dispatch::DeliveryState;
use crate::domain::flow::Admission;
use crate::domain::ids::{AppealId, DeliveryId, LedgerId};
use crate::domain::paid::{Answer, Call, Course, Order, Phase, Turn, key_of};
use crate::domain::plan::PlanItem;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::time::Duration;

/// How often a running campaign is compared with what was ordered (security-and-ops §10.7).
pub const RECONCILED_EVERY: TimeDelta = TimeDelta::minutes(15);

/// What of a plan item's budget is its own: signed with the plan.
#[must_use]
pub fn cap_of(content: &Value) -> i64 {
    content.get("cap_cents").and_then(Value::as_i64).unwrap_or(0)
}

/// Sets the money of a campaign aside, in the transaction that decides it. The budget's own ceiling refuses what is more.
pub(super) fn reserve(
    conn: &mut Conn,
    app: &App,
    (appeal, delivery): (&AppealId, &DeliveryId),
    item: &PlanItem,
    (ends_at, authorised_until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let (key, cap_cents) = (key_of(delivery), cap_of(&item.content));
    let port = app.ports.port(item.channel);
    let (account, month) = (port.map(|port| port.account()).unwrap_or_default(), account_caps::month_of(now));
    if let Some(most) = port.and_then(|port| port.monthly_cap_cents()) {
        // Asked for its own sake: the database refuses the entry below all the same.
        if account_caps::set_ceiling(conn, &account, &month, most, now)? < cap_cents {
            return Err(AppError::Conflict { code: "over-account-cap" });
        }
    }
    let order = Order { key: key.clone(), cap_cents, ends_at, language: item.language, content: item.content.clone() };
    let new = NewEffect {
        delivery,
        appeal,
        channel: item.channel,
        key: &key,
        digest: &order.digest(),
        cap_cents,
        authorised_until,
        ends_at,
        forecast: adverts::expected(app, &item.content),
        account: (&account, &month),
    };
    paid_effects::add(conn, &new, now)?;
    book(conn, delivery, Entry::Reserve, cap_cents, now)
}

/// Sets what an appeal may cost, in the transaction that decides it.
pub(super) fn set_ceiling(conn: &mut Conn, appeal: &AppealId, cents: i64, now: DateTime<Utc>) -> Result<(), AppError> {
    match ledger::set_ceiling(conn, appeal, cents, now) {
        Err(DbError::Conflict) => Err(AppError::Conflict { code: "over-budget" }),
        other => Ok(other?),
    }
}

/// Writes an entry of the ledger.
pub(super) fn book(
    conn: &mut Conn,
    delivery: &DeliveryId,
    entry: Entry,
    cents: i64,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let id = LedgerId::from_parts(now, random::bytes());
    match ledger::book(conn, &id, delivery, entry, cents, now) {
        Err(DbError::Conflict) => Err(AppError::Conflict { code: "over-budget" }),
        other => Ok(other?),
    }
}

/// A call that was made, and what came of it.
pub struct Heard {
    /// Which.
    pub call: Call,
    /// What came of it.
    pub answer: Answer,
    /// The account itself did not answer or refused us.
    pub is_down: bool,
    /// How long the platform asked to be left alone.
    pub asked: Option<Duration>,
    /// When it was decided, on database time.
    pub asked_at: DateTime<Utc>,
    /// Why it failed, beginning with the code of a trouble; empty when it did not.
    pub reason: String,
}

impl Heard {
    /// Sorts what a port answered by what is certain.
    #[must_use]
    pub fn of(call: Call, answered: Result<Answer, Failure>, asked_at: DateTime<Utc>) -> Self {
        let is_down = matches!(answered, Err(Failure::Down { .. }));
        let reason = match &answered {
            Ok(_) => String::new(),
            Err(Failure::Begun { reason, .. } | Failure::Unknown { reason }) => unclear(reason),
            Err(failure) => failure.reason().to_owned(),
        };
        let asked = match &answered {
            Err(Failure::Retry { after, .. } | Failure::Down { after, .. } | Failure::Begun { after, .. }) => *after,
            Err(Failure::Waits { after, .. }) => Some(*after),
            _ => None,
        };
        let answer = match answered {
            Ok(answer) => answer,
            Err(Failure::Retry { .. } | Failure::Down { .. } | Failure::Waits { .. }) => Answer::NotNow(asked),
            // What exists of it is looked up before anything is made again.
            Err(Failure::Begun { .. } | Failure::Unknown { .. }) => Answer::Unclear,
            Err(Failure::Refused { reason }) => Answer::No(reason),
            Err(Failure::Undone { reason }) => Answer::Undone(reason),
        };
        Self { call, answer, is_down, asked, asked_at, reason }
    }

    fn words(&self) -> (&'static str, String) {
        let what = match &self.call {
            Call::Create => "create",
            Call::Look => "look-up",
            Call::Activate(_) => "activate",
        };
        let came = match &self.answer {
            Answer::Made(id) => format!("made {id}"),
            Answer::Found(found) => format!("{} found", found.len()),
            Answer::Activated => "switched on".to_owned(),
            Answer::NotNow(None) => format!("not now: {}", self.reason),
            Answer::NotNow(Some(after)) => format!("not for {} s: {}", after.as_secs(), self.reason),
            Answer::Unclear => format!("unclear: {}", self.reason),
            Answer::No(words) => format!("refused: {words}"),
            Answer::Undone(words) => format!("refused, nothing is left of it: {words}"),
        };
        (what, came)
    }
}

/// Without a word of its own, an unclear answer is one that did not come.
fn unclear(reason: &str) -> String {
    match Trouble::told(reason) {
        Some(_) => reason.to_owned(),
        None => format!("{}: {reason}", Trouble::NoAnswer.code()),
    }
}

/// What to do next on a paid delivery.
pub enum Next {
    /// Make this call, decided at this moment of database time, then come back. That it is about to be made is already
    /// committed.
    Call(Call, Box<Order>, DateTime<Utc>),
    /// Nothing more for now: it is out, waits, is held or refused, or belongs to somebody else.
    Stop,
}

/// One turn.
pub fn step(
    conn: &mut Conn,
    app: &App,
    delivery: &Delivery,
    port: &dyn PaidPort,
    heard: Option<&Heard>,
    is_stopping: bool,
) -> Result<Next, AppError> {
    let now = app.clock.now(conn)?;
    // First of all: it locks the row, so that nobody takes the claim over until this transaction ends.
    let is_ours = match deliveries::heartbeat(conn, delivery, now, lease(app)) {
        Err(DbError::Stale) => false,
        other => other.map(|()| true)?,
    };
    if let Some(Heard { call: Call::Create, answer: Answer::Made(id), .. }) = heard {
        // True whoever holds the claim now; whoever stops the campaign needs it.
        paid_effects::note_made(conn, &delivery.id, id, now)?;
    }
    if let Some(heard) = heard {
        let (what, came) = heard.words();
        attempt(conn, delivery, what, &came, now)?;
        // A look that finds nothing settles nothing: what was in the way before still is.
        if heard.answer != Answer::Found(Vec::new()) {
            let trouble = Trouble::told(&heard.reason).map(Trouble::code).unwrap_or_default();
            paid_effects::note_trouble(conn, &delivery.id, trouble)?;
        }
        answered(conn, app, port, heard, now)?;
    }
    fault::point("record.inside")?;
    if !is_ours {
        return Ok(Next::Stop);
    }
    let effect = paid_effects::effect(conn, &delivery.id)?;
    let (content, item) = contents::content(conn, delivery)?;
    let refused = refusals(conn, app, delivery, &item, now)?;
    if !refused.is_empty() {
        // Whatever exists of it is stopped by whoever keeps the campaigns.
        paid_effects::look_now(conn, &[delivery.id.as_str()], now)?;
        cancel(conn, delivery, &refused, now)?;
        return Ok(Next::Stop);
    }
    let reason = heard.map(|heard| heard.reason.clone()).unwrap_or_default();
    let order = Order {
        key: effect.key.clone(),
        cap_cents: effect.cap_cents,
        ends_at: effect.ends_at,
        language: delivery.language,
        content,
    };
    let mut course = effect.course.clone();
    let heard = heard.map(|heard| (&heard.call, &heard.answer, heard.asked_at));
    let turn = course.turn(heard, &order, port.terms(), now, app.chance.jitter());
    match turn {
        Turn::Call(call) => {
            let not_before = if is_stopping { Some(now) } else { admit(conn, port, heard.is_some(), now)? };
            if let Some(at) = not_before {
                // A create that is not made now was never intended.
                let kept = if call == Call::Create { effect.course } else { course };
                return wait(conn, delivery, &kept, (at, &reason), now);
            }
            let digest = order.digest();
            paid_effects::save_course(conn, &delivery.id, &course, Some(&digest), None, now)?;
            fault::point("intent.inside")?;
            Ok(Next::Call(call, Box::new(order), now))
        }
        Turn::Wait(at) => wait(conn, delivery, &course, (at, &reason), now),
        Turn::Hold(why) => {
            paid_effects::save_course(conn, &delivery.id, &course, None, Some(now + RECONCILED_EVERY), now)?;
            attempt(conn, delivery, "held", &why, now)?;
            hold(conn, delivery, &why, now)?;
            Ok(Next::Stop)
        }
        Turn::Refused(words) => refuse(conn, delivery, &effect, &course, &words, now),
        Turn::Launched => launch(conn, delivery, &effect, &course, now),
    }
}

fn wait(
    conn: &mut Conn,
    delivery: &Delivery,
    course: &Course,
    (at, reason): (DateTime<Utc>, &str),
    now: DateTime<Utc>,
) -> Result<Next, AppError> {
    paid_effects::save_course(conn, &delivery.id, course, None, None, now)?;
    let (state, why) = if course.phase == Phase::Reserved {
        (DeliveryState::Pending, "the platform takes nothing for now")
    } else {
        (DeliveryState::EffectUnknown, "waits until the platform shows what became of it")
    };
    // What the platform said, where it said something: whoever follows the delivery reads what to do about it.
    let why = if reason.is_empty() { why } else { reason };
    deliveries::settle(conn, delivery, state, at, why, now)?;
    Ok(Next::Stop)
}

fn refuse(
    conn: &mut Conn,
    delivery: &Delivery,
    effect: &Effect,
    course: &Course,
    words: &str,
    now: DateTime<Utc>,
) -> Result<Next, AppError> {
    // What never existed frees its money at once; what was made and rejected when it is seen to have spent nothing.
    let never = course.phase == Phase::Refused;
    paid_effects::save_course(conn, &delivery.id, course, None, (!never).then_some(now), now)?;
    if course.phase == Phase::Ended {
        paid_effects::note_trouble(conn, &delivery.id, Trouble::Rejected.code())?;
    }
    if never {
        book(conn, &delivery.id, Entry::Release, effect.reserved_cents, now)?;
    }
    attempt(conn, delivery, "failed", words, now)?;
    deliveries::count(conn, delivery, 0, 1, now)?;
    deliveries::settle(conn, delivery, DeliveryState::Failed, now, words, now)?;
    tracing::error!(event = "delivery.refused", delivery = %delivery.id, words);
    let act = Act { action: "delivery.failed", object: delivery.id.as_str(), reason: words, ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)?;
    fault::point("finish.inside")?;
    Ok(Next::Stop)
}

fn launch(
    conn: &mut Conn,
    delivery: &Delivery,
    effect: &Effect,
    course: &Course,
    now: DateTime<Utc>,
) -> Result<Next, AppError> {
    let next = change_campaigns::first_look(conn, effect, now)?;
    paid_effects::save_course(conn, &delivery.id, course, None, Some(next), now)?;
    attempt(conn, delivery, "done", course.external_id.as_deref().unwrap_or_default(), now)?;
    deliveries::count(conn, delivery, 1, 0, now)?;
    deliveries::settle(conn, delivery, DeliveryState::Done, now, "", now)?;
    let act = Act {
        action: "delivery.done",
        object: delivery.id.as_str(),
        payload: course.external_id.as_deref().unwrap_or_default(),
        ..Act::default()
    };
    audit::record(conn, now, By::service("worker"), &act)?;
    fault::point("finish.inside")?;
    Ok(Next::Stop)
}

/// Asks the account for one call; the moment before which it gives none. `follows`: right after another one.
fn admit(
    conn: &mut Conn,
    port: &dyn PaidPort,
    follows: bool,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, AppError> {
    let (account, budget) = (port.account(), port.budget());
    let mut flow = flows::lock(conn, &account, budget, now)?;
    let admission = if follows { flow.follow(budget, now) } else { flow.admit(1, budget, now) };
    flows::save(conn, &account, &flow, None)?;
    Ok(match admission {
        Admission::Go(_) => None,
        Admission::NotBefore(at) => Some(at),
    })
}

/// What a call says about the account itself.
fn answered(
    conn: &mut Conn,
    app: &App,
    port: &dyn PaidPort,
    heard: &Heard,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let (account, budget) = (port.account(), port.budget());
    let asked = heard.asked;
    // An answer that names a time is one.
    let is_silent = heard.is_down || (heard.answer == Answer::Unclear && asked.is_none());
    let mut flow = flows::lock(conn, &account, budget, now)?;
    let was_tripped = flow.is_tripped();
    if !is_silent {
        flow.succeeded();
    }
    if is_silent || asked.is_some() {
        flow.failed(u32::from(is_silent), asked, app.chance.jitter(), now);
    }
    let (_, why) = heard.words();
    if flow.is_tripped() && !was_tripped {
        tracing::error!(event = "account.tripped", account, why);
        let act = Act { action: "account.tripped", object: &account, reason: &why, ..Act::default() };
        audit::record(conn, now, By::service("worker"), &act)?;
    }
    Ok(flows::save(conn, &account, &flow, Some(&why))?)
}
