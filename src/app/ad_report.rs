//! What came of an appeal's advertisements: reach, clicks, responses through their links, cost of a response, and what was
//! expected, per platform and language.

use super::AppError;
use crate::db::{Conn, paid_effects, responses};
use crate::domain::advert::{AdResult, Cents};
use crate::domain::ids::AppealId;
use std::collections::BTreeMap;

/// One row for each platform and language, in their order; with each what stands in its way, a code.
/// Advertisements of one platform and language that were sent anew after a correction are one row.
pub fn results(conn: &mut Conn, appeal: &AppealId) -> Result<Vec<(AdResult, String)>, AppError> {
    let mut came: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (_, _, channel, language) in responses::counts(conn, appeal)? {
        *came.entry((channel, language)).or_default() += 1;
    }
    let mut rows: Vec<(AdResult, String)> = Vec::new();
    for (effect, language) in paid_effects::of_appeal(conn, appeal)? {
        let Some(platform) = effect.channel.platform() else { continue };
        let key = (effect.channel.code().to_owned(), language.code().to_owned());
        let new = AdResult {
            platform,
            language,
            ceiling: Cents(effect.cap_cents),
            forecast: effect.forecast,
            reach: effect.shown.reach,
            impressions: effect.shown.impressions,
            clicks: effect.shown.clicks,
            spent: Cents(effect.reported_cents),
            responses: came.get(&key).copied().unwrap_or(0),
        };
        match rows.iter_mut().find(|(row, _)| (row.platform, row.language) == (platform, language)) {
            None => rows.push((new, effect.trouble)),
            Some((row, trouble)) => {
                row.ceiling = Cents(row.ceiling.0 + new.ceiling.0);
                row.forecast.people += new.forecast.people;
                row.forecast.impressions += new.forecast.impressions;
                row.forecast.cost = Cents(row.forecast.cost.0 + new.forecast.cost.0);
                // People are not added up: the same ones may have seen both.
                row.reach = row.reach.max(new.reach);
                row.impressions += new.impressions;
                row.clicks += new.clicks;
                row.spent = Cents(row.spent.0 + new.spent.0);
                *trouble = effect.trouble;
            }
        }
    }
    rows.sort_by_key(|(row, _)| (row.platform.code(), row.language));
    Ok(rows)
}
