//! The three simulated platforms behind an installation's own ports, with one clock for everybody.

use super::workers::count;
use super::{TestApp, decision, missing_minor};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tocsin::channels::targeting::x::listed_places;
use tocsin::config::{self, Config};
use tocsin::db::deliveries::NewDelivery;
use tocsin::db::paid_effects::{self, Effect};
use tocsin::domain::dispatch::Purpose;
use tocsin::domain::ids::{AppealId, DeliveryId, DispatchId, LedgerId};
use tocsin::simulators::{
    Clock, GoogleAccount, GoogleAds, MetaAccount, MetaAds, Planned, Simulator, XAccount, XAds, XPlace,
};
use tocsin::worker::Worker;

/// Their channels.
pub const PAID: [&str; 3] = ["meta_ads", "google_ads", "x_ads"];

/// The platforms.
pub struct Platforms {
    pub meta: Simulator,
    pub google: Simulator,
    pub x: Simulator,
}

fn places() -> Vec<XPlace> {
    let place = |id: &str, name: &str| XPlace {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: "CITIES".to_owned(),
        country: "BE".to_owned(),
    };
    vec![place("00000000000000a1", "Ixelles"), place("00000000000000a2", "Kraainem")]
}

impl Platforms {
    pub async fn start() -> Self {
        Self::start_as(false).await
    }

    /// [`Platforms::start`] for [`add_cases`], which orders the same words again.
    pub async fn start_repeating() -> Self {
        Self::start_as(true).await
    }

    async fn start_as(repeats_posts: bool) -> Self {
        let at = SocketAddr::from((super::ANY, 0));
        let x = XAccount { places: places(), repeats_posts, ..XAccount::default() };
        let clock = Clock::running;
        Self {
            meta: Simulator::start(at, Box::new(MetaAds::new(MetaAccount::default())), clock()).await.unwrap(),
            google: Simulator::start(at, Box::new(GoogleAds::new(GoogleAccount::default())), clock()).await.unwrap(),
            x: Simulator::start(at, Box::new(XAds::new(x)), clock()).await.unwrap(),
        }
    }

    pub fn all(&self) -> [&Simulator; 3] {
        [&self.meta, &self.google, &self.x]
    }

    /// What the configuration of the accounts says, as variables.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let (meta, google, x) = (MetaAccount::default(), GoogleAccount::default(), XAccount::default());
        let url = |of: &Simulator| of.base_url().replace("0.0.0.0", "127.0.0.1");
        vec![
            ("TOCSIN_ADS__BENEFICIARY", "Police".to_owned()),
            ("TOCSIN_ADS__PAYER", "Police".to_owned()),
            ("TOCSIN_ADS__SHORT_NAME", "Police".to_owned()),
            ("TOCSIN_ADS__AIM_EFFORT", "quick".to_owned()),
            ("TOCSIN_META_ADS__BASE_URL", url(&self.meta)),
            ("TOCSIN_META_ADS__ACCOUNT", meta.account),
            ("TOCSIN_META_ADS__PAGE", meta.page),
            ("TOCSIN_META_ADS__TOKEN", meta.token),
            ("TOCSIN_META_ADS__APP_SECRET", meta.app_secret),
            ("TOCSIN_GOOGLE_ADS__BASE_URL", url(&self.google)),
            ("TOCSIN_GOOGLE_ADS__TOKEN_URL", format!("{}/token", url(&self.google))),
            ("TOCSIN_GOOGLE_ADS__CUSTOMER", google.customer),
            ("TOCSIN_GOOGLE_ADS__MANAGER", google.manager),
            ("TOCSIN_GOOGLE_ADS__CLIENT_ID", google.client_id),
            ("TOCSIN_GOOGLE_ADS__CLIENT_SECRET", google.client_secret),
            ("TOCSIN_GOOGLE_ADS__REFRESH_TOKEN", google.refresh_token),
            ("TOCSIN_X_ADS__BASE_URL", url(&self.x)),
            ("TOCSIN_X_ADS__MEDIA_URL", url(&self.x)),
            ("TOCSIN_X_ADS__ACCOUNT", x.account),
            ("TOCSIN_X_ADS__FUNDING", x.funding),
            ("TOCSIN_X_ADS__USER", x.user),
            ("TOCSIN_X_ADS__CONSUMER_KEY", x.consumer_key),
            ("TOCSIN_X_ADS__CONSUMER_SECRET", x.consumer_secret),
            ("TOCSIN_X_ADS__TOKEN", x.token),
            ("TOCSIN_X_ADS__TOKEN_SECRET", x.token_secret),
        ]
    }

    /// The same, as the program reads it.
    pub fn configure(&self, to: &mut Config) {
        let variables = self.variables().into_iter().map(|(name, value)| (name.to_owned(), value));
        let read = Config::load(None, variables).unwrap();
        let effort = config::AimEffort::Quick;
        (to.ads, to.meta_ads, to.google_ads, to.x_ads) = (read.ads, read.meta_ads, read.google_ads, read.x_ads);
        to.ads.aim_effort = effort;
        "Police".clone_into(&mut to.ads.short_name);
    }

    /// An installation whose accounts these are, with X's list of places.
    pub async fn installation(&self) -> TestApp {
        let app = TestApp::start_with(|config| self.configure(config)).await;
        Self::import_places(&app);
        app
    }

    pub fn import_places(app: &TestApp) {
        use tocsin::app::channel_places;
        let rows: Vec<Value> = places()
            .iter()
            .map(|place| {
                json!({"name": place.name, "country_code": place.country, "location_type": place.kind,
                    "targeting_value": place.id, "targeting_type": "LOCATION"})
            })
            .collect();
        let read = channel_places::read(app.app.gazetteer, listed_places(&json!({"data": rows}).to_string()).unwrap());
        app.app.db.write_now(|conn| channel_places::import(conn, &app.app, &read, None, true)).unwrap();
    }

    pub fn plan(&self, faults: [Planned; 3]) {
        for (simulator, fault) in self.all().into_iter().zip(faults) {
            simulator.plan(fault);
        }
    }

    pub fn heal(&self) {
        self.all().into_iter().for_each(Simulator::heal);
    }

    /// Time goes on for everybody.
    pub fn advance(&self, app: &TestApp, by: TimeDelta) {
        app.app.clock.advance(by);
        self.all().into_iter().for_each(|simulator| simulator.advance(by));
    }

    /// Works until nothing is left to do but to wait, in small steps, at most for `limit`.
    pub async fn settle(&self, app: &TestApp, limit: TimeDelta) {
        let worker = Worker::new(app.app.clone()).unwrap();
        let mut passed = TimeDelta::zero();
        loop {
            worker.run_until_idle().await.unwrap();
            let open = "SELECT COUNT(*) AS n FROM deliveries WHERE channel LIKE '%_ads' AND state IN ('pending', 'leased', 'effect_unknown')";
            if passed >= limit || count(app, open) == 0 {
                return;
            }
            let step = TimeDelta::seconds(15);
            self.advance(app, step);
            passed += step;
        }
    }

    /// How many campaigns of each name every platform has, and how many of all may be shown.
    pub fn campaigns(&self) -> (BTreeMap<String, usize>, usize) {
        let (mut names, mut shown) = (BTreeMap::new(), 0);
        for simulator in self.all() {
            for campaign in simulator.ledger()["campaigns"].as_array().unwrap() {
                let is_gone = ["DELETED", "REMOVED"].contains(&campaign["status"].as_str().unwrap());
                if !is_gone {
                    *names.entry(campaign["name"].as_str().unwrap().to_owned()).or_insert(0) += 1;
                }
                shown += usize::from(["ACTIVE", "ENABLED"].contains(&campaign["status"].as_str().unwrap()));
            }
        }
        (names, shown)
    }
}

/// Files the missing minor with advertisements, authorised and verified; its id.
pub async fn authorised(app: &TestApp, channels: &[&str], budget: i64) -> String {
    let mut appeal = missing_minor();
    let channels: Vec<&str> = ["page"].into_iter().chain(channels.iter().copied()).collect();
    (appeal["channels"], appeal["budget_cents"]) = (json!(channels), json!(budget));
    let id = app.filed_as(&appeal).await;
    let mut decision = decision(&app.appeal(&id).await);
    decision["scope"]["channels"] = json!(channels);
    decision["scope"]["paid_ads_cents"] = json!(budget);
    let authorisation = app.recorded(&id, &decision).await;
    app.verified(&authorisation).await;
    id
}

pub async fn plan(app: &TestApp, id: &str) -> Value {
    app.aimed().await;
    app.http.get(&app.team.investigator, &format!("/appeals/{id}/plan")).await
}

/// The codes of a plan's blockers, in order and each once.
pub fn blockers(plan: &Value) -> Vec<String> {
    let mut codes: Vec<String> =
        plan["blockers"].as_array().unwrap().iter().map(|b| b["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// Through the chain and into the outbox.
pub async fn dispatched(app: &TestApp, id: &str) -> String {
    let digest = app.plan_digest(id).await;
    app.http.decide(&app.team.investigator, &format!("/appeals/{id}/submission"), &digest, &json!({})).await;
    app.say_yes(id, &digest).await;
    let path = format!("/appeals/{id}/dispatches");
    let dispatch = app.http.decide(&app.team.dispatcher, &path, &digest, &json!({})).await;
    dispatch["id"].as_str().unwrap().to_owned()
}

/// The campaigns of an appeal as they are stored, whoever's session has ended.
pub fn effects(app: &TestApp, id: &str) -> Vec<Effect> {
    let id = AppealId::parse(id).unwrap();
    let all = app.app.db.read_now(|conn| paid_effects::of_appeal(conn, &id)).unwrap();
    all.into_iter().map(|(effect, _)| effect).collect()
}

/// Deliveries as if the plan had so many more paid parts, each part of it so many times again with as much money: set aside
/// under a ceiling raised for them.
pub fn add_cases(app: &TestApp, id: &str, dispatch: &str, times: usize) -> usize {
    use tocsin::db::{contents, deliveries, ledger};
    use tocsin::domain::advert::{Cents, Forecast};
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    let (appeal, dispatch) = (AppealId::parse(id).unwrap(), DispatchId::parse(dispatch).unwrap());
    let added = app.app.db.write_now(|conn| {
        let now = app.app.clock.now(conn)?;
        let items: Vec<_> =
            contents::items_of(conn, &dispatch)?.into_iter().filter(|item| item.channel.is_paid()).collect();
        let known = ledger::budget(conn, &appeal)?.unwrap().ceiling_cents;
        let cap_of = |item: &tocsin::domain::plan::PlanItem| item.content["cap_cents"].as_i64().unwrap();
        let more: i64 = items.iter().map(cap_of).sum();
        ledger::set_ceiling(conn, &appeal, known + more * i64::try_from(times).unwrap(), now)?;
        for item in (0..times).flat_map(|_| &items) {
            let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut random = [7; 10];
            random[..8].copy_from_slice(&number.to_be_bytes());
            let new = NewDelivery {
                id: DeliveryId::from_parts(now, random),
                dispatch: &dispatch,
                appeal: &appeal,
                purpose: Purpose::Appeal,
                channel: item.channel,
                language: item.language,
                audience: "",
                shard: i32::try_from(number).unwrap(),
                cells: &[],
                province: "",
                priority: 20,
                due_at: now,
                expected: 1,
            };
            deliveries::add(conn, &new, now)?;
            let (key, ends_at) = (tocsin::domain::paid::key_of(&new.id), now + TimeDelta::days(5));
            let effect = paid_effects::NewEffect {
                delivery: &new.id,
                appeal: &appeal,
                channel: item.channel,
                key: &key,
                digest: "",
                cap_cents: cap_of(item),
                authorised_until: ends_at,
                ends_at,
                forecast: Forecast { people: 0, impressions: 0, cost: Cents(0) },
                account: ("", ""),
            };
            paid_effects::add(conn, &effect, now)?;
            let entry = LedgerId::from_parts(now, random);
            ledger::book(conn, &entry, &new.id, ledger::Entry::Reserve, cap_of(item), now)?;
        }
        Ok::<_, tocsin::app::AppError>(items.len() * times)
    });
    added.unwrap()
}

/// What holds at every instant of the ledger, entry by entry: for an appeal no more was ever set aside than its ceiling.
pub fn never_over_the_ceiling(app: &TestApp) {
    let over = "SELECT COUNT(*) AS n FROM (SELECT b.ceiling_cents AS most, SUM(CASE l.kind WHEN 'reserve' THEN l.cents WHEN 'release' THEN -l.cents ELSE 0 END) OVER (PARTITION BY b.appeal_id ORDER BY l.at, l.id) AS s FROM ledger l JOIN paid_effects e ON e.delivery_id = l.delivery_id JOIN budgets b ON b.appeal_id = e.appeal_id) AS sums WHERE s > most";
    assert_eq!(count(app, over), 0, "instants over a ceiling");
    let sums = "SELECT COUNT(*) AS n FROM budgets WHERE reserved_cents + committed_cents > ceiling_cents";
    assert_eq!(count(app, sums), 0);
}

/// Each paid delivery's state, and what is noted of it.
pub fn notes(app: &TestApp) -> Vec<(String, String)> {
    use diesel::prelude::*;
    use tocsin::db::schema::deliveries;
    let rows = app.app.db.read_now(|conn| {
        let query = deliveries::table.filter(deliveries::channel.like("%_ads")).order(deliveries::id);
        let query = query.select((deliveries::state, deliveries::note));
        match conn {
            tocsin::db::Conn::Sqlite(c) => query.load::<(String, String)>(c),
            #[cfg(feature = "postgres")]
            tocsin::db::Conn::Postgres(c) => query.load::<(String, String)>(c),
        }
        .map_err(tocsin::db::DbError::from)
    });
    rows.unwrap()
}
