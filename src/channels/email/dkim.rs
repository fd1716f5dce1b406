//! Signatures under our mails (DKIM, RFC 6376; Ed25519: RFC 8463), so that providers can tell them from forgeries and
//! honour the one-click way out, which has to be signed (RFC 8058 §4). Both canonicalisations are "relaxed": relays fold
//! headers and strip blanks.

use crate::config::Email;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};

/// What is signed of the head, where it is there (RFC 6376 §5.4.1). `from` stands twice: nobody can add another.
const SIGNED: [&str; 14] = [
    "from",
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-language",
    "auto-submitted",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
];
/// Verifiers refuse shorter ones (RFC 8301 §3.2 asks signers for 2048).
const SHORTEST_RSA: usize = 256;
/// A line of the signature's own header.
const LINE: usize = 72;

/// The key cannot sign mails.
#[derive(Debug, thiserror::Error)]
#[error("email.dkim: {0}")]
pub struct UnusableDkim(String);

enum Key {
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// Signs mails for a domain.
pub struct DkimSigner {
    domain: String,
    selector: String,
    key: Key,
}

impl DkimSigner {
    /// The signer of the configuration; none without a key.
    pub fn open(settings: &Email) -> Result<Option<Self>, UnusableDkim> {
        let Some(file) = &settings.dkim.key_file else { return Ok(None) };
        let unusable = |why: &dyn std::fmt::Display| UnusableDkim(format!("{}: {why}", file.display()));
        let pem = std::fs::read(file).map_err(|e| unusable(&e))?;
        let key = read_key(&pem).map_err(|why| unusable(&why))?;
        let senders = settings.from.rsplit_once('@').map_or("", |(_, domain)| domain);
        let domain = if settings.dkim.domain.is_empty() { senders } else { &settings.dkim.domain };
        let is_own = senders == domain || senders.ends_with(&format!(".{domain}"));
        if !is_own {
            // Alignment (RFC 7489 §3.1.1): a signature of somebody else's says nothing about the sender.
            return Err(UnusableDkim(format!("domain {domain} is not the sender's ({senders}) or above it")));
        }
        Ok(Some(Self { domain: domain.to_owned(), selector: settings.dkim.selector.clone(), key }))
    }

    /// Name and text of the DNS record that verifiers look for.
    #[must_use]
    pub fn record(&self) -> (String, String) {
        let (kind, public) = match &self.key {
            Key::Ed25519(pair) => ("ed25519", pair.public_key().as_ref().to_vec()),
            Key::Rsa(pair) => ("rsa", pair.public_key().as_der().map(|der| der.as_ref().to_vec()).unwrap_or_default()),
        };
        (
            format!("{}._domainkey.{}", self.selector, self.domain),
            format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(public)),
        )
    }

    /// The mail with its signature on top. A mail without an end of its head is left as it is.
    #[must_use]
    pub fn signed(&self, mail: Vec<u8>) -> Vec<u8> {
        let Some(end) = mail.windows(4).position(|four| four == b"\r\n\r\n") else { return mail };
        let (Some(head), Some(body)) = (mail.get(..end + 2), mail.get(end + 4..)) else { return mail };
        let fields = fields(head);
        let mut data = Vec::with_capacity(head.len());
        let mut names = Vec::new();
        let mut taken = vec![false; fields.len()];
        for name in SIGNED {
            // From the last one up (§5.4.2); one that is not there is signed as missing.
            let found = fields.iter().enumerate().rev().find(|(n, (field, _))| field == name && !is_taken(&taken, *n));
            match found {
                Some((n, (_, value))) => {
                    if let Some(mark) = taken.get_mut(n) {
                        *mark = true;
                    }
                    data.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
                    names.push(name);
                }
                None if name == "from" => names.push(name),
                None => {}
            }
        }
        let algorithm = match self.key {
            Key::Ed25519(_) => "ed25519-sha256",
            Key::Rsa(_) => "rsa-sha256",
        };
        let open = format!(
            "v=1; a={algorithm}; c=relaxed/relaxed; d={};\r\n s={};\r\n h={};\r\n bh={};\r\n b=",
            self.domain,
            self.selector,
            names.join(":\r\n  "),
            STANDARD.encode(Sha256::digest(relaxed_body(body)))
        );
        data.extend_from_slice(format!("dkim-signature:{}", relaxed_value(open.as_bytes())).as_bytes());
        let Some(signature) = self.signature(&data) else { return mail };
        let mut out = Vec::with_capacity(mail.len() + open.len() + signature.len() * 2);
        out.extend_from_slice(format!("DKIM-Signature: {open}").as_bytes());
        for line in STANDARD.encode(signature).as_bytes().chunks(LINE) {
            out.extend_from_slice(b"\r\n  ");
            out.extend_from_slice(line);
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&mail);
        out
    }

    fn signature(&self, data: &[u8]) -> Option<Vec<u8>> {
        match &self.key {
            // RFC 8463 §3: what is signed is the digest.
            Key::Ed25519(pair) => Some(pair.sign(&Sha256::digest(data)).as_ref().to_vec()),
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

/// Not printable: holds the key.
impl std::fmt::Debug for DkimSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DkimSigner({}._domainkey.{} ***)", self.selector, self.domain)
    }
}

fn is_taken(taken: &[bool], n: usize) -> bool {
    taken.get(n).copied().unwrap_or(true)
}

fn read_key(pem: &[u8]) -> Result<Key, String> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|e| format!("no PKCS#8 key in PEM: {e}"))?;
    let der = der.secret_pkcs8_der();
    if let Ok(pair) = Ed25519KeyPair::from_pkcs8(der) {
        return Ok(Key::Ed25519(pair));
    }
    let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| "neither an RSA nor an Ed25519 key".to_owned())?;
    if pair.public_modulus_len() < SHORTEST_RSA {
        return Err(format!("an RSA key of {} bits; 2048 are the least", pair.public_modulus_len() * 8));
    }
    Ok(Key::Rsa(pair))
}

/// Names in lower case with their relaxed values, in order.
fn fields(head: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(head);
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.split("\r\n").filter(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.to_owned()));
        }
    }
    for (_, value) in &mut fields {
        *value = relaxed_value(value.as_bytes());
    }
    fields
}

/// One line, runs of blanks as one, none at its ends (§3.4.2).
fn relaxed_value(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    text.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Runs of blanks as one, none at the end of a line, no empty lines at the end (§3.4.4).
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len() + 2);
    // The text without the empty lines at its end.
    let mut kept = 0;
    let mut rest = body;
    while !rest.is_empty() {
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after.get(2..).unwrap_or_default();
        let mut is_blank = false;
        let from = relaxed.len();
        for byte in line {
            if matches!(byte, b' ' | b'\t') {
                is_blank = true;
                continue;
            }
            if std::mem::take(&mut is_blank) {
                relaxed.push(b' ');
            }
            relaxed.push(*byte);
        }
        let is_empty = relaxed.len() == from;
        relaxed.extend_from_slice(b"\r\n");
        if !is_empty {
            kept = relaxed.len();
        }
    }
    relaxed.truncate(kept);
    relaxed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    /// RFC 6376 §3.4.5.
    #[test]
    fn the_standards_own_example_is_canonicalised_as_it_says() {
        let head = b"A: X \r\nB : Y\t\r\n\tZ  \r\n";
        assert_eq!(fields(head), [("a".to_owned(), "X".to_owned()), ("b".to_owned(), "Y Z".to_owned())]);
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        assert_eq!(relaxed_body(b"\r\n\r\n"), b"");
        assert_eq!(relaxed_body(b"no end"), b"no end\r\n");
    }

    #[test]
    fn a_key_that_signs_nothing_is_refused() {
        assert!(read_key(b"nothing").err().unwrap().contains("PKCS#8"));
        let pem = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        assert!(read_key(pem.as_bytes()).is_err());
    }
}
