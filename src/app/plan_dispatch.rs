//! The dry run: everything that would be sent, with every reason why it may not be. Reads only; the same code builds the
//! plan that is signed and the plan that is sent.

use super::standing::{self, Standing};
use super::{App, AppError, advertise, check_texts, content};
use crate::db::Conn;
use crate::db::access::{self, Unit};
use crate::db::appeals::Appeal;
use crate::db::authorisations::Stored;
use crate::domain::area::{CellRange, CellSet, SUBSCRIBER_RESOLUTION};
use crate::domain::canonical;
use crate::domain::dispatch::distinct;
use crate::domain::gate::{self, Authority, Refusal};
use crate::domain::language::Language;
use crate::domain::media::MediaDigest;
use crate::domain::paid::shares;
use crate::domain::plan::{Plan, PlanDigest, PlanItem};
use crate::domain::scope::ChannelKind;
use crate::lint::Report;
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::BTreeSet;

/// Who of the subscribers gets the text of one language.
#[derive(Clone, Debug)]
pub struct Audience {
    /// The text's language.
    pub text: Language,
    /// The language these subscribers chose.
    pub chosen: Language,
    /// Where they live, in the subscribers' resolution.
    pub ranges: Vec<CellRange>,
}

/// A dry run.
pub struct Preview {
    /// The plan; none while something it is made of is missing.
    pub plan: Option<Plan>,
    /// Why it may not be sent now, the chain's answer aside.
    pub refusals: Vec<Refusal>,
    /// How it stands with the law, and the moment it was judged at.
    pub standing: Standing,
    /// When it was judged.
    pub at: DateTime<Utc>,
    /// What the checks of texts and pictures found.
    pub report: Report,
    /// Active subscribers per language of the text; not part of the digest, because people come and go.
    pub audience: Vec<(Language, i64)>,
}

impl Preview {
    /// What validators sign.
    #[must_use]
    pub fn digest(&self) -> Option<PlanDigest> {
        self.plan.as_ref().map(Plan::digest)
    }
}

/// The digest of a target area as the plan names it.
fn area_digest(cells: &CellSet) -> String {
    canonical::digest(&json!(cells.to_hex()))
}

/// Builds the plan of an appeal as it stands; pure but for the words and places it looks up.
pub(super) fn build(
    app: &App,
    appeal: &Appeal,
    unit: &Unit,
    stored: &Stored,
    under: &Authority<'_>,
) -> Result<Option<Plan>, AppError> {
    let (Some(area), Some(ends_at)) = (&appeal.area, under.valid_until()) else { return Ok(None) };
    let decision = &stored.record.authorisation;
    let mut items = Vec::new();
    let paid = appeal.draft.channels.iter().filter(|channel| channel.is_paid()).count() * appeal.draft.notices.len();
    let mut caps = shares(appeal.draft.budget_cents.unwrap_or(0), paid).into_iter();
    for channel in &appeal.draft.channels {
        for notice in appeal.draft.notices.values() {
            let shown = content::shown_media(appeal, notice.language);
            let mut shows = content::render(app, appeal, unit, decision, notice, *channel)?;
            if let (true, Some(shows)) = (channel.is_paid(), shows.as_object_mut()) {
                shows.insert("cap_cents".to_owned(), json!(caps.next().unwrap_or(0)));
            }
            items.push(PlanItem {
                channel: *channel,
                language: notice.language,
                text: notice.digest(),
                media: shown
                    .iter()
                    .map(|picture| picture.digest.clone())
                    .collect::<BTreeSet<MediaDigest>>()
                    .into_iter()
                    .collect(),
                lots: appeal.lots.iter().map(|lot| lot.number).collect(),
                plate: appeal.draft.subject.vehicle().is_some_and(|vehicle| vehicle.plate.is_some()),
                content: shows,
            });
        }
    }
    Ok(Some(Plan {
        appeal: appeal.id.clone(),
        authorisations: under.records().map(|record| record.authorisation.id.clone()).collect(),
        area_digest: area_digest(&area.cells),
        schedule: appeal.draft.schedule,
        ends_at,
        budget_cents: appeal.draft.budget_cents,
        items,
    }))
}

/// Who gets the text of which language: everyone who chose a language the appeal has gets that; the others get the
/// first language of their place that it has. Nobody is in two audiences.
#[must_use]
pub fn audiences(appeal: &Appeal) -> Vec<Audience> {
    let Some(area) = &appeal.area else { return Vec::new() };
    let written: BTreeSet<Language> = appeal.draft.notices.keys().copied().collect();
    let mut audiences = Vec::new();
    for chosen in Language::ALL {
        if written.contains(&chosen) {
            audiences.push(Audience { text: chosen, chosen, ranges: area.subscriber_ranges() });
            continue;
        }
        let mut left = area.cells.clone();
        for text in &written {
            if let Some(cells) = area.split.by_language.get(text) {
                let here = left.intersection(cells);
                left = left.difference(cells);
                if !here.is_empty() {
                    audiences.push(Audience { text: *text, chosen, ranges: here.ranges(SUBSCRIBER_RESOLUTION) });
                }
            }
        }
        // Outside every known regime: the appeal's first language, rather than nothing.
        if let (Some(text), false) = (written.first(), left.is_empty()) {
            audiences.push(Audience { text: *text, chosen, ranges: left.ranges(SUBSCRIBER_RESOLUTION) });
        }
    }
    audiences
}

/// The dry run of an appeal as it stands.
pub fn preview(conn: &mut Conn, app: &App, appeal: &Appeal) -> Result<Preview, AppError> {
    let now = app.clock.now(conn)?;
    preview_at(conn, app, appeal, now)
}

/// The dry run of an appeal as it stands, judged at a moment to come.
pub(super) fn preview_at(conn: &mut Conn, app: &App, appeal: &Appeal, now: DateTime<Utc>) -> Result<Preview, AppError> {
    let standing = standing::load(conn, app, appeal)?;
    let under = standing.authority(app, appeal, now);
    let mut refusals = gate::authority_refusals(&under);
    let written: BTreeSet<Language> = appeal.draft.notices.keys().copied().collect();
    if written.is_empty() {
        refusals.push(Refusal::NoNotice);
    }
    if let Some(area) = &appeal.area {
        refusals.extend(gate::missing_languages(&area.split.languages().collect(), &written));
    }
    if appeal.draft.kind().has_lots() && appeal.lots.is_empty() {
        refusals.push(Refusal::NoLots);
    }
    let unit = access::unit(conn, &appeal.unit)?;
    let plan = match standing.home(appeal, now) {
        Some(stored) => build(app, appeal, &unit, stored, &under)?,
        None => None,
    };
    for item in plan.iter().flat_map(|plan| &plan.items) {
        refusals.extend(gate::item_refusals(item, &appeal.media, &under));
        if item.channel.is_paid() {
            if app.ports.port(item.channel).is_none() {
                refusals.push(Refusal::NotServed(item.channel.code()));
            }
            // A campaign without a cent would be one without a limit on some platforms.
            if advertise::cap_of(&item.content) <= 0 {
                refusals.push(Refusal::Budget);
            }
        }
    }
    drop(under);
    let report = check_texts::report(conn, app, appeal, &unit, &standing, now)?;
    refusals.extend(check_texts::refusals(&report));
    let mut audience: Vec<(Language, i64)> = Vec::new();
    if appeal.draft.channels.contains(&ChannelKind::Email) {
        let view = app.audience.view(conn)?;
        for group in audiences(appeal) {
            let people = view.count(conn, group.chosen, &group.ranges)?;
            match audience.iter_mut().find(|(text, _)| *text == group.text) {
                Some((_, sum)) => *sum += people,
                None => audience.push((group.text, people)),
            }
        }
    }
    Ok(Preview { plan, refusals: distinct(refusals), standing, at: now, report, audience })
}
