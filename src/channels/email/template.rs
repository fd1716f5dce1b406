//! A mail built once for everybody who reads a language, and a recipient's own bytes out of it in one pass: address,
//! Message-ID and two links are put where marks were. The message itself is `message`'s, what it says `render`'s.

use super::message::{self, Letter, UnbuildableLetter};
use super::render::{RESPOND_MARK, Rendered, UNSUBSCRIBE_MARK};
use crate::domain::email::EmailAddress;
use chrono::{DateTime, Utc};

/// Marks that no encoding touches. Where they stand in a body the encoding may have broken the line.
const TO: &str = "tocsin-mark-to@recipient.example";
const ID: &str = "tocsin-mark-id";
const LIST: &str = "https://tocsin-mark.example/unsubscribe";
const BODY: [(&str, Piece); 4] = [
    ("TOCSINxUNSUBSCRIBExTEXT", Piece::Unsubscribe { html: false }),
    ("TOCSINxUNSUBSCRIBExHTML", Piece::Unsubscribe { html: true }),
    ("TOCSINxRESPONDxTEXT", Piece::Respond { html: false }),
    ("TOCSINxRESPONDxHTML", Piece::Respond { html: true }),
];
/// Longest run of characters between two line breaks of a body (RFC 2045 §6.7: 76 with the mark of the break).
const LINE: usize = 72;

/// What goes where a mark was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    To,
    Id,
    List,
    Unsubscribe { html: bool },
    Respond { html: bool },
}

/// Everything of a mail that its recipients share.
pub struct Shared<'a> {
    /// Sender address.
    pub from: &'a str,
    /// Sender name.
    pub from_name: &'a str,
    /// Subject and both parts, with their marks.
    pub mail: &'a Rendered,
    /// When it was decided to send it.
    pub date: DateTime<Utc>,
    /// ISO 639-1.
    pub language: &'a str,
}

/// What is one recipient's own.
#[derive(Clone, Copy)]
pub struct Own<'a> {
    /// Recipient.
    pub to: &'a EmailAddress,
    /// The same for every try to the same recipient, without angle brackets and domain.
    pub message_id: &'a str,
    /// One-click way out; an absolute address in ASCII.
    pub unsubscribe: &'a str,
    /// Where the appeal is answered; an absolute address in ASCII.
    pub respond: &'a str,
}

/// A mail of one language, ready to be spliced.
#[derive(Debug)]
pub struct Template {
    /// Each fixed part, and what follows it.
    parts: Vec<(Vec<u8>, Option<Piece>)>,
    length: usize,
}

impl Template {
    /// Builds it.
    pub fn new(shared: &Shared<'_>) -> Result<Self, UnbuildableLetter> {
        let marked = |part: &str, html: bool| {
            let name = if html { "HTML" } else { "TEXT" };
            part.replace(UNSUBSCRIBE_MARK, &format!("TOCSINxUNSUBSCRIBEx{name}"))
                .replace(RESPOND_MARK, &format!("TOCSINxRESPONDx{name}"))
        };
        let to = EmailAddress::parse(TO).map_err(|e| UnbuildableLetter::new(&e))?;
        let (_, bytes) = message::build(&Letter {
            from: shared.from,
            from_name: shared.from_name,
            to: &to,
            subject: &shared.mail.subject,
            text: &marked(&shared.mail.text, false),
            html: &marked(&shared.mail.html, true),
            message_id: ID,
            date: shared.date,
            language: shared.language,
            unsubscribe: Some(LIST),
            answers: None,
        })?;
        let marks = [(TO, Piece::To), (ID, Piece::Id), (LIST, Piece::List)];
        let mut parts = Vec::new();
        let (mut fixed, mut rest) = (Vec::new(), bytes.as_slice());
        while let Some((first, after)) = rest.split_first() {
            let found = marks.iter().chain(&BODY).find_map(|(mark, piece)| Some((*piece, skipped(rest, mark)?)));
            if let Some((piece, length)) = found {
                parts.push((std::mem::take(&mut fixed), Some(piece)));
                rest = rest.get(length..).unwrap_or_default();
            } else {
                fixed.push(*first);
                rest = after;
            }
        }
        parts.push((fixed, None));
        Ok(Self { length: bytes.len() + 512, parts })
    }

    /// One recipient's bytes.
    #[must_use]
    pub fn splice(&self, own: &Own<'_>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.length);
        for (fixed, piece) in &self.parts {
            bytes.extend_from_slice(fixed);
            match piece {
                None => {}
                Some(Piece::To) => bytes.extend_from_slice(own.to.as_str().as_bytes()),
                Some(Piece::Id) => bytes.extend_from_slice(own.message_id.as_bytes()),
                Some(Piece::List) => bytes.extend_from_slice(own.unsubscribe.as_bytes()),
                Some(Piece::Unsubscribe { html }) => link(own.unsubscribe, *html, &mut bytes),
                Some(Piece::Respond { html }) => link(own.respond, *html, &mut bytes),
            }
        }
        bytes
    }
}

/// How many bytes `mark` takes at the beginning of `bytes`, soft line breaks within it counted; none when it is not there.
fn skipped(bytes: &[u8], mark: &str) -> Option<usize> {
    let mut at = 0;
    for wanted in mark.bytes() {
        if at > 0 {
            while bytes.get(at..at + 3) == Some(b"=\r\n") {
                at += 3;
            }
        }
        if bytes.get(at) != Some(&wanted) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// A link on lines of its own that a reader sees as none: quoted-printable with soft breaks around it.
fn link(link: &str, html: bool, out: &mut Vec<u8>) {
    let mut column = 0;
    let mut put = |text: &[u8], out: &mut Vec<u8>| {
        if column + text.len() > LINE {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        out.extend_from_slice(text);
        column += text.len();
        LINE - column
    };
    out.extend_from_slice(b"=\r\n");
    let (mut rest, mut room) = (link.as_bytes(), LINE);
    while let Some((first, after)) = rest.split_first() {
        let plain = rest.iter().take(room.max(1)).take_while(|byte| is_plain(**byte, html)).count();
        // A dot at the beginning of a line is SMTP's.
        if *first == b'.' && (room == LINE || room == 0) {
            room = put(b"=2E", out);
            rest = after;
        } else if plain > 0 {
            let (run, behind) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
            room = put(run, out);
            rest = behind;
        } else {
            room = match first {
                b'&' if html => b"&amp;".iter().fold(room, |_, byte| put(&[*byte], out)),
                b'"' if html => b"&quot;".iter().fold(room, |_, byte| put(&[*byte], out)),
                b'\'' if html => b"&#39;".iter().fold(room, |_, byte| put(&[*byte], out)),
                b'<' if html => b"&lt;".iter().fold(room, |_, byte| put(&[*byte], out)),
                b'>' if html => b"&gt;".iter().fold(room, |_, byte| put(&[*byte], out)),
                other => put(format!("={other:02X}").as_bytes(), out),
            };
            rest = after;
        }
    }
    out.extend_from_slice(b"=\r\n");
}

/// Whether a byte stands for itself in quoted-printable (RFC 2045 §6.7) and, if asked, in an attribute of HTML.
const fn is_plain(byte: u8, html: bool) -> bool {
    matches!(byte, b'!'..=b'<' | b'>'..=b'~') && !(html && matches!(byte, b'&' | b'"' | b'\'' | b'<' | b'>'))
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
