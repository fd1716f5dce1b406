//! What a mail says: text, sender, files; and whether a machine wrote it, which nobody answers (RFC 3834).

use crate::app::intake::Upload;
use crate::app::respond::{LONGEST_TEXT, Told};
use crate::domain::canonical;
use crate::domain::email::EmailAddress;
use crate::domain::response::ResponseKind;
use crate::media::digest_of;
use mail_parser::{Address, Message, MessageParser, MimeHeaders};
use serde_json::json;

/// A mail, read. Never printed.
pub struct Letter<'a> {
    raw: &'a [u8],
    message: Message<'a>,
    /// The sender in the envelope, where there was one; empty for what nobody is to answer.
    envelope: Option<String>,
}

/// What a mail says, for a person who has to find out where it belongs.
pub struct Summary {
    /// Its subject.
    pub subject: String,
    /// Who says they wrote it.
    pub from: String,
    /// To whom it was sent.
    pub to: Vec<String>,
    /// When they say they wrote it, as written.
    pub date: String,
    /// Its text.
    pub text: String,
    /// Names and lengths of what is attached.
    pub files: Vec<(String, usize)>,
}

fn addresses(list: Option<&Address<'_>>) -> Vec<String> {
    list.into_iter().flat_map(Address::iter).filter_map(|one| one.address.as_deref().map(str::to_owned)).collect()
}

impl<'a> Letter<'a> {
    /// Reads a mail; none when it is none.
    #[must_use]
    pub fn read(raw: &'a [u8], envelope: Option<String>) -> Option<Self> {
        let message = MessageParser::default().parse(raw)?;
        (!message.headers().is_empty()).then_some(Self { raw, message, envelope })
    }

    /// The mail as it came.
    #[must_use]
    pub const fn raw(&self) -> &[u8] {
        self.raw
    }

    fn header(&self, name: &str) -> Option<String> {
        self.message.header_raw(name).map(|value| value.trim().to_owned())
    }

    /// Its Message-ID without brackets; empty when it has none.
    #[must_use]
    pub fn message_id(&self) -> &str {
        self.message.message_id().unwrap_or_default()
    }

    /// What names it: its Message-ID and what it says. A Message-ID alone is the sender's to choose, and could keep
    /// somebody else's mail out; the headers that relays add are no part of it, so that a mail handed over twice is one.
    #[must_use]
    pub fn known_as(&self) -> String {
        let text = self.message.body_text(0).unwrap_or_default();
        let files: Vec<String> = self.files().iter().map(|file| digest_of(&file.bytes)).collect();
        let from = addresses(self.message.from());
        canonical::digest(&json!([self.message_id(), self.message.subject(), from, text, files]))
    }

    /// Addresses it was sent to, as far as its headers say.
    #[must_use]
    pub fn recipients(&self) -> Vec<String> {
        let mut texts = addresses(self.message.to());
        texts.extend(addresses(self.message.cc()));
        for header in ["Delivered-To", "X-Original-To"] {
            texts.extend(self.message.header(header).and_then(|value| value.as_text()).map(str::to_owned));
        }
        texts
    }

    /// Whether a machine wrote it: vacation replies, reports, lists (RFC 3834 §2).
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        let says = |name: &str, words: &[&str]| {
            let value = self.header(name).unwrap_or_default().to_lowercase();
            words.iter().any(|word| value.starts_with(word))
        };
        let submitted = self.header("Auto-Submitted").is_some_and(|value| !value.to_lowercase().starts_with("no"));
        let from = addresses(self.message.from()).join(" ").to_lowercase();
        let machine = ["mailer-daemon@", "noreply@", "no-reply@", "postmaster@", "owner-", "-request@"];
        submitted
            || says("Precedence", &["bulk", "list", "junk", "auto_reply"])
            || ["List-Id", "List-Post", "List-Unsubscribe", "X-Auto-Response-Suppress", "X-Autoreply", "Feedback-ID"]
                .iter()
                .any(|name| self.message.header_raw(*name).is_some())
            || says("Content-Type", &["multipart/report"])
            || machine.iter().any(|word| from.contains(word))
    }

    /// The address that may be told by a machine that the mail came: its envelope's sender, else its author's; none when a
    /// machine wrote it or nobody is to be answered.
    #[must_use]
    pub fn answerable(&self) -> Option<EmailAddress> {
        if self.is_automatic() {
            return None;
        }
        let returned = self.header("Return-Path").map(|path| path.trim_matches(['<', '>']).to_owned());
        let sender = self.envelope.clone().or(returned);
        let sender = sender.or_else(|| addresses(self.message.from()).into_iter().next())?;
        EmailAddress::parse(sender.trim()).ok()
    }

    /// What it tells, as an answer; `left_out` names what was attached and could not be kept.
    #[must_use]
    pub fn told(&self, left_out: &[String]) -> Told {
        let body = self.message.body_text(0).unwrap_or_default();
        let mut what = format!("{}\n\n{}", self.message.subject().unwrap_or_default().trim(), body.trim());
        // Said to the reader: what is not there was there.
        what.extend(left_out.iter().map(|name| format!("\n[{name}]")));
        let sender = self.message.from().and_then(Address::first);
        // What a machine answers (out of office) is kept, behind everything people write.
        let kind = if self.is_automatic() { ResponseKind::OutOfScope } else { ResponseKind::Tip };
        Told {
            kind: Some(kind),
            what: what.trim().chars().take(LONGEST_TEXT).collect(),
            name: sender.and_then(|sender| sender.name.as_deref()).unwrap_or_default().to_owned(),
            email: sender.and_then(|sender| sender.address.as_deref()).unwrap_or_default().to_owned(),
            ..Told::default()
        }
    }

    /// What came with it. Pictures shown within the text are files like any other.
    #[must_use]
    pub fn files(&self) -> Vec<Upload> {
        let upload = |part: &mail_parser::MessagePart<'_>| Upload {
            name: part.attachment_name().unwrap_or_default().chars().take(200).collect(),
            bytes: part.contents().to_vec().into(),
        };
        self.message.attachments().map(upload).collect()
    }

    /// What it says, for a person.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let text = self.message.body_text(0).unwrap_or_default();
        Summary {
            subject: self.message.subject().unwrap_or_default().to_owned(),
            from: addresses(self.message.from()).join(", "),
            to: self.recipients(),
            date: self.header("Date").unwrap_or_default(),
            text: text.chars().take(LONGEST_TEXT).collect(),
            files: self.files().into_iter().map(|file| (file.name, file.bytes.len())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    fn letter(head: &str) -> String {
        format!("From: Anna <anna@mail.example.be>\r\nTo: tips@police.example.be\r\n{head}\r\nHallo\r\n")
    }

    #[test]
    fn what_machines_write_is_never_answered() {
        for head in [
            "Auto-Submitted: auto-replied\r\n",
            "auto-submitted: Auto-Generated (rejected)\r\n",
            "Precedence: bulk\r\n",
            "List-Id: <news.example.org>\r\n",
            "X-Auto-Response-Suppress: All\r\n",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n",
            "Return-Path: <>\r\n",
        ] {
            let text = letter(head);
            assert!(Letter::read(text.as_bytes(), None).unwrap().answerable().is_none(), "{head}");
        }
        let bounce = letter("");
        assert!(Letter::read(bounce.as_bytes(), Some(String::new())).unwrap().answerable().is_none());
        let daemon = letter("").replace("anna@", "MAILER-DAEMON@");
        assert!(Letter::read(daemon.as_bytes(), None).unwrap().answerable().is_none());
    }

    #[test]
    fn people_are_answered_where_their_mail_comes_from() {
        let said = |head: &str, envelope: Option<&str>| {
            let text = letter(head);
            let letter = Letter::read(text.as_bytes(), envelope.map(str::to_owned)).unwrap();
            letter.answerable().map(|address| address.as_str().to_owned())
        };
        assert_eq!(said("", None).as_deref(), Some("anna@mail.example.be"));
        assert_eq!(said("Auto-Submitted: no\r\n", None).as_deref(), Some("anna@mail.example.be"));
        assert_eq!(said("Return-Path: <a@b.example>\r\n", None).as_deref(), Some("a@b.example"));
        assert_eq!(said("Return-Path: <a@b.example>\r\n", Some("c@d.example")).as_deref(), Some("c@d.example"));
    }

    #[test]
    fn a_mail_handed_over_twice_is_one_and_a_stolen_message_id_names_nobody_elses() {
        let name = |text: &str| Letter::read(text.as_bytes(), None).unwrap().known_as();
        let mail = letter("Message-ID: <1@mail.example.be>\r\n");
        assert_eq!(name(&mail), name(&format!("Received: from a by b\r\n{mail}")));
        assert_ne!(name(&mail), name(&mail.replace("Hallo", "Spam")));
        assert!(Letter::read(b"", None).is_none());
    }
}
