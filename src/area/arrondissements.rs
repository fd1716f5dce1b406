//! The 43 Belgian administrative arrondissements. The sources have no table of them: members follow from the NIS codes
//! (see `members`), and names from the municipality the arrondissement is called after, listed here.

/// Two digits of the NIS code, and the NIS codes of the municipalities it is named after. (`XX001` is no guide: that
/// is only the first in the alphabet when the codes were given.) Tongeren bears the name of the municipality that
/// Tongeren became part of in 2025.
const SEATS: [(&str, &[&str]); 43] = [
    ("11", &["11002"]),
    ("12", &["12025"]),
    ("13", &["13040"]),
    ("21", &["21004"]),
    ("23", &["23027", "23088"]),
    ("24", &["24062"]),
    ("25", &["25072"]),
    ("31", &["31005"]),
    ("32", &["32003"]),
    ("33", &["33011"]),
    ("34", &["34022"]),
    ("35", &["35013"]),
    ("36", &["36015"]),
    ("37", &["37022"]),
    ("38", &["38025"]),
    ("41", &["41002"]),
    ("42", &["42006"]),
    ("43", &["43005"]),
    ("44", &["44021"]),
    ("45", &["45035"]),
    ("46", &["46021"]),
    ("51", &["51004"]),
    ("52", &["52011"]),
    ("53", &["53053"]),
    ("55", &["55040"]),
    ("56", &["56078"]),
    ("57", &["57081", "57096"]),
    ("58", &["58001"]),
    ("61", &["61031"]),
    ("62", &["62063"]),
    ("63", &["63079"]),
    ("64", &["64074"]),
    ("71", &["71072"]),
    ("72", &["72021"]),
    ("73", &["73111"]),
    ("81", &["81001"]),
    ("82", &["82039"]),
    ("83", &["83034"]),
    ("84", &["84043"]),
    ("85", &["85045"]),
    ("91", &["91034"]),
    ("92", &["92094"]),
    ("93", &["93088"]),
];

/// The municipalities an arrondissement (`21000`) is named after.
pub(super) fn seats_of(code: &str) -> Option<&'static [&'static str]> {
    let prefix = code.strip_suffix("000")?;
    SEATS.iter().find(|(known, _)| *known == prefix).map(|(_, seats)| *seats)
}

/// All codes.
pub(super) fn codes() -> impl Iterator<Item = String> {
    SEATS.iter().map(|(prefix, _)| format!("{prefix}000"))
}
