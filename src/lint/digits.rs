//! Numbers that carry their own proof: Belgian national numbers, French NIR, IBAN. A run of digits whose key does not
//! fit is not one of them, and raises nothing.

use std::ops::Range;

use super::folded::Folded;
use super::scan::{all, lazy_pattern};

lazy_pattern!(NATIONAL = r"[0-9]{2}[ ./-]{0,2}[0-9]{2}[ ./-]{0,2}[0-9]{2}[ ./-]{0,3}[0-9]{3}[ ./-]{0,3}[0-9]{2}");
lazy_pattern!(
    NIR = r"[1-478][ .-]?[0-9]{2}[ .-]?[0-9]{2}[ .-]?(?:2[ab]|[0-9]{2})[ .-]?[0-9]{3}[ .-]?[0-9]{3}[ ./-]{0,3}(?:cle ?)?[0-9]{2}"
);
lazy_pattern!(IBAN = r"[a-z]{2}[ ]?[0-9]{2}(?:[ .-]?[a-z0-9]){11,30}");

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Belgian national number (register or bis): 97 minus the first nine digits modulo 97; births from 2000 on have a 2
/// put before them. Month 0 to 12, +20 or +40 for bis numbers.
pub(super) fn is_national_number(eleven: &str) -> bool {
    let (Some(base), Some(key)) = (eleven.get(..9), eleven.get(9..)) else {
        return false;
    };
    let (Ok(base), Ok(key)) = (base.parse::<u64>(), key.parse::<u64>()) else {
        return false;
    };
    let month = base / 100_000 % 100 % 20;
    let day = base / 1000 % 100;
    let born_before_2000 = 97 - base % 97 == key;
    let born_since = 97 - (2_000_000_000 + base) % 97 == key;
    eleven.len() == 11 && base > 0 && month <= 12 && day <= 31 && (born_before_2000 || born_since)
}

/// French NIR with its key: 97 minus the first thirteen characters modulo 97, Corsica's 2A read as 19 and 2B as 18.
pub(super) fn is_nir(fifteen: &str) -> bool {
    let text = fifteen.to_ascii_uppercase();
    let (Some(head), Some(department), Some(tail), Some(key)) =
        (text.get(..5), text.get(5..7), text.get(7..13), text.get(13..))
    else {
        return false;
    };
    let department = match department {
        "2A" => "19",
        "2B" => "18",
        other => other,
    };
    let (Ok(base), Ok(key)) = (format!("{head}{department}{tail}").parse::<u64>(), key.parse::<u64>()) else {
        return false;
    };
    text.len() == 15 && 97 - base % 97 == key
}

/// IBAN: country's length where we know it, and ISO 7064 modulo 97 of 1.
pub(super) fn is_iban(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    let Some((country, rest)) = text.get(..4).zip(text.get(4..)) else {
        return false;
    };
    let expected = match country.get(..2) {
        Some("BE") => 16,
        Some("FR") => 27,
        Some("DE") => 22,
        Some("NL") => 18,
        Some("LU") => 20,
        _ if (15..=34).contains(&text.len()) => text.len(),
        _ => return false,
    };
    let mut remainder = 0_u32;
    for c in rest.chars().chain(country.chars()) {
        let Some(value) = c.to_digit(36) else {
            return false;
        };
        remainder = if value < 10 { remainder * 10 + value } else { remainder * 100 + value } % 97;
    }
    text.len() == expected && remainder == 1
}

/// Whether the neighbours leave the number standing alone.
fn alone(folded: &Folded, range: &Range<usize>) -> bool {
    let bytes = folded.lower.as_bytes();
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    let after = bytes.get(range.end).copied().unwrap_or(b' ');
    !before.is_ascii_alphanumeric() && before != b'+' && !after.is_ascii_alphanumeric()
}

/// National numbers of both countries in a text.
pub(super) fn national_numbers(folded: &Folded) -> Vec<Range<usize>> {
    let mut found: Vec<_> = all(&NIR, &folded.lower)
        .filter(|range| {
            let text: String =
                folded.part(range).replace("cle", "").chars().filter(char::is_ascii_alphanumeric).collect();
            alone(folded, range) && is_nir(&text)
        })
        .collect();
    let national: Vec<_> = all(&NATIONAL, &folded.lower)
        .filter(|range| alone(folded, range) && is_national_number(&digits(folded.part(range))))
        .filter(|range| !found.iter().any(|nir| nir.start <= range.start && range.end <= nir.end))
        .collect();
    found.extend(national);
    found
}

/// Bank accounts in a text. The expression may run on into the next word: the longest beginning that proves itself is it.
pub(super) fn bank_accounts(folded: &Folded) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for range in all(&IBAN, &folded.lower) {
        let text = folded.part(&range);
        let ends = (15..=text.len()).rev().filter(|end| text.is_char_boundary(*end));
        for end in ends {
            let candidate = range.start..range.start + end;
            let squeezed: String = folded.part(&candidate).chars().filter(char::is_ascii_alphanumeric).collect();
            if squeezed.len() <= 34 && alone(folded, &candidate) && is_iban(&squeezed) {
                found.push(candidate);
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_both_countries_are_real_ones() {
        // Worked examples: 850730033 % 97 = 69, so 28; with the 2 before it for a child of 2017.
        assert!(is_national_number("85073003328"));
        assert!(!is_national_number("85073003329"));
        assert!(is_national_number("17073003384"));
        assert!(!is_national_number("85993003328"), "no month 99");
        assert!(is_nir("255081416802538"));
        assert!(!is_nir("255081416802539"));
        assert!(is_nir(&with_key("185052B001234")) && !is_nir(&with_key("185052A001234").replace("2A", "2B")));
        assert!(is_iban("BE68539007547034") && !is_iban("BE68539007547035"));
        assert!(is_iban("FR1420041010050500013M02606") && is_iban("DE89370400440532013000"));
    }

    fn with_key(thirteen: &str) -> String {
        let plain = thirteen.replace("2A", "19").replace("2B", "18");
        format!("{thirteen}{:02}", 97 - plain.parse::<u64>().unwrap_or_default() % 97)
    }

    #[test]
    fn numbers_are_found_however_they_are_spaced_and_only_when_they_prove_themselves() {
        let places = |text: &str| national_numbers(&Folded::of(text)).len() + bank_accounts(&Folded::of(text)).len();
        for text in [
            "NN 85.07.30-033.28",
            "n° 85 07 30 033 28.",
            "85073003328",
            "NIR 2 55 08 14 168 025 38",
            "compte BE68 5390 0754 7034 svp",
            "be68-5390-0754-7034",
            "FR14 2004 1010 0505 0001 3M02 606",
        ] {
            assert_eq!(places(text), 1, "{text}");
        }
        for text in
            ["85.07.30-033.29", "+32 470 12 34 56", "Artikel 85073003300", "BE68 5390 0754 7035", "le 21.11.2026"]
        {
            assert_eq!(places(text), 0, "{text}");
        }
    }
}
