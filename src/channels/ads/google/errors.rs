//! What the errors of the Google Ads API mean for us (paid-targeting §3.7).

use crate::channels::ads::wire::{Answer, by_status};
use crate::channels::ads::{Failed, Next, Trouble};
use crate::domain::advert::Cents;
use serde_json::Value;
use std::time::Duration;

/// The errors of a failure: family, code, whole error.
fn errors(answer: &Answer) -> impl Iterator<Item = (&str, &str, &Value)> {
    let details = answer.body.pointer("/error/details").and_then(Value::as_array).into_iter().flatten();
    let all = details.filter_map(|detail| detail.get("errors")?.as_array()).flatten();
    all.filter_map(|error| {
        let (family, code) = error.get("errorCode")?.as_object()?.iter().next()?;
        Some((family.as_str(), code.as_str()?, error))
    })
}

/// Whether another access token may help.
pub fn is_stale(answer: &Answer) -> bool {
    !errors(answer).any(|(family, code, _)| {
        family == "authenticationError"
            && matches!(code, "OAUTH_TOKEN_REVOKED" | "OAUTH_TOKEN_DISABLED" | "NOT_ADS_USER")
    })
}

/// A failure from an answer: by the error that says most.
pub fn failed(answer: &Answer, writes: bool) -> Failed {
    let message = answer.body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
    let Some((family, code, error)) = errors(answer).next() else {
        return by_status(answer.status, writes, answer.retry_after(), message);
    };
    let said = error.get("message").and_then(Value::as_str).unwrap_or(message);
    let wait = error.pointer("/details/quotaErrorDetails/retryDelay").and_then(Value::as_str);
    let wait = wait.and_then(|text| text.strip_suffix('s')?.parse().ok()).map(Duration::from_secs_f64);
    let least = error.pointer("/details/budgetPerDayMinimumErrorDetails/budgetPerDayMinimumMicros");
    let least = least.and_then(Value::as_str).and_then(|text| text.parse().ok()).map(Cents::of_cost);
    let (next, trouble) = judged(family, code, writes, wait.or(answer.retry_after()));
    Failed::new(next, trouble, format!("{family}.{code} {said}")).at_least(least)
}

fn judged(family: &str, code: &str, writes: bool, after: Option<Duration>) -> (Next, Trouble) {
    let unsure = if writes { Next::LookUp } else { Next::Retry { after } };
    match (family, code) {
        ("quotaError", _) => (Next::Retry { after }, Trouble::TooMany),
        ("internalError" | "databaseError", _) => (unsure, Trouble::Outage),
        ("authenticationError", _) => (Next::Person, Trouble::Token),
        ("authorizationError", "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT" | "CUSTOMER_NOT_ENABLED") => {
            (Next::Person, Trouble::Suspended)
        }
        ("authorizationError", _) => (Next::Person, Trouble::Permission),
        ("campaignError", "DUPLICATE_CAMPAIGN_NAME") | ("campaignBudgetError", "DUPLICATE_NAME") => {
            (Next::Permanent, Trouble::Duplicate)
        }
        ("campaignBudgetError", "BUDGET_BELOW_PER_DAY_MINIMUM") => (Next::Permanent, Trouble::BudgetTooLow),
        ("mutateError", "EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED")
        | ("criterionError", "MISSING_EU_POLITICAL_ADVERTISING_SELF_DECLARATION") => {
            (Next::Person, Trouble::Declaration)
        }
        ("mutateError", "RESOURCE_NOT_FOUND") | ("contextError", "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE") => {
            (Next::Permanent, Trouble::NotFound)
        }
        ("policyFindingError" | "policyViolationError", _) => (Next::Permanent, Trouble::Rejected),
        ("billingSetupError", _) => (Next::Person, Trouble::Funding),
        _ => (Next::Permanent, Trouble::Refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_reference_has_its_consequence() {
        for (family, code, next, trouble) in [
            ("quotaError", "RESOURCE_EXHAUSTED", Next::Retry { after: None }, Trouble::TooMany),
            ("quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", Next::Retry { after: None }, Trouble::TooMany),
            (
                "quotaError",
                "EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION",
                Next::Retry { after: None },
                Trouble::TooMany,
            ),
            ("internalError", "TRANSIENT_ERROR", Next::LookUp, Trouble::Outage),
            ("internalError", "INTERNAL_ERROR", Next::LookUp, Trouble::Outage),
            ("internalError", "DEADLINE_EXCEEDED", Next::LookUp, Trouble::Outage),
            ("databaseError", "CONCURRENT_MODIFICATION", Next::LookUp, Trouble::Outage),
            ("authenticationError", "OAUTH_TOKEN_EXPIRED", Next::Person, Trouble::Token),
            ("authenticationError", "NOT_ADS_USER", Next::Person, Trouble::Token),
            ("authorizationError", "USER_PERMISSION_DENIED", Next::Person, Trouble::Permission),
            ("authorizationError", "CUSTOMER_NOT_ENABLED", Next::Person, Trouble::Suspended),
            ("authorizationError", "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION", Next::Person, Trouble::Permission),
            ("authorizationError", "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT", Next::Person, Trouble::Suspended),
            ("campaignError", "DUPLICATE_CAMPAIGN_NAME", Next::Permanent, Trouble::Duplicate),
            ("campaignBudgetError", "DUPLICATE_NAME", Next::Permanent, Trouble::Duplicate),
            ("campaignBudgetError", "BUDGET_BELOW_PER_DAY_MINIMUM", Next::Permanent, Trouble::BudgetTooLow),
            ("campaignBudgetError", "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT", Next::Permanent, Trouble::Refused),
            ("campaignError", "END_DATE_TIME_REQUIRED_FOR_TOTAL_BUDGET", Next::Permanent, Trouble::Refused),
            ("criterionError", "INVALID_PROXIMITY_RADIUS", Next::Permanent, Trouble::Refused),
            ("fieldError", "REQUIRED", Next::Permanent, Trouble::Refused),
            ("mutateError", "EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED", Next::Person, Trouble::Declaration),
            ("policyFindingError", "POLICY_FINDING", Next::Permanent, Trouble::Rejected),
        ] {
            assert_eq!(judged(family, code, true, None), (next, trouble), "{family}.{code}");
        }
        assert_eq!(judged("internalError", "TRANSIENT_ERROR", false, None).0, Next::Retry { after: None });
    }
}
