//! Cold appeals that are validated together for a week ahead, and go out each at its own hour. One digest over the list is
//! what everybody answers to; beneath it each appeal's own plan is signed, so that a change voids that appeal alone.

use super::canonical;
use super::codes::codes;
use super::document::{Reader, moment};
use super::faults::Fault;
use super::ids::AppealId;
use super::plan::PlanDigest;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::collections::BTreeSet;

codes! {
    /// What became of an appeal on the list.
    ItemState {
        /// Waits for its hour.
        Planned = "planned",
        /// Went out.
        Dispatched = "dispatched",
        /// It changed since: what was signed is not what it is.
        Void = "void",
        /// The gate refused it at its hour.
        Refused = "refused",
        /// Somebody said no to it.
        Returned = "returned",
    }
}

/// The list is for a week: from its first hour to its last.
pub const LENGTH: TimeDelta = TimeDelta::days(7);
/// How far ahead its first hour may lie.
pub const AHEAD: TimeDelta = TimeDelta::days(14);
/// A list that a person can read before saying yes to it.
const MOST: usize = 100;

/// An appeal and its hour, as filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Which appeal.
    pub appeal: AppealId,
    /// When it goes out.
    pub due_at: DateTime<Utc>,
}

/// A list as filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What people call it.
    pub title: String,
    /// Its appeals.
    pub slots: Vec<Slot>,
}

impl Draft {
    /// Reads a list; whether each appeal may be on it is `app`'s to find out.
    #[must_use]
    pub fn read(mut r: Reader<'_>, now: DateTime<Utc>) -> Option<Self> {
        let title = r.needed_line("title", 1..=120);
        let slots = r.objects("items", MOST, |mut item| {
            let appeal = item.required("appeal", |r, key| r.choice(key, |id| AppealId::parse(id).ok()));
            let due_at = item.required("at", Reader::time);
            if due_at.is_some_and(|at| at <= now) {
                item.fault("at", "in-the-past");
            }
            item.finish();
            Some(Slot { appeal: appeal?, due_at: due_at? })
        });
        let first = slots.iter().map(|slot| slot.due_at).min();
        if slots.is_empty() {
            r.fault("items", "required");
        }
        let mut seen = BTreeSet::new();
        for (i, slot) in slots.iter().enumerate() {
            if first.is_some_and(|first| slot.due_at - first > LENGTH || first - now > AHEAD) {
                r.note(Fault::at(format!("/items/{i}/at"), "outside-week"));
            }
            if !seen.insert(&slot.appeal) {
                r.note(Fault::at(format!("/items/{i}/appeal"), "named-twice").with("value", &slot.appeal));
            }
        }
        r.finish();
        Some(Self { title: title?, slots })
    }
}

/// An appeal on a composed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which appeal, and when.
    pub slot: Slot,
    /// The plan that is signed.
    pub plan: PlanDigest,
    /// What became of it.
    pub state: ItemState,
    /// Why, in codes; empty when there is nothing to say.
    pub note: String,
}

/// SHA-256 over the list in its order: appeals, plans and hours.
#[must_use]
pub fn digest(items: &[Item]) -> String {
    let list: Vec<_> = items
        .iter()
        .map(|item| json!({"appeal": item.slot.appeal.as_str(), "plan": item.plan.as_str(), "at": moment(item.slot.due_at)}))
        .collect();
    canonical::digest(&json!({"week": list}))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]

    use super::*;
    use crate::domain::document;
    use crate::domain::samples;

    fn codes(hours: &[i64]) -> Vec<&'static str> {
        let at = |hours: &i64| samples::now() + TimeDelta::hours(*hours);
        let items: Vec<_> = hours
            .iter()
            .enumerate()
            .map(|(i, hours)| {
                let id = AppealId::from_parts(samples::now(), [u8::try_from(i).unwrap(); 10]);
                json!({"appeal": id.as_str(), "at": at(hours)})
            })
            .collect();
        let filed = json!({"title": "Week 48", "items": items});
        let read = document::read(&filed, "", |r| Draft::read(r, samples::now()));
        read.err().unwrap_or_default().iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn a_list_is_for_one_week_not_too_far_ahead() {
        assert_eq!(codes(&[1, 24, 168]), Vec::<&str>::new());
        assert_eq!(codes(&[]), ["required"]);
        assert_eq!(codes(&[-1]), ["in-the-past"]);
        assert_eq!(codes(&[1, 170]), ["outside-week"]);
        assert_eq!(codes(&[24 * 15]), ["outside-week"]);
    }

    #[test]
    fn another_hour_or_plan_is_another_list() {
        let item = |hours: i64, plan: &str| Item {
            slot: Slot { appeal: samples::appeal_id(), due_at: samples::now() + TimeDelta::hours(hours) },
            plan: PlanDigest::parse(&plan.repeat(64)).unwrap(),
            state: ItemState::Planned,
            note: String::new(),
        };
        let digests: BTreeSet<_> =
            [digest(&[item(1, "1")]), digest(&[item(2, "1")]), digest(&[item(1, "2")]), digest(&[])].into();
        assert_eq!(digests.len(), 4);
        let sent = Item { state: ItemState::Dispatched, ..item(1, "1") };
        assert_eq!(digest(&[sent]), digest(&[item(1, "1")]), "what became of it is not signed");
    }
}
