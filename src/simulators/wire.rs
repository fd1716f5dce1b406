//! HTTP/1.1 over a socket, just enough for clients of this program: requests with a length or in chunks, answers with a
//! length, connections kept open. By hand, because a framework does not let a connection be cut after the effect.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::call::{Answer, Call};

/// No head is longer.
const MOST_HEAD: usize = 64 * 1024;
/// No body is longer: a campaign with its pictures is a few megabytes.
const MOST_BODY: usize = 64 * 1024 * 1024;
/// A client that says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_mins(1);
/// One read.
const BUFFER: usize = 16 * 1024;

/// One client's connection.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
    buffer: Vec<u8>,
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

impl Connection {
    /// Over a socket.
    pub fn new(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        Self { stream, read: Vec::new(), buffer: vec![0; BUFFER] }
    }

    async fn more(&mut self) -> io::Result<()> {
        let got = tokio::time::timeout(PATIENCE, self.stream.read(&mut self.buffer)).await??;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read.extend_from_slice(self.buffer.get(..got).unwrap_or_default());
        Ok(())
    }

    /// Takes what stands before `mark`, and the mark.
    async fn until(&mut self, mark: &[u8], most: usize) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self.read.windows(mark.len()).position(|window| window == mark) {
                let taken = self.read.drain(..at).collect();
                self.read.drain(..mark.len());
                return Ok(taken);
            }
            if self.read.len() > most {
                return Err(malformed("too long"));
            }
            self.more().await?;
        }
    }

    async fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > MOST_BODY {
            return Err(malformed("too long"));
        }
        while self.read.len() < length {
            self.more().await?;
        }
        Ok(self.read.drain(..length).collect())
    }

    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.until(b"\r\n", 1024).await?;
            let digits = String::from_utf8_lossy(&line).split(';').next().unwrap_or_default().trim().to_owned();
            let length = usize::from_str_radix(&digits, 16).map_err(|_| malformed("chunk"))?;
            body.extend(self.exactly(length).await?);
            self.until(b"\r\n", 1024).await?;
            if length == 0 {
                return Ok(body);
            }
            if body.len() > MOST_BODY {
                return Err(malformed("too long"));
            }
        }
    }

    /// The next request; an error when the client is gone or speaks something else.
    pub async fn call(&mut self) -> io::Result<Call> {
        let head = self.until(b"\r\n\r\n", MOST_HEAD).await?;
        let head = String::from_utf8(head).map_err(|_| malformed("head"))?;
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some("HTTP/1.1")) = (words.next(), words.next(), words.next()) else {
            return Err(malformed("request line"));
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut call =
            Call { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), ..Call::default() };
        for line in lines {
            let (name, value) = line.split_once(':').ok_or_else(|| malformed("header"))?;
            call.headers.insert(name.trim().to_lowercase(), value.trim().to_owned());
        }
        if call.header("expect").is_some() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        call.body = match (call.header("transfer-encoding"), call.header("content-length")) {
            (Some("chunked"), _) => self.chunks().await?,
            (_, Some(length)) => {
                let length = length.parse().map_err(|_| malformed("length"))?;
                self.exactly(length).await?
            }
            _ => Vec::new(),
        };
        Ok(call)
    }

    /// Answers; `cut` sends only half of the body and closes.
    pub async fn answer(&mut self, answer: &Answer, cut: bool) -> io::Result<()> {
        let reason = if answer.status < 400 { "OK" } else { "Refused" };
        let mut head = format!("HTTP/1.1 {} {reason}\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
        if !answer.headers.iter().any(|(name, _)| name == "content-type") {
            head.push_str("content-type: application/json; charset=utf-8\r\n");
        }
        for (name, value) in &answer.headers {
            // Writing to a string cannot fail.
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        let body = answer.body.as_bytes();
        let sent = if cut { body.get(..body.len() / 2).unwrap_or_default() } else { body };
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.write_all(sent).await?;
        self.stream.flush().await
    }

    /// Cuts the connection without a word.
    pub fn reset(self) {
        let _ = self.stream.set_zero_linger();
    }
}
