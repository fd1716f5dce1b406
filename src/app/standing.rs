//! How an appeal stands with the law at one moment: the rules as its unit applies them, the questions asked about it, the
//! decisions of every country it would be shown in. Loaded once, then asked through the gate.

use super::{App, AppError};
use crate::db::appeals::Appeal;
use crate::db::authorisations::Stored;
use crate::db::{Conn, authorisations, chain, rules};
use crate::domain::area::CellSet;
use crate::domain::authorisation::Line;
use crate::domain::gate::{Authority, Ground};
use crate::domain::ids::{AuthorisationId, UnitId};
use crate::domain::language::Language;
use crate::domain::place::Country;
use crate::domain::rules::{Assessment, Level, RuleBook, Sensitivity, When};
use crate::domain::scope::CoveredArea;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The rules of a unit: the installation's, changed by the units above it and by itself.
pub fn rules_of(conn: &mut Conn, app: &App, unit: &UnitId) -> Result<Arc<RuleBook>, AppError> {
    let changes = rules::overrides_for(conn, unit)?;
    Ok(if changes.is_empty() { app.rules.clone() } else { Arc::new(app.rules.with(&changes)) })
}

/// Everything the gate needs to know about an appeal.
pub struct Standing {
    /// The rules of its unit.
    pub rules: Arc<RuleBook>,
    /// Every list of questions that was asked, oldest first.
    pub assessments: Vec<Assessment>,
    /// Every decision, oldest first.
    pub records: Vec<Stored>,
    minor_discovered: Option<DateTime<Utc>>,
}

/// The part of the target area in one country; none without a target area.
struct Part {
    country: Country,
    cells: Option<CellSet>,
    languages: Option<BTreeSet<Language>>,
}

/// Loads how an appeal stands.
pub fn load(conn: &mut Conn, app: &App, appeal: &Appeal) -> Result<Standing, AppError> {
    Ok(Standing {
        rules: rules_of(conn, app, &appeal.unit)?,
        assessments: rules::assessments_of(conn, &appeal.id)?,
        records: authorisations::of_appeal(conn, &appeal.id)?,
        minor_discovered: chain::minor_discovered_at(conn, &appeal.id)?,
    })
}

/// Cuts the target area along the border. Cells of no country the gazetteer knows (the sea) go with the appeal's own.
fn parts(app: &App, appeal: &Appeal) -> Vec<Part> {
    let home = appeal.draft.country;
    let Some(area) = &appeal.area else { return vec![Part { country: home, cells: None, languages: None }] };
    let mut left = area.cells.clone();
    let mut abroad = Vec::new();
    for (country, territory) in app.territories().iter().filter(|(country, _)| *country != home) {
        let cells = left.intersection(territory);
        if cells.is_empty() {
            continue;
        }
        left = left.difference(territory);
        let languages = app.gazetteer.split_under(&cells, app.reading(None).facilities).languages().collect();
        abroad.push(Part { country: *country, cells: Some(cells), languages: Some(languages) });
    }
    let mut parts = vec![Part { country: home, cells: Some(left), languages: None }];
    parts.append(&mut abroad);
    parts
}

impl Standing {
    /// The gate's question under the decisions in force now.
    #[must_use]
    pub fn authority<'a>(&'a self, app: &App, appeal: &'a Appeal, now: DateTime<Utc>) -> Authority<'a> {
        self.asked(app, appeal, now, |country| self.in_force(country, now))
    }

    /// The gate's question under the decisions something was sent under and what follows from them: an extension or a
    /// change counts from its beginning, a decision of its own does not.
    #[must_use]
    pub fn authority_under<'a>(
        &'a self,
        app: &App,
        appeal: &'a Appeal,
        now: DateTime<Utc>,
        decisions: &[AuthorisationId],
    ) -> Authority<'a> {
        self.asked(app, appeal, now, |country| {
            let word = self.line(country, decisions)?.word_at(now);
            self.stored(&word.authorisation.id)
        })
    }

    /// The gate's question under what waits for the chain to carry something on, at the moment the last of it begins;
    /// none when nothing waits.
    #[must_use]
    pub fn authority_waiting<'a>(
        &'a self,
        app: &App,
        appeal: &'a Appeal,
        now: DateTime<Utc>,
        decisions: &[AuthorisationId],
    ) -> Option<Authority<'a>> {
        let waiting = |country| Some(self.line(country, decisions)?.waits()?.authorisation.clone());
        let all: Vec<_> = [Country::Be, Country::Fr].into_iter().filter_map(waiting).collect();
        let begins = all.iter().map(|decision| decision.valid_from).max()?.max(now);
        Some(self.asked(app, appeal, begins, |country| {
            let waits = all.iter().find(|decision| decision.country == country).map(|decision| decision.id.clone());
            self.stored(
                &waits.or_else(|| Some(self.line(country, decisions)?.word_at(begins).authorisation.id.clone()))?,
            )
        }))
    }

    /// Until when something sent under these decisions may stay out; none when they are not about this appeal.
    #[must_use]
    pub fn ends_under(&self, now: DateTime<Utc>, decisions: &[AuthorisationId]) -> Option<DateTime<Utc>> {
        let of = |country| Some(self.line(country, decisions)?.ends_at(now));
        [Country::Be, Country::Fr].into_iter().filter_map(of).min()
    }

    /// Whether a decision counts, or will, for what was sent under these.
    #[must_use]
    pub fn follows(&self, decisions: &[AuthorisationId], id: &AuthorisationId) -> bool {
        let of = |country| self.line(country, decisions).is_some_and(|line| line.names(id));
        [Country::Be, Country::Fr].into_iter().any(of)
    }

    /// Whether a later decision says more about what was sent under these.
    #[must_use]
    pub fn is_followed(&self, decisions: &[AuthorisationId]) -> bool {
        let of = |country| self.line(country, decisions).is_some_and(|line| line.is_followed());
        [Country::Be, Country::Fr].into_iter().any(of)
    }

    fn line(&self, country: Country, decisions: &[AuthorisationId]) -> Option<Line<'_>> {
        let of_country = self.records.iter().map(|stored| &stored.record);
        Line::of(of_country.filter(|record| record.authorisation.country == country), decisions)
    }

    /// The decision of an id.
    #[must_use]
    pub fn stored(&self, id: &AuthorisationId) -> Option<&Stored> {
        self.records.iter().find(|stored| stored.record.authorisation.id == *id)
    }

    /// The decision to judge by in the appeal's own country: the one in force, else the latest.
    #[must_use]
    pub fn home<'a>(&'a self, appeal: &Appeal, now: DateTime<Utc>) -> Option<&'a Stored> {
        self.in_force(appeal.draft.country, now).or_else(|| self.records.last())
    }

    /// A country's decision to judge by: the latest that is verified, not withdrawn and valid now; else the latest, so
    /// that its shortcomings can be named.
    fn in_force(&self, country: Country, now: DateTime<Utc>) -> Option<&Stored> {
        let mut of_country = self.records.iter().rev().filter(|stored| stored.record.authorisation.country == country);
        let holds = |stored: &&Stored| stored.record.holds(now);
        of_country.clone().find(holds).or_else(|| of_country.next())
    }

    fn asked<'a>(
        &'a self,
        app: &App,
        appeal: &'a Appeal,
        now: DateTime<Utc>,
        decision: impl Fn(Country) -> Option<&'a Stored>,
    ) -> Authority<'a> {
        let grounds = parts(app, appeal).into_iter().map(|part| {
            // A decision of another country recorded for an appeal at home is named as such, not passed over.
            let stored = decision(part.country)
                .or_else(|| (part.country == appeal.draft.country).then(|| self.records.last()).flatten());
            Ground {
                country: part.country,
                record: stored.map(|stored| &stored.record),
                area_covered: part.cells.as_ref().map(|cells| covers(app, part.country, cells, stored)),
                languages: part.languages,
            }
        });
        Authority {
            now,
            rules: &self.rules,
            country: appeal.draft.country,
            subject: &appeal.draft.subject,
            assessments: &self.assessments,
            minor_discovered: self.minor_discovered,
            grounds: grounds.collect(),
            budget_cents: appeal.draft.budget_cents,
        }
    }

    /// The levels a plan of the appeal passes, and how sensitive it is.
    #[must_use]
    pub fn chain(&self, appeal: &Appeal, now: DateTime<Utc>) -> (Sensitivity, &[Level]) {
        let scope = self.home(appeal, now).map(|stored| &stored.record.authorisation.scope);
        let facts = When::facts(|when| match when {
            When::Pictures => !appeal.media.is_empty(),
            When::Minor => self.minor_discovered.is_some() || appeal.media.iter().any(|media| media.minor),
            When::Paid => appeal.draft.budget_cents.is_some_and(|cents| cents > 0),
            When::National => scope.is_some_and(|scope| scope.filed_area().is_none()),
        });
        self.rules.chain(appeal.draft.kind(), &facts)
    }
}

/// Whether a decision's area covers cells of its country. National and European decisions cover what the gazetteer knows
/// as the country's territory, and nothing beyond: what is shown in another country needs that country's decision.
fn covers(app: &App, country: Country, cells: &CellSet, stored: Option<&Stored>) -> bool {
    let Some(stored) = stored else { return false };
    match &stored.record.authorisation.scope.area {
        CoveredArea::Area(_) => stored.cells.as_ref().is_some_and(|covered| cells.is_subset_of(covered)),
        CoveredArea::National | CoveredArea::European => {
            app.territories().iter().any(|(of, territory)| *of == country && cells.is_subset_of(territory))
        }
    }
}
