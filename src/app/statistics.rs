//! What an appeal brought, in numbers: nothing here names, places or times a single answer more finely than to the minute
//! and the municipality, and those two are never joined.

use super::claims::{self, Overview};
use super::intake::middle;
use super::{App, AppError};
use crate::db::claims as claim_rows;
use crate::db::counted::{self, Counted};
use crate::db::{Conn, appeals, dispatches, ledger};
use crate::domain::actor::{Actor, Permission};
use crate::domain::faults::Fault;
use crate::domain::ids::AppealId;
use crate::domain::outcome::Outcome;
use crate::domain::place::PlaceCode;
use crate::domain::response::{ResponseKind, ResponseState};
use chrono::{DateTime, Datelike, Days, DurationRound, NaiveDate, TimeDelta, Utc};
use h3o::{CellIndex, Resolution};
use std::collections::BTreeMap;

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

fn place(app: &App, code: String, received: i64) -> PlaceCount {
    let parsed = PlaceCode::parse(&code).ok();
    let middle = parsed.as_ref().and_then(|code| middle(app, code));
    PlaceCount {
        name: parsed.as_ref().map(|code| app.gazetteer.candidate(code).name).unwrap_or_default(),
        middle: middle.map(|at| (at.lat(), at.lng())),
        cell: middle.map(|at| at.to_cell(CELL)),
        code,
        received,
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
    let mut reached = 0;
    for dispatch in dispatches::dispatches_of(conn, id)? {
        let sent = dispatches::tally(conn, &dispatch.id)?;
        reached += sent.iter().filter(|tally| tally.purpose == "appeal").map(|tally| tally.sent).sum::<i64>();
    }
    let places = claim_rows::places(conn, id)?.into_iter().map(|(code, received)| place(app, code, received));
    Ok(Statistics {
        identified: all.iter().filter(useful_identification).count(),
        total,
        by,
        minutes,
        places: places.collect(),
        claims: claims::overview(conn, &appeal, None)?,
        reached,
        outcome: appeal.outcome,
        committed_cents: ledger::budget(conn, id)?.map(|budget| budget.committed_cents),
    })
}

impl Statistics {
    /// What one useful answer cost, rounded to the cent; none when nothing was spent or nothing was useful.
    #[must_use]
    pub fn cents_per_useful(&self) -> Option<i64> {
        let useful = i64::try_from(self.total.useful).ok().filter(|useful| *useful > 0)?;
        self.committed_cents.map(|cents| (cents + useful / 2) / useful)
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
    /// By appeal: id and title.
    pub appeals: Vec<(String, String, Tally)>,
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
    let mut listed = Vec::new();
    for (id, counted) in of {
        let parsed = AppealId::parse(&id).map_err(|e| AppError::Broken(e.to_string()))?;
        listed.push((id, appeals::any(conn, &parsed)?.draft.title.clone(), tally(&counted).0));
    }
    Ok(Week { from, total, by, appeals: listed })
}
