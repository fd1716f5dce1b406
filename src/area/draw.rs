//! A picture of an area and of an aim at it, so that people can look instead of reading: every pixel is coloured by the
//! cell at its centre, municipality borders are drawn where the owner of neighbouring pixels differs.
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixels of a picture of at most a few thousand a side"
)]

use std::fmt::Write as _;

use base64::Engine as _;
use h3o::{LatLng, Resolution};
use image::{ImageFormat, Rgb, RgbImage};

use super::aim::{Canvas, canvas, canvas_of_places};
use super::gazetteer::Gazetteer;
use crate::domain::aim::Circles;
use crate::domain::area::position::span;
use crate::domain::area::{CellSet, Circle};

/// Pixels of the longer side.
const LONGEST: f64 = 1_200.0;

const LAND: Rgb<u8> = Rgb([247, 246, 242]);
const BEYOND: Rgb<u8> = Rgb([226, 230, 234]);
const REACHED: Rgb<u8> = Rgb([71, 143, 128]);
const MISSED: Rgb<u8> = Rgb([200, 60, 55]);
const SPILL: Rgb<u8> = Rgb([240, 176, 80]);
const BORDER: Rgb<u8> = Rgb([150, 150, 146]);
const EDGE: Rgb<u8> = Rgb([25, 25, 25]);
const INCLUDE: Rgb<u8> = Rgb([28, 70, 150]);
const EXCLUDE: Rgb<u8> = Rgb([130, 30, 130]);

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undrawable {
    /// No cell, or across the antimeridian, or around a pole.
    #[error("an empty area, or one across the antimeridian or near a pole, cannot be drawn")]
    OffTheMap,
    /// The picture could not be written.
    #[error("the picture could not be encoded")]
    Encoding,
}

/// A picture.
pub struct Picture {
    pixels: RgbImage,
    south: f64,
    west: f64,
    /// Degrees a pixel, up and to the right.
    step: (f64, f64),
    units: Vec<Circles>,
}

/// Draws a target, and the circles of an aim at it with what they reach. Without circles all of the target is shown as
/// reached.
pub fn draw(gazetteer: &Gazetteer, target: &CellSet, units: &[Circles]) -> Result<Picture, Undrawable> {
    let canvas = canvas(gazetteer, target, units).ok_or(Undrawable::OffTheMap)?;
    let aimed = units.iter().any(|unit| !unit.includes.is_empty());
    Ok(painted(&canvas, target, aimed, &[], units))
}

/// Draws a target, and named places aimed at it: their outlines, with what they reach inside and outside.
pub fn draw_places(gazetteer: &Gazetteer, target: &CellSet, places: &[CellSet]) -> Result<Picture, Undrawable> {
    let canvas = canvas_of_places(gazetteer, target, places).ok_or(Undrawable::OffTheMap)?;
    Ok(painted(&canvas, target, true, places, &[]))
}

/// `aimed`: something is reached or missed; `places`: whose outlines are drawn.
fn painted(canvas: &Canvas<'_>, target: &CellSet, aimed: bool, places: &[CellSet], units: &[Circles]) -> Picture {
    let Canvas { frame, people, reached } = canvas;
    let (height, width) = frame.size();
    let metres = height.max(width) / LONGEST;
    let rows = (height / metres).ceil().clamp(1.0, LONGEST) as u32;
    let cols = (width / metres).ceil().clamp(1.0, LONGEST) as u32;
    let step = ((frame.north - frame.south) / f64::from(rows), (frame.east - frame.west) / f64::from(cols));
    // What is known of one pixel: its unit, whether in the target, whether reached, in which places.
    let look = |col: u32, row: u32| {
        let (lat, lon) = (frame.north - (f64::from(row) + 0.5) * step.0, frame.west + (f64::from(col) + 0.5) * step.1);
        let at = LatLng::new(lat, lon).map_or(0, |point| span(point.to_cell(Resolution::Eleven)).start);
        let (unit, _) = people.at(at);
        let inside = target.holds_position(at);
        let own: Vec<usize> =
            places.iter().enumerate().filter(|(_, place)| place.holds_position(at)).map(|(n, _)| n).collect();
        (unit, inside, if aimed { reached.holds_position(at) } else { inside }, own)
    };
    let mut pixels = RgbImage::new(cols, rows);
    let mut above: Vec<Option<(u16, bool, Vec<usize>)>> = vec![None; cols as usize];
    for row in 0..rows {
        let mut left: Option<(u16, bool, Vec<usize>)> = None;
        for (col, above) in (0..cols).zip(&mut above) {
            let (unit, inside, reached, own) = look(col, row);
            let fill = match (inside, reached) {
                (true, true) => REACHED,
                (true, false) => MISSED,
                (false, true) => SPILL,
                (false, false) if Canvas::is_beyond(unit) => BEYOND,
                (false, false) => LAND,
            };
            let beside = [left.take(), above.take()];
            let colour = if beside.iter().flatten().any(|(.., was)| *was != own) {
                INCLUDE
            } else if beside.iter().flatten().any(|(_, was, _)| *was != inside) {
                EDGE
            } else if beside.iter().flatten().any(|(was, ..)| *was != unit) {
                BORDER
            } else {
                fill
            };
            pixels.put_pixel(col, row, colour);
            left = Some((unit, inside, own));
            above.clone_from(&left);
        }
    }
    Picture { pixels, south: frame.south, west: frame.west, step, units: units.to_vec() }
}

impl Picture {
    /// As PNG.
    pub fn png(&self) -> Result<Vec<u8>, Undrawable> {
        let mut pixels = self.pixels.clone();
        let includes = self.units.iter().flat_map(|unit| &unit.includes).map(|circle| (circle, INCLUDE));
        let excludes = self.units.iter().flat_map(|unit| &unit.excludes).map(|circle| (circle, EXCLUDE));
        for (circle, colour) in includes.chain(excludes) {
            for (x, y) in self.around(*circle, 1.0) {
                if x >= 0.0 && y >= 0.0 && x < f64::from(pixels.width()) && y < f64::from(pixels.height()) {
                    pixels.put_pixel(x as u32, y as u32, colour);
                }
            }
        }
        encoded(&pixels)
    }

    /// As SVG: the cells as a picture below, circles as lines above, and what the colours mean.
    pub fn svg(&self) -> Result<String, Undrawable> {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        let below = base64::engine::general_purpose::STANDARD.encode(encoded(&self.pixels)?);
        let mut svg = String::new();
        let hex = |Rgb([red, green, blue]): Rgb<u8>| format!("#{red:02x}{green:02x}{blue:02x}");
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {}\" font-family=\"sans-serif\" \
             font-size=\"18\"><image width=\"{width}\" height=\"{height}\" href=\"data:image/png;base64,{below}\"/>",
            height + 34
        );
        let lists = self
            .units
            .iter()
            .flat_map(|unit| [(&unit.includes, INCLUDE, ""), (&unit.excludes, EXCLUDE, " stroke-dasharray=\"6 4\"")]);
        for (circles, colour, dashes) in lists {
            for circle in circles {
                let points: Vec<String> =
                    self.around(*circle, 6.0).into_iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
                let _ = write!(
                    svg,
                    "<polygon points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"{dashes}/>",
                    points.join(" "),
                    hex(colour)
                );
            }
        }
        let legend = [("target, reached", REACHED), ("target, missed", MISSED), ("reached outside", SPILL)];
        for (i, (words, colour)) in (0_u32..).zip(legend) {
            let (x, y) = (8 + 190 * i, height + 9);
            let _ = write!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"18\" height=\"18\" fill=\"{}\"/><text x=\"{}\" y=\"{}\">{words}</text>",
                hex(colour),
                x + 25,
                y + 16
            );
        }
        svg.push_str("</svg>\n");
        Ok(svg)
    }

    /// Points of a circle's border in pixels, about so many pixels apart.
    fn around(&self, circle: Circle, apart: f64) -> Vec<(f64, f64)> {
        let (lat, lon) = (circle.lat().to_radians(), circle.lon().to_radians());
        let angle = f64::from(circle.radius_m()) / crate::area::aim::EARTH_M;
        let pixels = std::f64::consts::TAU * angle.to_degrees() / self.step.0;
        let count = (pixels / apart).ceil().clamp(12.0, 20_000.0) as u32;
        let corner = |i: u32| {
            let bearing = std::f64::consts::TAU * f64::from(i) / f64::from(count);
            let y = (lat.sin() * angle.cos() + lat.cos() * angle.sin() * bearing.cos()).asin();
            let x = lon + (bearing.sin() * angle.sin() * lat.cos()).atan2(angle.cos() - lat.sin() * y.sin());
            let north = (y.to_degrees() - self.south) / self.step.0;
            ((x.to_degrees() - self.west) / self.step.1, f64::from(self.pixels.height()) - north)
        };
        (0..count).map(corner).collect()
    }
}

fn encoded(pixels: &RgbImage) -> Result<Vec<u8>, Undrawable> {
    let mut png = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut png, ImageFormat::Png).map_err(|_| Undrawable::Encoding)?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::domain::place::PlaceCode;

    #[test]
    fn a_picture_shows_what_is_reached_missed_and_spilled() {
        let gazetteer = Gazetteer::embedded().unwrap();
        let target = gazetteer.cells_of(&PlaceCode::Nis("21009".to_owned())).unwrap();
        // Over the eastern half and beyond it.
        let circle = Circle::new(50.825, 4.40, 1_800.0).unwrap();
        let aim = [Circles { includes: vec![circle], excludes: Vec::new() }];
        let picture = draw(gazetteer, &target, &aim).unwrap();
        let read = image::load_from_memory(&picture.png().unwrap()).unwrap().to_rgb8();
        assert_eq!(read.width().max(read.height()), 1_200);
        let share = |colour: Rgb<u8>| read.pixels().filter(|pixel| **pixel == colour).count();
        for colour in [REACHED, MISSED, SPILL, LAND, BORDER, EDGE, INCLUDE] {
            assert!(share(colour) > 500, "{colour:?}: {}", share(colour));
        }
        // Ixelles and, beyond it, Etterbeek: both outlines, and what the second adds is spill.
        let place = |code: &str| gazetteer.cells_of(&PlaceCode::Nis(code.to_owned())).unwrap();
        let two = draw_places(gazetteer, &target, &[target.clone(), place("21005")]).unwrap();
        let shown = |colour: Rgb<u8>| two.pixels.pixels().filter(|pixel| **pixel == colour).count();
        assert!([REACHED, SPILL, INCLUDE].into_iter().all(|colour| shown(colour) > 500) && shown(MISSED) < 50);
        let svg = picture.svg().unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("<polygon") && svg.contains("reached outside"));
        assert_eq!(draw(gazetteer, &CellSet::default(), &aim).err(), Some(Undrawable::OffTheMap));
    }
}
