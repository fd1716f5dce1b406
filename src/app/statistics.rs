//! What an appeal brought, in numbers: nothing here names, places or times a single answer more finely than to the minute
//! and the municipality, and those two are never joined.

use super::claims::{self, Overview};
use super::intake::middle;
use super::{App, AppError};
use crate::db::claims as claim_rows;
use crate::db::claims::Claim;
use crate::db::counted::{self, Counted};
use crate::db::{Conn, appeals, dispatches, identifications, ledger, paid_effects};
use crate::domain::actor::{Actor, Permission};
use crate::domain::claim::ClaimStanding;
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::domain::outcome::Outcome;
use crate::domain::place::PlaceCode;
use crate::domain::response::{ResponseKind, ResponseState};
use chrono::{DateTime, Datelike, Days, DurationRound, NaiveDate, TimeDelta, Utc};
use h3o::{CellIndex, Resolution};
use std::collections::{BTreeMap, BTreeSet};

/// Cells of the heat map: about 36 km², a municipality or some of them.
const CELL: Resolution = Resolution::Six;

/// Received, and of these judged useful.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// In all.
    pub received: usize,
    /// Useful.
    pub useful: usize,
}

/// A municipality that answers name.
#[derive(Clone, Debug)]
pub struct PlaceCount {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Latitude and longitude of its middle.
    pub middle: Option<(f64, f64)>,
    /// The cell of its middle.
    pub cell: Option<CellIndex>,
    /// How many answers name it.
    pub received: i64,
    /// How many of these were useful, as far as whoever judged them could read them.
    pub useful: i64,
}

/// What one channel brought in one language: reach, responses, outcome, cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// People or contacts reached, as far as the channel says.
    pub reached: i64,
    /// Responses.
    pub tally: Tally,
    /// Of these, identifications that were useful.
    pub identified: usize,
    /// Cents the ledger counts as spent; none for a channel that costs nothing.
    pub spent_cents: Option<i64>,
}

impl Course {
    /// What one useful answer cost here, rounded to the cent.
    #[must_use]
    pub fn cents_per_useful(&self) -> Option<i64> {
        per_useful(self.spent_cents, self.tally.useful)
    }
}

fn per_useful(cents: Option<i64>, useful: usize) -> Option<i64> {
    let useful = i64::try_from(useful).ok().filter(|useful| *useful > 0)?;
    cents.map(|cents| (cents + useful / 2) / useful)
}

/// Somebody who was identified.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// `victim` or `owner`.
    pub of: String,
    /// By which response.
    pub response: String,
    /// Of which lot.
    pub lot: Option<String>,
    /// The identification it is counted with.
    pub same_as: Option<String>,
}

/// What an appeal brought.
pub struct Statistics {
    /// In all.
    pub total: Tally,
    /// By kind, channel, language and state.
    pub by: BTreeMap<&'static str, BTreeMap<String, Tally>>,
    /// By the minute they came in.
    pub minutes: BTreeMap<DateTime<Utc>, usize>,
    /// By the municipality they name, most first.
    pub places: Vec<PlaceCount>,
    /// Identifications that were judged useful.
    pub identified: usize,
    /// Victims and owners identified, and by which response each.
    pub named: Vec<Named>,
    /// By channel and language.
    pub courses: BTreeMap<(String, String), Course>,
    /// Lots and claims.
    pub claims: Overview,
    /// People or contacts the appeal reached, as far as channels say.
    pub reached: i64,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Cents the ledger counts as spent; none without a paid channel.
    pub committed_cents: Option<i64>,
}

fn tally(counted: &[Counted]) -> (Tally, BTreeMap<&'static str, BTreeMap<String, Tally>>) {
    let (mut total, mut by) = (Tally::default(), BTreeMap::new());
    let add = |tally: &mut Tally, useful: bool| {
        tally.received += 1;
        tally.useful += usize::from(useful);
    };
    for one in counted {
        let useful = one.state == ResponseState::Useful.code();
        add(&mut total, useful);
        let values =
            [("kind", &one.kind), ("channel", &one.channel), ("language", &one.language), ("state", &one.state)];
        for (property, value) in values {
            let group: &mut BTreeMap<String, Tally> = by.entry(property).or_default();
            add(group.entry(value.clone()).or_default(), useful);
        }
    }
    (total, by)
}

fn place(app: &App, code: String, received: i64, useful: i64) -> PlaceCount {
    let parsed = PlaceCode::parse(&code).ok();
    let middle = parsed.as_ref().and_then(|code| middle(app, code));
    PlaceCount {
        name: parsed.as_ref().map(|code| app.gazetteer.candidate(code).name).unwrap_or_default(),
        middle: middle.map(|at| (at.lat(), at.lng())),
        cell: middle.map(|at| at.to_cell(CELL)),
        code,
        received,
        useful,
    }
}

/// Counts an appeal.
pub fn of_appeal(conn: &mut Conn, app: &App, actor: &Actor, id: &AppealId) -> Result<Statistics, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let appeal = appeals::of_unit(conn, id, &actor.unit)?;
    let all = counted::of_appeal(conn, id)?;
    let (total, by) = tally(&all);
    let mut minutes = BTreeMap::new();
    for one in &all {
        let at = one.received_at.and_utc();
        *minutes.entry(at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at)).or_default() += 1;
    }
    let useful_identification =
        |one: &&Counted| one.kind == ResponseKind::Identification.code() && one.state == ResponseState::Useful.code();
    let courses = courses(conn, id, &all)?;
    let places = claim_rows::places(conn, id)?.into_iter().map(|(code, got, useful)| place(app, code, got, useful));
    let named = identifications::of_appeal(conn, id)?.into_iter().map(|one| Named {
        id: one.id.to_string(),
        of: one.of,
        response: one.response.to_string(),
        lot: one.lot.map(|lot| lot.to_string()),
        same_as: one.same_as.map(|id| id.to_string()),
    });
    Ok(Statistics {
        identified: all.iter().filter(useful_identification).count(),
        total,
        by,
        minutes,
        places: places.collect(),
        claims: claims::overview(conn, &appeal, None)?,
        reached: courses.values().map(|course| course.reached).sum(),
        named: named.collect(),
        courses,
        outcome: appeal.outcome,
        committed_cents: ledger::budget(conn, id)?.map(|budget| budget.committed_cents),
    })
}

/// Reach, responses, outcome and cost by channel and language. What was spent stands in the ledger, delivery by delivery.
fn courses(conn: &mut Conn, id: &AppealId, all: &[Counted]) -> Result<BTreeMap<(String, String), Course>, AppError> {
    let mut courses: BTreeMap<(String, String), Course> = BTreeMap::new();
    for one in all {
        let course = courses.entry((one.channel.clone(), one.language.clone())).or_default();
        let useful = one.state == ResponseState::Useful.code();
        course.tally.received += 1;
        course.tally.useful += usize::from(useful);
        course.identified += usize::from(useful && one.kind == ResponseKind::Identification.code());
    }
    for dispatch in dispatches::dispatches_of(conn, id)? {
        for sent in dispatches::tally(conn, &dispatch.id)?.into_iter().filter(|sent| sent.purpose == "appeal") {
            courses.entry((sent.channel, sent.language)).or_default().reached += sent.sent;
        }
    }
    for (effect, language) in paid_effects::of_appeal(conn, id)? {
        let key = (effect.channel.code().to_owned(), language.code().to_owned());
        let booked = ledger::entries(conn, &effect.delivery)?;
        let spent = booked.iter().filter(|entry| entry.kind == "commit").map(|entry| entry.cents).sum::<i64>();
        let course = courses.entry(key).or_default();
        *course.spent_cents.get_or_insert_default() += spent;
        // An order carried out is one thing sent; whom it reached the platform says.
        course.reached = course.reached.max(effect.shown.reach.unwrap_or(0));
    }
    Ok(courses)
}

impl Statistics {
    /// What one useful answer cost, rounded to the cent; none when nothing was spent or nothing was useful.
    #[must_use]
    pub fn cents_per_useful(&self) -> Option<i64> {
        per_useful(self.committed_cents, self.total.useful)
    }

    /// Victims identified, each once however many responses bear it out.
    #[must_use]
    pub fn victims(&self) -> usize {
        self.named.iter().filter(|one| one.of == "victim" && one.same_as.is_none()).count()
    }

    /// Owners found: named by an officer, or given a lot on their claim; each response once.
    #[must_use]
    pub fn owners(&self) -> usize {
        let named = self.named.iter().filter(|one| one.of == "owner" && one.same_as.is_none());
        let mut responses: BTreeSet<&str> = named.map(|one| one.response.as_str()).collect();
        let accepted = |claim: &&(Claim, i64, usize)| claim.0.judged.standing == ClaimStanding::Accepted;
        responses.extend(self.claims.claims.iter().filter(accepted).map(|(claim, ..)| claim.response.as_str()));
        responses.len()
    }

    /// Counts by cell of `CELL`'s size, the largest first.
    #[must_use]
    pub fn cells(&self) -> Vec<(CellIndex, i64)> {
        let mut cells: BTreeMap<CellIndex, i64> = BTreeMap::new();
        for place in &self.places {
            if let Some(cell) = place.cell {
                *cells.entry(cell).or_default() += place.received;
            }
        }
        let mut cells: Vec<_> = cells.into_iter().collect();
        cells.sort_by_key(|(cell, count)| (std::cmp::Reverse(*count), *cell));
        cells
    }
}

/// A week of a unit.
pub struct Week {
    /// Its Monday, in UTC.
    pub from: NaiveDate,
    /// What came in, in all.
    pub total: Tally,
    /// By kind, channel, language and state.
    pub by: BTreeMap<&'static str, BTreeMap<String, Tally>>,
    /// By appeal.
    pub appeals: Vec<WeekOfAppeal>,
}

/// What a week brought to an appeal.
#[derive(Clone, Debug, Default)]
pub struct WeekOfAppeal {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What came in.
    pub tally: Tally,
    /// What came of it.
    pub outcome: WeekOutcome,
}

/// What came of answers in a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeekOutcome {
    /// Victims identified.
    pub victims: usize,
    /// Owners named.
    pub owners: usize,
    /// Pieces that were claimed.
    pub claimed: usize,
    /// Pieces that were handed over.
    pub returned: usize,
}

impl Week {
    /// What came of all answers.
    #[must_use]
    pub fn outcome(&self) -> WeekOutcome {
        self.appeals.iter().fold(WeekOutcome::default(), |sum, of| WeekOutcome {
            victims: sum.victims + of.outcome.victims,
            owners: sum.owners + of.outcome.owners,
            claimed: sum.claimed + of.outcome.claimed,
            returned: sum.returned + of.outcome.returned,
        })
    }
}

/// What came in during the week of a day, for the actor's unit.
pub fn week(conn: &mut Conn, app: &App, actor: &Actor, day: Option<NaiveDate>) -> Result<Week, AppError> {
    let now = app.clock.now(conn)?;
    actor.may(Permission::ReadAppeals, now)?;
    let day = day.unwrap_or(now.date_naive());
    let outside = || AppError::from(vec![Fault::at("/of", "unknown-value").with("value", day)]);
    let from = day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).ok_or_else(outside)?;
    let to = from.checked_add_days(Days::new(7)).ok_or_else(outside)?;
    let midnight = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let came = counted::between(conn, &actor.unit, midnight(from), midnight(to))?;
    let (total, by) = tally(&came);
    let mut of: BTreeMap<String, Vec<Counted>> = BTreeMap::new();
    for one in came {
        of.entry(one.appeal.clone()).or_default().push(one);
    }
    let mut outcomes: BTreeMap<String, WeekOutcome> = BTreeMap::new();
    for (appeal, whom, elsewhere) in identifications::between(conn, &actor.unit, midnight(from), midnight(to))? {
        let outcome = outcomes.entry(appeal).or_default();
        outcome.victims += usize::from(whom == "victim" && !elsewhere);
        outcome.owners += usize::from(whom == "owner" && !elsewhere);
    }
    let (claimed, returned) = claim_rows::between(conn, &actor.unit, midnight(from), midnight(to))?;
    for (appeal, _) in claimed {
        outcomes.entry(appeal).or_default().claimed += 1;
    }
    for (appeal, _) in returned {
        outcomes.entry(appeal).or_default().returned += 1;
    }
    for appeal in outcomes.keys() {
        of.entry(appeal.clone()).or_default();
    }
    let mut listed = Vec::new();
    for (id, counted) in of {
        let parsed = AppealId::parse(&id).map_err(|e| AppError::Broken(e.to_string()))?;
        let (title, outcome) =
            (appeals::any(conn, &parsed)?.draft.title.clone(), outcomes.remove(&id).unwrap_or_default());
        listed.push(WeekOfAppeal { id, title, tally: tally(&counted).0, outcome });
    }
    Ok(Week { from, total, by, appeals: listed })
}
