//! What an account holds, by id and by what it belongs to: lists ask for both with every line, of thousands of campaigns.

use std::collections::{BTreeMap, HashMap};

/// Things by id, each below at most one other.
#[derive(Clone, Debug)]
pub struct Tree<T> {
    all: BTreeMap<String, T>,
    below: HashMap<String, Vec<String>>,
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Self { all: BTreeMap::new(), below: HashMap::new() }
    }
}

impl<T> Tree<T> {
    /// Adds one; it stays below `parent` for good.
    pub fn add(&mut self, id: &str, parent: Option<&str>, one: T) {
        if let Some(parent) = parent {
            self.below.entry(parent.to_owned()).or_default().push(id.to_owned());
        }
        self.all.insert(id.to_owned(), one);
    }

    pub fn get(&self, id: &str) -> Option<&T> {
        self.all.get(id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.all.get_mut(id)
    }

    /// All in order of their ids.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.all.values()
    }

    /// What is directly below one, oldest first.
    pub fn below(&self, id: &str) -> impl Iterator<Item = &T> {
        self.below.get(id).into_iter().flatten().filter_map(|id| self.all.get(id))
    }
}
