//! What the codes of the Marketing API mean for us. Decided on codes, not on words (paid-targeting §1.9).

use crate::channels::ads::wire::{Answer, by_status};
use crate::channels::ads::{Failed, Next, Trouble};
use serde_json::Value;
use std::time::Duration;

/// A failure from an answer.
pub fn failed(answer: &Answer, writes: bool) -> Failed {
    let Some(error) = answer.body.get("error") else {
        return by_status(answer.status, writes, answer.retry_after(), "");
    };
    let number = |key: &str| error.get(key).and_then(Value::as_u64).unwrap_or_default();
    let (code, subcode) = (number("code"), number("error_subcode"));
    let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
    let transient = error.get("is_transient").and_then(Value::as_bool).unwrap_or(false);
    let said = [text("message"), text("error_user_msg")].join(" ");
    let detail = format!("{code}/{subcode} {}", said.trim());
    let (next, trouble) = judged(code, subcode, transient, writes, wait(answer));
    // An answer with 5xx to something that changes says nothing of what was done.
    let next = match next {
        Next::Permanent if answer.status >= 500 && writes => Next::LookUp,
        other => other,
    };
    Failed::new(next, trouble, detail)
}

/// How long the platform wants to be left alone: by the use case's header, in minutes, or the account's once it is used up,
/// in seconds; the longer of the two.
fn wait(answer: &Answer) -> Option<Duration> {
    let read = |name: &str| serde_json::from_str::<Value>(answer.header(name)?).ok();
    longest(read("x-business-use-case-usage").as_ref(), read("x-ad-account-usage").as_ref()).or(answer.retry_after())
}

fn longest(use_case: Option<&Value>, account: Option<&Value>) -> Option<Duration> {
    let rows = use_case.and_then(Value::as_object).into_iter().flat_map(|all| all.values());
    let rows = rows.filter_map(Value::as_array).flatten();
    let minutes = rows.filter_map(|row| row.get("estimated_time_to_regain_access")?.as_u64()).max();
    let is_used_up =
        |usage: &&Value| usage.get("acc_id_util_pct").and_then(Value::as_f64).is_some_and(|pct| pct >= 100.0);
    let seconds = account.filter(is_used_up).and_then(|usage| usage.get("reset_time_duration")?.as_u64());
    let wait = minutes.map(|minutes| minutes.saturating_mul(60)).max(seconds)?;
    Some(Duration::from_secs(wait)).filter(|wait| !wait.is_zero())
}

fn judged(code: u64, subcode: u64, transient: bool, writes: bool, after: Option<Duration>) -> (Next, Trouble) {
    let unsure = if writes { Next::LookUp } else { Next::Retry { after } };
    match (code, subcode) {
        // Limits: nothing was done.
        (4 | 17 | 32 | 341 | 613 | 368 | 80_000..=80_014, _) => (Next::Retry { after }, Trouble::TooMany),
        (1 | 2, _) => (unsure, Trouble::Outage),
        (102 | 104 | 190, _) => (Next::Person, Trouble::Token),
        (_, 1_404_163) => (Next::Person, Trouble::Suspended),
        (_, 1_885_272 | 1_885_650) => (Next::Permanent, Trouble::BudgetTooLow),
        (_, 1_815_946) => (Next::Permanent, Trouble::OneCircleEach),
        (_, 3_858_152 | 1_870_227) => (Next::Permanent, Trouble::Declaration),
        (_, 2_490_427 | 2_490_468) => (Next::Permanent, Trouble::Rejected),
        (100, 33) => (Next::Permanent, Trouble::NotFound),
        (506, _) => (Next::Permanent, Trouble::Duplicate),
        (3 | 10 | 200..=299, _) => (Next::Person, Trouble::Permission),
        _ if transient => (unsure, Trouble::Outage),
        _ => (Next::Permanent, Trouble::Refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_headers_of_limits_are_heeded() {
        let use_case = serde_json::json!({"1": [{"estimated_time_to_regain_access": 2}, {"call_count": 100}]});
        let account = |pct: f64| serde_json::json!({"acc_id_util_pct": pct, "reset_time_duration": 300});
        let seconds =
            |use_case: Option<&Value>, account: Option<&Value>| longest(use_case, account).map(|d| d.as_secs());
        assert_eq!(seconds(Some(&use_case), None), Some(120));
        assert_eq!(seconds(Some(&use_case), Some(&account(100.0))), Some(300));
        assert_eq!((seconds(None, Some(&account(42.5))), seconds(None, None)), (None, None));
    }

    #[test]
    fn every_code_of_the_reference_has_its_consequence() {
        let next = |code, subcode| judged(code, subcode, false, true, None);
        for code in [4, 17, 32, 341, 613, 80_000, 80_001, 80_002, 80_003, 80_004, 80_014, 368] {
            assert_eq!(next(code, 0), (Next::Retry { after: None }, Trouble::TooMany), "{code}");
        }
        for code in [1, 2] {
            assert_eq!(next(code, 0), (Next::LookUp, Trouble::Outage), "{code}: may have happened");
            assert_eq!(judged(code, 0, true, false, None).0, Next::Retry { after: None }, "{code}: a question");
        }
        for subcode in [0, 458, 459, 460, 463, 464, 467] {
            assert_eq!(next(190, subcode), (Next::Person, Trouble::Token), "{subcode}");
        }
        for code in [3, 10, 200, 294, 299] {
            assert_eq!(next(code, 0), (Next::Person, Trouble::Permission), "{code}");
        }
        for (code, subcode, trouble) in [
            (100, 0, Trouble::Refused),
            (105, 0, Trouble::Refused),
            (194, 0, Trouble::Refused),
            (2635, 0, Trouble::Refused),
            (2641, 0, Trouble::Refused),
            (100, 1_885_272, Trouble::BudgetTooLow),
            (100, 1_885_650, Trouble::BudgetTooLow),
            (100, 1_885_621, Trouble::Refused),
            (100, 1_870_199, Trouble::Refused),
            (100, 1_870_227, Trouble::Declaration),
            (100, 1_815_946, Trouble::OneCircleEach),
            (100, 3_858_152, Trouble::Declaration),
            (506, 0, Trouble::Duplicate),
            (100, 2_490_427, Trouble::Rejected),
            (100, 2_490_468, Trouble::Rejected),
        ] {
            assert_eq!(next(code, subcode), (Next::Permanent, trouble), "{code}/{subcode}");
        }
        assert_eq!(judged(9_999, 0, true, true, None), (Next::LookUp, Trouble::Outage), "is_transient");
    }
}
