//! `tocsin area aim` and `tocsin area draw`: what a platform can be told about an area, how well that fits, and a picture
//! of it. JSON on stdout, words on stderr.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::area::{Configuration, tell};
use super::area_input::AreaInput;
use super::area_places::aim_by_list;
use crate::area::aim::{Aimed, Task, aim};
use crate::area::{Gazetteer, draw};
use crate::channels::targeting::CirclePlatform;
use crate::domain::aim::{AimEffort, AimGoal, Circles, Fit, Reached};
use crate::domain::area::{CellSet, TargetArea};
use crate::domain::language::Language;
use crate::http::api::aims::fit_view;

/// A platform's own targeting for an area, with its recall and its over-reach.
#[derive(Debug, Args)]
pub(super) struct AimArgs {
    #[command(flatten)]
    area: AreaInput,
    /// Whose targeting.
    #[arg(long, value_enum)]
    platform: Platform,
    /// For X: its list of places from these files, as X answers with it, instead of the stored one.
    #[arg(long, num_args = 1.., value_name = "FILE")]
    places: Vec<PathBuf>,
    #[command(flatten)]
    wish: Wish,
}

/// A picture of an area, and of an aim at it when a platform is named.
#[derive(Debug, Args)]
pub(super) struct DrawArgs {
    #[command(flatten)]
    area: AreaInput,
    /// Draws the circles of an aim for this platform too.
    #[arg(long, value_enum)]
    platform: Option<Platform>,
    #[command(flatten)]
    wish: Wish,
    /// The file to write: .png or .svg.
    #[arg(long, short)]
    output: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Platform {
    Meta,
    Google,
    X,
}

impl Platform {
    /// Where circles are what it takes.
    const fn circles(self) -> Option<CirclePlatform> {
        match self {
            Self::Meta => Some(CirclePlatform::Meta),
            Self::Google => Some(CirclePlatform::Google),
            Self::X => None,
        }
    }
}

/// What the aim should be.
#[derive(Debug, Args)]
pub(super) struct Wish {
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
pub(super) const EVENLY: &str =
    "inhabitants are spread evenly over each municipality: too few in a town centre, too many in open country";

fn percent(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&number) { Ok(number) } else { Err("not between 0 and 100".to_owned()) }
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
    let Some(platform) = args.platform.circles() else {
        return aim_by_list(&target, &args.places, &args.wish, gazetteer, config, out);
    };
    anyhow::ensure!(args.places.is_empty(), "--places is for X; this platform takes circles");
    let aimed = aimed(&target, platform, &args.wish, gazetteer)?;
    let name = match platform {
        CirclePlatform::Meta => "meta",
        CirclePlatform::Google => "google",
    };
    let language = args.wish.language;
    let document = json!({
        "platform": name,
        "language": language.map(Language::code),
        // One object a unit: Meta's ad sets, Google's campaigns. What one excludes the others may reach.
        "targeting": platform.targeting(&aimed.units, language),
        "units": aimed.units.iter().map(counts).collect::<Vec<_>>(),
        "met": aimed.met,
        "fit": fit_view(&aimed.fit, gazetteer),
        "index_version": target.index_version,
        "error": EVENLY,
    });
    writeln!(out, "{document}")?;
    say(&aimed, gazetteer);
    Ok(if aimed.met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
            let Some(platform) = platform.circles() else { bail!("X takes no circles, so there are none to draw") };
            let aimed = aimed(&target, platform, &args.wish, gazetteer)?;
            say(&aimed, gazetteer);
            aimed.units
        }
    };
    let picture = draw(gazetteer, &args.wish.part_of(&target)?, &units)?;
    let bytes = if svg { picture.svg()?.into_bytes() } else { picture.png()? };
    std::fs::write(&args.output, bytes).with_context(|| format!("writing {}", args.output.display()))?;
    eprintln!("{}\n{}", args.output.display(), Gazetteer::attribution());
    Ok(ExitCode::SUCCESS)
}

impl Wish {
    pub(super) const fn language(&self) -> Option<Language> {
        self.language
    }

    pub(super) fn goal(&self) -> AimGoal {
        match self.ceiling {
            Some(ceiling) => AimGoal::Ceiling { over_reach: ceiling / 100.0 },
            None => AimGoal::Recall { whole: self.recall / 100.0, each: self.each / 100.0 },
        }
    }

    /// The authorised zone, where one is given.
    pub(super) fn zone(&self, gazetteer: &Gazetteer) -> anyhow::Result<Option<CellSet>> {
        let Some(code) = &self.fence else { return Ok(None) };
        let place = crate::domain::place::PlaceCode::parse(code)?;
        Ok(Some(gazetteer.cells_of(&place)?))
    }

    /// The part of the area that is meant.
    pub(super) fn part_of(&self, target: &TargetArea) -> anyhow::Result<CellSet> {
        let Some(language) = self.language else { return Ok(target.cells.clone()) };
        let cells = target.split.by_language.get(&language).cloned().unwrap_or_default();
        anyhow::ensure!(!cells.is_empty(), "nobody in the area has {language} as an official language");
        Ok(cells)
    }
}

fn aimed(target: &TargetArea, platform: CirclePlatform, wish: &Wish, gazetteer: &Gazetteer) -> anyhow::Result<Aimed> {
    let (cells, fence) = (wish.part_of(target)?, wish.zone(gazetteer)?);
    let mut limits = platform.limits();
    if wish.no_exclusions {
        limits.exclusions = 0;
    }
    limits.units = wish.ad_sets.unwrap_or(limits.units).clamp(1, limits.units);
    let effort = if wish.quick { AimEffort::Quick } else { AimEffort::Full };
    Ok(aim(gazetteer, &Task { target: &cells, fence: fence.as_ref(), limits, goal: wish.goal(), effort })?)
}

fn counts(unit: &Circles) -> Value {
    json!({"circles": unit.includes.len(), "exclusions": unit.excludes.len()})
}

fn name(reached: &Reached, gazetteer: &Gazetteer) -> String {
    let names = reached.place.as_ref().and_then(|place| gazetteer.names(place)).unwrap_or_default();
    names.fr.or(names.nl).or(names.de).unwrap_or_else(|| "beyond Belgium and France".to_owned())
}

fn say(aimed: &Aimed, gazetteer: &Gazetteer) {
    let mut counted = Vec::new();
    for (number, unit) in (1..).zip(&aimed.units) {
        let circles = match unit.excludes.len() {
            0 => format!("{} circles", unit.includes.len()),
            excludes => format!("{} circles and {excludes} excluding ones", unit.includes.len()),
        };
        counted.push(if aimed.units.len() > 1 { format!("ad set {number}: {circles}") } else { circles });
    }
    say_fit(&counted.join("; "), &aimed.fit, gazetteer);
    if !aimed.met {
        eprintln!("the goal is not met: no aim with this platform's circles reaches it");
    }
}

/// What an approver wants to know, in words.
pub(super) fn say_fit(with: &str, fit: &Fit, gazetteer: &Gazetteer) {
    eprintln!(
        "{with}: about {:.0} of {:.0} inhabitants reached ({:.1} %), and {:.0} outside the area ({:.2} %)",
        fit.reached_inhabitants,
        fit.target_inhabitants,
        100.0 * fit.recall(),
        fit.over_inhabitants,
        100.0 * fit.over_reach()
    );
    for reached in fit.spill.iter().filter(|reached| reached.inhabitants >= 0.5).take(10) {
        eprintln!("reaches about {:.0} people in {}, outside the area", reached.inhabitants, name(reached, gazetteer));
    }
    let more = fit.spill.iter().skip(10).filter(|reached| reached.inhabitants >= 0.5);
    let (count, inhabitants) = more.fold((0, 0.0), |(count, sum), r| (count + 1, sum + r.inhabitants));
    if count > 0 {
        eprintln!("reaches about {inhabitants:.0} people in {count} more municipalities");
    }
}
