//! OAuth 1.0a with HMAC-SHA1, as X wants every call signed: query and form are signed, JSON and multipart bodies are not.

use crate::channels::ads::encode::escaped;
use crate::config::XAds;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The `Authorization` header of one request. `url` is without its query; `parameters` are those of the query and the form.
pub fn header(
    config: &XAds,
    (method, url): (&str, &str),
    parameters: &[(&str, String)],
    (timestamp, nonce): (i64, &str),
) -> String {
    let mut own: Vec<(&str, String)> = vec![
        ("oauth_consumer_key", config.consumer_key.reveal().to_owned()),
        ("oauth_nonce", nonce.to_owned()),
        ("oauth_signature_method", "HMAC-SHA1".to_owned()),
        ("oauth_timestamp", timestamp.to_string()),
        ("oauth_token", config.token.reveal().to_owned()),
        ("oauth_version", "1.0".to_owned()),
    ];
    let all = own.iter().chain(parameters);
    let mut encoded: Vec<(String, String)> = all.map(|(name, value)| (escaped(name), escaped(value))).collect();
    encoded.sort_unstable();
    let joined = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let base = format!("{method}&{}&{}", escaped(url), escaped(&joined));
    let key = format!("{}&{}", escaped(config.consumer_secret.reveal()), escaped(config.token_secret.reveal()));
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    own.push(("oauth_signature", STANDARD.encode(hmac::sign(&key, base.as_bytes()))));
    own.sort_unstable();
    let fields: Vec<String> = own.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("OAuth {}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_vectors_are_reproduced() {
        let config = XAds {
            consumer_key: "ck-test".into(),
            consumer_secret: "cs-test".into(),
            token: "tk-test".into(),
            token_secret: "ts-test".into(),
            ..XAds::default()
        };
        let at = (1_764_547_200, "0123456789abcdef");
        let url = "https://ads-api.x.com/12/accounts/18ce54d4x5t/campaigns";
        let query = [
            ("funding_instrument_id", "lygyi".to_owned()),
            ("name", "Avis témoin 1,2".to_owned()),
            ("daily_budget_amount_local_micro", "50000000".to_owned()),
        ];
        let signed = header(&config, ("POST", url), &query, at);
        assert!(signed.contains("oauth_signature=\"5YvDFees4M7VdmZJkbyBDOoXunM%3D\""), "{signed}");
        let url = "https://ads-api.x.com/12/accounts/18ce54d4x5t/promoted_tweets";
        let form = [("line_item_id", "ml5vs".to_owned()), ("tweet_ids", "1,2".to_owned())];
        let signed = header(&config, ("POST", url), &form, at);
        assert!(
            signed.contains(&format!("oauth_signature=\"{}\"", escaped("DZTLwFR2Ouhapn6mpWmhmRazq8I="))),
            "{signed}"
        );
    }
}
