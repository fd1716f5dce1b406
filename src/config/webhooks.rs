//! Where messages to programs may go, and how long they may take.

use serde::Deserialize;
use std::net::IpAddr;

/// Messages to programs.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Networks besides the public internet that may be reached, e.g. `10.2.0.0/16`. Only within `127.0.0.0/8` or `::1/128`,
    /// once named here, may an address be plain http.
    pub networks: Vec<String>,
    /// Ports of the public internet that may be reached.
    pub ports: Vec<u16>,
    /// Seconds from the beginning of a call to the end of its answer.
    pub timeout_seconds: u64,
    /// Days for which messages that ended are kept to be looked at.
    pub kept_days: u16,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { networks: Vec::new(), ports: vec![443], timeout_seconds: 30, kept_days: 30 }
    }
}

/// A network: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.2.0.0/16` or `fd00::/8`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.trim().split_once('/')?;
        let (address, bits): (IpAddr, u8) = (address.parse().ok()?, bits.parse().ok()?);
        let most = if address.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether an address lies in it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let same = |left: u128, right: u128, width: u32| {
            let shift = width - u32::from(self.bits);
            left.checked_shr(shift).unwrap_or(0) == right.checked_shr(shift).unwrap_or(0)
        };
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(of)) => same(u32::from(net).into(), u32::from(of).into(), 32),
            (IpAddr::V6(net), IpAddr::V6(of)) => same(net.into(), of.into(), 128),
            _ => false,
        }
    }
}

impl Webhooks {
    /// The networks that may be reached besides the public internet.
    #[must_use]
    pub fn allowed(&self) -> Vec<Network> {
        self.networks.iter().filter_map(|text| Network::parse(text)).collect()
    }

    /// What is wrong with it: the key, and why.
    pub(super) fn validate(&self) -> Result<(), (&'static str, &'static str)> {
        if self.networks.iter().any(|text| Network::parse(text).is_none()) {
            return Err(("webhooks.networks", "each is an address, a slash and a number of bits, like 10.2.0.0/16"));
        }
        if !(1..=60).contains(&self.timeout_seconds) {
            return Err(("webhooks.timeout_seconds", "between 1 and 60: a claim is held for two minutes"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn a_network_holds_what_shares_its_leading_bits() {
        let holds = |network: &str, address: &str| Network::parse(network).unwrap().holds(address.parse().unwrap());
        assert!(holds("10.2.0.0/16", "10.2.255.1") && !holds("10.2.0.0/16", "10.3.0.1"));
        assert!(holds("127.0.0.0/8", "127.9.9.9") && holds("0.0.0.0/0", "8.8.8.8"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "2a00::1"));
        assert!(holds("::/0", "::1") && !holds("::/0", "10.0.0.1"), "each kind of address by itself");
        assert!(holds("192.0.2.7/32", "192.0.2.7") && !holds("192.0.2.7/32", "192.0.2.6"));
        for wrong in ["10.0.0.0", "10.0.0.0/33", "x/8", "::/129", ""] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }
}
