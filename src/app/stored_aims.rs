//! The aims a plan signs: found once, seconds on one core and outside any transaction, then kept with what they were made from.
//! A plan only reads them; workers find them: [`next`], [`find`], [`keep`].

use super::aim_appeal::{self, NoAim, Wish};
use super::{App, AppError};
use crate::area::aim::AimError;
use crate::config;
use crate::db::Conn;
use crate::db::aims::{self as rows, Stored};
use crate::db::appeals::{self, Appeal};
use crate::domain::advert::{AdAim, Placement};
use crate::domain::aim::{AimEffort, AimPlatform};
use crate::domain::area::{CellSet, TargetArea};
use crate::domain::canonical;
use crate::domain::language::Language;
use crate::domain::refusal::NoAdAim;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The aims of an appeal that hold for its area as it stands.
#[derive(Clone, Debug, Default)]
pub struct Aims(BTreeMap<(AimPlatform, Language), Result<AdAim, NoAdAim>>);

impl Aims {
    /// The aim on a platform in a language, or why there is none.
    pub fn aim(&self, platform: AimPlatform, language: Language) -> Result<&AdAim, NoAdAim> {
        match self.0.get(&(platform, language)) {
            None => Err(NoAdAim::Pending),
            Some(Ok(aim)) => Ok(aim),
            Some(Err(why)) => Err(*why),
        }
    }
}

/// Whether anybody in the area has a language as an official one: in the others nothing is advertised.
#[must_use]
pub fn is_spoken(area: &TargetArea, language: Language) -> bool {
    area.split.by_language.get(&language).is_some_and(|cells| !cells.is_empty())
}

/// An aim that has to be found.
#[derive(Clone)]
pub struct Wanted {
    wish: Wish,
    language: Language,
    source: String,
}

fn wishes(app: &App, appeal: &Appeal, area: &TargetArea) -> Vec<(Language, Wish)> {
    let effort = match app.config.ads.aim_effort {
        config::AimEffort::Full => AimEffort::Full,
        config::AimEffort::Quick => AimEffort::Quick,
    };
    let mut wishes = Vec::new();
    // By language first: side by side, platforms need different searches, languages of one place the same.
    for language in appeal.draft.notices.keys().copied().filter(|language| is_spoken(area, *language)) {
        for platform in appeal.draft.channels.iter().filter_map(|channel| channel.platform()) {
            wishes.push((language, Wish { language: Some(language), effort, ..Wish::of(platform) }));
        }
    }
    wishes
}

/// Digest of everything an aim depends on but the platform's own list of places: a weekly refresh of that changes no plan
/// that was signed.
fn source(area: &TargetArea, zone: Option<&CellSet>, wish: Wish) -> String {
    let effort = if wish.effort == AimEffort::Quick { "quick" } else { "full" };
    canonical::digest(&json!({
        "cells": area.cells.to_hex(), "zone": zone.map(CellSet::to_hex), "effort": effort,
        "index": area.index_version, "weights": "inhabitants", "language": wish.language.map(Language::code),
    }))
}

fn read(document: &str) -> Option<Result<AdAim, NoAdAim>> {
    let document: Value = serde_json::from_str(document).ok()?;
    match document.get("none").and_then(Value::as_str) {
        Some(code) => NoAdAim::parse(code).map(Err),
        None => AdAim::from_document(&document).map(Ok),
    }
}

/// The aims that hold, and those that have to be found before a plan is whole.
pub fn load(conn: &mut Conn, app: &App, appeal: &Appeal) -> Result<(Aims, Vec<Wanted>), AppError> {
    let Some(area) = &appeal.area else { return Ok((Aims::default(), Vec::new())) };
    let wishes = wishes(app, appeal, area);
    if wishes.is_empty() {
        return Ok((Aims::default(), Vec::new()));
    }
    let zone = aim_appeal::limit(conn, &appeal.id)?;
    let kept = rows::of_appeal(conn, &appeal.id)?;
    let (mut aims, mut wanted) = (BTreeMap::new(), Vec::new());
    let takes_places = wishes.iter().any(|(_, wish)| wish.platform == AimPlatform::X);
    let no_list = takes_places && !crate::db::channel_places::is_known(conn)?;
    for (language, wish) in wishes {
        if no_list && wish.platform == AimPlatform::X {
            // Nothing to search in; a list may come.
            aims.insert((wish.platform, language), Err(NoAdAim::NoList));
            continue;
        }
        let source = source(area, zone.as_ref(), wish);
        let row = kept.iter().find(|row| (row.platform, row.language) == (wish.platform, language));
        match row.filter(|row| row.source == source).and_then(|row| read(&row.document)) {
            Some(found) if found != Err(NoAdAim::NoList) => {
                aims.insert((wish.platform, language), found);
            }
            _ => wanted.push(Wanted { wish, language, source }),
        }
    }
    Ok((Aims(aims), wanted))
}

/// Everything [`find`] needs, read in one transaction.
pub struct Task {
    wanted: Vec<Wanted>,
    zone: Option<CellSet>,
    listed: Vec<crate::domain::channel_place::ChannelPlace>,
}

impl Task {
    /// There is nothing to find.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }
}

/// Has the aims of an appeal found that advertises, beside the request that changed something they are made from.
pub fn ask(conn: &mut Conn, appeal: &Appeal, now: DateTime<Utc>) -> Result<(), AppError> {
    let is_ready = appeal.area.is_some() && !appeal.draft.notices.is_empty();
    let advertises = appeal.draft.channels.iter().any(|channel| channel.is_paid());
    if is_ready && advertises {
        rows::ask(conn, &appeal.id, now)?;
    }
    Ok(())
}

/// Whether aims of an appeal are missing; they are asked for where nobody did yet. Not for a read transaction.
pub fn ask_if_missing(conn: &mut Conn, app: &App, appeal: &Appeal) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    if load(conn, app, appeal)?.1.is_empty() {
        return Ok(false);
    }
    if !rows::is_asked(conn, &appeal.id)? {
        rows::ask(conn, &appeal.id, now)?;
    }
    Ok(true)
}

/// Whoever dies with aims in hand leaves them due again after this: the longest search, and some more.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Whether aims are due to be found. Only reads.
pub fn is_due(conn: &mut Conn, app: &App) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    Ok(rows::is_due(conn, now)?)
}

/// Aims in a worker's hand.
pub struct Job {
    /// Whose.
    pub appeal: Appeal,
    /// What has to be found.
    pub task: Task,
    fence: i64,
}

/// Claims an appeal whose aims are due.
pub fn next(conn: &mut Conn, app: &App) -> Result<Option<Job>, AppError> {
    let now = app.clock.now(conn)?;
    let Some((id, fence)) = rows::claim(conn, now, LEASE)? else { return Ok(None) };
    let appeal = appeals::any(conn, &id)?;
    let task = missing(conn, app, &appeal)?;
    Ok(Some(Job { appeal, task, fence }))
}

/// Keeps what was found of a job, and ends it.
pub fn record(conn: &mut Conn, app: &App, job: &Job, found: &[Stored]) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    keep(conn, app, &job.appeal, found)?;
    Ok(rows::done(conn, &job.appeal.id, job.fence, now)?)
}

/// What has to be found for an appeal's plan.
pub fn missing(conn: &mut Conn, app: &App, appeal: &Appeal) -> Result<Task, AppError> {
    let (_, wanted) = load(conn, app, appeal)?;
    let zone = if wanted.is_empty() { None } else { aim_appeal::limit(conn, &appeal.id)? };
    let needs_list = wanted.iter().any(|wanted| wanted.wish.platform == AimPlatform::X);
    let listed = if needs_list { aim_appeal::listed(conn, app, AimPlatform::X)? } else { Vec::new() };
    Ok(Task { wanted, zone, listed })
}

/// Finds them: seconds on one core each, so never inside a transaction. What cannot be aimed at for want of a list is not
/// kept, because the list may come.
#[must_use]
pub fn find(app: &App, area: &TargetArea, task: &Task) -> Vec<Stored> {
    let one = &|wanted: &Wanted| {
        let found = aim_appeal::find(app.gazetteer, area, task.zone.as_ref(), wanted.wish, &task.listed);
        let document = match found {
            Ok(aim) if aim.places.is_empty() => {
                let weights = aim_appeal::weights(app.gazetteer, area, wanted.wish, &aim.units);
                AdAim::of_circles(aim.units.into_iter().zip(weights).collect(), aim.fit).to_document()
            }
            Ok(aim) => {
                let ids = aim.places.iter().map(|place| place.listed.id.clone()).collect();
                AdAim { placement: Placement::Places(ids), fit: aim.fit }.to_document()
            }
            Err(why) => json!({"none": reason(why).code()}),
        };
        Stored {
            platform: wanted.wish.platform,
            language: wanted.language,
            source: wanted.source.clone(),
            document: document.to_string(),
        }
    };
    let side_by_side = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut all = Vec::new();
    for few in task.wanted.chunks(side_by_side) {
        let found: Vec<_> = std::thread::scope(|scope| {
            let begun: Vec<_> = few.iter().map(|wanted| scope.spawn(move || one(wanted))).collect();
            begun.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        // One that broke off is missing, and the plan says so.
        all.extend(found.into_iter().flatten());
    }
    all
}

const fn reason(why: NoAim) -> NoAdAim {
    match why {
        NoAim::NoList => NoAdAim::NoList,
        NoAim::Aim(AimError::NoPlace { .. }) => NoAdAim::NoPlace,
        NoAim::Aim(AimError::Fenced(_)) => NoAdAim::NoRoom,
        NoAim::Aim(AimError::OffTheMap | AimError::Empty) | NoAim::Language(_) => NoAdAim::OffTheMap,
    }
}

/// Keeps what was found for an appeal. Where a list came in the meantime, the next look finds more.
pub fn keep(conn: &mut Conn, app: &App, appeal: &Appeal, found: &[Stored]) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    for aim in found {
        rows::store(conn, &appeal.id, aim, now)?;
    }
    Ok(())
}
