//! What a kind of answer gets when it arrives: how soon it is read, its tags, its deadline, how long it is locked, how many
//! officers it takes, whose list it goes to. Rows for one kind add up: a later row replaces what it names.

use super::RuleBook;
use super::law::{Effective, Mark, RuleId};
use super::read::{effective, id, mark};
use crate::domain::actor::{Permission, Role};
use crate::domain::document::Reader;
use crate::domain::kind::AppealKind;
use crate::domain::place::Country;
use crate::domain::response::{ResponseKind, Tag};
use chrono::{NaiveDate, TimeDelta};

/// A row; what is `None` is left to the rows before it.
#[derive(Clone, Debug)]
pub struct TriageRule {
    /// Its id.
    pub id: RuleId,
    /// For which kinds of answer.
    pub responses: Vec<ResponseKind>,
    /// To which kinds of appeal; empty: to all.
    pub kinds: Vec<AppealKind>,
    /// In which country; none: in both.
    pub country: Option<Country>,
    /// How sure.
    pub mark: Mark,
    /// The law it rests on, if any.
    pub because: Vec<RuleId>,
    /// When it holds.
    pub effective: Effective,
    /// 0 (in turn) to 3 (now).
    pub urgency: Option<i32>,
    /// Among equals in urgency, higher is read first.
    pub weight: Option<i32>,
    /// Tags it arrives with.
    pub tags: Vec<Tag>,
    /// It must have been opened within this.
    pub due_within: Option<TimeDelta>,
    /// How long it stays with whoever opened it.
    pub lock: Option<TimeDelta>,
    /// How many officers its result takes, 1 or 2.
    pub officers: Option<u8>,
    /// How many people may ever open it; none: everybody who may read answers.
    pub readers: Option<u8>,
    /// It is not in the queue but in the list of who holds this role.
    pub receiver: Option<Role>,
}

/// What an answer gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// 0 to 3.
    pub urgency: i32,
    /// Its weight before anything else is known of it.
    pub weight: i32,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// It must have been opened within this.
    pub due_within: Option<TimeDelta>,
    /// How long it stays with whoever opened it.
    pub lock: TimeDelta,
    /// How many officers its result takes.
    pub officers: u8,
    /// How many people may ever open it.
    pub readers: Option<u8>,
    /// Whose list it goes to instead of the queue.
    pub receiver: Option<Role>,
    /// The last row that had a say: tags and deadlines name it.
    pub rule: Option<RuleId>,
}

impl Default for Arrival {
    /// A long telephone call, one officer, in turn.
    fn default() -> Self {
        Self {
            urgency: 0,
            weight: 0,
            tags: Vec::new(),
            due_within: None,
            lock: TimeDelta::minutes(15),
            officers: 1,
            readers: None,
            receiver: None,
            rule: None,
        }
    }
}

impl RuleBook {
    /// Every row, in the order of the files.
    #[must_use]
    pub fn triage_rows(&self) -> &[TriageRule] {
        &self.triage
    }

    /// The rows for a kind of answer to a kind of appeal in a country on a day.
    pub fn triage(
        &self,
        response: ResponseKind,
        kind: AppealKind,
        country: Country,
        on: NaiveDate,
    ) -> impl Iterator<Item = &TriageRule> {
        self.triage.iter().filter(move |row| {
            row.responses.contains(&response)
                && (row.kinds.is_empty() || row.kinds.contains(&kind))
                && row.country.is_none_or(|of| of == country)
                && row.effective.holds(on)
        })
    }

    /// What such an answer gets.
    #[must_use]
    pub fn arrival(&self, response: ResponseKind, kind: AppealKind, country: Country, on: NaiveDate) -> Arrival {
        let mut arrival = Arrival::default();
        for row in self.triage(response, kind, country, on) {
            arrival.urgency = row.urgency.unwrap_or(arrival.urgency);
            arrival.weight = row.weight.unwrap_or(arrival.weight);
            if !row.tags.is_empty() {
                arrival.tags.clone_from(&row.tags);
            }
            arrival.due_within = row.due_within.or(arrival.due_within);
            arrival.lock = row.lock.unwrap_or(arrival.lock);
            arrival.officers = row.officers.unwrap_or(arrival.officers);
            arrival.readers = row.readers.or(arrival.readers);
            arrival.receiver = row.receiver.or(arrival.receiver);
            arrival.rule = Some(row.id.clone());
        }
        arrival
    }

    /// Roles whose list answers of some kind go to.
    #[must_use]
    pub fn is_received(&self, response: ResponseKind) -> bool {
        self.triage.iter().any(|row| row.responses.contains(&response) && row.receiver.is_some())
    }
}

/// Reads a row.
pub(super) fn read(mut r: Reader<'_>) -> Option<TriageRule> {
    let (id, mark) = (id(&mut r), mark(&mut r));
    let responses = r.parsed("responses", 11, ResponseKind::parse);
    if responses.is_empty() {
        r.fault("responses", "required");
    }
    let kinds = r.parsed("kinds", 12, AppealKind::parse);
    let country = r.choice("country", Country::parse);
    let because = r.parsed("because", 10, RuleId::parse);
    let effective = effective(&mut r);
    let small = |r: &mut Reader<'_>, key, range| r.integer(key, range).and_then(|n| i32::try_from(n).ok());
    let (urgency, weight) = (small(&mut r, "urgency", 0..=3), small(&mut r, "weight", -100..=100));
    let tags = r.parsed("tags", 12, Tag::parse);
    // A year and a day: longer than any deadline, shorter than a slip of a digit.
    let due_within = r.integer("due_minutes", 1..=527_040).map(TimeDelta::minutes);
    let lock = r.integer("lock_minutes", 1..=240).map(TimeDelta::minutes);
    let officers = r.integer("officers", 1..=2).and_then(|n| u8::try_from(n).ok());
    let readers = r.integer("readers", 2..=20).and_then(|n| u8::try_from(n).ok());
    let receives = |role: &Role| role.permissions().contains(&Permission::HandleReports);
    let receiver = r.choice("receiver", |code| Role::parse(code).filter(receives));
    r.finish();
    Some(TriageRule {
        id: id?,
        responses,
        kinds,
        country,
        mark: mark?,
        because,
        effective,
        urgency,
        weight,
        tags,
        due_within,
        lock,
        officers,
        readers,
        receiver,
    })
}
