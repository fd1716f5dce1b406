//! Paid platforms, from the client's side: what is sent in a campaign's life, and what comes of it when answers get lost.

mod faults;
mod life;
mod port;
mod record;

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tocsin::channels::ads::google::{GoogleClient, Known};
use tocsin::channels::ads::meta::MetaClient;
use tocsin::channels::ads::x::XClient;
use tocsin::channels::ads::{AdOrder, AdPicture, AdPlatform, Declaration, Moments};
use tocsin::config;
use tocsin::domain::advert::{AdKey, AdSource, AdultAges, Audience, Cents, Placement, compose};
use tocsin::domain::aim::{AimPlatform, Circles};
use tocsin::domain::area::Circle;
use tocsin::domain::language::Language;
use tocsin::simulators::{Clock, GoogleAccount, GoogleAds, MetaAccount, MetaAds, Simulator, XAccount, XAds, XPlace};

const TIMEOUT: Duration = Duration::from_secs(2);

/// A platform, a client of it, and one clock for both.
pub struct Bench {
    pub simulator: Simulator,
    pub client: Arc<dyn AdPlatform>,
    moments: Moments,
    clock: Arc<Mutex<DateTime<Utc>>>,
}

pub fn start_of_day() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_510_800, 0).unwrap()
}

/// Numbers of languages as the simulators list them.
fn locales() -> BTreeMap<Language, Vec<u32>> {
    BTreeMap::from([(Language::Fr, vec![1201, 1209]), (Language::Nl, vec![1214, 1283]), (Language::De, vec![1205])])
}

fn places() -> Vec<XPlace> {
    let place = |id: &str, name: &str, kind: &str| XPlace {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        country: "BE".to_owned(),
    };
    vec![
        place("00000000000000a1", "Belgium", "COUNTRIES"),
        place("00000000000000a3", "Elsene", "CITIES"),
        place("00000000000000a6", "1050", "POSTAL_CODES"),
        place("00000000000000a7", "Kraainem", "CITIES"),
    ]
}

impl Bench {
    pub async fn of(platform: AimPlatform) -> Self {
        Self::with(platform, MetaAccount::default()).await
    }

    pub async fn with(platform: AimPlatform, meta: MetaAccount) -> Self {
        let clock = Arc::new(Mutex::new(start_of_day()));
        let shared = clock.clone();
        let count = Arc::new(AtomicU32::new(0));
        let nonce = move || format!("nonce-{:04}", count.fetch_add(1, Ordering::Relaxed));
        let moments = Moments::new(move || *shared.lock().unwrap(), nonce);
        let kept = moments.clone();
        let at = SocketAddr::from(([127, 0, 0, 1], 0));
        let standing = Clock::standing(start_of_day());
        let (simulator, client): (Simulator, Arc<dyn AdPlatform>) = match platform {
            AimPlatform::Meta => {
                let (token, secret) = (meta.token.clone(), meta.app_secret.clone());
                let simulator = Simulator::start(at, Box::new(MetaAds::new(meta)), standing).await.unwrap();
                let config = config::MetaAds {
                    base_url: simulator.base_url(),
                    account: "1001".to_owned(),
                    page: "2002".to_owned(),
                    token: token.as_str().into(),
                    app_secret: secret.as_str().into(),
                    ..config::MetaAds::default()
                };
                let client = MetaClient::new(config, locales(), TIMEOUT, moments).unwrap();
                (simulator, Arc::new(client))
            }
            AimPlatform::Google => {
                let account = GoogleAccount::default();
                let platform = Box::new(GoogleAds::new(account.clone()));
                let simulator = Simulator::start(at, platform, standing).await.unwrap();
                let config = config::GoogleAds {
                    base_url: simulator.base_url(),
                    token_url: format!("{}/token", simulator.base_url()),
                    customer: account.customer,
                    manager: account.manager,
                    client_id: account.client_id,
                    client_secret: account.client_secret.as_str().into(),
                    refresh_token: account.refresh_token.as_str().into(),
                    ..config::GoogleAds::default()
                };
                let numbers = [(Language::Fr, "1002"), (Language::Nl, "1010"), (Language::De, "1001")];
                let known = Known {
                    languages: numbers.map(|(language, id)| (language, id.to_owned())).into(),
                    time_zone: Some(chrono_tz::Europe::Brussels),
                };
                let client = GoogleClient::new(config, known, TIMEOUT, moments).unwrap();
                (simulator, Arc::new(client))
            }
            AimPlatform::X => {
                let account = XAccount { places: places(), ..XAccount::default() };
                let platform = Box::new(XAds::new(account.clone()));
                let simulator = Simulator::start(at, platform, standing).await.unwrap();
                let config = config::XAds {
                    base_url: simulator.base_url(),
                    media_url: simulator.base_url(),
                    account: account.account,
                    funding: account.funding,
                    user: account.user,
                    consumer_key: account.consumer_key.as_str().into(),
                    consumer_secret: account.consumer_secret.as_str().into(),
                    token: account.token.as_str().into(),
                    token_secret: account.token_secret.as_str().into(),
                    ..config::XAds::default()
                };
                (simulator, Arc::new(XClient::new(config, TIMEOUT, moments).unwrap()))
            }
        };
        Self { simulator, client, moments: kept, clock }
    }

    /// Time goes on, for both.
    pub fn advance(&self, by: TimeDelta) {
        *self.clock.lock().unwrap() += by;
        self.simulator.advance(by);
    }

    pub fn moments(&self) -> Moments {
        self.moments.clone()
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.clock.lock().unwrap()
    }
}

/// The missing girl of Ixelles in French, for a week.
pub fn order(platform: AimPlatform, key: &str) -> AdOrder {
    let circle = |lat, lon, radius| Circle::new(lat, lon, radius).unwrap();
    let unit = |excludes: Vec<Circle>| Circles {
        includes: vec![circle(50.8333, 4.3667, 1_800.0), circle(50.8155, 4.3922, 1_200.0)],
        excludes,
    };
    let placement = match platform {
        AimPlatform::Meta => Placement::Circles(vec![
            (unit(vec![circle(50.8503, 4.3517, 1_000.0)]), 60_000.into()),
            (Circles { includes: vec![circle(50.8631, 4.4697, 2_000.0)], excludes: Vec::new() }, 14_000.into()),
        ]),
        AimPlatform::Google => Placement::Circles(vec![(unit(Vec::new()), 60_000.into())]),
        AimPlatform::X => Placement::Places(vec!["00000000000000a3".to_owned(), "00000000000000a6".to_owned()]),
    };
    let link = format!("https://tocsin.example.be/fr/a/lina?c={platform}");
    let look_for = ["Une veste rouge".to_owned()];
    let source = AdSource {
        kind: "Disparition inquiétante",
        headline: "Lina, 11 ans, a disparu à Ixelles",
        lead: "Avez-vous vu Lina ? Elle a quitté l’école à 15 h 10.",
        look_for: &look_for,
        contact: "Appelez le 0800 30 300.",
        issuer: "Police fédérale",
        link: &link,
    };
    let text = compose(platform, &source).unwrap();
    let picture = |width, height| {
        let picture = image::RgbImage::from_pixel(width, height, image::Rgb([200, 150, 90]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        bytes::Bytes::from(bytes.into_inner())
    };
    AdOrder {
        key: AdKey::parse(key).unwrap(),
        audience: Audience { placement, language: Language::Fr, ages: AdultAges::ALL },
        text,
        link,
        picture: Some(AdPicture {
            landscape: picture(600, 314),
            square: picture(300, 300),
            alt: "Dessin d’une fille aux cheveux bruns".to_owned(),
        }),
        ceiling: Cents(4_500),
        starts_at: start_of_day(),
        ends_at: start_of_day() + TimeDelta::days(7),
        declaration: Declaration {
            beneficiary: "Police fédérale belge".to_owned(),
            payer: "Police fédérale belge".to_owned(),
        },
    }
}
