//! Cells with counts as a picture: a hexagon where people answered from, the redder the more. No map below it, nothing from
//! elsewhere; who wants one lays the cells on their own.

use h3o::{CellIndex, LatLng};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use std::collections::HashMap;

/// Pixels across; rows follow from the shape of the area.
const WIDTH: u32 = 800;
const MOST_ROWS: u32 = 1200;
const PAPER: Rgb<u8> = Rgb([247, 246, 242]);
/// Few to many; told apart also without colour, by brightness.
const SHADES: [[u8; 3]; 5] = [[254, 224, 200], [252, 174, 125], [244, 115, 66], [205, 50, 35], [122, 10, 20]];

/// Which shade a count has: shares of the largest, a fifth each.
fn shade(count: i64, most: i64) -> Rgb<u8> {
    let step = (count.saturating_mul(5).saturating_sub(1) / most.max(1)).clamp(0, 4);
    Rgb(usize::try_from(step).ok().and_then(|step| SHADES.get(step)).copied().unwrap_or_default())
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "bounded by MOST_ROWS"
)]
fn rows(share: f64) -> u32 {
    (f64::from(WIDTH) * share).clamp(80.0, f64::from(MOST_ROWS)) as u32
}

/// A PNG of cells of one resolution with their counts; none when there are no cells.
#[must_use]
pub fn heat_map(cells: &[(CellIndex, i64)]) -> Option<Vec<u8>> {
    let resolution = cells.first()?.0.resolution();
    let most = cells.iter().map(|(_, count)| *count).max()?;
    let counts: HashMap<CellIndex, i64> = cells.iter().copied().collect();
    let (mut south, mut north, mut west, mut east) = (90.0_f64, -90.0_f64, 180.0_f64, -180.0_f64);
    // Two rings of empty cells around, so that one cell alone is seen as one.
    for near in cells.iter().flat_map(|(cell, _)| cell.grid_disk::<Vec<_>>(2)) {
        let at = LatLng::from(near);
        (south, north) = (south.min(at.lat()), north.max(at.lat()));
        (west, east) = (west.min(at.lng()), east.max(at.lng()));
    }
    let across = (east - west) * f64::midpoint(south, north).to_radians().cos();
    let height = rows((north - south) / across);
    let mut picture = RgbImage::from_pixel(WIDTH, height, PAPER);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let lng = west + (east - west) * f64::from(x) / f64::from(WIDTH);
        let lat = north - (north - south) * f64::from(y) / f64::from(height);
        let Ok(at) = LatLng::new(lat, lng) else { continue };
        if let Some(count) = counts.get(&at.to_cell(resolution)) {
            *pixel = shade(*count, most);
        }
    }
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new(&mut bytes);
    encoder.write_image(picture.as_raw(), WIDTH, height, ExtendedColorType::Rgb8).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use h3o::Resolution;

    #[test]
    fn many_are_darker_than_few_and_nobody_is_paper() {
        let cell = |lat, lng| LatLng::new(lat, lng).unwrap().to_cell(Resolution::Six);
        let (brussels, namur) = (cell(50.85, 4.35), cell(50.46, 4.87));
        let picture = heat_map(&[(brussels, 50), (namur, 3)]).unwrap();
        let picture = image::load_from_memory(&picture).unwrap().into_rgb8();
        let shown = |shade: usize| picture.pixels().filter(|pixel| pixel.0 == SHADES[shade]).count();
        assert!(shown(4) > 500 && shown(0) > 500 && shown(2) == 0);
        assert_eq!(*picture.get_pixel(0, 0), PAPER);
        assert_eq!(heat_map(&[]), None);
    }
}
