//! What a budget is expected to buy, before anything is spent, and what it bought: per platform and language.

use super::Cents;
use crate::domain::aim::AimPlatform;
use crate::domain::language::Language;
use std::fmt::Write;

/// What showings are expected to cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// A thousand showings, euro cents; above 0.
    pub cents_per_thousand: i64,
    /// Times one person is shown it, in tenths; at least 10.
    pub tenths_per_person: i64,
}

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Different people.
    pub people: i64,
    /// Times shown.
    pub impressions: i64,
    /// What that costs; never above the ceiling.
    pub cost: Cents,
}

/// What a ceiling buys where so many people can be reached: not more people than there are, nor money than is allowed.
#[must_use]
pub fn forecast(reachable: i64, ceiling: Cents, prices: Prices) -> Forecast {
    let (price, often) = (prices.cents_per_thousand.max(1), prices.tenths_per_person.max(10));
    let reachable = reachable.max(0);
    let affordable = ceiling.0.max(0).saturating_mul(1_000) / price;
    let impressions = affordable.min(reachable.saturating_mul(often) / 10);
    let people = (impressions.saturating_mul(10) / often).min(reachable);
    let cost = Cents((impressions.saturating_mul(price) + 999) / 1_000).min(ceiling);
    Forecast { people, impressions, cost }
}

/// What came of one advertisement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdResult {
    /// Where.
    pub platform: AimPlatform,
    /// In which language.
    pub language: Language,
    /// What it could cost.
    pub ceiling: Cents,
    /// What was expected.
    pub forecast: Forecast,
    /// Different people, where the platform counts them.
    pub reach: Option<i64>,
    /// Times shown.
    pub impressions: i64,
    /// Times the link was followed.
    pub clicks: i64,
    /// What it cost.
    pub spent: Cents,
    /// Responses that came through its link.
    pub responses: i64,
}

impl AdResult {
    /// What a response cost, a begun cent counted whole; none without a response.
    #[must_use]
    pub const fn cost_per_response(&self) -> Option<Cents> {
        if self.responses <= 0 {
            return None;
        }
        Some(Cents((self.spent.0 + self.responses - 1) / self.responses))
    }
}

/// A cell no spreadsheet takes for a formula, and no comma breaks.
fn cell(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains(['"', ',', '\n', '\r', ';']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

/// As CSV with a head (RFC 4180); `title` is the appeal's, and the only text somebody typed.
#[must_use]
pub fn to_csv(title: &str, results: &[AdResult]) -> String {
    let mut csv = String::from(
        "appeal,platform,language,ceiling_eur,spent_eur,forecast_people,reach,forecast_impressions,impressions,clicks,responses,eur_per_response\r\n",
    );
    for one in results {
        let reach = one.reach.map(|reach| reach.to_string()).unwrap_or_default();
        let each = one.cost_per_response().map(|cents| cents.to_string()).unwrap_or_default();
        let _ = write!(
            csv,
            "{},{},{},{},{},{},{reach},{},{},{},{},{each}\r\n",
            cell(title),
            one.platform,
            one.language,
            one.ceiling,
            one.spent,
            one.forecast.people,
            one.forecast.impressions,
            one.impressions,
            one.clicks,
            one.responses,
        );
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PRICES: Prices = Prices { cents_per_thousand: 400, tenths_per_person: 16 };

    #[test]
    fn ten_euro_in_a_town_and_in_a_hamlet() {
        let town = forecast(86_000, Cents(1_000), PRICES);
        assert_eq!(town, Forecast { people: 1_562, impressions: 2_500, cost: Cents(1_000) });
        let hamlet = forecast(200, Cents(1_000), PRICES);
        assert_eq!(hamlet, Forecast { people: 200, impressions: 320, cost: Cents(128) });
    }

    #[test]
    fn a_report_is_no_formula() {
        let result = AdResult {
            platform: AimPlatform::Meta,
            language: Language::Fr,
            ceiling: Cents(4_500),
            forecast: forecast(60_000, Cents(4_500), PRICES),
            reach: None,
            impressions: 9_000,
            clicks: 80,
            spent: Cents(3_601),
            responses: 3,
        };
        let csv = to_csv("=cmd|' /C calc'!A0, \"Lina\"", std::slice::from_ref(&result));
        let row = csv.lines().nth(1).unwrap_or_default();
        assert_eq!(row, "\"'=cmd|' /C calc'!A0, \"\"Lina\"\"\",meta,fr,45.00,36.01,7031,,11250,9000,80,3,12.01");
        assert_eq!(AdResult { responses: 0, ..result }.cost_per_response(), None);
    }

    proptest! {
        #[test]
        fn nothing_beyond_the_people_and_the_money_is_promised(reachable in 0_i64..20_000_000, cents in 0_i64..10_000_000) {
            let told = forecast(reachable, Cents(cents), PRICES);
            prop_assert!(told.people <= reachable && told.cost <= Cents(cents) && told.people <= told.impressions);
        }
    }
}
