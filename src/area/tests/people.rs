//! Who lives in an area: exact for whole places, additive within its rounding, honest about its bounds.

use h3o::{LatLng, Resolution};
use proptest::prelude::*;
use serde_json::json;

use super::filing::area;
use super::{cells, code, gazetteer};
use crate::area::Reading;
use crate::domain::area::CellSet;
use crate::domain::language::Language;
use crate::domain::place::{Country, Facilities, PlaceCode};

#[test]
fn whole_places_have_exactly_their_people() {
    for m in &gazetteer().belgium.municipalities {
        let place = PlaceCode::Nis(m.nis.clone());
        let found = gazetteer().inhabitants(&gazetteer().cells_of(&place).unwrap());
        let all = u64::from(m.population);
        assert_eq!((found.about, found.at_least, found.at_most), (all, all, all), "{place}");
    }
    for place in ["COUNTRY:BE", "REG:03000", "PROV:20001", "ZONE:5339", "ARR:21000", "DEP:59", "INSEE:59350"] {
        let found = gazetteer().inhabitants(&cells(place));
        let all = gazetteer().population(&code(place)).unwrap();
        assert_eq!((found.about, found.at_least), (all, all), "{place}");
        assert!(found.outside_km2 < 1e-9);
    }
    // France but for the communes that have no boundary.
    let without: u64 = (0..gazetteer().france.len())
        .filter(|row| gazetteer().size_of(Country::Fr, *row) == 0)
        .map(|row| u64::from(gazetteer().france.commune(row).unwrap().population))
        .sum();
    let all = gazetteer().population(&code("COUNTRY:FR")).unwrap();
    assert_eq!(gazetteer().inhabitants(&cells("COUNTRY:FR")).about, all - without);
}

#[test]
fn languages_follow_the_law_and_the_policy() {
    let brussels = gazetteer().inhabitants(&cells("REG:04000"));
    assert_eq!(brussels.by_language.get(&Language::Fr), brussels.by_language.get(&Language::Nl));
    assert_eq!(brussels.about, 1_218_255);
    let kraainem = cells("NIS:23099");
    let both = gazetteer().inhabitants(&kraainem).by_language;
    assert_eq!(both.get(&Language::Nl), both.get(&Language::Fr));
    let one = gazetteer().inhabitants_under(&kraainem, Facilities::AreaLanguage).by_language;
    assert_eq!(one.keys().collect::<Vec<_>>(), [&Language::Nl]);
    let spec = crate::area::parse_spec(&json!({"include": [{"place": "NIS:23099"}, {"place": "NIS:21009"}]})).unwrap();
    let reading = Reading { facilities: Facilities::AreaLanguage, home: None };
    let split = crate::area::resolve_under(&spec, gazetteer(), reading).unwrap().split;
    assert_eq!(split.by_language.get(&Language::Fr), Some(&cells("NIS:21009")));
}

#[test]
fn a_part_is_bounded_and_finer_than_the_index_where_the_area_is() {
    let half = area(&json!({"include": [{"circle": {"lat": 50.8333, "lon": 4.3667, "radius_m": 600}}]})).unwrap();
    let found = gazetteer().inhabitants(&half.cells);
    assert!(found.at_least == 0 && found.about > 0 && found.about < found.at_most);
    assert!(found.by_place.iter().all(|place| !place.whole && place.about <= place.population));
    assert_eq!(found.by_place.iter().map(|place| place.about).sum::<u64>(), found.about);
    // Lille is indexed at resolution 9; one cell of resolution 10 in it holds a seventh.
    let cell = |r| CellSet::from_iter([LatLng::new(50.632, 3.06).unwrap().to_cell(r)]);
    let (fine, coarse) = (cell(Resolution::Ten), cell(Resolution::Nine));
    let people = |cells: &CellSet| gazetteer().inhabitants(cells).about;
    assert!(people(&fine) * 7 >= people(&coarse) && people(&fine) * 7 <= people(&coarse) + 7);
}

#[test]
fn people_of_neither_country_are_counted_only_where_asked() {
    let london = CellSet::from_iter([LatLng::new(51.5, -0.12).unwrap().to_cell(Resolution::Seven)]);
    let found = gazetteer().inhabitants(&london);
    assert_eq!((found.about, found.at_most), (0, 0));
    // A cell of resolution 7 has about 5 km².
    assert!((700..1_500).contains(&found.about_outside()), "{}", found.about_outside());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn a_union_has_no_more_people_than_its_parts_and_no_fewer_than_either(
        spots in proptest::collection::vec((50.2..51.0_f64, 2.9..5.5_f64, 5_u8..=9), 2..8), cut in 1..7_usize,
    ) {
        let cell = |(lat, lon, r): &(f64, f64, u8)| {
            LatLng::new(*lat, *lon).unwrap().to_cell(Resolution::try_from(*r).unwrap())
        };
        let (left, right) = spots.split_at(cut.min(spots.len() - 1));
        let (a, b): (CellSet, CellSet) = (left.iter().map(cell).collect(), right.iter().map(cell).collect());
        let people = |set: &CellSet| gazetteer().inhabitants(set);
        let (x, y, both) = (people(&a), people(&b), people(&a.union(&b)));
        prop_assert!(both.about <= x.about + y.about);
        prop_assert!(both.about >= x.about.max(y.about) && both.at_most >= x.at_most.max(y.at_most));
        prop_assert!(both.at_least <= both.about && both.about <= both.at_most);
        prop_assert!(both.by_language.values().all(|people| *people <= both.about));
    }
}
