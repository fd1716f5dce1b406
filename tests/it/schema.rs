//! The two migration folders describe one schema.

use std::collections::BTreeMap;
use std::path::Path;

/// Tables and their columns with the type in a common spelling, read from the migrations of a database in order.
fn tables(database: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    names.sort();
    let mut tables = BTreeMap::new();
    for name in names {
        let text = std::fs::read_to_string(name.join("up.sql")).unwrap();
        for part in text.split("CREATE TABLE ").skip(1) {
            let (head, body) = part.split_once(" (\n").unwrap();
            let body = body.split_once("\n)").unwrap().0;
            let columns = body
                .lines()
                .map(|line| line.trim().trim_end_matches(',').to_owned())
                .filter(|line| !line.starts_with("PRIMARY KEY (") && !line.starts_with("UNIQUE ("))
                .map(|line| {
                    let (name, rest) = line.split_once(' ').unwrap();
                    // SQLite's row number must be spelt INTEGER; it has 64 bits all the same.
                    (name.to_owned(), rest.replace("BYTEA", "BLOB").replace("BIGINT PRIMARY", "INTEGER PRIMARY"))
                })
                .collect();
            tables.insert(head.to_owned(), columns);
        }
        for part in text.split("DROP TABLE ").skip(1) {
            tables.remove(part.split_once(';').unwrap().0);
        }
        for part in text.split("ALTER TABLE ").skip(1) {
            let Some((table, column)) = part.split_once(';').unwrap().0.split_once(" ADD COLUMN ") else { continue };
            let (name, rest) = column.split_once(' ').unwrap();
            let columns: &mut Vec<(String, String)> = tables.get_mut(table).unwrap();
            columns.push((name.to_owned(), rest.replace("BYTEA", "BLOB")));
        }
    }
    tables
}

#[test]
fn both_databases_have_the_same_migrations_tables_and_columns() {
    let names = |database: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert_eq!(tables("sqlite"), tables("postgres"));
    assert!(tables("sqlite").len() > 20);
}

#[test]
fn the_programs_schema_names_every_table_and_column() {
    let schema = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/schema.rs")).unwrap();
    for (table, columns) in tables("sqlite") {
        let body =
            schema.split(&format!("\n    {table} (")).nth(1).unwrap_or_else(|| panic!("{table} is not in schema.rs"));
        let body = body.split("\n    }").next().unwrap();
        let known: Vec<&str> = body.lines().skip(1).map(|line| line.trim().split(" -> ").next().unwrap()).collect();
        let wanted: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(known, wanted, "{table}");
    }
}
