//! An invented, labelled corpus: 48 messages written by hand in French and Dutch, each told of four different times, places
//! and colours (four labels), each of those sent eleven times the way people pass a message on: greetings, slips of the
//! pen, lost accents, capitals and full stops, a sentence left out or moved. 2,112 responses, 192 labels. Places are real,
//! people and events are not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]

/// One response and what it says: equal labels say the same.
pub(super) struct Labelled {
    pub text: String,
    pub label: usize,
}

const FRENCH: [&str; 24] = [
    "Je pense avoir vu la petite {P} vers {T}. Elle portait une veste {C} et tenait un sac à dos. Elle avait l'air perdue.",
    "Bonjour, ma fille a croisé quelqu'un qui ressemble à la photo, {P}, à {T}. Pull {C}, cheveux attachés.",
    "Vue {P} à {T} avec un homme plus âgé. Il portait un manteau {C} et marchait très vite.",
    "Je travaille {P}. Une enfant est entrée à {T} pour demander un verre d'eau. Son bonnet était {C}.",
    "Nous étions en promenade {P} quand nous avons vu une jeune fille assise sur un banc vers {T}, écharpe {C}.",
    "La personne de votre avis est descendue du bus {P} à {T}. Elle avait une valise {C} et parlait au téléphone.",
    "Mon voisin dit qu'il l'a vue {P} hier à {T}, elle montait dans une camionnette {C}. Il n'a pas noté la plaque.",
    "Sur la caméra de notre magasin {P}, on voit passer à {T} une fille avec un parapluie {C}. Je garde les images.",
    "Il y avait une adolescente qui pleurait {P} vers {T}. Je lui ai parlé, elle n'a pas donné son nom. Baskets {C}.",
    "J'ai reconnu le garçon de la photo {P}, il était {T}. Il jouait avec un ballon {C} près de la fontaine.",
    "Le contrôleur l'a fait descendre {P} à {T} parce qu'elle n'avait pas de ticket. Elle avait un sac {C}.",
    "À {T} une voiture {C} s'est arrêtée {P} et une jeune fille est montée à l'arrière. Cela m'a paru bizarre.",
    "Je suis presque sûre de l'avoir servie {P} à {T}. Elle a payé en pièces et portait des gants de couleur {C}.",
    "En promenant mon chien {P}, j'ai trouvé un gant {C} dans l'herbe à {T}. Je l'ai laissé sur place.",
    "Une amie m'a envoyé une vidéo tournée {P} à {T}. On y voit quelqu'un en training {C} qui lui ressemble beaucoup.",
    "Elle a demandé son chemin {P}. C'était à {T} exactement, je sortais du travail. Chapeau {C}.",
    "Quelqu'un dort dans l'entrée de notre immeuble {P} depuis {T}. Couverture {C}. Cela pourrait être elle.",
    "Le monsieur recherché était {P} à {T}, assis seul, avec un journal et une casquette de couleur {C}.",
    "Je l'ai suivie du regard {P} jusqu'au coin de la rue, il était {T}. Elle tirait un chariot {C}.",
    "Ma collègue pense que c'est elle qui a acheté un billet {P} à {T}. Elle avait des lunettes {C} et une boucle d'oreille.",
    "On a retrouvé un vélo {C} abandonné {P} ce matin à {T}. Le cadenas était ouvert et il y avait un panier.",
    "Il y a eu des cris {P} vers {T}. Par la fenêtre j'ai vu une silhouette en anorak {C} courir vers le canal.",
    "Je conduis la ligne de nuit. À {T} une passagère est montée {P}, foulard {C}, elle tremblait de froid.",
    "Nous avons pris en stop une jeune femme {P} à {T}. Elle voulait aller à la mer. Robe {C}, pas de bagage.",
];

const DUTCH: [&str; 24] = [
    "Ik denk dat ik het meisje {P} gezien heb rond {T}. Ze droeg een {C} jas en hield een rugzak vast. Ze leek verdwaald.",
    "Goeiedag, mijn dochter kwam iemand tegen die op de foto lijkt, {P}, om {T}. Trui in het {C}, haar in een staart.",
    "Gezien {P} om {T} met een oudere man. Hij had een {C} mantel aan en stapte heel snel.",
    "Ik werk {P}. Om {T} kwam een kind binnen om een glas water te vragen. De muts was {C}.",
    "Wij waren aan het wandelen {P} toen we rond {T} een meisje op een bank zagen zitten, met een {C} sjaal.",
    "De persoon van uw bericht stapte {P} van de bus om {T}. Ze had een {C} koffer en was aan het bellen.",
    "Mijn buurman zegt dat hij haar {P} zag om {T}, ze stapte in een {C} bestelwagen. De plaat heeft hij niet genoteerd.",
    "Op de camera van onze winkel {P} zie je om {T} een meisje voorbijkomen met een {C} paraplu. Ik hou de beelden bij.",
    "Er stond een tiener te huilen {P} rond {T}. Ik heb met haar gepraat maar ze gaf geen naam. Ze droeg {C} schoenen.",
    "Ik heb de jongen van de foto herkend {P}, het was {T}. Hij speelde met een {C} bal bij de fontein.",
    "De conducteur heeft haar {P} doen afstappen om {T} omdat ze geen kaartje had. Ze had een {C} tas.",
    "Om {T} stopte {P} een {C} wagen en een meisje stapte achteraan in. Dat vond ik vreemd.",
    "Ik ben bijna zeker dat ik haar {P} bediend heb om {T}. Ze betaalde met muntjes en droeg {C} handschoenen.",
    "Tijdens het wandelen {P} vond ik om {T} een {C} handschoen in het gras. Ik heb hem laten liggen.",
    "Een vriendin stuurde mij een filmpje, {P} gemaakt om {T}. Je ziet iemand in een {C} trainingspak die er sterk op lijkt.",
    "Ze vroeg de weg {P}. Het was precies {T}, ik kwam van mijn werk. Ze had een {C} hoed.",
    "Er slaapt iemand in de inkom van ons gebouw {P} sinds {T}, onder een {C} deken. Zij zou het kunnen zijn.",
    "De gezochte meneer zat {P} om {T} helemaal op zichzelf, met een krant en een {C} pet.",
    "Ik heb haar {P} nagekeken tot de hoek van de straat, het was {T}. Ze trok een {C} karretje.",
    "Mijn collega denkt dat zij {P} een kaartje kocht om {T}. Ze had een {C} bril en een oorbel.",
    "Er werd een {C} fiets achtergelaten {P}, gevonden om {T}. Het slot was open en er hing een mandje aan.",
    "Er werd geroepen {P} rond {T}. Door het raam zag ik een gestalte in een {C} anorak naar het kanaal lopen.",
    "Ik rijd met de late lijn. Om {T} stapte {P} een passagier op met een {C} hoofddoek, ze rilde van de kou.",
    "Wij hebben {P} om {T} een jonge vrouw meegenomen. Ze wilde naar zee. {C} kleed, geen bagage.",
];

const FRENCH_FACTS: [[&str; 3]; 8] = [
    ["à la gare de Namur", "18h30", "rouge"],
    ["devant la poste de Charleroi", "9h15", "bleue"],
    ["sur le quai de Tournai", "22h", "verte"],
    ["place du marché à Waremme", "14h05", "noire"],
    ["au parking de Nivelles", "7h45", "jaune"],
    ["près du stade de Verviers", "16h20", "blanche"],
    ["à l'arrêt du tram à Ixelles", "12h10", "grise"],
    ["dans le centre de Marche-en-Famenne", "20h55", "rose"],
];
const DUTCH_FACTS: [[&str; 3]; 8] = [
    ["aan het station van Gent", "18u30", "rode"],
    ["voor het postkantoor van Mechelen", "9u15", "blauwe"],
    ["op het perron van Kortrijk", "22u", "groene"],
    ["op de markt van Hasselt", "14u05", "zwarte"],
    ["op de parking van Aalst", "7u45", "gele"],
    ["bij het stadion van Turnhout", "16u20", "witte"],
    ["aan de tramhalte van Kraainem", "12u10", "grijze"],
    ["in het centrum van Diksmuide", "20u55", "roze"],
];

/// A small generator of its own, so that the corpus is the same everywhere.
pub(super) struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(n.max(1)).unwrap()).unwrap()
    }
}

/// One letter doubled, lost or swapped with the next, anywhere in the text.
fn slip(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = (0..20).map(|_| dice.below(letters.len() - 1)).find(|at| letters[*at].is_alphabetic()).unwrap_or(0);
    match dice.below(3) {
        0 => letters.insert(at, letters[at]),
        1 => drop(letters.remove(at)),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

fn without_a_sentence(text: &str, dice: &mut Dice) -> String {
    let mut sentences: Vec<&str> = text.split_inclusive(". ").collect();
    // What has a figure or comes first carries the message.
    let spare: Vec<usize> =
        (1..sentences.len()).filter(|at| !sentences[*at].bytes().any(|b| b.is_ascii_digit())).collect();
    if sentences.len() > 2 && !spare.is_empty() {
        sentences.remove(spare[dice.below(spare.len())]);
    }
    sentences.concat()
}

fn turned(text: &str) -> String {
    let mut sentences: Vec<&str> = text.split_inclusive(". ").map(str::trim).collect();
    sentences.rotate_left(1);
    sentences.join(" ")
}

/// The same message as somebody else passes it on.
pub(super) fn passed_on(text: &str, french: bool, dice: &mut Dice) -> String {
    let greetings = if french {
        ["Bonjour, ", "Bonsoir. ", "Transféré : ", "URGENT ", "Madame, Monsieur, ", "svp partagez ! "]
    } else {
        ["Goeiedag, ", "Hallo. ", "Doorgestuurd: ", "DRINGEND ", "Geachte, ", "aub delen! "]
    };
    let farewells = if french {
        [" Merci.", " Bon courage à la famille.", " Bien à vous", " !!", " J'espère que cela aide."]
    } else {
        [" Bedankt.", " Veel sterkte aan de familie.", " Met vriendelijke groeten", " !!", " Hopelijk helpt dit."]
    };
    let mut out = text.to_owned();
    for _ in 0..=dice.below(2) {
        out = match dice.below(9) {
            0 => format!("{}{out}", greetings[dice.below(6)]),
            1 => format!("{out}{}", farewells[dice.below(5)]),
            2 | 3 => slip(&out, dice),
            4 => out.to_lowercase(),
            5 => super::fold(&out),
            6 => out.replace(['.', ',', '!'], ""),
            7 => without_a_sentence(&out, dice),
            _ => turned(&out),
        };
    }
    out
}

pub(super) fn corpus() -> Vec<Labelled> {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let mut all = Vec::new();
    let mut label = 0;
    for (french, templates, facts) in [(true, FRENCH, FRENCH_FACTS), (false, DUTCH, DUTCH_FACTS)] {
        for (n, template) in templates.iter().enumerate() {
            for turn in 0..4 {
                let [place, time, colour] = facts[(n + turn * 2) % 8];
                let text = template.replace("{P}", place).replace("{T}", time).replace("{C}", colour);
                all.push(Labelled { text: text.clone(), label });
                all.extend((0..10).map(|_| Labelled { text: passed_on(&text, french, &mut dice), label }));
                label += 1;
            }
        }
    }
    // In the order in which they would come: mixed.
    for at in (1..all.len()).rev() {
        all.swap(at, dice.below(at + 1));
    }
    all
}
