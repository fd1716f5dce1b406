//! The authorised zone as a hard limit: no including circle touches a cell outside it. The raster already keeps away
//! from such pixels; here the circles are measured against the zone's own cells and shrunk until it holds.

use super::judge::Judge;
use crate::domain::aim::{CircleLimits, Circles};
use crate::domain::area::{CellSet, Circle, CoverMode};

/// Whether no including circle touches a cell outside the fence.
pub(super) fn keeps(judge: &Judge<'_>, circles: &Circles, fence: &CellSet) -> bool {
    circles.includes.iter().all(|circle| within(judge, *circle, fence))
}

fn within(judge: &Judge<'_>, circle: Circle, fence: &CellSet) -> bool {
    let cells = judge.cells(circle, CoverMode::Covers);
    !cells.is_empty() && cells.is_subset_of(fence)
}

/// The circles, each as large as the fence lets it be; those that would be smaller than the platform takes are left out.
pub(super) fn fenced(judge: &Judge<'_>, circles: Circles, fence: &CellSet, limits: &CircleLimits) -> Circles {
    let fit = |circle: Circle| -> Option<Circle> {
        let sized = |radius: u32| Circle::new(circle.lat(), circle.lon(), f64::from(radius)).ok();
        if within(judge, circle, fence) {
            return Some(circle);
        }
        let (mut fits, mut fails) = (limits.min_radius_m, circle.radius_m());
        sized(fits).filter(|smallest| within(judge, *smallest, fence))?;
        while fits + 1 < fails {
            let middle = fits.midpoint(fails);
            if sized(middle).is_some_and(|c| within(judge, c, fence)) { fits = middle } else { fails = middle }
        }
        sized(fits)
    };
    Circles { includes: circles.includes.into_iter().filter_map(fit).collect(), excludes: circles.excludes }
}
