//! The words of an advertisement, composed from whole pieces of a notice within a platform's limits. Nothing is cut in the
//! middle: a piece that does not fit is left out, and one that must not be left out is a reason not to send.

use crate::domain::aim::AimPlatform;

/// Characters of a title Meta recommends; up to the second number it shows them on most screens.
const META_TITLE_BEST: usize = 25;
const META_TITLE: usize = 60;
/// Characters of a whole Meta text: three times what is shown before "see more"; nobody reads an advertisement longer.
const META_MESSAGE: usize = 600;
/// Google: headlines 30, the long one and descriptions 90, the name 25; at most 5 of each.
const GOOGLE_SHORT: usize = 30;
const GOOGLE_LONG: usize = 90;
const GOOGLE_NAME: usize = 25;
const GOOGLE_MOST: usize = 5;
/// X: weighted characters of an ordinary account's post; a link weighs 23.
const X_WEIGHT: usize = 280;
const X_LINK: usize = 23;

/// What an advertisement is made from; all of one language.
#[derive(Clone, Copy, Debug)]
pub struct AdSource<'a> {
    /// What sort of appeal it is, in a few words.
    pub kind: &'a str,
    /// The notice's headline.
    pub headline: &'a str,
    /// Its lead.
    pub lead: &'a str,
    /// What to look for.
    pub look_for: &'a [String],
    /// How to answer, with the number.
    pub contact: &'a str,
    /// Who appeals, as short as it is known.
    pub issuer: &'a str,
    /// The appeal's page in this language, with the channel's mark.
    pub link: &'a str,
}

/// Finished words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdText {
    /// Facebook and Instagram.
    Meta {
        /// Above the picture.
        message: String,
        /// Below it.
        title: String,
    },
    /// Google's responsive display advertisement.
    Google {
        /// 1 to 5 of at most 30 characters.
        headlines: Vec<String>,
        /// At most 90.
        long_headline: String,
        /// 1 to 5 of at most 90.
        descriptions: Vec<String>,
        /// At most 25.
        business: String,
    },
    /// A post on X, its link included.
    X {
        /// At most 280 weighted characters.
        text: String,
    },
}

/// Something that must be said and cannot be within the limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part} has {has} characters of at most {most}")]
pub struct Unfit {
    /// Which part: `title`, `message`, `headline`, `description`, `name`, `post`.
    pub part: &'static str,
    /// What the shortest piece would take.
    pub has: usize,
    /// What there is room for.
    pub most: usize,
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Sentences of a text, whole.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut begin = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let ends =
            matches!(letter, '.' | '!' | '?' | '…') && letters.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ends || letters.peek().is_none() {
            let end = at + letter.len_utf8();
            found.extend(text.get(begin..end).map(str::trim).filter(|sentence| !sentence.is_empty()));
            begin = end;
        }
    }
    found
}

/// The first piece that fits; else which one would need least room.
fn first<'a>(part: &'static str, most: usize, pieces: impl IntoIterator<Item = &'a str>) -> Result<String, Unfit> {
    let mut shortest = None;
    for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
        let has = length(piece);
        if has <= most {
            return Ok(piece.to_owned());
        }
        shortest = Some(shortest.unwrap_or(has).min(has));
    }
    Err(Unfit { part, has: shortest.unwrap_or_default(), most })
}

/// The pieces that fit, each once.
fn fitting<'a>(most: usize, pieces: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for piece in pieces {
        let fits = !piece.is_empty() && length(piece) <= most;
        if fits && all.len() < GOOGLE_MOST && !all.iter().any(|one| one == piece) {
            all.push(piece.to_owned());
        }
    }
    all
}

/// Pieces joined by line ends while they fit.
fn joined<'a>(
    begin: String,
    most: usize,
    weigh: fn(&str) -> usize,
    pieces: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut text = begin;
    for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
        if weigh(&text) + 1 + weigh(piece) <= most {
            text = format!("{text}\n{piece}");
        }
    }
    text
}

/// Characters as X counts them, from the safe side: Latin, Greek, Cyrillic and the like weigh 1, everything else 2.
#[must_use]
fn weight(text: &str) -> usize {
    let light = |c: char| matches!(u32::from(c), 0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247);
    text.chars().map(|c| if light(c) { 1 } else { 2 }).sum()
}

/// Composes the words for a platform.
pub fn compose(platform: AimPlatform, source: &AdSource<'_>) -> Result<AdText, Unfit> {
    let lead = sentences(source.lead);
    let look_for = || source.look_for.iter().map(String::as_str);
    match platform {
        AimPlatform::Meta => {
            let titles = [source.headline, source.kind];
            let best = first("title", META_TITLE_BEST, titles);
            let title = best.or_else(|_| first("title", META_TITLE, titles))?;
            let begin = first("message", META_MESSAGE, [source.headline])?;
            let rest = [source.lead].into_iter().chain(look_for()).chain([source.contact]);
            // Whoever is shown it must be able to answer: room for the number is kept.
            let room = META_MESSAGE.saturating_sub(length(source.contact) + 1);
            let text = joined(begin, room, length, rest.filter(|piece| *piece != source.contact));
            let message = joined(text, META_MESSAGE, length, [source.contact]);
            Ok(AdText::Meta { message, title })
        }
        AimPlatform::Google => {
            let short = [source.headline, source.kind].into_iter().chain(look_for()).chain([source.contact]);
            let headlines = fitting(GOOGLE_SHORT, short);
            if headlines.is_empty() {
                return Err(Unfit { part: "headline", has: length(source.kind), most: GOOGLE_SHORT });
            }
            let whole = [source.headline].into_iter().chain(lead.first().copied());
            let long_headline = first("headline", GOOGLE_LONG, whole)?;
            let said = [source.lead].into_iter().chain(lead.iter().copied()).chain(look_for());
            first("description", GOOGLE_LONG, said.clone())?;
            // The number has a place of its own: four pieces at most before it.
            let mut descriptions = fitting(GOOGLE_LONG, said);
            descriptions.truncate(GOOGLE_MOST - 1);
            descriptions.extend(fitting(GOOGLE_LONG, [source.contact]));
            let business = first("name", GOOGLE_NAME, [source.issuer])?;
            Ok(AdText::Google { headlines, long_headline, descriptions, business })
        }
        AimPlatform::X => {
            let room = X_WEIGHT - X_LINK - 1;
            if weight(source.headline) > room {
                return Err(Unfit { part: "post", has: weight(source.headline), most: room });
            }
            let rest = [source.contact, source.lead].into_iter().chain(look_for());
            let text = joined(source.headline.to_owned(), room, weight, rest);
            Ok(AdText::X { text: format!("{text}\n{}", source.link) })
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]
    use super::*;
    use proptest::prelude::*;

    const LINK: &str = "https://tocsin.example.be/fr/a/lina?c=x";

    fn source<'a>(headline: &'a str, lead: &'a str, look_for: &'a [String]) -> AdSource<'a> {
        AdSource {
            kind: "Disparition inquiétante",
            headline,
            lead,
            look_for,
            contact: "Appelez le 0800 30 300.",
            issuer: "Police fédérale",
            link: LINK,
        }
    }

    #[test]
    fn texts_are_composed_of_whole_pieces() {
        let look_for = ["Une veste rouge".to_owned(), "Un sac à dos bleu à bandes réfléchissantes".to_owned()];
        let source = source(
            "Lina, 11 ans, a disparu à Ixelles",
            "Avez-vous vu Lina ? Elle a quitté l'école à 15 h 10.",
            &look_for,
        );
        assert_eq!(
            compose(AimPlatform::Meta, &source),
            Ok(AdText::Meta {
                title: "Disparition inquiétante".to_owned(),
                message: "Lina, 11 ans, a disparu à Ixelles\nAvez-vous vu Lina ? Elle a quitté l'école à 15 h 10.\nUne veste rouge\n\
                          Un sac à dos bleu à bandes réfléchissantes\nAppelez le 0800 30 300."
                    .to_owned(),
            })
        );
        let text = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            compose(AimPlatform::Google, &source),
            Ok(AdText::Google {
                headlines: text(&["Disparition inquiétante", "Une veste rouge", "Appelez le 0800 30 300."]),
                long_headline: "Lina, 11 ans, a disparu à Ixelles".to_owned(),
                descriptions: text(&[
                    "Avez-vous vu Lina ? Elle a quitté l'école à 15 h 10.",
                    "Avez-vous vu Lina ?",
                    "Elle a quitté l'école à 15 h 10.",
                    "Une veste rouge",
                    "Appelez le 0800 30 300.",
                ]),
                business: "Police fédérale".to_owned(),
            })
        );
        let AdText::X { text } = compose(AimPlatform::X, &source).unwrap() else { panic!() };
        assert!(text.ends_with(LINK) && text.contains("\nAppelez le 0800 30 300.\n"), "{text}");
    }

    #[test]
    fn what_cannot_fit_is_said_and_not_cut() {
        let long = "Un titre".repeat(12);
        let unfit = |platform, source: &AdSource<'_>| compose(platform, source).unwrap_err();
        let told = unfit(AimPlatform::Google, &source(&long, &long, &[]));
        assert_eq!(told, Unfit { part: "headline", has: 96, most: 90 });
        let named = AdSource { issuer: "Police judiciaire fédérale de Bruxelles", ..source("Lina", "Vue ?", &[]) };
        assert_eq!(unfit(AimPlatform::Google, &named).part, "name");
        let heavy = "名".repeat(130);
        assert_eq!(unfit(AimPlatform::X, &source(&heavy, "", &[])), Unfit { part: "post", has: 260, most: 256 });
    }

    #[test]
    fn sentences_end_before_a_space_only() {
        assert_eq!(sentences("Vu à 15.10 h ? Oui. Non"), ["Vu à 15.10 h ?", "Oui.", "Non"]);
        assert_eq!(sentences(""), Vec::<&str>::new());
    }

    proptest! {
        #[test]
        fn limits_hold_whatever_is_written(headline in ".{1,160}", lead in ".{1,300}", look_for in prop::collection::vec(".{1,120}", 0..6)) {
            let source = source(&headline, &lead, &look_for);
            for platform in AimPlatform::ALL {
                match compose(*platform, &source) {
                    Err(_) => {}
                    Ok(AdText::Meta { message, title }) => {
                        prop_assert!(length(&title) <= META_TITLE && length(&message) <= META_MESSAGE);
                        prop_assert!(message.ends_with(source.contact));
                    }
                    Ok(AdText::Google { headlines, long_headline, descriptions, business }) => {
                        prop_assert!((1..=5).contains(&headlines.len()) && headlines.iter().all(|one| length(one) <= 30));
                        prop_assert!((1..=5).contains(&descriptions.len()) && descriptions.iter().all(|one| length(one) <= 90));
                        prop_assert!(length(&long_headline) <= 90 && length(&business) <= 25);
                    }
                    Ok(AdText::X { text }) => {
                        let said = text.strip_suffix(LINK).unwrap();
                        prop_assert!(weight(said) + X_LINK <= X_WEIGHT, "{}", weight(said));
                    }
                }
            }
        }
    }
}
