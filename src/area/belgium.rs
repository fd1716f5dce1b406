//! The Belgian tables: municipalities, provinces, judicial arrondissements, prosecutors, police zones. All in memory
//! (a few hundred kilobytes); a row's number is the unit of the cell index.

use std::sync::OnceLock;

use super::gazetteer::{Files, GazetteerError};
use super::table::{list, number, table};
use super::unit_index::UnitIndex;
use crate::domain::area::CellSet;
use crate::domain::place::Regime;

pub(super) struct Belgium {
    /// Sorted by NIS code.
    pub municipalities: Vec<Municipality>,
    /// Provinces and regions.
    pub provinces: Vec<Province>,
    pub arrondissements: Vec<Arrondissement>,
    pub prosecutors: Vec<Prosecutor>,
    pub zones: Vec<Zone>,
    pub changes: Vec<NisChange>,
    pub index: UnitIndex,
    territory: OnceLock<CellSet>,
}

pub(super) struct Municipality {
    pub nis: String,
    pub fr: String,
    pub nl: String,
    pub de: String,
    pub regime: Regime,
    pub province: String,
    pub arrondissement: String,
    pub prosecutor: String,
    pub population: u32,
    pub postal_codes: Vec<String>,
}

pub(super) struct Province {
    pub code: String,
    pub fr: String,
    pub nl: String,
    pub de: String,
    /// The region it lies in; a region lies in itself.
    pub region: String,
}

pub(super) struct Arrondissement {
    pub id: String,
    pub fr: String,
    pub nl: String,
    pub de: String,
}

pub(super) struct Prosecutor {
    pub id: String,
    pub fr: String,
    pub nl: String,
}

pub(super) struct Zone {
    /// The official four digits, or our own id where they are not known.
    pub code: String,
    pub former: Vec<String>,
    pub fr: String,
    pub nl: String,
    pub nis: Vec<String>,
}

/// A code that was abolished, and the municipality it became part of.
pub(super) struct NisChange {
    pub old: String,
    pub now: String,
    pub since: String,
    /// Nothing but the code changed.
    pub only_code: bool,
}

impl Belgium {
    pub(super) fn load(files: &Files) -> Result<Self, GazetteerError> {
        let index = UnitIndex::parse(files.be_cells.clone())?;
        let municipalities = municipalities(&files.be_municipalities)?;
        if usize::from(index.units()) != municipalities.len() {
            return Err(GazetteerError::Mismatch("be_cells.bin and be_municipalities.csv"));
        }
        let provinces =
            table("be_provinces.csv", &files.be_provinces, ["code", "name_fr", "name_nl", "name_de", "region"])?;
        let arrondissements =
            table("be_arrondissements.csv", &files.be_arrondissements, ["id", "name_fr", "name_nl", "name_de"])?;
        let prosecutors = table("be_prosecutors.csv", &files.be_prosecutors, ["id", "name_fr", "name_nl"])?;
        let zones =
            table("be_police_zones.csv", &files.be_police_zones, ["zone", "former", "name_fr", "name_nl", "nis"])?;
        let changes = table("be_nis_changes.csv", &files.be_nis_changes, ["old_nis", "nis", "from", "kind"])?;
        Ok(Self {
            municipalities,
            provinces: provinces
                .into_iter()
                .map(|[code, fr, nl, de, region]| Province { code, fr, nl, de, region })
                .collect(),
            arrondissements: arrondissements
                .into_iter()
                .map(|[id, fr, nl, de]| Arrondissement { id, fr, nl, de })
                .collect(),
            prosecutors: prosecutors.into_iter().map(|[id, fr, nl]| Prosecutor { id, fr, nl }).collect(),
            zones: zones
                .into_iter()
                .map(|[code, former, fr, nl, nis]| Zone { code, former: list(&former), fr, nl, nis: list(&nis) })
                .collect(),
            changes: changes
                .into_iter()
                .map(|[old, now, since, kind]| NisChange { old, now, since, only_code: kind == "code change" })
                .collect(),
            index,
            territory: OnceLock::new(),
        })
    }

    /// The row of a NIS code.
    pub(super) fn row(&self, nis: &str) -> Option<u16> {
        let row = self.municipalities.binary_search_by(|m| m.nis.as_str().cmp(nis)).ok()?;
        u16::try_from(row).ok()
    }

    pub(super) fn municipality(&self, row: u16) -> Option<&Municipality> {
        self.municipalities.get(usize::from(row))
    }

    /// The rows that satisfy a condition, sorted.
    pub(super) fn rows_where(&self, condition: impl Fn(&Municipality) -> bool) -> Vec<u16> {
        let rows = (0_u16..).zip(&self.municipalities);
        rows.filter(|(_, m)| condition(m)).map(|(row, _)| row).collect()
    }

    pub(super) fn zone_of(&self, nis: &str) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.nis.iter().any(|member| member == nis))
    }

    /// All Belgian cells. Where the two countries' border lines overlap, Belgium wins, so France needs this.
    pub(super) fn territory(&self) -> &CellSet {
        self.territory.get_or_init(|| self.index.territory())
    }
}

fn municipalities(bytes: &[u8]) -> Result<Vec<Municipality>, GazetteerError> {
    const NAME: &str = "be_municipalities.csv";
    let columns = [
        "nis",
        "name_fr",
        "name_nl",
        "name_de",
        "regime",
        "province",
        "arrondissement",
        "prosecutor",
        "population",
        "postal_codes",
    ];
    let mut all = Vec::new();
    for [nis, fr, nl, de, regime, province, arrondissement, prosecutor, population, postal_codes] in
        table(NAME, bytes, columns)?
    {
        let regime = Regime::parse(&regime).map_err(|e| GazetteerError::Table { name: NAME, reason: e.to_string() })?;
        let population = number(NAME, &population)?;
        let postal_codes = list(&postal_codes);
        all.push(Municipality {
            nis,
            fr,
            nl,
            de,
            regime,
            province,
            arrondissement,
            prosecutor,
            population,
            postal_codes,
        });
    }
    if !all.is_sorted_by(|a, b| a.nis < b.nis) {
        return Err(GazetteerError::Table { name: NAME, reason: "not sorted by code".to_owned() });
    }
    Ok(all)
}
