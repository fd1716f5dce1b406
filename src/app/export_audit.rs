//! Writes the audit chain, its checkpoints and the public key into one file that anybody can verify without us.

use super::verify_audit::entry_document;
use super::{App, AppError};
use crate::db::{audit, checkpoints};
use serde_json::json;
use std::io::Write;

/// Entries a read.
const PAGE: i64 = 10_000;

/// Writes everything in one snapshot; how many entries. With `texts` off, reasons and salts are left out: the chain can
/// still be verified, and nothing in it can be guessed. `progress` is told how many entries of how many are done.
pub fn write(app: &App, out: &mut dyn Write, texts: bool, progress: &mut dyn FnMut(u64, u64)) -> Result<u64, AppError> {
    let said = |cause: std::io::Error| AppError::Unavailable(cause.to_string());
    app.db.read_now(|conn| {
        let now = app.clock.now(conn)?;
        let (seq, head) = audit::head(conn)?;
        let total = u64::try_from(seq).unwrap_or(0);
        let header = json!({"tocsin_audit_export": 1, "at": now, "entries": total, "head": head, "texts": texts,
            "key": app.audit_key.public().to_text()});
        writeln!(out, "{header}").map_err(said)?;
        for checkpoint in checkpoints::after(conn, 0, i64::MAX)? {
            writeln!(out, "{}", json!({"checkpoint": checkpoint.to_document()})).map_err(said)?;
        }
        let (mut after, mut done) = (0, 0);
        loop {
            let page = audit::entries_after(conn, after, None, None, PAGE)?;
            let Some(last) = page.last() else { break };
            after = i64::try_from(last.entry.seq).unwrap_or(i64::MAX);
            for stored in &page {
                let entry = entry_document(&stored.entry, &stored.hash, texts);
                writeln!(out, "{}", json!({"entry": entry})).map_err(said)?;
            }
            done += u64::try_from(page.len()).unwrap_or(0);
            progress(done, total);
        }
        out.flush().map_err(said)?;
        Ok(done)
    })
}
