//! The grid an aim is searched on: a raster in latitude and longitude whose rows make a circle an interval of pixels,
//! so that moving a circle costs its edge and not its surface. What a pixel weighs is asked by [`lay`](mod@super::lay). Whether an aim is good is not told here but on finer cells, by [`judge`](super::judge).
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "pixel numbers are below 2^22 and clipped to the grid where they are computed"
)]

use std::ops::Range;

use h3o::LatLng;

use super::frame::{EARTH_M, Frame};
use super::people::Unit;
use crate::domain::area::Circle;

/// A circle as the search moves it: radians, radius as an angle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disc {
    pub lat: f64,
    pub lon: f64,
    pub radius: f64,
    cos: f64,
    inv_cos: f64,
    /// Square of the sine of half the radius.
    reach: f64,
}

impl Disc {
    pub(super) fn new(lat: f64, lon: f64, radius: f64) -> Self {
        let (half, cos) = ((radius / 2.0).sin(), lat.cos());
        Self { lat, lon, radius, cos, inv_cos: 1.0 / cos, reach: half * half }
    }

    pub(super) fn circle(&self) -> Option<Circle> {
        Circle::new(self.lat.to_degrees(), self.lon.to_degrees(), self.radius * EARTH_M).ok()
    }

    /// Moved by metres north and east, grown by metres.
    pub(super) fn moved(&self, north: f64, east: f64, grown: f64) -> Self {
        Self::new(self.lat + north / EARTH_M, self.lon + east / (EARTH_M * self.cos), self.radius + grown / EARTH_M)
    }

    pub(super) fn metres(&self) -> f64 {
        self.radius * EARTH_M
    }
}

/// Whose a pixel is.
pub(super) const OUTSIDE: u16 = u16::MAX;

/// Pixels are wider apart in rows than along them: a disc costs by its rows, and is as exact along them.
const FLAT: f64 = 1.5;
/// The raster.
pub(super) struct Grid {
    lat0: f64,
    lon0: f64,
    dlat: f64,
    dlon: f64,
    inv_dlon: f64,
    pub rows: usize,
    pub cols: usize,
    inv_cos: Vec<f64>,
    /// The side of a square as large as a pixel, metres.
    pub pitch: f64,
    /// Inhabitants of each pixel who are in the target, and who are not.
    pub people: Vec<(f32, f32)>,
    /// The municipality of the target a pixel belongs to, by its number in `units`; [`OUTSIDE`] if not in the target.
    pub part: Vec<u16>,
    /// The municipalities of the target.
    pub units: Vec<Unit>,
    /// Whether most of the pixel is in the target.
    inner: Vec<bool>,
    /// Whether an including circle may reach the pixel.
    pub forbidden: Vec<bool>,
}

impl Grid {
    /// A raster with this many metres between pixels, on which nobody lives yet; `fenced` if some may be forbidden. Rows
    /// and columns are multiples of `times`, for [`coarsened`](Self::coarsened).
    pub(super) fn bare(frame: Frame, pitch: f64, times: usize, fenced: bool) -> Self {
        let (height, width) = frame.size();
        let rows = ((height / (pitch * FLAT)).ceil().max(1.0) as usize).next_multiple_of(times.max(1));
        let cols = ((width * FLAT / pitch).ceil().max(1.0) as usize).next_multiple_of(times.max(1));
        let (dlat, dlon) = ((frame.north - frame.south) / rows as f64, (frame.east - frame.west) / cols as f64);
        let row_lat = |row: usize| frame.south + (row as f64 + 0.5) * dlat;
        Self {
            lat0: row_lat(0).to_radians(),
            lon0: (frame.west + dlon / 2.0).to_radians(),
            dlat: dlat.to_radians(),
            dlon: dlon.to_radians(),
            inv_dlon: 1.0 / dlon.to_radians(),
            rows,
            cols,
            inv_cos: (0..rows).map(|row| 1.0 / row_lat(row).to_radians().cos()).collect(),
            pitch,
            people: vec![(0.0, 0.0); rows * cols],
            part: vec![OUTSIDE; rows * cols],
            units: Vec::new(),
            inner: vec![false; rows * cols],
            forbidden: vec![false; if fenced { rows * cols } else { 0 }],
        }
    }

    /// The rows and columns of the target's pixels that are `own`; none where there is none.
    pub(super) fn bounds(&self, own: impl Fn(usize, usize) -> bool) -> Option<(Range<usize>, Range<usize>)> {
        let places = (0..self.pixels()).filter(|pixel| self.inner[*pixel]);
        let mut own = places.map(|pixel| (pixel / self.cols, pixel % self.cols)).filter(|(row, col)| own(*row, *col));
        let (row, col) = own.next()?;
        let widened = |range: Range<usize>, at: usize| range.start.min(at)..range.end.max(at + 1);
        let first = (row..row + 1, col..col + 1);
        Some(own.fold(first, |(rows, cols), (row, col)| (widened(rows, row), widened(cols, col))))
    }

    /// Metres of the target's box, from south to north and from west to east.
    pub(super) fn extent(&self) -> (f64, f64) {
        let (rows, cols) = self.bounds(|_, _| true).unwrap_or((0..0, 0..0));
        let (tall, wide) = self.spacing();
        (rows.len() as f64 * tall, cols.len() as f64 * wide)
    }

    /// Metres between rows, and between columns.
    pub(super) fn spacing(&self) -> (f64, f64) {
        (self.pitch * FLAT, self.pitch / FLAT)
    }

    /// The point at a row and a column or between them.
    pub(super) fn point(&self, row: f64, col: f64) -> Option<LatLng> {
        let (lat, lon) = (self.lat0 + row * self.dlat, self.lon0 + col * self.dlon);
        LatLng::new(lat.to_degrees(), lon.to_degrees()).ok()
    }

    /// Square kilometres of a pixel in a row.
    pub(super) fn pixel_km2(&self, row: usize) -> f64 {
        self.dlat * self.dlon / self.inv_cos[row] * EARTH_M * EARTH_M / 1e6
    }

    /// Takes note of a pixel: inhabitants inside and outside, whether most of it is inside, whether it is forbidden.
    pub(super) fn fill(&mut self, pixel: usize, people: (f64, f64), inner: bool, forbidden: bool) {
        self.people[pixel] = (people.0 as f32, people.1 as f32);
        self.inner[pixel] = inner;
        if let Some(known) = self.forbidden.get_mut(pixel) {
            *known = forbidden;
        }
    }

    /// The same with so many pixels each way made one; it divides rows and columns.
    pub(super) fn coarsened(&self, times: usize) -> Self {
        let times = times.max(1);
        let (rows, cols, middle) = (self.rows / times, self.cols / times, (times as f64 - 1.0) / 2.0);
        let (lat0, dlat) = (self.lat0 + middle * self.dlat, self.dlat * times as f64);
        let mut all = Self {
            lat0,
            lon0: self.lon0 + middle * self.dlon,
            dlat,
            dlon: self.dlon * times as f64,
            inv_dlon: self.inv_dlon / times as f64,
            rows,
            cols,
            inv_cos: (0..rows).map(|row| 1.0 / (lat0 + row as f64 * dlat).cos()).collect(),
            pitch: self.pitch * times as f64,
            people: Vec::with_capacity(rows * cols),
            part: Vec::with_capacity(rows * cols),
            units: self.units.clone(),
            inner: Vec::with_capacity(rows * cols),
            forbidden: Vec::with_capacity(if self.forbidden.is_empty() { 0 } else { rows * cols }),
        };
        for pixel in 0..rows * cols {
            let first = (pixel / cols * self.cols + pixel % cols) * times;
            let each = || (0..times * times).map(|i| first + i / times * self.cols + i % times);
            let people = |of: fn((f32, f32)) -> f32| each().map(|i| of(self.people[i])).sum::<f32>();
            all.people.push((people(|two| two.0), people(|two| two.1)));
            // Whose most of the people in it are, as far as one of the pixels can tell.
            let most = each().filter(|i| self.part[*i] != OUTSIDE);
            let most = most.max_by(|a, b| self.people[*a].0.total_cmp(&self.people[*b].0));
            all.part.push(most.map_or(OUTSIDE, |i| self.part[i]));
            all.inner.push(2 * each().filter(|i| self.inner[*i]).count() >= times * times);
            if !self.forbidden.is_empty() {
                all.forbidden.push(each().any(|i| self.forbidden[i]));
            }
        }
        all
    }

    /// The pixels in rows and columns; where the target is not `own` nobody counts, wanted or not.
    pub(super) fn window(&self, rows: Range<usize>, cols: Range<usize>, own: impl Fn(usize, usize) -> bool) -> Self {
        let of = || rows.clone().flat_map(|row| cols.clone().map(move |col| (row, col)));
        let at = |(row, col): (usize, usize)| row * self.cols + col;
        let people = |at: usize, own: bool| if own { self.people[at] } else { (0.0, self.people[at].1) };
        let forbidden =
            if self.forbidden.is_empty() { Vec::new() } else { of().map(|p| self.forbidden[at(p)]).collect() };
        Self {
            lat0: self.lat0 + rows.start as f64 * self.dlat,
            lon0: self.lon0 + cols.start as f64 * self.dlon,
            rows: rows.len(),
            cols: cols.len(),
            inv_cos: self.inv_cos[rows.clone()].to_vec(),
            people: of().map(|p| people(at(p), own(p.0, p.1))).collect(),
            part: of().map(|p| if own(p.0, p.1) { self.part[at(p)] } else { OUTSIDE }).collect(),
            units: self.units.clone(),
            inner: of().map(|p| self.inner[at(p)] && own(p.0, p.1)).collect(),
            forbidden,
            ..*self
        }
    }

    /// Whether the raster holds the whole disc, so that nobody it reaches goes unseen.
    pub(super) fn holds(&self, disc: &Disc) -> bool {
        let (lat, lon) = (disc.radius, disc.radius / disc.cos);
        let half = 0.5;
        disc.lat - lat >= self.lat0 - half * self.dlat
            && disc.lat + lat <= self.lat0 + (self.rows as f64 - half) * self.dlat
            && disc.lon - lon >= self.lon0 - half * self.dlon
            && disc.lon + lon <= self.lon0 + (self.cols as f64 - half) * self.dlon
    }

    /// The rows a disc can touch.
    pub(super) fn rows_of(&self, disc: &Disc) -> (usize, usize) {
        let first = ((disc.lat - disc.radius - self.lat0) / self.dlat).ceil().max(0.0) as usize;
        let last = ((disc.lat + disc.radius - self.lat0) / self.dlat).floor();
        (first, if last < 0.0 { 0 } else { (last as usize + 1).min(self.rows) })
    }

    /// The columns of a row whose centres lie in the disc, as a half-open interval; empty intervals are `(0, 0)`.
    #[inline]
    pub(super) fn columns_of(&self, disc: &Disc, row: usize) -> (usize, usize) {
        let half = (self.lat0 + row as f64 * self.dlat - disc.lat) / 2.0;
        // sin²x = x² (1 - x²/3 + …): at 800 km the next term is 3e-5 of this one.
        let square = half * half * (1.0 - half * half / 3.0);
        let left = (disc.reach - square) * self.inv_cos[row] * disc.inv_cos;
        if left < 0.0 {
            return (0, 0);
        }
        let sine = left.sqrt();
        // asin x = x (1 + x²/6 + …); the haversine law halves the angle.
        let width = 2.0 * sine * (1.0 + sine * sine / 6.0);
        let from = (disc.lon - width - self.lon0) * self.inv_dlon;
        let until = (disc.lon + width - self.lon0) * self.inv_dlon;
        if until < 0.0 {
            return (0, 0);
        }
        // Rounding by hand: without SSE 4.1, `ceil` is a call.
        let from = from.max(0.0);
        let whole = from as usize;
        let west = whole + usize::from((whole as f64) < from);
        let east = (until as usize + 1).min(self.cols);
        if west < east { (west, east) } else { (0, 0) }
    }

    /// The centre of a pixel, radians.
    pub(super) fn centre(&self, pixel: usize) -> (f64, f64) {
        let (row, col) = (pixel / self.cols, pixel % self.cols);
        (self.lat0 + row as f64 * self.dlat, self.lon0 + col as f64 * self.dlon)
    }

    /// The pixel around a point, if the raster has one.
    pub(super) fn pixel_at(&self, lat: f64, lon: f64) -> Option<usize> {
        let (row, col) = ((lat - self.lat0) / self.dlat + 0.5, (lon - self.lon0) * self.inv_dlon + 0.5);
        let within = row >= 0.0 && col >= 0.0 && row < self.rows as f64 && col < self.cols as f64;
        within.then(|| row as usize * self.cols + col as usize)
    }

    pub(super) fn pixels(&self) -> usize {
        self.people.len()
    }

    /// Whether most of a pixel is in the target.
    pub(super) fn inside(&self, pixel: usize) -> bool {
        self.inner[pixel]
    }

    pub(super) fn is_forbidden(&self, pixel: usize) -> bool {
        self.forbidden.get(pixel).copied().unwrap_or(false)
    }

    /// Metres from each pixel for which `from` holds to the nearest for which it does not (exact squared distances of
    /// Felzenszwalb and Huttenlocher); 0 elsewhere.
    pub(super) fn depth(&self, from: impl Fn(usize) -> bool) -> Vec<f32> {
        let (tall, wide) = ((self.pitch * FLAT) as f32, (self.pitch / FLAT) as f32);
        let far = (self.rows as f32 * tall).powi(2) + (self.cols as f32 * wide).powi(2);
        let mut squares: Vec<f32> = (0..self.pixels()).map(|pixel| if from(pixel) { far } else { 0.0 }).collect();
        let mut line = Vec::new();
        for row in 0..self.rows {
            let whole = &mut squares[row * self.cols..(row + 1) * self.cols];
            line.clear();
            line.extend_from_slice(whole);
            lower_envelope(&line, wide, whole.iter_mut());
        }
        for col in 0..self.cols {
            line.clear();
            line.extend(squares[col..].iter().step_by(self.cols));
            lower_envelope(&line, tall, squares[col..].iter_mut().step_by(self.cols));
        }
        squares.iter().map(|square| square.sqrt()).collect()
    }
}

/// One line of the distance transform: for each place, the smallest of `heights[at] + (place - at)²`, places being
/// `step` apart.
fn lower_envelope<'a>(heights: &[f32], step: f32, out: impl Iterator<Item = &'a mut f32>) {
    let mut roots: Vec<(usize, f32)> = Vec::with_capacity(heights.len());
    for (at, height) in heights.iter().enumerate() {
        let mut from = f32::NEG_INFINITY;
        while let Some(&(before, begins)) = roots.last() {
            let (a, b) = (at as f32 * step, before as f32 * step);
            let meets = ((height - heights[before]) / (a - b) + a + b) / 2.0;
            if meets > begins {
                from = meets;
                break;
            }
            roots.pop();
        }
        roots.push((at, from));
    }
    let mut current = 0;
    for (place, value) in out.enumerate() {
        let x = place as f32 * step;
        while current + 1 < roots.len() && roots[current + 1].1 <= x {
            current += 1;
        }
        let (at, _) = roots[current];
        let apart = x - at as f32 * step;
        *value = heights[at] + apart * apart;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_envelope_is_the_smallest_of_all(heights in proptest::collection::vec(0.0..50.0_f32, 1..40), step in 0.5..3.0_f32) {
            let mut out = vec![0.0; heights.len()];
            lower_envelope(&heights, step, out.iter_mut());
            for (place, value) in out.iter().enumerate() {
                let from = |(at, height): (usize, &f32)| height + ((place as f32 - at as f32) * step).powi(2);
                let least = heights.iter().enumerate().map(from).fold(f32::INFINITY, f32::min);
                prop_assert!((value - least).abs() <= 1e-3 * (1.0 + least));
            }
        }

        #[test]
        fn a_row_of_a_disc_is_what_is_near_enough(
            lat in 45.0..55.0_f64, lon in 2.0..6.0_f64, metres in 1_000.0..80_000.0_f64, row in 0_usize..400,
        ) {
            let grid = Grid {
                lat0: 44.0_f64.to_radians(), lon0: 0.0, dlat: 0.03_f64.to_radians(), dlon: 0.01_f64.to_radians(),
                inv_dlon: 1.0 / 0.01_f64.to_radians(), rows: 400, cols: 800,
                inv_cos: (0..400).map(|row| 1.0 / (44.0 + f64::from(row) * 0.03).to_radians().cos()).collect(),
                pitch: 1_000.0, people: vec![], part: vec![], units: vec![], inner: vec![], forbidden: vec![],
            };
            let disc = Disc::new(lat.to_radians(), lon.to_radians(), metres / EARTH_M);
            let (first, last) = grid.rows_of(&disc);
            let (west, east) = if (first..last).contains(&row) { grid.columns_of(&disc, row) } else { (0, 0) };
            for col in 0..grid.cols {
                let (y, x) = grid.centre(row * grid.cols + col);
                let point = LatLng::new(y.to_degrees(), x.to_degrees()).unwrap_or_default();
                let away = LatLng::new(lat, lon).unwrap_or_default().distance_m(point);
                // A millimetre of rounding either way.
                if (away - metres).abs() > 1e-3 {
                    prop_assert_eq!((west..east).contains(&col), away < metres, "{} of {}", away, metres);
                }
            }
        }
    }
}
