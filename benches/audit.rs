//! How long it takes to verify the audit chain: `cargo bench --bench audit`, or `-- 100000` for fewer entries than a
//! million. Writes the chain into a temporary SQLite database the way the service does, with a checkpoint every thousand
//! entries, exports it, and verifies both. Plain clocks.
#![allow(clippy::unwrap_used, clippy::as_conversions, reason = "a bench may")]

use std::io::BufReader;
use std::time::Instant;
use tocsin::app::audit::{self, Act, By};
use tocsin::app::verify_audit;
use tocsin::app::{App, AppError, checkpoints, export_audit};
use tocsin::config::Config;
use tocsin::db::migrate;

/// Entries a transaction.
const BATCH: u64 = 1000;

fn main() {
    let count = std::env::args().skip(1).find_map(|text| text.parse().ok()).unwrap_or(1_000_000_u64);
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.database.url = format!("sqlite:{}", folder.path().join("audit.db").display()).as_str().into();
    config.media.directory = folder.path().join("media");
    config.keys.server_key_file = folder.path().join("server.key");
    let app = App::open(config, "").unwrap();
    app.db.bare(migrate).unwrap();

    let begun = Instant::now();
    for batch in 0..count / BATCH {
        let done = app.db.write_now(|conn| {
            let now = app.clock.now(conn)?;
            for n in 0..BATCH {
                let object = format!("rsp_{:026}", batch * BATCH + n);
                let reason = if n % 2 == 0 { "triage of sightings" } else { "" };
                let act = Act { action: "response.read", object: &object, reason, ..Act::default() };
                audit::record(conn, now, By::service("bench"), &act)?;
            }
            checkpoints::seal(conn, &app).map(drop)
        });
        done.unwrap();
    }
    let written = begun.elapsed();
    println!("wrote {count} entries and {} checkpoints in {:.1} s", count / BATCH, written.as_secs_f64());

    let keys = [app.audit_key.public().clone()];
    let begun = Instant::now();
    let verdict =
        app.db.read_now(|conn| verify_audit::database(conn, &keys, Vec::new(), &mut |_, _| {})).unwrap().unwrap();
    assert_eq!((verdict.entries, verdict.covered), (count, count));
    println!(
        "verified the database in {:.2} s, {} checkpoints agree",
        begun.elapsed().as_secs_f64(),
        verdict.checkpoints
    );

    let path = folder.path().join("export.jsonl");
    let begun = Instant::now();
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    export_audit::write(&app, &mut out, true, &mut |_, _| {}).map_err(|e: AppError| e.to_string()).unwrap();
    drop(out);
    println!("exported {} MB in {:.2} s", path.metadata().unwrap().len() / 1_000_000, begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let file = BufReader::new(std::fs::File::open(&path).unwrap());
    let (_, verdict) = verify_audit::export(file, &keys, Vec::new(), &mut |_, _| {}).unwrap();
    assert_eq!(verdict.unwrap().covered, count);
    println!("verified the export in {:.2} s", begun.elapsed().as_secs_f64());
}
