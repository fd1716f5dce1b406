//! Aims at real places: they meet their goal, are never worse than what one would do without a search, keep the fence,
//! are the same each time, and are measured right.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]

use super::*;
use crate::area::{parse_spec, resolve};
use crate::domain::area::Circle;
use crate::domain::place::PlaceCode;

const META: CircleLimits =
    CircleLimits { circles: 200, exclusions: 0, units: 1, min_radius_m: 1_000, max_radius_m: 80_000 };

fn gazetteer() -> &'static Gazetteer {
    Gazetteer::embedded().unwrap()
}

fn cells(filing: &str) -> CellSet {
    let spec = parse_spec(&serde_json::from_str(filing).unwrap()).unwrap();
    resolve(&spec, gazetteer()).unwrap().cells
}

fn place(code: &str) -> CellSet {
    cells(&format!(r#"{{"include":[{{"place":"{code}"}}]}}"#))
}

fn task(target: &CellSet, exclusions: usize) -> Task<'_> {
    let limits = CircleLimits { exclusions, ..META };
    Task { target, fence: None, limits, goal: AimGoal::default(), effort: AimEffort::Quick }
}

/// Inhabitants reached, cell by cell and circle by circle: slow and plain.
fn counted(target: &CellSet, circles: &Circles, resolution: Resolution) -> (f64, f64) {
    let (mut inside, mut reached) = (0.0, 0.0);
    for cell in target.cells_at(resolution) {
        let centre = LatLng::from(cell);
        let within = |circle: &Circle| {
            LatLng::new(circle.lat(), circle.lon()).unwrap().distance_m(centre) <= f64::from(circle.radius_m())
        };
        inside += 1.0;
        if circles.includes.iter().any(within) && !circles.excludes.iter().any(within) {
            reached += 1.0;
        }
    }
    (inside, reached)
}

#[test]
fn an_aim_meets_its_goal_and_beats_what_one_would_do_without() {
    let target = place("NIS:62063");
    let naive = [Method::PerCell, Method::Enclosing].map(|method| by(gazetteer(), &task(&target, 0), method).unwrap());
    let plain = aim(gazetteer(), &task(&target, 0)).unwrap();
    let cut = aim(gazetteer(), &task(&target, 200)).unwrap();
    for aimed in [&plain, &cut] {
        assert!(aimed.met && aimed.fit.recall() >= 0.99, "{:?}", aimed.fit);
        assert!(aimed.circles.includes.len() <= 200 && aimed.circles.excludes.len() <= 200);
        assert!(aimed.circles.includes.iter().all(|c| (1_000..=80_000).contains(&c.radius_m())));
        assert!(naive.iter().all(|n| aimed.fit.over_inhabitants < n.fit.over_inhabitants / 3.0));
    }
    assert!(plain.circles.excludes.is_empty());
    assert!(cut.fit.over_inhabitants < plain.fit.over_inhabitants);
    // One municipality, so its inhabitants are spread evenly: counting cells is counting them.
    for aimed in [&plain, &cut] {
        let (inside, reached) = counted(&target, &aimed.circles, Resolution::Eleven);
        assert!((reached / inside - aimed.fit.recall()).abs() < 1e-3, "{reached} of {inside}: {}", aimed.fit.recall());
    }
}

#[test]
fn an_aim_is_the_same_each_time() {
    let target = place("NIS:21009");
    let once = aim(gazetteer(), &task(&target, 200)).unwrap();
    assert_eq!(once, aim(gazetteer(), &task(&target, 200)).unwrap());
}

#[test]
fn the_spill_is_told_by_municipality_and_adds_up() {
    let target = place("NIS:21009");
    let fit = aim(gazetteer(), &task(&target, 0)).unwrap().fit;
    let total: f64 = fit.spill.iter().map(|reached| reached.inhabitants).sum();
    assert!((total - fit.over_inhabitants).abs() < 1e-6);
    assert!(
        fit.spill.iter().all(|r| r.place != Some(PlaceCode::Nis("21009".to_owned())) && r.inhabitants <= r.of + 1e-6)
    );
    assert!(fit.spill.windows(2).all(|pair| pair[0].inhabitants >= pair[1].inhabitants));
    assert_eq!(fit.parts.len(), 1);
    assert!((fit.target_inhabitants - f64::from(87_632)).abs() < 1.0, "{}", fit.target_inhabitants);
}

#[test]
fn every_municipality_gets_its_share() {
    let target = place("ZONE:5343");
    let aimed = aim(gazetteer(), &task(&target, 0)).unwrap();
    assert!(aimed.met && aimed.fit.parts.len() == 3);
    assert!(aimed.fit.least_part() >= 0.95, "{:?}", aimed.fit.parts);
}

#[test]
fn no_circle_leaves_the_authorised_zone() {
    let (target, zone) = (place("NIS:21009"), place("PROV:04000"));
    let fenced = Task { fence: Some(&zone), ..task(&target, 0) };
    let aimed = aim(gazetteer(), &fenced).unwrap();
    assert!(aimed.fit.recall() > 0.9);
    for circle in &aimed.circles.includes {
        let polygon = crate::area::cover::circle_polygon(*circle);
        let touched = crate::area::cover_polygons(&[polygon], Resolution::Eleven, CoverMode::Covers).unwrap();
        assert!(touched.is_subset_of(&zone), "{circle:?} leaves the zone");
    }
    assert!(aimed.fit.spill.iter().all(|reached| match &reached.place {
        Some(PlaceCode::Nis(nis)) => nis.starts_with("21"),
        _ => false,
    }));
    // Nothing of 1 km fits inside a village of 1.3 km².
    let village = place("NIS:73028");
    let tight = Task { fence: Some(&village), ..task(&village, 0) };
    assert_eq!(aim(gazetteer(), &tight), Err(AimError::Fenced(1_000)));
}

#[test]
fn a_ceiling_of_over_reach_is_kept() {
    let target = place("NIS:21009");
    for ceiling in [0.08, 0.3] {
        let goal = AimGoal::Ceiling { over_reach: ceiling };
        let aimed = aim(gazetteer(), &Task { goal, ..task(&target, 0) }).unwrap();
        assert!(aimed.met && aimed.fit.over_reach() <= ceiling, "{}", aimed.fit.over_reach());
        assert!(aimed.fit.recall() > 0.3, "{}", aimed.fit.recall());
    }
}

#[test]
fn what_cannot_be_aimed_at_is_refused() {
    let nothing = CellSet::default();
    assert_eq!(aim(gazetteer(), &task(&nothing, 0)), Err(AimError::Empty));
    let far = cells(r#"{"include":[{"circle":{"lat":0.0,"lon":179.99,"radius_m":5000}}],"resolution":7}"#);
    assert_eq!(aim(gazetteer(), &task(&far, 0)), Err(AimError::OffTheMap));
}
