//! What a detective would underline: figures, places, colours, days, means of travel, names.

use super::words::Word;
use std::collections::HashMap;
use std::sync::LazyLock;

/// How sure it is that two spellings are two facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A figure, a place, or a word of the list below: another spelling is another fact.
    Firm,
    /// A word with a capital: a name, or a slip in one.
    Loose,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub kind: Kind,
    /// Its one spelling.
    pub text: String,
}

/// Words that tell one sighting from another, in French, Dutch and German; the first of a line stands for all of it.
const TELLING: &[&[&str]] = &[
    &["rouge", "rouges", "rood", "rode", "rot", "rote"],
    &["bleu", "bleue", "bleus", "bleues", "blauw", "blauwe", "blau", "blaue"],
    &["vert", "verte", "verts", "vertes", "groen", "groene", "gruen", "gruene"],
    &["jaune", "jaunes", "geel", "gele", "gelb", "gelbe"],
    &["noir", "noire", "noirs", "noires", "zwart", "zwarte", "schwarz", "schwarze"],
    &["blanc", "blanche", "blancs", "blanches", "wit", "witte", "weiss", "weisse"],
    &["gris", "grise", "grises", "grijs", "grijze", "grau", "graue"],
    &["brun", "brune", "bruns", "brunes", "bruin", "bruine", "braun", "braune"],
    &["rose", "roses", "roze", "rosa"],
    &["orange", "oranje"],
    &["mauve", "violet", "violette", "paars", "paarse", "lila"],
    &["lundi", "maandag", "montag"],
    &["mardi", "dinsdag", "dienstag"],
    &["mercredi", "woensdag", "mittwoch"],
    &["jeudi", "donderdag", "donnerstag"],
    &["vendredi", "vrijdag", "freitag"],
    &["samedi", "zaterdag", "samstag"],
    &["dimanche", "zondag", "sonntag"],
    &["hier", "gisteren", "gestern"],
    &["matin", "ochtend", "morgen"],
    &["midi", "middag", "mittag"],
    &["soir", "soiree", "avond", "abend"],
    &["nuit", "nacht"],
    &["train", "trein", "zug"],
    &["bus", "autobus"],
    &["tram"],
    &["metro"],
    &["voiture", "auto", "wagen"],
    &["camionnette", "bestelwagen", "lieferwagen"],
    &["camion", "vrachtwagen", "lastwagen"],
    &["moto", "motor", "motorrad"],
    &["velo", "fiets", "fahrrad"],
    &["trottinette", "step"],
    &["taxi"],
    &["gare", "station", "bahnhof"],
    &["hopital", "ziekenhuis", "krankenhaus"],
    &["ecole", "school", "schule"],
    &["parc", "park"],
    &["plage", "strand"],
    &["port", "haven", "hafen"],
    &["eglise", "kerk", "kirche"],
    &["marche", "markt"],
    &["supermarche", "supermarkt"],
    &["boulangerie", "bakkerij", "baeckerei"],
    &["pharmacie", "apotheek", "apotheke"],
    &["pont", "brug", "bruecke"],
    &["piscine", "zwembad", "schwimmbad"],
    &["bibliotheque", "bibliotheek", "bibliothek"],
    &["homme", "man", "mann"],
    &["femme", "vrouw", "frau"],
    &["garcon", "jongen", "junge"],
    &["fille", "meisje", "maedchen"],
    &["chien", "hond", "hund"],
    &["enfant", "kind"],
    &["seule", "seul", "alleen", "allein"],
    &["deux", "twee", "zwei"],
    &["trois", "drie", "drei"],
    &["quatre", "vier"],
    &["cinq", "vijf", "fuenf"],
    &["six", "zes", "sechs"],
    &["sept", "zeven", "sieben"],
    &["huit", "acht"],
    &["neuf", "negen", "neun"],
    &["dix", "tien", "zehn"],
    &["nord", "noord", "noorden", "norden"],
    &["sud", "zuid", "zuiden", "sueden"],
    &["est", "oost", "oosten", "osten"],
    &["ouest", "west", "westen"],
];

/// Every telling word and the one it stands for. A rush asks for sixty words a text: no search through the list.
static STANDS_FOR: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let lines = TELLING.iter().filter_map(|line| Some((*line.first()?, line)));
    lines.flat_map(|(first, line)| line.iter().map(move |word| (*word, first))).collect()
});

/// The word a telling word stands for; `est` is "is" in French far more often than "east".
fn telling(folded: &str) -> Option<&'static str> {
    if folded == "est" { None } else { STANDS_FOR.get(folded).copied() }
}

/// The facts of a text.
pub(super) fn facts(words: &[Word], is_place: &impl Fn(&str) -> bool) -> Vec<Fact> {
    let fact = |word: &Word| {
        let firm = |text: &str| Some(Fact { kind: Kind::Firm, text: text.to_owned() });
        if word.folded.bytes().any(|b| b.is_ascii_digit()) {
            return firm(&word.folded);
        }
        if let Some(word) = telling(&word.folded) {
            return firm(word);
        }
        // Short names of places are everyday words: Ans, As, Mol, Ham.
        if word.folded.len() > 4 && is_place(&word.folded) {
            return firm(&word.stem());
        }
        word.named.then(|| Fact { kind: Kind::Loose, text: word.stem() })
    };
    words.iter().filter_map(fact).collect()
}
