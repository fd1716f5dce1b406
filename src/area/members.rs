//! From a place's code to its municipalities, its cells, its names and its people.

use std::sync::PoisonError;

use h3o::CellIndex;

use super::arrondissements::seats_of;
use super::france::{Court, department_of};
use super::gazetteer::Gazetteer;
use crate::domain::area::CellSet;
use crate::domain::area::position::position;
use crate::domain::place::{Country, LanguageArea, PlaceCode, PlaceKind};

/// Why a code has no cells.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AreaError {
    /// No such place.
    #[error("{0} is not a known place")]
    Unknown(PlaceCode),
    /// The code was valid once.
    #[error("{code} was abolished on {since}; the place is now {now}")]
    Abolished {
        /// What was given.
        code: PlaceCode,
        /// What holds now.
        now: PlaceCode,
        /// Since when, `YYYY-MM-DD`; empty where the table does not say.
        since: String,
    },
    /// The police zone was merged into another.
    #[error("{code} was merged into {now}")]
    MergedZone {
        /// What was given.
        code: PlaceCode,
        /// What holds now.
        now: PlaceCode,
    },
    /// The place exists, but its boundary is not in the sources.
    #[error("no boundary known for {0}; file a drawn area instead")]
    NoBoundary(PlaceCode),
}

/// A place's names; German and Dutch only where they are official or customary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// French.
    pub fr: Option<String>,
    /// Dutch.
    pub nl: Option<String>,
    /// German.
    pub de: Option<String>,
}

impl Names {
    pub(super) fn of(fr: &str, nl: &str, de: &str) -> Self {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self { fr: some(fr), nl: some(nl), de: some(de) }
    }

    /// The names in the languages the place itself uses, for one line: `Ixelles / Elsene`.
    #[must_use]
    pub fn joined(&self) -> String {
        match (&self.fr, &self.nl) {
            (Some(fr), Some(nl)) if fr != nl => format!("{fr} / {nl}"),
            (Some(name), _) | (None, Some(name)) => name.clone(),
            (None, None) => self.de.clone().unwrap_or_default(),
        }
    }

    /// `1050 Ixelles`.
    fn after(self, prefix: &str) -> Self {
        let join = |name: Option<String>| name.map(|name| format!("{prefix} {name}"));
        Self { fr: join(self.fr), nl: join(self.nl), de: join(self.de) }
    }
}

/// More municipalities than this under one postal code are counted, not listed.
const NAMED_UNDER_POSTAL_CODE: usize = 3;

impl Gazetteer {
    /// Whether the gazetteer knows the place.
    #[must_use]
    pub fn exists(&self, code: &PlaceCode) -> bool {
        !self.rows(code).is_empty()
    }

    /// The municipalities or communes a place is made of.
    pub fn municipalities(&self, code: &PlaceCode) -> Result<Vec<PlaceCode>, AreaError> {
        let rows = self.known_rows(code)?;
        Ok(rows.into_iter().filter_map(|row| self.code_of(code.country(), row)).collect())
    }

    /// The place's cells from the index: a partition, by cell centre, of resolution 10 in Belgium and 9 in France.
    /// French cells that Belgium owns too are left to Belgium.
    pub fn cells_of(&self, code: &PlaceCode) -> Result<CellSet, AreaError> {
        // Merging a region's municipalities takes milliseconds and gives few spans; of a town it is the other way round.
        if !matches!(
            code.kind(),
            PlaceKind::Country
                | PlaceKind::Region
                | PlaceKind::LanguageArea
                | PlaceKind::Province
                | PlaceKind::Department
        ) {
            return self.merged_cells(code);
        }
        let known = self.wide.read().unwrap_or_else(PoisonError::into_inner).get(code).cloned();
        if let Some(cells) = known {
            return Ok(cells);
        }
        let cells = self.merged_cells(code)?;
        self.wide.write().unwrap_or_else(PoisonError::into_inner).insert(code.clone(), cells.clone());
        Ok(cells)
    }

    fn merged_cells(&self, code: &PlaceCode) -> Result<CellSet, AreaError> {
        let rows = self.known_rows(code)?;
        let cells = match code.country() {
            Country::Be => self.belgium.index.cells_of(&rows),
            Country::Fr => self.france.index.cells_of(&rows).difference(self.belgium.territory()),
        };
        if cells.is_empty() { Err(AreaError::NoBoundary(code.clone())) } else { Ok(cells) }
    }

    /// Inhabitants: Belgium on 1 January 2020, France the legal population of 2023.
    #[must_use]
    pub fn population(&self, code: &PlaceCode) -> Option<u64> {
        let rows = self.known_rows(code).ok()?;
        let of_row = |row: u16| match code.country() {
            Country::Be => self.belgium.municipality(row).map(|m| m.population),
            Country::Fr => self.france.commune(row).map(|c| c.population),
        };
        Some(rows.into_iter().filter_map(of_row).map(u64::from).sum())
    }

    /// What the place is called.
    #[must_use]
    pub fn names(&self, code: &PlaceCode) -> Option<Names> {
        let be = &self.belgium;
        match code {
            PlaceCode::Nis(nis) => be.municipality(be.row(nis)?).map(|m| Names::of(&m.fr, &m.nl, &m.de)),
            PlaceCode::Insee(code) => self.france.commune(self.france.row(code)?).map(|c| Names::of(c.name, "", "")),
            PlaceCode::Zone(zone) => be.zones.iter().find(|z| z.code == *zone).map(|z| Names::of(&z.fr, &z.nl, "")),
            PlaceCode::Prov(code) => {
                be.provinces.iter().find(|p| p.code == *code).map(|p| Names::of(&p.fr, &p.nl, &p.de))
            }
            PlaceCode::Arr(id) => {
                be.arrondissements.iter().find(|a| a.id == *id).map(|a| Names::of(&a.fr, &a.nl, &a.de))
            }
            PlaceCode::Dep(code) => {
                self.france.departments.iter().find(|d| d.code == *code).map(|d| Names::of(&d.name, "", ""))
            }
            PlaceCode::Post { code: post, .. } => self.names_of_post(code, post),
            PlaceCode::Admin(code) => self.names_of_arrondissement(code),
            PlaceCode::Prosecutor(id) => {
                be.prosecutors.iter().find(|p| p.id == *id).map(|p| Names::of(&p.fr, &p.nl, ""))
            }
            PlaceCode::Reg(code) => match code.strip_prefix("FR-") {
                Some(region) => {
                    let of = self.france.departments.iter().find(|d| d.region == region)?;
                    Some(Names::of(&of.region_name, "", ""))
                }
                None => be.provinces.iter().find(|p| p.code == *code).map(|p| Names::of(&p.fr, &p.nl, &p.de)),
            },
            PlaceCode::Lang(area) => Some(language_area_names(*area)),
            PlaceCode::Whole(Country::Be) => Some(Names::of("Belgique", "België", "Belgien")),
            PlaceCode::Whole(Country::Fr) => Some(Names::of("France", "Frankrijk", "Frankreich")),
        }
    }

    fn names_of_arrondissement(&self, code: &str) -> Option<Names> {
        let seats = seats_of(code)?;
        let names: Vec<Names> = seats.iter().filter_map(|nis| self.names(&PlaceCode::Nis((*nis).to_owned()))).collect();
        let join = |pick: fn(&Names) -> Option<&str>| names.iter().filter_map(pick).collect::<Vec<_>>().join("-");
        Some(Names::of(&join(|n| n.fr.as_deref()), &join(|n| n.nl.as_deref()), ""))
    }

    fn names_of_post(&self, code: &PlaceCode, post: &str) -> Option<Names> {
        let members = self.municipalities(code).ok()?;
        let names: Vec<Names> = members.iter().filter_map(|member| self.names(member)).collect();
        let join = |pick: fn(&Names) -> &Option<String>| -> Option<String> {
            let known: Vec<&str> = names.iter().filter_map(|n| pick(n).as_deref()).collect();
            let listed = known.iter().take(NAMED_UNDER_POSTAL_CODE).copied().collect::<Vec<_>>().join(", ");
            let more = known.len().saturating_sub(NAMED_UNDER_POSTAL_CODE);
            (!known.is_empty()).then(|| if more == 0 { listed } else { format!("{listed} +{more}") })
        };
        Some(Names { fr: join(|n| &n.fr), nl: join(|n| &n.nl), de: join(|n| &n.de) }.after(post))
    }

    /// The municipality or commune that owns a cell: its centre's owner at the index's resolution.
    #[must_use]
    pub fn unit_of_cell(&self, cell: CellIndex) -> Option<PlaceCode> {
        let (country, row) = self.owner_of(cell)?;
        self.code_of(country, row)
    }

    /// Belgium first: where the two border lines overlap, it wins.
    pub(super) fn owner_of(&self, cell: CellIndex) -> Option<(Country, u16)> {
        let at = |resolution| {
            if cell.resolution() > resolution { cell.parent(resolution) } else { cell.center_child(resolution) }
        };
        let be = || at(self.belgium.index.resolution()).and_then(|c| self.belgium.index.owner(position(c)));
        let fr = || at(self.france.index.resolution()).and_then(|c| self.france.index.owner(position(c)));
        be().map(|row| (Country::Be, row)).or_else(|| fr().map(|row| (Country::Fr, row)))
    }

    /// The Belgian prosecutor's office for a municipality: its id and names.
    #[must_use]
    pub fn prosecutor_of(&self, nis: &str) -> Option<(&str, Names)> {
        let id = &self.belgium.municipality(self.belgium.row(nis)?)?.prosecutor;
        let office = self.belgium.prosecutors.iter().find(|p| p.id == *id)?;
        Some((office.id.as_str(), Names::of(&office.fr, &office.nl, "")))
    }

    /// The French courts a commune may belong to: one, or all those of its department where it has several.
    #[must_use]
    pub fn courts_of(&self, insee: &str) -> Vec<&Court> {
        let department = department_of(insee);
        self.france.courts.iter().filter(|court| court.department == department).collect()
    }

    pub(super) fn code_of(&self, country: Country, row: u16) -> Option<PlaceCode> {
        match country {
            Country::Be => self.belgium.municipality(row).map(|m| PlaceCode::Nis(m.nis.clone())),
            Country::Fr => self.france.commune(row).map(|c| PlaceCode::Insee(c.code.to_owned())),
        }
    }

    /// The rows of the place's members, sorted; none if the place is unknown.
    pub(super) fn rows(&self, code: &PlaceCode) -> Vec<u16> {
        let (be, fr) = (&self.belgium, &self.france);
        match code {
            PlaceCode::Nis(nis) => be.row(nis).into_iter().collect(),
            PlaceCode::Insee(insee) => fr.row(insee).into_iter().collect(),
            PlaceCode::Post { .. } => self.users_of_post(code).to_vec(),
            PlaceCode::Zone(zone) => {
                let members = be.zones.iter().find(|z| z.code == *zone).map(|z| z.nis.as_slice()).unwrap_or_default();
                be.rows_where(|m| members.contains(&m.nis))
            }
            PlaceCode::Prov(code) => {
                let of_region = |p: &str| be.provinces.iter().any(|row| row.code == p && row.region == *code);
                be.rows_where(|m| m.province == *code || of_region(&m.province))
            }
            PlaceCode::Dep(dep) => fr.rows_of_department(dep),
            PlaceCode::Arr(id) => be.rows_where(|m| m.arrondissement == *id),
            // REFNIS numbers a municipality within its arrondissement. That still holds after 2019 and 2025: whoever
            // moved to another arrondissement (Hainaut 2019, Zwijndrecht 2025) got a code of that one.
            PlaceCode::Admin(code) => match code.strip_suffix("000") {
                Some(prefix) => be.rows_where(|m| m.nis.starts_with(prefix)),
                None => Vec::new(),
            },
            PlaceCode::Prosecutor(id) => be.rows_where(|m| m.prosecutor == *id),
            PlaceCode::Reg(code) => match code.strip_prefix("FR-") {
                Some(region) => {
                    let members = fr.departments.iter().filter(|d| d.region == region);
                    let mut rows: Vec<u16> = members.flat_map(|d| fr.rows_of_department(&d.code)).collect();
                    rows.sort_unstable();
                    rows
                }
                None => be.rows_where(|m| be.provinces.iter().any(|p| p.code == m.province && p.region == *code)),
            },
            PlaceCode::Lang(area) => be.rows_where(|m| m.regime.area() == *area),
            PlaceCode::Whole(Country::Be) => be.rows_where(|_| true),
            PlaceCode::Whole(Country::Fr) => (0..fr.len()).collect(),
        }
    }

    pub(super) fn known_rows(&self, code: &PlaceCode) -> Result<Vec<u16>, AreaError> {
        let rows = self.rows(code);
        if rows.is_empty() { Err(self.why_unknown(code)) } else { Ok(rows) }
    }

    fn why_unknown(&self, code: &PlaceCode) -> AreaError {
        let change = match code {
            PlaceCode::Nis(nis) => self.belgium.changes.iter().find(|change| change.old == *nis),
            _ => None,
        };
        if let Some(change) = change {
            let now = PlaceCode::Nis(change.now.clone());
            return AreaError::Abolished { code: code.clone(), now, since: change.since.clone() };
        }
        let merged = match code {
            PlaceCode::Zone(zone) => self.belgium.zones.iter().find(|z| z.former.contains(zone)),
            _ => None,
        };
        merged.map_or_else(
            || AreaError::Unknown(code.clone()),
            |zone| AreaError::MergedZone { code: code.clone(), now: PlaceCode::Zone(zone.code.clone()) },
        )
    }
}

/// The names of the Constitution, article 4.
fn language_area_names(area: LanguageArea) -> Names {
    match area {
        LanguageArea::Nl => {
            Names::of("Région de langue néerlandaise", "Nederlands taalgebied", "Niederländisches Sprachgebiet")
        }
        LanguageArea::Fr => Names::of("Région de langue française", "Frans taalgebied", "Französisches Sprachgebiet"),
        LanguageArea::Bru => Names::of(
            "Région bilingue de Bruxelles-Capitale",
            "Tweetalig gebied Brussel-Hoofdstad",
            "Zweisprachiges Gebiet Brüssel-Hauptstadt",
        ),
        LanguageArea::De => Names::of("Région de langue allemande", "Duits taalgebied", "Deutsches Sprachgebiet"),
    }
}
