//! Hostile filings of areas: sound documents broken in every way people, programs and attackers break them. Used by the
//! unit tests of `area` and by the stories over HTTP; no part of the program. One number makes one document, always the
//! same, so a failure is repeated by its seed alone.

#![allow(
    dead_code,
    clippy::as_conversions,
    clippy::assigning_clones,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::many_single_char_names,
    clippy::too_many_lines,
    reason = "tests may; each of the two users takes its part"
)]

use std::f64::consts::TAU;

mod json;
mod shapes;

use json::Json;
pub use shapes::Random;

/// What the bytes claim to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A `GeoJSON` document, as in a file.
    GeoJson,
    /// A filing, as in a request.
    Filing,
}

/// One document to try.
pub struct Document {
    pub form: Form,
    /// How it was made, for the one who reads about a failure.
    pub made: String,
    pub bytes: Vec<u8>,
}

/// Where the run begins: `TOCSIN_TEST_SEED`, or a fixed number.
pub fn first_seed() -> u64 {
    std::env::var("TOCSIN_TEST_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_121)
}

/// Whether the long sizes are asked for.
pub fn long() -> bool {
    std::env::var_os("TOCSIN_TEST_LONG").is_some()
}

/// The document of a seed.
pub fn document(seed: u64) -> Document {
    let mut random = Random::new(seed);
    // Megabytes are rare: they cost as much as thousands of small ones.
    let (shape, mut json) = if random.below(400) == 0 {
        let kind = random.below(shapes::HUGE);
        shapes::huge(&mut random, kind)
    } else {
        shapes::small(&mut random)
    };
    let form = if random.below(2) == 0 { Form::GeoJson } else { Form::Filing };
    let mut made = shape.to_owned();
    if form == Form::Filing {
        json = filing(&mut random, json);
    }
    for _ in 0..[0, 0, 1, 1, 2, 5][random.below(6)] {
        made = format!("{made}, {}", change(&mut random, &mut json));
    }
    let mut bytes = json.to_string().into_bytes();
    for _ in 0..[0, 0, 0, 0, 1, 3][random.below(6)] {
        made = format!("{made}, {}", damage(&mut random, &mut bytes));
    }
    Document { form, made, bytes }
}

/// The great documents, each of its own kind, as filings.
pub fn great() -> impl Iterator<Item = Document> {
    (0..shapes::HUGE).map(|kind| {
        let (made, json) = shapes::huge(&mut Random::new(1), kind);
        let part = Json::map([("geojson", json)]);
        let bytes = Json::map([("include", Json::List(vec![part]))]).to_string().into_bytes();
        Document { form: Form::Filing, made: made.to_owned(), bytes }
    })
}

/// A request around a geometry, often with more in it.
fn filing(random: &mut Random, geojson: Json) -> Json {
    let part = |random: &mut Random| match random.below(6) {
        0 => Json::map([(
            "place",
            Json::text(random.of(&[
                "NIS:21009",
                "INSEE:59350",
                "PROV:20001",
                "NIS:99999",
                "NIS:",
                "",
                "ZONE:5339",
                "POST:BE:1050",
            ])),
        )]),
        1 => {
            let mut number = |all: &[&str]| Json::raw(random.of(all));
            let (lat, lon) = (
                number(&["50.85", "91", "-90", "89.999", "1e999", "50.8"]),
                number(&["4.35", "180", "179.99999", "-181", "4.3"]),
            );
            let radius = number(&["500", "0", "-1", "1e9", "0.4", "1500.5", "1000000"]);
            Json::map([("circle", Json::map([("lat", lat), ("lon", lon), ("radius_m", radius)]))])
        }
        2 => {
            let cells = (0..random.below(5)).map(|_| {
                Json::text(random.of(&[
                    "8a1fa4926007fff",
                    "8a1fa492600ffff",
                    "zz",
                    "",
                    "0",
                    "ffffffffffffffff",
                    "8001fffffffffff",
                    "8f1fa4926000000",
                ]))
            });
            Json::map([("cells", Json::List(cells.collect()))])
        }
        _ => Json::map([("geojson", shapes::small(random).1)]),
    };
    let mut include = vec![Json::map([("geojson", geojson)])];
    include.extend((0..random.below(3)).map(|_| part(random)));
    let mut members = vec![("include".to_owned(), Json::List(include))];
    if random.below(3) == 0 {
        let exclude = (0..random.below(4)).map(|_| part(random)).collect();
        members.push(("exclude".to_owned(), Json::List(exclude)));
    }
    if random.below(2) == 0 {
        members.push(("mode".to_owned(), Json::text(random.of(&["covers", "centroid", "inside", "most", "COVERS"]))));
    }
    if random.below(2) == 0 {
        let resolution = random.of(&["10", "9", "7", "5", "0", "11", "-1", "9.0", "9.5", "1e1", "256", "null"]);
        members.push(("resolution".to_owned(), Json::raw(resolution)));
    }
    Json::Map(members)
}

/// Values that stand where others are expected.
fn odd(random: &mut Random) -> Json {
    match random.below(20) {
        0 => Json::raw("null"),
        1 => Json::raw("true"),
        2 => Json::List(Vec::new()),
        3 => Json::Map(Vec::new()),
        4 => Json::raw("NaN"),
        5 => Json::raw("Infinity"),
        6 => Json::raw("-1e999"),
        7 => Json::raw("1e-999"),
        8 => Json::raw("-0"),
        9 => Json::raw("-0.0"),
        10 => Json::raw("123456789012345678901234567890"),
        11 => Json::raw("4.35e0000000000000000000000000001"),
        12 => Json::text("4.35"),
        13 => Json::text("\u{0}\u{1b}[31m\u{7f}\u{202e}"),
        14 => Json::text(&"é".repeat(random.below(3000))),
        15 => Json::text(random.of(&[
            "Point",
            "LineString",
            "Polygon",
            "Feature",
            "Topology",
            "polygon",
            "GeometryCollection",
        ])),
        16 => Json::List((0..random.below(2000)).map(|n| Json::raw(&n.to_string())).collect()),
        17 => Json::nested(
            random.of(&["[", "{\"geometry\":", "{\"type\":\"GeometryCollection\",\"geometries\":["]),
            [3, 5, 60, 126, 130, 10_000][random.below(6)],
        ),
        18 => Json::raw("1.7976931348623157e308"),
        _ => Json::raw("5e-324"),
    }
}

/// Changes something of the tree.
fn change(random: &mut Random, json: &mut Json) -> &'static str {
    let places = json.count();
    let at = random.below(places);
    let odd = odd(random);
    let Some(place) = json.nth(at) else { return "nothing" };
    match (random.below(12), place) {
        (0, Json::List(items)) if !items.is_empty() => {
            let at = random.below(items.len());
            items.remove(at);
            "an item left out"
        }
        (1, Json::List(items)) if !items.is_empty() => {
            let at = random.below(items.len());
            let again = items[at].clone();
            items.insert(at, again);
            "an item twice"
        }
        (2, Json::List(items)) => {
            items.reverse();
            "a list backwards"
        }
        (3, Json::List(items)) => {
            let at = random.below(items.len() + 1);
            items.insert(at, odd);
            "an odd item"
        }
        (4, Json::Map(members)) if !members.is_empty() => {
            let at = random.below(members.len());
            members.remove(at);
            "a member left out"
        }
        (5, Json::Map(members)) if !members.is_empty() => {
            let key = members[random.below(members.len())].0.clone();
            members.push((key, odd));
            "a key twice"
        }
        (6, Json::Map(members)) if !members.is_empty() => {
            let at = random.below(members.len());
            members[at].0 = random
                .of(&["Type", "coordinates ", "", "~/", "a\u{0}b", "properties", "crs", "type", "\u{1b}[2J"])
                .to_owned();
            "another key"
        }
        (7, Json::Map(members)) => {
            members.push(("k".repeat(random.below(20_000)), odd));
            "a long key"
        }
        (8, Json::Map(members)) => {
            let name = Json::text(random.of(&["EPSG:31370", "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", ""]));
            members.push((
                "crs".to_owned(),
                Json::map([("type", Json::text("name")), ("properties", Json::map([("name", name)]))]),
            ));
            "a reference system"
        }
        (9, place) => {
            let inside = place.clone();
            *place = Json::List(vec![inside]);
            "a list around it"
        }
        (10, place @ Json::Raw(_)) => {
            *place = Json::raw(random.of(&[
                "4.3500000000000001",
                "1e2",
                "-4.35",
                "451234.5",
                "90",
                "180",
                "-180",
                "4.35e-300",
            ]));
            "another number"
        }
        (_, place) => {
            *place = odd;
            "an odd value"
        }
    }
}

/// Damages the text.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) -> &'static str {
    let at = random.below(bytes.len().max(1));
    match random.below(11) {
        0 => {
            bytes.truncate(at);
            "cut off"
        }
        1 => {
            bytes.splice(0..0, *b"\xef\xbb\xbf");
            "a byte order mark"
        }
        2 => {
            let wide: Vec<u8> = String::from_utf8_lossy(bytes).encode_utf16().flat_map(u16::to_le_bytes).collect();
            *bytes = [b"\xff\xfe".as_slice(), &wide].concat();
            "UTF-16"
        }
        3 => {
            bytes.insert(at, 0xff);
            "a byte that is no UTF-8"
        }
        4 => {
            bytes.splice(at..at, *b"\xed\xa0\x80");
            "half a surrogate"
        }
        5 => {
            bytes.insert(at, random.of(&["\0", "\u{1b}", "\t", "\u{7f}", "\u{8}"]).as_bytes()[0]);
            "a control character"
        }
        6 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
            "a bit turned"
        }
        7 => {
            let text =
                random.of(&["]", "[", "{", "}", ",", ":", "\"", "//", "\\u0000", "\\ud800", "NaN", "e", "-", "."]);
            bytes.splice(at..at, text.bytes());
            "a stray mark"
        }
        8 => {
            bytes.extend_from_slice(random.of(&["x", "{}", "]", "\n\n", ","]).as_bytes());
            "something after the end"
        }
        9 => {
            let until = (at + random.below(40)).min(bytes.len());
            bytes.drain(at..until);
            "a hole in the text"
        }
        _ => {
            let piece = bytes[at..(at + random.below(60)).min(bytes.len())].to_vec();
            bytes.splice(at..at, piece);
            "a piece twice"
        }
    }
}

/// The corner number `i` of `n` around a point.
fn around(x: f64, y: f64, radius: f64, i: f64, n: f64) -> (f64, f64) {
    let angle = TAU * i / n;
    (x + radius * angle.cos(), y + radius * angle.sin())
}
