//! What one advertising platform can express of an appeal's target area: the aim, inside the authorised zone where a
//! decision makes it a limit. How an aim is found is `area::aim`'s, how it is written `channels::targeting`'s; nothing is
//! sent from here.

use super::{App, AppError, channel_places};
use crate::area::Gazetteer;
use crate::area::aim::{AimError, Aimed, PlaceTask, Task, aim, aim_by_places, weigh};
use crate::channels::targeting::CirclePlatform;
use crate::channels::targeting::x::{MOST_PLACES, X, batches};
use crate::db::{Conn, authorisations};
use crate::domain::advert::Weight;
use crate::domain::aim::{AimEffort, AimGoal, AimPlatform, CircleLimits, Circles, Fit};
use crate::domain::area::{CellSet, TargetArea};
use crate::domain::canonical;
use crate::domain::channel_place::ChannelPlace;
use crate::domain::ids::AppealId;
use crate::domain::language::Language;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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
    /// How much to reach, or to spill.
    pub goal: AimGoal,
    /// Whether excluding circles may be used where the platform has them.
    pub exclusions: bool,
    /// At most so many units (ad sets, campaigns); as many as the platform takes without a word.
    pub units: Option<usize>,
}

impl Wish {
    /// What is wanted unless more is said: everybody, the whole area, all the platform offers.
    #[must_use]
    pub fn of(platform: AimPlatform) -> Self {
        let (effort, goal) = (AimEffort::Full, AimGoal::default());
        Self { platform, language: None, effort, goal, exclusions: true, units: None }
    }

    fn limits(&self, platform: CirclePlatform) -> CircleLimits {
        let limits = platform.limits();
        let exclusions = if self.exclusions { limits.exclusions } else { 0 };
        let units = self.units.unwrap_or(limits.units).clamp(1, limits.units);
        CircleLimits { exclusions, units, ..limits }
    }
}

/// An aim.
#[derive(Clone, Debug, PartialEq)]
pub struct AppealAim {
    /// The platform's own JSON, one object a unit (ad set, campaign, batch).
    pub targeting: Vec<Value>,
    /// The circles of each unit; none on a platform of places.
    pub units: Vec<Circles>,
    /// The platform's places; none on a platform of circles.
    pub places: Vec<ChannelPlace>,
    /// How well it fits.
    pub fit: Fit,
    /// Whether the goal is met.
    pub met: bool,
}

/// Why there is no aim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAim {
    /// No cell of the area has the language.
    #[error("nobody in the area has {0} as an official language")]
    Language(Language),
    /// A platform of places, and no list of them.
    #[error(
        "X is aimed at by the ids of its own places, and none are stored: import its list with \
         `tocsin channel places import`"
    )]
    NoList,
    /// There is none with what the platform takes.
    #[error(transparent)]
    Aim(#[from] AimError),
}

impl From<NoAim> for AppError {
    fn from(why: NoAim) -> Self {
        let code = match why {
            NoAim::Language(_) | NoAim::Aim(AimError::Empty) => "aim-language",
            NoAim::NoList => "aim-no-list",
            NoAim::Aim(AimError::OffTheMap) => "outline-at-antimeridian",
            NoAim::Aim(AimError::NoPlace { .. }) => "aim-no-place",
            NoAim::Aim(AimError::Fenced(_)) => "aim-no-room",
        };
        Self::Conflict { code }
    }
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
pub fn part(area: &TargetArea, language: Option<Language>) -> Result<CellSet, NoAim> {
    let Some(language) = language else { return Ok(area.cells.clone()) };
    let cells = area.split.by_language.get(&language).filter(|cells| !cells.is_empty());
    cells.cloned().ok_or(NoAim::Language(language))
}

/// Searches kept in memory: the plan, its pictures and the aim itself ask for the same one.
const KEPT: usize = 24;

type Found = Result<Aimed, AimError>;

/// What was searched for lately, newest last. A search is the same every time, so whoever asks while it runs waits for it.
static SEARCHES: Mutex<Vec<(String, Arc<OnceLock<Found>>)>> = Mutex::new(Vec::new());

fn key_of(gazetteer: &Gazetteer, task: &Task<'_>) -> String {
    canonical::digest(&json!({
        "index": gazetteer.version(), "target": task.target.to_hex(), "fence": task.fence.map(CellSet::to_hex),
        "how": format!("{:?} {:?} {:?}", task.limits, task.goal, task.effort),
    }))
}

/// Whether somebody searches for exactly this already.
#[must_use]
pub fn is_searched(gazetteer: &Gazetteer, area: &TargetArea, fence: Option<&CellSet>, wish: Wish) -> bool {
    let (Ok(target), Some(platform)) = (part(area, wish.language), circles(wish.platform)) else { return false };
    let Wish { goal, effort, .. } = wish;
    let key = key_of(gazetteer, &Task { target: &target, fence, limits: wish.limits(platform), goal, effort });
    let kept = SEARCHES.lock().unwrap_or_else(PoisonError::into_inner);
    kept.iter().any(|(known, search)| *known == key && search.get().is_none())
}

fn searched(gazetteer: &Gazetteer, task: &Task<'_>) -> Found {
    let key = key_of(gazetteer, task);
    let search = {
        let mut kept = SEARCHES.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().position(|(known, _)| *known == key);
        let search = known.map_or_else(Arc::default, |at| kept.remove(at).1);
        kept.push((key, Arc::clone(&search)));
        let more = kept.len().saturating_sub(KEPT);
        kept.drain(..more);
        search
    };
    search.get_or_init(|| aim(gazetteer, task)).clone()
}

/// Finds the aim: seconds on one core, so never inside a transaction. `listed` is the platform's own list of places.
pub fn find(
    gazetteer: &Gazetteer,
    area: &TargetArea,
    fence: Option<&CellSet>,
    wish: Wish,
    listed: &[ChannelPlace],
) -> Result<AppealAim, NoAim> {
    let target = &part(area, wish.language)?;
    let Wish { goal, effort, .. } = wish;
    if let Some(platform) = circles(wish.platform) {
        let aimed = searched(gazetteer, &Task { target, fence, limits: wish.limits(platform), goal, effort })?;
        let targeting = platform.targeting(&aimed.units, wish.language);
        return Ok(AppealAim { targeting, units: aimed.units, places: Vec::new(), fit: aimed.fit, met: aimed.met });
    }
    if listed.is_empty() {
        return Err(NoAim::NoList);
    }
    let groups = gazetteer.place_groups(listed, target);
    let aimed = aim_by_places(gazetteer, &PlaceTask { target, fence, places: &groups, most: MOST_PLACES, goal })?;
    let places: Vec<ChannelPlace> = aimed.rows.iter().filter_map(|row| listed.get(*row)).cloned().collect();
    let ids: Vec<&str> = places.iter().map(|place| place.listed.id.as_str()).collect();
    let targeting = batches(&ids, &X::default(), wish.language);
    Ok(AppealAim { targeting, units: Vec::new(), places, fit: aimed.fit, met: aimed.met })
}

/// How many people of the wish's cells each unit reaches: what its share of a budget is.
#[must_use]
pub fn weights(gazetteer: &Gazetteer, area: &TargetArea, wish: Wish, units: &[Circles]) -> Vec<Weight> {
    // Only Meta divides units further.
    let apart = wish.platform == AimPlatform::Meta;
    let counted = part(area, wish.language).ok().and_then(|target| weigh(gazetteer, &target, units, apart));
    counted.unwrap_or_else(|| vec![Weight::from(1); units.len()])
}

/// The stored list, where the platform needs one.
pub fn listed(conn: &mut Conn, app: &App, platform: AimPlatform) -> Result<Vec<ChannelPlace>, AppError> {
    match platform {
        AimPlatform::Meta | AimPlatform::Google => Ok(Vec::new()),
        AimPlatform::X => Ok(channel_places::stored(conn, app.gazetteer)?.into_iter().map(|row| row.place).collect()),
    }
}
