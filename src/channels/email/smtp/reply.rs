//! Answers of an SMTP server (RFC 5321 §4.2) out of a stream of bytes: several lines one answer, several answers one read.

/// Longest answer kept; more is read and forgotten.
const MOST_TEXT: usize = 1024;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Three digits.
    pub code: u16,
    /// The lines' texts, one a line.
    pub text: String,
}

impl Reply {
    /// Done as asked.
    pub const fn is_yes(&self) -> bool {
        matches!(self.code, 200..300)
    }

    /// Go on with the text.
    pub const fn is_go_on(&self) -> bool {
        matches!(self.code, 300..400)
    }

    /// Never.
    pub const fn is_never(&self) -> bool {
        matches!(self.code, 500..600)
    }

    /// The connection closes; whatever follows on it is lost.
    pub const fn is_farewell(&self) -> bool {
        self.code == 421
    }
}

/// What came cannot be an answer.
#[derive(Debug, PartialEq, Eq)]
pub struct NoReply;

/// Bytes on their way to answers.
#[derive(Debug, Default)]
pub struct Replies {
    bytes: Vec<u8>,
    /// Where the first byte not yet looked at is.
    read: usize,
    code: Option<u16>,
    text: String,
}

impl Replies {
    /// Adds what was read.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.read == self.bytes.len() {
            self.bytes.clear();
            self.read = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole answer.
    pub fn next(&mut self) -> Result<Option<Reply>, NoReply> {
        loop {
            let rest = self.bytes.get(self.read..).unwrap_or_default();
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                // No server writes lines this long; it is not SMTP that is spoken here.
                return if rest.len() > 64 * MOST_TEXT { Err(NoReply) } else { Ok(None) };
            };
            let line = rest.get(..end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let digits = line.get(..3).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or(NoReply)?;
            let code: u16 = digits.parse().map_err(|_| NoReply)?;
            if !(200..600).contains(&code) || self.code.is_some_and(|before| before != code) {
                return Err(NoReply);
            }
            let is_last = match line.get(3) {
                None | Some(b' ') => true,
                Some(b'-') => false,
                Some(_) => return Err(NoReply),
            };
            if self.text.len() < MOST_TEXT {
                if !self.text.is_empty() {
                    self.text.push('\n');
                }
                self.text.push_str(&String::from_utf8_lossy(line.get(4..).unwrap_or_default()));
            }
            self.read += end + 1;
            if is_last {
                self.code = None;
                return Ok(Some(Reply { code, text: std::mem::take(&mut self.text) }));
            }
            self.code = Some(code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_any_pieces() {
        let stream = b"250-relay.example\r\n250-PIPELINING\r\n250 SIZE 1000\r\n550 5.1.1 nobody\r\n354\r\n250 ok\n";
        for size in 1..stream.len() {
            let (mut replies, mut heard) = (Replies::default(), Vec::new());
            for piece in stream.chunks(size) {
                replies.feed(piece);
                while let Ok(Some(reply)) = replies.next() {
                    heard.push((reply.code, reply.text));
                }
            }
            let whole = |code, text: &str| (code, text.to_owned());
            let wanted = [
                whole(250, "relay.example\nPIPELINING\nSIZE 1000"),
                whole(550, "5.1.1 nobody"),
                whole(354, ""),
                whole(250, "ok"),
            ];
            assert_eq!(heard, wanted, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_answer_is_named_so() {
        for nonsense in ["HTTP/1.1 400\r\n", "25\r\n", "250_x\r\n", "250-a\r\n251 b\r\n", "999 x\r\n", "\r\n"] {
            let mut replies = Replies::default();
            replies.feed(nonsense.as_bytes());
            assert_eq!(replies.next(), Err(NoReply), "{nonsense:?}");
        }
    }
}
