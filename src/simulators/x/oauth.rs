//! OAuth 1.0a as the platform checks it: who signs, when, only once, and exactly this request.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::{DateTime, Utc};

use super::XAccount;
use super::errors::No;
use crate::simulators::call::{Call, pairs};
use crate::simulators::mac::base64_sha1;

/// How far a client's clock may be off.
const SLACK_SECONDS: i64 = 300;

/// RFC 3986: only unreserved characters stay.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The text that is signed.
pub fn base_string(method: &str, url: &str, parameters: &[(String, String)]) -> String {
    let mut encoded: Vec<(String, String)> = parameters.iter().map(|(n, v)| (escaped(n), escaped(v))).collect();
    encoded.sort();
    let joined: Vec<String> = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{method}&{}&{}", escaped(url), escaped(&joined.join("&")))
}

/// Refuses whatever is not signed by the account's keys.
pub fn verified(account: &XAccount, call: &Call, now: DateTime<Utc>, seen: &mut BTreeSet<String>) -> Result<(), No> {
    let no =
        |why: &str| No::new(401, "UNAUTHORIZED_ACCESS", format!("This request is not properly authenticated: {why}"));
    let header =
        call.header("authorization").and_then(|text| text.strip_prefix("OAuth ")).ok_or_else(|| no("no header"))?;
    let mut given: Vec<(String, String)> = Vec::new();
    for part in header.split(',') {
        let (name, value) = part.trim().split_once('=').ok_or_else(|| no("malformed header"))?;
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).ok_or_else(|| no("no quotes"))?;
        given.extend(pairs(&format!("{name}={value}"), false));
    }
    let one =
        |name: &str| given.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    if one("oauth_consumer_key") != account.consumer_key || one("oauth_token") != account.token {
        return Err(no("unknown consumer or token"));
    }
    if one("oauth_signature_method") != "HMAC-SHA1" || !matches!(one("oauth_version"), "" | "1.0") {
        return Err(no("signature method"));
    }
    let at: i64 = one("oauth_timestamp").parse().map_err(|_| no("timestamp"))?;
    if (at - now.timestamp()).abs() > SLACK_SECONDS {
        return Err(no("timestamp out of bounds"));
    }
    let nonce = one("oauth_nonce").to_owned();
    let signature = one("oauth_signature").to_owned();
    let mut signed: Vec<(String, String)> =
        given.iter().filter(|(name, _)| name.starts_with("oauth_") && name != "oauth_signature").cloned().collect();
    signed.extend(call.parameters());
    let url = format!("http://{}{}", call.header("host").unwrap_or_default(), call.path);
    let key = format!("{}&{}", escaped(&account.consumer_secret), escaped(&account.token_secret));
    if base64_sha1(&key, &base_string(&call.method, &url, &signed)) != signature {
        return Err(no("signature"));
    }
    if nonce.is_empty() || !seen.insert(nonce) {
        return Err(no("nonce used before"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_vector_is_reproduced() {
        let text =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
        let parameters = text(&[
            ("funding_instrument_id", "lygyi"),
            ("name", "Avis témoin 1,2"),
            ("daily_budget_amount_local_micro", "50000000"),
            ("oauth_consumer_key", "ck-test"),
            ("oauth_nonce", "0123456789abcdef"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "1764547200"),
            ("oauth_token", "tk-test"),
            ("oauth_version", "1.0"),
        ]);
        let base = base_string("POST", "https://ads-api.x.com/12/accounts/18ce54d4x5t/campaigns", &parameters);
        assert!(base.contains("name%3DAvis%2520t%25C3%25A9moin%25201%252C2%26oauth_consumer_key"), "{base}");
        assert_eq!(base64_sha1("cs-test&ts-test", &base), "5YvDFees4M7VdmZJkbyBDOoXunM=");
    }
}
