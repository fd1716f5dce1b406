//! The Google Ads API v26 over REST, as far as an appeal needs it: one customer, atomic mutates, searches.

mod errors;
mod mutate;
mod query;
mod rows;
mod shape;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use self::errors::No;
use self::store::Store;
use super::call::{Answer, Call};
use super::fault::Fault;
use super::ledger::{Ledger, Spent};
use super::platform::Platform;

/// What the simulated platform knows of its customer.
#[derive(Clone, Debug)]
pub struct GoogleAccount {
    /// Ten digits.
    pub customer: String,
    /// The manager account calls come through; empty: none.
    pub manager: String,
    /// OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The one refresh token that is good.
    pub refresh_token: String,
    /// ISO 4217.
    pub currency: String,
    /// Least average a day, millionths.
    pub least_daily_micros: i64,
    /// How long the review takes.
    pub review_seconds: i64,
}

impl Default for GoogleAccount {
    fn default() -> Self {
        Self {
            customer: "1234567890".to_owned(),
            manager: "9876543210".to_owned(),
            client_id: "simulated-client".to_owned(),
            client_secret: "simulated-client-secret".to_owned(),
            refresh_token: "simulated-refresh-token".to_owned(),
            currency: "EUR".to_owned(),
            least_daily_micros: 1_000_000,
            review_seconds: 30,
        }
    }
}

/// The platform.
#[derive(Debug)]
pub struct GoogleAds {
    account: GoogleAccount,
    store: Store,
    tokens: u32,
    /// Access tokens that are good, each until its moment: a new one does not end the others, which other processes hold.
    live: BTreeMap<String, DateTime<Utc>>,
    is_revoked: bool,
    is_suspended: bool,
}

impl GoogleAds {
    /// A platform with one customer and nothing made yet.
    #[must_use]
    pub fn new(account: GoogleAccount) -> Self {
        Self {
            account,
            store: Store::default(),
            tokens: 0,
            live: BTreeMap::new(),
            is_revoked: false,
            is_suspended: false,
        }
    }

    fn grant(&mut self, call: &Call, now: DateTime<Utc>) -> Answer {
        let form = call.form();
        let is = |name: &str, value: &str| form.iter().any(|(n, v)| n == name && v == value);
        if !is("grant_type", "refresh_token") {
            return Answer::json(400, &json!({"error": "unsupported_grant_type"}));
        }
        if !is("client_id", &self.account.client_id) || !is("client_secret", &self.account.client_secret) {
            return Answer::json(401, &json!({"error": "invalid_client"}));
        }
        if self.is_revoked || !is("refresh_token", &self.account.refresh_token) {
            return Answer::json(
                400,
                &json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}),
            );
        }
        self.tokens += 1;
        let token = format!("simulated-access-token-{}", self.tokens);
        self.live.retain(|_, until| *until > now);
        self.live.insert(token.clone(), now + TimeDelta::hours(1));
        Answer::json(
            200,
            &json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer",
                "scope": "https://www.googleapis.com/auth/adwords"}),
        )
    }

    fn authorised(&mut self, call: &Call, now: DateTime<Utc>, fault: Option<Fault>) -> Result<(), No> {
        let no =
            |code, message: &str| No::new("authenticationError", code, message).with_status(401, "UNAUTHENTICATED");
        if fault == Some(Fault::TokenExpired) {
            self.is_revoked = true;
            self.live.clear();
        }
        let given = call.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
        match given {
            None => return Err(no("AUTHENTICATION_ERROR", "Request is missing required authentication credential")),
            Some(token) if self.live.get(token).is_none_or(|until| now >= *until) => {
                return Err(no("OAUTH_TOKEN_EXPIRED", "The OAuth access token has expired"));
            }
            Some(_) => {}
        }
        let manager = call.header("login-customer-id").unwrap_or_default();
        if manager != self.account.manager {
            let message = "User doesn't have permission to access customer. Check login-customer-id.";
            return Err(
                No::new("authorizationError", "USER_PERMISSION_DENIED", message).with_status(403, "PERMISSION_DENIED")
            );
        }
        Ok(())
    }

    fn handle(
        &mut self,
        call: &Call,
        now: DateTime<Utc>,
        fault: Option<Fault>,
        ledger: &mut Ledger,
    ) -> Result<Value, No> {
        let not_found = || No::malformed("Requested entity was not found.").with_status(404, "NOT_FOUND");
        let rest = call.path.strip_prefix("/v26/").ok_or_else(not_found)?;
        self.authorised(call, now, fault)?;
        if call.method != "POST" {
            return Err(not_found());
        }
        let body = call.json().ok_or_else(|| No::malformed("Invalid JSON payload received."))?;
        let base = format!("customers/{}/", self.account.customer);
        match rest.strip_prefix(base.as_str()) {
            Some("googleAds:mutate") => {
                if fault == Some(Fault::AccountSuspended) {
                    self.is_suspended = true;
                }
                if self.is_suspended {
                    let code = "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT";
                    let no = No::new("authorizationError", code, "The account is suspended.");
                    return Err(no.with_status(403, "PERMISSION_DENIED"));
                }
                mutate::mutate(&self.account, &mut self.store, &body, now, fault, ledger)
            }
            Some("googleAds:search") => {
                ledger.read("search");
                query::search(&self.account, &self.store, &body, now)
            }
            _ => Err(not_found()),
        }
    }
}

impl Platform for GoogleAds {
    fn name(&self) -> &'static str {
        "Google Ads API v26 (simulated)"
    }

    fn answer(&mut self, call: &Call, now: DateTime<Utc>, fault: Option<Fault>, ledger: &mut Ledger) -> Answer {
        if call.path == "/token" && call.method == "POST" {
            ledger.read("token");
            return self.grant(call, now);
        }
        match self.handle(call, now, fault, ledger) {
            Ok(body) => Answer::json(200, &body).with("request-id", "simulated-request"),
            Err(no) => no.answer(),
        }
    }

    fn complain(&self, fault: Fault, _: DateTime<Utc>) -> Answer {
        match fault {
            Fault::TooMany => {
                let details = json!({"quotaErrorDetails": {"rateScope": "ACCOUNT", "rateName": "Requests per minute", "retryDelay": "30s"}});
                let no =
                    No::new("quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", "Too many requests. Retry in 30 seconds.");
                no.with(details).with_status(429, "RESOURCE_EXHAUSTED").answer()
            }
            Fault::Outage => {
                No::malformed("The service is currently unavailable.").with_status(503, "UNAVAILABLE").answer()
            }
            Fault::ErrorAfter => No::new("internalError", "INTERNAL_ERROR", "An internal error has occurred.")
                .with_status(500, "INTERNAL")
                .answer(),
            Fault::ErrorInside200 => {
                let no = No::new("internalError", "TRANSIENT_ERROR", "A transient error has occurred.");
                Answer { status: 200, ..no.answer() }
            }
            _ => No::new("requestError", "UNKNOWN", "The simulator was told to refuse this.").answer(),
        }
    }

    fn count(&mut self, now: DateTime<Utc>) {
        self.store.count(now);
    }

    fn campaigns(&self) -> Vec<Spent> {
        self.store.campaigns()
    }
}
