//! Guided questions before some appeals: six signs, alert criteria. Every answer is kept, whatever comes of it.

use super::audit::{self, Act};
use super::{App, AppError, random, standing};
use crate::db::{Conn, appeals, rules};
use crate::domain::actor::{Actor, Permission};
use crate::domain::canonical;
use crate::domain::document;
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, AssessmentId};
use crate::domain::rules::{Answered, Assessment};
use serde_json::Value;

/// Keeps the answers to one list of questions.
pub fn assess(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId, filed: &Value) -> Result<Assessment, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::WriteAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let book = standing::rules_of(conn, app, &appeal.unit)?;
    let (set, answers) = document::read(filed, "", |mut r| {
        let set = r.required("criteria", |r, key| r.choice(key, |code| book.criteria(code)));
        if let Some(set) = set.filter(|set| !set.kinds.contains(&appeal.draft.kind())) {
            r.note(Fault::at(r.pointer("criteria"), "criteria-of-other-kind").with("value", &set.id));
        }
        let answers = set.map(|set| set.read_answers(&mut r));
        r.finish();
        Some((set?, answers?))
    })?;
    let assessment = Assessment {
        id: AssessmentId::from_parts(now, random::bytes()),
        criteria: set.id.clone(),
        triggered: set.triggers(&answers),
        answers,
        by: actor.person.clone(),
        at: now,
    };
    rules::add_assessment(conn, id, &assessment)?;
    // Whoever says what an appeal rests on is one of its authors: they can neither verify nor validate it.
    appeals::add_author(conn, id, &actor.person)?;
    let payload = canonical::digest(&Answered::to_document(&assessment.answers));
    let action = if assessment.triggered { "appeal.criteria_triggered" } else { "appeal.criteria_not_triggered" };
    audit::record(conn, now, actor, &Act { action, object: id.as_str(), payload: &payload, ..Act::default() })?;
    Ok(assessment)
}

/// Every assessment of an appeal, oldest first.
pub fn assessments(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId) -> Result<Vec<Assessment>, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    Ok(rules::assessments_of(conn, &appeal.id)?)
}
