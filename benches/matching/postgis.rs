//! The same question to PostgreSQL, and to `PostGIS` at its best: points in spatial order, a spatial index, the target's
//! outline already cut with `ST_Subdivide(geom, 64)` and stored, so that its cover costs it nothing. The outline is that
//! of the target's cells and the points are the cells' centres, so both must find the same people.

use super::{TARGETS, cover, hex, measured, median, wanted};
use crate::postgres;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{Array, Integer, Nullable};
use h3o::geom::SolventBuilder;
use h3o::{CellIndex, LatLng};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use tocsin::app::AppError;
use tocsin::app::audience::View;
use tocsin::area::Gazetteer;
use tocsin::db::audience::{self, Seat};
use tocsin::db::{Conn, DatabaseUrl, Db};
use tocsin::domain::area::{CellSet, SUBSCRIBER_RESOLUTION};

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = Nullable<Array<Integer>>)]
    numbers: Option<Vec<i32>>,
}

fn copy(url: &str, into: &str, lines: impl Iterator<Item = String>) {
    let mut psql = Command::new("psql")
        .args(["-v", "ON_ERROR_STOP=1", "-q", url, "-c", &format!("COPY {into} FROM STDIN")])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = std::io::BufWriter::new(psql.stdin.take().unwrap());
    for line in lines {
        input.write_all(line.as_bytes()).unwrap();
    }
    drop(input);
    assert!(psql.wait().unwrap().success());
}

fn run(db: &Db, statement: &str) -> bool {
    db.bare(|conn| Ok(conn.batch_execute(statement).inspect_err(|e| eprintln!("{e}")).is_ok())).unwrap()
}

fn outline(cells: &CellSet) -> String {
    let shape = SolventBuilder::new().build().dissolve(cells.cells_at(SUBSCRIBER_RESOLUTION)).unwrap();
    let mut text = String::from("MULTIPOLYGON(");
    for polygon in shape {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        let rings: Vec<String> = rings
            .map(|ring| {
                let points: Vec<String> = ring.coords().map(|at| format!("{} {}", at.x, at.y)).collect();
                format!("({})", points.join(","))
            })
            .collect();
        write!(text, "({}),", rings.join(",")).unwrap();
    }
    text.pop();
    text + ")"
}

pub fn compare(gazetteer: &Gazetteer, seats: &[Seat]) {
    if !std::path::Path::new("/usr/lib/postgresql").exists() {
        println!("\nPostgreSQL is not installed");
        return;
    }
    let url = postgres::cluster().database();
    let db = Db::open(DatabaseUrl::parse(&url).unwrap(), 2).unwrap();
    copy(
        &url,
        "audience_blocks",
        audience::blocks(seats).map(|(first, bytes)| format!("{first}\t\\\\x{}\n", hex(&bytes))),
    );
    run(&db, "VACUUM ANALYZE audience_blocks");
    let postgis = run(&db, "CREATE EXTENSION postgis");
    if postgis {
        run(&db, "CREATE UNLOGGED TABLE points (number INTEGER, x FLOAT8, y FLOAT8)");
        let centre = |seat: &Seat| {
            let at = LatLng::from(CellIndex::try_from(seat.spot().cell()).unwrap());
            format!("{}\t{}\t{}\n", seat.number(), at.lng(), at.lat())
        };
        copy(&url, "points", seats.iter().map(centre));
        run(
            &db,
            "SET maintenance_work_mem = '1GB'; SET work_mem = '512MB'; \
             CREATE TABLE people AS SELECT number, ST_SetSRID(ST_MakePoint(x, y), 4326) AS geom FROM points ORDER BY 2; \
             DROP TABLE points; CREATE INDEX people_geom ON people USING gist (geom);",
        );
        run(&db, "VACUUM ANALYZE people");
    } else {
        println!("\nPostGIS is not installed");
    }
    println!("\n{:20} {:>10} {:>14} {:>11} {:>7}", "target", "people", "PostgreSQL ms", "PostGIS ms", "ratio");
    for (name, places) in TARGETS {
        let cells = cover(gazetteer, places);
        let expected = wanted(seats, &cells.ranges(SUBSCRIBER_RESOLUTION));
        let ours = measured(&db, &View::Database, gazetteer, places, &expected);
        if !postgis {
            println!("{name:20} {:>10} {ours:>14.2}", expected.len());
            continue;
        }
        run(&db, "DROP TABLE IF EXISTS target; CREATE TABLE target (geom geometry)");
        let shape = outline(&cells);
        run(&db, &format!("INSERT INTO target SELECT ST_Subdivide(ST_GeomFromText('{shape}', 4326), 64)"));
        run(&db, "CREATE INDEX ON target USING gist (geom); ANALYZE target");
        let ask = || {
            db.read_now(|conn| {
                let Conn::Postgres(c) = conn else { panic!("PostgreSQL was asked for") };
                let text = "SELECT array_agg(p.number) AS numbers FROM target t \
                            JOIN people p ON ST_Intersects(t.geom, p.geom)";
                let found: Found = diesel::sql_query(text).get_result(c).unwrap();
                Ok::<_, AppError>(found.numbers.unwrap_or_default())
            })
            .unwrap()
        };
        let mut found: Vec<u32> = ask().into_iter().map(|number| number as u32).collect();
        found.sort_unstable();
        assert!(found == expected, "{name}: PostGIS finds {}, {} expected", found.len(), expected.len());
        let theirs = median(|| drop(std::hint::black_box(ask())));
        println!("{name:20} {:>10} {ours:>14.2} {theirs:>11.2} {:>6.1}x", expected.len(), theirs / ours);
    }
}
