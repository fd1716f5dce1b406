//! The French tables: communes, departments, courts. The 35,000 communes are searched in the text of their table; only
//! where its lines begin is kept in memory, from the first question on.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::gazetteer::{Files, GazetteerError};
use super::table::table;
use super::unit_index::UnitIndex;

pub(super) struct France {
    communes: Cow<'static, [u8]>,
    /// Where each row begins; a row's number is the unit of the cell index.
    lines: OnceLock<Vec<u32>>,
    pub departments: Vec<Department>,
    pub courts: Vec<Court>,
    pub index: UnitIndex,
}

/// One row of the communes' table.
#[derive(Clone, Copy)]
pub(super) struct Commune<'a> {
    pub code: &'a str,
    pub name: &'a str,
    pub population: u32,
    pub postal_codes: &'a str,
}

impl<'a> Commune<'a> {
    /// Two characters, three overseas.
    pub(super) fn department(&self) -> &'a str {
        department_of(self.code)
    }
}

/// The department an INSEE code lies in.
pub(super) fn department_of(code: &str) -> &str {
    let length = if code.starts_with("97") || code.starts_with("98") { 3 } else { 2 };
    code.get(..length).unwrap_or(code)
}

pub(super) struct Department {
    pub code: String,
    pub name: String,
    /// INSEE code of the region, two digits; three for the collectivities, which belong to none.
    pub region: String,
    pub region_name: String,
}

/// A tribunal judiciaire and the prosecutor's office at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Court {
    /// Our id, e.g. `lille-59`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name of the prosecutor's office.
    pub prosecutor: String,
    /// INSEE code of the seat.
    pub seat: String,
    /// The department it lies in.
    pub department: String,
    /// The seat of the court of appeal.
    pub court_of_appeal: String,
    /// Whether its territory is the whole department. Otherwise the department has several courts, and no public
    /// table says which commune belongs to which.
    pub whole_department: bool,
}

/// The first line of the communes' table.
pub(super) const COMMUNES_HEADER: &str = "code,name,population,postal_codes";

impl France {
    pub(super) fn load(files: &Files) -> Result<Self, GazetteerError> {
        let index = UnitIndex::parse(files.fr_cells.clone())?;
        let departments =
            table("fr_departements.csv", &files.fr_departements, ["code", "name", "region_code", "region_name"])?;
        let columns = [
            "id",
            "court_name",
            "prosecutor_name",
            "seat_commune",
            "dep",
            "court_of_appeal",
            "covers_whole_department",
        ];
        let courts = table("fr_courts.csv", &files.fr_courts, columns)?;
        let communes = files.fr_communes.clone();
        let is_table = std::str::from_utf8(&communes).is_ok_and(|text| text.lines().next() == Some(COMMUNES_HEADER));
        if !is_table {
            return Err(GazetteerError::Table {
                name: "fr_communes.csv",
                reason: "not the expected columns".to_owned(),
            });
        }
        Ok(Self {
            communes,
            lines: OnceLock::new(),
            departments: departments
                .into_iter()
                .map(|[code, name, region, region_name]| Department { code, name, region, region_name })
                .collect(),
            courts: courts
                .into_iter()
                .map(|[id, name, prosecutor, seat, department, court_of_appeal, whole]| {
                    let whole_department = whole == "yes";
                    Court { id, name, prosecutor, seat, department, court_of_appeal, whole_department }
                })
                .collect(),
            index,
        })
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.communes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            let mut starts: Vec<u32> = ends.filter_map(|(at, _)| u32::try_from(at + 1).ok()).collect();
            starts.pop_if(|last| usize::try_from(*last).is_ok_and(|at| at >= self.communes.len()));
            starts.shrink_to_fit();
            starts
        })
    }

    pub(super) fn commune(&self, row: u16) -> Option<Commune<'_>> {
        self.commune_at(usize::from(row))
    }

    fn commune_at(&self, row: usize) -> Option<Commune<'_>> {
        let start = usize::try_from(*self.lines().get(row)?).ok()?;
        let rest = self.communes.get(start..)?;
        let line = rest.split(|byte| *byte == b'\n').next()?;
        let mut fields = std::str::from_utf8(line).ok()?.split(',');
        Some(Commune {
            code: fields.next()?,
            name: fields.next()?,
            population: fields.next()?.parse().ok()?,
            postal_codes: fields.next()?,
        })
    }

    /// The first row whose code is not before this text; the table is sorted by code.
    fn first_from(&self, code: &str) -> usize {
        let (mut low, mut high) = (0, self.lines().len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.commune_at(middle).is_some_and(|commune| commune.code < code) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The row of an INSEE code.
    pub(super) fn row(&self, code: &str) -> Option<u16> {
        let row = self.first_from(code);
        self.commune_at(row).filter(|commune| commune.code == code)?;
        u16::try_from(row).ok()
    }

    /// The rows of a department: they stand together.
    pub(super) fn rows_of_department(&self, department: &str) -> Vec<u16> {
        let from = u16::try_from(self.first_from(department)).unwrap_or(u16::MAX);
        let here = |row: &u16| self.commune(*row).is_some_and(|commune| commune.department() == department);
        (from..self.len()).take_while(here).collect()
    }

    /// How many communes there are.
    pub(super) fn len(&self) -> u16 {
        u16::try_from(self.lines().len()).unwrap_or(u16::MAX)
    }
}
