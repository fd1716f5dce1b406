//! Aims by an invented list of places over real municipalities: least spill, fence, ceiling, languages, what cannot be.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]

use super::places::{PlaceTask, aim_by_places};
use super::{AimError, AimedAtPlaces};
use crate::area::{Gazetteer, parse_spec, resolve};
use crate::domain::aim::AimGoal;
use crate::domain::area::CellSet;
use crate::domain::channel_place::{ChannelPlace, ListedPlace};
use crate::domain::place::PlaceCode;

fn gazetteer() -> &'static Gazetteer {
    Gazetteer::embedded().unwrap()
}

fn place(code: &str) -> CellSet {
    gazetteer().cells_of(&PlaceCode::parse(code).unwrap()).unwrap()
}

/// Country, regions and provinces of Belgium, and these cities.
fn list(cities: &[&str]) -> Vec<ChannelPlace> {
    let wide = [
        ("COUNTRIES", "Belgium"),
        ("REGIONS", "Flanders"),
        ("REGIONS", "Wallonia"),
        ("REGIONS", "Brussels"),
        ("REGIONS", "Walloon Brabant"),
        ("REGIONS", "Flemish Brabant"),
        ("REGIONS", "Namur"),
    ];
    let rows = wide.into_iter().chain(cities.iter().map(|name| ("CITIES", *name)));
    rows.enumerate()
        .map(|(number, (kind, name))| {
            let listed = ListedPlace::new(&format!("{number:016x}"), name, kind, "BE").unwrap();
            let meaning = gazetteer().read_listed_place(&listed);
            ChannelPlace { listed, meaning }
        })
        .collect()
}

fn aimed(
    list: &[ChannelPlace],
    target: &CellSet,
    fence: Option<&CellSet>,
    goal: AimGoal,
) -> Result<(Vec<String>, AimedAtPlaces), AimError> {
    let places = gazetteer().place_groups(list, target);
    let aimed = aim_by_places(gazetteer(), &PlaceTask { target, fence, places: &places, most: 2_000, goal })?;
    let names = aimed.rows.iter().map(|row| list[*row].listed.name.clone()).collect();
    Ok((names, aimed))
}

#[test]
fn whole_places_are_reached_without_anybody_outside_by_the_fewest_ids() {
    let list = list(&["Namur", "Gembloux", "Wavre", "Ixelles", "Ghent"]);
    let (names, city) = aimed(&list, &place("NIS:92094"), None, AimGoal::default()).unwrap();
    assert_eq!(names, ["Namur"]);
    assert_eq!(city.rows, [7], "the city, not the province of the name");
    assert!(city.met && city.fit.over_inhabitants < 0.5 && city.fit.recall() > 0.999_9);
    let (names, _) = aimed(&list, &place("PROV:90000"), None, AimGoal::default()).unwrap();
    assert_eq!(names, ["Namur"], "the province alone, not its cities beside it");
    let (names, _) = aimed(&list, &place("PROV:90000").union(&place("NIS:21009")), None, AimGoal::default()).unwrap();
    assert_eq!(names, ["Namur", "Ixelles"]);
    let (names, all) = aimed(&list, &place("COUNTRY:BE"), None, AimGoal::default()).unwrap();
    assert_eq!(names, ["Belgium"]);
    assert!(all.met && all.fit.spill.is_empty());
}

#[test]
fn a_place_that_is_not_listed_is_reached_by_the_smallest_that_holds_it() {
    let list = list(&["Gembloux", "Wavre"]);
    let target = place("NIS:92142").union(&place("NIS:25005"));
    // Beauvechain is in no row of its own.
    let (names, aim) = aimed(&list, &target, None, AimGoal::default()).unwrap();
    assert_eq!(names, ["Walloon Brabant", "Gembloux"]);
    let province = gazetteer().population(&PlaceCode::parse("PROV:20002").unwrap()).unwrap();
    let own = gazetteer().population(&PlaceCode::parse("NIS:25005").unwrap()).unwrap();
    #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "thousands of people")]
    let wanted = (province - own) as f64;
    assert!((aim.fit.over_inhabitants - wanted).abs() < 1.0, "{} for {wanted}", aim.fit.over_inhabitants);
    assert!(aim.fit.spill[0].place.as_ref().is_some_and(|place| place.to_string().starts_with("NIS:25")));
    // The zone allows no such thing; what stays inside is taken, and the goal is told to be missed.
    let zone = place("NIS:92142").union(&place("NIS:25005"));
    let (names, fenced) = aimed(&list, &target, Some(&zone), AimGoal::default()).unwrap();
    assert_eq!(names, ["Gembloux"]);
    assert!(!fenced.met && fenced.fit.over_inhabitants < 0.5);
    let none = aimed(&list, &place("NIS:25005"), Some(&zone), AimGoal::default());
    assert_eq!(none.unwrap_err(), AimError::NoPlace { fenced: true });
    let none = aimed(&list[4..4], &target, None, AimGoal::default());
    assert_eq!(none.unwrap_err(), AimError::NoPlace { fenced: false });
}

#[test]
fn a_ceiling_takes_what_it_can_without_more_outside() {
    let spec = r#"{"include":[{"circle":{"lat":50.85,"lon":4.35,"radius_m":9000}}]}"#;
    let target = resolve(&parse_spec(&serde_json::from_str(spec).unwrap()).unwrap(), gazetteer()).unwrap().cells;
    let communes = gazetteer().municipalities(&PlaceCode::parse("REG:04000").unwrap()).unwrap();
    let communes =
        communes.into_iter().chain(gazetteer().municipalities(&PlaceCode::parse("PROV:20001").unwrap()).unwrap());
    let names: Vec<String> = communes.filter_map(|code| gazetteer().names(&code)?.nl).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let list = list(&names);
    let (_, whole) = aimed(&list, &target, None, AimGoal::default()).unwrap();
    assert!(whole.met && whole.fit.recall() >= 0.99 && whole.fit.least_part() >= 0.95);
    let mut before = whole.fit.recall();
    for over_reach in [0.05, 0.01, 0.0] {
        let (_, under) = aimed(&list, &target, None, AimGoal::Ceiling { over_reach }).unwrap();
        assert!(under.met && under.fit.over_reach() <= over_reach, "{:?}", under.fit);
        assert!(under.fit.recall() <= before && under.fit.recall() > 0.5, "{}", under.fit.recall());
        before = under.fit.recall();
    }
    let again = aimed(&list, &target, None, AimGoal::default()).unwrap();
    assert_eq!(again.1, whole);
}
