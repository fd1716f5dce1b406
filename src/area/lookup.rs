//! From a person's words to one official place, or to the places they may mean. Nothing is guessed between two
//! different places: whoever filed a name gets the candidates and says which.
//!
//! Weights, when no kind is said: municipalities, provinces, departments, regions, language areas and countries compete
//! with each other. Arrondissements, police zones and prosecutors, most of which are called after a town, are meant only
//! when the kind is said or when nothing else has the name; if they exist beside the place chosen, a note says so.
//! Names of one and the same territory are one place.

use super::fold::{distance, key, words};
use super::gazetteer::Gazetteer;
use super::names::NameIndex;
use super::phrase::{Phrase, parse};
use crate::domain::place::{Country, PlaceCode, PlaceKind};

/// A place that words may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its code.
    pub code: PlaceCode,
    /// Its names on one line.
    pub name: String,
    /// Its province or department, or the country.
    pub within: String,
}

impl std::fmt::Display for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({}, {})", self.code, self.name, self.code.kind().code().replace('_', " "), self.within)
    }
}

/// A place that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What was meant.
    pub code: PlaceCode,
    /// Other places of the name that weigh less.
    pub others: Vec<Candidate>,
}

/// Why words are no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// No place has the name.
    #[error("`{text}` is not the name of a place in the tables{}", listed("; did you mean", suggestions))]
    Unknown {
        /// What was given.
        text: String,
        /// The nearest names.
        suggestions: Vec<Candidate>,
    },
    /// Several places have it.
    #[error("`{text}` may be {} places{}; give the code, or add the department, province, country or kind", 
        candidates.len(), listed(":", candidates))]
    Ambiguous {
        /// What was given.
        text: String,
        /// All of them.
        candidates: Vec<Candidate>,
    },
    /// The two sides of a slash are different places.
    #[error("`{text}` names two different places{}", listed(":", candidates))]
    TwoPlaces {
        /// What was given.
        text: String,
        /// One of each side.
        candidates: Vec<Candidate>,
    },
    /// A kind of place that is not in the sources.
    #[error("`{text}`: {kind} are not in the sources; file the municipalities, or a drawn area")]
    NotHeld {
        /// What was given.
        text: String,
        /// Which kind.
        kind: &'static str,
    },
}

impl NotFound {
    /// The places to choose from.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::Unknown { suggestions: all, .. }
            | Self::Ambiguous { candidates: all, .. }
            | Self::TwoPlaces { candidates: all, .. } => all,
            Self::NotHeld { .. } => &[],
        }
    }
}

/// More candidates than this make a sentence nobody reads; programs get all.
const LISTED: usize = 8;

fn listed(before: &str, candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return String::new();
    }
    let shown = candidates.iter().take(LISTED).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let more = candidates.len().saturating_sub(LISTED);
    if more == 0 { format!("{before} {shown}") } else { format!("{before} {shown}; and {more} more") }
}

/// How many near names are offered for an unknown one.
const SUGGESTED: usize = 3;

impl Gazetteer {
    pub(super) fn name_index(&self) -> &NameIndex {
        self.names.get_or_init(|| NameIndex::build(self))
    }

    /// Reads a place's name in any of its languages, or a bare postal code. Among homonyms of both countries, those of
    /// `home` are meant.
    pub fn find_place(&self, text: &str, home: Option<Country>) -> Result<Found, NotFound> {
        let (said, mut codes) = match parse(text) {
            Phrase::Digits(digits) => (true, self.with_digits(&digits)),
            Phrase::Canton => return Err(NotFound::NotHeld { text: text.to_owned(), kind: "cantons" }),
            Phrase::Words => self.named(text)?,
        };
        codes.sort_by_key(|code| (code.kind(), code.to_string()));
        codes.dedup();
        let unknown = || NotFound::Unknown { text: text.to_owned(), suggestions: self.nearest(text) };
        let (mut pool, mut others): (Vec<PlaceCode>, Vec<PlaceCode>) =
            codes.into_iter().partition(|code| said || weighs(code.kind()));
        if pool.is_empty() {
            pool = std::mem::take(&mut others);
        }
        // The Grand Duchy has the name too and is in no table, so the bare name is never taken for the province.
        let abroad = !said && ["luxembourg", "luxemburg"].contains(&key(text).as_str());
        if !abroad {
            self.one_a_territory(&mut pool);
        }
        if pool.len() > 1 && home.is_some() {
            let (at_home, elsewhere): (Vec<_>, Vec<_>) =
                pool.iter().cloned().partition(|code| Some(code.country()) == home);
            if !at_home.is_empty() {
                (pool, others) = (at_home, elsewhere.into_iter().chain(others).collect());
            }
        }
        match (pool.as_slice(), abroad) {
            ([], _) => Err(unknown()),
            ([code], false) => {
                let rows = self.rows(code);
                others.retain(|other| other.country() != code.country() || self.rows(other) != rows);
                Ok(Found { code: code.clone(), others: others.iter().map(|other| self.candidate(other)).collect() })
            }
            _ => {
                pool.extend(if abroad { others } else { Vec::new() });
                let mut candidates: Vec<Candidate> = pool.iter().map(|code| self.candidate(code)).collect();
                candidates.sort_by_cached_key(|c| {
                    let people = self.population(&c.code).unwrap_or_default();
                    (c.code.kind() != PlaceKind::Municipality, std::cmp::Reverse(people), c.code.to_string())
                });
                Err(NotFound::Ambiguous { text: text.to_owned(), candidates })
            }
        }
    }

    /// Keeps the first of the places that have the same members.
    fn one_a_territory(&self, pool: &mut Vec<PlaceCode>) {
        if pool.len() < 2 {
            return;
        }
        let mut seen: Vec<(Country, Vec<u16>)> = Vec::new();
        pool.retain(|code| {
            let territory = (code.country(), self.rows(code));
            let new = !seen.contains(&territory);
            if new {
                seen.push(territory);
            }
            new
        });
    }

    /// The places that words name, and whether their kind was said.
    fn named(&self, text: &str) -> Result<(bool, Vec<PlaceCode>), NotFound> {
        let exact = self.name_index().exactly(&key(text));
        if !exact.is_empty() {
            return Ok((false, exact));
        }
        if let Some((name, wider)) = super::phrase::qualified(text) {
            let (said, found) = self.named(&name)?;
            let around = self.territories(&wider);
            let inside = |code: &PlaceCode| {
                around.iter().any(|(country, rows)| {
                    code.country() == *country && self.rows(code).iter().all(|row| rows.binary_search(row).is_ok())
                })
            };
            return Ok((said, found.into_iter().filter(inside).collect()));
        }
        if let Some((kinds, name)) = super::phrase::kind(text) {
            let (_, found) = self.named(&name).unwrap_or_default();
            let of_kind: Vec<PlaceCode> = found.iter().filter(|code| kinds.contains(&code.kind())).cloned().collect();
            let french = found.iter().any(|code| code.country() == Country::Fr);
            if of_kind.is_empty() && french && kinds.contains(&PlaceKind::Arrondissement) {
                return Err(NotFound::NotHeld { text: text.to_owned(), kind: "French arrondissements" });
            }
            return Ok((true, of_kind));
        }
        if let Some((left, right)) = text.split_once('/').or_else(|| text.split_once(" - ")) {
            let (one, other) = (self.named(left)?, self.named(right)?);
            let both: Vec<PlaceCode> = one.1.iter().filter(|code| other.1.contains(code)).cloned().collect();
            if both.is_empty() && !one.1.is_empty() && !other.1.is_empty() {
                let firsts = [one.1.first(), other.1.first()].into_iter().flatten();
                let candidates = firsts.map(|code| self.candidate(code)).collect();
                return Err(NotFound::TwoPlaces { text: text.to_owned(), candidates });
            }
            return Ok((one.0 || other.0, both));
        }
        Ok((false, Vec::new()))
    }

    /// The wider places that a qualifier may mean: `93`, `BE`, `Seine-Saint-Denis`, `1050`, `Antwerpen`.
    fn territories(&self, wider: &str) -> Vec<(Country, Vec<u16>)> {
        let mut codes: Vec<PlaceCode> = self.name_index().exactly(&key(wider));
        codes.retain(|code| code.kind() != PlaceKind::Municipality);
        codes.extend(Country::parse(&wider.to_uppercase()).map(PlaceCode::Whole));
        codes.extend(PlaceCode::parse(&format!("DEP:{}", wider.to_uppercase())));
        codes.extend(PlaceCode::parse(wider));
        codes.extend(super::phrase::postal(wider));
        codes.iter().map(|code| (code.country(), self.rows(code))).filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// Digits alone: a postal code; but five may be meant as a municipality's code, too.
    fn with_digits(&self, digits: &str) -> Vec<PlaceCode> {
        let postal = super::phrase::postal(digits).filter(|code| self.exists(code));
        let official = [PlaceCode::Nis(digits.to_owned()), PlaceCode::Insee(digits.to_owned())];
        // Never chosen alone: that nobody's post has the number does not make it another table's code.
        match postal {
            Some(postal) => {
                std::iter::once(postal).chain(official.into_iter().filter(|code| self.exists(code))).collect()
            }
            None => Vec::new(),
        }
    }

    /// How a place is shown to choose from.
    #[must_use]
    pub fn candidate(&self, code: &PlaceCode) -> Candidate {
        let name = self.names(code).map(|names| names.joined()).unwrap_or_default();
        let country = PlaceCode::Whole(code.country());
        let wider = match code {
            PlaceCode::Nis(nis) => {
                let municipality = self.belgium.row(nis).and_then(|row| self.belgium.municipality(row));
                municipality.map_or(country, |m| PlaceCode::Prov(m.province.clone()))
            }
            PlaceCode::Insee(insee) => PlaceCode::Dep(super::france::department_of(insee).to_owned()),
            _ => country,
        };
        let mut within = self.names(&wider).map(|names| names.joined()).unwrap_or_default();
        if let PlaceCode::Dep(department) = &wider {
            within = format!("{department} {within}");
        }
        Candidate { code: code.clone(), name, within }
    }

    fn nearest(&self, text: &str) -> Vec<Candidate> {
        let digits = text.trim();
        if digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit()) {
            let codes = [PlaceCode::Nis(digits.to_owned()), PlaceCode::Insee(digits.to_owned())];
            return codes.iter().filter(|code| self.exists(code)).map(|code| self.candidate(code)).collect();
        }
        let bare = super::phrase::kind(text).map_or_else(|| text.to_owned(), |(_, name)| name);
        let mut found = self.near(&bare);
        found.truncate(SUGGESTED);
        found.into_iter().map(|(_, code)| self.candidate(&code)).collect()
    }

    /// Places whose name is a few slips away, the fewest first; one entry a place.
    fn near(&self, text: &str) -> Vec<(usize, PlaceCode)> {
        let wanted: Vec<char> = key(text).chars().take(60).collect();
        // A third of the letters wrong is another name.
        let most = (wanted.len() / 3).clamp(1, 4);
        let mut found: Vec<(usize, PlaceCode)> = Vec::new();
        for entry in &self.name_index().entries {
            if entry.key.len().abs_diff(wanted.len()) <= most
                && let Some(slips) = distance(&wanted, &entry.key.chars().collect::<Vec<_>>(), most)
            {
                found.push((slips, entry.code.clone()));
            }
        }
        found.sort_by_cached_key(|(slips, code)| {
            let people = self.population(code).unwrap_or_default();
            (*slips, !weighs(code.kind()), std::cmp::Reverse(people), code.to_string())
        });
        let mut seen = Vec::new();
        found.retain(|(_, code)| {
            let new = !seen.contains(code);
            if new {
                seen.push(code.clone());
            }
            new
        });
        found
    }

    /// Places for a search box: the name itself, names that begin so, names with a word that begins so, then slips.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<Candidate> {
        let (wanted, spaced) = (key(query), words(query).join(" "));
        if wanted.is_empty() {
            return Vec::new();
        }
        let inner = format!(" {spaced}");
        let mut found: Vec<(usize, PlaceCode)> = Vec::new();
        if wanted.bytes().all(|b| b.is_ascii_digit()) {
            found.extend(self.postal_codes_from(&wanted, limit).into_iter().map(|code| (0, code)));
        }
        for entry in &self.name_index().entries {
            let rank = if entry.key == wanted {
                0
            } else if entry.key.starts_with(&wanted) {
                1
            } else if entry.words.contains(&inner) {
                2
            } else {
                continue;
            };
            found.push((rank, entry.code.clone()));
        }
        if found.len() < limit {
            found.extend(self.near(query).into_iter().map(|(slips, code)| (2 + slips, code)));
        }
        // Counting the people of every region that begins with an `s` would be waste: kinds are ordered first.
        let people = |code: &PlaceCode| match code.kind() {
            PlaceKind::Municipality => self.population(code).unwrap_or_default(),
            _ => 0,
        };
        found.sort_by_cached_key(|(rank, code)| {
            (*rank, !weighs(code.kind()), std::cmp::Reverse(people(code)), code.kind(), code.to_string())
        });
        let mut codes: Vec<PlaceCode> = Vec::new();
        for (_, code) in found {
            if codes.len() < limit && !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes.iter().map(|code| self.candidate(code)).collect()
    }

    fn postal_codes_from(&self, digits: &str, limit: usize) -> Vec<PlaceCode> {
        let be =
            self.belgium.municipalities.iter().flat_map(|m| &m.postal_codes).map(|code| (Country::Be, code.as_str()));
        let mut found: std::collections::BTreeSet<(Country, &str)> =
            be.filter(|(_, code)| code.starts_with(digits)).collect();
        for row in 0..self.france.len() {
            let codes = self.france.commune(row).map(|c| c.postal_codes).unwrap_or_default().split(' ');
            found.extend(codes.filter(|code| code.starts_with(digits)).map(|code| (Country::Fr, code)));
        }
        let post = |(country, code): (Country, &str)| PlaceCode::Post { country, code: code.to_owned() };
        found.into_iter().take(limit).map(post).collect()
    }
}

/// Whether a kind competes for a bare name.
const fn weighs(kind: PlaceKind) -> bool {
    matches!(
        kind,
        PlaceKind::Municipality
            | PlaceKind::Province
            | PlaceKind::Department
            | PlaceKind::Region
            | PlaceKind::LanguageArea
            | PlaceKind::Country
    )
}
