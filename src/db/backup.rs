//! A copy of the whole database while it is used, and the way back from one. SQLite copies itself; PostgreSQL's own
//! programs (`pg_dump`, `pg_restore`) must be installed.

use super::{Conn, DatabaseUrl, Db, DbError};
use diesel::prelude::*;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn failed(path: &Path, cause: impl std::fmt::Display) -> DbError {
    DbError::Unavailable(format!("{}: {cause}", path.display()))
}

/// Copies the database into a new file: one moment of it, whatever is written meanwhile.
pub fn copy_to(db: &Db, file: &Path) -> Result<(), DbError> {
    match db.url() {
        DatabaseUrl::Sqlite(_) => {
            let path = file.to_str().ok_or_else(|| failed(file, "the path is not UTF-8"))?.to_owned();
            db.bare(move |conn| {
                // Only SQLite comes here, and it takes the path as a value.
                match conn {
                    Conn::Sqlite(c) => {
                        diesel::sql_query("VACUUM INTO ?").bind::<diesel::sql_types::Text, _>(path).execute(c)?;
                    }
                    #[cfg(feature = "postgres")]
                    Conn::Postgres(_) => {}
                }
                Ok(())
            })
        }
        DatabaseUrl::Postgres(url) => {
            let mut dump = with_password("pg_dump", url);
            dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(file);
            run(dump, "pg_dump")
        }
    }
}

/// Puts a copy in the place of the database. A SQLite file that is there already is set aside, never overwritten; of a
/// PostgreSQL database everything is replaced in one transaction.
pub fn put_back(url: &DatabaseUrl, file: &Path) -> Result<(), DbError> {
    match url {
        DatabaseUrl::Sqlite(place) => {
            let place = PathBuf::from(place);
            let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", place.display()));
            if place.exists() {
                let aside = beside(&format!(".before-{}", chrono::Utc::now().format("%Y%m%dT%H%M%S%.3f")));
                std::fs::rename(&place, &aside).map_err(|e| failed(&aside, e))?;
            }
            for suffix in ["-wal", "-shm"] {
                let left = beside(suffix);
                if left.exists() {
                    std::fs::remove_file(&left).map_err(|e| failed(&left, e))?;
                }
            }
            if let Some(folder) = place.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
            }
            // Under another name until it is whole: a kill in between leaves no half database.
            let arriving = beside(".arriving");
            std::fs::copy(file, &arriving).map_err(|e| failed(&arriving, e))?;
            std::fs::File::open(&arriving).and_then(|file| file.sync_all()).map_err(|e| failed(&arriving, e))?;
            std::fs::rename(&arriving, &place).map_err(|e| failed(&place, e))
        }
        DatabaseUrl::Postgres(url) => {
            let mut restore = with_password("pg_restore", url);
            restore.args(["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]).arg(file);
            run(restore, "pg_restore")
        }
    }
}

/// A program told where to connect, the password in its environment: arguments are seen by everybody on the machine.
fn with_password(program: &str, url: &str) -> Command {
    let mut command = Command::new(program);
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let shown = match rest.split_once('@') {
        Some((who, place)) if who.contains(':') && !who.contains('/') => {
            let (user, password) = who.split_once(':').unwrap_or((who, ""));
            command.env("PGPASSWORD", percent_decoded(password));
            format!("{scheme}://{user}@{place}")
        }
        _ => url.to_owned(),
    };
    command.arg(format!("--dbname={shown}"));
    command
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        if byte == b'%' {
            let mut ahead = bytes.clone();
            if let (Some(high), Some(low)) = (digit(ahead.next()), digit(ahead.next())) {
                decoded.push(high * 16 + low);
                bytes = ahead;
                continue;
            }
        }
        decoded.push(byte);
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn run(mut command: Command, name: &str) -> Result<(), DbError> {
    let out = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .map_err(|e| DbError::Unavailable(format!("{name}: {e}")))?;
    if out.status.success() {
        return Ok(());
    }
    let words: String = String::from_utf8_lossy(&out.stderr).chars().take(500).collect();
    Err(DbError::Unavailable(format!("{name}: {}", words.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_among_the_arguments() {
        let command = with_password("pg_dump", "postgres://tocsin:se%2Fcret%40@host/name");
        let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy().into_owned()).collect();
        assert_eq!(arguments, ["--dbname=postgres://tocsin@host/name"]);
        let given: Vec<_> = command.get_envs().filter_map(|(_, value)| value).collect();
        assert_eq!(given, ["se/cret@"]);
    }
}
