//! Every name of every place, ready to be looked up. Made on the first question (tens of milliseconds); how a person's
//! words are read against it is in `lookup`.

use std::collections::HashMap;

use super::arrondissements;
use super::fold::{key, words};
use super::gazetteer::Gazetteer;
use super::members::Names;
use crate::domain::place::{Country, LanguageArea, PlaceCode, PlaceKind};

/// One name of one place.
pub(super) struct Entry {
    pub code: PlaceCode,
    /// The words, folded, with spaces between them.
    pub words: String,
    /// The words without spaces.
    pub key: String,
}

/// All names, and where each is.
pub(super) struct NameIndex {
    pub entries: Vec<Entry>,
    by_key: HashMap<String, Vec<usize>>,
}

/// What people say instead of the official names of regions and countries.
const CUSTOMARY: [(&str, &[&str]); 4] = [
    ("02000", &["Flandre", "Vlaanderen", "Flandern"]),
    ("03000", &["Wallonie", "Wallonië", "Wallonien"]),
    (
        "04000",
        &[
            "Bruxelles",
            "Brussel",
            "Brüssel",
            "Bruxelles-Capitale",
            "Brussel-Hoofdstad",
            "Brüssel-Hauptstadt",
            "Région de Bruxelles",
            "Brussels Gewest",
        ],
    ),
    ("DE", &["Ostbelgien", "Communauté germanophone", "Duitstalige Gemeenschap", "Deutschsprachige Gemeinschaft"]),
];

impl NameIndex {
    pub(super) fn build(gazetteer: &Gazetteer) -> Self {
        let mut index = Self { entries: Vec::new(), by_key: HashMap::new() };
        let (be, fr) = (&gazetteer.belgium, &gazetteer.france);
        for m in &be.municipalities {
            let code = PlaceCode::Nis(m.nis.clone());
            for name in [&m.fr, &m.nl, &m.de] {
                // Some German names carry a place in brackets to tell homonyms apart.
                index.add(&code, name);
                index.add(&code, name.split(" (").next().unwrap_or_default());
            }
        }
        for row in 0..fr.len() {
            if let Some(commune) = fr.commune(row) {
                let code = PlaceCode::Insee(commune.code.to_owned());
                index.add(&code, commune.name);
                index.add(&code, commune.name.split(" (").next().unwrap_or_default());
            }
        }
        for province in &be.provinces {
            let is_region = province.code == province.region;
            let code = if is_region { PlaceCode::Reg } else { PlaceCode::Prov }(province.code.clone());
            for name in [&province.fr, &province.nl, &province.de] {
                index.add(&code, name);
                if !is_region {
                    index.add(&code, without_kind(name));
                }
            }
        }
        for department in &fr.departments {
            index.add(&PlaceCode::Dep(department.code.clone()), &department.name);
            if department.region.len() == 2 {
                index.add(&PlaceCode::Reg(format!("FR-{}", department.region)), &department.region_name);
            }
        }
        let rest = be.arrondissements.iter().map(|a| PlaceCode::Arr(a.id.clone()));
        let rest = rest.chain(arrondissements::codes().map(PlaceCode::Admin));
        let rest = rest.chain(be.zones.iter().map(|z| PlaceCode::Zone(z.code.clone())));
        let rest = rest.chain(be.prosecutors.iter().map(|p| PlaceCode::Prosecutor(p.id.clone())));
        let rest = rest.chain(LanguageArea::ALL.map(PlaceCode::Lang));
        for code in rest.chain([Country::Be, Country::Fr].map(PlaceCode::Whole)) {
            let Names { fr, nl, de } = gazetteer.names(&code).unwrap_or_default();
            for name in [fr, nl, de].into_iter().flatten() {
                index.add(&code, &name);
                if code.kind() == PlaceKind::Prosecutor {
                    index.add(&code, without_kind(&name));
                }
            }
        }
        for (code, names) in CUSTOMARY {
            let code = LanguageArea::parse(code).map_or_else(|| PlaceCode::Reg(code.to_owned()), PlaceCode::Lang);
            for name in names {
                index.add(&code, name);
            }
        }
        index
    }

    fn add(&mut self, code: &PlaceCode, name: &str) {
        let (key, words) = (key(name), words(name).join(" "));
        if key.is_empty() {
            return;
        }
        let known = self.by_key.entry(key.clone()).or_default();
        if known.iter().any(|i| self.entries.get(*i).is_some_and(|entry| entry.code == *code)) {
            return;
        }
        known.push(self.entries.len());
        self.entries.push(Entry { code: code.clone(), words, key });
    }

    /// The places that have exactly this name.
    pub(super) fn exactly(&self, key: &str) -> Vec<PlaceCode> {
        let found = self.by_key.get(key).map(Vec::as_slice).unwrap_or_default();
        found.iter().filter_map(|i| self.entries.get(*i)).map(|entry| entry.code.clone()).collect()
    }
}

/// `Province d’Anvers` → `Anvers`, `Parket Antwerpen` → `Antwerpen`.
fn without_kind(name: &str) -> &str {
    let rest = name.split_once(' ').map_or("", |(_, rest)| rest);
    ["d’", "d'", "de ", "du "].iter().find_map(|article| rest.strip_prefix(article)).unwrap_or(rest)
}
