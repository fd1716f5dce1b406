//! One advertisement in one language, as it is to be shown.

use crate::domain::advert::{AdKey, AdText, Audience, Cents};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};

/// On whose behalf it is shown and who pays, as the European Union wants it declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// On whose behalf.
    pub beneficiary: String,
    /// Who pays.
    pub payer: String,
}

/// A finished picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdPicture {
    /// 1.91 : 1, JPEG, at least 600 x 314.
    pub landscape: Bytes,
    /// 1 : 1, JPEG, at least 300 x 300.
    pub square: Bytes,
    /// What it shows, for those who do not see it, in the advertisement's language.
    pub alt: String,
}

/// An advertisement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdOrder {
    /// Under which it is found again.
    pub key: AdKey,
    /// To whom.
    pub audience: Audience,
    /// Its words, composed for the platform.
    pub text: AdText,
    /// The appeal's page in this language, with the channel's mark.
    pub link: String,
    /// Its picture; Google takes no advertisement of this kind without one.
    pub picture: Option<AdPicture>,
    /// What it may cost in all.
    pub ceiling: Cents,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends, whatever becomes of us: not after the authorisation does.
    pub ends_at: DateTime<Utc>,
    /// Who answers for it.
    pub declaration: Declaration,
}

impl AdOrder {
    /// Begun days of its life: what a budget by the day is divided into.
    #[must_use]
    pub fn days(&self) -> i64 {
        let life = self.ends_at - self.starts_at;
        (life.num_days() + i64::from(life > TimeDelta::days(life.num_days()))).max(1)
    }
}
