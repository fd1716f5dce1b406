//! A finished mail into bytes for the relay: stable Message-ID, one-click unsubscribe (RFC 8058), text and HTML.
//! The same letter gives the same bytes. What it says is left to `render`, where it goes to `smtp`.

use crate::domain::email::EmailAddress;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use lettre::Address;
pub use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use sha2::{Digest as _, Sha256};

/// Everything a mail is made of.
pub struct Letter<'a> {
    /// Sender address.
    pub from: &'a str,
    /// Sender name.
    pub from_name: &'a str,
    /// Recipient.
    pub to: &'a EmailAddress,
    /// Subject line.
    pub subject: &'a str,
    /// Plain part.
    pub text: &'a str,
    /// HTML part.
    pub html: &'a str,
    /// The same for every try to the same recipient, without angle brackets.
    pub message_id: &'a str,
    /// When it was decided to send it.
    pub date: DateTime<Utc>,
    /// ISO 639-1.
    pub language: &'a str,
    /// One-click way out; none for letters that answer a request.
    pub unsubscribe: Option<&'a str>,
    /// The Message-ID of the mail it answers by itself, without brackets, or nothing of it when that had none: such an
    /// answer says so, and has no sender to return it to (RFC 3834 §3, §5).
    pub answers: Option<&'a str>,
}

/// The mail cannot be built.
#[derive(Debug, thiserror::Error)]
#[error("the mail cannot be built: {0}")]
pub struct UnbuildableLetter(String);

impl UnbuildableLetter {
    pub(super) fn new(cause: &dyn std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}

/// A line break in a header would begin a header of somebody else's choosing.
fn single_line<'a>(what: &str, value: &'a str) -> Result<&'a str, UnbuildableLetter> {
    if value.contains(['\r', '\n', '\0']) {
        return Err(UnbuildableLetter(format!("{what} holds a line break")));
    }
    Ok(value)
}

/// A header that is written as it is: nothing but printable ASCII, or lettre would encode it into something that no
/// machine reads as an address or a link.
fn plain(name: &str, value: &str) -> Result<HeaderValue, UnbuildableLetter> {
    if !single_line(name, value)?.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(UnbuildableLetter(format!("{name} holds a character that is not printable ASCII")));
    }
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|e| UnbuildableLetter(e.to_string()))?;
    // `dangerous`: unfolded and unencoded, which is what a link needs; the check above makes it harmless.
    Ok(HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned()))
}

/// Between the parts. Bodies are encoded, so it cannot occur in them; derived, so that a retry sends the same bytes.
fn boundary(message_id: &str) -> String {
    let digest = Sha256::digest(message_id.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.get(..24).unwrap_or_default())
}

/// Always quoted-printable: a template is spliced into it, and no relay has to take 8-bit text.
fn quoted(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable).body(text.to_owned())
}

/// Builds the envelope and the bytes. One recipient an envelope, always.
pub fn build(letter: &Letter<'_>) -> Result<(Envelope, Vec<u8>), UnbuildableLetter> {
    let failed = |e: &dyn std::fmt::Display| UnbuildableLetter(e.to_string());
    let subject = single_line("the subject", letter.subject)?;
    let from_name = single_line("the sender's name", letter.from_name)?;
    // lettre's own message would repeat the recipient.
    let unfit = |_| UnbuildableLetter("the recipient's address does not fit a mail".to_owned());
    let to: Address = letter.to.as_str().parse().map_err(unfit)?;
    let from: Address = letter.from.parse().map_err(|e| failed(&e))?;
    let domain = from.domain().to_owned();
    let mut builder = Message::builder()
        .from(Mailbox::new(Some(from_name.to_owned()), from))
        .to(Mailbox::new(None, to))
        .subject(subject)
        .date(letter.date.into())
        .raw_header(plain("Message-ID", &format!("<{}@{domain}>", letter.message_id))?)
        .raw_header(plain("Content-Language", letter.language)?)
        // Keeps vacation replies from answering (RFC 3834).
        .raw_header(plain("Auto-Submitted", if letter.answers.is_some() { "auto-replied" } else { "auto-generated" })?);
    if let Some(answered) = letter.answers.filter(|id| !id.is_empty()) {
        builder = builder
            .raw_header(plain("In-Reply-To", &format!("<{answered}>"))?)
            .raw_header(plain("References", &format!("<{answered}>"))?);
    }
    if let Some(url) = letter.unsubscribe {
        builder = builder
            .raw_header(plain("List-Id", &format!("<alerts-{}.{domain}>", letter.language))?)
            .raw_header(plain("List-Unsubscribe", &format!("<{url}>"))?)
            .raw_header(plain("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?);
    }
    let parts = MultiPart::alternative()
        .boundary(boundary(letter.message_id))
        .singlepart(quoted(ContentType::TEXT_PLAIN, letter.text))
        .singlepart(quoted(ContentType::TEXT_HTML, letter.html));
    let message = builder.multipart(parts).map_err(|e| failed(&e))?;
    let mut envelope = message.envelope().clone();
    if letter.answers.is_some() {
        envelope = Envelope::new(None, envelope.to().to_vec()).map_err(|e| failed(&e))?;
    }
    Ok((envelope, message.formatted()))
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
