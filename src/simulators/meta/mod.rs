//! The Marketing API v26.0, as far as an appeal needs it: one ad account of one Page.

mod edges;
mod errors;
mod fields;
mod lists;
mod node;
mod targeting;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use self::errors::No;
use self::node::{Kind, Nodes};
use super::call::{Answer, Call};
use super::fault::Fault;
use super::ledger::{Ledger, Spent};
use super::platform::Platform;

/// What the simulated platform knows of its customer.
#[derive(Clone, Debug)]
pub struct MetaAccount {
    /// The number after `act_`.
    pub account: String,
    /// The Page the advertisements speak for.
    pub page: String,
    /// The one token that is good.
    pub token: String,
    /// The key of `appsecret_proof`; empty: none is asked for.
    pub app_secret: String,
    /// ISO 4217.
    pub currency: String,
    /// Least daily budget, minor units.
    pub least_daily: i64,
    /// Several circles in an ad set are accepted; otherwise code 100, subcode 1815946.
    pub several_radii: bool,
    /// How long the review takes.
    pub review_seconds: i64,
}

impl Default for MetaAccount {
    fn default() -> Self {
        Self {
            account: "1001".to_owned(),
            page: "2002".to_owned(),
            token: "simulated-meta-token".to_owned(),
            app_secret: "simulated-app-secret".to_owned(),
            currency: "EUR".to_owned(),
            least_daily: 100,
            several_radii: true,
            review_seconds: 30,
        }
    }
}

/// The platform.
#[derive(Debug)]
pub struct MetaAds {
    account: MetaAccount,
    nodes: Nodes,
    images: BTreeSet<String>,
    next_id: u64,
    is_suspended: bool,
    is_expired: bool,
    score: u32,
}

/// A question in the making: who asks for what.
struct Asked<'a> {
    now: DateTime<Utc>,
    fault: Option<Fault>,
    given: Vec<(String, String)>,
    call: &'a Call,
}

impl Asked<'_> {
    fn one(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl MetaAds {
    /// A platform with one customer and nothing made yet.
    #[must_use]
    pub fn new(account: MetaAccount) -> Self {
        Self {
            account,
            nodes: Nodes::default(),
            images: BTreeSet::new(),
            next_id: 120_000_000_000,
            is_suspended: false,
            is_expired: false,
            score: 0,
        }
    }

    fn authorised(&mut self, asked: &mut Asked<'_>) -> Result<(), No> {
        let mut token =
            asked.call.header("authorization").and_then(|text| text.strip_prefix("Bearer ")).map(str::to_owned);
        let mut proof = None;
        asked.given.retain(|(name, value)| match name.as_str() {
            "access_token" => {
                token = Some(value.clone());
                false
            }
            "appsecret_proof" => {
                proof = Some(value.clone());
                false
            }
            _ => true,
        });
        if asked.fault == Some(Fault::TokenExpired) {
            self.is_expired = true;
        }
        let Some(token) = token else { return Err(No::new(104, 0, "An access token is required")) };
        if token != self.account.token {
            return Err(No::new(190, 467, "Invalid OAuth access token"));
        }
        if self.is_expired {
            return Err(No::new(190, 463, "Error validating access token: Session has expired"));
        }
        let right = self.account.app_secret.is_empty()
            || proof == Some(super::mac::hex_sha256(&self.account.app_secret, token.as_bytes()));
        if right { Ok(()) } else { Err(No::new(100, 0, "Invalid appsecret_proof provided in the API argument")) }
    }

    fn handle(&mut self, mut asked: Asked<'_>, ledger: &mut Ledger) -> Result<Value, No> {
        let path = asked.call.path.trim_end_matches('/');
        let Some(rest) = path.strip_prefix("/v26.0/") else {
            return Err(No::new(
                2635,
                0,
                "You are calling a deprecated version of the Ads API. Please update to v26.0",
            ));
        };
        self.authorised(&mut asked)?;
        if asked.fault == Some(Fault::AccountSuspended) {
            self.is_suspended = true;
        }
        let steps: Vec<&str> = rest.split('/').collect();
        let account = format!("act_{}", self.account.account);
        match (asked.call.method.as_str(), steps.as_slice()) {
            ("GET", ["search"]) => Self::search(&asked, ledger),
            ("GET", [node]) if *node == account => {
                ledger.read("ad account");
                Ok(self.account_view())
            }
            ("GET", [node, edge]) if *node == account => self.list(&asked, edge, ledger),
            ("POST", [node, edge]) if *node == account => {
                if self.is_suspended {
                    return Err(No::new(200, 1_404_163, "Your ad account is disabled: you cannot create or edit ads"));
                }
                self.create(&asked, edge, ledger)
            }
            ("GET", [id, edge @ ("adsets" | "ads")]) => self.below(&asked, id, edge, ledger),
            ("GET", [id, "insights"]) => self.insights(&asked, id, ledger),
            ("GET", [id]) => {
                ledger.read("object");
                let node = self.nodes.all.get(id).ok_or_else(|| missing(id))?;
                Ok(self.nodes.view(node, asked.one("fields").unwrap_or_default(), asked.now))
            }
            ("POST", [id]) => self.change(&asked, id, ledger),
            ("DELETE", [id]) => {
                let node = self.nodes.all.get_mut(id).filter(|node| !node.is_gone()).ok_or_else(|| missing(id))?;
                node.fields.insert("status".to_owned(), json!("DELETED"));
                ledger.effect(asked.now, "deleted", node.kind.word(), id, "");
                Ok(json!({"success": true}))
            }
            _ => Err(No::wrong(format!("Unsupported {} request to {path}", asked.call.method.to_lowercase()))),
        }
    }

    fn account_view(&self) -> Value {
        json!({
            "id": format!("act_{}", self.account.account), "name": "Simulated account",
            "account_status": if self.is_suspended { 2 } else { 1 },
            "currency": self.account.currency, "timezone_name": "Europe/Brussels",
        })
    }

    fn next_id(&mut self) -> String {
        self.next_id += 1;
        self.next_id.to_string()
    }
}

fn missing(id: &str) -> No {
    let message = "Unsupported request. Object with ID does not exist, cannot be loaded due to missing permissions";
    No::new(100, 33, format!("{message}: {id}"))
}

impl Platform for MetaAds {
    fn name(&self) -> &'static str {
        "Meta Marketing API v26.0 (simulated)"
    }

    fn answer(&mut self, call: &Call, now: DateTime<Utc>, fault: Option<Fault>, ledger: &mut Ledger) -> Answer {
        self.score = (self.score + if call.method == "GET" { 1 } else { 3 }).min(9_000);
        let usage = json!({self.account.account.clone(): [{"type": "ads_management", "call_count": self.score * 100 / 9_000,
            "total_cputime": 1, "total_time": 1, "estimated_time_to_regain_access": 0,
            "ads_api_access_tier": "standard_access"}]});
        let asked = Asked { now, fault, given: call.parameters(), call };
        let answer = match self.handle(asked, ledger) {
            Ok(body) => Answer::json(200, &body),
            Err(no) => no.answer(),
        };
        answer.with("x-business-use-case-usage", usage)
    }

    fn complain(&self, fault: Fault, _: DateTime<Utc>) -> Answer {
        match fault {
            Fault::TooMany => {
                let usage = json!({self.account.account.clone(): [{"type": "ads_management", "call_count": 100,
                    "total_cputime": 20, "total_time": 20, "estimated_time_to_regain_access": 1,
                    "ads_api_access_tier": "standard_access"}]});
                let no = No::new(
                    80_004,
                    2_446_079,
                    "There have been too many calls to this ad-account. Wait a bit and try again.",
                );
                no.answer().with("x-business-use-case-usage", usage)
            }
            Fault::Outage => No::new(2, 0, "Service temporarily unavailable").answer(),
            Fault::ErrorAfter => No::new(1, 0, "An unknown error occurred").answer(),
            Fault::ErrorInside200 => {
                Answer { status: 200, ..No::new(2, 1_487_742, "Please retry your request later").answer() }
            }
            _ => No::wrong("(#100) The simulator was told to refuse this.").answer(),
        }
    }

    fn count(&mut self, now: DateTime<Utc>) {
        self.nodes.count(now);
    }

    fn campaigns(&self) -> Vec<Spent> {
        self.nodes.all.values().filter(|node| node.kind == Kind::Campaign).map(|node| self.nodes.spent(node)).collect()
    }
}
