//! `cargo bench --bench matching [-- ROWS]`: numbers of subscribers by area, from SQLite, from memory, and from PostgreSQL
//! beside `PostGIS` when they are installed. Identity first (every way gives the same people), then medians, cover included.
//! Subscribers are synthetic: municipality by population, cell of resolution 10 uniformly within it, fixed seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a bench may stop at the first surprise"
)]

#[cfg(feature = "postgres")]
#[path = "matching/postgis.rs"]
mod postgis;
#[cfg(feature = "postgres")]
#[path = "../tests/it/support/postgres.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod postgres;

use diesel::connection::SimpleConnection;
use h3o::CellIndex;
use std::fmt::Write as _;
use std::time::Instant;
use tocsin::app::AppError;
use tocsin::app::audience::{AudienceIndex, View};
use tocsin::area::Gazetteer;
use tocsin::db::audience::{self, Seat, Spot};
use tocsin::db::{Conn, DatabaseUrl, Db, migrate};
use tocsin::domain::area::{CellRange, CellSet, SUBSCRIBER_RESOLUTION};
use tocsin::domain::language::Language;
use tocsin::domain::place::PlaceCode;

/// The three regions, which are the country; where people live.
const REGIONS: [&str; 3] = ["PROV:02000", "PROV:03000", "PROV:04000"];
/// What is asked: a small municipality crowded with people, a middling one, a province, the country.
const TARGETS: [(&str, &[&str]); 4] = [
    ("Ixelles", &["NIS:21009"]),
    ("Mons", &["NIS:53053"]),
    ("province of Liège", &["PROV:60000"]),
    ("Belgium", &["COUNTRY:BE"]),
];

/// `SplitMix64`: good enough to scatter people, the same on every machine.
struct Scatter(u64);

impl Scatter {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * u128::from(bound)) >> 64) as u64
    }
}

fn code(text: &str) -> PlaceCode {
    PlaceCode::parse(text).unwrap()
}

/// Everybody, in order. Flanders reads Dutch, Wallonia French, Brussels both, one in eight Dutch.
fn people(gazetteer: &Gazetteer, rows: u64) -> Vec<Seat> {
    let regions = REGIONS.map(code);
    let total: u64 = regions.iter().filter_map(|region| gazetteer.population(region)).sum();
    let mut scatter = Scatter(2026);
    // Numbers are given in order of sign-up, which has nothing to do with where people live.
    let mut numbers: Vec<u32> = (1..=rows as u32).collect();
    for at in (1..numbers.len()).rev() {
        numbers.swap(at, scatter.below(at as u64 + 1) as usize);
    }
    let mut seats = Vec::with_capacity(rows as usize);
    let mut before = 0;
    for region in &regions {
        for municipality in gazetteer.municipalities(region).unwrap() {
            let cells: Vec<CellIndex> =
                gazetteer.cells_of(&municipality).unwrap().cells_at(SUBSCRIBER_RESOLUTION).collect();
            before += gazetteer.population(&municipality).unwrap();
            let until = (u128::from(rows) * u128::from(before) / u128::from(total)) as usize;
            while seats.len() < until {
                let language = match region.to_string().as_str() {
                    "PROV:02000" => Language::Nl,
                    "PROV:04000" if scatter.below(8) == 0 => Language::Nl,
                    _ => Language::Fr,
                };
                let cell = cells[scatter.below(cells.len() as u64) as usize];
                seats.push(Spot::new(language, cell.into()).seat(numbers[seats.len()]));
            }
        }
    }
    seats.sort_unstable();
    seats
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn fill(conn: &mut Conn, seats: &[Seat]) {
    let blocks: Vec<_> = audience::blocks(seats).collect();
    for part in blocks.chunks(200) {
        let mut text = String::from("INSERT INTO audience_blocks (first, seats) VALUES ");
        for (first, bytes) in part {
            write!(text, "({first}, X'{}'),", hex(bytes)).unwrap();
        }
        text.pop();
        conn.batch_execute(&text).unwrap();
    }
    conn.batch_execute(&format!("UPDATE audience_head SET people = {}", seats.len())).unwrap();
}

fn cover(gazetteer: &Gazetteer, places: &[&str]) -> CellSet {
    let parts: Vec<CellSet> = places.iter().map(|place| gazetteer.cells_of(&code(place)).unwrap()).collect();
    parts.iter().skip(1).fold(parts[0].clone(), |all, part| all.union(part))
}

fn ids(conn: &mut Conn, view: &View, ranges: &[CellRange], mut each: impl FnMut(&[u32])) -> Result<(), AppError> {
    for language in Language::ALL {
        view.numbers(conn, language, ranges, |_, numbers| {
            each(numbers);
            Ok(())
        })?;
    }
    Ok(())
}

/// What a plain filter finds, sorted by number.
fn wanted(seats: &[Seat], ranges: &[CellRange]) -> Vec<u32> {
    let inside = |seat: &&Seat| {
        let cell = seat.spot().cell();
        let after = ranges.partition_point(|range| range.first <= cell);
        after > 0 && cell <= ranges[after - 1].last
    };
    let mut numbers: Vec<u32> = seats.iter().filter(inside).map(|seat| seat.number()).collect();
    numbers.sort_unstable();
    numbers
}

fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..7)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Checks one way of asking against the plain filter, then times it, in milliseconds.
fn measured(db: &Db, view: &View, gazetteer: &Gazetteer, places: &[&str], expected: &[u32]) -> f64 {
    let ask = |conn: &mut Conn, each: &mut dyn FnMut(&[u32])| {
        let ranges = cover(gazetteer, places).ranges(SUBSCRIBER_RESOLUTION);
        ids(conn, view, &ranges, each)
    };
    let mut found = Vec::with_capacity(expected.len());
    db.read_now(|conn| ask(conn, &mut |numbers| found.extend_from_slice(numbers))).unwrap();
    found.sort_unstable();
    assert!(found == expected, "{places:?}: {} people, {} expected", found.len(), expected.len());
    median(|| {
        // Every number is copied out, as a sender would, but no more than a page is kept.
        let mut buffer: Vec<u32> = Vec::new();
        let mut sum = 0_usize;
        let each = &mut |numbers: &[u32]| {
            for part in numbers.chunks(65_536) {
                buffer.clear();
                buffer.extend_from_slice(part);
                sum += std::hint::black_box(&buffer).len();
            }
        };
        db.read_now(|conn| ask(conn, each)).unwrap();
        assert_eq!(sum, expected.len());
    })
}

fn main() {
    let rows: u64 = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(10_000_000);
    let gazetteer = Gazetteer::embedded().unwrap();
    let start = Instant::now();
    let seats = people(gazetteer, rows);
    println!("{} subscribers scattered in {:.1} s", seats.len(), start.elapsed().as_secs_f64());

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("matching.db");
    let db = Db::open(DatabaseUrl::parse(&format!("sqlite:{}", file.display())).unwrap(), 2).unwrap();
    let start = Instant::now();
    db.bare(migrate).unwrap();
    db.write_now(|conn| {
        fill(conn, &seats);
        Ok::<_, AppError>(())
    })
    .unwrap();
    db.bare(|conn| {
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        Ok(())
    })
    .unwrap();
    let bytes = std::fs::metadata(&file).unwrap().len();
    println!("SQLite: filled in {:.1} s, {} MB", start.elapsed().as_secs_f64(), bytes / 1_000_000);

    let index = AudienceIndex::new(1024);
    let start = Instant::now();
    db.read_now(|conn| index.follow_now(conn)).unwrap();
    println!("memory: loaded in {:.2} s, {} MB", start.elapsed().as_secs_f64(), index.bytes() / 1_000_000);
    let memory = db.read_now(|conn| index.view(conn)).unwrap();
    assert!(matches!(memory, View::Memory(_)));

    println!(
        "\n{:20} {:>10} {:>7} {:>9} {:>11} {:>11}",
        "target", "people", "ranges", "cover ms", "SQLite ms", "memory ms"
    );
    for (name, places) in TARGETS {
        let ranges = cover(gazetteer, places).ranges(SUBSCRIBER_RESOLUTION);
        let expected = wanted(&seats, &ranges);
        let covered = median(|| drop(std::hint::black_box(cover(gazetteer, places).ranges(SUBSCRIBER_RESOLUTION))));
        let sqlite = measured(&db, &View::Database, gazetteer, places, &expected);
        let fast = measured(&db, &memory, gazetteer, places, &expected);
        println!("{name:20} {:>10} {:>7} {covered:>9.2} {sqlite:>11.2} {fast:>11.3}", expected.len(), ranges.len());
    }
    #[cfg(feature = "postgres")]
    postgis::compare(gazetteer, &seats);
    #[cfg(not(feature = "postgres"))]
    println!("\nbuilt without --features postgres: no comparison with PostgreSQL");
}
