//! Numbers written in words, and a light stem, in French, Dutch and German. Works on folded words.

use crate::domain::language::Language;

const FR_UNITS: [(&str, u64); 25] = [
    ("zero", 0),
    ("deux", 2),
    ("trois", 3),
    ("quatre", 4),
    ("cinq", 5),
    ("six", 6),
    ("sept", 7),
    ("huit", 8),
    ("neuf", 9),
    ("dix", 10),
    ("onze", 11),
    ("douze", 12),
    ("treize", 13),
    ("quatorze", 14),
    ("quinze", 15),
    ("seize", 16),
    ("vingt", 20),
    ("trente", 30),
    ("quarante", 40),
    ("cinquante", 50),
    ("soixante", 60),
    ("septante", 70),
    ("octante", 80),
    ("huitante", 80),
    ("nonante", 90),
];
const FR_ROUND: [(&str, u64); 7] = [
    ("dizaine", 10),
    ("douzaine", 12),
    ("quinzaine", 15),
    ("vingtaine", 20),
    ("trentaine", 30),
    ("quarantaine", 40),
    ("cinquantaine", 50),
];
const NL_UNITS: [(&str, u64); 12] = [
    ("nul", 0),
    ("twee", 2),
    ("drie", 3),
    ("vier", 4),
    ("vijf", 5),
    ("zes", 6),
    ("zeven", 7),
    ("acht", 8),
    ("negen", 9),
    ("tien", 10),
    ("elf", 11),
    ("twaalf", 12),
];
const NL_ROUND: [(&str, u64); 6] =
    [("tiental", 10), ("tientallen", 10), ("dozijn", 12), ("twintigtal", 20), ("vijftiental", 15), ("beide", 2)];
const DE_UNITS: [(&str, u64); 14] = [
    ("null", 0),
    ("zwei", 2),
    ("zwo", 2),
    ("drei", 3),
    ("vier", 4),
    ("funf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("zehn", 10),
    ("elf", 11),
    ("zwolf", 12),
    ("fuenf", 5),
];
const TEENS: [(&str, u64); 14] = [
    ("dertien", 13),
    ("veertien", 14),
    ("vijftien", 15),
    ("zestien", 16),
    ("zeventien", 17),
    ("achttien", 18),
    ("negentien", 19),
    ("dreizehn", 13),
    ("vierzehn", 14),
    ("funfzehn", 15),
    ("sechzehn", 16),
    ("siebzehn", 17),
    ("achtzehn", 18),
    ("neunzehn", 19),
];
const TENS: [(&str, u64); 17] = [
    ("twintig", 20),
    ("dertig", 30),
    ("veertig", 40),
    ("vijftig", 50),
    ("zestig", 60),
    ("zeventig", 70),
    ("tachtig", 80),
    ("negentig", 90),
    ("zwanzig", 20),
    ("dreissig", 30),
    ("vierzig", 40),
    ("funfzig", 50),
    ("sechzig", 60),
    ("siebzig", 70),
    ("achtzig", 80),
    ("neunzig", 90),
    ("fuenfzig", 50),
];

fn of(list: &[(&str, u64)], word: &str) -> Option<u64> {
    list.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// A Dutch or German compound: "vijfentwintig", "einundzwanzig", "tweehonderddertig".
fn compound(word: &str, units: &[(&str, u64)], join: &str, hundred: &str, thousand: &str, one: &[&str]) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    for (name, factor) in [(thousand, 1000), (hundred, 100)] {
        if let Some((before, after)) = word.split_once(name) {
            let many = if before.is_empty() { 1 } else { compound(before, units, join, hundred, thousand, one)? };
            let rest = after.strip_prefix(join).unwrap_or(after);
            let rest = if rest.is_empty() { 0 } else { compound(rest, units, join, hundred, thousand, one)? };
            return Some(many * factor + rest);
        }
    }
    if let Some(value) = of(units, word).or_else(|| of(&TEENS, word)).or_else(|| of(&TENS, word)) {
        return Some(value);
    }
    let (unit, ten) = word.match_indices(join).find_map(|(at, _)| {
        let ten = of(&TENS, word.get(at + join.len()..)?)?;
        Some((word.get(..at)?, ten))
    })?;
    if one.contains(&unit) { Some(ten + 1) } else { Some(ten + of(units, unit)?) }
}

/// The number one word says; the indefinite article says none.
pub(super) fn number(word: &str, language: Language) -> Option<u64> {
    match language {
        Language::Fr => {
            let word = if word.starts_with("vingts") || word == "cents" { word.trim_end_matches('s') } else { word };
            french(word)
        }
        Language::Nl => {
            of(&NL_ROUND, word.trim_end_matches('n'))
                .or_else(|| compound(word, &NL_UNITS, "en", "honderd", "duizend", &["een"]))
                // "vijftienjarige", "15-jarige".
                .or_else(|| compound(word.split_once("jarig")?.0, &NL_UNITS, "en", "honderd", "duizend", &["een"]))
        }
        Language::De => (matches!(word, "beide" | "beiden" | "beider"))
            .then_some(2)
            .or_else(|| (word == "dutzend").then_some(12))
            .or_else(|| compound(word, &DE_UNITS, "und", "hundert", "tausend", &["ein", "eins"]))
            .or_else(|| compound(word.split_once("jahrig")?.0, &DE_UNITS, "und", "hundert", "tausend", &["ein"])),
    }
}

/// French counts with several words joined by hyphens or blanks: this reads one written word, hyphens included.
fn french(word: &str) -> Option<u64> {
    if let Some(value) = of(&FR_ROUND, word.trim_end_matches('s')) {
        return Some(value);
    }
    let mut total = 0;
    let mut current = 0;
    let mut any = false;
    for part in word.split(['-', ' ']) {
        match part.trim_end_matches('s') {
            "et" => {}
            "un" | "une" if any => current += 1,
            "vingt" if current == 4 => current = 80,
            "cent" => {
                current = if current == 0 { 100 } else { current * 100 };
                any = true;
            }
            "mille" => {
                total += if current == 0 { 1000 } else { current * 1000 };
                current = 0;
                any = true;
            }
            _ => {
                current += of(&FR_UNITS, part)?;
                any = true;
            }
        }
    }
    any.then_some(total + current)
}

/// Endings, longest first. Only for comparing words of a fact with words of a text, so rough is right.
const ENDINGS: [&str; 34] = [
    "issements",
    "issement",
    "ements",
    "ement",
    "ations",
    "ation",
    "antes",
    "ante",
    "ants",
    "ungen",
    "ung",
    "heden",
    "heid",
    "aient",
    "ees",
    "ee",
    "ait",
    "ant",
    "ent",
    "ern",
    "end",
    "ing",
    "en",
    "em",
    "er",
    "es",
    "et",
    "ez",
    "te",
    "de",
    "e",
    "s",
    "n",
    "t",
];

/// A word without its inflection: at least four letters stay.
pub(super) fn stem(word: &str) -> &str {
    for ending in ENDINGS {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.len() >= 4
        {
            return stem;
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words_are_read_in_three_languages() {
        for (word, language, value) in [
            ("quatre-vingt-dix-sept", Language::Fr, 97),
            ("septante-cinq", Language::Fr, 75),
            ("vingt-et-un", Language::Fr, 21),
            ("deux-cents", Language::Fr, 200),
            ("quinze", Language::Fr, 15),
            ("vijfentachtig", Language::Nl, 85),
            ("eenentwintig", Language::Nl, 21),
            ("tweehonderdvijftig", Language::Nl, 250),
            ("vijftienjarige", Language::Nl, 15),
            ("einundzwanzig", Language::De, 21),
            ("hundertfunf", Language::De, 105),
            ("funfzehnjahriges", Language::De, 15),
            ("tausend", Language::De, 1000),
        ] {
            assert_eq!(number(word, language), Some(value), "{word}");
        }
        for (word, language) in
            [("un", Language::Fr), ("een", Language::Nl), ("ein", Language::De), ("voiture", Language::Fr)]
        {
            assert_eq!(number(word, language), None, "{word}");
        }
    }
}
