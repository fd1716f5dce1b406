//! Ways in which somebody with the database tampers with the audit chain.

use std::fmt::Write;
use tocsin::domain::audit::Entry;

/// `SplitMix64`: repeats itself from its seed.
pub struct Draw(pub u64);

impl Draw {
    pub fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % below as u64).unwrap()
    }
}

/// One of the ways in which somebody with the database tampers; a statement or several.
pub fn tamper(chain: &[(Entry, String)], draw: &mut Draw) -> String {
    let length = chain.len();
    let at = draw.below(length) + 1;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let rewritten = |entries: &mut Vec<Entry>| {
        let mut text = "DELETE FROM audit_entries;".to_owned();
        let mut before = tocsin::domain::audit::GENESIS.to_owned();
        for (at, entry) in entries.iter_mut().enumerate() {
            entry.seq = at as u64 + 1;
            entry.prev_hash.clone_from(&before);
            before = entry.hash();
            let moment = entry.at.format("%F %T%.6f");
            let texts = [
                &entry.actor,
                &entry.on_behalf_of,
                &entry.action,
                &entry.object,
                &entry.reason,
                &entry.salt,
                &entry.reason_digest,
                &entry.payload_digest,
                &entry.prev_hash,
                &before,
            ];
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            write!(
                text,
                "INSERT INTO audit_entries (seq, at, object_version, form, actor, on_behalf_of, action, object, reason, \
                 salt, reason_digest, payload_digest, prev_hash, hash) VALUES ({}, '{moment}', {}, {}, {});",
                entry.seq,
                entry.object_version,
                entry.form.number(),
                texts.join(", ")
            )
            .unwrap();
        }
        text + &format!("UPDATE audit_head SET seq = {}, hash = {};", entries.len(), quoted(&before))
    };
    let mut entries: Vec<Entry> = chain.iter().map(|(entry, _)| entry.clone()).collect();
    match draw.below(8) {
        0 => {
            let texts = [
                "actor",
                "on_behalf_of",
                "action",
                "object",
                "reason",
                "payload_digest",
                "reason_digest",
                "salt",
                "prev_hash",
                "hash",
            ];
            let column = texts[draw.below(texts.len())];
            format!("UPDATE audit_entries SET {column} = {column} || 'x' WHERE seq = {at}")
        }
        1 => {
            let set =
                ["object_version = object_version + 1", "form = 3 - form", "at = '2020-01-01 00:00:00'"][draw.below(3)];
            format!("UPDATE audit_entries SET {set} WHERE seq = {at}")
        }
        2 => format!("DELETE FROM audit_entries WHERE seq = {at}"),
        3 => {
            let other = (at % length) + 1;
            format!(
                "UPDATE audit_entries SET seq = -1 WHERE seq = {at}; UPDATE audit_entries SET seq = {at} WHERE seq = {other}; \
                 UPDATE audit_entries SET seq = {other} WHERE seq = -1"
            )
        }
        4 => {
            let at = at - 1;
            let head = if at == 0 { tocsin::domain::audit::GENESIS } else { chain[at - 1].1.as_str() };
            format!("DELETE FROM audit_entries WHERE seq > {at}; UPDATE audit_head SET seq = {at}, hash = '{head}'")
        }
        5 => {
            entries[at - 1].actor.push('x');
            rewritten(&mut entries)
        }
        6 => {
            let copy = entries[draw.below(length)].clone();
            // At the very end it would be a new entry, which touches nothing that a checkpoint vouches for.
            entries.insert((at - 1).min(length - 2), copy);
            rewritten(&mut entries)
        }
        _ => {
            entries.remove(at - 1);
            rewritten(&mut entries)
        }
    }
}
