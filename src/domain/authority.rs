//! Who may authorise, and what may have to be asked first (appeals-and-law §3, §5): the two closed lists that decisions
//! name. Which of them a kind of appeal needs in which country is data: `rules`.

use super::codes::codes;
use super::place::Country;

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
