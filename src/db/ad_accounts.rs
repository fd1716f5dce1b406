//! What the set-up checks of advertising accounts found, and when.

use super::schema::ad_accounts;
use super::{Conn, DbError, per_backend};
use crate::domain::scope::ChannelKind;
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// An account as it was last checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdAccount {
    /// As the breaker knows it: `meta_ads:1001`.
    pub account: String,
    /// For which channel.
    pub channel: ChannelKind,
    /// When.
    pub checked_at: DateTime<Utc>,
    /// ISO 4217; empty when the check failed.
    pub currency: String,
    /// IANA name; empty where the platform told none.
    pub time_zone: String,
    /// The platform's own ids of languages: `{"fr": ["1003"]}`.
    pub languages: String,
    /// Its least budget a day, where it tells it beforehand.
    pub least_daily_cents: Option<i64>,
    /// Why it cannot be used, a code; empty when it can.
    pub trouble: String,
    /// The platform's words.
    pub detail: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = ad_accounts)]
struct Row {
    account: String,
    channel: String,
    checked_at: NaiveDateTime,
    currency: String,
    time_zone: String,
    languages: String,
    least_daily_cents: Option<i64>,
    trouble: String,
    detail: String,
}

/// Every account that was ever checked, by name.
pub fn all(conn: &mut Conn) -> Result<Vec<AdAccount>, DbError> {
    let rows: Vec<Row> = ad_accounts::table.order(ad_accounts::account).select(Row::as_select()).load(conn)?;
    let read = |row: Row| {
        Ok(AdAccount {
            account: row.account,
            channel: ChannelKind::parse(&row.channel)
                .ok_or_else(|| DbError::corrupt("ad_accounts.channel", row.channel))?,
            checked_at: row.checked_at.and_utc(),
            currency: row.currency,
            time_zone: row.time_zone,
            languages: row.languages,
            least_daily_cents: row.least_daily_cents,
            trouble: row.trouble,
            detail: row.detail,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Stores a check in place of the one before.
pub fn store(conn: &mut Conn, checked: &AdAccount) -> Result<(), DbError> {
    use ad_accounts as a;
    let rest = (
        a::channel.eq(checked.channel.code()),
        a::checked_at.eq(checked.checked_at.naive_utc()),
        a::currency.eq(&checked.currency),
        a::time_zone.eq(&checked.time_zone),
        a::languages.eq(&checked.languages),
        a::least_daily_cents.eq(checked.least_daily_cents),
        a::trouble.eq(&checked.trouble),
        a::detail.eq(&checked.detail),
    );
    per_backend!(conn, c => diesel::insert_into(a::table)
        .values((a::account.eq(&checked.account), rest))
        .on_conflict(a::account)
        .do_update()
        .set(rest)
        .execute(c))?;
    Ok(())
}
