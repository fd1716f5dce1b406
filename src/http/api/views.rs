//! Domain values as the API shows them. Fields are listed one by one, so that nothing inside leaks out by accident.

use crate::app::carry_on::{Effect, Waiting};
use crate::app::follow_dispatch::Progress;
use crate::app::plan_dispatch::Preview;
use crate::app::work_response::Opened;
use crate::area::Candidate;
use crate::db::access::{Unit, User};
use crate::db::appeals::Appeal;
use crate::db::authorisations::Stored;
use crate::db::dispatches::Tally;
use crate::db::grants::Grant;
use crate::db::responses::Response;
use crate::domain::actor::Actor;
use crate::domain::attachment::FileForm;
use crate::domain::gate::Refusal;
use crate::domain::grant::Field;
use crate::domain::ids::{AppealId, AuthorisationId, MessageId, UnitId};
use crate::domain::language::Language;
use crate::domain::media::Media;
use crate::domain::outcome::Outcome;
use crate::domain::plan::{Plan, PlanDigest};
use crate::domain::rules::Level;
use crate::lint::{self, Finding, Report};
use crate::words::{Locale, Words};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An appeal for its own unit.
#[must_use]
pub fn appeal(appeal: &Appeal) -> Value {
    let digests: Map<String, Value> = appeal
        .draft
        .notices
        .values()
        .map(|notice| (notice.language.code().to_owned(), json!(notice.digest().0)))
        .collect();
    let lots: Vec<Value> = appeal
        .lots
        .iter()
        .map(|lot| {
            let mut document = lot.to_document();
            if let Some(object) = document.as_object_mut() {
                object.remove("hidden");
                object.insert("id".to_owned(), json!(lot.id.as_str()));
            }
            document
        })
        .collect();
    let area = appeal.area.as_ref().map(|area| {
        json!({
            "cells": area.cells.len(),
            "km2": (area.cells.area_km2() * 1000.0).round() / 1000.0,
            "resolution": u8::from(area.resolution),
            "mode": area.mode.code(),
            "index_version": area.index_version,
            "languages": area.split.languages().map(Language::code).collect::<Vec<_>>(),
        })
    });
    let mut view = appeal.draft.to_document();
    if let Some(object) = view.as_object_mut() {
        object.insert("id".to_owned(), json!(appeal.id.as_str()));
        object.insert("unit".to_owned(), json!(appeal.unit.as_str()));
        object.insert("stage".to_owned(), json!(appeal.stage.code()));
        object.insert("version".to_owned(), json!(appeal.version));
        object.insert("slug".to_owned(), json!(appeal.slug));
        object.insert("outcome".to_owned(), json!(appeal.outcome.map(Outcome::code)));
        object.insert("notice_digests".to_owned(), Value::Object(digests));
        object.insert("media".to_owned(), appeal.media.iter().map(Media::to_document).collect());
        object.insert("lots".to_owned(), Value::Array(lots));
        object.insert("area".to_owned(), area.unwrap_or(Value::Null));
        object.insert("created_at".to_owned(), json!(appeal.created_at));
        object.insert("updated_at".to_owned(), json!(appeal.updated_at));
    }
    view
}

/// An authorisation for its own unit: the magistrate's name and telephone and the case number only for those who were
/// given sight of them, and for whoever wrote them down.
#[must_use]
pub fn authorisation_for(stored: &Stored, actor: &Actor) -> Value {
    let mut view = authorisation(stored);
    let sees = actor.sees(Field::Magistrate) || stored.record.authorisation.entered_by == actor.person;
    if let (Some(object), false) = (view.as_object_mut(), sees) {
        object.insert("case_reference".to_owned(), Value::Null);
        if let Some(magistrate) = object.get_mut("magistrate").and_then(Value::as_object_mut) {
            for name in ["family_name", "given_name", "contact"] {
                magistrate.insert(name.to_owned(), Value::Null);
            }
        }
        object.insert("withheld".to_owned(), json!(["magistrate", "case_reference"]));
    }
    view
}

/// What a decision did to something that is out.
#[must_use]
pub fn effect(effect: &Effect) -> Value {
    match effect {
        Effect::Covered => json!({"effect": "covered"}),
        Effect::Waits(plan) => json!({"effect": "waits", "plan_digest": plan.as_ref().map(PlanDigest::as_str)}),
        Effect::Lowered(cents) => json!({"effect": "lowered", "budget_cents": cents}),
        Effect::Narrowed(parts) => json!({"effect": "narrowed", "taken_down": parts.iter()
            .map(|(channel, language)| json!({"channel": channel.code(), "language": language.code()})).collect::<Vec<_>>()}),
        Effect::TakenDown(refusals) => {
            json!({"effect": "taken_down", "because": refusals.iter().map(Refusal::code).collect::<Vec<_>>()})
        }
    }
}

fn authorisation(stored: &Stored) -> Value {
    let record = &stored.record;
    let mut view = record.authorisation.to_document();
    if let Some(object) = view.as_object_mut() {
        object.insert("id".to_owned(), json!(record.authorisation.id.as_str()));
        object.insert("appeal".to_owned(), json!(record.authorisation.appeal.as_str()));
        object.insert("entered_by".to_owned(), json!(record.authorisation.entered_by.as_str()));
        object.insert("ends_at".to_owned(), json!(record.authorisation.ends_at()));
        let verification = record.verification.as_ref();
        object.insert(
            "verification".to_owned(),
            verification
                .map_or(Value::Null, |v| json!({"by": v.by.as_str(), "at": v.at, "called_back_on": v.called_back_on})),
        );
        let confirmation = stored.confirmation.as_ref().map(|c| {
            let verified = c.verified.as_ref().map(|(by, at)| json!({"by": by.as_str(), "at": at}));
            json!({"document": c.document.to_document(), "entered_by": c.entered_by.as_str(), "entered_at": c.entered_at,
                "verification": verified})
        });
        object.insert("confirmation".to_owned(), confirmation.unwrap_or(Value::Null));
        let withdrawal = record.withdrawal.as_ref();
        object.insert(
            "withdrawal".to_owned(),
            withdrawal.map_or(Value::Null, |w| json!({"by": w.by.as_str(), "at": w.at, "reason": w.reason})),
        );
    }
    view
}

/// Refusals with their words.
#[must_use]
pub fn refusals(refusals: &[Refusal], locale: Locale) -> Vec<Value> {
    let words = Words::of(locale);
    refusals
        .iter()
        .map(|refusal| {
            let args = refusal.args();
            let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let key = format!("refusal-{}", refusal.code());
            let mut view = json!({"code": refusal.code(), "detail": words.say_with(&key, &args)});
            if let Some(object) = view.as_object_mut() {
                refusal.rule().map(|rule| object.insert("rule".to_owned(), json!(rule.as_str())));
                refusal.abroad().map(|country| object.insert("country".to_owned(), json!(country.code())));
            }
            view
        })
        .collect()
}

/// What the checks of texts and pictures found, in words.
fn findings(report: &Report, locale: Locale) -> Vec<Value> {
    let words = Words::of(locale);
    let finding = |found: &Finding| {
        json!({
            "rule": found.rule.as_str(), "severity": found.severity.code(), "language": found.language.map(Language::code),
            "pointer": found.field.map(lint::Field::pointer), "from": found.range.start, "to": found.range.end,
            "excerpt": found.excerpt, "reason": found.reason.in_words(&words),
            "suggestion": found.suggestion.in_words(&words),
        })
    };
    report.findings.iter().map(finding).collect()
}

/// What the gate found among the checks of the record: AU-01 to AU-08 (appeals-and-law §6), as findings like the others.
fn authority_findings(found: &[Refusal], locale: Locale) -> Vec<Value> {
    let words = Words::of(locale);
    let of_record =
        |refusal: &&Refusal| refusal.code().get(..5).is_some_and(|id| id.starts_with("AU-0") && id != "AU-00");
    found
        .iter()
        .filter(of_record)
        .map(|refusal| {
            let said = refusals(std::slice::from_ref(refusal), locale).into_iter().next().unwrap_or_default();
            json!({"rule": refusal.code().get(..5), "severity": "block", "language": Value::Null, "pointer": Value::Null,
                "from": 0, "to": 0, "excerpt": Value::Null, "reason": said.get("detail"),
                "suggestion": words.say("lint-better-record")})
        })
        .collect()
}

/// A dry run.
#[must_use]
pub fn plan(preview: &Preview, waiting: Option<&Waiting>, appeal: &Appeal, locale: Locale) -> Value {
    let (sensitivity, levels) = preview.standing.chain(appeal, preview.at);
    let words = Words::of(locale);
    let level = |level: &Level| json!({"level": level.code(), "name": words.say(&format!("rule-level-{level}"))});
    // What the magistrate asked for is read by everyone who says yes, whichever decision it stands in.
    let conditions = preview.standing.records.iter().map(|stored| &stored.record.authorisation).filter(|decision| {
        !decision.conditions.is_empty()
            && preview.plan.as_ref().is_some_and(|plan| plan.authorisations.contains(&decision.id))
    });
    json!({
        "findings": authority_findings(&preview.refusals, locale)
            .into_iter().chain(findings(&preview.report, locale)).collect::<Vec<_>>(),
        "not_checked": preview.report.not_checked.iter().map(|missed| json!({"rule": missed.rule.as_str(),
            "language": missed.language.map(Language::code), "reason": words.say(missed.reason.key())})).collect::<Vec<_>>(),
        "decision_support": words.say("lint-decision-support"),
        "rules_version": preview.standing.rules.version(),
        "chain": {"sensitivity": sensitivity.code(), "levels": levels.iter().map(level).collect::<Vec<_>>()},
        "digest": preview.digest().map(|digest| digest.to_string()),
        "plan": preview.plan.as_ref().map(Plan::to_document),
        "blockers": refusals(&preview.refusals, locale),
        "extension": waiting.map(|waiting| json!({
            "digest": waiting.plan.digest().as_str(), "plan": waiting.plan.to_document(),
            "blockers": refusals(&waiting.refusals, locale),
        })),
        "conditions": conditions.map(|decision| json!({"authorisation": decision.id.as_str(), "text": decision.conditions}))
            .collect::<Vec<_>>(),
        "audience": preview.audience.iter().map(|(language, people)| json!({"channel": "email", "language": language.code(), "people": people})).collect::<Vec<_>>(),
    })
}

/// Adds tallies up by a key.
fn grouped<'a, K: Ord>(tallies: &'a [Tally], key: impl Fn(&'a Tally) -> Option<K>) -> BTreeMap<K, [i64; 4]> {
    let mut groups = BTreeMap::new();
    for tally in tallies {
        if let Some(key) = key(tally) {
            let sums: &mut [i64; 4] = groups.entry(key).or_default();
            let counts = [tally.deliveries, tally.expected, tally.sent, tally.failed];
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    groups
}

/// A dispatch and how far it is.
#[must_use]
pub fn dispatch(progress: &Progress) -> Value {
    let (dispatch, tallies) = (&progress.dispatch, &progress.tallies);
    let sum = |f: fn(&Tally) -> i64| tallies.iter().map(f).sum::<i64>();
    let lines = grouped(tallies, |t| Some((&t.purpose, &t.channel, &t.language, &t.state)));
    // Only mass mail is cut by province, and only the appeal itself: a correction goes to people, not to places.
    let provinces =
        grouped(tallies, |t| (t.channel == "email" && t.purpose == "appeal").then_some((&t.province, &t.language)));
    json!({
        "id": dispatch.id.as_str(),
        "appeal": dispatch.appeal.as_str(),
        "authorisations": dispatch.authorisations.iter().map(AuthorisationId::as_str).collect::<Vec<_>>(),
        "carried_by": dispatch.carried_by.iter().map(AuthorisationId::as_str).collect::<Vec<_>>(),
        "plan_digest": dispatch.plan.as_str(),
        "created_at": dispatch.created_at,
        "finished": progress.is_finished(),
        "held": progress.held(),
        "estimated_end": progress.estimated_end,
        "expected": sum(|t| t.expected),
        "sent": sum(|t| t.sent),
        "failed": sum(|t| t.failed),
        "progress": lines.iter().map(|((purpose, channel, language, state), [deliveries, expected, sent, failed])| json!({
            "purpose": purpose, "channel": channel, "language": language, "state": state,
            "deliveries": deliveries, "expected": expected, "sent": sent, "failed": failed,
        })).collect::<Vec<_>>(),
        "provinces": provinces.iter().map(|((province, language), [deliveries, expected, sent, failed])| json!({
            "province": province, "language": language,
            "deliveries": deliveries, "expected": expected, "sent": sent, "failed": failed,
        })).collect::<Vec<_>>(),
    })
}

/// A response without what is sealed.
#[must_use]
pub fn response(response: &Response) -> Value {
    json!({
        "id": response.id.as_str(), "appeal": response.appeal.as_str(), "kind": response.kind.code(),
        "state": response.state.code(), "channel": response.channel, "language": response.language,
        "anonymous": response.sealed_sender.is_none(), "received_at": response.received_at, "version": response.version,
        "urgency": response.urgency, "weight": response.weight, "proof": response.proof.code(),
        "signs": response.signs.iter().map(|sign| sign.code()).collect::<Vec<_>>(),
        "family": response.family, "duplicate_of": response.duplicate_of, "sighting": response.sighting,
        "assigned_to": response.assigned_to, "locked_by": response.locked_by, "locked_until": response.locked_until,
        "attachments": response.attachments,
    })
}

/// A response with its seals open.
#[must_use]
pub fn opened(opened: &Opened) -> Value {
    let mut view = response(&opened.response);
    if let Some(object) = view.as_object_mut() {
        object.insert("text".to_owned(), opened.text.clone());
        object.insert("sender".to_owned(), opened.sender.clone().unwrap_or(Value::Null));
        object.insert("sender_withheld".to_owned(), json!(opened.sender_withheld));
        let lines = opened.lines.iter().map(|line| {
            json!({"direction": if line.to_sender { "to_sender" } else { "from_sender" }, "at": line.at, "text": line.text, "id": line.id.as_str()})
        });
        object.insert("messages".to_owned(), lines.collect());
        let notes = opened.notes.iter().map(
            |(by, visibility, at, text)| json!({"by": by, "visibility": visibility.code(), "at": at, "text": text}),
        );
        object.insert("notes".to_owned(), notes.collect());
        object.insert("tags".to_owned(), opened.tags.iter().map(|tag| json!(tag.code())).collect());
        let links = opened.links.iter().map(|(kind, other)| json!({"kind": kind, "response": other}));
        object.insert("links".to_owned(), links.collect());
        object.insert("identified".to_owned(), json!(opened.identified));
        let files = opened.files.iter().map(|file| {
            json!({"id": file.row.id.as_str(), "number": file.row.number, "kind": file.row.kind.code(), "name": file.name,
                "bytes": file.bytes, "sha256": file.sha256, "scan": file.row.scan.code(),
                "forms": file.forms().map(FileForm::code).collect::<Vec<_>>(), "same_picture": file.same_picture,
                "message": file.row.message.as_ref().map(MessageId::as_str)})
        });
        object.insert("files".to_owned(), files.collect());
    }
    view
}

/// A user without secrets.
#[must_use]
pub fn user(user: &User) -> Value {
    json!({
        "id": user.id.as_str(), "person": user.person.as_str(), "unit": user.unit.as_str(), "login": user.login,
        "name": user.name, "roles": user.roles.iter().map(|r| r.code()).collect::<Vec<_>>(),
        "active": user.password_hash.is_some() && user.disabled_at.is_none(),
    })
}

/// A right, asked for or held.
#[must_use]
pub fn grant(grant: &Grant) -> Value {
    json!({
        "id": grant.id.as_str(), "user": grant.user.as_str(), "unit": grant.reach.unit.as_str(),
        "appeal": grant.reach.appeal.as_ref().map(AppealId::as_str), "kind": grant.right.kind(),
        "code": grant.right.code(), "state": grant.state, "reason": grant.reason, "asked_by": grant.asked_by,
        "decided_by": grant.decided_by, "created_at": grant.created_at,
    })
}

/// A place to choose from.
#[must_use]
pub fn candidate(found: &Candidate) -> Value {
    json!({
        "code": found.code.to_string(), "name": found.name, "kind": found.code.kind().code(), "within": found.within,
    })
}

/// A unit.
#[must_use]
pub fn unit(unit: &Unit) -> Value {
    json!({
        "id": unit.id.as_str(), "name": unit.name, "country": unit.country.code(), "contact": unit.contact,
        "parent": unit.parent.as_ref().map(UnitId::as_str), "duty_address": unit.duty_address,
        "duty_language": unit.duty_language,
    })
}
