//! The bytes of a conversation: commands as lines, answers gathered while the client is still ahead, texts as they were before
//! dots were doubled. Everything has an end: lines, texts, waiting for the client to speak and to listen.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::time::{Instant, timeout, timeout_at};

use super::wire::Wire;

/// RFC 5321 asks for 512 and RFC 4954 for 12,288 in AUTH.
const LONGEST_COMMAND: u64 = 12_288;
/// Answers kept back for a client that is ahead; one further ahead than this has to listen first.
const MOST_KEPT_BACK: usize = 64 * 1024;

/// What is read away of a client that is hung up on, and for how long.
const MOST_READ_AWAY: u64 = 1024 * 1024;
const LINGER: Duration = Duration::from_secs(1);

/// What came instead of, or as, a command.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A line without its end.
    Line(String),
    /// A line without an end in sight.
    Endless,
    /// The client left or went silent.
    Gone,
}

/// What came as a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Text {
    /// All of it, dots unstuffed.
    Whole(Vec<u8>),
    /// More than may be kept; read to its end and forgotten.
    TooLarge,
    /// The client left, went silent or was too slow.
    Gone,
}

/// One side of a conversation.
pub struct Talk {
    wire: BufReader<Box<dyn Wire>>,
    out: Vec<u8>,
    patience: Duration,
}

impl Talk {
    /// Over a connection, with this much patience for every single step.
    #[must_use]
    pub fn new(wire: Box<dyn Wire>, patience: Duration) -> Self {
        Self { wire: BufReader::new(wire), out: Vec::new(), patience }
    }

    /// The connection again, without what was read ahead: that is how what was pipelined behind STARTTLS is forgotten
    /// (RFC 3207 §4.2).
    #[must_use]
    pub fn into_wire(self) -> Box<dyn Wire> {
        self.wire.into_inner()
    }

    /// Answers; the line leaves with the next flush.
    pub fn say(&mut self, answer: &str) {
        self.out.extend_from_slice(answer.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    /// Sends what was said.
    pub async fn flush(&mut self) -> io::Result<()> {
        let sending = async {
            self.wire.write_all(&self.out).await?;
            self.wire.flush().await
        };
        timeout(self.patience, sending).await.map_err(|_| io::ErrorKind::TimedOut)??;
        self.out.clear();
        Ok(())
    }

    /// Sends what was said and hangs up. What the client is still sending is read away for a moment: a connection closed over
    /// unread bytes is reset, and the last answer lost with it.
    pub async fn hang_up(mut self) -> io::Result<()> {
        self.flush().await?;
        self.wire.shutdown().await?;
        let mut rest = (&mut self.wire).take(MOST_READ_AWAY);
        let _ = timeout(LINGER, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
        Ok(())
    }

    /// The next command. Before waiting for it, what was said is sent; answers to commands that came together leave together.
    pub async fn command(&mut self) -> io::Result<Heard> {
        if self.wire.buffer().is_empty() || self.out.len() > MOST_KEPT_BACK {
            self.flush().await?;
        }
        let mut line = Vec::new();
        let mut limited = (&mut self.wire).take(LONGEST_COMMAND);
        let Ok(read) = timeout(self.patience, limited.read_until(b'\n', &mut line)).await else {
            return Ok(Heard::Gone);
        };
        if read? == 0 {
            return Ok(Heard::Gone);
        }
        if line.last() != Some(&b'\n') {
            let is_long = u64::try_from(line.len()).is_ok_and(|length| length >= LONGEST_COMMAND);
            return Ok(if is_long { Heard::Endless } else { Heard::Gone });
        }
        Ok(Heard::Line(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// The next `size` bytes (RFC 3030), at most `most` of them kept, and within `limit` altogether.
    pub async fn chunk(&mut self, size: u64, most: usize, limit: Duration) -> Text {
        let mut limited = (&mut self.wire).take(size);
        let mut bytes = Vec::new();
        let is_too_large = usize::try_from(size).map_or(true, |size| size > most);
        let read = timeout(limit, async {
            if is_too_large {
                return tokio::io::copy(&mut limited, &mut tokio::io::sink()).await;
            }
            limited.read_to_end(&mut bytes).await?;
            Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
        });
        match read.await {
            Ok(Ok(read)) if read == size => {
                if is_too_large {
                    Text::TooLarge
                } else {
                    Text::Whole(bytes)
                }
            }
            _ => Text::Gone,
        }
    }

    /// Everything to the lone dot, at most `most` bytes of it, and within `limit` altogether.
    pub async fn text(&mut self, most: usize, limit: Duration) -> io::Result<Text> {
        let end = Instant::now() + limit;
        let (mut text, mut line) = (Vec::new(), Vec::new());
        let (mut is_new_line, mut is_too_large) = (true, false);
        loop {
            line.clear();
            let mut limited = (&mut self.wire).take(LONGEST_COMMAND);
            let step = end.min(Instant::now() + self.patience);
            let Ok(read) = timeout_at(step, limited.read_until(b'\n', &mut line)).await else {
                return Ok(Text::Gone);
            };
            if read? == 0 {
                return Ok(Text::Gone);
            }
            // Only CRLF dot CRLF ends a text; other readings let one mail be smuggled inside another.
            if is_new_line && line == b".\r\n" {
                return Ok(if is_too_large { Text::TooLarge } else { Text::Whole(text) });
            }
            let unstuffed = if is_new_line { line.strip_prefix(b".").unwrap_or(&line) } else { &line };
            is_too_large |= text.len() + unstuffed.len() > most;
            if is_too_large {
                text = Vec::new();
            } else {
                text.extend_from_slice(unstuffed);
            }
            is_new_line = line.ends_with(b"\r\n");
        }
    }
}

/// `FROM:<address> parameters` into address and parameters.
#[must_use]
pub fn path<'a>(arguments: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let (head, tail) = arguments.split_at_checked(word.len())?;
    if !head.eq_ignore_ascii_case(word) {
        return None;
    }
    let (address, parameters) = tail.trim_start().strip_prefix('<')?.split_once('>')?;
    (!address.contains(char::is_whitespace)).then_some((address, parameters))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use tokio::io::AsyncWriteExt;

    const SHORT: Duration = Duration::from_millis(200);

    async fn hear(sent: &[u8], most: usize) -> (Heard, Text) {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        client.write_all(sent).await.unwrap();
        let mut talk = Talk::new(Box::new(server), SHORT);
        let heard = talk.command().await.unwrap();
        (heard, talk.text(most, SHORT).await.unwrap())
    }

    #[tokio::test]
    async fn a_text_ends_at_the_lone_dot_between_two_crlf_and_nowhere_else() {
        let sent = b"DATA\r\n..dot\r\nbare\n.\nend\r\n.\rx\r\n.\r\n.\r\n";
        let (heard, text) = hear(sent, 1_000).await;
        assert_eq!(heard, Heard::Line("DATA".to_owned()));
        assert_eq!(text, Text::Whole(b".dot\r\nbare\n.\nend\r\n\rx\r\n".to_vec()));
    }

    #[tokio::test]
    async fn lines_texts_and_patience_have_an_end() {
        assert_eq!(hear(&vec![b'x'; 20_000], 10).await.0, Heard::Endless);
        assert_eq!(hear(b"NOOP\r\n0123456789\r\n.\r\n", 10).await.1, Text::TooLarge);
        assert_eq!(hear(b"NOOP\r\nand then", 10).await.1, Text::Gone, "silent");
        let long = [b"NOOP\r\n".to_vec(), vec![b'y'; 40_000], b"\r\n.\r\n".to_vec()].concat();
        assert!(matches!(hear(&long, 100_000).await.1, Text::Whole(text) if text.len() == 40_002));
        assert_eq!(hear(b"NO", 10).await.0, Heard::Gone);
    }

    #[test]
    fn a_path_stands_in_angle_brackets() {
        assert_eq!(path("FROM:<> SIZE=3", "FROM:"), Some(("", " SIZE=3")));
        assert_eq!(path("to:<a@b>", "TO:"), Some(("a@b", "")));
        for wrong in ["TO:a@b", "TO:<a b>", "TO:<a@b", "FROM:<a@b>", ""] {
            assert_eq!(path(wrong, "TO:"), None, "{wrong}");
        }
    }
}
