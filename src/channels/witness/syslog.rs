//! Messages to a log host in the form of RFC 5424: one datagram each over UDP (RFC 5426), counted octets over TCP (RFC 6587).

use std::io::Write;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

/// Facility 13, log audit; severity 6, informational (RFC 5424 section 6.2.1).
const PRIORITY: u8 = 13 * 8 + 6;
/// A log host that does not answer must not hold the others up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a log host is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogHost {
    /// Nobody says whether it arrives.
    Udp(String),
    /// Accepted by the other side's kernel at least.
    Tcp(String),
}

impl LogHost {
    /// Reads `udp://HOST:PORT` or `tcp://HOST:PORT`.
    #[must_use]
    pub fn parse(address: &str) -> Option<Self> {
        if let Some(rest) = address.strip_prefix("udp://") {
            return Some(Self::Udp(rest.trim_end_matches('/').to_owned()));
        }
        address.strip_prefix("tcp://").map(|rest| Self::Tcp(rest.trim_end_matches('/').to_owned()))
    }

    fn resolve(host: &str) -> Result<SocketAddr, String> {
        let mut found = host.to_socket_addrs().map_err(|cause| format!("{host}: {cause}"))?;
        found.next().ok_or_else(|| format!("{host}: no address"))
    }

    /// Sends messages in order; blocking. All of them, or an error: some may have arrived then, and repeating is harmless.
    pub fn send(&self, messages: &[String]) -> Result<(), String> {
        match self {
            Self::Udp(host) => {
                let address = Self::resolve(host)?;
                let said = |cause: std::io::Error| format!("{host}: {cause}");
                let any: SocketAddr = if address.is_ipv4() { ([0; 4], 0).into() } else { ([0_u16; 8], 0).into() };
                let socket = UdpSocket::bind(any).map_err(said)?;
                socket.connect(address).map_err(said)?;
                messages.iter().try_for_each(|message| socket.send(message.as_bytes()).map(drop)).map_err(said)
            }
            Self::Tcp(host) => {
                let said = |cause: std::io::Error| format!("{host}: {cause}");
                let mut stream = TcpStream::connect_timeout(&Self::resolve(host)?, PATIENCE).map_err(said)?;
                stream.set_write_timeout(Some(PATIENCE)).map_err(said)?;
                let framed = messages.iter().map(|message| format!("{} {message}", message.len()));
                let framed = framed.collect::<Vec<_>>().concat();
                stream.write_all(framed.as_bytes()).and_then(|()| stream.flush()).map_err(said)
            }
        }
    }

    /// Whether it can be reached, as far as its protocol tells.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Udp(host) => Self::resolve(host).map(drop),
            Self::Tcp(host) => TcpStream::connect_timeout(&Self::resolve(host)?, PATIENCE)
                .map(drop)
                .map_err(|cause| format!("{host}: {cause}")),
        }
    }
}

/// One message. `at` is RFC 3339 with at most six decimals; `text` is JSON in one line, which needs no escaping here.
#[must_use]
pub fn message(at: &str, name: &str, text: &str) -> String {
    format!("<{PRIORITY}>1 {at} - tocsin {} {name} - {text}", std::process::id())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;

    #[test]
    fn both_protocols_carry_the_message_whole() {
        let text = message("2026-11-21T11:00:00.000001Z", "audit", r#"{"number":1}"#);
        assert!(text.starts_with("<110>1 2026-11-21T11:00:00.000001Z - tocsin ") && text.ends_with(r#" {"number":1}"#));
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let host = LogHost::parse(&format!("udp://{}", udp.local_addr().unwrap())).unwrap();
        host.send(&[text.clone(), text.clone()]).unwrap();
        let mut buffer = [0; 2048];
        let length = udp.recv(&mut buffer).unwrap();
        assert_eq!(buffer.get(..length).unwrap(), text.as_bytes());
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = LogHost::parse(&format!("tcp://{}", tcp.local_addr().unwrap())).unwrap();
        host.send(std::slice::from_ref(&text)).unwrap();
        let mut got = String::new();
        tcp.accept().unwrap().0.read_to_string(&mut got).unwrap();
        assert_eq!(got, format!("{} {text}", text.len()));
        drop(tcp);
        assert!(host.check().is_err() && host.send(&[text]).is_err());
        assert_eq!(LogHost::parse("http://host"), None);
    }
}
