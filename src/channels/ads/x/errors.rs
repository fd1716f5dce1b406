//! What the errors of the X Ads API mean for us (paid-targeting §4.6).

use crate::channels::ads::wire::{Answer, by_status};
use crate::channels::ads::{Failed, Next, Trouble};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::time::Duration;

/// A failure from an answer. Some carry HTML or nothing: then the status decides.
pub fn failed(answer: &Answer, writes: bool, now: DateTime<Utc>) -> Failed {
    let after = wait(answer, now);
    let error = answer.body.pointer("/errors/0");
    let text = |key: &str| error.and_then(|error| error.get(key)).and_then(Value::as_str).unwrap_or_default();
    let code = text("code");
    if code.is_empty() {
        let title = answer.body.get("title").and_then(Value::as_str).unwrap_or_default();
        return by_status(answer.status, writes, after, title);
    }
    let detail = format!("{code} {} {}", text("parameter"), text("message"));
    match judged(code, text("parameter"), writes, after) {
        Some((next, trouble)) => Failed::new(next, trouble, detail),
        None => Failed { detail, ..by_status(answer.status, writes, after, "") },
    }
}

/// Until the limit of the account is over, else that of the address, else as asked.
fn wait(answer: &Answer, now: DateTime<Utc>) -> Option<Duration> {
    if answer.status != 429 {
        return answer.retry_after();
    }
    let reset = answer.header("x-account-rate-limit-reset").or_else(|| answer.header("x-rate-limit-reset"));
    let seconds = reset.and_then(|text| text.parse::<i64>().ok()).map(|at| at - now.timestamp());
    seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs).or_else(|| answer.retry_after())
}

fn judged(code: &str, parameter: &str, writes: bool, after: Option<Duration>) -> Option<(Next, Trouble)> {
    let unsure = if writes { Next::LookUp } else { Next::Retry { after } };
    let is_budget = parameter.ends_with("budget_amount_local_micro");
    Some(match code {
        "TOO_MANY_REQUESTS" | "TWEET_RATE_LIMIT_EXCEEDED" => (Next::Retry { after }, Trouble::TooMany),
        // The lock was not taken: nothing was done.
        "LOCK_ACQUISITION_TIMEOUT" => (Next::Retry { after }, Trouble::Outage),
        "SERVICE_UNAVAILABLE" | "OVER_CAPACITY" | "INTERNAL_ERROR" | "CANCELLED_REQUEST" => (unsure, Trouble::Outage),
        "DUPLICATE_TWEET" | "DUPLICATE_TARGETING_CRITERIA" => (Next::Permanent, Trouble::Duplicate),
        "INVALID_PARAMETER" if is_budget => (Next::Permanent, Trouble::BudgetTooLow),
        "UNAUTHORIZED_ACCESS" => (Next::Person, Trouble::Token),
        "ACTION_NOT_ALLOWED" => (Next::Person, Trouble::Suspended),
        "ACCOUNT_NOT_FOUND" | "UNAUTHORIZED_CLIENT_APPLICATION" | "USER_NOT_PROMOTABLE" => {
            (Next::Person, Trouble::Permission)
        }
        "TWEET_IS_SPAM" | "MALWARE_STATUS" => (Next::Permanent, Trouble::Rejected),
        other if other.starts_with("FUNDING_INSTRUMENT") => (Next::Person, Trouble::Funding),
        other if other.ends_with("_NOT_FOUND") || other == "NOT_FOUND" => (Next::Permanent, Trouble::NotFound),
        other
            if ["INVALID_", "MISSING_", "EXCLUSIVE_", "INCLUSIVE_", "TOO_MANY_", "SPEND_EXCEEDS", "TWEET_"]
                .iter()
                .any(|begin| other.starts_with(begin)) =>
        {
            (Next::Permanent, Trouble::Refused)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_reference_has_its_consequence() {
        let permanent = |trouble| Some((Next::Permanent, trouble));
        let retry = Next::Retry { after: None };
        for (code, wanted) in [
            ("TOO_MANY_REQUESTS", Some((retry, Trouble::TooMany))),
            ("TWEET_RATE_LIMIT_EXCEEDED", Some((retry, Trouble::TooMany))),
            ("SERVICE_UNAVAILABLE", Some((Next::LookUp, Trouble::Outage))),
            ("OVER_CAPACITY", Some((Next::LookUp, Trouble::Outage))),
            ("INTERNAL_ERROR", Some((Next::LookUp, Trouble::Outage))),
            ("CANCELLED_REQUEST", Some((Next::LookUp, Trouble::Outage))),
            ("LOCK_ACQUISITION_TIMEOUT", Some((retry, Trouble::Outage))),
            ("INVALID_PARAMETER", permanent(Trouble::Refused)),
            ("MISSING_PARAMETER", permanent(Trouble::Refused)),
            ("EXCLUSIVE_PARAMETERS", permanent(Trouble::Refused)),
            ("INCLUSIVE_PARAMETERS", permanent(Trouble::Refused)),
            ("TOO_MANY_CAMPAIGNS", permanent(Trouble::Refused)),
            ("TOO_MANY_LINE_ITEMS", permanent(Trouble::Refused)),
            ("SPEND_EXCEEDS_BUDGET", permanent(Trouble::Refused)),
            ("TWEET_CANNOT_BE_BLANK", permanent(Trouble::Refused)),
            ("DUPLICATE_TWEET", permanent(Trouble::Duplicate)),
            ("UNAUTHORIZED_ACCESS", Some((Next::Person, Trouble::Token))),
            ("ACCOUNT_NOT_FOUND", Some((Next::Person, Trouble::Permission))),
            ("ACTION_NOT_ALLOWED", Some((Next::Person, Trouble::Suspended))),
            ("FUNDING_INSTRUMENT_NOT_FOUND", Some((Next::Person, Trouble::Funding))),
            ("UNAUTHORIZED_CLIENT_APPLICATION", Some((Next::Person, Trouble::Permission))),
            ("TWEET_IS_SPAM", permanent(Trouble::Rejected)),
            ("MALWARE_STATUS", permanent(Trouble::Rejected)),
            ("CAMPAIGN_NOT_FOUND", permanent(Trouble::NotFound)),
            ("SOMETHING_NEW", None),
        ] {
            assert_eq!(judged(code, "", true, None), wanted, "{code}");
        }
        assert_eq!(
            judged("INVALID_PARAMETER", "total_budget_amount_local_micro", true, None),
            permanent(Trouble::BudgetTooLow)
        );
        assert_eq!(judged("OVER_CAPACITY", "", false, None), Some((retry, Trouble::Outage)), "a question");
    }
}
