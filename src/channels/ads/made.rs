//! What has been made of an order so far: the platform's ids by step. Kept by the caller between attempts.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One thing to make: `campaign`, `set-1`, …; also the end of its name on the platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(String);

impl Step {
    /// By its name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// One of several, counted from 1: `ad-1`, `set-of-3-1`.
    #[must_use]
    pub fn nth(name: &str, index: usize) -> Self {
        Self(format!("{name}-{}", index + 1))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which of several, from 0; none when it is the only one.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.0.rsplit_once('-')?.1.parse::<usize>().ok()?.checked_sub(1)
    }

    /// The first word of the name.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The platform's ids by step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made(BTreeMap<Step, String>);

impl Made {
    /// Whether a step has been taken.
    #[must_use]
    pub fn has(&self, step: &Step) -> bool {
        self.0.contains_key(step)
    }

    /// The id of the one thing of a kind.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<&str> {
        self.0.get(&Step::new(name)).map(String::as_str)
    }

    /// Ids of all things of a kind, in order.
    #[must_use]
    pub fn all(&self, kind: &str) -> Vec<&str> {
        let mut found: Vec<(Option<usize>, &str)> = self
            .0
            .iter()
            .filter(|(step, _)| step.kind() == kind)
            .map(|(step, id)| (step.index(), id.as_str()))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Notes what a step made.
    pub fn add(&mut self, step: Step, id: String) {
        self.0.insert(step, id);
    }

    /// Forgets all things of a kind.
    pub fn forget(&mut self, kind: &str) {
        self.0.retain(|step, _| step.kind() != kind);
    }

    /// Whether nothing was made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The stored form.
    #[must_use]
    pub fn to_document(&self) -> Value {
        self.0.iter().map(|(step, id)| (step.0.clone(), json!(id))).collect()
    }

    /// Reads the stored form; none when it is none.
    #[must_use]
    pub fn from_document(value: &Value) -> Option<Self> {
        let pair = |(step, id): (&String, &Value)| Some((Step(step.clone()), id.as_str()?.to_owned()));
        value.as_object()?.iter().map(pair).collect::<Option<_>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_kept_in_order() {
        let mut made = Made::default();
        for n in [9, 0, 1] {
            made.add(Step::nth("set", n), format!("id{n}"));
        }
        made.add(Step::new("campaign"), "c".to_owned());
        assert_eq!(made.all("set"), ["id0", "id1", "id9"]);
        assert_eq!((made.id("campaign"), made.id("set")), (Some("c"), None));
        assert_eq!(Made::from_document(&made.to_document()), Some(made));
        assert_eq!(Made::from_document(&json!({"a": 1})), None);
    }
}
