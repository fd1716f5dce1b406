//! What is too large is refused before work is spent on it, and who lives in an area is told at once: milliseconds beside
//! the bound that is promised. Texts are made here, as a program that means harm, or a mapping tool left at full detail,
//! would send them; reading them is part of the time.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use tocsin::area::{AreaFault, Gazetteer, file_spec, resolve};
use tocsin::domain::area::CoverMode;
use tocsin::domain::place::PlaceCode;

/// Time this thread has had a processor (Linux), else the clock: a busy machine is no fault of a refusal.
fn spent() -> Duration {
    static BEGUN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let begun = *BEGUN.get_or_init(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| begun.elapsed(), Duration::from_nanos)
}

/// The mean of enough rounds to be seen by a clock that ticks every few milliseconds, and what the last one came to.
fn mean<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let begun = spent();
    let mut rounds = 0;
    loop {
        let done = std::hint::black_box(work());
        rounds += 1;
        let took = spent().saturating_sub(begun);
        if (rounds >= 3 && took > Duration::from_millis(300)) || rounds == 100_000 {
            return (took / rounds, done);
        }
    }
}

/// What a refusal may take.
const REFUSED_IN: Duration = Duration::from_millis(100);
/// What counting a country's people may take.
const COUNTED_IN: Duration = Duration::from_millis(20);

/// A ring around a point whose radius swings between two values (degrees), as one polygon.
fn star(vertices: u32, (near, far): (f64, f64)) -> String {
    let mut ring = String::new();
    for i in 0..=vertices {
        let angle = std::f64::consts::TAU * f64::from(i % vertices) / f64::from(vertices);
        let radius = if (i % vertices).is_multiple_of(2) { far } else { near };
        write!(ring, "[{:.7},{:.7}],", 4.5 + 1.5 * radius * angle.cos(), 50.5 + radius * angle.sin()).unwrap();
    }
    ring.pop();
    format!(r#"{{"type":"Polygon","coordinates":[[{ring}]]}}"#)
}

/// A comb: teeth side by side, so that the border winds through every cell many times.
fn comb(teeth: u32) -> String {
    let (mut up, wide) = (String::new(), 20.0 / f64::from(teeth));
    for i in 0..teeth {
        let west = wide * f64::from(i);
        write!(up, "[{:.7},40],[{:.7},60],[{:.7},60],[{:.7},40],", west, west, west + wide / 2.0, west + wide / 2.0)
            .unwrap();
    }
    format!(r#"{{"type":"Polygon","coordinates":[[{up}[20,39],[0,39],[0,40]]]}}"#)
}

fn attempt(text: &str, resolution: u8) -> Vec<AreaFault> {
    let gazetteer = Gazetteer::embedded().unwrap();
    let resolution = resolution.try_into().unwrap();
    let read = file_spec(text, resolution, CoverMode::Covers);
    read.and_then(|spec| resolve(&spec, gazetteer)).err().unwrap_or_default()
}

fn refused(name: &str, text: &str, resolution: u8) -> bool {
    let (took, faults) = mean(|| attempt(text, resolution));
    let code = faults.first().map_or("TAKEN", |fault| fault.code);
    let kept = took <= REFUSED_IN && code != "TAKEN";
    let millis = took.as_secs_f64() * 1e3;
    println!("{name:<46} {:>8} {resolution:>3} {millis:>9.2} {code:<18} {}", text.len() / 1024, said(kept));
    kept
}

fn said(kept: bool) -> &'static str {
    if kept { "kept" } else { "MISSED" }
}

/// The table.
pub fn guard() {
    println!("\n{:<46} {:>8} {:>3} {:>9} {:<18} within 100 ms", "refusal", "KiB", "res", "ms", "why");
    let box_of = |west: f64, south: f64, east: f64, north: f64| {
        let ring = format!("[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]");
        format!(r#"{{"type":"Polygon","coordinates":[[{ring}]]}}"#)
    };
    let circle = r#"{"circle":{"lat":48.0,"lon":4.0,"radius_m":400000}}"#;
    let circles = format!(r#"{{"include":[{}]}}"#, vec![circle; 1_000].join(","));
    let zigzag: Vec<String> = (0..20_000_u32)
        .map(|i| format!("[{:.6},{:.6}]", 4.0 + f64::from(i) / 1e4, 50.0 + f64::from(i % 2) / 10.0))
        .collect();
    let corridor = format!(
        r#"{{"include":[{{"corridor":{{"line":{{"type":"LineString","coordinates":[{}]}},"radius_m":500}}}}]}}"#,
        zigzag.join(",")
    );
    let cases = [
        ("a polygon of 100,000 vertices", star(100_000, (0.9, 1.0)), 9),
        ("a polygon of 50,001 vertices", star(50_001, (0.9, 1.0)), 9),
        ("a polygon of 49,990 vertices, a country wide", star(49_990, (1.9, 2.0)), 12),
        ("a comb of 48,000 vertices", comb(12_000), 10),
        ("France's box at resolution 12", box_of(-5.0, 42.0, 8.0, 51.0), 12),
        ("a thousand circles of 400 km", circles, 12),
        ("a corridor of 20,000 pieces", corridor, 9),
        ("brackets, 5 MiB of them", "[".repeat(5 << 20), 9),
        ("6 MiB", " ".repeat(6 << 20), 9),
    ];
    let missed = cases.iter().filter(|(name, text, resolution)| !refused(name, text, *resolution)).count();
    println!("{missed} of {} missed", cases.len());
}

/// The table of inhabitants.
pub fn people() {
    let gazetteer = Gazetteer::embedded().unwrap();
    println!("\n{:<26} {:>9} {:>9} {:>12}  within 20 ms", "inhabitants", "spans", "ms", "people");
    for place in ["NIS:21009", "PROV:60000", "COUNTRY:BE", "REG:FR-32"] {
        let cells = gazetteer.cells_of(&PlaceCode::parse(place).unwrap()).unwrap();
        let (took, people) = mean(|| gazetteer.inhabitants(&cells).about);
        let (millis, kept) = (took.as_secs_f64() * 1e3, took <= COUNTED_IN);
        println!("{place:<26} {:>9} {millis:>9.2} {people:>12}  {}", cells.spans().len(), said(kept));
    }
}
