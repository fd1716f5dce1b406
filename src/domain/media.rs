//! A picture of an appeal as the rules see it: its digest, whom it shows, its words for those who cannot see it.

use super::document::Reader;
use super::ids::MediaId;
use super::language::Language;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// SHA-256 of the cleaned picture, 64 hexadecimal digits. This is what a magistrate approves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaDigest(String);

impl MediaDigest {
    /// Reads 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
            .then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MediaDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The picture in one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition {
    /// `large` or `small`.
    pub name: String,
    /// Its own digest: the address it is served under.
    pub digest: MediaDigest,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
}

/// How sharp a picture is: variance of the Laplacian of its brightness, in thousandths, with its longer side at `side`
/// pixels. Measured once, when it is kept; what counts as blurred is a rule's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharpness {
    /// Thousandths of the variance.
    pub thousandths: i64,
    /// Pixels of the longer side it was brought to.
    pub side: i64,
}

impl Sharpness {
    /// Above any variance of 8-bit brightness (1020², in thousandths).
    const MOST: i64 = 1_100_000_000;

    /// From a measured variance; none when it is no number or out of range.
    #[must_use]
    pub fn of(variance: f64, side: usize) -> Option<Self> {
        let text = format!("{:.0}", variance * 1000.0);
        let thousandths = text.parse().ok().filter(|value| (0..=Self::MOST).contains(value))?;
        Some(Self { thousandths, side: i64::try_from(side).ok()? })
    }

    /// The variance and the side it was measured at.
    #[must_use]
    pub fn measured(self) -> Option<(f64, usize)> {
        let variance = f64::from(u32::try_from(self.thousandths).ok()?) / 1000.0;
        Some((variance, usize::try_from(self.side).ok()?))
    }
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Its id.
    pub id: MediaId,
    /// What is approved.
    pub digest: MediaDigest,
    /// Shows the face of the person sought.
    pub portrait: bool,
    /// Shows a minor.
    pub minor: bool,
    /// Third parties must be blurred before it may be shown.
    pub blur_required: bool,
    /// For people who cannot see it, per language.
    pub alt: BTreeMap<Language, String>,
    /// Sizes kept.
    pub renditions: Vec<Rendition>,
    /// How sharp it is; none for pictures kept before it was measured.
    pub sharpness: Option<Sharpness>,
}

/// What the uploader states about a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaStatement {
    /// See [`Media::portrait`].
    pub portrait: bool,
    /// See [`Media::minor`].
    pub minor: bool,
    /// See [`Media::blur_required`].
    pub blur_required: bool,
    /// See [`Media::alt`].
    pub alt: BTreeMap<Language, String>,
}

impl MediaStatement {
    /// Reads the statement's keys from a larger object.
    pub fn read(r: &mut Reader<'_>) -> Self {
        let portrait = r.flag("portrait");
        let minor = r.flag("minor");
        let blur_required = r.flag("blur_required");
        let alt = by_language(r, "alt", |value, r, pointer| {
            // 300 characters: what a screen reader reads out in about twenty seconds.
            let text = value
                .as_str()
                .map(str::trim)
                .filter(|text| (1..=300).contains(&text.chars().count()) && !text.chars().any(char::is_control));
            if text.is_none() {
                r.note(super::faults::Fault::at(pointer, "alt-text"));
            }
            text.map(str::to_owned)
        });
        Self { portrait, minor, blur_required, alt }
    }
}

/// Reads an object keyed by language.
pub(super) fn by_language<'a, T>(
    r: &mut Reader<'a>,
    key: &'static str,
    mut read: impl FnMut(&'a Value, &Reader<'a>, &str) -> Option<T>,
) -> BTreeMap<Language, T> {
    let mut found = BTreeMap::new();
    for (code, pointer, value) in r.entries(key) {
        match Language::parse(&code) {
            Ok(language) => {
                if let Some(item) = read(value, r, &pointer) {
                    found.insert(language, item);
                }
            }
            Err(_) => r.note(super::faults::Fault::at(pointer, "unknown-language").with("value", code)),
        }
    }
    found
}

/// The stored form of texts per language.
#[must_use]
pub(super) fn texts_document(texts: &BTreeMap<Language, String>) -> Value {
    Value::Object(texts.iter().map(|(language, text)| (language.code().to_owned(), json!(text))).collect::<Map<_, _>>())
}

impl Media {
    /// The stored form.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let renditions: Vec<_> = self
            .renditions
            .iter()
            .map(|r| json!({"name": r.name, "digest": r.digest.as_str(), "width": r.width, "height": r.height}))
            .collect();
        json!({
            "id": self.id.as_str(), "digest": self.digest.as_str(), "portrait": self.portrait, "minor": self.minor,
            "blur_required": self.blur_required, "alt": texts_document(&self.alt), "renditions": renditions,
            "sharpness": self.sharpness.map(|s| json!({"thousandths": s.thousandths, "side": s.side})),
        })
    }

    /// Reads the stored form.
    pub fn from_document(value: &Value) -> Result<Self, Vec<super::faults::Fault>> {
        super::document::read(value, "", |mut r| {
            let id = r.required("id", |r, key| r.choice(key, |text| MediaId::parse(text).ok()));
            let digest = r.required("digest", |r, key| r.choice(key, MediaDigest::parse));
            let statement = MediaStatement::read(&mut r);
            let renditions = r.objects("renditions", 8, |mut item| {
                let name = item.needed_text("name", 1..=20);
                let digest = item.required("digest", |r, key| r.choice(key, MediaDigest::parse));
                let width = item.required("width", |r, key| r.integer(key, 1..=20_000));
                let height = item.required("height", |r, key| r.integer(key, 1..=20_000));
                item.finish();
                Some(Rendition { name: name?, digest: digest?, width: width?, height: height? })
            });
            let sharpness = r.object("sharpness").and_then(|mut s| {
                let thousandths = s.required("thousandths", |r, key| r.integer(key, 0..=Sharpness::MOST));
                let side = s.required("side", |r, key| r.integer(key, 1..=20_000));
                s.finish();
                Some(Sharpness { thousandths: thousandths?, side: side? })
            });
            r.finish();
            let MediaStatement { portrait, minor, blur_required, alt } = statement;
            Some(Self { id: id?, digest: digest?, portrait, minor, blur_required, alt, renditions, sharpness })
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use crate::domain::kind::AppealKind;
    use crate::domain::samples;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_picture_survives_its_stored_form(
            flags: (bool, bool, bool), fr in "[a-z]{1,40}", nl in proptest::option::of("[a-z]{1,40}"),
            sizes in proptest::collection::vec((1_i64..=20_000, 1_i64..=20_000), 0..4),
            sharp in proptest::option::of((0.0_f64..1_000_000.0, 1_usize..20_000)),
        ) {
            let mut picture = samples::picture(AppealKind::Witness);
            (picture.portrait, picture.minor, picture.blur_required) = flags;
            picture.alt = [(Language::Fr, fr)].into_iter().chain(nl.map(|nl| (Language::Nl, nl))).collect();
            picture.sharpness = sharp.and_then(|(variance, side)| Sharpness::of(variance, side));
            prop_assert_eq!(picture.sharpness.is_some(), sharp.is_some());
            picture.renditions = sizes
                .into_iter()
                .map(|(width, height)| Rendition { name: "large".to_owned(), digest: samples::digest(3), width, height })
                .collect();
            prop_assert_eq!(Media::from_document(&picture.to_document()).unwrap(), picture);
        }
    }

    #[test]
    fn words_for_a_picture_are_one_clean_line() {
        let mut value = samples::picture(AppealKind::Witness).to_document();
        value["alt"] = json!({"fr": "deux\nlignes", "nl": "", "en": "no"});
        let mut faults: Vec<_> =
            Media::from_document(&value).unwrap_err().into_iter().map(|f| (f.pointer, f.code)).collect();
        faults.sort();
        let expected = [("/alt/en", "unknown-language"), ("/alt/fr", "alt-text"), ("/alt/nl", "alt-text")];
        assert_eq!(faults, expected.map(|(p, c)| (p.to_owned(), c)));
    }
}
