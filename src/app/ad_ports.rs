//! The advertising accounts of an installation: its configuration and its sealed credentials become ports of the engine, and
//! what their set-up checks find is kept with a date.

use super::{App, AppError, channel_accounts};
use crate::channels::ads::google::{GoogleClient, Known};
use crate::channels::ads::meta::MetaClient;
use crate::channels::ads::x::XClient;
use crate::channels::ads::{
    AdPictures, AdPlatform, AdPort, AdRecords, Declaration, Failed, Maker, Moments, SetUp, Trouble,
};
use crate::channels::paid::{PaidPort, Ports};
use crate::config::{AccountLimits, GoogleAds, MetaAds, SecretText, XAds};
use crate::db::ad_accounts::{self as rows, AdAccount};
use crate::db::channel_accounts as sealed;
use crate::domain::advert::Cents;
use crate::domain::channel_place::ListedPlace;
use crate::domain::language::Language;
use crate::domain::scope::ChannelKind;
use crate::media;
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as StdMutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// Pictures kept in their shapes: every campaign of an appeal shows the same few.
const KEPT: usize = 8;

type Shaped = Result<(Bytes, Bytes), String>;

/// What was shaped lately, newest last, by digest; whoever asks while it is made waits for it.
static SHAPED: StdMutex<Vec<(String, Arc<OnceLock<Shaped>>)>> = StdMutex::new(Vec::new());

fn shaped(digest: &str, bytes: &[u8]) -> Shaped {
    let one = {
        let mut kept = SHAPED.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().position(|(known, _)| known == digest);
        let one = known.map_or_else(Arc::default, |at| kept.remove(at).1);
        kept.push((digest.to_owned(), Arc::clone(&one)));
        let more = kept.len().saturating_sub(KEPT);
        kept.drain(..more);
        one
    };
    let made = || media::shapes(bytes).map(|(wide, square)| (wide.into(), square.into())).map_err(|e| e.to_string());
    one.get_or_init(made).clone()
}

/// Pictures as they are published, in the shapes of advertisements.
struct Shapes(media::MediaStore);

#[async_trait]
impl AdPictures for Shapes {
    async fn shapes(&self, digest: &str) -> Result<(Bytes, Bytes), String> {
        let bytes = self.0.get(digest).await.map_err(|e| e.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("picture {digest} is not stored"))?;
        let digest = digest.to_owned();
        tokio::task::spawn_blocking(move || shaped(&digest, &bytes)).await.map_err(|e| e.to_string())?
    }
}

/// What an account's port keeps in the database. Holds the whole of the application but its ports.
struct Records {
    app: App,
    account: String,
    channel: ChannelKind,
    /// The account's platform and name in the register of sealed credentials; none where the configuration has it all.
    sealed: Option<(&'static str, String)>,
}

#[async_trait]
impl AdRecords for Records {
    async fn credential(&self) -> Result<Option<Zeroizing<String>>, String> {
        let Some((platform, name)) = self.sealed.clone() else { return Ok(None) };
        let app = self.app.clone();
        let opened = self.app.db.write(move |conn| {
            let fits = |one: &sealed::Account| {
                one.platform == platform && one.name == name && one.status == "active" && !one.last_four.is_empty()
            };
            match sealed::all(conn, None)?.into_iter().find(fits) {
                Some(account) => channel_accounts::open_credential(conn, &app, &account.id).map(Some),
                None => Ok::<_, AppError>(None),
            }
        });
        let Some(bytes) = opened.await.map_err(|e| e.to_string())? else {
            return Err(format!("no credential: neither configured nor kept for {}", self.account));
        };
        String::from_utf8(bytes.to_vec()).map(|text| Some(Zeroizing::new(text))).map_err(|e| e.to_string())
    }

    async fn found(&self) -> Option<SetUp> {
        let (app, account) = (self.app.clone(), self.account.clone());
        let read = self.app.db.read(move |conn| {
            let now = app.clock.now(conn)?;
            let fresh = now - TimeDelta::days(i64::from(app.config.ads.recheck_days));
            let kept = rows::all(conn)?.into_iter().find(|row| row.account == account);
            Ok::<_, AppError>(kept.filter(|row| row.trouble.is_empty() && row.checked_at > fresh))
        });
        let row = read.await.ok().flatten()?;
        let languages: BTreeMap<String, Vec<String>> = serde_json::from_str(&row.languages).ok()?;
        let languages = languages.into_iter().map(|(code, ids)| Some((Language::parse(&code).ok()?, ids)));
        Some(SetUp {
            currency: row.currency,
            time_zone: row.time_zone,
            languages: languages.collect::<Option<_>>()?,
            least_daily: row.least_daily_cents.map(Cents),
        })
    }

    async fn checked(&self, found: &Result<SetUp, Failed>) {
        let (app, account, channel) = (self.app.clone(), self.account.clone(), self.channel);
        let (found, failed) = match found {
            Ok(found) => (found.clone(), None),
            Err(failed) => (SetUp::default(), Some(failed.clone())),
        };
        let kept = self.app.db.write(move |conn| {
            let languages: BTreeMap<&str, &Vec<String>> =
                found.languages.iter().map(|(language, ids)| (language.code(), ids)).collect();
            let row = AdAccount {
                account,
                channel,
                checked_at: app.clock.now(conn)?,
                currency: found.currency.clone(),
                time_zone: found.time_zone.clone(),
                languages: serde_json::to_string(&languages).map_err(|e| AppError::Broken(e.to_string()))?,
                least_daily_cents: found.least_daily.map(|least| least.0),
                trouble: failed.as_ref().map(|failed| failed.trouble.code().to_owned()).unwrap_or_default(),
                detail: failed.map(|failed| failed.detail).unwrap_or_default(),
            };
            Ok::<_, AppError>(rows::store(conn, &row)?)
        });
        if let Err(cause) = kept.await {
            tracing::error!(event = "ads.check", account = self.account, %cause);
        }
    }
}

/// The one that is set: what the configuration says goes before what is kept sealed.
fn either(configured: &SecretText, kept: Option<&str>) -> SecretText {
    if configured.is_empty() { kept.unwrap_or_default().into() } else { configured.clone() }
}

fn meta(config: MetaAds, timeout: Duration, moments: Moments) -> Maker {
    Box::new(move |found, kept| {
        let config = MetaAds { token: either(&config.token, kept), ..config.clone() };
        let numbers = |ids: &Vec<String>| ids.iter().filter_map(|id| id.parse().ok()).collect();
        let locales = found.languages.iter().map(|(language, ids)| (*language, numbers(ids))).collect();
        let client: Arc<dyn AdPlatform> = Arc::new(MetaClient::new(config, locales, timeout, moments.clone())?);
        Ok(client)
    })
}

fn google(config: GoogleAds, timeout: Duration, moments: Moments) -> Maker {
    Box::new(move |found, kept| {
        let config = GoogleAds { refresh_token: either(&config.refresh_token, kept), ..config.clone() };
        let first = |(language, ids): (&Language, &Vec<String>)| Some((*language, ids.first()?.clone()));
        let known = Known {
            languages: found.languages.iter().filter_map(first).collect(),
            time_zone: found.time_zone.parse().ok(),
        };
        let client: Arc<dyn AdPlatform> = Arc::new(GoogleClient::new(config, known, timeout, moments.clone())?);
        Ok(client)
    })
}

/// X's credential is two texts; kept sealed they stand in one, with a blank between.
fn x_client(config: &XAds, kept: Option<&str>, timeout: Duration, moments: &Moments) -> Result<XClient, String> {
    let (token, secret) = kept.and_then(|kept| kept.split_once(char::is_whitespace)).unzip();
    let config = XAds {
        token: either(&config.token, token.map(str::trim)),
        token_secret: either(&config.token_secret, secret.map(str::trim)),
        ..config.clone()
    };
    XClient::new(config, timeout, moments.clone())
}

fn x(config: XAds, timeout: Duration, moments: Moments) -> Maker {
    Box::new(move |_, kept| {
        let client: Arc<dyn AdPlatform> = Arc::new(x_client(&config, kept, timeout, &moments)?);
        Ok(client)
    })
}

fn records(app: &App, channel: ChannelKind, id: &str, sealed: Option<&'static str>) -> Records {
    // Without the ports, which would hold themselves.
    let mut app = app.clone();
    app.ports = Ports::default();
    Records {
        app,
        account: format!("{channel}:{id}"),
        channel,
        sealed: sealed.map(|platform| (platform, id.to_owned())),
    }
}

fn timeout(app: &App) -> Duration {
    Duration::from_secs(app.config.ads.timeout_seconds.clamp(1, 30))
}

fn moments(app: &App) -> Moments {
    let clock = app.clock.clone();
    Moments::by(move || clock.shifted(Utc::now()))
}

/// X's own list of places of Belgium and France, as X gives it out now.
pub async fn places_of_x(app: &App) -> Result<Vec<ListedPlace>, Failed> {
    let config = &app.config.x_ads;
    let set_up = |why: String| Failed::person(Trouble::SetUp, why);
    let sealed = config.token.is_empty().then_some("x-ads");
    let kept = records(app, ChannelKind::XAds, &config.account, sealed).credential().await.map_err(set_up)?;
    let client = x_client(config, kept.as_ref().map(|kept| kept.as_str()), timeout(app), &moments(app));
    client.map_err(set_up)?.places(&["BE", "FR"]).await
}

/// The accounts the configuration names.
#[must_use]
pub fn accounts(app: &App) -> BTreeMap<ChannelKind, Arc<AdPort>> {
    let ads = &app.config.ads;
    let (timeout, moments) = (timeout(app), moments(app));
    let port = |channel: ChannelKind, id: &str, limits: &AccountLimits, sealed: Option<&'static str>, maker: Maker| {
        let pictures = Arc::new(Shapes(app.media.clone()));
        let records = records(app, channel, id, sealed);
        let port = AdPort {
            name: records.account.clone(),
            per_minute: limits.calls_per_minute,
            monthly_cap_cents: limits.monthly_cap_cents,
            settle: TimeDelta::seconds(i64::from(ads.settle_seconds)),
            declaration: Declaration { beneficiary: ads.beneficiary.clone(), payer: ads.payer.clone() },
            pictures,
            maker,
            records: Some(Arc::new(records)),
            ready: Mutex::default(),
            moments: moments.clone(),
        };
        (channel, Arc::new(port))
    };
    let mut all = BTreeMap::new();
    let (m, g, x_ads) = (&app.config.meta_ads, &app.config.google_ads, &app.config.x_ads);
    if m.is_on() {
        let sealed = m.token.is_empty().then_some("meta-ads");
        all.extend([port(
            ChannelKind::MetaAds,
            &m.account,
            &m.limits,
            sealed,
            meta(m.clone(), timeout, moments.clone()),
        )]);
    }
    if g.is_on() {
        let sealed = g.refresh_token.is_empty().then_some("google-ads");
        all.extend([port(
            ChannelKind::GoogleAds,
            &g.customer,
            &g.limits,
            sealed,
            google(g.clone(), timeout, moments.clone()),
        )]);
    }
    if x_ads.is_on() {
        let sealed = x_ads.token.is_empty().then_some("x-ads");
        all.extend([port(
            ChannelKind::XAds,
            &x_ads.account,
            &x_ads.limits,
            sealed,
            x(x_ads.clone(), timeout, moments.clone()),
        )]);
    }
    all
}

/// The same, for the engine.
#[must_use]
pub fn ports(app: &App) -> Ports {
    let mut ports = Ports::default();
    for (channel, port) in accounts(app) {
        ports.add(channel, port);
    }
    ports
}

/// What an operator should know: accounts that were found unusable, and those never checked.
pub fn standing(app: &App) -> Result<String, String> {
    let checked = app.db.read_now(rows::all).map_err(|e: crate::db::DbError| e.to_string())?;
    let (mut well, mut wrong) = (Vec::new(), Vec::new());
    for port in accounts(app).into_values() {
        let name = port.account();
        match checked.iter().find(|row| row.account == name) {
            None => well.push(format!("{name} not checked yet (`tocsin channel check`)")),
            Some(row) if row.trouble.is_empty() => well.push(format!("{name} checked {}", row.checked_at.date_naive())),
            Some(row) => wrong.push(format!("{name} {}: {}", row.trouble, row.detail)),
        }
    }
    match (well.is_empty(), wrong.is_empty()) {
        (_, false) => Err(wrong.join("; ")),
        (true, true) => Ok("off: no account configured".to_owned()),
        (false, true) => Ok(well.join("; ")),
    }
}
