//! Every way to say where: kinds of codes, names as people write them, codes of former times.

#![allow(clippy::indexing_slicing, clippy::as_conversions, reason = "tests may")]

use serde_json::{Value, json};

use super::filing::area;
use super::{cells, code, gazetteer};
use crate::area::{AreaFault, NotFound, Reading, parse_spec, resolve_under};
use crate::domain::area::{AreaPart, CellSet, NoteKind, TargetArea};
use crate::domain::place::{Country, PlaceCode};

fn found(text: &str) -> String {
    match gazetteer().find_place(text, None) {
        Ok(found) => found.code.to_string(),
        Err(error) => format!("{error}"),
    }
}

fn candidates(text: &str) -> Vec<String> {
    match gazetteer().find_place(text, None) {
        Err(NotFound::Ambiguous { candidates, .. }) => candidates.iter().map(|c| c.code.to_string()).collect(),
        other => panic!("{text}: {other:?}"),
    }
}

fn faults(body: &Value) -> Vec<AreaFault> {
    parse_spec(body).and_then(|spec| resolve_under(&spec, gazetteer(), Reading::default())).unwrap_err()
}

fn notes(area: &TargetArea) -> Vec<NoteKind> {
    area.notes.iter().map(|note| note.kind).collect()
}

#[test]
fn regions_countries_language_areas_and_arrondissements_are_sums_of_municipalities() {
    for (place, members) in [
        ("REG:02000", 285),
        ("REG:03000", 261),
        ("REG:04000", 19),
        ("LANG:NL", 285),
        ("LANG:FR", 252),
        ("LANG:BRU", 19),
        ("LANG:DE", 9),
        ("COUNTRY:BE", 565),
        ("COUNTRY:FR", 34_969),
        ("ARR:21000", 19),
        ("ARR:63000", 29),
        ("PROSECUTOR:halle-vilvoorde", 33),
    ] {
        assert_eq!(gazetteer().municipalities(&code(place)).unwrap().len(), members, "{place}");
    }
    assert_eq!(gazetteer().population(&code("COUNTRY:BE")), Some(11_492_641));
    assert_eq!(gazetteer().population(&code("COUNTRY:FR")), Some(68_952_941));
    assert_eq!(gazetteer().names(&code("REG:FR-32")).unwrap().joined(), "Hauts-de-France");
    assert_eq!(gazetteer().names(&code("ARR:23000")).unwrap().joined(), "Hal-Vilvorde / Halle-Vilvoorde");
    let north: u64 = ["02", "59", "60", "62", "80"]
        .map(|d| gazetteer().population(&code(&format!("DEP:{d}"))).unwrap())
        .iter()
        .sum();
    assert_eq!(gazetteer().population(&code("REG:FR-32")), Some(north));
    for unknown in ["REG:05000", "REG:FR-99", "ARR:22000", "PROSECUTOR:nowhere"] {
        assert!(gazetteer().cells_of(&code(unknown)).is_err(), "{unknown}");
    }
}

#[test]
fn the_43_arrondissements_hold_every_belgian_municipality_once() {
    let mut members = 0;
    for arrondissement in crate::area::arrondissements::codes() {
        let of = code(&format!("ARR:{arrondissement}"));
        members += gazetteer().municipalities(&of).unwrap().len();
        let names = gazetteer().names(&of).unwrap();
        assert!(names.fr.is_some() && names.nl.is_some(), "{of}");
        let seats = crate::area::arrondissements::seats_of(&arrondissement).unwrap();
        assert!(seats.iter().all(|nis| gazetteer().exists(&PlaceCode::Nis((*nis).to_owned()))), "{of}");
        // One arrondissement lies in one province: no code kept the prefix of where it came from.
        let provinces: std::collections::BTreeSet<&str> = gazetteer()
            .belgium
            .municipalities
            .iter()
            .filter(|m| m.nis.starts_with(arrondissement.trim_end_matches("000")))
            .map(|m| m.province.as_str())
            .collect();
        assert_eq!(provinces.len(), 1, "{of}");
    }
    assert_eq!(members, 565);
}

#[test]
fn belgium_and_france_share_no_cell_as_countries_and_as_regions() {
    let (belgium, france) = (cells("COUNTRY:BE"), cells("COUNTRY:FR"));
    assert!(belgium.intersection(&france).is_empty());
    assert_eq!(&belgium, gazetteer().belgium.territory());
    for region in ["REG:FR-32", "REG:FR-44"] {
        assert!(cells(region).intersection(&belgium).is_empty() && cells(region).is_subset_of(&france), "{region}");
    }
    let regions =
        ["REG:02000", "REG:03000", "REG:04000"].iter().fold(CellSet::default(), |all, r| all.union(&cells(r)));
    assert_eq!(regions, belgium);
}

#[test]
fn a_name_is_read_in_any_language_and_spelling() {
    for (text, place) in [
        ("Ixelles", "NIS:21009"),
        ("Elsene", "NIS:21009"),
        ("  ELSENE ", "NIS:21009"),
        ("ixelles/elsene", "NIS:21009"),
        ("Mons/Bergen", "NIS:53053"),
        ("Bergen / Mons", "NIS:53053"),
        ("Mons (BE)", "NIS:53053"),
        ("Mons, Hainaut", "NIS:53053"),
        ("7000 Mons", "NIS:53053"),
        ("St. Vith", "NIS:63067"),
        ("sankt-vith", "NIS:63067"),
        ("Saint Gilles (BE)", "NIS:21013"),
        ("Sint Gillis", "NIS:21013"),
        ("St-Gilles, Bruxelles", "NIS:21013"),
        ("Braine l'Alleud", "NIS:25014"),
        ("'s-Gravenbrakel", "NIS:55004"),
        ("Leuven", "NIS:24062"),
        ("Lille, 59", "INSEE:59350"),
        ("L HAY LES ROSES", "INSEE:94038"),
        ("Saint-Denis (974)", "INSEE:97411"),
        ("Saint-Denis (Seine-Saint-Denis)", "INSEE:93066"),
        ("Bors (Canton de Charente-Sud)", "INSEE:16053"),
        ("1050", "POST:BE:1050"),
        ("59000", "POST:FR:59000"),
        ("Belgique", "COUNTRY:BE"),
        ("Frankrijk", "COUNTRY:FR"),
        ("Vlaanderen", "REG:02000"),
        ("Région wallonne", "REG:03000"),
        ("Île-de-France", "REG:FR-11"),
        ("hauts de france", "REG:FR-32"),
        ("Nord", "DEP:59"),
        ("département du Nord", "DEP:59"),
        ("département de l'Ain", "DEP:01"),
        ("Brabant wallon", "PROV:20002"),
        ("Province de Namur", "PROV:90000"),
        ("provincie Antwerpen", "PROV:10000"),
        ("ville de Namur", "NIS:92094"),
        ("gemeente Antwerpen", "NIS:11002"),
        ("commune de La Louvière", "NIS:58001"),
        ("zone de police Namur", "ZONE:5303"),
        ("politiezone La Mazerine", "ZONE:5269"),
        ("arrondissement de Mons", "ARR:53000"),
        ("arrondissement judiciaire de Namur", "ARR:namur"),
        ("arrondissement administratif de Namur", "ARR:92000"),
        ("Halle-Vilvoorde", "ARR:23000"),
        ("Parket Halle-Vilvoorde", "PROSECUTOR:halle-vilvoorde"),
        ("Ostbelgien", "LANG:DE"),
        ("Mons/Quévy", "ZONE:5324"),
    ] {
        assert_eq!(found(text), place, "{text}");
    }
}

#[test]
fn two_different_places_of_one_name_are_never_guessed_between() {
    for (text, some) in [
        ("Namur", &["NIS:92094", "PROV:90000"] as &[&str]),
        ("Liège", &["NIS:62063", "PROV:60000"]),
        ("Antwerpen", &["NIS:11002", "PROV:10000"]),
        ("Luxembourg", &["PROV:80000", "ARR:luxembourg"]),
        ("Bruxelles", &["NIS:21004", "REG:04000"]),
        ("Mons", &["NIS:53053", "INSEE:16221"]),
        ("Saint-Denis", &["INSEE:93066", "INSEE:97411", "INSEE:11339"]),
        ("arrondissement de Namur", &["ARR:namur", "ARR:92000"]),
    ] {
        let all = candidates(text);
        assert!(some.iter().all(|wanted| all.contains(&(*wanted).to_owned())), "{text}: {all:?}");
    }
    assert_eq!(candidates("Namur").len(), 2, "the zone and the arrondissement do not compete with the town");
    let fault = faults(&json!({"include": [{"place": "Saint-Denis"}]})).remove(0);
    assert_eq!((fault.pointer.as_str(), fault.code), ("/include/0/place", "ambiguous_place"));
    assert!(
        fault.message.contains("INSEE:93066 Saint-Denis (municipality, 93 Seine-Saint-Denis)"),
        "{}",
        fault.message
    );
    assert!(fault.candidates.len() >= 4);
}

#[test]
fn home_decides_between_countries_but_not_within_one_and_says_so() {
    let at_home = |text: &str, home| gazetteer().find_place(text, Some(home));
    let mons = at_home("Mons", Country::Be).unwrap();
    assert_eq!(mons.code, code("NIS:53053"));
    assert!(mons.others.iter().any(|other| other.code == code("INSEE:16221")));
    assert!(
        matches!(at_home("Mons", Country::Fr), Err(NotFound::Ambiguous { candidates, .. }) if candidates.len() > 3)
    );
    assert!(at_home("Namur", Country::Be).is_err());
    let reading = Reading { home: Some(Country::Be), ..Reading::default() };
    let spec = parse_spec(&json!({"include": [{"place": "Saint Gilles"}]})).unwrap();
    let area = resolve_under(&spec, gazetteer(), reading).unwrap();
    assert_eq!(area.cells, cells("NIS:21013"));
    assert_eq!(notes(&area), [NoteKind::OtherReadings]);
    let part = area.spec.include.first().unwrap();
    assert_eq!(*part, AreaPart::Named { text: "Saint Gilles".to_owned(), read_as: Some(code("NIS:21013")) });
    assert_eq!(TargetArea::from_document(&area.to_document()).unwrap(), area);
}

#[test]
fn an_unknown_name_comes_with_the_nearest_and_what_is_not_held_says_so() {
    let unknown = |text: &str| match gazetteer().find_place(text, None) {
        Err(NotFound::Unknown { suggestions, .. }) => {
            suggestions.iter().map(|c| c.code.to_string()).collect::<Vec<_>>()
        }
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(unknown("Ixeles").first().unwrap(), "NIS:21009");
    assert!(unknown("Etterbek").contains(&"NIS:21005".to_owned()));
    assert!(unknown("Ixeles").len() <= 3);
    assert_eq!(unknown("75056"), ["INSEE:75056"]);
    assert_eq!(candidates("59350"), ["INSEE:59350", "POST:FR:59350"], "Lille's code is its neighbour's post");
    assert!(unknown("qqqqqqqqqqqqqqqqqq").is_empty());
    for (text, word) in [("canton de Nivelles", "cantons"), ("arrondissement de Lille", "French arrondissements")] {
        assert!(found(text).contains(word), "{}", found(text));
    }
    assert!(found("Mons/Elsene").contains("two different places"));
    for (place, wanted) in [("Ixeles", "unknown_place"), ("canton de Huy", "not_held"), ("Mons/Elsene", "two_places")] {
        let body = json!({"include": [{"place": "NIS:21009"}], "exclude": [{"place": place}]});
        let fault = faults(&body).remove(0);
        assert_eq!((fault.pointer.as_str(), fault.code), ("/exclude/0/place", wanted));
    }
}

#[test]
fn every_municipality_and_commune_is_found_by_its_name_and_where_it_lies() {
    let reads = |name: &str, qualifier: &str, wanted: &PlaceCode| match gazetteer()
        .find_place(&format!("{name} ({qualifier})"), None)
    {
        Ok(found) => found.code == *wanted,
        Err(NotFound::Ambiguous { candidates, .. }) => candidates.iter().any(|c| c.code == *wanted),
        Err(_) => false,
    };
    for m in &gazetteer().belgium.municipalities {
        let wanted = PlaceCode::Nis(m.nis.clone());
        for name in [&m.fr, &m.nl, &m.de] {
            assert!(reads(name, "BE", &wanted), "{name}");
            let province = gazetteer().names(&PlaceCode::Prov(m.province.clone())).unwrap().nl.unwrap();
            assert!(reads(&name.to_uppercase().replace('-', " "), &province, &wanted), "{name} ({province})");
        }
    }
    // Every 23rd of the 34,969: a look at all of them takes long unoptimised.
    let step = if std::env::var("TOCSIN_TEST_LONG").is_ok() { 1 } else { 23 };
    for row in (0..gazetteer().france.len()).step_by(step) {
        let commune = gazetteer().france.commune(row).unwrap();
        let wanted = PlaceCode::Insee(commune.code.to_owned());
        assert!(reads(commune.name, commune.department(), &wanted), "{} {}", commune.code, commune.name);
    }
}

#[test]
fn every_abolished_code_is_read_as_todays_with_a_note() {
    let mut merged = 0;
    for change in &gazetteer().belgium.changes {
        let area = area(&json!({"include": [{"place": format!("NIS:{}", change.old)}]})).unwrap();
        assert_eq!(area.cells, cells(&format!("NIS:{}", change.now)), "{}", change.old);
        let note = area.notes.first().unwrap();
        let kind = if change.only_code { NoteKind::ChangedCode } else { NoteKind::MergedCode };
        assert_eq!((note.kind, note.pointer.as_str()), (kind, "/include/0/place"));
        assert!(note.args["now"].contains(&change.now) && note.args["since"] == change.since);
        assert_eq!(note.args.contains_key("places"), !change.only_code);
        merged += usize::from(!change.only_code);
        let stored = AreaPart::Named {
            text: format!("NIS:{}", change.old),
            read_as: Some(code(&format!("NIS:{}", change.now))),
        };
        assert_eq!(area.spec.include, [stored]);
        assert_eq!(TargetArea::from_document(&area.to_document()).unwrap(), area);
    }
    assert!(merged > 40, "{merged}");
    for zone in &gazetteer().belgium.zones {
        for former in &zone.former {
            let now = cells(&format!("ZONE:{}", zone.code));
            let area = area(&json!({"include": [{"place": format!("ZONE:{former}")}]})).unwrap();
            assert_eq!(notes(&area), [NoteKind::MergedZone], "{former}");
            assert_eq!(area.cells, now, "{former}");
        }
    }
}

#[test]
fn postal_codes_and_missing_boundaries_are_noted() {
    let of = |place: &str| notes(&area(&json!({"include": [{"place": place}]})).unwrap());
    assert_eq!(of("POST:BE:2660"), [NoteKind::PostalWhole]);
    assert_eq!(of("75001"), [NoteKind::PostalWhole]);
    assert_eq!(of("DEP:14"), [NoteKind::NoBoundary]);
    assert!(of("NIS:21009").is_empty() && of("POST:BE:2540").is_empty() && of("DEP:59").is_empty());
    let shared = gazetteer()
        .belgium
        .municipalities
        .iter()
        .flat_map(|m| &m.postal_codes)
        .find(|post| gazetteer().rows(&code(&format!("POST:BE:{post}"))).len() > 1)
        .unwrap();
    assert_eq!(of(shared), [NoteKind::PostalShared]);
}

#[test]
fn a_search_finds_beginnings_words_and_slips_once_each() {
    let search = |text: &str| gazetteer().search(text, 10).iter().map(|c| c.code.to_string()).collect::<Vec<_>>();
    assert_eq!(search("ixel").first().unwrap(), "NIS:21009");
    assert_eq!(search("Ixeles").first().unwrap(), "NIS:21009");
    assert!(search("alleud").contains(&"NIS:25014".to_owned()));
    assert_eq!(search("105").first().unwrap(), "POST:BE:1050");
    let namur = search("namur");
    assert_eq!(&namur[..2], ["NIS:92094", "PROV:90000"]);
    let mut once = namur.clone();
    once.dedup();
    assert_eq!(once.len(), namur.len());
    assert!(search("").is_empty() && search("--").is_empty());
}
