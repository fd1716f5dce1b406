//! What a cover would cost, told before it is made: beside what it then did, and stopped within its bounds.

use super::super::{Bounds, Estimate, circle_polygon, descend};
use super::*;

/// A polygon of many corners that is nearly all border: a comb with teeth as long as it is wide.
fn comb(teeth: u32, size: f64) -> Polygon<f64> {
    let (x, y) = (4.0, 50.0);
    let step = size / f64::from(2 * teeth);
    let tooth = |i: u32| {
        let at = x + step * f64::from(2 * i);
        [(at, y + size), (at + step * 0.9, y + size), (at + step, y + size * 0.01), (at + step * 1.9, y + size * 0.01)]
    };
    let mut ring = vec![(x, y)];
    ring.extend((0..teeth).flat_map(tooth));
    ring.extend([(x + size, y), (x, y)]);
    Polygon::new(LineString::from(ring), vec![])
}

#[test]
fn what_would_cost_too_much_is_told_before_and_stopped_at_the_latest_within_its_bounds() {
    let polygon = comb(12_000, 1.0);
    let shape = Shape::new([&polygon]);
    let told = shape.estimate(Resolution::Twelve, CoverMode::Covers);
    assert!(!told.fits(), "{told:?}");
    let bounds = Bounds { cells: 1_000, work: 5_000_000 };
    assert!(descend::descend(&shape, Resolution::Twelve, CoverMode::Covers, bounds).is_err());
    // Rough, but it fits where few cells are entered.
    let told = shape.estimate(Resolution::Three, CoverMode::Covers);
    assert!(told.fits(), "{told:?}");
}

proptest! {
    #![proptest_config(cases(60, 2_000))]

    #[test]
    fn the_estimate_is_within_a_factor_of_two(polygon in shape(), mode in proptest::sample::select(MODES.to_vec())) {
        let resolution = fitting(&polygon, 20_000.0, 0);
        let shape = Shape::new([&polygon]);
        let (cells, work) = descend::measured(&shape, resolution, mode);
        let told = shape.estimate(resolution, mode);
        let most = if mode == CoverMode::Inside { 2.5 } else { 2.0 };
        // A thin ring of uneven width holds some cells where its mean width would hold none; a hundred of the hundred
        // thousand that are taken decide nothing.
        prop_assert!(told.cells < most * cells + 60.0 && told.cells > cells / 2.0 - 100.0, "{told:?} for {cells}");
        prop_assert!(told.work > work / 2.0, "{told:?} for {work}");
    }
}

proptest! {
    #![proptest_config(cases(200, 2_000))]

    #[test]
    fn a_circle_is_estimated_as_its_polygon_is(
        lat in -75.0..75.0_f64, lon in -180.0..180.0_f64, octaves in 0.0..8.6_f64, resolution in 4_u8..=12,
        mode in proptest::sample::select(MODES.to_vec()),
    ) {
        let circle = Circle::new(lat, lon, 1_000.0 * f64::exp2(octaves)).unwrap();
        let resolution = Resolution::try_from(resolution).unwrap();
        let polygon = Shape::new([&circle_polygon(circle)]).estimate(resolution, mode);
        let told = Estimate::of_circle(circle, resolution, mode);
        // Steps along few cells end where they end.
        let apart = (told.cells - polygon.cells).abs();
        prop_assert!(apart <= 0.1 * polygon.cells + 12.0, "{told:?} is not {polygon:?}");
        prop_assert!(told.work >= 0.8 * polygon.work && told.work <= 1.2 * polygon.work + 1e6, "{told:?} is not {polygon:?}");
    }
}
