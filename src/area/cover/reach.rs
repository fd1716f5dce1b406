//! How far a cell's descendants reach, as a region of the plane of longitude and latitude that holds all of them.
//! The regions are bounds, never estimates: an edge outside the region touches no descendant.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use h3o::{CellIndex, LatLng, Resolution};

use super::plane::{Edge, Place};
use super::runs::Run;

/// All descendants of a cell stay within 1.0524 times its circumradius on a flat grid (the sum of sqrt(3)/7^(k/2)). With
/// the projection's distortion 1.066 was the most found in a million cells, and an ancestor's size may be 3 % off.
pub(super) const STRETCH: f64 = 1.12;
/// One cell alone, with the distortion against its ancestor whose size was measured.
pub(super) const ALONE: f64 = 1.05;
/// Down to here a cell's size is measured from its own boundary, below it is the parent's over sqrt(7): coarser cells
/// are wide enough for the projection to make their children unequal. A pentagon's children are up to 25 % larger than
/// that and are always measured.
pub(super) const MEASURED: Resolution = Resolution::Three;

/// Up to this half width in longitude (radians) a cap is bounded by an ellipse, at most 0.05 % larger.
const FLAT: f64 = 0.1;
/// Beyond this half width the children are treated as roots: their frames may differ from the parent's.
const WIDE: f64 = 0.5;
/// Rounding of positions is far below this (radians; 0.06 mm on the ground).
const HAIR: f64 = 1e-11;

/// A region around a centre.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub centre: Place,
    shape: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    /// Where `(dx * scale)² + dy² <= radius²`.
    Ellipse { scale: f64, radius: f64 },
    /// Half width and half height.
    Box { wide: f64, high: f64 },
    /// Every longitude, between two latitudes: a pole is inside.
    Polar { south: f64, north: f64 },
}

/// The centre of a cell, as h3o decides on it.
#[inline]
pub(super) fn centre_of(cell: CellIndex) -> Place {
    let centre = LatLng::from(cell);
    Place { x: centre.lng_radians(), y: centre.lat_radians() }
}

/// The position a full turn or two away that is nearest to `x`.
#[inline]
pub(super) fn beside(place: Place, x: f64) -> Place {
    let apart = place.x - x;
    if apart.abs() <= PI { place } else { Place { x: place.x - TAU * (apart / TAU).round(), y: place.y } }
}

/// The angle from a cell's centre to its farthest corner.
pub(super) fn circumradius(cell: CellIndex) -> f64 {
    let centre = LatLng::from(cell);
    cell.boundary().iter().map(|corner| centre.distance_rads(*corner)).fold(0.0, f64::max)
}

impl Reach {
    /// The region of a cap: every point within the angle `radius` of the centre.
    #[inline]
    pub(super) fn new(centre: Place, radius: f64) -> Self {
        let farthest = centre.y.abs() + radius;
        let shape = if farthest >= FRAC_PI_2 - 1e-9 {
            Form::Polar { south: centre.y - radius - HAIR, north: centre.y + radius + HAIR }
        } else {
            // The cap's half width in longitude; the sine of a sum of small angles is well below the cosine here.
            let sine = radius / centre.y.cos();
            if sine <= FLAT * 0.99 {
                // With sin t >= t (1 - t²/6), a point of the cap keeps
                // dy² + cos(y) cos(y') dx² <= radius² / (1 - wide²/12), and cos(y') is least at the far edge.
                let scale = (centre.y.cos() * farthest.cos()).sqrt();
                Form::Ellipse { scale, radius: radius * (1.0 + FLAT * FLAT / 20.0) + HAIR }
            } else {
                let wide = (radius.sin() / centre.y.cos()).clamp(-1.0, 1.0).asin();
                Form::Box { wide: wide + HAIR, high: radius + HAIR }
            }
        };
        Self { centre, shape }
    }

    /// Whether children may be far from the parent in longitude.
    pub(super) fn is_wide(&self) -> bool {
        match self.shape {
            Form::Ellipse { .. } => false,
            Form::Box { wide, .. } => wide > WIDE,
            Form::Polar { .. } => true,
        }
    }

    /// Half the region's width in longitude. Where it is all of them: a full turn, because the finest cell around a
    /// pole is drawn over one full turn that begins at any corner.
    pub(super) fn half_width(&self) -> f64 {
        match self.shape {
            Form::Ellipse { scale, radius } => radius / scale,
            Form::Box { wide, .. } => wide,
            Form::Polar { .. } => TAU,
        }
    }

    /// Whether a rectangle of latitudes meets the region.
    pub(super) fn meets_latitudes(&self, south: f64, north: f64) -> bool {
        let (low, high) = match self.shape {
            Form::Ellipse { radius, .. } => (self.centre.y - radius, self.centre.y + radius),
            Form::Box { high, .. } => (self.centre.y - high, self.centre.y + high),
            Form::Polar { south, north } => (south, north),
        };
        low <= north && high >= south
    }

    /// Whether any edge of a run may come into the region.
    #[inline]
    pub(super) fn may_meet(&self, run: &Run) -> bool {
        // How far the box is from the centre, in each direction; nothing where it holds it.
        let dx = (run.west - self.centre.x).max(self.centre.x - run.east).max(0.0);
        let dy = (run.south - self.centre.y).max(self.centre.y - run.north).max(0.0);
        match self.shape {
            Form::Ellipse { scale, radius } => (dx * scale).powi(2) + dy * dy <= radius * radius,
            Form::Box { wide, high } => dx <= wide && dy <= high,
            Form::Polar { south, north } => run.north >= south && run.south <= north && dx <= TAU,
        }
    }

    /// Whether an edge comes into the region.
    #[inline]
    pub(super) fn meets(&self, e: &Edge) -> bool {
        let (ax, ay) = (e.a.x - self.centre.x, e.a.y - self.centre.y);
        let (bx, by) = (e.b.x - self.centre.x, e.b.y - self.centre.y);
        match self.shape {
            Form::Ellipse { scale, radius } => {
                if (ay > radius && by > radius) || (ay < -radius && by < -radius) {
                    return false;
                }
                let (ax, bx) = (ax * scale, bx * scale);
                if (ax > radius && bx > radius) || (ax < -radius && bx < -radius) {
                    return false;
                }
                let limit = radius * radius;
                let (near_a, near_b) = (ax * ax + ay * ay, bx * bx + by * by);
                if near_a <= limit || near_b <= limit {
                    return true;
                }
                // Both ends are out: the foot of the perpendicular must lie between them and be near.
                let (dx, dy) = (bx - ax, by - ay);
                let along = -(ax * dx + ay * dy);
                let length = dx * dx + dy * dy;
                let across = ax * by - ay * bx;
                along >= 0.0 && along <= length && across * across <= limit * length
            }
            Form::Box { wide, high } => {
                if (ay > high && by > high) || (ay < -high && by < -high) {
                    return false;
                }
                if (ax > wide && bx > wide) || (ax < -wide && bx < -wide) {
                    return false;
                }
                // The line passes the box when all corners are on one side of it.
                let across = ax * by - ay * bx;
                across.abs() <= (by - ay).abs() * wide + (bx - ax).abs() * high + HAIR * HAIR
            }
            Form::Polar { south, north } => {
                (e.a.y >= south || e.b.y >= south)
                    && (e.a.y <= north || e.b.y <= north)
                    && ax.max(bx) >= -TAU
                    && ax.min(bx) <= TAU
            }
        }
    }
}
