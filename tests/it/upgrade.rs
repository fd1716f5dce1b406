//! One release after the other without a stop: the next one's schema is put in place while this one works, and this one goes
//! on working on it. What makes that possible is held over every migration: they only widen what older programs use.

use crate::support::TestApp;
use crate::support::workers::{Process, arrivals, open_deliveries, repeated, until};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tocsin::catcher::Script;

/// Migrations, or statements of them, that would break a program of the release before, and why each of these does not.
const NARROWING: [(&str, &str); 4] = [
    (
        "2026-11-21-000002_audience: a unique index on SUBSCRIBERS",
        "on a column that is new with it and empty in what older programs write",
    ),
    ("2026-11-21-000022_audience_blocks", "what was made and replaced before the first release"),
    ("2026-11-21-000090_thread_files: a unique index on RESPONSE_MESSAGES", "on a new column, as above"),
    ("2026-11-22-000100_recipients", "the same columns under the same names, laid out otherwise, in one transaction"),
];

/// What of a migration an older program would stumble over.
fn narrowed(name: &str, text: &str) -> Vec<String> {
    let upper = text.to_uppercase();
    let mut found = Vec::new();
    for word in ["DROP TABLE", "DROP COLUMN", "RENAME ", "SET NOT NULL", "ALTER COLUMN", "ADD CONSTRAINT", "ADD CHECK"]
    {
        found.extend(upper.contains(word).then(|| format!("{name}: {word}")));
    }
    for part in upper.split("ADD COLUMN ").skip(1) {
        let column = part.split(';').next().unwrap();
        // An older program's INSERT does not name it.
        if column.contains("NOT NULL") && !column.contains("DEFAULT") {
            found.push(format!("{name}: {column} has no default"));
        }
    }
    let made_here = |table: &str| upper.contains(&format!("CREATE TABLE {table} ("));
    for part in upper.split("CREATE UNIQUE INDEX ").skip(1) {
        let table = part.split(" ON ").nth(1).unwrap().split_whitespace().next().unwrap();
        if !made_here(table) {
            found.push(format!("{name}: a unique index on {table}, which older programs fill"));
        }
    }
    found
}

#[test]
fn migrations_only_widen_what_older_programs_use() {
    for database in ["sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            let text = std::fs::read_to_string(entry.path().join("up.sql")).unwrap();
            let narrowed: Vec<_> = narrowed(&name, &text)
                .into_iter()
                .filter(|what| !NARROWING.iter().any(|(known, _)| what.starts_with(known)))
                .collect();
            assert!(narrowed.is_empty(), "{database}: {narrowed:?}");
            seen += 1;
        }
        assert!(seen > 20, "{seen}");
    }
    let broken = "ALTER TABLE a ADD COLUMN b TEXT NOT NULL; DROP TABLE c; CREATE UNIQUE INDEX i ON a (b);";
    assert_eq!(narrowed("x", broken).len(), 3, "the rule sees what it is about");
}

#[actix_web::test]
async fn the_next_releases_schema_arrives_while_this_one_works() {
    use diesel::connection::SimpleConnection;
    let app = TestApp::start_with(|config| config.worker.shard_recipients = 10).await;
    let people = app.subscribe_apart("21009", "fr", 100);
    for person in &people {
        app.catcher.script(person, Script::Slow(Duration::from_millis(30)));
    }
    let (_, dispatch) = app.dispatched().await;
    let _working = Process::worker(&app, &[]);
    assert!(until(Duration::from_mins(1), || app.catcher.accepted() > 10).await);
    // As a migration of the next release would do it: in one transaction, widening what is in use right now.
    let next = "ALTER TABLE deliveries ADD COLUMN of_next_release TEXT NOT NULL DEFAULT 'x';\
        ALTER TABLE recipients ADD COLUMN of_next_release BIGINT;\
        ALTER TABLE attempts ADD COLUMN of_next_release TEXT NOT NULL DEFAULT '';\
        CREATE TABLE things_of_next_release (id TEXT PRIMARY KEY NOT NULL);\
        CREATE INDEX deliveries_next ON deliveries (of_next_release);\
        INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001');";
    app.app.db.write_now(|conn| conn.batch_execute(next).map_err(tocsin::db::DbError::from)).unwrap();
    let at = app.catcher.accepted();
    assert!(at < people.len(), "it came too late to show anything");
    // A process of this release started on it afterwards, and the server that was running all the time.
    let _started = Process::worker(&app, &[]);
    let migrated = Command::new(env!("CARGO_BIN_EXE_tocsin"))
        .args(["migrate"])
        .env("TOCSIN_DATABASE__URL", &app.url)
        .output()
        .unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let view = app.http.get(&app.team.dispatcher, &format!("/dispatches/{dispatch}")).await;
    assert!(view["expected"].as_i64().unwrap() >= 100, "{view:#}");
    assert_eq!(app.http.page("/readyz").await.0, 200);
    app.filed().await;
    assert!(until(Duration::from_mins(2), || open_deliveries(&app) == 0).await, "not finished");
    let counts = arrivals(&app);
    assert_eq!((counts.len(), repeated(&counts)), (people.len(), 0), "nobody lost, nobody twice");
}
