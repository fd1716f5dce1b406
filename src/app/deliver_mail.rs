//! A claimed mail delivery: its recipients written down once, then a window that moves over them. One transaction records
//! what became of some, asks whether to go on, and commits the intent to send the next; so nothing is sent that was not
//! written down before, and a crash repeats at most the mails in the window.

use super::audit::{self, Act, By};
use super::deliver::{attempt, cancel, hold, lease, refusals};
use super::{App, AppError, bounce, fault, mail, prove_takedown, warm_up};
use crate::channels::Failure;
use crate::db::deliveries::{self, Delivery};
use crate::db::recipients::{self, Recipient, Untold, Waiting};
use crate::db::{Conn, DbError, appeals, contents, flows, takedowns};
use crate::domain::dispatch::{DeliveryState, MAX_ATTEMPTS, Purpose, retry_delay};
use crate::domain::flow::Admission;
use crate::domain::language::Language;
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, TimeDelta, Utc};
use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

/// A mail delivery ready to be worked: its mail and who is behind the response link.
pub struct MailJob {
    /// The claim.
    pub delivery: Delivery,
    /// The finished mail.
    pub mail: crate::channels::email::render::Rendered,
    /// The appeal's public name.
    pub slug: String,
}

/// Prepares a claimed mail delivery: writes its recipients down when it is claimed for the first time.
pub fn open_mail(conn: &mut Conn, app: &App, delivery: Delivery) -> Result<Option<MailJob>, AppError> {
    let now = app.clock.now(conn)?;
    let (content, item) = contents::content(conn, &delivery)?;
    let refused = refusals(conn, app, &delivery, &item, now)?;
    if !refused.is_empty() {
        cancel(conn, &delivery, &refused, now)?;
        return Ok(None);
    }
    write_down(conn, app, &delivery, now)?;
    // Whoever had it before died in the middle of these.
    recipients::doubt(conn, delivery.id.as_str(), now)?;
    recipients::expect(conn, &delivery)?;
    let mail = mail::read(&content).ok_or_else(|| AppError::Broken(format!("content of {}", delivery.id)))?;
    let slug = appeals::any(conn, &delivery.appeal)?.slug;
    fault::point("open.inside")?;
    Ok(Some(MailJob { delivery, mail, slug }))
}

/// Writes a delivery's recipients down, one row each. Again is harmless.
pub(super) fn write_down(conn: &mut Conn, app: &App, delivery: &Delivery, now: DateTime<Utc>) -> Result<(), AppError> {
    if delivery.purpose != Purpose::Appeal {
        return Ok(recipients::add_those_reached(conn, delivery, now)?);
    }
    // Those who are active in the shard's cells with its language now; the database has the last word on each.
    let language = Language::parse(&delivery.audience).map_err(|e| AppError::Broken(e.to_string()))?;
    let audience = app.audience.view(conn)?;
    audience
        .numbers(conn, language, &delivery.cells, |conn, numbers| Ok(recipients::add(conn, delivery, numbers, now)?))
}

/// What became of one recipient.
pub struct Sent {
    /// Who, with their tries before this one.
    pub recipient: Recipient,
    /// Accepted by the relay, or why not.
    pub outcome: Result<(), Failure>,
}

/// What to do next on a mail delivery.
pub enum Next {
    /// Send to these too. That they are about to be sent to is already committed.
    Send(Vec<Recipient>),
    /// Nobody else for now: come back when something became of those under way.
    Wait,
    /// The claim is to be given back: begin nothing more, and come back when nothing is under way.
    Drain,
    /// Nothing more for now: it is finished, cancelled, held, waits for its time, or belongs to somebody else.
    Stop,
}

/// What a worker asks a step.
pub struct Asked<'a> {
    /// What became of mails since the last step.
    pub done: &'a [Sent],
    /// How many more it takes.
    pub limit: usize,
    /// The last recipient it was given, empty at the beginning: those after them are looked at first, which spares a look
    /// at everybody who has got theirs.
    pub after: &'a str,
    /// Mails that are neither in `done` nor given back.
    pub under_way: usize,
    /// The first recipient among those.
    pub oldest: Option<&'a str>,
    /// The worker is asked to stop: the claim is given back.
    pub is_stopping: bool,
    /// Channels it serves; anything more urgent on them overtakes.
    pub channels: &'a [ChannelKind],
}

/// Records what became of mails and hands out the next few recipients, after asking the gate again and renewing the claim.
pub fn step(conn: &mut Conn, app: &App, delivery: &Delivery, asked: &Asked<'_>) -> Result<Next, AppError> {
    let now = app.clock.now(conn)?;
    // First of all: it locks the row, so that nobody takes the claim over until this transaction ends.
    let is_ours = match deliveries::heartbeat(conn, delivery, now, lease(app)) {
        Err(DbError::Stale) => false,
        other => other.map(|()| true)?,
    };
    record(conn, app, delivery, asked.done, is_ours, now)?;
    fault::point("record.inside")?;
    if !is_ours {
        return Ok(Next::Stop);
    }
    let is_idle = asked.under_way == 0;
    if is_idle {
        recipients::intend_nobody(conn, delivery.id.as_str())?;
    }
    if asked.is_stopping {
        if !is_idle {
            return Ok(Next::Drain);
        }
        deliveries::release(conn, delivery, DeliveryState::Pending, now, now)?;
        return Ok(Next::Stop);
    }
    let (_, item) = contents::content(conn, delivery)?;
    let refused = refusals(conn, app, delivery, &item, now)?;
    if !refused.is_empty() {
        cancel(conn, delivery, &refused, now)?;
        return Ok(Next::Stop);
    }
    let channels: Vec<&str> = asked.channels.iter().map(|channel| channel.code()).collect();
    if deliveries::is_overtaken(conn, &channels, delivery.priority, now)? {
        if !is_idle {
            return Ok(Next::Drain);
        }
        deliveries::release(conn, delivery, DeliveryState::Pending, now, now)?;
        return Ok(Next::Stop);
    }
    if asked.limit == 0 {
        return Ok(Next::Wait);
    }
    let limit = i64::try_from(asked.limit).unwrap_or(i64::MAX);
    let mut due = recipients::due_recipients(conn, delivery, asked.after, now, limit)?;
    if due.is_empty() && !asked.after.is_empty() {
        // From the beginning again: who is under way is written down by name, so that nobody is taken for due. Whoever this
        // worker dies with is due again when its claim has run out.
        recipients::doubt(conn, delivery.id.as_str(), now + lease(app))?;
        due = recipients::due_recipients(conn, delivery, "", now, limit)?;
    }
    if due.is_empty() {
        if !is_idle {
            return Ok(Next::Wait);
        }
        let left = recipients::waiting(conn, delivery)?;
        wait_or_end(conn, delivery, &left, now)?;
        return Ok(Next::Stop);
    }
    let admission = match admit(conn, app, due.len(), now)? {
        Admission::Go(granted) => warm_up::admit(conn, app, delivery, granted, now)?,
        later @ Admission::NotBefore(_) => later,
    };
    match admission {
        Admission::NotBefore(_) if !is_idle => return Ok(Next::Wait),
        Admission::NotBefore(at) => {
            deliveries::release(conn, delivery, DeliveryState::Pending, at, now)?;
            return Ok(Next::Stop);
        }
        Admission::Go(granted) => due.truncate(usize::try_from(granted).unwrap_or(usize::MAX)),
    }
    recipients::intend(conn, delivery, asked.oldest, &due, now)?;
    fault::point("intent.inside")?;
    Ok(Next::Send(due))
}

/// Asks the relay's account for sends. An account in order and without a budget is only read: a row that every batch of
/// every worker wrote would be the slowest thing here.
fn admit(conn: &mut Conn, app: &App, wanted: usize, now: DateTime<Utc>) -> Result<Admission, AppError> {
    let (account, budget) = (app.relay_account(), app.relay_budget());
    let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
    let known = flows::flow(conn, &account)?;
    let is_free = known.is_none_or(|flow| flow.failures == 0 && flow.closed_until.is_none_or(|until| until <= now));
    if budget.per_minute == 0 && is_free {
        return Ok(Admission::Go(wanted));
    }
    let mut flow = flows::lock(conn, &account, budget, now)?;
    let admission = flow.admit(wanted, budget, now);
    flows::save(conn, &account, &flow, None)?;
    Ok(admission)
}

fn wait_or_end(conn: &mut Conn, delivery: &Delivery, left: &Waiting, now: DateTime<Utc>) -> Result<(), AppError> {
    if let Some(at) = left.next_at {
        let (state, why) = if left.has_unclear {
            (DeliveryState::EffectUnknown, "some mails may have arrived; tried again under the same Message-ID")
        } else {
            (DeliveryState::Pending, "some recipients were refused for now")
        };
        attempt(conn, delivery, "waiting", why, now)?;
        return Ok(deliveries::settle(conn, delivery, state, at, why, now)?);
    }
    if left.undecided > 0 {
        let why = format!("{} mails may or may not have arrived", left.undecided);
        attempt(conn, delivery, "held", &why, now)?;
        return hold(conn, delivery, &why, now);
    }
    attempt(conn, delivery, "done", "", now)?;
    deliveries::settle(conn, delivery, DeliveryState::Done, now, "", now)?;
    let act = Act { action: "delivery.done", object: delivery.id.as_str(), ..Act::default() };
    audit::record(conn, now, By::service("worker"), &act)?;
    told_everyone(conn, delivery, now)?;
    fault::point("finish.inside")
}

/// When the last correction or closing word of an appeal is out, its mail counts as taken back.
pub(super) fn told_everyone(conn: &mut Conn, delivery: &Delivery, now: DateTime<Utc>) -> Result<(), AppError> {
    if delivery.purpose == Purpose::Appeal || deliveries::open_count(conn, &delivery.appeal, delivery.purpose)? > 0 {
        return Ok(());
    }
    let proof = "sent mail cannot be recalled; everyone reached was told to delete it";
    takedowns::finish_waiting(conn, &delivery.appeal, ChannelKind::Email, proof, now)?;
    prove_takedown::confirm(conn, &delivery.appeal, now)
}

fn record(
    conn: &mut Conn,
    app: &App,
    delivery: &Delivery,
    done: &[Sent],
    is_ours: bool,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let accepted: Vec<_> = done.iter().filter(|sent| sent.outcome.is_ok()).map(|s| &s.recipient.subscriber).collect();
    let reached = recipients::record_sent(conn, delivery, &accepted)?;
    answered(conn, app, done, now)?;
    if !is_ours {
        // Whoever holds it now finds the others as this worker left them: perhaps sent to.
        return Ok(deliveries::count_late(conn, delivery, reached)?);
    }
    let (mut failed, mut given_up) = (0, Vec::new());
    // Many fail alike: a domain that rests, a batch given back. One statement for all of them.
    let mut untold: HashMap<Untold<'_>, Vec<_>> = HashMap::new();
    for Sent { recipient, outcome } in done {
        let tries = u32::try_from(recipient.attempts).unwrap_or(0);
        let later = |after: Option<Duration>| now + retry_delay(tries, after, app.chance.jitter());
        // Whoever may have got one before stays in that state: a correction must reach them whatever comes.
        let waits = if recipient.is_unclear { "unknown" } else { "pending" };
        let (state, due_at, counts, reason) = match outcome {
            Ok(()) => continue,
            Err(Failure::Refused { reason } | Failure::Undone { reason }) => ("failed", now, true, reason),
            Err(Failure::Retry { reason, .. }) if tries + 1 >= MAX_ATTEMPTS => ("failed", now, true, reason),
            Err(Failure::Retry { after, reason }) => (waits, later(*after), true, reason),
            Err(Failure::Waits { after, reason }) => {
                (waits, now + TimeDelta::from_std(*after).unwrap_or_default(), false, reason)
            }
            Err(Failure::Down { reason, .. }) => (waits, now, false, reason),
            // A mail has no parts; one that had would have to be doubted like this.
            Err(Failure::Begun { reason, .. } | Failure::Unknown { reason }) => ("unknown", later(None), true, reason),
        };
        let is_silence = matches!(outcome, Err(Failure::Begun { .. } | Failure::Unknown { .. }));
        failed += i64::from(state == "failed");
        // What was not tried keeps the note of the last try. The relay's words may quote the address; keep what helps an
        // operator and nothing about the person.
        let note = if !counts {
            Cow::Borrowed("")
        } else if reason.contains(&recipient.email) {
            Cow::Owned(reason.replace(&recipient.email, "<recipient>"))
        } else {
            Cow::Borrowed(reason.as_str())
        };
        let how = Untold { state, due_at, counts, is_silence, note };
        untold.entry(how).or_default().push(&recipient.subscriber);
        if state == "failed" {
            given_up.push((&recipient.subscriber, reason.as_str()));
        }
    }
    for (how, whom) in &untold {
        recipients::record_untold(conn, delivery, whom, how)?;
    }
    if reached > 0 || failed > 0 {
        deliveries::count(conn, delivery, reached, failed, now)?;
    }
    bounce::refused(conn, &delivery.id, &given_up, now)
}

/// What a batch says about the relay itself.
fn answered(conn: &mut Conn, app: &App, done: &[Sent], now: DateTime<Utc>) -> Result<(), AppError> {
    let (account, budget) = (app.relay_account(), app.relay_budget());
    let (mut down, mut asked, mut why) = (0_u32, None::<Duration>, "");
    for sent in done {
        if let Err(Failure::Down { after, reason }) = &sent.outcome {
            (down, asked, why) = (down + 1, asked.max(*after), reason);
        }
    }
    let says_nothing = |sent: &Sent| matches!(sent.outcome, Err(Failure::Down { .. } | Failure::Waits { .. }));
    let is_up = done.iter().any(|sent| !says_nothing(sent));
    if down == 0 && (!is_up || flows::flow(conn, &account)?.is_none_or(|flow| flow.failures == 0)) {
        return Ok(());
    }
    let mut flow = flows::lock(conn, &account, budget, now)?;
    let was_tripped = flow.is_tripped();
    if is_up {
        flow.succeeded();
    }
    if asked.is_some() || !is_up {
        flow.failed(if is_up { 0 } else { down }, asked, app.chance.jitter(), now);
    }
    if flow.is_tripped() && !was_tripped {
        tracing::error!(event = "account.tripped", account, why);
        let act = Act { action: "account.tripped", object: &account, reason: why, ..Act::default() };
        audit::record(conn, now, By::service("worker"), &act)?;
    }
    Ok(flows::save(conn, &account, &flow, Some(why))?)
}

/// Says that the claim is still worked on, between two steps; whether it is still this worker's.
pub fn heartbeat(conn: &mut Conn, app: &App, delivery: &Delivery) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    match deliveries::heartbeat(conn, delivery, now, lease(app)) {
        Err(DbError::Stale) => Ok(false),
        other => Ok(other.map(|()| true)?),
    }
}

/// How long a claim holds from the moment its renewal was asked for.
#[must_use]
pub fn lease_length(app: &App) -> Duration {
    lease(app).max(TimeDelta::zero()).to_std().unwrap_or_default()
}
