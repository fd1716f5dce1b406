//! A small map to point at, drawn here and sent within the page: which municipality is where, their names, how long a kilometre
//! is, and the point that was shown. No streets: none are in the sources, and nothing is asked of anybody else. Pixels of
//! the picture are CSS pixels of the page, so that a click without scripts says where it was.
#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixels of a small picture"
)]

use std::collections::HashMap;
use std::fmt::Write as _;

use base64::Engine as _;
use h3o::{LatLng, Resolution};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};

use super::gazetteer::Gazetteer;
use super::members::Names;
use crate::domain::place::{Country, PlaceCode};
use crate::domain::spot::Spot;

/// Pixels of a side: with the page's margins it fits a telephone of 320.
pub const SIDE: u32 = 280;
/// Cells that are looked up along a side; each is two pixels.
const CELLS: u32 = 140;
/// What a side shows, in metres, from a whole country to a few streets.
const WIDTHS: [f64; 6] = [1_100_000.0, 330_000.0, 100_000.0, 30_000.0, 10_000.0, 3_000.0];
/// A degree of latitude.
const DEGREE: f64 = 111_195.0;
/// Names on one map.
const NAMES: usize = 16;

const LAND: Rgb<u8> = Rgb([247, 246, 242]);
const BEYOND: Rgb<u8> = Rgb([214, 220, 226]);
const BORDER: Rgb<u8> = Rgb([170, 168, 160]);
const EDGE: Rgb<u8> = Rgb([60, 60, 60]);

/// What of the world a map shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chart {
    middle: Spot,
    level: usize,
}

impl Chart {
    /// All of a country.
    #[must_use]
    pub const fn of_country(country: Country) -> Self {
        match country {
            Country::Be => Self { middle: Spot { lat: 50.5, lng: 4.45 }, level: 1 },
            Country::Fr => Self { middle: Spot { lat: 46.6, lng: 2.4 }, level: 0 },
        }
    }

    /// A municipality and what is around it.
    #[must_use]
    pub const fn around(middle: Spot) -> Self {
        Self { middle, level: 4 }
    }

    /// Reads what [`Self::to_text`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (middle, level) = text.rsplit_once('@')?;
        let level = level.parse().ok().filter(|level| *level < WIDTHS.len())?;
        Some(Self { middle: Spot::parse(middle)?, level }.held())
    }

    /// Middle and scale.
    #[must_use]
    pub fn to_text(self) -> String {
        format!("{}@{}", self.middle.to_text(), self.level)
    }

    /// The middle.
    #[must_use]
    pub const fn middle(self) -> Spot {
        self.middle
    }

    /// Metres of a side.
    #[must_use]
    pub fn width_m(self) -> f64 {
        WIDTHS.get(self.level).copied().unwrap_or(3_000.0)
    }

    /// Away from the poles, where a flat map ends.
    fn held(self) -> Self {
        let middle = Spot { lat: self.middle.lat.clamp(-80.0, 80.0), lng: self.middle.lng.clamp(-170.0, 170.0) };
        Self { middle, ..self }
    }

    /// Degrees north and east of the middle, for pixels right and down from the upper left corner.
    fn point(self, x: f64, y: f64) -> Spot {
        let side = f64::from(SIDE);
        let metres = self.width_m() / side;
        let lat = self.middle.lat - (y - side / 2.0) * metres / DEGREE;
        let east = DEGREE * self.middle.lat.to_radians().cos();
        Spot { lat, lng: self.middle.lng + (x - side / 2.0) * metres / east }
    }

    fn pixel(self, spot: Spot) -> (f64, f64) {
        let side = f64::from(SIDE);
        let metres = self.width_m() / side;
        let east = DEGREE * self.middle.lat.to_radians().cos();
        let x = (spot.lng - self.middle.lng) * east / metres + side / 2.0;
        (x, (self.middle.lat - spot.lat) * DEGREE / metres + side / 2.0)
    }

    /// The point at a pixel.
    #[must_use]
    pub fn spot_at(self, x: u32, y: u32) -> Spot {
        self.point(f64::from(x.min(SIDE)) + 0.5, f64::from(y.min(SIDE)) + 0.5)
    }

    /// The same middle, a third as wide.
    #[must_use]
    pub fn closer(self) -> Self {
        Self { level: (self.level + 1).min(WIDTHS.len() - 1), ..self }
    }

    /// The same middle, three times as wide.
    #[must_use]
    pub const fn farther(self) -> Self {
        Self { level: self.level.saturating_sub(1), ..self }
    }

    /// As wide, around another middle.
    #[must_use]
    pub fn at(self, middle: Spot) -> Self {
        Self { middle, ..self }.held()
    }

    /// Moved by so many thirds of its side, to the east and to the north.
    #[must_use]
    pub fn moved(self, east: f64, north: f64) -> Self {
        let (half, third) = (f64::from(SIDE) / 2.0, f64::from(SIDE) / 3.0);
        self.at(self.point(half + east * third, half - north * third))
    }

    /// The picture as SVG, with names in the language that `name` picks; `pin` is the point that was shown.
    #[must_use]
    pub fn svg(self, gazetteer: &Gazetteer, name: impl Fn(&Names) -> Option<String>, pin: Option<Spot>) -> String {
        let step = f64::from(SIDE) / f64::from(CELLS);
        let mut pixels = RgbImage::new(CELLS, CELLS);
        let mut above: Vec<Option<(Country, u16)>> = vec![None; CELLS as usize];
        let mut found: HashMap<(Country, u16), (u32, u32, u32)> = HashMap::new();
        // Of a whole country only its outline and the greatest towns are of use.
        let is_wide = self.level < 2;
        for row in 0..CELLS {
            let mut left = None;
            for (col, above) in (0..CELLS).zip(&mut above) {
                let spot = self.point((f64::from(col) + 0.5) * step, (f64::from(row) + 0.5) * step);
                let owner =
                    LatLng::new(spot.lat, spot.lng).ok().and_then(|at| gazetteer.owner_of(at.to_cell(Resolution::Ten)));
                if let Some(owner) = owner {
                    let (count, x, y) = found.entry(owner).or_default();
                    (*count, *x, *y) = (*count + 1, *x + col, *y + row);
                }
                let country = |owner: &Option<(Country, u16)>| owner.map(|(country, _)| country);
                let beside = if col == 0 { owner } else { left };
                let over = if row == 0 { owner } else { *above };
                let differs = |other: Option<(Country, u16)>| country(&other) != country(&owner);
                let colour = if differs(beside) || differs(over) {
                    EDGE
                } else if !is_wide && (beside != owner || over != owner) {
                    BORDER
                } else if owner.is_some() {
                    LAND
                } else {
                    BEYOND
                };
                pixels.put_pixel(col, row, colour);
                left = owner;
                *above = owner;
            }
        }
        let here = LatLng::new(self.middle.lat, self.middle.lng)
            .ok()
            .and_then(|at| gazetteer.owner_of(at.to_cell(Resolution::Ten)))
            .filter(|_| !is_wide);
        let labels = labels(gazetteer, &found, here, name);
        self.write(&pixels, &labels, pin)
    }

    fn write(self, pixels: &RgbImage, labels: &[(f64, f64, String)], pin: Option<Spot>) -> String {
        let mut png = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter);
        // A picture that cannot be written is a map without colours, which still takes a point.
        let _ = encoder.write_image(pixels.as_raw(), CELLS, CELLS, ExtendedColorType::Rgb8);
        let below = base64::engine::general_purpose::STANDARD.encode(&png);
        let (side, half) = (SIDE, SIDE / 2);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{side}\" height=\"{side}\" viewBox=\"0 0 {side} {side}\" \
             font-family=\"sans-serif\" font-size=\"11\"><image width=\"{side}\" height=\"{side}\" \
             image-rendering=\"pixelated\" href=\"data:image/png;base64,{below}\"/>\
             <g text-anchor=\"middle\" fill=\"#131c28\" stroke=\"#f7f6f2\" stroke-width=\"2.5\" paint-order=\"stroke\">"
        );
        for (x, y, name) in labels {
            let _ = write!(svg, "<text x=\"{x:.0}\" y=\"{y:.0}\">{}</text>", escaped(name));
        }
        svg.push_str("</g>");
        let _ = write!(
            svg,
            "<path d=\"M{half} {}v14M{} {half}h14\" stroke=\"#0a4796\" stroke-width=\"1.5\"/>",
            half - 7,
            half - 7
        );
        if let Some((x, y)) = pin.map(|pin| self.pixel(pin)) {
            let _ = write!(
                svg,
                "<path d=\"M{x:.1} {y:.1}l-8 -14a9.2 9.2 0 1 1 16 0z\" fill=\"#b3261e\" stroke=\"#fff\" \
                 stroke-width=\"1.5\"/><circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3.2\" fill=\"#fff\"/>",
                y - 18.5
            );
        }
        // A round number of metres, between a sixth and a third of the side.
        let longest = self.width_m() / 3.0;
        let scale = [500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500_u32];
        let metres = scale.into_iter().find(|metres| f64::from(*metres) <= longest).unwrap_or(500);
        let length = f64::from(metres) / self.width_m() * f64::from(side);
        let words = if metres >= 1_000 { format!("{} km", metres / 1_000) } else { format!("{metres} m") };
        let _ = write!(
            svg,
            "<path d=\"M8 {0}v4h{length:.1}v-4\" fill=\"none\" stroke=\"#131c28\" stroke-width=\"1.5\"/>\
             <text x=\"8\" y=\"{1}\" fill=\"#131c28\" stroke=\"#f7f6f2\" stroke-width=\"2.5\" paint-order=\"stroke\">{words}</text></svg>",
            side - 12,
            side - 15
        );
        svg
    }
}

/// The names of the place in the middle and of the greatest ones, where no other name is.
fn labels(
    gazetteer: &Gazetteer,
    found: &HashMap<(Country, u16), (u32, u32, u32)>,
    here: Option<(Country, u16)>,
    name: impl Fn(&Names) -> Option<String>,
) -> Vec<(f64, f64, String)> {
    let mut owners: Vec<_> = found
        .iter()
        .filter_map(|((country, row), (count, x, y))| {
            let people = match country {
                Country::Be => gazetteer.belgium.municipality(*row)?.population,
                Country::Fr => gazetteer.france.commune(*row)?.population,
            };
            Some((people, *country, *row, f64::from(*x) / f64::from(*count), f64::from(*y) / f64::from(*count)))
        })
        .collect();
    // The one in the middle first: it is what was looked for.
    owners.sort_by_key(|(people, country, row, ..)| {
        (here != Some((*country, *row)), std::cmp::Reverse(*people), *country, *row)
    });
    let step = f64::from(SIDE) / f64::from(CELLS);
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    let mut labels = Vec::new();
    // Far down the list names are of hamlets, and every look costs.
    for (_, country, row, x, y) in owners.into_iter().take(400) {
        if labels.len() == NAMES {
            break;
        }
        let code: Option<PlaceCode> = gazetteer.code_of(country, row);
        let Some(text) = code.and_then(|code| gazetteer.names(&code)).and_then(|names| name(&names)) else { continue };
        let half = 3.2 * text.chars().count() as f64;
        let (x, y) = ((x * step).clamp(half + 2.0, (f64::from(SIDE) - half - 2.0).max(half)), y * step + 4.0);
        let is_free = taken.iter().all(|(tx, ty, th)| (x - tx).abs() > half + th + 4.0 || (y - ty).abs() > 14.0);
        // The foot of the map is the scale's.
        if is_free && y > 12.0 && y < f64::from(SIDE) - 30.0 && half * 2.0 < f64::from(SIDE) {
            taken.push((x, y, half));
            labels.push((x, y, text));
        }
    }
    labels
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    fn drawn(chart: Chart, pin: Option<Spot>) -> String {
        chart.svg(Gazetteer::embedded().unwrap(), |names| names.nl.clone().or_else(|| names.fr.clone()), pin)
    }

    #[test]
    fn clicks_lead_from_a_country_to_the_spot() {
        let flagey = Spot { lat: 50.8275, lng: 4.3722 };
        let mut chart = Chart::of_country(Country::Be);
        for _ in 0..5 {
            let (x, y) = chart.pixel(flagey);
            let found = chart.spot_at(x as u32, y as u32);
            chart = chart.at(found).closer();
        }
        let middle = chart.middle();
        let metres = ((middle.lat - flagey.lat) * DEGREE).hypot((middle.lng - flagey.lng) * DEGREE * 0.63);
        assert!(metres < 12.0, "{metres} m beside it");
        assert_eq!(Chart::parse(&chart.to_text()).unwrap().to_text(), chart.to_text());
        for wrong in ["", "1,2", "1,2@9", "91,0@1", "a@1"] {
            assert_eq!(Chart::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_map_names_what_it_shows_and_is_small() {
        let flagey = Spot { lat: 50.8275, lng: 4.3722 };
        let town = drawn(Chart::around(flagey), Some(flagey));
        assert!(town.contains(">Elsene<") && town.contains("#b3261e") && town.contains("2 km"), "{town}");
        let country = drawn(Chart::of_country(Country::Be), None);
        assert!(country.contains("Antwerpen") && country.contains("Gent") && !country.contains("#b3261e"));
        let france = drawn(Chart::of_country(Country::Fr), None);
        assert!(france.contains("Paris") && france.contains("Marseille"));
        for svg in [&town, &country, &france] {
            assert!(svg.len() < 24_000, "{} bytes", svg.len());
        }
        // The sea, and nobody's.
        let sea = drawn(Chart::around(Spot { lat: 0.0, lng: -30.0 }), None);
        assert!(sea.starts_with("<svg") && sea.ends_with("</svg>"));
    }

    #[test]
    fn moving_stays_on_the_map() {
        let mut chart = Chart::of_country(Country::Fr);
        for _ in 0..200 {
            chart = chart.moved(1.0, 1.0);
        }
        assert!(chart.middle().lat <= 80.0 && chart.middle().lng <= 170.0);
        assert!(chart.farther().farther().width_m() > chart.closer().width_m());
    }
}
