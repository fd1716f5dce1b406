//! The facts of a version that must be the same in every other: dates, times, heights, telephone numbers, plates,
//! figures. Each is brought to one form, whatever the language says it in.

use std::collections::BTreeMap;
use std::ops::Range;

use super::contact::phones;
use super::folded::squeeze;
use super::passage::Ready;
use super::phrases::Phrases;
use super::plate::plates;
use super::scan::{all, lazy_pattern};
use super::words_of::number;
use crate::domain::language::Language;

/// A fact in its common form. The order is that of the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    /// Day and month.
    Date(u64, u64),
    /// Minutes since midnight.
    Time(u64),
    /// Centimetres.
    Height(u64),
    /// As dialled inside the country.
    Phone(String),
    /// Letters and digits.
    Plate(String),
    /// Any other figure.
    Number(u64),
}

impl Fact {
    /// How it is shown to the editor.
    pub fn shown(&self) -> String {
        match self {
            Self::Date(day, month) => format!("{day:02}/{month:02}"),
            Self::Time(minutes) => format!("{:02}:{:02}", minutes / 60, minutes % 60),
            Self::Height(cm) => format!("{cm} cm"),
            Self::Phone(text) => text.clone(),
            Self::Plate(text) => text.to_uppercase(),
            Self::Number(value) => value.to_string(),
        }
    }
}

/// Facts with the first place each stands at.
pub(super) type Facts = BTreeMap<Fact, (usize, Range<usize>)>;

const MONTHS: [[&str; 12]; 3] = [
    [
        "janvier",
        "fevrier",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "aout",
        "septembre",
        "octobre",
        "novembre",
        "decembre",
    ],
    [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    [
        "januar",
        "februar",
        "marz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ],
];

const MONTH: &str = "janvier|janv|januari|januar|fevrier|fevr|februari|februar|mars|maart|marz|maerz|avril|april|mai|mei|juin|juni|juillet|juli|aout|augustus|august|septembre|september|sept|octobre|oktober|oct|okt|novembre|november|nov|decembre|december|dezember|dec|dez|janner|jan|feb";
const DAY_WORD: &str = r"[0-9]{1,2}(?:er|e|ste|de|ten)?\.?|premier|eerste|ersten";

lazy_pattern!(DATE_WORDS = &format!(r"\b({DAY_WORD}) ({MONTH})\b\.?(?: (?:19|20)[0-9]{{2}})?"));
lazy_pattern!(
    DATE_FIGURES = r"\b([0-3]?[0-9])[./-]([01]?[0-9])(?:[./-](?:(?:19|20)?[0-9]{2}))\b|\b([0-3]?[0-9])/([01]?[0-9])\b"
);
lazy_pattern!(DATE_ISO = r"\b(?:19|20)[0-9]{2}-([01][0-9])-([0-3][0-9])\b");
lazy_pattern!(
    TIME_FIGURES = r"\b([01]?[0-9]|2[0-4]) ?(?:h|u|heures?|uur|uhr)(?: ?([0-5][0-9])(?:[^0-9]|$))?|\b([01]?[0-9]|2[0-4])[:.h]([0-5][0-9]) ?(?:h|u|uur|uhr|heures?)?\b"
);
lazy_pattern!(
    HEIGHT_METRES = r"\b([12]) ?(?:m|metres?|meter),? ?([0-9]{2})\b|\b([12])[,.]([0-9]{2}) ?(?:m|metres?|meter)\b"
);
lazy_pattern!(HEIGHT_CM = r"\b([0-9]{2,3}) ?(?:cm|centimetres?|centimeters?|zentimetern?)\b");
lazy_pattern!(FIGURES = r"[0-9]+(?:[., ][0-9]{3}\b)*");

/// Whole hours in words, and the halves: "half drie" and "halb drei" are half past two.
const CLOCK_WORDS: [(&str, u64); 5] =
    [("midi", 720), ("minuit", 0), ("middernacht", 0), ("mitternacht", 0), ("mittag", 720)];

fn month_of(name: &str) -> Option<u64> {
    let (name, mut found) = (name.trim_end_matches('.'), None);
    for months in MONTHS {
        for (month, full) in (1..).zip(months) {
            if full == name || (name.len() >= 3 && full.starts_with(name)) {
                found = found.or(Some(month));
            }
        }
    }
    match name {
        "janner" => Some(1),
        "mai" | "mei" => Some(5),
        "mars" | "maart" | "maerz" => Some(3),
        _ => found,
    }
}

struct Reading<'r> {
    text: &'r str,
    taken: Vec<Range<usize>>,
    passage: usize,
    facts: &'r mut Facts,
}

impl Reading<'_> {
    fn free(&self, range: &Range<usize>) -> bool {
        !self.taken.iter().any(|other| other.start < range.end && range.start < other.end)
    }

    fn keep(&mut self, range: Range<usize>, fact: Fact) {
        if self.free(&range) {
            self.taken.push(range.clone());
            self.facts.entry(fact).or_insert((self.passage, range));
        }
    }

    /// Every match whose groups make a fact.
    fn each(
        &mut self,
        regex: &'static std::sync::LazyLock<Option<regex::bytes::Regex>>,
        make: fn(&[Option<&str>]) -> Option<Fact>,
    ) {
        let text = self.text;
        for captures in regex.iter().flat_map(|regex| regex.captures_iter(text.as_bytes())) {
            let groups: Vec<Option<&str>> =
                captures.iter().skip(1).map(|g| g.and_then(|g| text.get(g.range()))).collect();
            if let (Some(whole), Some(fact)) = (captures.get(0), make(&groups)) {
                self.keep(whole.range(), fact);
            }
        }
    }
}

fn figure(text: Option<&str>) -> Option<u64> {
    text?.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()
}

fn date(day: u64, month: u64) -> Option<Fact> {
    ((1..=31).contains(&day) && (1..=12).contains(&month)).then_some(Fact::Date(day, month))
}

/// The facts of one passage, added to those of its version.
pub(super) fn collect(
    ready: &Ready<'_>,
    passage: usize,
    language: Language,
    call: Option<&Phrases>,
    plate_lead: Option<&Phrases>,
    facts: &mut Facts,
) {
    let mut reading = Reading { text: &ready.folded.lower, taken: Vec::new(), passage, facts };
    for range in plates(ready, plate_lead) {
        let fact = Fact::Plate(squeeze(ready.folded.part(&range)));
        reading.keep(range, fact);
    }
    reading.each(&DATE_ISO, |g| date(figure(g.get(1).copied()?)?, figure(g.first().copied()?)?));
    reading.each(&DATE_WORDS, |g| {
        let day = g.first().copied()??;
        let day = figure(Some(day)).unwrap_or(1);
        date(day, month_of(g.get(1).copied()??)?)
    });
    reading.each(&DATE_FIGURES, |g| {
        let pair = |a: usize, b: usize| Some((figure(g.get(a).copied()?)?, figure(g.get(b).copied()?)?));
        let (day, month) = pair(0, 1).or_else(|| pair(2, 3))?;
        date(day, month)
    });
    for (range, phone) in phones(&ready.folded, call) {
        let fact = Fact::Phone(phone.national().to_owned());
        reading.keep(range, fact);
    }
    reading.each(&HEIGHT_METRES, |g| {
        let pair = |a: usize, b: usize| Some(figure(g.get(a).copied()?)? * 100 + figure(g.get(b).copied()?)?);
        pair(0, 1).or_else(|| pair(2, 3)).map(Fact::Height)
    });
    reading.each(&HEIGHT_CM, |g| figure(g.first().copied()?).map(Fact::Height));
    reading.each(&TIME_FIGURES, |g| {
        let hour = figure(g.first().copied()?).or_else(|| figure(g.get(2).copied()?))?;
        let minute = figure(g.get(1).copied()?).or_else(|| figure(g.get(3).copied()?)).unwrap_or(0);
        Some(Fact::Time(hour % 24 * 60 + minute))
    });
    clock_words(ready, language, &mut reading);
    let figures: Vec<Range<usize>> = all(&FIGURES, reading.text).collect();
    for range in figures {
        if let Some(value) = figure(ready.folded.lower.get(range.clone())) {
            reading.keep(range, Fact::Number(value));
        }
    }
    number_words(ready, language, &mut reading);
}

/// "half drie", "deux heures et demie", "quatre heures", "Viertel nach drei", "midi".
fn clock_words(ready: &Ready<'_>, language: Language, reading: &mut Reading<'_>) {
    let word = |at: usize| ready.words.get(at).map(|w| ready.lower(w));
    let range = |from: usize, to: usize| Some(ready.words.get(from)?.range.start..ready.words.get(to)?.range.end);
    for (at, this) in ready.words.iter().enumerate() {
        let this = ready.lower(this);
        if let Some((_, minutes)) = CLOCK_WORDS.iter().find(|(name, _)| *name == this)
            && let Some(place) = range(at, at)
        {
            reading.keep(place, Fact::Time(*minutes));
        }
        let next = word(at + 1).and_then(|next| number(next, language).filter(|hour| *hour <= 12));
        match (language, this, next) {
            (Language::Nl, "half", Some(hour)) | (Language::De, "halb", Some(hour)) => {
                if let Some(place) = range(at, at + 1) {
                    reading.keep(place, Fact::Time((hour + 11) % 12 * 60 + 30));
                }
            }
            _ => {}
        }
        let Some(hour) = number(this, language).filter(|hour| *hour <= 24) else { continue };
        match (language, word(at + 1), word(at + 2), word(at + 3)) {
            (Language::Fr, Some("heures" | "heure"), Some("et"), Some("demie")) => {
                if let Some(place) = range(at, at + 3) {
                    reading.keep(place, Fact::Time(hour % 24 * 60 + 30));
                }
            }
            (Language::Fr, Some("heures" | "heure"), ..)
            | (Language::Nl, Some("uur"), ..)
            | (Language::De, Some("uhr"), ..) => {
                if let Some(place) = range(at, at + 1) {
                    reading.keep(place, Fact::Time(hour % 24 * 60));
                }
            }
            _ => {}
        }
    }
}

fn number_words(ready: &Ready<'_>, language: Language, reading: &mut Reading<'_>) {
    let mut at = 0;
    while let Some(word) = ready.words.get(at) {
        let mut text = ready.lower(word).to_owned();
        let Some(mut value) = number(&text, language) else {
            at += 1;
            continue;
        };
        let mut end = at;
        // French writes one number in several words.
        if language == Language::Fr {
            while let Some(next) = ready.words.get(end + 1) {
                let longer = format!("{text}-{}", ready.lower(next));
                let Some(more) = number(&longer, language).filter(|more| *more != value && ready.lower(next) != "et")
                else {
                    break;
                };
                (text, value, end) = (longer, more, end + 1);
            }
        }
        if let Some(last) = ready.words.get(end) {
            reading.keep(word.range.start..last.range.end, Fact::Number(value));
        }
        at = end + 1;
    }
}

/// Whether a fact is among others. A time in words does not tell morning from afternoon; a height may be a bare figure.
pub(super) fn present(fact: &Fact, others: &Facts) -> bool {
    if others.contains_key(fact) {
        return true;
    }
    match fact {
        Fact::Time(minutes) => others.keys().any(|other| matches!(other, Fact::Time(m) if m % 720 == minutes % 720)),
        Fact::Height(cm) => others.contains_key(&Fact::Number(*cm)),
        Fact::Number(value) => others.keys().any(|other| match other {
            Fact::Height(cm) => cm == value,
            Fact::Date(day, _) => day == value,
            Fact::Time(minutes) => minutes / 60 == *value && minutes % 60 == 0,
            _ => false,
        }),
        Fact::Date(..) | Fact::Phone(_) | Fact::Plate(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::checked::Field;

    fn facts(text: &str, language: Language) -> Vec<Fact> {
        let mut facts = Facts::new();
        collect(&Ready::new(Field::Headline, text), 0, language, None, None, &mut facts);
        facts.into_keys().collect()
    }

    #[test]
    fn the_same_facts_are_read_from_three_languages() {
        let fr = "Le 21 novembre 2026 à 14h30, une fille de quinze ans, 1m75, tél. 0800 30 300, plaque 1-ABC-234, a disparu.";
        let nl = "Op 21/11/2026 om 14.30 uur verdween een vijftienjarig meisje van 175 cm, tel. 0800/30.300, plaat 1-ABC-234.";
        let de = "Am 21. November 2026 um 14:30 Uhr verschwand ein 15-jähriges Mädchen, 1,75 m, Tel. 0800 30 300, 1-ABC-234.";
        let expected = facts(fr, Language::Fr);
        assert_eq!(expected.len(), 6, "{expected:?}");
        assert_eq!(facts(nl, Language::Nl), expected);
        assert_eq!(facts(de, Language::De), expected);
    }

    #[test]
    fn clocks_in_words_count() {
        assert_eq!(facts("om half drie", Language::Nl), [Fact::Time(150)]);
        assert_eq!(facts("um halb drei", Language::De), [Fact::Time(150)]);
        assert_eq!(facts("à deux heures et demie", Language::Fr), [Fact::Time(150)]);
        let afternoon = Facts::from([(Fact::Time(870), (0, 0..0))]);
        assert!(present(&Fact::Time(150), &afternoon));
        assert_eq!(facts("vers midi, le 1er mars", Language::Fr), [Fact::Date(1, 3), Fact::Time(720)]);
        assert_eq!(facts("quatre-vingt-deux et soixante-quinze", Language::Fr), [Fact::Number(75), Fact::Number(82)]);
    }
}
