//! An area on the command line: a file, places, circles and corridors, minus exclusions; and how it is read.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use h3o::Resolution;

use super::area::tell_notes;
use crate::area::{AreaFault, Gazetteer, Reading, corridor_from_geojson, file_spec, limits, place_part, resolve_under};
use crate::domain::area::{AreaPart, AreaSpec, Circle, CoverMode, FINEST_RESOLUTION, TargetArea};
use crate::domain::place::{Country, Facilities};

/// The area a command works on.
#[derive(Debug, Args)]
pub(super) struct AreaInput {
    #[command(flatten)]
    source: Source,
    /// A place to leave out, by code or name; may be given several times.
    #[arg(long, value_parser = place_part)]
    exclude_place: Vec<AreaPart>,
    /// A circle to leave out; may be given several times.
    #[arg(long, value_parser = circle, allow_hyphen_values = true)]
    exclude_circle: Vec<Circle>,
    /// H3 resolution, 0 to 10.
    #[arg(long, default_value = "10", value_parser = resolution)]
    resolution: Resolution,
    /// Which border cells belong: covers, centroid or inside.
    #[arg(long, default_value = "covers", value_parser = CoverMode::parse)]
    mode: CoverMode,
    /// Whose place is meant when both countries have the name: BE or FR.
    #[arg(long, value_parser = country)]
    country: Option<Country>,
    /// Languages of municipalities with facilities: both or area-language.
    #[arg(long, default_value = "both", value_parser = facilities)]
    facilities: Facilities,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Source {
    /// A `GeoJSON` file or a filing with `include`, or - for standard input.
    #[arg(conflicts_with_all = ["place", "circle", "corridor"])]
    file: Option<PathBuf>,
    /// A place instead of a file, e.g. NIS:21009 or Ixelles; may be given several times.
    #[arg(long, value_parser = place_part)]
    place: Vec<AreaPart>,
    /// A circle instead of a file: latitude, longitude, radius, e.g. 50.85,4.35,10km; may be given several times.
    #[arg(long, value_parser = circle, allow_hyphen_values = true)]
    circle: Vec<Circle>,
    /// A `GeoJSON` line and a radius to either side: route.geojson,500m or -,500m; may be given several times.
    #[arg(long, value_parser = corridor, allow_hyphen_values = true)]
    corridor: Vec<(PathBuf, f64)>,
}

impl AreaInput {
    /// The policy for municipalities with facilities.
    pub(super) const fn facilities(&self) -> Facilities {
        self.facilities
    }

    /// Reads and resolves the area, telling its notes on stderr.
    pub(super) fn read(self, gazetteer: &Gazetteer) -> anyhow::Result<Result<TargetArea, Vec<AreaFault>>> {
        let reading = Reading { home: self.country, facilities: self.facilities };
        let resolved = self.spec()?.and_then(|spec| resolve_under(&spec, gazetteer, reading));
        if let Ok(target) = &resolved {
            tell_notes(target);
        }
        Ok(resolved)
    }

    fn spec(self) -> anyhow::Result<Result<AreaSpec, Vec<AreaFault>>> {
        let (resolution, mode) = (self.resolution, self.mode);
        let excluded = self.exclude_place.into_iter().chain(self.exclude_circle.into_iter().map(AreaPart::Circle));
        let mut spec = if let Some(file) = self.source.file {
            match file_spec(&read_file(&file)?, resolution, mode) {
                Ok(spec) => spec,
                Err(faults) => return Ok(Err(faults)),
            }
        } else {
            let mut include = self.source.place;
            include.extend(self.source.circle.into_iter().map(AreaPart::Circle));
            for (file, radius) in self.source.corridor {
                match corridor_from_geojson(&read_file(&file)?, radius) {
                    Ok(part) => include.push(part),
                    Err(faults) => return Ok(Err(faults)),
                }
            }
            AreaSpec { include, exclude: Vec::new(), resolution, mode }
        };
        spec.exclude.extend(excluded);
        Ok(Ok(spec))
    }
}

fn read_file(file: &Path) -> anyhow::Result<String> {
    // One byte more than allowed, so that the check of size sees it; never a whole disk.
    let most = u64::try_from(limits::BYTES)? + 1;
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().take(most).read_to_end(&mut bytes).context("reading standard input")?;
    } else {
        let opened = std::fs::File::open(file).with_context(|| format!("opening {}", file.display()))?;
        opened.take(most).read_to_end(&mut bytes).with_context(|| format!("reading {}", file.display()))?;
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // The cut may fall inside a character; the size is refused below anyway.
        Err(e) if e.as_bytes().len() > limits::BYTES => String::from_utf8_lossy(e.as_bytes()).into_owned(),
        Err(e) => bail!("{}: not UTF-8: {e}", file.display()),
    };
    // Some editors begin a file with a byte order mark, which is no JSON.
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

fn resolution(text: &str) -> Result<Resolution, String> {
    let read = text.parse::<u8>().ok().and_then(|n| Resolution::try_from(n).ok());
    read.filter(|r| *r <= FINEST_RESOLUTION)
        .ok_or_else(|| format!("not a whole number from 0 to {}", u8::from(FINEST_RESOLUTION)))
}

/// `50.85,4.35,10km`; metres without a unit.
fn circle(text: &str) -> Result<Circle, String> {
    let shape = || "not latitude,longitude,radius, e.g. 50.85,4.35,10km or 50.85,4.35,500m".to_owned();
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let [lat, lon, radius] = parts.as_slice() else {
        return Err(shape());
    };
    let read = |text: &str| text.trim().parse::<f64>().map_err(|_| shape());
    let radius = metres(radius).ok_or_else(shape)?;
    Circle::new(read(lat)?, read(lon)?, radius).map_err(|e| e.to_string())
}

/// `10km`, `500m`; metres without a unit.
fn metres(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, unit) = match (text.strip_suffix("km"), text.strip_suffix('m')) {
        (Some(number), _) => (number, 1000.0),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (text, 1.0),
    };
    number.trim().parse::<f64>().ok().map(|number| number * unit)
}

/// `route.geojson,500m`; the file's name may hold commas.
fn corridor(text: &str) -> Result<(PathBuf, f64), String> {
    let parts = text.rsplit_once(',').and_then(|(file, radius)| Some((PathBuf::from(file), metres(radius)?)));
    parts.ok_or_else(|| "not file,radius, e.g. route.geojson,500m or -,500m".to_owned())
}

fn country(text: &str) -> Result<Country, String> {
    Country::parse(&text.to_uppercase()).ok_or_else(|| "not BE or FR".to_owned())
}

fn facilities(text: &str) -> Result<Facilities, String> {
    match text {
        "both" => Ok(Facilities::Both),
        "area-language" => Ok(Facilities::AreaLanguage),
        _ => Err("not both or area-language".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn a_radius_is_in_metres_or_kilometres() {
        assert_eq!(circle("50.85,4.35,10km").unwrap().radius_m(), 10_000);
        assert_eq!(circle("50.85, 4.35, 2.5 km").unwrap().radius_m(), 2_500);
        assert_eq!(corridor("a,b.geojson,1.5km").unwrap(), (PathBuf::from("a,b.geojson"), 1500.0));
        assert!(corridor("a.geojson,far").is_err());
    }
}
