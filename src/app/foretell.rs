//! What platforms say of planned campaigns: asked by workers when due, never inside a request. Nothing is made by asking.

use super::plan_dispatch::Preview;
use super::{App, AppError, advertise};
use crate::channels::Failure;
use crate::channels::ads::Trouble;
use crate::channels::paid::Foretold;
use crate::db::Conn;
use crate::db::ad_estimates::{self as rows, Estimate};
use crate::db::appeals::Appeal;
use crate::domain::canonical;
use crate::domain::ids::AppealId;
use crate::domain::paid::Order;
use crate::domain::plan::PlanItem;
use crate::domain::scope::ChannelKind;
use crate::domain::stage::Stage;
use crate::words::Words;
use chrono::{DateTime, TimeDelta, Utc};

/// What was said is asked again after this, while somebody looks at the plan.
const FRESH: TimeDelta = TimeDelta::hours(24);
/// A platform that did not answer is asked again after this.
const AGAIN: TimeDelta = TimeDelta::minutes(2);

/// Why, and what to do, in words; empty for a code that says nothing.
#[must_use]
pub fn in_words(trouble: &str, words: Words) -> String {
    Trouble::told(trouble).map(|trouble| trouble.in_words(words)).unwrap_or_default()
}

/// Whether a trouble stands in the plan's own way: the same order would be refused again.
#[must_use]
pub fn is_objection(trouble: &str) -> bool {
    matches!(
        Trouble::told(trouble),
        Some(Trouble::BudgetTooLow | Trouble::Rejected | Trouble::Declaration | Trouble::Refused)
    )
}

fn question(appeal: &AppealId, item: &PlanItem, ends_at: DateTime<Utc>) -> Estimate {
    Estimate {
        appeal: appeal.clone(),
        channel: item.channel,
        language: item.language,
        content_digest: canonical::digest(&item.content),
        content: item.content.to_string(),
        ends_at,
        asked_at: None,
        people: None,
        trouble: String::new(),
        detail: String::new(),
        least_cents: None,
    }
}

/// What platforms should be asked about a plan: parts of which they were never asked, and those whose answer is old.
#[must_use]
pub fn questions(app: &App, appeal: &Appeal, preview: &Preview) -> Vec<Estimate> {
    let is_before =
        matches!(appeal.stage, Stage::Draft | Stage::Filed | Stage::Authorised | Stage::Submitted | Stage::Validated);
    let Some(plan) = preview.plan.as_ref().filter(|_| is_before) else { return Vec::new() };
    let is_asked = |item: &&PlanItem| {
        item.channel.is_paid() && app.ports.port(item.channel).is_some() && item.content.get("ad").is_some()
    };
    let mut wanted = Vec::new();
    for item in plan.items.iter().filter(is_asked) {
        let new = question(&appeal.id, item, plan.ends_at);
        let known = preview.estimates.iter().find(|one| {
            (one.channel, one.language, &one.content_digest) == (new.channel, new.language, &new.content_digest)
        });
        match known {
            None => wanted.push(new),
            // Until the platform answers anew, what it said last stands.
            Some(known) if known.asked_at.is_some_and(|at| preview.at - at > FRESH) => wanted.push(known.clone()),
            Some(_) => {}
        }
    }
    wanted
}

/// Has them asked.
pub fn ask(conn: &mut Conn, app: &App, questions: &[Estimate]) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    for question in questions {
        rows::ask(conn, question, now)?;
    }
    Ok(())
}

/// Whether a question to one of `channels` is due. Only reads.
pub fn is_due(conn: &mut Conn, app: &App, channels: &[ChannelKind]) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    let codes: Vec<&str> = channels.iter().map(|channel| channel.code()).collect();
    Ok(rows::is_due(conn, &codes, now)?)
}

/// Takes a question that is due, with the order it is about.
pub fn next(conn: &mut Conn, app: &App, channels: &[ChannelKind]) -> Result<Option<(Estimate, Order)>, AppError> {
    let now = app.clock.now(conn)?;
    let codes: Vec<&str> = channels.iter().map(|channel| channel.code()).collect();
    let Some(question) = rows::claim(conn, &codes, now, now + AGAIN)? else { return Ok(None) };
    let content = serde_json::from_str(&question.content).map_err(|e| AppError::Broken(e.to_string()))?;
    let order = Order {
        key: format!("tocsin-estimate-{}", question.appeal),
        cap_cents: advertise::cap_of(&content),
        ends_at: question.ends_at,
        language: question.language,
        content,
    };
    Ok(Some((question, order)))
}

/// Writes down what was said.
pub fn record(
    conn: &mut Conn,
    app: &App,
    question: Estimate,
    said: &Result<Foretold, Failure>,
) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let (answered, due) = match said {
        Ok(told) => {
            let (reason, least_cents) =
                told.objection.as_ref().map_or((String::new(), None), |why| (why.reason.clone(), why.least_cents));
            let answered =
                Estimate { asked_at: Some(now), people: told.people, least_cents, ..with_trouble(question, &reason) };
            (answered, None)
        }
        Err(failure) => {
            let reason = failure.reason();
            tracing::warn!(event = "ad.estimate", appeal = %question.appeal, reason);
            let asked_at = question.asked_at;
            (Estimate { asked_at, ..with_trouble(question, reason) }, Some(now + AGAIN))
        }
    };
    Ok(rows::answer(conn, &answered, due)?)
}

fn with_trouble(question: Estimate, reason: &str) -> Estimate {
    let trouble = Trouble::told(reason).map(Trouble::code).unwrap_or_default().to_owned();
    let words = reason.split_once(": ").map_or(reason, |(_, words)| words);
    Estimate { trouble, detail: words.to_owned(), ..question }
}
