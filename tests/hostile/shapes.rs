//! Shapes, sound and unsound, in Belgium and France and at the ends of the Earth. Small ones fill few cells, so that a
//! hundred thousand can be tried; the huge ones are there to cost time and memory.

use super::around;
use super::json::Json;

type Ring = Vec<(f64, f64)>;

/// `SplitMix64`: the same number, the same document, on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds give unlike documents.
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % (n.max(1) as u64)) as usize
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

fn closed(mut ring: Ring) -> Ring {
    ring.extend(ring.first().copied());
    ring
}

fn star(random: &mut Random, x: f64, y: f64, size: f64) -> Ring {
    let n = 3 + random.below(12);
    closed((0..n).map(|i| around(x, y, size * random.between(0.3, 1.0), i as f64, n as f64)).collect())
}

fn circle(x: f64, y: f64, size: f64, n: usize) -> Ring {
    closed((0..n).map(|i| around(x, y, size, i as f64, n as f64)).collect())
}

fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Ring {
    closed(vec![(west, south), (east, south), (east, north), (west, north)])
}

fn polygon(rings: &[Ring]) -> Json {
    let rings = rings.iter().map(|ring| Json::ring(ring)).collect();
    Json::map([("type", Json::text("Polygon")), ("coordinates", Json::List(rings))])
}

fn multi(parts: &[Vec<Ring>]) -> Json {
    let part = |rings: &Vec<Ring>| Json::List(rings.iter().map(|ring| Json::ring(ring)).collect());
    Json::map([("type", Json::text("MultiPolygon")), ("coordinates", Json::List(parts.iter().map(part).collect()))])
}

fn feature(geometry: Json) -> Json {
    let properties = Json::map([("name", Json::text("Zone à chercher"))]);
    Json::map([("type", Json::text("Feature")), ("properties", properties), ("geometry", geometry)])
}

/// A comb whose teeth lie in one another's boxes, at an angle no simple sweep direction suits.
fn comb(x: f64, y: f64, length: f64, teeth: usize, angle: f64) -> Ring {
    let (sin, cos) = angle.sin_cos();
    let turn = |u: f64, v: f64| (x + u * cos - v * sin, y + u * sin + v * cos);
    let step = length / teeth as f64;
    let mut ring = vec![turn(-step, 0.0)];
    for i in 0..teeth {
        let v = step * i as f64;
        ring.extend([turn(length, v), turn(length, v + step * 0.4), turn(0.0, v + step * 0.4), turn(0.0, v + step)]);
    }
    ring.push(turn(-step, length));
    closed(ring)
}

/// Arms that wind around each other `turns` times with three corners a turn.
fn spiral(x: f64, y: f64, size: f64, corners: usize) -> Ring {
    let arm =
        |shift: f64| move |i: usize| around(x, y, size * (i as f64 + shift) / corners as f64, i as f64 * 1.01, 3.03);
    let out = (3..corners).map(arm(0.0));
    let back = (3..corners).rev().map(arm(-0.9));
    closed(out.chain(back).collect())
}

/// Koch's snowflake.
fn snowflake(x: f64, y: f64, size: f64, depth: usize) -> Ring {
    let mut ring: Ring = (0..3).map(|i| around(x, y, size, -f64::from(i), 3.0)).collect();
    for _ in 0..depth {
        let n = ring.len();
        let mut finer = Vec::with_capacity(n * 4);
        for i in 0..n {
            let ((ax, ay), (bx, by)) = (ring[i], ring[(i + 1) % n]);
            let (dx, dy) = ((bx - ax) / 3.0, (by - ay) / 3.0);
            let (half, high) = (0.5, 0.75_f64.sqrt());
            let tip = (ax + dx + dx * half - dy * high, ay + dy + dy * half + dx * high);
            finer.extend([(ax, ay), (ax + dx, ay + dy), tip, (bx - dx, by - dy)]);
        }
        ring = finer;
    }
    closed(ring)
}

/// One of the shapes, by name.
pub fn small(random: &mut Random) -> (&'static str, Json) {
    let (x, y) = (random.between(2.6, 6.2), random.between(48.6, 51.4));
    let s = random.between(0.001, 0.01);
    let ring = star(random, x, y, s);
    let hole = |scale: f64, dx: f64| circle(x + dx * s, y, s * scale, 5);
    let one = |ring: Ring| polygon(&[ring]);
    match random.below(40) {
        0 => ("polygon", one(ring)),
        1 => ("hole", polygon(&[circle(x, y, s, 24), hole(0.3, 0.0)])),
        2 => ("parts", multi(&[vec![circle(x, y, s, 9)], vec![circle(x + 3.0 * s, y, s, 9)]])),
        3 => ("feature", feature(one(ring))),
        4 => (
            "collection",
            Json::map([
                ("type", Json::text("FeatureCollection")),
                ("features", Json::List(vec![feature(one(ring)), feature(one(circle(x, y, s, 8)))])),
            ]),
        ),
        5 => (
            "geometries",
            Json::map([
                ("type", Json::text("GeometryCollection")),
                ("geometries", Json::List(vec![one(ring), one(circle(x, y, s, 8))])),
            ]),
        ),
        6 => ("bow-tie", one(closed(vec![(x, y), (x + s, y + s), (x + s, y), (x, y + s)]))),
        7 => (
            "spike",
            one(closed(vec![(x, y), (x + s, y), (x + s, y + s), (x + s, y + 2.0 * s), (x + s, y + s), (x, y + s)])),
        ),
        8 => ("doubled points", one(ring.iter().flat_map(|p| [*p, *p, *p]).collect())),
        9 => ("no surface", one(closed(vec![(x, y), (x + s, y + s), (x + 2.0 * s, y + 2.0 * s)]))),
        10 => ("one point", one(vec![(x, y); 4 + random.below(4)])),
        11 => ("hole outside", polygon(&[circle(x, y, s, 12), hole(0.3, 3.0)])),
        12 => ("hole across", polygon(&[circle(x, y, s, 12), hole(0.5, 1.0)])),
        13 => ("holes overlap", polygon(&[circle(x, y, s, 24), hole(0.3, 0.1), hole(0.3, -0.1)])),
        14 => ("hole in hole", polygon(&[circle(x, y, s, 24), hole(0.5, 0.0), hole(0.2, 0.0)])),
        15 => ("hole is the ring", polygon(&[circle(x, y, s, 12), circle(x, y, s, 12)])),
        16 => ("shell in shell", multi(&[vec![circle(x, y, s, 12)], vec![circle(x, y, s / 2.0, 12)]])),
        17 => ("parts twice", multi(&[vec![circle(x, y, s, 12)], vec![circle(x, y, s, 12)]])),
        18 => ("unclosed", one(ring[..ring.len() - 1].to_vec())),
        19 => ("too short", one(ring[..random.below(4)].to_vec())),
        20 => ("swapped axes", one(ring.iter().map(|(x, y)| (*y, *x)).collect())),
        21 => ("metres", one(ring.iter().map(|(x, y)| (x * 111_000.0, y * 111_000.0)).collect())),
        22 => ("out of range", one(ring.iter().map(|(x, y)| (x + 176.0, y + 42.0)).collect())),
        23 => {
            let far = random.between(0.001, 0.02);
            ("antimeridian", one(rectangle(180.0 - far, y, -180.0 + far, y + s)))
        }
        24 => ("beside the antimeridian", one(rectangle(180.0 - s, y, 180.0, y + s))),
        25 => {
            let north = random.of(&["n", "s"]) == "n";
            let lat = if north { 90.0 - s } else { s - 90.0 };
            ("around a pole", one(closed((0..12).map(|i| (-165.0 + 30.0 * f64::from(i), lat)).collect())))
        }
        26 => ("to the pole", one(rectangle(x, 90.0 - s, x + s, 90.0))),
        27 => ("the whole Earth", one(rectangle(-180.0, -90.0, 180.0, 90.0))),
        28 => {
            let tall: Vec<Json> = ring
                .iter()
                .map(|(x, y)| {
                    Json::List(vec![
                        Json::number(*x),
                        Json::number(*y),
                        Json::number(120.5),
                        Json::number(1e300),
                        Json::raw("7"),
                    ])
                })
                .collect();
            (
                "five dimensions",
                Json::map([("type", Json::text("Polygon")), ("coordinates", Json::List(vec![Json::List(tall)]))]),
            )
        }
        29 => {
            let d = [1e-7, 1e-9, 1e-12, 1e-14, 1e-15][random.below(5)];
            ("a speck", one(closed(vec![(x, y), (x + d, y), (x, y + d)])))
        }
        30 => {
            let d = 1e-15 * random.below(9) as f64;
            ("almost on a line", one(closed(vec![(x, y), (x + s, y + d), (x + 2.0 * s, y), (x + s, y + s)])))
        }
        31 => (
            "pinched",
            one(closed(vec![
                (x, y),
                (x + s, y),
                (x + s / 2.0, y + s / 2.0),
                (x + s, y + s),
                (x, y + s),
                (x + s / 2.0, y + s / 2.0),
            ])),
        ),
        32 => (
            "parts touch in a point",
            multi(&[vec![rectangle(x, y, x + s, y + s)], vec![rectangle(x + s, y + s, x + 2.0 * s, y + 2.0 * s)]]),
        ),
        33 => (
            "hole through vertices",
            polygon(&[
                rectangle(x, y, x + s, y + s),
                closed(vec![
                    (x + s / 2.0, y + s / 4.0),
                    (x + s, y + s / 3.0),
                    (x + 2.0 * s, y + s / 2.0),
                    (x + s, y + 0.6 * s),
                    (x + s / 2.0, y + 0.7 * s),
                ]),
            ]),
        ),
        34 => ("comb", one(comb(x, y, s, 20, random.between(0.0, 6.3)))),
        35 => ("spiral", one(spiral(x, y, s, 40))),
        36 => ("snowflake", one(snowflake(x, y, s, 3))),
        37 => (
            "random walk",
            one(closed((0..12).map(|_| (x + random.between(0.0, s), y + random.between(0.0, s))).collect())),
        ),
        38 => (
            "on a lattice",
            one(closed(
                (0..6).map(|_| (4.0 + 0.01 * random.below(4) as f64, 50.0 + 0.01 * random.below(4) as f64)).collect(),
            )),
        ),
        _ => ("near a pentagon", one(star(random, -5.24539, 2.30088, s))),
    }
}

/// Kinds of [`huge`].
pub const HUGE: usize = 14;

/// Shapes of thousands of positions and texts of megabytes.
pub fn huge(random: &mut Random, kind: usize) -> (&'static str, Json) {
    let (x, y, s) = (4.35, 50.85, 0.02);
    match kind {
        0 => ("100,000 corners", polygon(&[circle(x, y, s, 100_000)])),
        1 => ("20,000 corners", polygon(&[circle(x, y, s, 20_000)])),
        2 => ("a great comb", polygon(&[comb(x, y, s, 10_000, 0.4)])),
        3 => ("a great spiral", polygon(&[spiral(x, y, s, 20_000)])),
        4 => ("a great snowflake", polygon(&[snowflake(x, y, s, 6)])),
        5 => ("a star of crossings", {
            let n = 20_001_i32;
            polygon(&[closed((0..n).map(|i| around(x, y, s, f64::from(i * (n / 2)), f64::from(n))).collect())])
        }),
        6 => (
            "10,000 specks",
            multi(
                &(0..10_000)
                    .map(|i| vec![rectangle(x + 1e-5 * f64::from(i), y, x + 1e-5 * f64::from(i) + 5e-6, y + 5e-6)])
                    .collect::<Vec<_>>(),
            ),
        ),
        7 => (
            "10,000 holes",
            polygon(
                &std::iter::once(rectangle(x, y, x + s, y + s))
                    .chain((1..10_000).map(|i| {
                        let d = s * f64::from(i) / 10_001.0;
                        rectangle(x + d, y + d, x + d + s / 40_000.0, y + d + s / 40_000.0)
                    }))
                    .collect::<Vec<_>>(),
            ),
        ),
        8 => (
            "5,000 holes in holes",
            polygon(&(0..5_000).map(|i| circle(x, y, s * (1.0 - f64::from(i) / 5_001.0), 4)).collect::<Vec<_>>()),
        ),
        9 => ("a text of megabytes", feature(Json::Text("x".repeat(1_000_000 + random.below(5_000_000))))),
        10 => ("nested 10,000 deep", Json::nested("{\"type\":\"GeometryCollection\",\"geometries\":[", 10_000)),
        11 => (
            "half a million numbers",
            Json::map([
                ("type", Json::text("Polygon")),
                ("coordinates", Json::List((0..500_000).map(|_| Json::raw("1")).collect())),
            ]),
        ),
        12 => (
            "a million empty lists",
            Json::map([
                ("type", Json::text("MultiPolygon")),
                ("coordinates", Json::List((0..1_000_000).map(|_| Json::List(Vec::new())).collect())),
            ]),
        ),
        _ => ("8,000 holes touch in a point", {
            let holes = (0..8_000).map(|i| {
                let (a, b) = (
                    around(x, y, s / 2.0, f64::from(i) + 0.1, 8_000.0),
                    around(x, y, s / 2.0, f64::from(i) + 0.9, 8_000.0),
                );
                closed(vec![(x, y), a, b])
            });
            polygon(&std::iter::once(circle(x, y, s, 100)).chain(holes).collect::<Vec<_>>())
        }),
    }
}
