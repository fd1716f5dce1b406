//! Aims compared over real targets: one circle per cell, one circle around all, greedy, and the search; recall,
//! over-reach and time. `cargo bench --bench aim` prints the table that `benches/aim.md` keeps;
//! `cargo bench --bench aim -- quick` searches briefly, and words after that select targets by name.
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a report, not a service"
)]

use tocsin::area::aim::{Aimed, Method, Task, by};
use tocsin::area::{Gazetteer, parse_spec, resolve};
use tocsin::domain::aim::{AimEffort, AimGoal, CircleLimits};
use tocsin::domain::language::Language;

/// Name, filing, and the language whose half is the target.
const TARGETS: &[(&str, &str, Option<Language>)] = &[
    ("Ixelles", r#"{"include":[{"place":"NIS:21009"}]}"#, None),
    ("Brussels city", r#"{"include":[{"place":"NIS:21004"}]}"#, None),
    ("Kraainem", r#"{"include":[{"place":"NIS:23099"}]}"#, None),
    ("Antwerp", r#"{"include":[{"place":"NIS:11002"}]}"#, None),
    ("Ghent", r#"{"include":[{"place":"NIS:44021"}]}"#, None),
    ("Liège", r#"{"include":[{"place":"NIS:62063"}]}"#, None),
    ("Namur", r#"{"include":[{"place":"NIS:92094"}]}"#, None),
    ("Charleroi", r#"{"include":[{"place":"NIS:52011"}]}"#, None),
    ("Tournai", r#"{"include":[{"place":"NIS:57081"}]}"#, None),
    ("Comines-Warneton (exclave)", r#"{"include":[{"place":"NIS:57097"}]}"#, None),
    ("Baarle-Hertog (enclaves)", r#"{"include":[{"place":"NIS:13002"}]}"#, None),
    ("Herstappe (88 people)", r#"{"include":[{"place":"NIS:73028"}]}"#, None),
    ("Voeren (exclave)", r#"{"include":[{"place":"NIS:73109"}]}"#, None),
    ("Bastogne", r#"{"include":[{"place":"NIS:82003"}]}"#, None),
    ("Eupen", r#"{"include":[{"place":"NIS:63023"}]}"#, None),
    ("Knokke-Heist", r#"{"include":[{"place":"NIS:31043"}]}"#, None),
    ("Brussels, 19 municipalities", r#"{"include":[{"place":"PROV:04000"}]}"#, None),
    ("zone Montgomery", r#"{"include":[{"place":"ZONE:5343"}]}"#, None),
    ("zone Westkust", r#"{"include":[{"place":"ZONE:5461"}]}"#, None),
    ("zone Boraine", r#"{"include":[{"place":"ZONE:5327"}]}"#, None),
    ("zone Famenne-Ardenne", r#"{"include":[{"place":"ZONE:5300"}]}"#, None),
    ("Walloon Brabant", r#"{"include":[{"place":"PROV:20002"}]}"#, None),
    ("Flemish Brabant", r#"{"include":[{"place":"PROV:20001"}]}"#, None),
    ("province of Liège", r#"{"include":[{"place":"PROV:60000"}]}"#, None),
    ("Luxembourg", r#"{"include":[{"place":"PROV:80000"}]}"#, None),
    ("West Flanders", r#"{"include":[{"place":"PROV:30000"}]}"#, None),
    (
        "Halle, NL half of 15 km",
        r#"{"include":[{"circle":{"lat":50.733,"lon":4.237,"radius_m":15000}}]}"#,
        Some(Language::Nl),
    ),
    (
        "Enghien, FR half of 12 km",
        r#"{"include":[{"circle":{"lat":50.695,"lon":4.04,"radius_m":12000}}]}"#,
        Some(Language::Fr),
    ),
    (
        "Voer region, NL half of 20 km",
        r#"{"include":[{"circle":{"lat":50.75,"lon":5.75,"radius_m":20000}}]}"#,
        Some(Language::Nl),
    ),
    (
        "last route along the Meuse",
        r#"{"include":[{"geojson":{"type":"Polygon","coordinates":[[[4.84,50.45],[4.86,50.47],[5.0,50.485],[5.1,50.49],[5.24,50.535],[5.25,50.515],[5.12,50.47],[5.0,50.462],[4.88,50.45],[4.87,50.44],[4.84,50.45]]]}}]}"#,
        None,
    ),
    (
        "route Mons to Brussels",
        r#"{"include":[{"geojson":{"type":"Polygon","coordinates":[[[3.94,50.46],[4.02,50.52],[4.16,50.62],[4.24,50.74],[4.32,50.83],[4.35,50.82],[4.27,50.73],[4.19,50.6],[4.05,50.5],[3.97,50.44],[3.94,50.46]]]}}]}"#,
        None,
    ),
    ("Lille", r#"{"include":[{"place":"INSEE:59350"}]}"#, None),
    ("Roubaix and Tourcoing", r#"{"include":[{"place":"INSEE:59512"},{"place":"INSEE:59599"}]}"#, None),
    ("Maubeuge", r#"{"include":[{"place":"INSEE:59392"}]}"#, None),
    ("Charleville-Mézières", r#"{"include":[{"place":"INSEE:08105"}]}"#, None),
    ("Paris", r#"{"include":[{"place":"INSEE:75056"}]}"#, None),
    ("département du Nord", r#"{"include":[{"place":"DEP:59"}]}"#, None),
    ("Ardennes", r#"{"include":[{"place":"DEP:08"}]}"#, None),
    ("Flanders", r#"{"include":[{"place":"PROV:02000"}]}"#, None),
    ("Wallonia", r#"{"include":[{"place":"PROV:03000"}]}"#, None),
    ("Belgium", r#"{"include":[{"place":"PROV:02000"},{"place":"PROV:03000"},{"place":"PROV:04000"}]}"#, None),
];

/// Seconds of processor time of this thread, so that other work on the machine does not count.
fn processor_seconds() -> f64 {
    let nanoseconds = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    nanoseconds.and_then(|text| text.split(' ').next()?.parse::<f64>().ok()).map_or(f64::NAN, |n| n / 1e9)
}

const META: CircleLimits =
    CircleLimits { circles: 200, exclusions: 0, units: 1, min_radius_m: 1_000, max_radius_m: 80_000 };

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.as_slice() {
        [] => f64::NAN,
        all if all.len() % 2 == 1 => all.get(middle).copied().unwrap_or(f64::NAN),
        all => all.iter().skip(middle - 1).take(2).sum::<f64>() / 2.0,
    }
}

fn includes(aimed: &Aimed) -> usize {
    aimed.units.iter().map(|unit| unit.includes.len()).sum()
}

fn excludes(aimed: &Aimed) -> usize {
    aimed.units.iter().map(|unit| unit.excludes.len()).sum()
}

/// Targets that one ad set may not be enough for, in one and in as many as are worth it.
fn several(gazetteer: &Gazetteer, effort: AimEffort) {
    let table = include_str!("../geodata/fr_communes.csv");
    let codes = table.lines().skip(1).filter_map(|line| line.split(',').next());
    let of = |department: &'static str| codes.clone().filter(move |code| code.starts_with(department)).step_by(5);
    let places = of("02").chain(of("80")).map(|code| format!(r#"{{"place":"INSEE:{code}"}}"#));
    let scattered = format!(r#"{{"include":[{}]}}"#, places.collect::<Vec<_>>().join(","));
    let belgium = r#"{"include":[{"place":"PROV:02000"},{"place":"PROV:03000"},{"place":"PROV:04000"}]}"#;
    println!();
    println!("| target | at most | ad sets | circles | recall % | least part % | share % | s |");
    println!("|---|---|---|---|---|---|---|---|");
    for (name, filing, language) in [
        ("Dutch-language cells of Belgium", belgium, Some(Language::Nl)),
        ("315 scattered communes", scattered.as_str(), None),
    ] {
        let spec = parse_spec(&serde_json::from_str(filing).expect("json")).expect("a filing");
        let area = resolve(&spec, gazetteer).expect("an area");
        let half = language.map(|language| area.split.by_language.get(&language).cloned().unwrap_or_default());
        let cells = half.unwrap_or(area.cells);
        for units in [1, 8] {
            let limits = CircleLimits { exclusions: 200, units, ..META };
            let task = Task { target: &cells, fence: None, limits, goal: AimGoal::default(), effort };
            let begun = processor_seconds();
            let aimed = by(gazetteer, &task, Method::Search).expect("an aim");
            println!(
                "| {name} | {units} | {} | {} - {} | {:.2} | {:.2} | {:.2} | {:.2} |{}",
                aimed.units.len(),
                includes(&aimed),
                excludes(&aimed),
                100.0 * aimed.fit.recall(),
                100.0 * aimed.fit.least_part(),
                100.0 * aimed.fit.over_reach(),
                processor_seconds() - begun,
                if aimed.met { "" } else { " NOT MET" },
            );
        }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let effort = if words.iter().any(|w| w == "quick") { AimEffort::Quick } else { AimEffort::Full };
    let only: Vec<&String> = words.iter().filter(|w| *w != "quick").collect();
    let gazetteer = Gazetteer::embedded().expect("the gazetteer");
    println!(
        "| target | km² | inhabitants | method | circles | recall % | least part % | over-reach | share % | km² | s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let mut shares: Vec<[f64; 5]> = Vec::new();
    let (mut worst, mut slowest) = (0, 0.0_f64);
    for (name, filing, language) in TARGETS {
        if !only.is_empty() && !only.iter().any(|w| name.to_lowercase().contains(&w.to_lowercase())) {
            continue;
        }
        let spec = parse_spec(&serde_json::from_str(filing).expect("json")).expect("a filing");
        let area = match resolve(&spec, gazetteer) {
            Ok(area) => area,
            Err(faults) => {
                println!("| {name} | {faults:?} |");
                continue;
            }
        };
        let cells = match language {
            None => area.cells.clone(),
            Some(language) => area.split.by_language.get(language).cloned().unwrap_or_default(),
        };
        let ways = [
            ("per cell", Method::PerCell, META),
            ("enclosing", Method::Enclosing, META),
            ("greedy", Method::Greedy, META),
            ("search", Method::Search, META),
            ("search, exclusions", Method::Search, CircleLimits { exclusions: 200, ..META }),
        ];
        let mut row = [f64::NAN; 5];
        for (column, (way, method, limits)) in ways.into_iter().enumerate() {
            let task = Task { target: &cells, fence: None, limits, goal: AimGoal::default(), effort };
            let begun = processor_seconds();
            let made = by(gazetteer, &task, method);
            let seconds = processor_seconds() - begun;
            let Ok(aimed) = made else {
                println!("| {name} | | | {way} | none | | | | | | {seconds:.2} |");
                continue;
            };
            let fit = &aimed.fit;
            row[column] = 100.0 * fit.over_reach();
            if column >= 3 {
                slowest = slowest.max(seconds);
            }
            println!(
                "| {name} | {:.0} | {:.0} | {way} | {}{} | {:.2} | {:.2} | {:.0} | {:.2} | {:.1} | {seconds:.2} |{}",
                fit.target_km2,
                fit.target_inhabitants,
                includes(&aimed),
                if excludes(&aimed) == 0 { String::new() } else { format!(" - {}", excludes(&aimed)) },
                100.0 * fit.recall(),
                100.0 * fit.least_part(),
                fit.over_inhabitants,
                row[column],
                fit.over_km2,
                if aimed.met { "" } else { " NOT MET" },
            );
        }
        let naive = row[0].min(row[1]);
        worst += usize::from(row[3] > naive + 1e-9 || row[4] > naive + 1e-9);
        shares.push(row);
    }
    let of = |column: usize| {
        median(shares.iter().filter_map(|row| row.get(column).copied()).filter(|v| v.is_finite()).collect())
    };
    let naive = median(shares.iter().map(|row| row[0].min(row[1])).collect());
    println!();
    println!("{} targets; median over-reach in % of the target's inhabitants:", shares.len());
    println!("best naive {naive:.2}, greedy {:.2}, search {:.2}, with exclusions {:.2}", of(2), of(3), of(4));
    println!("worse than the best naive on {worst} targets; slowest search {slowest:.2} s");
    if only.is_empty() {
        several(gazetteer, effort);
    }
}
