//! The refusal of what would become too many cells or take too much work, told from estimates before anything is
//! checked closely or covered.

use h3o::Resolution;

use super::cover::{Estimate, Shape};
use super::fault::{AreaFault, limits};
use crate::domain::area::CoverMode;

/// A shape to cover, and its place in the document.
#[derive(Clone, Copy)]
pub(super) struct Drawn<'a> {
    pub at: &'a str,
    pub shape: &'a Shape,
    pub mode: CoverMode,
}

/// Whether all shapes together stay within the limits; those after the one that breaks them are not looked at.
fn all_fit(shapes: &[Drawn<'_>], resolution: Resolution) -> bool {
    let add = |sum: Estimate, drawn: &Drawn<'_>| {
        let sum = sum + drawn.shape.estimate(resolution, drawn.mode);
        sum.fits().then_some(sum)
    };
    shapes.iter().try_fold(Estimate::default(), add).is_some()
}

/// The refusal at a resolution, if the estimates of all shapes together are over a limit; it names the finest resolution
/// that would fit.
pub(super) fn over_the_limits(resolution: Resolution, shapes: &[Drawn<'_>]) -> Option<AreaFault> {
    let estimate = |drawn: &Drawn<'_>| drawn.shape.estimate(resolution, drawn.mode);
    let estimates: Vec<Estimate> = shapes.iter().map(estimate).collect();
    let total: Estimate = estimates.iter().copied().sum();
    if total.fits() {
        return None;
    }
    // Finer is never less, and an estimate walks the whole border: halving asks four times at most.
    let (mut fits, mut fails) = (None, u8::from(resolution));
    while fits.map_or(0, |fits| fits + 1) < fails {
        let middle = fits.map_or(0, |fits: u8| fits + 1).midpoint(fails - 1);
        let Ok(coarser) = Resolution::try_from(middle) else { break };
        if all_fit(shapes, coarser) {
            fits = Some(middle);
        } else {
            fails = middle;
        }
    }
    let advice = fits.map_or_else(
        || "file a smaller or simpler area".to_owned(),
        |resolution| format!("resolution {resolution} would fit"),
    );
    let largest = shapes.iter().zip(&estimates).max_by(|a, b| a.1.load().total_cmp(&b.1.load()));
    let at = largest.map(|(drawn, _)| drawn.at).unwrap_or_default();
    let resolution = u8::from(resolution);
    if total.cells > f64::from(limits::CELLS) {
        let message = format!(
            "about {:.0} cells at resolution {resolution}, whole cells counted once; at most {} are taken: {advice}, or \
             name places by their codes",
            total.cells,
            limits::CELLS
        );
        return Some(AreaFault::new(at, "too_many_cells", message));
    }
    let message = format!("too long and winding a border to follow at resolution {resolution}: {advice}");
    Some(AreaFault::new(at, "too_much_work", message))
}
