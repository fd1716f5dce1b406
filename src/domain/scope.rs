//! What a magistrate's decision covers: words, pictures, area, channels, languages, money. Whatever it does not name
//! is not covered. The area is kept as filed; `app` resolves it to cells once, when the record is made.

use super::aim::AimPlatform;
use super::codes::codes;
use super::document::Reader;
use super::faults::Fault;
use super::language::Language;
use super::media::MediaDigest;
use super::notice::TextDigest;
use super::rules::ScopePart;
use serde_json::{Value, json};
use std::collections::BTreeSet;

codes! {
    /// Where a notice can go.
    ChannelKind {
        /// Our public page.
        Page = "page",
        /// Our open feed.
        Feed = "feed",
        /// E-mail to subscribers.
        Email = "email",
        /// Advertisements on Facebook and Instagram.
        MetaAds = "meta_ads",
        /// Advertisements of Google.
        GoogleAds = "google_ads",
        /// Advertisements on X.
        XAds = "x_ads",
    }
}

impl ChannelKind {
    /// Whether it costs money: everything on it is bounded by the budget of the decision.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::MetaAds | Self::GoogleAds | Self::XAds)
    }

    /// The advertising platform behind it; none where it costs nothing.
    #[must_use]
    pub const fn platform(self) -> Option<AimPlatform> {
        match self {
            Self::MetaAds => Some(AimPlatform::Meta),
            Self::GoogleAds => Some(AimPlatform::Google),
            Self::XAds => Some(AimPlatform::X),
            Self::Page | Self::Feed | Self::Email => None,
        }
    }
}

codes! {
    /// What may be published about a person.
    Element {
        /// Full name.
        Name = "name",
        /// First name only.
        FirstNameOnly = "first_name_only",
        /// Age.
        Age = "age",
        /// Description.
        Description = "description",
        /// Circumstances.
        Circumstances = "circumstances",
    }
}

/// A picture the decision covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredMedia {
    /// Digest of the cleaned picture.
    pub digest: MediaDigest,
    /// It may be shown as the portrait.
    pub portrait: bool,
    /// It shows a minor, and may all the same.
    pub minor: bool,
    /// Only blurred.
    pub blur_required: bool,
}

/// How far the decision reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CoveredArea {
    /// The whole country of the magistrate.
    National,
    /// The European Union.
    European,
    /// An area as filed (places, circles, geometry).
    Area(Value),
}

/// Paid advertising.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidAds {
    /// None.
    No,
    /// Up to so many euro cents, audience limited to place, language and age band.
    UpTo {
        /// Ceiling in euro cents.
        cents: i64,
    },
}

/// What a decision covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Which elements of identity and case may appear.
    pub elements: BTreeSet<Element>,
    /// Pictures, by digest.
    pub media: Vec<CoveredMedia>,
    /// Texts, by digest.
    pub texts: BTreeSet<TextDigest>,
    /// The record lets spelling be corrected without a new decision.
    pub minor_edits: bool,
    /// A plate may appear.
    pub vehicle_plate: bool,
    /// Lots, by number.
    pub lots: BTreeSet<i64>,
    /// Area.
    pub area: CoveredArea,
    /// No advertisement may reach beyond the area, not even with the edge of a circle.
    pub area_is_limit: bool,
    /// Channels.
    pub channels: BTreeSet<ChannelKind>,
    /// Advertising.
    pub paid_ads: PaidAds,
    /// Who may relay.
    pub partners: Vec<String>,
    /// Language versions.
    pub languages: BTreeSet<Language>,
    /// What may be asked of the public.
    pub tips: String,
}

impl Scope {
    /// Whether the area is named by places or geometry.
    #[must_use]
    pub const fn filed_area(&self) -> Option<&Value> {
        match &self.area {
            CoveredArea::Area(filed) => Some(filed),
            CoveredArea::National | CoveredArea::European => None,
        }
    }

    /// Whether the decision names a part of what may be shown.
    #[must_use]
    pub fn names(&self, part: ScopePart) -> bool {
        match part {
            ScopePart::Name => self.elements.contains(&Element::Name),
            ScopePart::FirstNameOnly => self.elements.contains(&Element::FirstNameOnly),
            ScopePart::Age => self.elements.contains(&Element::Age),
            ScopePart::Description => self.elements.contains(&Element::Description),
            ScopePart::Circumstances => self.elements.contains(&Element::Circumstances),
            ScopePart::Media => !self.media.is_empty(),
            ScopePart::Texts => !self.texts.is_empty(),
            ScopePart::Lots => !self.lots.is_empty(),
            ScopePart::Plate => self.vehicle_plate,
        }
    }

    /// The covered picture of a digest.
    #[must_use]
    pub fn covered(&self, digest: &MediaDigest) -> Option<&CoveredMedia> {
        self.media.iter().find(|covered| covered.digest == *digest)
    }

    /// The stored form.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let media: Vec<_> = self
            .media
            .iter()
            .map(|m| json!({"digest": m.digest.as_str(), "portrait": m.portrait, "minor": m.minor, "blur_required": m.blur_required}))
            .collect();
        let area = match &self.area {
            CoveredArea::National => json!("national"),
            CoveredArea::European => json!("eu"),
            CoveredArea::Area(filed) => filed.clone(),
        };
        json!({
            "elements": self.elements.iter().map(|e| e.code()).collect::<Vec<_>>(),
            "media": media,
            "texts": self.texts.iter().map(|t| &t.0).collect::<Vec<_>>(),
            "minor_edits": self.minor_edits,
            "vehicle_plate": self.vehicle_plate,
            "lots": self.lots,
            "area": area,
            "area_is_limit": self.area_is_limit,
            "channels": self.channels.iter().map(|c| c.code()).collect::<Vec<_>>(),
            "paid_ads_cents": match self.paid_ads { PaidAds::No => Value::Null, PaidAds::UpTo { cents } => json!(cents) },
            "partners": self.partners,
            "languages": self.languages.iter().map(|l| l.code()).collect::<Vec<_>>(),
            "tips": self.tips,
        })
    }

    /// Reads a scope; the filed area itself is checked by `area`.
    pub fn read(mut r: Reader<'_>) -> Option<Self> {
        let elements = r.parsed("elements", 8, Element::parse).into_iter().collect();
        let media = r.objects("media", 500, |mut m| {
            let digest = m.required("digest", |m, key| m.choice(key, MediaDigest::parse));
            let (portrait, minor, blur_required) = (m.flag("portrait"), m.flag("minor"), m.flag("blur_required"));
            m.finish();
            Some(CoveredMedia { digest: digest?, portrait, minor, blur_required })
        });
        let texts =
            r.parsed("texts", 12, |t| MediaDigest::parse(t).map(|d| TextDigest(d.to_string()))).into_iter().collect();
        let minor_edits = r.flag("minor_edits");
        let vehicle_plate = r.flag("vehicle_plate");
        let mut lots = BTreeSet::new();
        for (pointer, value) in r.items("lots", 5000) {
            match value.as_i64() {
                Some(number) if number > 0 => {
                    lots.insert(number);
                }
                _ => r.note(Fault::at(pointer, "wrong-type").with("expected", "integer")),
            }
        }
        let area = r.required("area", |r, key| match r.raw(key)? {
            Value::String(word) if word == "national" => Some(CoveredArea::National),
            Value::String(word) if word == "eu" => Some(CoveredArea::European),
            filed @ Value::Object(_) => Some(CoveredArea::Area(filed.clone())),
            _ => {
                r.fault(key, "scope-area");
                None
            }
        });
        let area_is_limit = r.flag("area_is_limit");
        let channels: BTreeSet<_> = r.parsed("channels", 16, ChannelKind::parse).into_iter().collect();
        if channels.is_empty() {
            r.fault("channels", "required");
        }
        // A million euro is far above any campaign; a typing slip is not.
        let paid_ads =
            r.integer("paid_ads_cents", 0..=100_000_000).map_or(PaidAds::No, |cents| PaidAds::UpTo { cents });
        let partners = r.texts("partners", 50, 200);
        let languages: BTreeSet<_> = r.parsed("languages", 3, |code| Language::parse(code).ok()).into_iter().collect();
        if languages.is_empty() {
            r.fault("languages", "required");
        }
        let tips = r.text("tips", 0..=1000).unwrap_or_default();
        r.finish();
        Some(Self {
            elements,
            media,
            texts,
            minor_edits,
            vehicle_plate,
            lots,
            area: area?,
            area_is_limit,
            channels,
            paid_ads,
            partners,
            languages,
            tips,
        })
    }
}
