//! The paid part of the demo: three simulated platforms on this machine, what a plan says before a cent is spent, and the
//! platforms' own ledgers at the end.
#![allow(clippy::indexing_slicing, reason = "indexing a JSON value by key gives null, never a panic")]

use super::client::text;
use super::stories::Filed;
use super::{LOOPBACK, Stage};
use crate::app::{App, channel_places};
use crate::channels::targeting::x::listed_places;
use crate::config::{self, AimEffort, Config};
use crate::simulators::{Clock, GoogleAccount, GoogleAds, MetaAccount, MetaAds, Simulator, XAccount, XAds, XPlace};
use anyhow::ensure;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// What the main appeal may cost, euro cents: thirty euro a platform.
pub const BUDGET: i64 = 9_000;
/// Its channels.
pub const CHANNELS: [&str; 6] = ["page", "feed", "email", "meta_ads", "google_ads", "x_ads"];

/// Three platforms that reach nobody.
pub struct Platforms {
    meta: Simulator,
    google: Simulator,
    x: Simulator,
}

fn places() -> Vec<XPlace> {
    [("00000000000000a1", "Ixelles"), ("00000000000000a2", "Kraainem"), ("00000000000000a3", "Etterbeek")]
        .map(|(id, name)| XPlace {
            id: id.to_owned(),
            name: name.to_owned(),
            kind: "CITIES".to_owned(),
            country: "BE".to_owned(),
        })
        .to_vec()
}

impl Platforms {
    /// Starts them.
    pub async fn start() -> std::io::Result<Self> {
        let at = SocketAddr::from((LOOPBACK, 0));
        let x = XAccount { places: places(), ..XAccount::default() };
        Ok(Self {
            meta: Simulator::start(at, Box::new(MetaAds::new(MetaAccount::default())), Clock::running()).await?,
            google: Simulator::start(at, Box::new(GoogleAds::new(GoogleAccount::default())), Clock::running()).await?,
            x: Simulator::start(at, Box::new(XAds::new(x)), Clock::running()).await?,
        })
    }

    /// Points the accounts of a configuration at them.
    pub fn configure(&self, config: &mut Config) {
        let police = "Police fédérale / Federale politie (demo)";
        police.clone_into(&mut config.ads.beneficiary);
        police.clone_into(&mut config.ads.payer);
        "Police / Politie".clone_into(&mut config.ads.short_name);
        config.ads.aim_effort = AimEffort::Quick;
        let (meta, google, x) = (MetaAccount::default(), GoogleAccount::default(), XAccount::default());
        config.meta_ads = config::MetaAds {
            base_url: self.meta.base_url(),
            account: meta.account,
            page: meta.page,
            token: meta.token.as_str().into(),
            app_secret: meta.app_secret.as_str().into(),
            ..config::MetaAds::default()
        };
        config.google_ads = config::GoogleAds {
            base_url: self.google.base_url(),
            token_url: format!("{}/token", self.google.base_url()),
            customer: google.customer,
            manager: google.manager,
            client_id: google.client_id,
            client_secret: google.client_secret.as_str().into(),
            refresh_token: google.refresh_token.as_str().into(),
            ..config::GoogleAds::default()
        };
        config.x_ads = config::XAds {
            base_url: self.x.base_url(),
            media_url: self.x.base_url(),
            account: x.account,
            funding: x.funding,
            user: x.user,
            consumer_key: x.consumer_key.as_str().into(),
            consumer_secret: x.consumer_secret.as_str().into(),
            token: x.token.as_str().into(),
            token_secret: x.token_secret.as_str().into(),
            ..config::XAds::default()
        };
    }

    /// Imports the list of X's places, as an operator does.
    pub fn import_places(app: &App) -> anyhow::Result<()> {
        let rows: Vec<Value> = places()
            .iter()
            .map(|place| {
                json!({"name": place.name, "country_code": place.country, "location_type": place.kind,
                    "targeting_value": place.id, "targeting_type": "LOCATION"})
            })
            .collect();
        let listed = listed_places(&json!({"data": rows}).to_string())?;
        let read = channel_places::read(app.gazetteer, listed);
        app.db.write_now(|conn| channel_places::import(conn, app, &read, None, true))?;
        Ok(())
    }

    /// Lets the platforms' time pass, so that there is something to count. X believes no signature of another time.
    pub fn pass_time(&self) {
        self.meta.advance(TimeDelta::hours(6));
        self.google.advance(TimeDelta::hours(6));
        self.x.advance(TimeDelta::minutes(4));
    }

    /// Every campaign and every cent; what was done to each is at the addresses of [`Platforms::ledgers`].
    pub fn print_ledgers(&self) {
        println!("LEDGERS of the simulated platforms");
        for simulator in [&self.meta, &self.google, &self.x] {
            let table = simulator.table();
            let (head, rest) = table.split_once('\n').unwrap_or((&table, ""));
            println!("  {head}");
            for line in rest.lines().filter(|line| line.contains(" spent ")) {
                println!("  {line}");
            }
        }
    }

    /// Where the whole ledgers are.
    pub fn ledgers(&self) -> [String; 3] {
        [&self.meta, &self.google, &self.x].map(|simulator| format!("{}/_simulator/ledger.txt", simulator.base_url()))
    }
}

/// Whole people of a part of an aim's fit.
fn people(part: &Value, of: &str) -> f64 {
    part["aim"]["fit"][of]["inhabitants"].as_f64().unwrap_or(0.0).round().abs()
}

impl Stage {
    /// Shows what the plan says of its paid parts, once the platforms were asked.
    pub(super) async fn foretold(&self, filed: &Filed) -> anyhow::Result<()> {
        let path = format!("/appeals/{}/plan", filed.id);
        let mut plan = self.api.get(&self.team.investigator, &path).await?;
        // The worker finds the aims and asks the platforms, beside the request.
        for _ in 0..600 {
            let parts = plan["paid"].as_array().cloned().unwrap_or_default();
            let is_told = parts.iter().all(|part| !part["estimate"]["asked_at"].is_null());
            if plan["aims"]["state"] == json!("ready") && is_told {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            plan = self.api.get(&self.team.investigator, &path).await?;
        }
        let parts = plan["paid"].as_array().cloned().unwrap_or_default();
        ensure!(parts.len() == 6, "six paid parts: {}", plan["blockers"]);
        println!("  the plan, before a cent is spent (each with a picture of its circles):");
        for part in &parts {
            let told = match (part["estimate"]["people_from"].as_i64(), part["estimate"]["people_to"].as_i64()) {
                (Some(from), Some(to)) => format!("the platform says {from} to {to} people"),
                _ => "the platform says nothing beforehand".to_owned(),
            };
            println!(
                "    {:<6} {}  {} of {} people there, {} outside; {} cents for about {} people; {told}",
                text(part, "/platform"),
                text(part, "/language"),
                people(part, "target") - people(part, "missed"),
                people(part, "target"),
                people(part, "over_reach"),
                part["forecast"]["cost_cents"],
                part["forecast"]["people"],
            );
        }
        Ok(())
    }

    /// A passer-by answers through the link of an advertisement.
    pub(super) async fn answered_an_advertisement(&self, filed: &Filed) -> anyhow::Result<()> {
        let (status, page) = self.api.page(&format!("/nl/a/{}?c=meta_ads", filed.slug)).await?;
        ensure!(status == 200 && page.contains("respond?c=meta_ads"), "the page lost the link's mark");
        let path = format!("/nl/a/{}/respond?c=meta_ads", filed.slug);
        self.api
            .fill(&path, &[("kind", "sighting"), ("what", "Ik zag een meisje met een rode jas in de Dorpsstraat.")])
            .await?;
        println!("  somebody answered through the link of an advertisement");
        Ok(())
    }

    /// What came of the advertisements.
    pub(super) async fn paid_report(&self, filed: &Filed) -> anyhow::Result<()> {
        let path = format!("/appeals/{}/report", filed.id);
        let report = self.api.get(&self.team.responder, &path).await?;
        let rows = report["paid"].as_array().cloned().unwrap_or_default();
        ensure!(rows.len() == 6, "six rows: {}", report["paid"]);
        println!("  what came of the advertisements (also as CSV, {path}/paid.csv):");
        for row in &rows {
            println!(
                "    {:<6} {}  spent {} of {} cents, reach {}, clicks {}, responses {}",
                text(row, "/platform"),
                text(row, "/language"),
                row["spent_cents"],
                row["ceiling_cents"],
                row["reach"],
                row["clicks"],
                row["responses"],
            );
        }
        ensure!(rows.iter().any(|row| row["responses"] == json!(1)), "the answer is not counted for its channel");
        Ok(())
    }
}
