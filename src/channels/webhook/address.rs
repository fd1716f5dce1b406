//! Which addresses a message may be sent to (security-and-ops §9): https on the public internet, and what the operator
//! named. What a name resolves to is judged at every call, and exactly what was judged is connected to.

use crate::config::{Network, Webhooks};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The longest address that is kept.
const LONGEST: usize = 500;

/// Why an address is refused before anything is sent to it; each has a code with words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// Not an address, or one with a name and password, a fragment, or too long.
    #[error("malformed")]
    Malformed,
    /// Not https.
    #[error("not https")]
    NotHttps,
    /// Another port than the operator allows.
    #[error("port")]
    Port,
    /// An address that is no business of the public internet.
    #[error("private")]
    Private,
}

impl UrlFault {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "url-malformed",
            Self::NotHttps => "url-not-https",
            Self::Port => "url-port",
            Self::Private => "url-private",
        }
    }
}

/// Judges an address as far as it can be without asking for what its name resolves to.
pub fn check(text: &str, settings: &Webhooks) -> Result<Url, UrlFault> {
    let url = Url::parse(text).map_err(|_| UrlFault::Malformed)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    if text.len() > LONGEST || !plain || host.is_empty() {
        return Err(UrlFault::Malformed);
    }
    let named = settings.allowed();
    let literal: Option<IpAddr> = host.parse().ok();
    let within = |address: IpAddr| named.iter().any(|network| network.holds(address));
    let is_own = literal.is_some_and(|address| address.is_loopback() && within(address));
    match url.scheme() {
        "https" => {}
        "http" if is_own => {}
        _ => return Err(UrlFault::NotHttps),
    }
    match literal {
        Some(address) if within(address) => return Ok(url),
        Some(address) if !is_public(address) => return Err(UrlFault::Private),
        // A name without a dot is of some network of ours; what it resolves to decides when networks are named.
        None if !host.contains('.') && named.is_empty() => return Err(UrlFault::Private),
        _ => {}
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if settings.ports.contains(&port) { Ok(url) } else { Err(UrlFault::Port) }
}

/// Whether an address is of the public internet: none of private, loopback, link-local, carrier-grade NAT, multicast,
/// reserved, documentation, benchmarking, translated, tunnelled or mapped.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    const NOT: [(Ipv4Addr, u32); 14] = [
        (Ipv4Addr::UNSPECIFIED, 8),
        (Ipv4Addr::new(10, 0, 0, 0), 8),
        (Ipv4Addr::new(100, 64, 0, 0), 10),
        (Ipv4Addr::new(127, 0, 0, 0), 8),
        (Ipv4Addr::new(169, 254, 0, 0), 16),
        (Ipv4Addr::new(172, 16, 0, 0), 12),
        (Ipv4Addr::new(192, 0, 0, 0), 24),
        (Ipv4Addr::new(192, 0, 2, 0), 24),
        (Ipv4Addr::new(192, 88, 99, 0), 24),
        (Ipv4Addr::new(192, 168, 0, 0), 16),
        (Ipv4Addr::new(198, 18, 0, 0), 15),
        (Ipv4Addr::new(198, 51, 100, 0), 24),
        (Ipv4Addr::new(203, 0, 113, 0), 24),
        // Multicast, and everything reserved above it.
        (Ipv4Addr::new(224, 0, 0, 0), 3),
    ];
    NOT.iter().all(|(network, bits)| u32::from(*network) >> (32 - bits) != u32::from(address) >> (32 - bits))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = u128::from(address);
    // Only global unicast; of that, no protocol assignments (Teredo, benchmarking), no documentation, no 6to4.
    let within = |network: u128, length: u32| network >> (128 - length) == bits >> (128 - length);
    within(0x2000 << 112, 3)
        && !within(0x2001 << 112, 23)
        && !within(0x2001_0db8 << 96, 32)
        && !within(0x2002 << 112, 16)
        && !within(0x3fff << 112, 20)
}

/// A name led to an address that must not be called.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that must not be called")]
pub struct Forbidden;

/// Asks for a name's addresses and gives back only what may be called; one that may not forbids all.
#[derive(Clone)]
pub struct Judge(Arc<Vec<Network>>);

impl Judge {
    /// For these settings.
    #[must_use]
    pub fn new(settings: &Webhooks) -> Self {
        Self(Arc::new(settings.allowed()))
    }

    fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || self.0.iter().any(|network| network.holds(address))
    }
}

impl Resolve for Judge {
    fn resolve(&self, name: Name) -> Resolving {
        let judge = self.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !judge.allows(address.ip())) {
                return Err(Box::from(Forbidden));
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::808:808",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:db8::1",
            "2002:808:808::1",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "8.8.8.8",
            "100.63.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "2a00:1450::1",
            "2600::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_called() {
        let resolve = |settings: &Webhooks| Judge::new(settings).resolve("localhost".parse().unwrap());
        let refused = resolve(&Webhooks::default()).await.err().unwrap();
        assert!(refused.is::<Forbidden>(), "{refused}");
        let named = Webhooks { networks: vec!["127.0.0.0/8".into(), "::1/128".into()], ..Webhooks::default() };
        assert!(resolve(&named).await.unwrap().all(|address| address.ip().is_loopback()));
    }

    #[test]
    fn an_address_is_https_on_a_port_that_is_allowed_and_nowhere_private() {
        let plain = Webhooks::default();
        let judged = |text: &str| check(text, &plain).map(drop);
        assert_eq!(judged("https://hooks.example.be/tocsin?x=1"), Ok(()));
        for (text, fault) in [
            ("hooks", UrlFault::Malformed),
            ("https://user:word@hooks.example.be/", UrlFault::Malformed),
            ("https://hooks.example.be/#part", UrlFault::Malformed),
            ("http://hooks.example.be/", UrlFault::NotHttps),
            ("file:///etc/passwd", UrlFault::Malformed),
            ("gopher://hooks.example.be/", UrlFault::NotHttps),
            ("https://hooks.example.be:8443/", UrlFault::Port),
            ("https://127.0.0.1/", UrlFault::Private),
            ("https://[::1]/", UrlFault::Private),
            ("https://[::ffff:127.0.0.1]/", UrlFault::Private),
            ("https://169.254.169.254/latest", UrlFault::Private),
            // Other spellings of 127.0.0.1.
            ("https://2130706433/", UrlFault::Private),
            ("https://0x7f.1/", UrlFault::Private),
            ("https://localhost/", UrlFault::Private),
            ("http://127.0.0.1:9/", UrlFault::NotHttps),
        ] {
            assert_eq!(judged(text), Err(fault), "{text}");
        }
        let long = format!("https://hooks.example.be/{}", "x".repeat(500));
        assert_eq!(judged(&long), Err(UrlFault::Malformed));
        let named = Webhooks { networks: vec!["127.0.0.0/8".into(), "10.2.0.0/16".into()], ..plain };
        assert!(check("http://127.0.0.1:9/", &named).is_ok() && check("https://10.2.0.9:8443/", &named).is_ok());
        assert_eq!(check("http://10.2.0.9/", &named).map(drop), Err(UrlFault::NotHttps), "plain only on this machine");
        assert_eq!(check("https://10.3.0.9/", &named).map(drop), Err(UrlFault::Private));
    }
}
