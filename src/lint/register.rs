//! The register of official hashtags: which tags a force uses for a municipality, per language. Data of the installation;
//! which municipalities an appeal is about is `app`'s to say.

use super::checked::HashtagRegister;
use crate::domain::language::Language;
use crate::domain::place::PlaceCode;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A municipality's tags as the file has them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    place: String,
    /// Who says so.
    source: String,
    #[serde(default)]
    fr: BTreeSet<String>,
    #[serde(default)]
    nl: BTreeSet<String>,
    #[serde(default)]
    de: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    locality: Vec<Row>,
}

/// Official hashtags of localities.
#[derive(Clone, Debug, Default)]
pub struct LocalityTags(BTreeMap<String, BTreeMap<Language, BTreeSet<String>>>);

impl LocalityTags {
    /// Adds the rows of a file (name, TOML).
    ///
    /// # Errors
    /// The file and what is wrong in it: no TOML, a place that is no code, a row without source or tag, a tag of more than
    /// one word.
    pub fn read(&mut self, name: &str, text: &str) -> Result<(), String> {
        let file: File = toml::from_str(text).map_err(|e| format!("{name}: {e}"))?;
        for row in file.locality {
            let wrong = |what: &str| format!("{name}: {}: {what}", row.place);
            if PlaceCode::parse(&row.place).is_err() {
                return Err(wrong("no place code such as NIS:21009 or INSEE:59350"));
            }
            if row.source.trim().is_empty() {
                return Err(wrong("no source"));
            }
            let all = [(Language::Fr, row.fr.clone()), (Language::Nl, row.nl.clone()), (Language::De, row.de.clone())];
            if all.iter().all(|(_, tags)| tags.is_empty()) {
                return Err(wrong("no tag"));
            }
            for (language, tags) in all {
                let bad = |tag: &String| {
                    let bare = tag.strip_prefix('#').unwrap_or(tag);
                    bare.is_empty() || !bare.chars().all(|c| c.is_alphanumeric() || c == '_')
                };
                if let Some(tag) = tags.iter().find(|tag| bad(tag)) {
                    return Err(wrong(&format!("{tag:?} is not one hashtag")));
                }
                self.0.entry(row.place.clone()).or_default().entry(language).or_default().extend(tags);
            }
        }
        Ok(())
    }

    /// Whether nothing is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tags of some municipalities.
    pub fn of<'a>(&self, places: impl IntoIterator<Item = &'a PlaceCode>) -> HashtagRegister {
        let mut register = HashtagRegister::default();
        for tags in places.into_iter().filter_map(|place| self.0.get(&place.to_string())) {
            for (language, tags) in tags {
                let bare = tags.iter().map(|tag| tag.trim_start_matches('#').to_owned());
                register.tags.entry(*language).or_default().extend(bare);
            }
        }
        register
    }
}

/// The hashtags in a text, without their `#`, in order.
pub fn hashtags_in(text: &str) -> impl Iterator<Item = &str> {
    let joint =
        |at: usize| text.get(..at).and_then(|before| before.chars().next_back()).is_none_or(|c| !c.is_alphanumeric());
    text.match_indices('#').filter(move |(at, _)| joint(*at)).filter_map(|(at, _)| {
        let tag = text.get(at + 1..)?;
        let tag = tag.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
        // "#3" numbers something.
        (tag.chars().any(char::is_alphabetic)).then_some(tag)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]

    use super::*;

    const GOOD: &str =
        "[[locality]]\nplace = \"NIS:21009\"\nsource = \"zone\"\nfr = [\"Ixelles\", \"#XL\"]\nnl = [\"Elsene\"]\n";

    #[test]
    fn tags_are_those_of_the_places_asked_for() {
        let mut tags = LocalityTags::default();
        tags.read("a.toml", GOOD).unwrap();
        tags.read("b.toml", "[[locality]]\nplace = \"NIS:23099\"\nsource = \"zone\"\nnl = [\"Kraainem\"]\n").unwrap();
        let place = |code: &str| PlaceCode::parse(code).unwrap();
        let of = |codes: &[&str], language| {
            let places: Vec<_> = codes.iter().map(|code| place(code)).collect();
            tags.of(&places).tags.remove(&language).unwrap_or_default().into_iter().collect::<Vec<_>>()
        };
        assert_eq!(of(&["NIS:21009"], Language::Fr), ["Ixelles", "XL"]);
        assert_eq!(of(&["NIS:21009", "NIS:23099"], Language::Nl), ["Elsene", "Kraainem"]);
        assert_eq!(of(&["NIS:23099"], Language::Fr), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_row_is_named() {
        let wrong = |from: &str, to: &str| LocalityTags::default().read("x.toml", &GOOD.replace(from, to)).unwrap_err();
        assert!(wrong("NIS:21009", "Ixelles").contains("no place code"));
        assert!(wrong("\"zone\"", "\"\"").contains("no source"));
        assert!(wrong("\"Elsene\"", "\"Elsene nu\"").contains("is not one hashtag"));
        assert!(wrong("fr =", "it =").contains("x.toml"));
    }

    #[test]
    fn hashtags_are_found_and_numbers_are_not() {
        let found: Vec<_> = hashtags_in("#Ixelles (#Elsene), lot #3, a#b et ##XL_1050.").collect();
        assert_eq!(found, ["Ixelles", "Elsene", "XL_1050"]);
    }
}
