//! Who may authorise what (appeals-and-law §3, §5) as data: authority types, legal bases, the needs of each kind.
//! Rows marked unconfirmed in the source stand here in their strict position; dated rule files replace this table later.

use super::codes::codes;
use super::kind::AppealKind;
use super::place::Country;
use chrono::TimeDelta;

codes! {
    /// A magistrate's authority. A police officer, a mayor, a prefect or a minister is never one.
    AuthorityType {
        /// Procureur du Roi / procureur des Konings.
        BePdr = "be_pdr",
        /// Belgian investigating judge.
        BeJi = "be_ji",
        /// Federal prosecutor or magistrate.
        BeFed = "be_fed",
        /// Labour prosecutor.
        BeAt = "be_at",
        /// Youth magistrate, as co-consent.
        BeJeun = "be_jeun",
        /// Procureur de la République.
        FrPr = "fr_pr",
        /// French investigating judge.
        FrJi = "fr_ji",
        /// French national prosecutors.
        FrPnat = "fr_pnat",
        /// Foreign authority: never alone.
        Foreign = "foreign",
    }
}

codes! {
    /// A rule of the legal matrix (appeals-and-law §4) an authorisation rests on.
    LegalBasis {
        /// Ministerial directive on search notices, 2005.
        BeAvis2005 = "BE-AVIS-2005",
        /// Only a magistrate launches a search notice.
        BeMag = "BE-MAG",
        /// Code of criminal procedure, art. 28quinquies § 3.
        Be28Q3 = "BE-28Q3",
        /// Code of criminal procedure, art. 57.
        Be57 = "BE-57",
        /// Directive on missing persons.
        BeDisp = "BE-DISP",
        /// Portraits pass the federal prosecutor's office.
        BePortraitFed = "BE-PORTRAIT-FED",
        /// Joint circular on informing the press, 1999.
        BeCirc1999 = "BE-CIRC-1999",
        /// Federal missing persons unit.
        BeCell = "BE-CELL",
        /// Child Alert.
        BeCa = "BE-CA",
        /// Child Alert at the request of another country.
        BeCaForeign = "BE-CA-FOREIGN",
        /// Belgium's Most Wanted.
        BeMw = "BE-MW",
        /// Only the judicial authority informs the media.
        FrJud = "FR-JUD",
        /// Instruction on descriptions, photographs and calls for witnesses.
        FrC24 = "FR-C24",
        /// Code de procédure pénale, art. 11.
        Fr11 = "FR-11",
        /// Act of 1881, art. 39 bis.
        Fr39b = "FR-39B",
        /// Act of 1881, art. 39 quinquies: with the victim's written agreement.
        Fr39q = "FR-39Q",
        /// Code de procédure pénale, art. 74.
        Fr74 = "FR-74",
        /// Code de procédure pénale, art. 74-1.
        Fr74d1 = "FR-74-1",
        /// Act 95-73, art. 26.
        Fr26 = "FR-26",
        /// Alerte enlèvement.
        FrAe = "FR-AE",
        /// Restitution of recovered goods.
        FrRest = "FR-REST",
    }
}

codes! {
    /// Something that must have been asked, checked or agreed.
    ConsentKind {
        /// The family was informed.
        FamilyInformed = "family_informed",
        /// The custodian agrees.
        Custodian = "custodian",
        /// The federal prosecutor's office agrees to the portrait (BE-PORTRAIT-FED).
        FederalProsecutor = "federal_prosecutor",
        /// The investigating judge agrees, or none is seized (BE-57).
        InvestigatingJudge = "investigating_judge",
        /// All criteria of the alert plan were found to hold.
        AlertCriteria = "alert_criteria",
        /// The missing persons unit and Child Focus, or the ministry, were consulted.
        AlertConsulted = "alert_consulted",
        /// The parents were consulted.
        Parents = "parents",
        /// The person was shown to be of age at the facts.
        AdultProven = "adult_proven",
        /// Image without handcuffs or detention (FR-35T).
        ImageChecked = "image_checked",
        /// Final conviction, three years, warrant (BE-MW) or conviction reference.
        Conviction = "conviction",
        /// Age estimated by two people.
        AgeEstimated = "age_estimated",
        /// The youth magistrate agrees.
        YouthMagistrate = "youth_magistrate",
        /// Third parties blurred.
        ThirdPartiesBlurred = "third_parties_blurred",
        /// The missing persons unit was informed.
        MissingPersonsUnit = "missing_persons_unit",
        /// Dignity of the dead was weighed.
        Dignity = "dignity",
        /// The owner agrees to show the objects.
        Owner = "owner",
        /// The seizure is on record.
        SeizureRecord = "seizure_record",
    }
}

impl AuthorityType {
    /// The country whose magistrate it is; none for a foreign authority.
    #[must_use]
    pub const fn country(self) -> Option<Country> {
        match self {
            Self::BePdr | Self::BeJi | Self::BeFed | Self::BeAt | Self::BeJeun => Some(Country::Be),
            Self::FrPr | Self::FrJi | Self::FrPnat => Some(Country::Fr),
            Self::Foreign => None,
        }
    }
}

impl LegalBasis {
    /// Whose law it is.
    #[must_use]
    pub fn country(self) -> Country {
        if self.code().starts_with("BE-") { Country::Be } else { Country::Fr }
    }
}

impl ConsentKind {
    /// Whether a reason and a name may stand in its place. What is a fact to be established, and not somebody's
    /// agreement, cannot be waived: an age, a conviction, the criteria of an alert.
    #[must_use]
    pub const fn may_be_waived(self) -> bool {
        matches!(
            self,
            Self::FamilyInformed
                | Self::Custodian
                | Self::FederalProsecutor
                | Self::InvestigatingJudge
                | Self::Parents
                | Self::Owner
        )
    }

    /// Whether it is about pictures and falls away without any.
    #[must_use]
    pub const fn is_about_pictures(self) -> bool {
        matches!(self, Self::ImageChecked | Self::ThirdPartiesBlurred)
    }

    /// The authority whose own decision already is this consent.
    #[must_use]
    pub const fn implied_by(self) -> Option<AuthorityType> {
        match self {
            Self::FederalProsecutor => Some(AuthorityType::BeFed),
            Self::InvestigatingJudge => Some(AuthorityType::BeJi),
            _ => None,
        }
    }
}

/// What one kind needs in one country.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// Any one of these may authorise it.
    pub authorities: &'static [AuthorityType],
    /// The decision names at least one of these; empty when any basis will do.
    pub bases: &'static [LegalBasis],
    /// All of these must be given, or be waived with a reason and a name.
    pub consents: &'static [ConsentKind],
    /// How long an authorisation lasts when the magistrate named no end.
    pub lasts: TimeDelta,
    /// The longest it may last; only the alert plans have one.
    pub at_most: Option<TimeDelta>,
}

/// An alert plan lasts hours, not days.
const fn alert(authorities: &'static [AuthorityType], bases: &'static [LegalBasis], hours: i64, at_most: i64) -> Needs {
    use ConsentKind::{AlertConsulted, AlertCriteria, Parents};
    Needs {
        authorities,
        bases,
        consents: &[AlertCriteria, AlertConsulted, Parents],
        lasts: TimeDelta::hours(hours),
        at_most: Some(TimeDelta::hours(at_most)),
    }
}

/// The table of appeals-and-law §5. BE-PORTRAIT-FED depends on the pictures and is asked by the gate.
#[must_use]
pub const fn needs(kind: AppealKind, country: Country) -> Needs {
    use AppealKind as K;
    use AuthorityType::{BeFed, BeJi, BePdr, FrJi, FrPr};
    use ConsentKind as C;
    use Country::{Be, Fr};
    use LegalBasis as L;
    const fn row(
        authorities: &'static [AuthorityType],
        bases: &'static [LegalBasis],
        consents: &'static [ConsentKind],
        days: i64,
    ) -> Needs {
        Needs { authorities, bases, consents, lasts: TimeDelta::days(days), at_most: None }
    }
    const BE: &[AuthorityType] = &[BePdr, BeJi];
    const FR: &[AuthorityType] = &[FrPr, FrJi];
    match (country, kind) {
        (Be, K::MissingAdult) => row(BE, &[L::BeDisp], &[C::FamilyInformed], 30),
        (Fr, K::MissingAdult) => row(FR, &[L::Fr74d1, L::Fr26], &[C::FamilyInformed], 30),
        (Be, K::MissingMinor) => row(BE, &[L::BeDisp], &[C::Custodian], 14),
        (Fr, K::MissingMinor) => row(FR, &[L::Fr74d1, L::Fr26, L::Fr39b], &[C::Custodian], 14),
        (Be, K::ChildAlert) => alert(BE, &[L::BeCa, L::BeCaForeign], 6, 24),
        (Fr, K::ChildAlert) => alert(&[FrPr], &[L::FrAe], 3, 3),
        (Be, K::WantedSuspect) => row(&[BePdr, BeJi, BeFed], &[], &[C::InvestigatingJudge, C::AdultProven], 30),
        (Fr, K::WantedSuspect) => row(FR, &[L::Fr11], &[C::AdultProven, C::ImageChecked], 30),
        (Be, K::WantedConvict) => row(&[BePdr, BeFed], &[L::BeMw], &[C::Conviction], 180),
        (Fr, K::WantedConvict) => row(&[FrPr], &[], &[C::Conviction], 180),
        (Be, K::UnknownSuspect) => row(BE, &[], &[C::AgeEstimated], 30),
        (Fr, K::UnknownSuspect) => row(FR, &[L::Fr11], &[C::AgeEstimated, C::ThirdPartiesBlurred], 30),
        (Be, K::Witness) => row(BE, &[L::Be28Q3, L::Be57], &[], 30),
        (Fr, K::Witness) => row(FR, &[L::Fr11], &[], 30),
        (Be, K::Vehicle) => row(BE, &[], &[], 14),
        (Fr, K::Vehicle) => row(FR, &[], &[], 14),
        (Be, K::UnidentifiedPerson) => row(BE, &[], &[C::MissingPersonsUnit, C::Dignity], 365),
        (Fr, K::UnidentifiedPerson) => row(FR, &[L::Fr74], &[C::Dignity], 365),
        (Be, K::ObjectsStolen) => row(BE, &[], &[C::Owner], 730),
        (Fr, K::ObjectsStolen) => row(FR, &[], &[C::Owner], 730),
        (Be, K::ObjectsFound) => row(BE, &[], &[C::SeizureRecord], 180),
        (Fr, K::ObjectsFound) => row(FR, &[L::FrRest], &[C::SeizureRecord], 180),
        (Be, K::HeirsSought) => row(&[BePdr], &[], &[], 365),
        (Fr, K::HeirsSought) => row(&[FrPr], &[], &[], 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appeals-and-law §5 once more, in another shape: kind, country, authorities, default and longest span in hours.
    const TABLE: &str = "
        missing_adult       BE be_pdr,be_ji        720   -
        missing_adult       FR fr_pr,fr_ji         720   -
        missing_minor       BE be_pdr,be_ji        336   -
        missing_minor       FR fr_pr,fr_ji         336   -
        child_alert         BE be_pdr,be_ji        6     24
        child_alert         FR fr_pr               3     3
        wanted_suspect      BE be_pdr,be_ji,be_fed 720   -
        wanted_suspect      FR fr_pr,fr_ji         720   -
        wanted_convict      BE be_pdr,be_fed       4320  -
        wanted_convict      FR fr_pr               4320  -
        unknown_suspect     BE be_pdr,be_ji        720   -
        unknown_suspect     FR fr_pr,fr_ji         720   -
        witness             BE be_pdr,be_ji        720   -
        witness             FR fr_pr,fr_ji         720   -
        vehicle             BE be_pdr,be_ji        336   -
        vehicle             FR fr_pr,fr_ji         336   -
        unidentified_person BE be_pdr,be_ji        8760  -
        unidentified_person FR fr_pr,fr_ji         8760  -
        objects_stolen      BE be_pdr,be_ji        17520 -
        objects_stolen      FR fr_pr,fr_ji         17520 -
        objects_found       BE be_pdr,be_ji        4320  -
        objects_found       FR fr_pr,fr_ji         4320  -
        heirs_sought        BE be_pdr              8760  -
        heirs_sought        FR fr_pr               8760  -";

    #[test]
    fn the_table_is_the_one_of_the_law_file() {
        let mut expected = TABLE.trim().lines();
        for kind in AppealKind::ALL {
            for country in [Country::Be, Country::Fr] {
                let rule = needs(*kind, country);
                let authorities: Vec<_> = rule.authorities.iter().map(|a| a.code()).collect();
                let most = rule.at_most.map_or("-".to_owned(), |most| most.num_hours().to_string());
                let row =
                    [kind.code(), country.code(), &authorities.join(","), &rule.lasts.num_hours().to_string(), &most]
                        .join(" ");
                let wanted = expected.next().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
                assert_eq!(row, wanted);
                assert!(rule.bases.iter().all(|basis| basis.country() == country), "{row}");
                assert!(rule.authorities.iter().all(|authority| authority.country() == Some(country)), "{row}");
            }
        }
        assert_eq!(expected.next(), None);
    }
}
