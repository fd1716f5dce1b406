//! The dry run: everything that would be sent, with every reason why it may not be. Reads only; the same code builds the
//! plan that is signed and the plan that is sent.

use super::adverts::{self, PaidPart};
use super::standing::{self, Standing};
use super::stored_aims::{self, Aims};
use super::{App, AppError, advertise, check_texts, content};
use crate::db::access::{self, Unit};
use crate::db::ad_estimates::{self, Estimate};
use crate::db::appeals::Appeal;
use crate::db::authorisations::Stored;
use crate::db::{Conn, ad_accounts};
use crate::domain::area::{CellRange, CellSet, SUBSCRIBER_RESOLUTION};
use crate::domain::canonical;
use crate::domain::dispatch::distinct;
use crate::domain::gate::{self, Authority, Refusal};
use crate::domain::language::Language;
use crate::domain::media::MediaDigest;
use crate::domain::plan::{Plan, PlanDigest, PlanItem};
use crate::domain::scope::ChannelKind;
use crate::domain::stage::Stage;
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
    /// The paid parts, as people look at them before anything is made.
    pub paid: Vec<PaidPart>,
    /// What platforms said of planned campaigns, of this plan and of earlier ones.
    pub estimates: Vec<Estimate>,
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

/// A plan, and what of its paid parts cannot be made.
pub(super) struct Built {
    /// The plan.
    pub plan: Plan,
    /// What is missing.
    pub refusals: Vec<Refusal>,
}

/// Builds the plan of an appeal as it stands; pure but for the words and places it looks up.
pub(super) fn build(
    app: &App,
    appeal: &Appeal,
    unit: &Unit,
    stored: &Stored,
    under: &Authority<'_>,
    aims: &Aims,
) -> Result<Option<Built>, AppError> {
    let (Some(area), Some(ends_at)) = (&appeal.area, under.valid_until()) else { return Ok(None) };
    let decision = &stored.record.authorisation;
    let (mut items, mut refusals) = (Vec::new(), Vec::new());
    let mut caps = adverts::caps(appeal).into_iter();
    for channel in &appeal.draft.channels {
        for notice in appeal.draft.notices.values().filter(|one| adverts::is_shown(appeal, *channel, one.language)) {
            let shown = content::shown_media(appeal, notice.language);
            let mut shows = content::render(app, appeal, unit, decision, notice, *channel)?;
            if let Some(platform) = channel.platform() {
                let page = content::render(app, appeal, unit, decision, notice, ChannelKind::Page)?;
                let cap_cents = caps.next().unwrap_or(0);
                let part = adverts::Part { appeal, unit, notice, channel: *channel, platform, ends_at, cap_cents };
                refusals.extend(adverts::complete(app, aims, &part, &page, &mut shows));
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
    let plan = Plan {
        appeal: appeal.id.clone(),
        authorisations: under.records().map(|record| record.authorisation.id.clone()).collect(),
        area_digest: area_digest(&area.cells),
        schedule: appeal.draft.schedule,
        ends_at,
        budget_cents: appeal.draft.budget_cents,
        items,
    };
    Ok(Some(Built { plan, refusals }))
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
    let (aims, _) = stored_aims::load(conn, app, appeal)?;
    let built = match standing.home(appeal, now) {
        Some(stored) => build(app, appeal, &unit, stored, &under, &aims)?,
        None => None,
    };
    let (plan, missing) = built.map_or((None, Vec::new()), |built| (Some(built.plan), built.refusals));
    refusals.extend(missing);
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
    let (mut paid, mut estimates) = (Vec::new(), Vec::new());
    if let Some(plan) = plan.as_ref().filter(|plan| plan.items.iter().any(|item| item.channel.is_paid())) {
        estimates = ad_estimates::of_appeal(conn, &appeal.id)?;
        let accounts = ad_accounts::all(conn)?;
        paid = adverts::parts(app, appeal, plan, &aims, &estimates);
        let starts_at = appeal.draft.schedule.map_or(now, |at| at.max(now));
        refusals.extend(paid.iter().flat_map(|part| adverts::refusals(app, part, &accounts, starts_at)));
        for part in &mut paid {
            part.account = adverts::account_terms(conn, app, part.channel, now)?;
        }
        // What is out has its money set aside already.
        if !matches!(appeal.stage, Stage::Live | Stage::Scheduled) {
            refusals.extend(adverts::over_account_caps(&paid));
        }
    }
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
    let refusals = distinct(refusals);
    Ok(Preview { plan, refusals, standing, at: now, report, audience, paid, estimates })
}
