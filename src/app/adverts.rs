//! A plan's paid parts: the words composed for each platform, the aim on the cells of their language, the picture, the share of
//! the budget, the last moment. Pure but for the catalogue; nothing is asked of a platform here.

use super::stored_aims::{Aims, is_spoken};
use super::{App, mail};
use crate::db::access::Unit;
use crate::db::account_caps;
use crate::db::ad_accounts::AdAccount;
use crate::db::ad_estimates::Estimate;
use crate::db::appeals::Appeal;
use crate::db::{Conn, DbError};
use crate::domain::advert::{AdAim, AdContent, AdSource, AdultAges, Cents, Forecast, Prices, compose, forecast};
use crate::domain::aim::AimPlatform;
use crate::domain::canonical;
use crate::domain::gate::Refusal;
use crate::domain::language::Language;
use crate::domain::notice::Notice;
use crate::domain::paid::shares;
use crate::domain::place::Country;
use crate::domain::plan::{Plan, PlanItem};
use crate::domain::scope::ChannelKind;
use crate::words::{Family, Locale, Words};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// Whether a text goes out on a channel: everywhere but on a platform where nobody in the area has its language.
#[must_use]
pub fn is_shown(appeal: &Appeal, channel: ChannelKind, language: Language) -> bool {
    !channel.is_paid() || appeal.area.as_ref().is_some_and(|area| is_spoken(area, language))
}

/// The share of each paid part of an appeal in its budget, in the order of the plan.
#[must_use]
pub fn caps(appeal: &Appeal) -> Vec<i64> {
    let paid = appeal.draft.channels.iter().filter(|channel| channel.is_paid());
    let parts = paid.flat_map(|channel| {
        appeal.draft.notices.keys().filter(|language| is_shown(appeal, *channel, **language)).map(|_| ())
    });
    shares(appeal.draft.budget_cents.unwrap_or(0), parts.count())
}

const fn zone(country: Country) -> Tz {
    match country {
        Country::Be => chrono_tz::Europe::Brussels,
        Country::Fr => chrono_tz::Europe::Paris,
    }
}

/// The last whole day before `end`, where a platform ends campaigns with days; none elsewhere.
#[must_use]
pub fn last_day(platform: AimPlatform, country: Country, end: DateTime<Utc>) -> Option<NaiveDate> {
    if platform != AimPlatform::Google {
        return None;
    }
    let local = end.with_timezone(&zone(country));
    let is_whole = (local + TimeDelta::seconds(1)).date_naive() > local.date_naive();
    Some(if is_whole { local.date_naive() } else { local.date_naive() - TimeDelta::days(1) })
}

/// Everything a paid part is made from.
pub struct Part<'a> {
    /// The appeal.
    pub appeal: &'a Appeal,
    /// Who appeals.
    pub unit: &'a Unit,
    /// The text.
    pub notice: &'a Notice,
    /// Where.
    pub channel: ChannelKind,
    /// On which platform that is.
    pub platform: AimPlatform,
    /// When the plan ends.
    pub ends_at: DateTime<Utc>,
    /// Its share of the budget.
    pub cap_cents: i64,
}

/// Adds what a platform's own form needs to the finished content of a paid part; why it cannot be made where something is
/// missing.
pub fn complete(app: &App, aims: &Aims, part: &Part<'_>, page: &Value, shows: &mut Value) -> Vec<Refusal> {
    let Part { appeal, unit, notice, channel, platform, .. } = part;
    let (channel, language) = (channel.code(), notice.language);
    let mut refusals = Vec::new();
    let words = Words::of(Locale::from(language));
    let kind = words.label(Family::Kind, appeal.draft.kind().code());
    let contact = if unit.contact.is_empty() {
        String::new()
    } else {
        words.say_with("ad-contact", &[("number", unit.contact.as_str())]).into_owned()
    };
    let issuer = if app.config.ads.short_name.is_empty() { &unit.name } else { &app.config.ads.short_name };
    let link = format!("{}?c={channel}", mail::page_url(app, language, &appeal.slug));
    let source = AdSource {
        kind: &kind,
        headline: &notice.headline,
        lead: &notice.lead,
        look_for: &notice.look_for,
        contact: &contact,
        issuer,
        link: &link,
    };
    let text = compose(*platform, &source).map_err(|unfit| refusals.push(Refusal::Unfit { channel, language, unfit }));
    let aim = aims.aim(*platform, language).map_err(|why| refusals.push(Refusal::NotAimed { channel, language, why }));
    let ages = appeal.draft.ad_ages.unwrap_or(AdultAges::ALL);
    if !ages.fits(*platform) {
        let taken = AdultAges::taken_by(*platform);
        refusals.push(Refusal::Ages { channel, ages: ages.to_string(), taken });
    }
    let picture = picture(page);
    if *platform == AimPlatform::Google && picture.is_none() {
        refusals.push(Refusal::NoAdPicture(channel));
    }
    let Some(shows) = shows.as_object_mut() else { return refusals };
    shows.insert("cap_cents".to_owned(), json!(part.cap_cents));
    if let Some(day) = last_day(*platform, appeal.draft.country, part.ends_at) {
        shows.insert("last_day".to_owned(), json!(day.to_string()));
    }
    if let (Ok(text), Ok(aim)) = (text, aim) {
        let placement = aim.placement.clone();
        let content = AdContent { text, placement, ages, link, picture };
        shows.insert("ad".to_owned(), content.to_document());
        shows.insert("aim".to_owned(), aim.summary());
    }
    refusals
}

/// The first picture of a page, of the appeal or else of a lot: the rendition that is published, and what it shows.
fn picture(page: &Value) -> Option<(String, String)> {
    let leading = page.get("pictures").and_then(Value::as_array).into_iter().flatten();
    let of_lots = page.get("lots").and_then(Value::as_array).into_iter().flatten().filter_map(|lot| lot.get("picture"));
    leading.chain(of_lots).find_map(|picture| {
        let digest = picture.pointer("/large/digest")?.as_str()?;
        Some((digest.to_owned(), picture.get("alt")?.as_str()?.to_owned()))
    })
}

/// What a paid part is expected to bring.
#[must_use]
pub fn expected(app: &App, content: &Value) -> Forecast {
    let people = content.pointer("/aim/reached_inhabitants").and_then(Value::as_i64).unwrap_or(0);
    let cap = content.get("cap_cents").and_then(Value::as_i64).unwrap_or(0);
    let prices = Prices {
        cents_per_thousand: app.config.ads.cents_per_thousand,
        tenths_per_person: app.config.ads.tenths_per_person,
    };
    forecast(people, Cents(cap), prices)
}

/// A paid part of a plan as people look at it before anything is made.
#[derive(Clone, Debug)]
pub struct PaidPart {
    /// Where.
    pub channel: ChannelKind,
    /// On which platform that is.
    pub platform: AimPlatform,
    /// In which language.
    pub language: Language,
    /// Its share of the budget, euro cents.
    pub cap_cents: i64,
    /// Where it is shown and how well that fits; none while there is no aim.
    pub aim: Option<AdAim>,
    /// What it is expected to bring.
    pub forecast: Forecast,
    /// What the platform said of exactly this content, or why it could not; none before it is asked.
    pub said: Option<Estimate>,
    /// Of which age those are who are shown it.
    pub ages: AdultAges,
    /// Its last day, where the platform ends campaigns with days.
    pub last_day: Option<NaiveDate>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// The account it would be made in; none where there is none.
    pub account: Option<AccountTerms>,
}

/// How much an account may be asked, and what is left of its month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTerms {
    /// As the breaker knows it: `meta_ads:1001`.
    pub name: String,
    /// Calls a minute.
    pub per_minute: u32,
    /// What its campaigns may cost in a month and what of it is neither set aside nor spent; none without a cap.
    pub cap: Option<(Cents, Cents)>,
}

/// The account of a channel as it stands in the month of `now`.
pub fn account_terms(
    conn: &mut Conn,
    app: &App,
    channel: ChannelKind,
    now: DateTime<Utc>,
) -> Result<Option<AccountTerms>, DbError> {
    let Some(port) = app.ports.port(channel) else { return Ok(None) };
    let name = port.account();
    let cap = match port.monthly_cap_cents() {
        None => None,
        Some(most) => {
            let (reserved, committed) = account_caps::used(conn, &name, &account_caps::month_of(now))?;
            Some((Cents(most), Cents((most - reserved - committed).max(0))))
        }
    };
    Ok(Some(AccountTerms { name, per_minute: port.budget().per_minute, cap }))
}

/// The channels whose accounts have less left of their month than the plan's parts may cost there.
#[must_use]
pub fn over_account_caps(parts: &[PaidPart]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for part in parts {
        let needs = parts.iter().filter(|other| other.channel == part.channel).map(|other| other.cap_cents).sum();
        if let Some((_, left)) = part.account.as_ref().and_then(|account| account.cap)
            && left.0 < needs
        {
            refusals.push(Refusal::AccountCap { channel: part.channel.code(), needs: Cents(needs), left });
        }
    }
    refusals
}

/// The paid parts of a plan, with what platforms said of them.
#[must_use]
pub fn parts(app: &App, appeal: &Appeal, plan: &Plan, aims: &Aims, said: &[Estimate]) -> Vec<PaidPart> {
    let part = |item: &PlanItem| {
        let platform = item.channel.platform()?;
        let digest = canonical::digest(&item.content);
        let fits = |one: &&Estimate| {
            (one.channel, one.language) == (item.channel, item.language) && one.content_digest == digest
        };
        Some(PaidPart {
            channel: item.channel,
            platform,
            language: item.language,
            cap_cents: super::advertise::cap_of(&item.content),
            aim: aims.aim(platform, item.language).ok().cloned(),
            forecast: expected(app, &item.content),
            said: said.iter().find(fits).cloned(),
            ages: appeal.draft.ad_ages.unwrap_or(AdultAges::ALL),
            last_day: last_day(platform, appeal.draft.country, plan.ends_at),
            ends_at: plan.ends_at,
            account: None,
        })
    };
    plan.items.iter().filter_map(part).collect()
}

/// What speaks against a paid part before it is ordered: too little money for its days, no day at all, the platform's word.
#[must_use]
pub fn refusals(app: &App, part: &PaidPart, accounts: &[AdAccount], starts_at: DateTime<Utc>) -> Vec<Refusal> {
    let (channel, language) = (part.channel.code(), part.language);
    let mut refusals = Vec::new();
    let today = |at: DateTime<Utc>| at.with_timezone(&chrono_tz::Europe::Brussels).date_naive();
    if part.last_day.is_some_and(|day| day < today(starts_at)) {
        refusals.push(Refusal::NoWholeDay(channel));
    }
    let life = part.ends_at - starts_at;
    let days = (life.num_days() + i64::from(life > TimeDelta::days(life.num_days()))).max(1);
    let account = app.ports.port(part.channel).map(|port| port.account());
    let kept = accounts.iter().find(|one| Some(&one.account) == account.as_ref());
    let told = part.said.as_ref().and_then(|said| said.least_cents);
    let least = kept.and_then(|kept| kept.least_daily_cents).or(told).map(|least| least.saturating_mul(days));
    // Where a campaign is divided, the least counts for each of its ad sets.
    let sets = part.aim.as_ref().map(|aim| aim.placement.shares(Cents(part.cap_cents))).unwrap_or_default();
    let smallest = sets.iter().copied().min().unwrap_or(Cents(part.cap_cents));
    if let Some(least) = least.filter(|least| part.cap_cents > 0 && part.cap_cents < *least) {
        refusals.push(Refusal::BelowLeast { channel, language, has: Cents(part.cap_cents), least: Cents(least) });
    } else if let Some(least) = least.filter(|least| part.cap_cents > 0 && smallest.0 < *least) {
        let (sets, has, least) = (sets.len(), smallest, Cents(least));
        refusals.push(Refusal::SetBelowLeast { channel, language, sets, has, least });
    } else if let Some(said) = part.said.as_ref().filter(|said| super::foretell::is_objection(&said.trouble)) {
        refusals.push(Refusal::Objection { channel, language, words: said.detail.clone() });
    }
    refusals
}
