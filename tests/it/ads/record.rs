//! Requests as a readable file: one parameter a line, secrets masked, pictures as their size.

use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use tocsin::simulators::Recorded;

const SECRET: [&str; 8] = [
    "access_token",
    "appsecret_proof",
    "client_secret",
    "refresh_token",
    "oauth_signature",
    "oauth_consumer_key",
    "oauth_token",
    "oauth_nonce",
];

fn decoded(text: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                assert_ne!(byte, b'+', "a plus is a space to some and a plus to others");
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    let pair = |pair: &str| pair.split_once('=').map(|(n, v)| (plain(n), plain(v))).unwrap();
    text.split('&').filter(|text| !text.is_empty()).map(pair).collect()
}

/// Pictures are their length, tokens three stars.
fn calm(value: &Value) -> Value {
    match value {
        Value::Object(all) => all
            .iter()
            .map(|(key, one)| match key.as_str() {
                "data" if one.is_string() => {
                    (key.clone(), Value::from(format!("<{} characters>", one.as_str().unwrap().len())))
                }
                "access_token" => (key.clone(), Value::from("***")),
                _ => (key.clone(), calm(one)),
            })
            .collect(),
        Value::Array(all) => all.iter().map(calm).collect(),
        other => other.clone(),
    }
}

fn parameters(text: &mut String, mark: &str, pairs: &[(String, String)]) {
    for (name, value) in pairs {
        let value = if SECRET.contains(&name.as_str()) { "***" } else { value };
        writeln!(text, "{mark} {name} = {}", value.replace('\n', "\\n")).unwrap();
    }
}

fn body(text: &mut String, bytes: &[u8], kind: &str) {
    let said = String::from_utf8_lossy(bytes);
    if kind.starts_with("application/x-www-form-urlencoded") {
        parameters(text, " ", &decoded(&said));
    } else if kind.starts_with("multipart/form-data") {
        for part in said.split("--tocsin-part").filter(|part| part.contains("name=")) {
            let (head, value) = part.split_once("\r\n\r\n").unwrap();
            let name = head.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
            let shown = match (SECRET.contains(&name), head.contains("filename=")) {
                (true, _) => "***".to_owned(),
                (false, true) => "<a picture>".to_owned(),
                (false, false) => value.trim_end().to_owned(),
            };
            writeln!(text, "  {name} = {shown}").unwrap();
        }
    } else if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        for line in serde_json::to_string_pretty(&calm(&value)).unwrap().lines() {
            writeln!(text, "  {line}").unwrap();
        }
    }
}

/// One request and its answer.
pub fn readable(recorded: &Recorded) -> String {
    let call = &recorded.call;
    let mut text = String::new();
    writeln!(text, "{} {}", call.method, call.path).unwrap();
    for name in ["authorization", "login-customer-id", "developer-token", "content-type"] {
        let Some(value) = call.header(name) else { continue };
        let value = match (name, value.split_once(' ')) {
            ("authorization", Some(("OAuth", fields))) => {
                let names: Vec<&str> = fields.split(", ").map(|field| field.split_once('=').unwrap().0).collect();
                format!("OAuth {}", names.join(" "))
            }
            ("authorization", Some((scheme, _))) => format!("{scheme} ***"),
            ("content-type", _) => value.split(';').next().unwrap().to_owned(),
            _ => value.to_owned(),
        };
        writeln!(text, "{name}: {value}").unwrap();
    }
    parameters(&mut text, " ?", &decoded(&call.query));
    body(&mut text, &call.body, call.header("content-type").unwrap_or_default());
    match &recorded.answer {
        Some(answer) => {
            let value: Value = serde_json::from_str(&answer.body).unwrap_or_default();
            let mut told = calm(&value).to_string();
            if told.chars().count() > 600 {
                told = format!("{}…", told.chars().take(600).collect::<String>());
            }
            // The simulator's port is another each time.
            let told = told.split("http://127.0.0.1:").enumerate().map(|(n, part)| match n {
                0 => part.to_owned(),
                _ => format!("http://SIMULATOR{}", part.trim_start_matches(|c: char| c.is_ascii_digit())),
            });
            writeln!(
                text,
                "-> {} {}",
                answer.status,
                told.collect::<String>().replace("simulated-access-token", "***")
            )
            .unwrap();
        }
        None => writeln!(text, "-> (the connection was cut)").unwrap(),
    }
    text
}

/// Compares with the committed file; `TOCSIN_WRITE_SNAPSHOTS=1` writes it anew, for a person to read before committing.
pub fn compare(name: &str, text: &str) {
    for secret in ["simulated-meta-token", "simulated-app-secret", "simulated-client-secret", "simulated-refresh-token"]
    {
        assert!(!text.contains(secret), "{secret} is in the record");
    }
    let root = std::env::var("TOCSIN_SNAPSHOTS")
        .unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned() + "/tests/it/snapshots");
    let file = Path::new(&root).join(name);
    if std::env::var("TOCSIN_WRITE_SNAPSHOTS").is_ok() {
        std::fs::write(&file, text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    if let Some((n, (new, old))) = text.lines().zip(kept.lines()).enumerate().find(|(_, (new, old))| new != old) {
        panic!("{name} line {}:\n  sent      {new}\n  committed {old}", n + 1);
    }
    assert_eq!(text.lines().count(), kept.lines().count(), "{name} has another length");
}
