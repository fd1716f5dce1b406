//! Names of accounts on outside platforms: which of them look like ours. Letters that are drawn alike are made the same
//! (after Unicode technical standard 39, for the scripts that can be taken for Latin), then slips are counted.

use super::codes::codes;

codes! {
    /// What a name in the register is to us.
    Standing {
        /// Ours.
        Owned = "owned",
        /// Kept free for us, or bought so that nobody else has it.
        Reserved = "reserved",
        /// Somebody else's that can be taken for ours.
        LookAlike = "look-alike",
    }
}

/// The longest name a platform allows, with room to spare.
const LONGEST: usize = 100;

/// A name as it is compared: without the leading at-sign, marks between words and accents, and with look-alike letters and
/// digits made the same.
#[must_use]
pub fn folded(name: &str) -> String {
    let mut text = String::new();
    for c in name.trim().trim_start_matches('@').chars().flat_map(char::to_lowercase) {
        match c {
            // Between words, accents on their own, and invisible marks with which a name is made another.
            ' '
            | '.'
            | '_'
            | '-'
            | '\u{ad}'
            | '\u{300}'..='\u{36f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2060}'
            | '\u{feff}' => {}
            'æ' => text.push_str("ae"),
            'œ' => text.push_str("oe"),
            'ß' => text.push_str("ss"),
            other => text.push(plain(other)),
        }
    }
    // Two letters that are read as one.
    text.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

fn plain(c: char) -> char {
    // Full-width forms are the ASCII ones moved by a constant.
    let c = match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c).to_ascii_lowercase(),
        _ => c,
    };
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'а' | 'α' | '4' | '@' => 'a',
        'ь' | 'ƅ' | '8' => 'b',
        'ç' | 'ć' | 'č' | 'с' | 'ϲ' => 'c',
        'ď' | 'đ' | 'ԁ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'е' | 'ё' | 'ε' | '3' | '€' => 'e',
        'ɡ' | 'ğ' | '9' => 'g',
        'һ' | 'հ' => 'h',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' | 'і' | 'ї' | 'ι' | '1' | '!' | '|' | 'l' | 'ł' | 'ӏ' | 'ľ' => {
            'i'
        }
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'ñ' | 'ń' | 'ň' | 'п' | 'η' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' | 'о' | 'ο' | 'σ' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ś' | 'š' | 'ş' | 'ѕ' | '5' | '$' => 's',
        'ť' | 'ţ' | 'т' | 'τ' | '7' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' | 'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'ý' | 'ÿ' | 'у' | 'γ' => 'y',
        'ź' | 'ż' | 'ž' | '2' => 'z',
        other => other,
    }
}

/// Letters to add, drop, change or exchange with the next to get from one text to the other.
#[must_use]
pub fn slips(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (mut above, mut row): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=other.len()).collect());
    for (i, a) in one.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, b) in other.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut best = (at(&row, j + 1) + 1).min(at(&next, j) + 1).min(at(&row, j) + usize::from(a != b));
            let exchanged = i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            if exchanged {
                best = best.min(at(&above, j - 1) + 1);
            }
            next.push(best);
        }
        above = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

/// Whether `name`, which is another than `ours`, can be taken for it: the same after folding, one slip apart, two in a long
/// name, or ours with something appended that says it is official.
#[must_use]
pub fn looks_like(name: &str, ours: &str) -> bool {
    let (name, ours) = (folded(name), folded(ours));
    if name.is_empty() || ours.is_empty() {
        return false;
    }
    let allowed = match ours.chars().count() {
        0..=4 => 0,
        5..=11 => 1,
        _ => 2,
    };
    // Shorter names are contained in too much.
    let contains = ours.chars().count() >= 8 && name.contains(&ours);
    slips(&name, &ours) <= allowed || contains
}

/// Why a name cannot be registered.
#[must_use]
pub fn is_name(text: &str) -> bool {
    (1..=LONGEST).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_look_like_ours_are_found() {
        let ours = "Police Ixelles";
        for name in [
            "@police_ixelles",
            "Ｐｏｌｉｃｅ Ixelles",
            "Роlice Ixelles",
            "P0l1ce-Ixe11es",
            "Police lxelles",
            "PoliceIxelels",
            "Police Ixelle",
            "Police.Ixelles.Official",
            "Polìce Ixëlles",
            "Po\u{200b}lice Ixelles",
        ] {
            assert!(looks_like(name, ours), "{name}");
        }
        for name in ["Police Etterbeek", "Ixelles", "Police", "Commune d'Ixelles", "Polizei Eupen", ""] {
            assert!(!looks_like(name, ours), "{name}");
        }
        assert!(!looks_like("PVBE", "PZBE") && looks_like("pzbe", "P Z B E"), "short names need to be the same");
    }

    #[test]
    fn slips_count_exchanges_as_one() {
        for (one, other, count) in
            [("", "", 0), ("abc", "", 3), ("abc", "acb", 1), ("abc", "axc", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(slips(one, other), count, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn slips_are_a_distance(a in "[a-d]{0,8}", b in "[a-d]{0,8}") {
            prop_assert_eq!(slips(&a, &b), slips(&b, &a));
            prop_assert_eq!(slips(&a, &b) == 0, a == b);
            prop_assert!(slips(&a, &b) <= a.len().max(b.len()));
        }

        #[test]
        fn folding_twice_changes_nothing_more_than_marks(name in ".{0,40}") {
            // Pairs read as one letter may meet only after the first folding.
            let once = folded(&name);
            prop_assert!(folded(&once).chars().count() <= once.chars().count());
        }
    }
}
