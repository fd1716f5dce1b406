//! Follows the whole audit chain beside its checkpoints, in the database or in an export that needs none.

use crate::db::{self, Conn, DbError, checkpoints};
use crate::domain::audit::{Broken, Checkpoint, CheckpointFault, Entry, Form, Verdict, Verifier, follow_checkpoints};
use crate::sealing::CheckpointPublicKey;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::BufRead;

/// Entries a read: a few megabytes of memory whatever the length of the chain.
const PAGE: i64 = 10_000;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The chain is broken.
    #[error(transparent)]
    Chain(#[from] Broken),
    /// A checkpoint cannot be trusted.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFault),
}

/// Why nothing could be said.
#[derive(Debug, thiserror::Error)]
pub enum Unverifiable {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// A file is not what it should be.
    #[error("{0}")]
    Malformed(String),
}

/// Reads checkpoints, one JSON object a line; what stands before the first brace (a log's own words) is passed over.
pub fn read_checkpoints(text: &str) -> Result<Vec<Checkpoint>, Unverifiable> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            let json = line.find('{').and_then(|begin| line.get(begin..)).unwrap_or_default();
            let read = serde_json::from_str(json).ok();
            read.as_ref()
                .and_then(Checkpoint::from_document)
                .ok_or_else(|| Unverifiable::Malformed(format!("line {} is no checkpoint", at + 1)))
        })
        .collect()
}

fn genuine(keys: &[CheckpointPublicKey], checkpoint: &Checkpoint) -> bool {
    let signed = checkpoint.mark.signed_bytes();
    keys.iter().any(|key| key.id() == checkpoint.mark.key_id && key.signed(&signed, &checkpoint.signature))
}

/// Those `kept` elsewhere and the installation's own in one list. Where the two part, what was kept elsewhere counts, and
/// the fault is told beside it.
fn united(
    kept: Vec<Checkpoint>,
    own: Vec<Checkpoint>,
    keys: &[CheckpointPublicKey],
) -> Result<(Vec<Checkpoint>, Option<CheckpointFault>), CheckpointFault> {
    follow_checkpoints(&kept, |c| genuine(keys, c))?;
    if let Err(fault) = follow_checkpoints(&own, |c| genuine(keys, c)) {
        return Ok((kept, Some(fault)));
    }
    let mut all: BTreeMap<u64, Checkpoint> = kept.into_iter().map(|c| (c.mark.number, c)).collect();
    for checkpoint in own {
        let number = checkpoint.mark.number;
        match all.get(&number) {
            Some(known) if *known != checkpoint => {
                let why = "is another one in the installation than was kept elsewhere";
                let kept = all.into_values().collect();
                return Ok((kept, Some(CheckpointFault { number, why })));
            }
            _ => drop(all.insert(number, checkpoint)),
        }
    }
    Ok((all.into_values().collect(), None))
}

/// What the chain says, and else what its checkpoints say: a row that can be named is worth more.
fn concluded(chain: Result<Verdict, Broken>, fault: Option<CheckpointFault>) -> Result<Verdict, Finding> {
    let verdict = chain?;
    fault.map_or(Ok(verdict), |fault| Err(fault.into()))
}

/// Verifies the database's chain against its own checkpoints and those that were `kept` elsewhere. `progress` is told how
/// many entries of how many are done. Run it in one snapshot, with `kept` read before.
pub fn database(
    conn: &mut Conn,
    keys: &[CheckpointPublicKey],
    kept: Vec<Checkpoint>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Result<Verdict, Finding>, Unverifiable> {
    let (seq, hash) = db::audit::head(conn)?;
    let total = u64::try_from(seq).unwrap_or(0);
    let stored = checkpoints::after(conn, 0, i64::MAX)?;
    let (trusted, fault) = match united(kept, stored, keys) {
        Ok(trusted) => trusted,
        Err(fault) => return Ok(Err(fault.into())),
    };
    let mut verifier = Verifier::new(trusted);
    let (mut after, mut done) = (i64::MIN, 0);
    loop {
        let page = db::audit::entries_after(conn, after, None, None, PAGE)?;
        let Some(last) = page.last() else { break };
        after = i64::try_from(last.entry.seq).unwrap_or(i64::MAX);
        for stored in &page {
            if let Err(broken) = verifier.follow(&stored.entry, &stored.hash) {
                return Ok(Err(broken.into()));
            }
        }
        done += u64::try_from(page.len()).unwrap_or(0);
        progress(done, total);
    }
    Ok(concluded(verifier.end(Some((total, &hash))), fault))
}

/// An export's first line.
#[derive(Clone, Debug)]
pub struct Header {
    /// Entries in it.
    pub entries: u64,
    /// The chain's head when it was made.
    pub head: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Whether reasons and salts are in it.
    pub texts: bool,
    /// The public key that the exporting installation signs with.
    pub key: CheckpointPublicKey,
}

impl Header {
    fn read(line: &str) -> Option<Self> {
        let document: Value = serde_json::from_str(line).ok()?;
        (document.get("tocsin_audit_export")?.as_u64()? == 1).then_some(())?;
        let at = DateTime::parse_from_rfc3339(document.get("at")?.as_str()?).ok()?;
        Some(Self {
            entries: document.get("entries")?.as_u64()?,
            head: document.get("head")?.as_str()?.to_owned(),
            at: at.with_timezone(&Utc),
            texts: document.get("texts")?.as_bool()?,
            key: CheckpointPublicKey::from_text(document.get("key")?.as_str()?).ok()?,
        })
    }
}

/// An entry as an export writes it.
pub(super) fn entry_document(entry: &Entry, hash: &str, texts: bool) -> Value {
    let plain = entry.form == Form::Plain;
    serde_json::json!({
        "seq": entry.seq, "at": entry.at, "actor": entry.actor, "on_behalf_of": entry.on_behalf_of,
        "action": entry.action, "object": entry.object, "version": entry.object_version,
        "reason": if texts || plain { entry.reason.as_str() } else { "" },
        "salt": if texts { entry.salt.as_str() } else { "" },
        "reason_digest": entry.reason_digest, "payload_digest": entry.payload_digest, "form": entry.form.number(),
        "prev_hash": entry.prev_hash, "hash": hash,
    })
}

fn read_entry(document: &Value) -> Option<(Entry, String)> {
    let text = |key: &str| document.get(key)?.as_str().map(str::to_owned);
    let at = DateTime::parse_from_rfc3339(document.get("at")?.as_str()?).ok()?;
    let entry = Entry {
        seq: document.get("seq")?.as_u64()?,
        at: at.with_timezone(&Utc),
        actor: text("actor")?,
        on_behalf_of: text("on_behalf_of")?,
        action: text("action")?,
        object: text("object")?,
        object_version: document.get("version")?.as_i64()?,
        reason: text("reason")?,
        salt: text("salt")?,
        reason_digest: text("reason_digest")?,
        payload_digest: text("payload_digest")?,
        form: Form::from_number(i32::try_from(document.get("form")?.as_i64()?).ok()?)?,
        prev_hash: text("prev_hash")?,
    };
    Some((entry, text("hash")?))
}

/// Verifies an export. Without `keys` the signatures are checked with the key it names itself: then its name must be
/// compared with what the installation's operator published.
pub fn export(
    lines: impl BufRead,
    keys: &[CheckpointPublicKey],
    kept: Vec<Checkpoint>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Header, Result<Verdict, Finding>), Unverifiable> {
    let malformed = |at: usize| Unverifiable::Malformed(format!("line {at} is not of an audit export"));
    let said = |cause: std::io::Error| Unverifiable::Malformed(cause.to_string());
    let mut lines = lines.lines().enumerate();
    let first = lines.next().ok_or_else(|| malformed(1))?.1.map_err(said)?;
    let header = Header::read(&first).ok_or_else(|| malformed(1))?;
    let own = [header.key.clone()];
    let keys = if keys.is_empty() { &own } else { keys };
    let mut carried = Vec::new();
    let (mut verifier, mut doubt): (Option<Verifier>, Option<CheckpointFault>) = (None, None);
    let begin = |carried: Vec<Checkpoint>| -> Result<(Verifier, Option<CheckpointFault>), Finding> {
        // Checkpoints made after the export count entries that cannot be in it.
        let kept = kept.iter().filter(|c| c.mark.at <= header.at).cloned().collect();
        let (trusted, fault) = united(kept, carried, keys)?;
        let verifier = Verifier::new(trusted);
        Ok((if header.texts { verifier } else { verifier.without_texts() }, fault))
    };
    let mut done = 0;
    for (at, line) in lines {
        let document: Value = serde_json::from_str(&line.map_err(said)?).map_err(|_| malformed(at + 1))?;
        if let Some(checkpoint) = document.get("checkpoint") {
            carried.push(Checkpoint::from_document(checkpoint).ok_or_else(|| malformed(at + 1))?);
            continue;
        }
        let entry = document.get("entry").and_then(read_entry);
        let (entry, hash) = entry.ok_or_else(|| malformed(at + 1))?;
        let followed = match &mut verifier {
            Some(running) => running.follow(&entry, &hash).map_err(Finding::from),
            None => begin(std::mem::take(&mut carried)).and_then(|(mut running, fault)| {
                running.follow(&entry, &hash)?;
                (verifier, doubt) = (Some(running), fault);
                Ok(())
            }),
        };
        if let Err(finding) = followed {
            return Ok((header, Err(finding)));
        }
        done += 1;
        if done % 10_000 == 0 {
            progress(done, header.entries);
        }
    }
    let outcome = match verifier {
        Some(running) => Ok((running, doubt)),
        None => begin(carried),
    }
    .and_then(|(running, fault)| concluded(running.end(Some((header.entries, &header.head))), fault));
    Ok((header, outcome))
}
