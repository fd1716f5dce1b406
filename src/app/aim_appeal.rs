//! What one advertising platform can express of an appeal's target area: the aim, inside the authorised zone where a
//! decision makes it a limit. How an aim is found is `area::aim`'s, how it is written `channels::targeting`'s; nothing is
//! sent from here.

use super::{App, AppError, channel_places};
use crate::area::aim::{AimError, PlaceTask, Task, aim, aim_by_places};
use crate::channels::targeting::CirclePlatform;
use crate::channels::targeting::x::{MOST_PLACES, X, batches};
use crate::db::{Conn, authorisations};
use crate::domain::aim::{AimEffort, AimGoal, AimPlatform, Circles, Fit};
use crate::domain::area::{CellSet, TargetArea};
use crate::domain::channel_place::ChannelPlace;
use crate::domain::ids::AppealId;
use crate::domain::language::Language;
use serde_json::Value;

/// The circles a platform takes; none where it takes places of its own.
#[must_use]
pub const fn circles(platform: AimPlatform) -> Option<CirclePlatform> {
    match platform {
        AimPlatform::Meta => Some(CirclePlatform::Meta),
        AimPlatform::Google => Some(CirclePlatform::Google),
        AimPlatform::X => None,
    }
}

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// On which platform.
    pub platform: AimPlatform,
    /// Only the cells where this language is official.
    pub language: Option<Language>,
    /// How long to search.
    pub effort: AimEffort,
}

/// An aim.
#[derive(Clone, Debug, PartialEq)]
pub struct AppealAim {
    /// The platform's own JSON, one object a unit (ad set, campaign, batch).
    pub targeting: Vec<Value>,
    /// The circles of each unit; none on a platform of places.
    pub units: Vec<Circles>,
    /// The platform's places, by id and name; none on a platform of circles.
    pub places: Vec<(String, String)>,
    /// How well it fits.
    pub fit: Fit,
    /// Whether 99 % of the inhabitants and 95 % of every municipality's are reached.
    pub met: bool,
}

/// The zone no advertisement may leave: what all decisions that make their area a limit cover together; none when no
/// decision does. Withdrawn decisions do not count.
pub fn limit(conn: &mut Conn, appeal: &AppealId) -> Result<Option<CellSet>, AppError> {
    let standing = authorisations::of_appeal(conn, appeal)?.into_iter();
    let limits = standing
        .filter(|stored| stored.record.withdrawal.is_none() && stored.record.authorisation.scope.area_is_limit)
        .filter_map(|stored| stored.cells);
    Ok(limits.reduce(|all, next| all.intersection(&next)))
}

/// The part of an area where a language is official; all of it without one.
pub fn part(area: &TargetArea, language: Option<Language>) -> Result<CellSet, AppError> {
    let Some(language) = language else { return Ok(area.cells.clone()) };
    let cells = area.split.by_language.get(&language).filter(|cells| !cells.is_empty());
    cells.cloned().ok_or(AppError::Conflict { code: "aim-language" })
}

/// Finds the aim: seconds on one core, so never inside a transaction. `listed` is the stored list of X.
pub fn find(
    app: &App,
    area: &TargetArea,
    limit: Option<&CellSet>,
    wish: Wish,
    listed: &[ChannelPlace],
) -> Result<AppealAim, AppError> {
    let target = part(area, wish.language)?;
    let goal = AimGoal::default();
    if let Some(platform) = circles(wish.platform) {
        let task = Task { target: &target, fence: limit, limits: platform.limits(), goal, effort: wish.effort };
        let aimed = aim(app.gazetteer, &task).map_err(refused)?;
        let targeting = platform.targeting(&aimed.units, wish.language);
        return Ok(AppealAim { targeting, units: aimed.units, places: Vec::new(), fit: aimed.fit, met: aimed.met });
    }
    if listed.is_empty() {
        return Err(AppError::Conflict { code: "aim-no-list" });
    }
    let places = app.gazetteer.place_groups(listed, &target);
    let task = PlaceTask { target: &target, fence: limit, places: &places, most: MOST_PLACES, goal };
    let aimed = aim_by_places(app.gazetteer, &task).map_err(refused)?;
    let chosen = || aimed.rows.iter().filter_map(|row| listed.get(*row)).map(|place| &place.listed);
    let ids: Vec<&str> = chosen().map(|place| place.id.as_str()).collect();
    let targeting = batches(&ids, &X::default(), wish.language);
    let places = chosen().map(|place| (place.id.clone(), place.name.clone())).collect();
    Ok(AppealAim { targeting, units: Vec::new(), places, fit: aimed.fit, met: aimed.met })
}

/// The stored list, where the platform needs one.
pub fn listed(conn: &mut Conn, app: &App, platform: AimPlatform) -> Result<Vec<ChannelPlace>, AppError> {
    match platform {
        AimPlatform::Meta | AimPlatform::Google => Ok(Vec::new()),
        AimPlatform::X => Ok(channel_places::stored(conn, app.gazetteer)?.into_iter().map(|row| row.place).collect()),
    }
}

fn refused(error: AimError) -> AppError {
    let code = match error {
        AimError::Empty => "aim-language",
        AimError::OffTheMap => "outline-at-antimeridian",
        AimError::NoPlace { .. } => "aim-no-place",
        AimError::Fenced(_) => "aim-no-room",
    };
    AppError::Conflict { code }
}
