//! Everything that would be sent, per channel and language. Pure and reproducible; its digest is what validators sign.

use super::canonical;
use super::document::moment;
use super::ids::{AppealId, AuthorisationId};
use super::language::Language;
use super::media::MediaDigest;
use super::notice::TextDigest;
use super::scope::ChannelKind;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// SHA-256 of a plan's canonical form, 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlanDigest(String);

impl PlanDigest {
    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        MediaDigest::parse(text).map(|digest| Self(digest.to_string()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PlanDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What one channel shows in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanItem {
    /// Where.
    pub channel: ChannelKind,
    /// In which language.
    pub language: Language,
    /// The notice it renders.
    pub text: TextDigest,
    /// The pictures it shows.
    pub media: Vec<MediaDigest>,
    /// The lots it shows.
    pub lots: BTreeSet<i64>,
    /// It shows a plate.
    pub plate: bool,
    /// What will be sent, finished.
    pub content: Value,
}

impl PlanItem {
    /// The stored form; a worker rebuilds the item from it to ask the gate again.
    #[must_use]
    pub fn to_document(&self) -> Value {
        json!({
            "channel": self.channel.code(), "language": self.language.code(), "text": self.text.0,
            "media": self.media.iter().map(MediaDigest::as_str).collect::<Vec<_>>(),
            "lots": self.lots, "plate": self.plate, "content": self.content,
        })
    }

    /// Reads the stored form; `None` when it is corrupt.
    #[must_use]
    pub fn from_document(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key)?.as_str();
        Some(Self {
            channel: ChannelKind::parse(text("channel")?)?,
            language: Language::parse(text("language")?).ok()?,
            text: TextDigest(text("text")?.to_owned()),
            media: value
                .get("media")?
                .as_array()?
                .iter()
                .map(|m| m.as_str().and_then(MediaDigest::parse))
                .collect::<Option<_>>()?,
            lots: value.get("lots")?.as_array()?.iter().map(Value::as_i64).collect::<Option<_>>()?,
            plate: value.get("plate")?.as_bool()?,
            content: value.get("content")?.clone(),
        })
    }
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The appeal.
    pub appeal: AppealId,
    /// The decisions it rests on: the appeal's own country's first, then one for each other country it is shown in.
    pub authorisations: Vec<AuthorisationId>,
    /// SHA-256 over the target area's cells.
    pub area_digest: String,
    /// When it goes out; at once when absent.
    pub schedule: Option<DateTime<Utc>>,
    /// Everything public ends here.
    pub ends_at: DateTime<Utc>,
    /// Ceiling for paid channels, euro cents.
    pub budget_cents: Option<i64>,
    /// What is sent.
    pub items: Vec<PlanItem>,
}

impl Plan {
    /// The form that is signed (RFC 8785).
    #[must_use]
    pub fn to_document(&self) -> Value {
        json!({
            "appeal": self.appeal.as_str(),
            "authorisations": self.authorisations.iter().map(AuthorisationId::as_str).collect::<Vec<_>>(),
            "area_digest": self.area_digest, "schedule_at": self.schedule.map(moment), "ends_at": moment(self.ends_at),
            "budget_cents": self.budget_cents,
            "items": self.items.iter().map(PlanItem::to_document).collect::<Vec<_>>(),
        })
    }

    /// What validators sign.
    #[must_use]
    pub fn digest(&self) -> PlanDigest {
        PlanDigest(canonical::digest(&self.to_document()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::kind::AppealKind;
    use crate::domain::place::Country;
    use crate::domain::samples;
    use chrono::TimeDelta;

    #[test]
    fn a_change_anywhere_is_another_digest() {
        let plan = samples::plan(&samples::record(AppealKind::Witness, Country::Be));
        let changes: [fn(&mut Plan); 14] = [
            |p| p.appeal = AppealId::from_parts(samples::now(), [0; 10]),
            |p| p.authorisations.push(AuthorisationId::from_parts(samples::now(), [0; 10])),
            |p| p.area_digest.push('0'),
            |p| p.schedule = Some(samples::now()),
            |p| p.ends_at += TimeDelta::microseconds(1),
            |p| p.budget_cents = Some(0),
            |p| p.items.clear(),
            |p| p.items.iter_mut().for_each(|i| i.channel = ChannelKind::Feed),
            |p| p.items.iter_mut().for_each(|i| i.language = Language::De),
            |p| p.items.iter_mut().for_each(|i| i.text.0.push('0')),
            |p| p.items.iter_mut().for_each(|i| i.media.clear()),
            |p| p.items.iter_mut().for_each(|i| i.lots = BTreeSet::from([77])),
            |p| p.items.iter_mut().for_each(|i| i.plate = !i.plate),
            |p| p.items.iter_mut().for_each(|i| i.content = json!({"title": "Titre "})),
        ];
        let mut digests = BTreeSet::from([plan.digest().to_string()]);
        for change in changes {
            let mut other = plan.clone();
            change(&mut other);
            digests.insert(other.digest().to_string());
        }
        assert_eq!(digests.len(), changes.len() + 1);
        assert_eq!(plan.clone().digest(), plan.digest());
    }

    #[test]
    fn a_worker_reads_back_the_item_it_asks_the_gate_about() {
        let plan = samples::plan(&samples::record(AppealKind::Vehicle, Country::Be));
        for item in plan.items {
            assert_eq!(PlanItem::from_document(&item.to_document()), Some(item.clone()));
            let mut damaged = item.to_document();
            damaged["media"] = json!(["nothing"]);
            assert_eq!(PlanItem::from_document(&damaged), None);
        }
    }
}
