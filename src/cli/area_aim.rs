//! `tocsin area aim` and `tocsin area draw`: what a platform can be told about an area, how well that fits, and a picture
//! of it. JSON on stdout, words on stderr.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use super::area::{Configuration, tell};
use super::area_input::AreaInput;
use super::{channel, open};
use crate::app::aim_appeal::{self, AppealAim, NoAim, Wish};
use crate::app::channel_places;
use crate::area::{Gazetteer, draw};
use crate::domain::aim::{AimEffort, AimGoal, AimPlatform, Fit};
use crate::domain::area::{CellSet, TargetArea};
use crate::domain::channel_place::ChannelPlace;
use crate::domain::language::Language;
use crate::domain::place::PlaceCode;
use crate::http::api::aims::{fit_view, place_name, places_view, units_view};

/// A platform's own targeting for an area, with its recall and its over-reach.
#[derive(Debug, Args)]
pub(super) struct AimArgs {
    #[command(flatten)]
    area: AreaInput,
    /// Whose targeting.
    #[arg(long, value_parser = platform, value_name = "meta|google|x")]
    platform: AimPlatform,
    /// For X: its list of places from these files, as X answers with it, instead of the stored one.
    #[arg(long, num_args = 1.., value_name = "FILE")]
    places: Vec<PathBuf>,
    #[command(flatten)]
    wish: Wanted,
}

/// A picture of an area, and of an aim at it when a platform is named.
#[derive(Debug, Args)]
pub(super) struct DrawArgs {
    #[command(flatten)]
    area: AreaInput,
    /// Draws the circles of an aim for this platform too.
    #[arg(long, value_parser = platform, value_name = "meta|google")]
    platform: Option<AimPlatform>,
    #[command(flatten)]
    wish: Wanted,
    /// The file to write: .png or .svg.
    #[arg(long, short)]
    output: PathBuf,
}

/// What the aim should be.
#[derive(Debug, Args)]
struct Wanted {
    /// Only the part of the area where this language is official, and the platform's criterion for it.
    #[arg(long, value_parser = Language::parse)]
    language: Option<Language>,
    /// Per cent of the area's inhabitants to reach.
    #[arg(long, default_value = "99", value_parser = percent)]
    recall: f64,
    /// Per cent of the inhabitants of every municipality in the area to reach.
    #[arg(long, default_value = "95", value_parser = percent)]
    each: f64,
    /// Instead of a recall: the most inhabitants with at most so many outside, in per cent of the area's.
    #[arg(long, value_parser = percent, conflicts_with_all = ["recall", "each"])]
    ceiling: Option<f64>,
    /// A place no circle may leave: the authorised zone, by code, e.g. PROV:20001.
    #[arg(long)]
    fence: Option<String>,
    /// No excluding circles, even where the platform has them.
    #[arg(long)]
    no_exclusions: bool,
    /// At most so many ad sets; more than one are taken only where one cannot do.
    #[arg(long)]
    ad_sets: Option<usize>,
    /// Search briefly.
    #[arg(long)]
    quick: bool,
}

/// How far the counts may be from the truth.
const EVENLY: &str =
    "inhabitants are spread evenly over each municipality: too few in a town centre, too many in open country";

fn percent(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&number) { Ok(number) } else { Err("not between 0 and 100".to_owned()) }
}

fn platform(text: &str) -> Result<AimPlatform, String> {
    AimPlatform::parse(text).ok_or_else(|| "one of meta, google, x".to_owned())
}

pub(super) fn aim_at(
    args: AimArgs,
    gazetteer: &Gazetteer,
    config: Configuration<'_>,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let target = match args.area.read(gazetteer)? {
        Ok(target) => target,
        Err(faults) => return Ok(tell(&faults)),
    };
    let by_places = aim_appeal::circles(args.platform).is_none();
    anyhow::ensure!(by_places || args.places.is_empty(), "--places is for X; this platform takes circles");
    let listed = if by_places { list(&args.places, gazetteer, config)? } else { Vec::new() };
    anyhow::ensure!(!by_places || !listed.is_empty(), "{}, or name files with --places", NoAim::NoList);
    let aim = args.wish.aim(&target, args.platform, &listed, gazetteer)?;
    let error = if by_places {
        format!("a place reaches what is officially its territory, as far as the platform draws it so; {EVENLY}")
    } else {
        EVENLY.to_owned()
    };
    let document = json!({
        "platform": args.platform.code(),
        "language": args.wish.language.map(Language::code),
        // One object a unit: Meta's ad sets, Google's campaigns, X's batches. What one excludes the others may reach.
        "targeting": aim.targeting,
        "units": units_view(&aim.units),
        "places": places_view(&aim.places),
        "met": aim.met,
        "fit": fit_view(&aim.fit, gazetteer),
        "index_version": target.index_version,
        "error": error,
    });
    writeln!(out, "{document}")?;
    say(&aim, gazetteer);
    Ok(if aim.met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A platform's places from files, as it answers with them; without any, the stored ones.
fn list(files: &[PathBuf], gazetteer: &Gazetteer, config: Configuration<'_>) -> anyhow::Result<Vec<ChannelPlace>> {
    if !files.is_empty() {
        return Ok(channel_places::read(gazetteer, channel::rows(files)?));
    }
    let app = open(config()?)?;
    let stored = app.db.read_now(|conn| channel_places::stored(conn, gazetteer))?;
    Ok(stored.into_iter().map(|row| row.place).collect())
}

pub(super) fn picture(args: DrawArgs, gazetteer: &Gazetteer) -> anyhow::Result<ExitCode> {
    let svg = match args.output.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => true,
        Some("png") => false,
        _ => bail!("{}: the file ends in .png or .svg", args.output.display()),
    };
    let target = match args.area.read(gazetteer)? {
        Ok(target) => target,
        Err(faults) => return Ok(tell(&faults)),
    };
    let units = match args.platform {
        None => Vec::new(),
        Some(platform) => {
            if aim_appeal::circles(platform).is_none() {
                bail!("X takes no circles, so there are none to draw");
            }
            let aim = args.wish.aim(&target, platform, &[], gazetteer)?;
            say(&aim, gazetteer);
            aim.units
        }
    };
    let picture = draw(gazetteer, &aim_appeal::part(&target, args.wish.language)?, &units)?;
    let bytes = if svg { picture.svg()?.into_bytes() } else { picture.png()? };
    std::fs::write(&args.output, bytes).with_context(|| format!("writing {}", args.output.display()))?;
    eprintln!("{}\n{}", args.output.display(), Gazetteer::attribution());
    Ok(ExitCode::SUCCESS)
}

impl Wanted {
    fn goal(&self) -> AimGoal {
        match self.ceiling {
            Some(ceiling) => AimGoal::Ceiling { over_reach: ceiling / 100.0 },
            None => AimGoal::Recall { whole: self.recall / 100.0, each: self.each / 100.0 },
        }
    }

    /// The authorised zone, where one is given.
    fn zone(&self, gazetteer: &Gazetteer) -> anyhow::Result<Option<CellSet>> {
        let Some(code) = &self.fence else { return Ok(None) };
        Ok(Some(gazetteer.cells_of(&PlaceCode::parse(code)?)?))
    }

    fn aim(
        &self,
        target: &TargetArea,
        platform: AimPlatform,
        listed: &[ChannelPlace],
        gazetteer: &Gazetteer,
    ) -> anyhow::Result<AppealAim> {
        let wish = Wish {
            language: self.language,
            effort: if self.quick { AimEffort::Quick } else { AimEffort::Full },
            goal: self.goal(),
            exclusions: !self.no_exclusions,
            units: self.ad_sets,
            ..Wish::of(platform)
        };
        Ok(aim_appeal::find(gazetteer, target, self.zone(gazetteer)?.as_ref(), wish, listed)?)
    }
}

fn say(aim: &AppealAim, gazetteer: &Gazetteer) {
    let mut counted = Vec::new();
    for (number, unit) in (1..).zip(&aim.units) {
        let circles = match unit.excludes.len() {
            0 => format!("{} circles", unit.includes.len()),
            excludes => format!("{} circles and {excludes} excluding ones", unit.includes.len()),
        };
        counted.push(if aim.units.len() > 1 { format!("ad set {number}: {circles}") } else { circles });
    }
    if aim.units.is_empty() {
        counted.push(format!("{} places", aim.places.len()));
    }
    say_fit(&counted.join("; "), &aim.fit, gazetteer);
    if !aim.met {
        eprintln!("the goal is not met: nothing this platform takes reaches it");
    }
}

/// What an approver wants to know, in words.
fn say_fit(with: &str, fit: &Fit, gazetteer: &Gazetteer) {
    eprintln!(
        "{with}: about {:.0} of {:.0} inhabitants reached ({:.1} %), and {:.0} outside the area ({:.2} %)",
        fit.reached_inhabitants,
        fit.target_inhabitants,
        100.0 * fit.recall(),
        fit.over_inhabitants,
        100.0 * fit.over_reach()
    );
    for reached in fit.spill.iter().filter(|reached| reached.inhabitants >= 0.5).take(10) {
        let place = place_name(reached, gazetteer).unwrap_or_else(|| "places beyond Belgium and France".to_owned());
        eprintln!("reaches about {:.0} people in {place}, outside the area", reached.inhabitants);
    }
    let more = fit.spill.iter().skip(10).filter(|reached| reached.inhabitants >= 0.5);
    let (count, inhabitants) = more.fold((0, 0.0), |(count, sum), r| (count + 1, sum + r.inhabitants));
    if count > 0 {
        eprintln!("reaches about {inhabitants:.0} people in {count} more municipalities");
    }
}
