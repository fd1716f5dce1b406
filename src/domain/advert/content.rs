//! What a plan says of an advertisement, and validators sign: its words, its places, its picture, its ages.

use super::{AdText, AdultAges, Audience, Placement, Weight};
use crate::domain::aim::Circles;
use crate::domain::area::Circle;
use crate::domain::language::Language;
use serde_json::{Value, json};

/// The content of a plan item on a paid channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdContent {
    /// Its words.
    pub text: AdText,
    /// Where it is shown.
    pub placement: Placement,
    /// To whom of those.
    pub ages: AdultAges,
    /// Where it leads.
    pub link: String,
    /// Digest of its picture, and what that shows in words.
    pub picture: Option<(String, String)>,
}

fn circles(all: &[Circle]) -> Value {
    all.iter().map(|circle| json!([circle.lat(), circle.lon(), circle.radius_m()])).collect()
}

/// A unit of circles and its weight, as it is stored and signed.
pub(super) fn unit((unit, weight): &(Circles, Weight)) -> Value {
    let mut told =
        json!({"include": circles(&unit.includes), "exclude": circles(&unit.excludes), "weight": weight.people});
    if let (Some(object), false) = (told.as_object_mut(), weight.each.is_empty()) {
        object.insert("each".to_owned(), json!(weight.each));
    }
    told
}

pub(super) fn read_circles(value: Option<&Value>) -> Option<Vec<Circle>> {
    let circle = |one: &Value| Circle::new(one.get(0)?.as_f64()?, one.get(1)?.as_f64()?, one.get(2)?.as_f64()?).ok();
    value?.as_array()?.iter().map(circle).collect()
}

pub(super) fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    value?.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
}

impl AdContent {
    /// To whom it is shown in a language.
    #[must_use]
    pub fn audience(&self, language: Language) -> Audience {
        Audience { placement: self.placement.clone(), language, ages: self.ages }
    }

    /// The signed form, beside whatever else a plan item says.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let text = match &self.text {
            AdText::Meta { message, title } => json!({"message": message, "title": title}),
            AdText::Google { headlines, long_headline, descriptions, business } => json!({
                "headlines": headlines, "long_headline": long_headline, "descriptions": descriptions, "business": business,
            }),
            AdText::X { text } => json!({"post": text}),
        };
        let (units, places) = match &self.placement {
            Placement::Circles(units) => (units.iter().map(unit).collect(), Value::Null),
            Placement::Places(ids) => (Value::Null, json!(ids)),
        };
        json!({
            "text": text, "units": units, "places": places, "ages": [self.ages.least(), self.ages.most()],
            "link": self.link,
            "picture": self.picture.as_ref().map(|(digest, alt)| json!({"digest": digest, "alt": alt})),
        })
    }

    /// Reads the signed form under `ad`; none when it is none.
    #[must_use]
    pub fn from_document(content: &Value) -> Option<Self> {
        let ad = content.get("ad")?;
        let told = ad.get("text")?;
        let line = |key: &str| Some(told.get(key)?.as_str()?.to_owned());
        let text = if let Some(text) = line("post") {
            AdText::X { text }
        } else if let Some(message) = line("message") {
            AdText::Meta { message, title: line("title")? }
        } else {
            AdText::Google {
                headlines: texts(told.get("headlines"))?,
                long_headline: line("long_headline")?,
                descriptions: texts(told.get("descriptions"))?,
                business: line("business")?,
            }
        };
        let placement = super::aimed::read_placement(ad)?;
        let age = |at: usize| u8::try_from(ad.get("ages")?.get(at)?.as_u64()?).ok();
        let picture = match ad.get("picture") {
            None | Some(Value::Null) => None,
            Some(one) => Some((one.get("digest")?.as_str()?.to_owned(), one.get("alt")?.as_str()?.to_owned())),
        };
        let ages = AdultAges::new(age(0)?, age(1)?).ok()?;
        Some(Self { text, placement, ages, link: ad.get("link")?.as_str()?.to_owned(), picture })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;

    #[test]
    fn what_was_signed_is_what_is_read() {
        let circle = |radius| Circle::new(50.8, 4.3, radius).unwrap();
        let unit = Circles { includes: vec![circle(1_000.0)], excludes: vec![circle(1_500.0)] };
        let google = AdText::Google {
            headlines: vec!["a".to_owned()],
            long_headline: "b".to_owned(),
            descriptions: vec!["c".to_owned()],
            business: "d".to_owned(),
        };
        let meta = AdText::Meta { message: "a".to_owned(), title: "b".to_owned() };
        for (text, placement) in [
            (meta, Placement::Circles(vec![(unit.clone(), Weight { people: 7, each: vec![7] })])),
            (google, Placement::Circles(vec![(unit, 1.into())])),
            (AdText::X { text: "a".to_owned() }, Placement::Places(vec!["00a1".to_owned()])),
        ] {
            let picture = Some(("00".to_owned(), "Dessin".to_owned()));
            let content = AdContent { text, placement, ages: AdultAges::ALL, link: "https://a.be".to_owned(), picture };
            let mut item = json!({"title": "t", "cap_cents": 5, "ad": content.to_document()});
            assert_eq!(AdContent::from_document(&item), Some(content));
            item["ad"]["ages"] = json!([13, 65]);
            assert_eq!(AdContent::from_document(&item), None, "minors are no audience, whoever wrote it");
        }
    }
}
