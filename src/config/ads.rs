//! Paid advertising: what holds on every platform, and the accounts on each. What the platforms' own documents leave open
//! is a setting here, with the best-founded value as its default.

use super::SecretText;
use serde::{Deserialize, Deserializer};

/// Text of digits, which a variable spells as a number.
fn digits<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Spelled {
        Text(String),
        Number(u64),
    }
    Ok(match Spelled::deserialize(from)? {
        Spelled::Text(text) => text,
        Spelled::Number(number) => number.to_string(),
    })
}

/// How long an aim is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AimEffort {
    /// Seconds: the aim that is worth its money.
    Full,
    /// A usable one soon.
    Quick,
}

/// What holds on every platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ads {
    /// On whose behalf advertisements are shown: the declaration the European Union asks for. Empty: no advertisement.
    pub beneficiary: String,
    /// Who pays for them.
    pub payer: String,
    /// Our name where only 25 characters are shown.
    pub short_name: String,
    /// What a thousand showings are expected to cost, euro cents: for forecasts only.
    pub cents_per_thousand: i64,
    /// Times one person is expected to be shown an advertisement, in tenths: for forecasts only.
    pub tenths_per_person: i64,
    /// How long an aim is searched for.
    pub aim_effort: AimEffort,
    /// How long a platform may take to show what it made, seconds, the time of the call included.
    pub settle_seconds: u32,
    /// Days after which an account's set-up is looked up again.
    pub recheck_days: u32,
    /// Seconds without an answer after which a platform is given up on.
    pub timeout_seconds: u64,
}

impl Default for Ads {
    fn default() -> Self {
        Self {
            beneficiary: String::new(),
            payer: String::new(),
            short_name: String::new(),
            cents_per_thousand: 400,
            tenths_per_person: 16,
            aim_effort: AimEffort::Full,
            settle_seconds: 120,
            recheck_days: 7,
            timeout_seconds: 30,
        }
    }
}

/// How much one account may be asked and may spend, whichever appeals it is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountLimits {
    /// Calls a minute; each is a handful of requests, and the strictest platform takes 450 writes.
    pub calls_per_minute: u32,
    /// Euro cents that all its campaigns together may cost in a month (UTC); 0: as much as the appeals allow.
    pub monthly_cap_cents: i64,
}

impl Default for AccountLimits {
    fn default() -> Self {
        Self { calls_per_minute: 60, monthly_cap_cents: 0 }
    }
}

/// Facebook and Instagram: the Marketing API.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetaAds {
    /// Where the API is.
    pub base_url: String,
    /// Its version, as in the path.
    pub version: String,
    /// The number after `act_`; empty: off.
    #[serde(deserialize_with = "digits")]
    pub account: String,
    /// The Page advertisements speak for.
    #[serde(deserialize_with = "digits")]
    pub page: String,
    /// A system user's token with `ads_management`.
    pub token: SecretText,
    /// The app's secret, when the app asks for `appsecret_proof`; empty: none.
    pub app_secret: SecretText,
    /// Send the token as a header instead of a parameter. Works on the real service by all accounts, but is on no page of it.
    pub bearer: bool,
    /// How much the account may be asked and may spend.
    pub limits: AccountLimits,
}

impl Default for MetaAds {
    fn default() -> Self {
        Self {
            base_url: "https://graph.facebook.com".to_owned(),
            version: "v26.0".to_owned(),
            account: String::new(),
            page: String::new(),
            token: SecretText::default(),
            app_secret: SecretText::default(),
            bearer: false,
            limits: AccountLimits::default(),
        }
    }
}

/// Google Ads.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoogleAds {
    /// Where the API is.
    pub base_url: String,
    /// Its version, as in the path.
    pub version: String,
    /// Where access tokens are made.
    pub token_url: String,
    /// Ten digits without hyphens; empty: off.
    #[serde(deserialize_with = "digits")]
    pub customer: String,
    /// The manager account the calls come through; empty: none.
    #[serde(deserialize_with = "digits")]
    pub manager: String,
    /// The OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretText,
    /// What access tokens are made from.
    pub refresh_token: SecretText,
    /// Ignored by the service since September 2026; only for a project that still needs it.
    pub developer_token: SecretText,
    /// The kind of campaign. A total budget is what it is chosen for.
    pub channel_type: String,
    /// How much the account may be asked and may spend.
    pub limits: AccountLimits,
}

impl Default for GoogleAds {
    fn default() -> Self {
        Self {
            base_url: "https://googleads.googleapis.com".to_owned(),
            version: "v26".to_owned(),
            token_url: "https://oauth2.googleapis.com/token".to_owned(),
            customer: String::new(),
            manager: String::new(),
            client_id: String::new(),
            client_secret: SecretText::default(),
            refresh_token: SecretText::default(),
            developer_token: SecretText::default(),
            channel_type: "DISPLAY".to_owned(),
            limits: AccountLimits::default(),
        }
    }
}

/// X.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XAds {
    /// Where the Ads API is.
    pub base_url: String,
    /// Its version, as in the path.
    pub version: String,
    /// Where media are uploaded.
    pub media_url: String,
    /// The account; empty: off.
    pub account: String,
    /// The funding instrument.
    pub funding: String,
    /// The posting user's id.
    #[serde(deserialize_with = "digits")]
    pub user: String,
    /// OAuth 1.0a.
    pub consumer_key: SecretText,
    /// OAuth 1.0a.
    pub consumer_secret: SecretText,
    /// OAuth 1.0a.
    pub token: SecretText,
    /// OAuth 1.0a.
    pub token_secret: SecretText,
    /// The words the platform uses for an advertisement it accepts and one it rejects.
    pub accepted: String,
    /// See above.
    pub rejected: String,
    /// How much the account may be asked and may spend.
    pub limits: AccountLimits,
}

impl Default for XAds {
    fn default() -> Self {
        Self {
            base_url: "https://ads-api.x.com".to_owned(),
            version: "12".to_owned(),
            media_url: "https://api.x.com".to_owned(),
            account: String::new(),
            funding: String::new(),
            user: String::new(),
            consumer_key: SecretText::default(),
            consumer_secret: SecretText::default(),
            token: SecretText::default(),
            token_secret: SecretText::default(),
            accepted: "ACCEPTED".to_owned(),
            rejected: "REJECTED".to_owned(),
            limits: AccountLimits::default(),
        }
    }
}

impl MetaAds {
    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.account.is_empty()
    }
}

impl GoogleAds {
    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.customer.is_empty()
    }
}

impl XAds {
    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.account.is_empty()
    }
}

/// The first key whose value cannot be used, and why.
pub(super) fn validate(
    ads: &Ads,
    meta: &MetaAds,
    google: &GoogleAds,
    x: &XAds,
) -> Result<(), (&'static str, &'static str)> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let urls = [
        (meta.is_on(), "meta_ads.base_url", &meta.base_url),
        (google.is_on(), "google_ads.base_url", &google.base_url),
        (google.is_on(), "google_ads.token_url", &google.token_url),
        (x.is_on(), "x_ads.base_url", &x.base_url),
        (x.is_on(), "x_ads.media_url", &x.media_url),
    ];
    if let Some((_, key, _)) = urls.iter().find(|(on, _, url)| *on && !super::openid::is_safe(url)) {
        return Err((key, "must begin with https://, for tokens travel there"));
    }
    if ads.short_name.chars().count() > 25 {
        return Err(("ads.short_name", "at most 25 characters are shown"));
    }
    if ads.cents_per_thousand <= 0 || ads.tenths_per_person < 10 {
        return Err(("ads.cents_per_thousand", "forecasts need a price above 0, and at least 10 tenths a person"));
    }
    if !(60..=3600).contains(&ads.settle_seconds) {
        return Err((
            "ads.settle_seconds",
            "60 to 3600: a lost answer is doubted for so long before anything is made again",
        ));
    }
    for (key, limits) in
        [("meta_ads.limits", &meta.limits), ("google_ads.limits", &google.limits), ("x_ads.limits", &x.limits)]
    {
        if limits.calls_per_minute == 0 || limits.monthly_cap_cents < 0 {
            return Err((key, "at least one call a minute, and no cap below 0"));
        }
    }
    if (meta.is_on() || google.is_on() || x.is_on()) && (ads.beneficiary.is_empty() || ads.payer.is_empty()) {
        return Err(("ads.beneficiary", "and ads.payer are declared with every advertisement in the European Union"));
    }
    if meta.is_on() && (!digits(&meta.account) || !digits(&meta.page)) {
        return Err(("meta_ads.account", "and meta_ads.page are numbers"));
    }
    if google.is_on() && (google.customer.len() != 10 || !digits(&google.customer)) {
        return Err(("google_ads.customer", "ten digits, without hyphens"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_may_be_spelled_as_numbers() {
        let read = |text: &str| toml::from_str::<MetaAds>(text).map(|meta| meta.account).ok();
        assert_eq!(read("account = 1001"), Some("1001".to_owned()));
        assert_eq!(read("account = \"1001\""), Some("1001".to_owned()));
        assert_eq!(read("account = 1.5"), None);
    }

    #[test]
    fn no_platform_is_on_without_declarations_and_a_safe_address() {
        let check = |ads: &Ads, meta: &MetaAds| {
            validate(ads, meta, &GoogleAds::default(), &XAds::default()).map_err(|(key, _)| key)
        };
        assert_eq!(check(&Ads::default(), &MetaAds::default()), Ok(()), "off");
        let on = MetaAds { account: "1001".to_owned(), page: "2002".to_owned(), ..MetaAds::default() };
        assert_eq!(check(&Ads::default(), &on), Err("ads.beneficiary"));
        let said = Ads { beneficiary: "Police".to_owned(), payer: "Police".to_owned(), ..Ads::default() };
        assert_eq!(check(&said, &on), Ok(()));
        let open = MetaAds { base_url: "http://graph.example.com".to_owned(), ..on.clone() };
        assert_eq!(check(&said, &open), Err("meta_ads.base_url"));
        let named = MetaAds { account: "act_1001".to_owned(), ..on };
        assert_eq!(check(&said, &named), Err("meta_ads.account"));
    }
}
