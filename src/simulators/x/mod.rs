//! The X Ads API, version 12, and the upload of media of the X API, as far as an appeal needs them: one account of one
//! user, with a list of places.

mod entity;
mod errors;
mod fields;
mod lists;
mod make;
mod oauth;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use self::entity::{Entities, Kind};
use self::errors::No;
use super::call::{Answer, Call};
use super::fault::Fault;
use super::ledger::{Ledger, Spent};
use super::platform::Platform;

/// A row of the platform's list of places.
#[derive(Clone, Debug)]
pub struct XPlace {
    /// 16 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `COUNTRIES`, `REGIONS`, `METROS`, `CITIES`, `POSTAL_CODES`.
    pub kind: String,
    /// Two letters.
    pub country: String,
}

/// What the simulated platform knows of its customer.
#[derive(Clone, Debug)]
pub struct XAccount {
    /// Base-36.
    pub account: String,
    /// Base-36.
    pub funding: String,
    /// The posting user.
    pub user: String,
    /// OAuth consumer key.
    pub consumer_key: String,
    /// Its secret.
    pub consumer_secret: String,
    /// OAuth token.
    pub token: String,
    /// Its secret.
    pub token_secret: String,
    /// ISO 4217.
    pub currency: String,
    /// Least total budget, millionths; documented nowhere.
    pub least_micros: i64,
    /// How long the review takes.
    pub review_seconds: i64,
    /// Places.
    pub places: Vec<XPlace>,
    /// The same words may be posted again, which X refuses: for benches that make one advertisement a thousand times.
    pub repeats_posts: bool,
}

impl Default for XAccount {
    fn default() -> Self {
        Self {
            account: "18ce54d4x5t".to_owned(),
            funding: "lygyi".to_owned(),
            user: "783214".to_owned(),
            consumer_key: "simulated-consumer".to_owned(),
            consumer_secret: "simulated-consumer-secret".to_owned(),
            token: "simulated-token".to_owned(),
            token_secret: "simulated-token-secret".to_owned(),
            currency: "EUR".to_owned(),
            least_micros: 1_000_000,
            review_seconds: 30,
            places: Vec::new(),
            repeats_posts: false,
        }
    }
}

/// The platform.
#[derive(Debug)]
pub struct XAds {
    account: XAccount,
    entities: Entities,
    media: BTreeSet<String>,
    nonces: BTreeSet<String>,
    next_id: u64,
    is_suspended: bool,
    is_revoked: bool,
    writes: u32,
}

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

    fn listed_at(&self) -> DateTime<Utc> {
        match self.fault {
            Some(Fault::LateVisibility { seconds }) => self.now + TimeDelta::seconds(seconds),
            _ => self.now,
        }
    }
}

impl XAds {
    /// A platform with one customer and nothing made yet.
    #[must_use]
    pub fn new(account: XAccount) -> Self {
        Self {
            account,
            entities: Entities::default(),
            media: BTreeSet::new(),
            nonces: BTreeSet::new(),
            next_id: 60_000_000,
            is_suspended: false,
            is_revoked: false,
            writes: 0,
        }
    }

    /// Short base-36 text.
    fn next_id(&mut self) -> String {
        self.next_id += 1;
        let mut number = self.next_id;
        let mut digits = Vec::new();
        while number > 0 {
            let digit = u32::try_from(number % 36).unwrap_or_default();
            digits.extend(char::from_digit(digit, 36));
            number /= 36;
        }
        digits.iter().rev().collect()
    }

    fn handle(
        &mut self,
        call: &Call,
        now: DateTime<Utc>,
        fault: Option<Fault>,
        ledger: &mut Ledger,
    ) -> Result<Value, No> {
        if fault == Some(Fault::TokenExpired) {
            self.is_revoked = true;
        }
        oauth::verified(&self.account, call, now, &mut self.nonces)?;
        if self.is_revoked {
            return Err(No::new(401, "UNAUTHORIZED_ACCESS", "This token has been revoked"));
        }
        if fault == Some(Fault::AccountSuspended) {
            self.is_suspended = true;
        }
        let asked = Asked { now, fault, given: call.parameters(), call };
        let path = call.path.as_str();
        if path == "/2/media/upload" && call.method == "POST" {
            return self.upload(&asked, ledger);
        }
        if path == "/2/media/metadata" && call.method == "POST" {
            return self.describe(&asked, ledger);
        }
        if let (Some(id), "DELETE") = (path.strip_prefix("/2/tweets/"), call.method.as_str()) {
            self.delete(&asked, "tweets", id, ledger)?;
            return Ok(json!({"data": {"deleted": true}}));
        }
        let rest = path.strip_prefix("/12/").ok_or_else(|| No::new(404, "ROUTE_NOT_FOUND", path))?;
        let steps: Vec<&str> = rest.split('/').collect();
        let mine = self.account.account.clone();
        let known = |account: &str| {
            let found = account == mine;
            found
                .then_some(())
                .ok_or_else(|| No::new(403, "ACCOUNT_NOT_FOUND", format!("Account {account} was not found")))
        };
        // What stops spending is still taken.
        let stops = call.method == "DELETE" || (call.method == "PUT" && asked.one("entity_status") == Some("PAUSED"));
        if call.method != "GET" && self.is_suspended && !stops {
            return Err(No::new(403, "ACTION_NOT_ALLOWED", "This account is suspended"));
        }
        match (call.method.as_str(), steps.as_slice()) {
            ("GET", ["accounts"]) => {
                ledger.read("accounts");
                let approval = if self.is_suspended { "SUSPENDED" } else { "ACCEPTED" };
                Ok(json!({"data": [{"id": mine, "name": "Simulated account", "timezone": "Europe/Brussels",
                    "approval_status": approval, "deleted": false}], "next_cursor": null, "request": {"params": {}}}))
            }
            ("GET", ["targeting_criteria", list]) => self.targets(&asked, list, ledger),
            ("POST", ["batch", "accounts", account, "targeting_criteria"]) => {
                known(account)?;
                self.batch(&asked, ledger)
            }
            ("GET", ["stats", "accounts", account, rest @ ..]) => {
                known(account)?;
                self.stats(&asked, rest, ledger)
            }
            ("GET", ["accounts", account, list]) => {
                known(account)?;
                self.list(&asked, list, ledger)
            }
            ("POST", ["accounts", account, edge]) => {
                known(account)?;
                self.make(&asked, edge, ledger)
            }
            ("PUT", ["accounts", account, edge, id]) => {
                known(account)?;
                self.change(&asked, edge, id, ledger)
            }
            ("DELETE", ["accounts", account, edge, id]) => {
                known(account)?;
                self.delete(&asked, edge, id, ledger)
            }
            _ => Err(No::new(404, "ROUTE_NOT_FOUND", format!("{} {path}", call.method))),
        }
    }
}

impl Platform for XAds {
    fn name(&self) -> &'static str {
        "X Ads API 12 (simulated)"
    }

    fn answer(&mut self, call: &Call, now: DateTime<Utc>, fault: Option<Fault>, ledger: &mut Ledger) -> Answer {
        if call.method != "GET" {
            self.writes += 1;
        }
        let answer = match self.handle(call, now, fault, ledger) {
            Ok(body) => {
                let made = call.method == "POST" && !call.path.contains("/media") && !call.path.contains("estimate");
                Answer::json(if made { 201 } else { 200 }, &body)
            }
            Err(no) => no.answer(),
        };
        let left = 450_u32.saturating_sub(self.writes % 450);
        answer
            .with("x-current-api-version", "12")
            .with("x-rate-limit-limit", 450)
            .with("x-rate-limit-remaining", left)
            .with("x-rate-limit-reset", now.timestamp() / 60 * 60 + 60)
    }

    fn complain(&self, fault: Fault, now: DateTime<Utc>) -> Answer {
        match fault {
            Fault::TooMany => {
                let no = No::new(429, "TOO_MANY_REQUESTS", "Too many requests. Please wait");
                no.answer().with("x-rate-limit-remaining", 0).with("x-account-rate-limit-reset", now.timestamp() + 45)
            }
            Fault::Outage => {
                let no = No::new(503, "SERVICE_UNAVAILABLE", "The service is temporarily overloaded");
                no.answer().with("retry-after", 20)
            }
            Fault::ErrorAfter => No::new(500, "INTERNAL_ERROR", "Something is wrong on our end").answer(),
            Fault::ErrorInside200 => Answer { status: 200, ..No::new(503, "OVER_CAPACITY", "Over capacity").answer() },
            _ => No::invalid("simulator", "The simulator was told to refuse this").answer(),
        }
    }

    fn count(&mut self, now: DateTime<Utc>) {
        self.entities.count(now);
    }

    fn campaigns(&self) -> Vec<Spent> {
        let all = self.entities.all.values().filter(|entity| entity.kind == Kind::Campaign);
        all.map(|campaign| self.entities.spent(campaign)).collect()
    }
}
