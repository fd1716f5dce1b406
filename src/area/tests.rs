//! The embedded gazetteer against facts known from the law and the maps, and whole filings from JSON to cells.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

mod filing;
mod hostile;
mod people;
mod places;

use h3o::{CellIndex, LatLng, Resolution};
use proptest::prelude::*;
use serde_json::json;

use self::filing::area;
use super::{AreaError, Gazetteer};
use crate::domain::area::CellSet;
use crate::domain::area::position::position;
use crate::domain::language::Language;
use crate::domain::place::{PlaceCode, Regime};

fn gazetteer() -> &'static Gazetteer {
    Gazetteer::embedded().unwrap()
}

fn code(text: &str) -> PlaceCode {
    PlaceCode::parse(text).unwrap()
}

fn cells(text: &str) -> CellSet {
    gazetteer().cells_of(&code(text)).unwrap()
}

fn languages(text: &str) -> Vec<&'static str> {
    gazetteer().split(&cells(text)).languages().map(Language::code).collect()
}

#[test]
fn the_split_follows_the_language_laws() {
    assert_eq!(languages("NIS:21009"), ["fr", "nl"], "Ixelles is bilingual");
    assert_eq!(languages("NIS:23099"), ["fr", "nl"], "Kraainem has facilities");
    assert_eq!(languages("NIS:62063"), ["fr"], "Liège");
    assert_eq!(languages("NIS:11002"), ["nl"], "Antwerp");
    assert_eq!(languages("NIS:63023"), ["fr", "de"], "Eupen has facilities for French");
    assert_eq!(languages("INSEE:59350"), ["fr"], "Lille");

    let ixelles = cells("NIS:21009");
    let split = gazetteer().split(&ixelles);
    assert!(split.by_language.values().all(|language| *language == ixelles));
    assert_eq!(split.regimes.get(&Regime::Bru), Some(&ixelles.count_at(Resolution::Ten)));
    assert!(split.unassigned.is_empty());
}

#[test]
fn the_split_of_the_brussels_arrondissement_counts_each_cell_once_by_regime() {
    let all = cells("ARR:brussel");
    let split = gazetteer().split(&all);
    assert_eq!(split.regimes.keys().copied().collect::<Vec<_>>(), [Regime::Nl, Regime::Bru, Regime::NlFr]);
    assert_eq!(split.regimes.values().sum::<u64>(), all.count_at(Resolution::Ten));
    assert_eq!(split.by_language.get(&Language::Nl), Some(&all));
    let french = split.by_language.get(&Language::Fr).unwrap().count_at(Resolution::Ten);
    assert_eq!(french, split.regimes.get(&Regime::Bru).unwrap() + split.regimes.get(&Regime::NlFr).unwrap());
}

#[test]
fn what_lies_in_neither_country_is_unassigned() {
    let london: CellSet = [LatLng::new(51.5, -0.12).unwrap().to_cell(Resolution::Seven)].into_iter().collect();
    let split = gazetteer().split(&london);
    assert_eq!(split.unassigned, london);
    assert!(split.by_language.is_empty() && split.regimes.is_empty());
}

#[test]
fn points_are_located_with_everything_the_law_hangs_on_the_place() {
    let at = |lat, lon| gazetteer().locate(lat, lon).unwrap();
    let grand_place = at(50.8467, 4.3525).place.unwrap();
    assert_eq!(grand_place.code, code("NIS:21004"));
    assert_eq!(grand_place.regime.languages(), [Language::Fr, Language::Nl]);
    assert_eq!(grand_place.names.nl.as_deref(), Some("Brussel"));
    assert_eq!(grand_place.police_zone.as_deref(), Some("5339"));
    assert_eq!(grand_place.prosecutor.as_deref(), Some("brussel"));
    let kraainem = at(50.8646, 4.4733).place.unwrap();
    assert_eq!(kraainem.regime.languages(), [Language::Nl, Language::Fr]);
    assert_eq!(kraainem.prosecutor.as_deref(), Some("halle-vilvoorde"));
    assert_eq!(at(50.6333, 3.0667).place.unwrap().code, code("INSEE:59350"));
    assert_eq!(at(48.8566, 2.3522).place.unwrap().prosecutor.as_deref(), Some("paris-75"));
    assert_eq!(at(-20.88, 55.45).place.unwrap().code, code("INSEE:97411"));
    let sea = at(51.5, 2.5);
    assert!(sea.place.is_none());
    assert_eq!(sea.cell.resolution(), Resolution::Nine);
    assert!(gazetteer().locate(95.0, 4.0).is_err());
    assert!(gazetteer().locate(f64::NAN, 4.0).is_err());
}

#[test]
fn the_exclave_of_baarle_is_belgian_and_its_surroundings_are_not() {
    assert_eq!(gazetteer().locate(51.4411, 4.9300).unwrap().place.unwrap().code, code("NIS:13002"));
    assert!(gazetteer().locate(51.46, 4.90).unwrap().place.is_none());
}

#[test]
fn every_belgian_municipality_has_cells_and_no_cell_has_two() {
    let mut seen = 0;
    let mut all = CellSet::default();
    for municipality in &gazetteer().belgium.municipalities {
        let own = cells(&format!("NIS:{}", municipality.nis));
        seen += own.count_at(Resolution::Ten);
        all = all.union(&own);
    }
    assert_eq!(seen, all.count_at(Resolution::Ten), "a partition");
    assert_eq!(&all, gazetteer().belgium.territory());
    assert_eq!(gazetteer().belgium.municipalities.len(), 565);
    // H3 measures on a sphere, 0.35 % below the official 30,689 km² at this latitude.
    assert!((all.area_km2() / 30_689.0 - 0.9965).abs() < 0.001, "{}", all.area_km2());
}

#[test]
fn provinces_regions_zones_and_arrondissements_are_sums_of_municipalities() {
    for (place, members) in [
        ("PROV:04000", 19),
        ("PROV:02000", 285),
        ("ZONE:5339", 2),
        ("ARR:eupen", 9),
        ("POST:BE:2000", 1),
        ("DEP:75", 1),
    ] {
        let found = gazetteer().municipalities(&code(place)).unwrap();
        assert_eq!(found.len(), members, "{place}");
        let sum = found.iter().fold(CellSet::default(), |sum, c| sum.union(&gazetteer().cells_of(c).unwrap()));
        assert_eq!(sum, cells(place));
    }
    assert_eq!(gazetteer().population(&code("PROV:04000")), Some(1_218_255));
    assert_eq!(gazetteer().names(&code("POST:BE:1000")).unwrap().fr.as_deref(), Some("1000 Bruxelles"));
}

#[test]
fn belgium_and_france_share_no_cell() {
    for department in ["DEP:59", "DEP:62", "DEP:02", "DEP:08", "DEP:55", "DEP:54", "DEP:57"] {
        assert!(cells(department).intersection(gazetteer().belgium.territory()).is_empty(), "{department}");
    }
}

#[test]
fn communes_smaller_than_a_cell_keep_the_cell_of_their_interior_point() {
    let index = &gazetteer().france.index;
    assert!(!index.shared().is_empty());
    for (cell, unit) in index.shared() {
        let place = gazetteer().code_of(crate::domain::place::Country::Fr, *unit).unwrap();
        let own = gazetteer().cells_of(&place).unwrap();
        assert_eq!(own.cells().map(position).collect::<Vec<_>>(), [*cell], "{place}");
        assert_ne!(index.owner(*cell), Some(*unit), "the centre is another's");
    }
}

#[test]
fn a_code_without_cells_says_why() {
    let why = |text: &str| gazetteer().cells_of(&code(text)).unwrap_err();
    assert_eq!(why("NIS:99999"), AreaError::Unknown(code("NIS:99999")));
    assert_eq!(why("INSEE:14666"), AreaError::NoBoundary(code("INSEE:14666")));
    assert!(matches!(why("NIS:11007"), AreaError::Abolished { now, .. } if now == code("NIS:11002")));
    assert!(matches!(why("ZONE:5332"), AreaError::MergedZone { now, .. } if now == code("ZONE:m5332")));
}

#[test]
fn shares_of_an_area_name_its_municipalities() {
    let shares = gazetteer().municipalities_in(&cells("NIS:21009"));
    let one = shares.first().unwrap();
    assert_eq!((shares.len(), &one.place, one.inside), (1, &code("NIS:21009"), one.total));
    let border = area(&json!({ "include": [{ "circle": { "lat": 50.79, "lon": 3.12, "radius_m": 3000 } }] })).unwrap();
    let countries: Vec<_> = gazetteer().municipalities_in(&border.cells).iter().map(|s| s.place.country()).collect();
    assert!(
        countries.contains(&crate::domain::place::Country::Be)
            && countries.contains(&crate::domain::place::Country::Fr)
    );
}

#[test]
fn a_damaged_folder_is_refused() {
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata");
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(&from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    assert_eq!(Gazetteer::load(folder.path()).unwrap().version(), gazetteer().version());
    let zones = folder.path().join("be_police_zones.csv");
    let text = std::fs::read_to_string(&zones).unwrap();
    std::fs::write(&zones, text.replace("21009", "21004")).unwrap();
    assert!(Gazetteer::load(folder.path()).is_err());
    std::fs::remove_file(&zones).unwrap();
    assert!(Gazetteer::load(folder.path()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn locating_a_point_agrees_with_the_cells_of_the_place(lat in 49.0..51.6_f64, lon in 1.5..6.5_f64) {
        let located = gazetteer().locate(lat, lon).unwrap();
        let cell: CellIndex = LatLng::new(lat, lon).unwrap().to_cell(Resolution::Ten);
        prop_assert_eq!(gazetteer().unit_of_cell(cell), located.place.as_ref().map(|place| place.code.clone()));
        if let Some(place) = located.place {
            prop_assert!(gazetteer().cells_of(&place.code).unwrap().contains(cell));
            let split = gazetteer().split(&[cell].into_iter().collect());
            let mut legal = place.regime.languages().to_vec();
            legal.sort_unstable();
            prop_assert_eq!(split.languages().collect::<Vec<_>>(), legal);
        }
    }

    #[test]
    fn a_split_takes_the_area_apart_and_loses_nothing(lat in 49.0..51.6_f64, lon in 1.5..6.5_f64, r in 4_u8..=9) {
        let point = LatLng::new(lat, lon).unwrap();
        let cells: CellSet = [point.to_cell(Resolution::try_from(r).unwrap())].into_iter().collect();
        let split = gazetteer().split(&cells);
        let mut together = split.unassigned.clone();
        for language in split.by_language.values() {
            prop_assert!(language.is_subset_of(&cells) && language.intersection(&split.unassigned).is_empty());
            together = together.union(language);
        }
        prop_assert_eq!(&together, &cells);
        let counted = split.regimes.values().sum::<u64>() + split.unassigned.count_at(Resolution::Ten);
        prop_assert_eq!(counted, cells.count_at(Resolution::Ten));
    }
}
