//! A platform's list of places read with the gazetteer: which official place each row is, and which sets of rows make up
//! whole official places near a target. Platforms publish names and no boundaries, so a row stands for the official
//! place of its name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use super::fold::key;
use super::gazetteer::Gazetteer;
use super::members::AreaError;
use crate::domain::area::CellSet;
use crate::domain::channel_place::{ChannelPlace, ChannelPlaceKind, ListedPlace};
use crate::domain::place::{Country, PlaceCode, PlaceKind};

/// English names that differ from all names of the tables, by country, as platforms list them. A word may be a city's
/// and a region's; the row's kind says which is meant.
const ENGLISH: &[(Country, &str, &str)] = &[
    (Country::Be, "Belgium", "COUNTRY:BE"),
    (Country::Be, "Flanders", "REG:02000"),
    (Country::Be, "Flemish Region", "REG:02000"),
    (Country::Be, "Wallonia", "REG:03000"),
    (Country::Be, "Walloon Region", "REG:03000"),
    (Country::Be, "Brussels", "REG:04000"),
    (Country::Be, "Brussels Capital", "REG:04000"),
    (Country::Be, "Brussels Capital Region", "REG:04000"),
    (Country::Be, "Brussels Region", "REG:04000"),
    (Country::Be, "Brussels", "NIS:21004"),
    (Country::Be, "City of Brussels", "NIS:21004"),
    (Country::Be, "Antwerp", "NIS:11002"),
    (Country::Be, "Antwerp", "PROV:10000"),
    (Country::Be, "Ghent", "NIS:44021"),
    (Country::Be, "Bruges", "NIS:31005"),
    (Country::Be, "Ostend", "NIS:35013"),
    (Country::Be, "Ypres", "NIS:33011"),
    (Country::Be, "Louvain", "NIS:24062"),
    (Country::Be, "Mechlin", "NIS:12025"),
    (Country::Be, "West Flanders", "PROV:30000"),
    (Country::Be, "East Flanders", "PROV:40000"),
    (Country::Be, "Flemish Brabant", "PROV:20001"),
    (Country::Be, "Walloon Brabant", "PROV:20002"),
    (Country::Fr, "France", "COUNTRY:FR"),
    (Country::Fr, "Brittany", "REG:FR-53"),
    (Country::Fr, "Normandy", "REG:FR-28"),
    (Country::Fr, "Corsica", "REG:FR-94"),
    (Country::Fr, "Occitania", "REG:FR-76"),
    (Country::Fr, "Burgundy Franche Comté", "REG:FR-27"),
    (Country::Fr, "Dunkirk", "INSEE:59183"),
    (Country::Fr, "Lyons", "INSEE:69123"),
    (Country::Fr, "Marseilles", "INSEE:13055"),
    (Country::Fr, "Rheims", "INSEE:51454"),
];

/// [`ENGLISH`] by country and folded name.
fn english() -> &'static HashMap<(Country, String), Vec<PlaceCode>> {
    static READ: OnceLock<HashMap<(Country, String), Vec<PlaceCode>>> = OnceLock::new();
    READ.get_or_init(|| {
        let mut names: HashMap<(Country, String), Vec<PlaceCode>> = HashMap::new();
        for (country, name, code) in ENGLISH {
            names.entry((*country, key(name))).or_default().extend(PlaceCode::parse(code).ok());
        }
        names
    })
}

/// The rows of the municipalities each postal code is used in; made on the first question.
pub(super) type PostalCodes = HashMap<PlaceCode, Vec<u16>>;

/// Rows of a platform's list that together are whole official places: one row, or all postal codes of the municipalities
/// they are used in, because no table tells which part of a municipality has which code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceGroup {
    /// Positions in the list that was given.
    pub rows: Vec<usize>,
    /// What they cover.
    pub cells: CellSet,
}

impl Gazetteer {
    /// The official place a platform's row is; else why there is none. Names are read in any language the tables hold and
    /// in English; `Saint-Denis, Réunion` and `1050 Ixelles` say what they lie in. A row is never guessed.
    pub fn read_listed_place(&self, listed: &ListedPlace) -> Result<PlaceCode, String> {
        let Some(country) = Country::parse(&listed.country) else {
            return Err(format!("{} is not in the tables, which hold Belgium and France", listed.country));
        };
        let code = match listed.kind {
            ChannelPlaceKind::Country => PlaceCode::Whole(country),
            ChannelPlaceKind::Metro => return Err("market areas have no official boundary".to_owned()),
            ChannelPlaceKind::PostalCode => self.postal_place(&listed.name, country)?,
            ChannelPlaceKind::City => self.only_one(&listed.name, country, &[PlaceKind::Municipality])?,
            ChannelPlaceKind::Region => {
                // Wider kinds first: where a region and a department share a name, a platform's regions are regions.
                let kinds: [&[PlaceKind]; 2] = [&[PlaceKind::Region], &[PlaceKind::Province, PlaceKind::Department]];
                let [wide, narrow] = kinds.map(|kinds| self.only_one(&listed.name, country, kinds));
                wide.or(narrow)?
            }
        };
        if self.has_cells(&code) { Ok(code) } else { Err(AreaError::NoBoundary(code).to_string()) }
    }

    fn has_cells(&self, code: &PlaceCode) -> bool {
        let rows = self.rows(code);
        match code.country() {
            Country::Be => self.belgium.index.owns_any(&rows),
            Country::Fr => self.france.index.owns_any(&rows),
        }
    }

    fn postal_place(&self, name: &str, country: Country) -> Result<PlaceCode, String> {
        let digits = if country == Country::Be { 4 } else { 5 };
        let of_digits = |word: &&str| word.len() == digits && word.bytes().all(|b| b.is_ascii_digit());
        let mut words = name.split([' ', ',', '(', ')']).filter(of_digits);
        let code = match (words.next(), words.next()) {
            (Some(code), None) => PlaceCode::Post { country, code: code.to_owned() },
            _ => return Err(format!("`{name}` does not hold one postal code of {digits} digits")),
        };
        if self.exists(&code) { Ok(code) } else { Err(format!("{code} is not a known postal code")) }
    }

    /// The one place of these kinds in the country that has the name.
    fn only_one(&self, name: &str, country: Country, kinds: &[PlaceKind]) -> Result<PlaceCode, String> {
        let fits = |code: &PlaceCode| code.country() == country && kinds.contains(&code.kind());
        let mut found: Vec<PlaceCode> = self.listed_as(name, country).into_iter().filter(fits).collect();
        found.sort();
        found.dedup();
        match found.as_slice() {
            [code] => Ok(code.clone()),
            [] => Err(format!("no such place in {} has the name `{name}`", country.code())),
            several => {
                let shown: Vec<String> = several.iter().map(|code| self.candidate(code).to_string()).collect();
                Err(format!("`{name}` may be {}", shown.join("; ")))
            }
        }
    }

    /// Every place a listed name may mean: the name itself, or its first part within the rest.
    fn listed_as(&self, name: &str, country: Country) -> Vec<PlaceCode> {
        let whole = self.called(name, country);
        if !whole.is_empty() {
            return whole;
        }
        if let Some((inner, wider)) = super::phrase::qualified(name) {
            let around: Vec<Vec<u16>> = self
                .called(&wider, country)
                .into_iter()
                .chain(PlaceCode::parse(&format!("DEP:{wider}")))
                .chain(super::phrase::postal(&wider))
                .chain(Country::parse(&wider.to_uppercase()).map(PlaceCode::Whole))
                .filter(|code| code.country() == country && code.kind() != PlaceKind::Municipality)
                .map(|code| self.rows(&code))
                .collect();
            let within = |code: &PlaceCode| {
                let own = self.rows(code);
                around.iter().any(|rows| own.iter().all(|row| rows.binary_search(row).is_ok()))
            };
            return self.listed_as(&inner, country).into_iter().filter(within).collect();
        }
        let sides = name.split_once('/').or_else(|| name.split_once(" - "));
        let Some((left, right)) = sides else {
            return super::phrase::kind(name).map(|(_, rest)| self.called(&rest, country)).unwrap_or_default();
        };
        let right = self.called(right, country);
        self.called(left, country).into_iter().filter(|code| right.contains(code)).collect()
    }

    fn called(&self, name: &str, country: Country) -> Vec<PlaceCode> {
        let key = key(name);
        let mut codes = self.name_index().exactly(&key);
        codes.extend(english().get(&(country, key)).into_iter().flatten().cloned());
        codes
    }

    /// The groups that touch a target. Those with nothing in it cannot help to reach it.
    #[must_use]
    pub fn place_groups(&self, places: &[ChannelPlace], target: &CellSet) -> Vec<PlaceGroup> {
        let belgian = self.belgium.index.owned_parts(target);
        let abroad = target.difference(&CellSet::from_spans(belgian.iter().map(|(_, span)| *span).collect()));
        let french = self.france.index.owned_parts(&abroad);
        let shared = self.france.index.shared_spans().filter(|(_, span)| abroad.within(*span).next().is_some());
        let touched: BTreeSet<(Country, u16)> = belgian
            .iter()
            .map(|(row, _)| (Country::Be, *row))
            .chain(french.iter().map(|(row, _)| (Country::Fr, *row)))
            .chain(shared.map(|(row, _)| (Country::Fr, row)))
            .collect();
        let mut groups = Vec::new();
        let mut posts: BTreeMap<PlaceCode, usize> = BTreeMap::new();
        for (row, place) in places.iter().enumerate() {
            match &place.meaning {
                Ok(code @ PlaceCode::Post { .. }) => {
                    posts.entry(code.clone()).or_insert(row);
                }
                Ok(code) => {
                    let country = code.country();
                    if self.rows(code).into_iter().any(|unit| touched.contains(&(country, unit)))
                        && let Ok(cells) = self.cells_of(code)
                    {
                        groups.push(PlaceGroup { rows: vec![row], cells });
                    }
                }
                Err(_) => {}
            }
        }
        groups.extend(self.postal_groups(&posts, &touched));
        groups
    }

    /// For each touched unit the postal codes that hang together with its own, where the platform has them all.
    fn postal_groups(&self, posts: &BTreeMap<PlaceCode, usize>, touched: &BTreeSet<(Country, u16)>) -> Vec<PlaceGroup> {
        let mut groups = Vec::new();
        if posts.is_empty() {
            return groups;
        }
        let mut seen: BTreeSet<(Country, u16)> = BTreeSet::new();
        for (country, unit) in touched {
            if seen.contains(&(*country, *unit)) {
                continue;
            }
            let (mut units, mut codes) = (BTreeSet::from([*unit]), BTreeSet::new());
            let mut open = vec![*unit];
            while let Some(unit) = open.pop() {
                for code in self.posts_of(*country, unit) {
                    if !codes.contains(&code) {
                        open.extend(self.users_of_post(&code).iter().filter(|other| units.insert(**other)));
                        codes.insert(code);
                    }
                }
            }
            seen.extend(units.iter().map(|unit| (*country, *unit)));
            let rows: Option<Vec<usize>> = codes.iter().map(|code| posts.get(code).copied()).collect();
            let Some(rows) = rows.filter(|rows| !rows.is_empty()) else { continue };
            let units: Vec<u16> = units.into_iter().collect();
            let cells = match country {
                Country::Be => self.belgium.index.cells_of(&units),
                Country::Fr => self.france.index.cells_of(&units).difference(self.belgium.territory()),
            };
            groups.push(PlaceGroup { rows, cells });
        }
        groups
    }

    /// The rows of the municipalities a postal code is used in, sorted.
    pub(super) fn users_of_post(&self, code: &PlaceCode) -> &[u16] {
        let all = self.posts.get_or_init(|| {
            let mut users = PostalCodes::new();
            for (country, units) in
                [(Country::Be, self.belgium.index.units()), (Country::Fr, self.france.index.units())]
            {
                for unit in 0..units {
                    for code in self.posts_of(country, unit) {
                        users.entry(code).or_default().push(unit);
                    }
                }
            }
            users
        });
        all.get(code).map(Vec::as_slice).unwrap_or_default()
    }

    fn posts_of(&self, country: Country, unit: u16) -> Vec<PlaceCode> {
        let post = |code: &str| PlaceCode::Post { country, code: code.to_owned() };
        match country {
            Country::Be => {
                let municipality = self.belgium.municipality(unit);
                municipality.map(|m| m.postal_codes.iter().map(|code| post(code)).collect()).unwrap_or_default()
            }
            Country::Fr => {
                let commune = self.france.commune(unit);
                commune.map(|c| c.postal_codes.split_whitespace().map(post).collect()).unwrap_or_default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;

    fn gazetteer() -> &'static Gazetteer {
        Gazetteer::embedded().unwrap()
    }

    fn read(kind: &str, country: &str, name: &str) -> Result<String, String> {
        let listed = ListedPlace::new("0a", name, kind, country).unwrap();
        gazetteer().read_listed_place(&listed).map(|code| code.to_string())
    }

    #[test]
    fn names_are_read_in_every_language_within_kind_and_country() {
        for (kind, country, name, code) in [
            ("COUNTRIES", "BE", "Belgium", "COUNTRY:BE"),
            ("REGIONS", "BE", "Flanders", "REG:02000"),
            ("REGIONS", "BE", "Bruxelles-Capitale", "REG:04000"),
            ("REGIONS", "BE", "Brussels", "REG:04000"),
            ("REGIONS", "BE", "Luxembourg", "PROV:80000"),
            ("REGIONS", "BE", "Province of Liège", "PROV:60000"),
            ("REGIONS", "FR", "Hauts-de-France", "REG:FR-32"),
            ("REGIONS", "FR", "Nord", "DEP:59"),
            ("CITIES", "BE", "Brussels", "NIS:21004"),
            ("CITIES", "BE", "Elsene", "NIS:21009"),
            ("CITIES", "BE", "Ixelles / Elsene", "NIS:21009"),
            ("CITIES", "BE", "Ghent", "NIS:44021"),
            ("CITIES", "BE", "Antwerp, Belgium", "NIS:11002"),
            ("CITIES", "BE", "Namur", "NIS:92094"),
            ("CITIES", "BE", "Lüttich", "NIS:62063"),
            ("CITIES", "FR", "Lille", "INSEE:59350"),
            ("CITIES", "FR", "Saint-Denis, Seine-Saint-Denis", "INSEE:93066"),
            ("POSTAL_CODES", "BE", "1050", "POST:BE:1050"),
            ("POSTAL_CODES", "BE", "1050, Belgium", "POST:BE:1050"),
            ("POSTAL_CODES", "FR", "59000", "POST:FR:59000"),
        ] {
            assert_eq!(read(kind, country, name), Ok(code.to_owned()), "{kind} {country} {name}");
        }
    }

    #[test]
    fn what_is_unknown_or_ambiguous_says_why() {
        for (kind, country, name, why) in [
            ("CITIES", "NL", "Breda", "NL is not in the tables"),
            ("METROS", "BE", "Antwerp", "market areas have no official boundary"),
            ("CITIES", "BE", "Nowhere", "no such place in BE has the name `Nowhere`"),
            ("CITIES", "FR", "Gent", "no such place in FR"),
            ("CITIES", "FR", "Saint-Denis", "may be"),
            ("POSTAL_CODES", "BE", "99999", "does not hold one postal code of 4 digits"),
            ("POSTAL_CODES", "BE", "0001", "POST:BE:0001 is not a known postal code"),
        ] {
            let said = read(kind, country, name).unwrap_err();
            assert!(said.contains(why), "{name}: {said}");
        }
    }

    #[test]
    fn postal_codes_count_only_when_all_of_a_municipality_are_there() {
        let place = |kind: &str, name: &str| {
            let listed = ListedPlace::new("0a", name, kind, "BE").unwrap();
            let meaning = gazetteer().read_listed_place(&listed);
            ChannelPlace { listed, meaning }
        };
        // Anderlecht has 1070 alone; Boechout has 2530 and 2531.
        let target = gazetteer().cells_of(&PlaceCode::parse("NIS:21001").unwrap()).unwrap();
        let boechout = gazetteer().cells_of(&PlaceCode::parse("NIS:11004").unwrap()).unwrap();
        let both = target.union(&boechout);
        let some = [place("POSTAL_CODES", "2530"), place("POSTAL_CODES", "1070")];
        assert_eq!(gazetteer().place_groups(&some, &both), [PlaceGroup { rows: vec![1], cells: target.clone() }]);
        let all = [place("POSTAL_CODES", "2530"), place("POSTAL_CODES", "1070"), place("POSTAL_CODES", "2531")];
        let groups = gazetteer().place_groups(&all, &both);
        assert_eq!(groups.len(), 2);
        assert!(groups.contains(&PlaceGroup { rows: vec![0, 2], cells: boechout }));
        // Far away, so of no use.
        assert!(gazetteer().place_groups(&[place("CITIES", "Arlon")], &target).is_empty());
    }
}
