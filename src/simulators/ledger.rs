//! What happened at a platform: every effect in order, what was read, and what it cost. What a test or a person compares
//! with what the sender believes.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Something that changed the platform's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The platform's time.
    pub at: DateTime<Utc>,
    /// `created`, `changed`, `deleted` or `uploaded`.
    pub deed: &'static str,
    /// What: `campaign`, `ad set`, …
    pub object: String,
    /// The platform's id.
    pub id: String,
    /// Its name, or what was changed.
    pub detail: String,
}

/// The ledger of one platform.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    effects: Vec<Effect>,
    reads: BTreeMap<String, u64>,
}

impl Ledger {
    /// Notes an effect.
    pub fn effect(&mut self, at: DateTime<Utc>, deed: &'static str, object: &str, id: &str, detail: impl ToString) {
        let (object, id, detail) = (object.to_owned(), id.to_owned(), detail.to_string());
        self.effects.push(Effect { at, deed, object, id, detail });
    }

    /// Notes a question.
    pub fn read(&mut self, what: &str) {
        *self.reads.entry(what.to_owned()).or_default() += 1;
    }

    /// All effects, oldest first.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// How many of a deed on an object.
    #[must_use]
    pub fn count(&self, deed: &str, object: &str) -> usize {
        self.effects.iter().filter(|effect| effect.deed == deed && effect.object == object).count()
    }

    /// As JSON; `campaigns` is the platform's own view of what is there and what it cost.
    #[must_use]
    pub fn to_document(&self, platform: &str, campaigns: &[Spent]) -> Value {
        json!({
            "platform": platform,
            "campaigns": campaigns.iter().map(|c| json!({
                "id": c.id, "name": c.name, "status": c.status, "ceiling_micros": c.ceiling_micros,
                "spent_micros": c.spent_micros, "impressions": c.impressions, "clicks": c.clicks, "reach": c.reach,
            })).collect::<Vec<_>>(),
            "effects": self.effects.iter().map(|e| json!({
                "at": e.at.to_rfc3339(), "deed": e.deed, "object": e.object, "id": e.id, "detail": e.detail,
            })).collect::<Vec<_>>(),
            "reads": self.reads,
        })
    }

    /// As text for a terminal.
    #[must_use]
    pub fn to_table(&self, platform: &str, campaigns: &[Spent]) -> String {
        let mut text = format!("{platform}: {} campaign(s), {} effect(s)\n", campaigns.len(), self.effects.len());
        for c in campaigns {
            let _ = writeln!(
                text,
                "  {:<18} {:<10} spent {} of {}  reach {}  clicks {}  {}",
                c.id,
                c.status,
                euros(c.spent_micros),
                euros(c.ceiling_micros),
                c.reach,
                c.clicks,
                c.name,
            );
        }
        for e in &self.effects {
            let (at, object, id) = (e.at.format("%H:%M:%S"), &e.object, &e.id);
            let _ = writeln!(text, "  {at}  {:<8} {object:<18} {id:<18} {}", e.deed, e.detail);
        }
        for (what, times) in &self.reads {
            let _ = writeln!(text, "  read {times:>4} × {what}");
        }
        text
    }
}

/// A campaign and what it cost so far.
#[allow(clippy::struct_field_names, reason = "micros spent are called that")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// The platform's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// In the platform's words.
    pub status: String,
    /// What it may cost in all.
    pub ceiling_micros: i64,
    /// What it cost.
    pub spent_micros: i64,
    /// Times shown.
    pub impressions: i64,
    /// Times clicked.
    pub clicks: i64,
    /// People.
    pub reach: i64,
}

fn euros(micros: i64) -> String {
    format!("{}.{:02} €", micros / 1_000_000, micros % 1_000_000 / 10_000)
}
