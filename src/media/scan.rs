//! Asks a virus scanner about a file before it is sealed: clamd's stream protocol over a socket, or a command that reads the
//! file from its standard input. No plaintext touches the disk. What an answer means for a reader is decided elsewhere.

use crate::domain::attachment::ScanVerdict;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Where the scanner is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// None.
    None,
    /// clamd on a socket of this machine.
    Unix(String),
    /// clamd on an address.
    Tcp(String),
    /// A program and its arguments; it ends with 0 for clean and 1 for infected, as `clamdscan -` does.
    Command(Vec<String>),
}

/// clamd reads pieces of at most `StreamMaxLength`; small ones keep its buffers small.
const PIECE: usize = 64 * 1024;

impl Scanner {
    /// Reads `unix:/path`, `tcp:host:port`, `command:program argument …`, or nothing at all; else nothing is returned.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Some(Self::None);
        }
        let (kind, rest) = text.split_once(':')?;
        match kind {
            _ if rest.trim().is_empty() => None,
            "unix" => Some(Self::Unix(rest.to_owned())),
            "tcp" => Some(Self::Tcp(rest.to_owned())),
            "command" => Some(Self::Command(rest.split_whitespace().map(str::to_owned).collect())),
            _ => None,
        }
    }

    /// What it says of a file, at the latest after `patience`.
    pub async fn scan(&self, bytes: &[u8], patience: Duration) -> ScanVerdict {
        let asked = async {
            match self {
                Self::None => Some(ScanVerdict::NotScanned),
                Self::Unix(path) => stream(tokio::net::UnixStream::connect(path).await.ok()?, bytes).await,
                Self::Tcp(address) => stream(tokio::net::TcpStream::connect(address).await.ok()?, bytes).await,
                Self::Command(words) => command(words, bytes).await,
            }
        };
        let verdict = tokio::time::timeout(patience, asked).await.ok().flatten();
        if verdict.is_none() {
            tracing::warn!(event = "attachment.scan", "the virus scanner did not answer");
        }
        verdict.unwrap_or(ScanVerdict::Failed)
    }
}

async fn stream(mut socket: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> Option<ScanVerdict> {
    socket.write_all(b"zINSTREAM\0").await.ok()?;
    for piece in bytes.chunks(PIECE) {
        let length = u32::try_from(piece.len()).ok()?;
        socket.write_all(&length.to_be_bytes()).await.ok()?;
        socket.write_all(piece).await.ok()?;
    }
    socket.write_all(&[0; 4]).await.ok()?;
    let mut answer = Vec::new();
    socket.take(1024).read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8_lossy(&answer);
    let answer = answer.trim_matches(['\0', '\n', ' ']);
    if answer.ends_with(" OK") {
        Some(ScanVerdict::Clean)
    } else if answer.ends_with(" FOUND") {
        Some(ScanVerdict::Infected)
    } else {
        None
    }
}

async fn command(words: &[String], bytes: &[u8]) -> Option<ScanVerdict> {
    let (program, arguments) = words.split_first()?;
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    // A scanner may know enough before the end, and closes its input then.
    let _ = input.write_all(bytes).await;
    drop(input);
    match child.wait().await.ok()?.code()? {
        0 => Some(ScanVerdict::Clean),
        1 => Some(ScanVerdict::Infected),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use tokio::net::TcpListener;

    const PATIENCE: Duration = Duration::from_secs(5);

    #[test]
    fn an_address_is_understood_or_refused() {
        assert_eq!(Scanner::parse(" "), Some(Scanner::None));
        assert_eq!(Scanner::parse("unix:/run/clamav/clamd.ctl"), Some(Scanner::Unix("/run/clamav/clamd.ctl".into())));
        assert_eq!(Scanner::parse("tcp:127.0.0.1:3310"), Some(Scanner::Tcp("127.0.0.1:3310".into())));
        assert_eq!(Scanner::parse("command:clamdscan -"), Some(Scanner::Command(vec!["clamdscan".into(), "-".into()])));
        assert!(
            [Scanner::parse("clamd"), Scanner::parse("tcp:"), Scanner::parse("http:x")].iter().all(Option::is_none)
        );
    }

    /// A clamd that finds the word it is looking for.
    async fn clamd() -> Scanner {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut command = [0; 10];
                socket.read_exact(&mut command).await.unwrap();
                assert_eq!(&command, b"zINSTREAM\0");
                let mut content = Vec::new();
                loop {
                    let mut length = [0; 4];
                    socket.read_exact(&mut length).await.unwrap();
                    let mut piece = vec![0; u32::from_be_bytes(length).try_into().unwrap()];
                    if piece.is_empty() {
                        break;
                    }
                    socket.read_exact(&mut piece).await.unwrap();
                    content.extend(piece);
                }
                let found = content.windows(5).any(|part| part == b"EICAR");
                let answer: &[u8] = if found { b"stream: Eicar-Test FOUND\0" } else { b"stream: OK\0" };
                socket.write_all(answer).await.unwrap();
            }
        });
        Scanner::Tcp(address.to_string())
    }

    #[tokio::test]
    async fn clamd_is_asked_in_pieces() {
        let scanner = clamd().await;
        let mut long = vec![b'.'; 200_000];
        assert_eq!(scanner.scan(&long, PATIENCE).await, ScanVerdict::Clean);
        long.extend_from_slice(b"EICAR");
        assert_eq!(scanner.scan(&long, PATIENCE).await, ScanVerdict::Infected);
    }

    #[tokio::test]
    async fn a_command_answers_by_how_it_ends_and_silence_is_said() {
        let by = |words: &[&str]| Scanner::Command(words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(by(&["grep", "-qv", "EICAR"]).scan(b"a line\n", PATIENCE).await, ScanVerdict::Clean);
        assert_eq!(by(&["grep", "-qv", "EICAR"]).scan(b"EICAR\n", PATIENCE).await, ScanVerdict::Infected);
        assert_eq!(by(&["no-such-scanner"]).scan(b"x", PATIENCE).await, ScanVerdict::Failed);
        assert_eq!(by(&["sleep", "30"]).scan(b"x", Duration::from_millis(50)).await, ScanVerdict::Failed);
        assert_eq!(Scanner::None.scan(b"x", PATIENCE).await, ScanVerdict::NotScanned);
    }
}
