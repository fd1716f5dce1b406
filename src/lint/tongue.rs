//! Which language a sentence is in: function words, words of the trade and telling letter groups of FR, NL, DE and EN.
//! Small on purpose: it answers one question, whether a sentence of a notice is in another language than the notice.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use super::passage::{Ready, Word};
use crate::domain::language::Language;

/// Languages the detector knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tongue {
    Fr,
    Nl,
    De,
    En,
}

const TONGUES: [Tongue; 4] = [Tongue::Fr, Tongue::Nl, Tongue::De, Tongue::En];

const FR: &str = "le la les l un une des du de d et ou est sont a ont ete etait avait qui que qu quoi dont ce cet cette ces \
    son sa ses leur leurs il elle ils elles on nous vous je ne pas plus au aux en dans sur sous par pour avec sans chez \
    vers entre depuis pendant avant apres lors mais si comme tres aussi toute tout tous toutes personne si vers ainsi \
    etre avoir fait peut lui y se s n j m c dernier derniere fois jamais toujours encore deja ici alors quand";
const NL: &str = "de het een en of is zijn was waren werd werden wordt worden heeft hebben had die dat deze dit wie wat \
    waar wanneer hoe niet geen ook nog al er hij zij ze hem haar hun wij we ons onze u uw ik je jij op in aan bij met \
    van voor naar uit over onder tussen sinds tijdens tot om te door maar als dan zeer veel meer alle iemand kan kunt \
    zou moet wil laatst reeds rond omstreeks tegen zonder na dus hier daar zich naar eens iets";
const DE: &str = "der die das den dem des ein eine einen einem einer eines und oder ist sind war waren wurde wurden wird \
    werden hat haben hatte hatten der welche dieser diese dieses diesen wer was wo wann wie nicht kein keine auch noch \
    er sie es ihm ihr ihre ihren seine seinen sein wir uns unser ich mit von vom zu zum zur bei beim nach aus auf an am \
    im in ins uber unter zwischen seit wahrend bis um durch aber wenn als sehr viel mehr alle jemand kann konnen soll \
    muss zuletzt bereits gegen ohne fur dort hier sich";
const EN: &str = "the an and or is are was were been has have had this that these those who what where when how not \
    also he she it they his her their we our you your i at on in by with of for from to out over under between since \
    during until but if as very more all someone can could should must last seen about against without please";

/// Words of appeals: alone in a headline they say the language.
const FR_TRADE: &str = "avis recherche disparition disparu disparue inquietante temoin temoins appel recherchee recherchons \
    personne police vole volee vehicule signalement appelez contactez aidez merci retrouve retrouvee enquete enqueteurs \
    homme femme fille garcon ans vu vue cheveux yeux porte vetu vetue";
const NL_TRADE: &str = "opsporingsbericht opsporing vermist vermiste verdwijning getuige getuigen getuigenoproep gezocht \
    gezochte oproep onrustwekkende persoon politie gestolen voertuig signalement bel contacteer help dank teruggevonden \
    onderzoek speurders man vrouw meisje jongen jaar gezien haren ogen draagt droeg vindt herkent";
const DE_TRADE: &str = "fahndung fahndungsaufruf vermisst vermisste vermisster verschwinden zeuge zeugen zeugenaufruf gesucht \
    gesuchte aufruf beunruhigendes person polizei gestohlen fahrzeug beschreibung rufen melden helfen danke gefunden \
    ermittlung ermittler mann frau madchen junge jahre gesehen haare augen tragt trug hinweise bitte";
const EN_TRADE: &str = "missing wanted appeal witnesses witness search police stolen vehicle please call help thanks found \
    investigators man woman girl boy years seen hair eyes wearing";

/// Letter groups that are common in one language and rare in the others (folded, so without accents).
const FR_GROUPS: [&str; 16] = [
    "eau", "eux", "oir", "ique", "tion", "ette", "elle", "aient", "ement", "oux", "oix", "eur", "aux", "qu", "ouv",
    "gn",
];
const NL_GROUPS: [&str; 16] =
    ["ij", "aa", "uu", "oe", "ooi", "eeu", "sch", "lijk", "heid", "tje", "ouw", "ven", "gen", "zi", "vr", "ui"];
const DE_GROUPS: [&str; 16] =
    ["sch", "cht", "ung", "lich", "keit", "heit", "tz", "ei", "pf", "zu", "mm", "hr", "eu", "fen", "uch", "sst"];
const EN_GROUPS: [&str; 10] = ["th", "ght", "wh", "ing", "ly", "sh", "ould", "ea", "ow", "ck"];

struct Lexicon {
    functions: HashMap<&'static str, Vec<usize>>,
    trade: HashMap<&'static str, Vec<usize>>,
    per_language: [HashSet<&'static str>; 3],
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let index = |lists: [&'static str; 4]| {
        let mut words: HashMap<&'static str, Vec<usize>> = HashMap::new();
        for (tongue, list) in lists.into_iter().enumerate() {
            for word in list.split_whitespace() {
                let tongues = words.entry(word).or_default();
                if !tongues.contains(&tongue) {
                    tongues.push(tongue);
                }
            }
        }
        words
    };
    Lexicon {
        functions: index([FR, NL, DE, EN]),
        trade: index([FR_TRADE, NL_TRADE, DE_TRADE, EN_TRADE]),
        per_language: [FR, NL, DE].map(|list| list.split_whitespace().collect()),
    }
});

/// Whether a folded word is a function word of a language.
pub(super) fn is_function_word(word: &str, language: Language) -> bool {
    let [fr, nl, de] = &LEXICON.per_language;
    match language {
        Language::Fr => fr,
        Language::Nl => nl,
        Language::De => de,
    }
    .contains(word)
}

/// Scores of the four languages for some words.
fn scores<'w>(words: impl Iterator<Item = (&'w str, bool)>) -> ([f64; 4], [usize; 4]) {
    let mut scores = [0.0; 4];
    let mut telling = [0_usize; 4];
    for (word, name) in words {
        let mut give = |tongues: &[usize], weight: f64| {
            let shared = match tongues.len() {
                1 => weight,
                2 => weight * 0.4,
                _ => 0.0,
            };
            for tongue in tongues {
                if let (Some(score), Some(count)) = (scores.get_mut(*tongue), telling.get_mut(*tongue)) {
                    *score += shared;
                    *count += usize::from(tongues.len() == 1);
                }
            }
        };
        if let Some(tongues) = LEXICON.functions.get(word) {
            give(tongues, 1.0);
        } else if let Some(tongues) = LEXICON.trade.get(word) {
            give(tongues, 1.1);
        } else if !name && word.len() >= 4 {
            let groups: [&[&str]; 4] = [&FR_GROUPS, &NL_GROUPS, &DE_GROUPS, &EN_GROUPS];
            for (score, groups) in scores.iter_mut().zip(groups) {
                let hits = groups.iter().filter(|group| word.contains(**group)).count();
                *score += if hits == 0 { 0.0 } else { 0.25 };
            }
        }
    }
    (scores, telling)
}

const fn index_of(language: Language) -> usize {
    match language {
        Language::Fr => 0,
        Language::Nl => 1,
        Language::De => 2,
    }
}

/// Sentences cut again where two versions are often put side by side.
fn pieces(ready: &Ready<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for sentence in &ready.sentences {
        let text = ready.folded.part(sentence);
        let mut start = 0;
        for (at, _) in text.match_indices([' ', '\n']) {
            let rest = text.get(at + 1..).unwrap_or_default();
            if ["/ ", "| ", "- ", "* "].iter().any(|mark| rest.starts_with(mark)) {
                found.push(sentence.start + start..sentence.start + at);
                start = at + 2;
            }
        }
        if let Some((at, _)) = text.char_indices().find(|(at, c)| *c == '/' && *at > start && sentence.len() < 60) {
            // "AVIS DE RECHERCHE/OPSPORINGSBERICHT"
            found.push(sentence.start + start..sentence.start + at);
            start = at + 1;
        }
        found.push(sentence.start + start..sentence.end);
    }
    found
}

/// Pieces of a passage that are in another language than `language`. `is_name` tells words that belong to no language:
/// places and people.
pub(super) fn foreign_pieces(
    ready: &Ready<'_>,
    language: Language,
    is_name: impl Fn(&Word) -> bool,
) -> Vec<Range<usize>> {
    let own = index_of(language);
    let mut found = Vec::new();
    for piece in pieces(ready) {
        let inside: Vec<&Word> = ready
            .words
            .iter()
            .filter(|w| {
                piece.start <= w.range.start && w.range.end <= piece.end && !ready.quoted(&w.range) && !is_name(w)
            })
            .collect();
        let words = inside.iter().map(|w| (ready.lower(w), w.capital && !w.first && language != Language::De));
        let (scores, telling) = scores(words);
        let own_score = scores.get(own).copied().unwrap_or_default();
        let other = TONGUES
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != own)
            .filter_map(|(at, _)| Some((*scores.get(at)?, *telling.get(at)?)))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((score, telling)) = other else { continue };
        // Two telling words and clearly more than our own; a headline of one or two words needs only those.
        let enough = telling >= 2 || (telling == 1 && inside.len() <= 2);
        let margin = if inside.len() <= 3 { 0.9 } else { 1.4 };
        if enough && score >= own_score * 1.3 + margin {
            found.push(piece);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::checked::Field;

    fn foreign(text: &str, language: Language) -> usize {
        foreign_pieces(&Ready::new(Field::Headline, text), language, |_| false).len()
    }

    #[test]
    fn a_sentence_in_another_language_is_found_and_names_are_not() {
        use Language::{De, Fr, Nl};
        assert_eq!(foreign("Elle a disparu à Namur. Zij droeg een blauwe jas en witte schoenen.", Fr), 1);
        assert_eq!(foreign("AVIS DE RECHERCHE / OPSPORINGSBERICHT", Fr), 1);
        assert_eq!(foreign("Wer hat diesen Mann gesehen? Have you seen this man?", De), 1);
        assert_eq!(foreign("Qui a vu cet homme ?", Nl), 1);
        assert_eq!(foreign("Il habite Sint-Genesius-Rode, près de la Kerkstraat.", Fr), 0);
        assert_eq!(foreign("De man werd gezien op de Place du Jeu de Balle.", Nl), 0);
        assert_eq!(foreign("Die Person trug eine Jacke von The North Face.", De), 0);
    }
}
