//! What the public sends (how it comes in: [`super::intake`]), answered through the receipt code. This side never holds a
//! key that opens anything but the sender's own thread, and that only while the sender's code is in the request.

use super::audit::By;
use super::intake::{self, CheckedFile, Cost, More};
use super::open_attachment::Ticket;
use super::{App, AppError, random};
use crate::db::responses::{self, Response};
use crate::db::threads::{self, Message};
use crate::db::{Conn, appeals, attachments};
use crate::domain::attachment::{FileForm, FileKind, ScanVerdict};
use crate::domain::canonical;
use crate::domain::ids::{AttachmentId, MessageId};
use crate::domain::place::PlaceCode;
use crate::domain::response::{ResponseKind, ResponseState};
use crate::domain::spot::{PlacePrecision, Spot};
use crate::domain::when::Precision;
use crate::sealing::{
    AppealPublicKey, LinkToken, OsRandom, ReceiptCode, SealContext, SealError, Sealed, ThreadPrivateKey,
    ThreadPublicKey, WrappedThreadKey, open, open_thread, seal,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Version of what is inside the sealed fields.
const SCHEMA: u16 = 1;
/// A message is a few pages; more belongs into attachments.
pub const LONGEST_TEXT: usize = 10_000;

/// What somebody wrote. Never printed.
#[derive(Clone, Default)]
pub struct Told {
    /// What it is.
    pub kind: Option<ResponseKind>,
    /// The number of the lot it is about.
    pub lot: Option<i64>,
    /// What they saw or know.
    pub what: String,
    /// Where.
    pub place: String,
    /// When.
    pub when: String,
    /// The point they showed on a map.
    pub spot: Option<Spot>,
    /// The place they chose among those of a name.
    pub chosen: Option<PlaceCode>,
    /// How exactly they say they know the place.
    pub place_precision: Option<PlacePrecision>,
    /// The moment they typed, and how exactly they say they know it.
    pub moment: Option<(DateTime<Utc>, Precision)>,
    /// The language they were asked in, where it is not the appeal's.
    pub language: Option<&'static str>,
    /// Name, telephone, address: only if they want to.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// Address.
    pub email: String,
}

impl Told {
    /// What is sealed; `read` is what we made of place and time.
    pub(super) fn text(&self, read: &Value) -> Value {
        json!({"what": self.what, "place": self.place, "when": self.when, "read": read})
    }

    pub(super) fn sender(&self) -> Option<Value> {
        let anonymous = self.name.is_empty() && self.phone.is_empty() && self.email.is_empty();
        (!anonymous).then(|| json!({"name": self.name, "phone": self.phone, "email": self.email}))
    }
}

pub(super) fn sealing(e: SealError) -> AppError {
    AppError::Broken(format!("sealing: {e}"))
}

/// Where a sealed field belongs; it opens nowhere else.
pub(super) fn context<'a>(response: &'a Response, field: &'a str) -> SealContext<'a> {
    SealContext {
        unit: response.unit.as_str(),
        appeal: response.appeal.as_str(),
        response: response.id.as_str(),
        field,
        schema_version: SCHEMA,
    }
}

/// A form's one-time token as we gave it out: when, and what it asks of the sender's browser.
#[derive(Clone, Debug)]
pub struct FormToken {
    issued: i64,
    /// Leading zero bits asked for; 0: nothing is asked.
    pub bits: u8,
    text: String,
}

/// A form stays good for two days; then it is shown again with everything typed still there.
const FORM_LIFE: i64 = 2 * 24 * 3600;

/// A form's one-time token: signed by us, so that only forms we gave out come back, and each counts once.
#[must_use]
pub fn form_token(app: &App, asked: Cost) -> String {
    // The moment stands in front: tokens of one time lie together in the index that keeps each from counting twice.
    let random = LinkToken::generate(&mut OsRandom);
    let text = format!("{:x}.{}.{}", Utc::now().timestamp(), asked.bits, random.text().expose());
    format!("{text}.{}", app.key.sign("form", &text))
}

/// Reads a token of ours that is still good.
#[must_use]
pub fn form_of(app: &App, token: &str) -> Option<FormToken> {
    let (text, signature) = token.rsplit_once('.')?;
    if !app.key.signed("form", text, signature) {
        return None;
    }
    let mut parts = text.splitn(3, '.');
    let issued = i64::from_str_radix(parts.next()?, 16).ok()?;
    let form = FormToken { issued, bits: parts.next()?.parse().ok()?, text: token.to_owned() };
    (form.age_seconds() < FORM_LIFE).then_some(form)
}

impl FormToken {
    /// Seconds since it was given out.
    #[must_use]
    pub fn age_seconds(&self) -> i64 {
        Utc::now().timestamp() - self.issued
    }

    /// Whether `nonce` makes SHA-256 of token, full stop and nonce begin with the bits asked for.
    #[must_use]
    pub fn is_worked(&self, nonce: &str) -> bool {
        if nonce.is_empty() || nonce.len() > 20 {
            return false;
        }
        let digest = Sha256::digest(format!("{}.{nonce}", self.text));
        let mut zeros = 0;
        for byte in digest {
            zeros += byte.leading_zeros();
            if byte != 0 {
                break;
            }
        }
        zeros >= u32::from(self.bits)
    }
}

/// Seals one message of a thread for both sides.
pub(super) fn seal_message(
    response: &Response,
    appeal_key: &AppealPublicKey,
    text: &str,
    to_sender: bool,
    by: Option<crate::domain::ids::UserId>,
    now: DateTime<Utc>,
) -> Result<Message, AppError> {
    let id = MessageId::from_parts(now, random::bytes());
    let thread = ThreadPublicKey::from_slice(&response.thread_public).map_err(sealing)?;
    let (police, witness) = (format!("message/{id}/police"), format!("message/{id}/witness"));
    let sealed_reader =
        seal(appeal_key, &context(response, &police), text.as_bytes(), &mut OsRandom).map_err(sealing)?.into_bytes();
    let sealed_thread =
        seal(&thread, &context(response, &witness), text.as_bytes(), &mut OsRandom).map_err(sealing)?.into_bytes();
    Ok(Message { id, to_sender, by, sealed_reader, sealed_thread, at: now, form_digest: None })
}

/// One message as its reader sees it.
pub struct Line {
    /// Its id.
    pub id: MessageId,
    /// Whether the police wrote it.
    pub to_sender: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// What. Never printed.
    pub text: String,
}

/// A thread as its sender sees it.
pub struct Thread {
    /// Where the work stands.
    pub state: ResponseState,
    /// Whether the appeal has ended: every open thread is answered with thanks, and with nothing of how or where.
    pub ended: bool,
    /// When the response came.
    pub received_at: DateTime<Utc>,
    /// Messages, oldest first.
    pub lines: Vec<Line>,
    /// Files of both sides.
    pub files: Vec<ThreadFile>,
}

/// A file as its thread shows it.
pub struct ThreadFile {
    /// Its id.
    pub id: AttachmentId,
    /// The message it came with; none when it came with the response itself.
    pub message: Option<MessageId>,
    /// What it is.
    pub kind: FileKind,
    /// Whether the sender can open it: officers sent it.
    pub opens: bool,
}

fn by_code(conn: &mut Conn, code: &str) -> Result<(Response, ReceiptCode), AppError> {
    let code = ReceiptCode::parse(code).map_err(|_| AppError::NotFound)?;
    let response = responses::by_receipt(conn, &code.digest().to_hex())?;
    Ok((response, code))
}

/// Opens the thread of a receipt code.
pub fn thread(conn: &mut Conn, code: &str) -> Result<Thread, AppError> {
    let (response, code) = by_code(conn, code)?;
    let wrapped = WrappedThreadKey::from_bytes(response.thread_wrapped.clone());
    let key: ThreadPrivateKey = open_thread(&code, response.id.as_str(), &wrapped).map_err(sealing)?;
    let mut lines = Vec::new();
    for message in threads::of_response(conn, &response.id)? {
        let field = format!("message/{}/witness", message.id);
        let sealed = Sealed::from_bytes(message.sealed_thread);
        let opened = open(&key, &context(&response, &field), &sealed).map_err(sealing)?;
        let text = String::from_utf8_lossy(opened.expose()).into_owned();
        lines.push(Line { id: message.id, to_sender: message.to_sender, at: message.at, text });
    }
    let files = attachments::of_response(conn, &response.id)?.into_iter().map(|file| ThreadFile {
        opens: file.sealed_thread.is_some() && !matches!(file.scan, ScanVerdict::Infected | ScanVerdict::Failed),
        id: file.id,
        message: file.message,
        kind: file.kind,
    });
    let files = files.collect();
    let appeal = appeals::any(conn, &response.appeal)?;
    let ended = appeal.outcome.is_some();
    let state = if ended { ResponseState::Closed } else { response.state };
    Ok(Thread { state, ended, received_at: response.received_at, lines, files })
}

/// What a sender adds to their thread.
pub struct Later<'a> {
    /// The receipt code.
    pub code: &'a str,
    /// What they write; may be empty when they send files.
    pub text: &'a str,
    /// The form's one-time token.
    pub token: &'a str,
    /// Files, checked.
    pub files: &'a [CheckedFile],
}

/// Adds the sender's message and files to their thread; durable when it returns. `Conflict` when the same form was sent
/// before, or when the answer would have too many files.
pub async fn add(app: &App, later: &Later<'_>) -> Result<(), AppError> {
    let code = later.code.to_owned();
    let response = app.db.read(move |conn| by_code(conn, &code)).await?.0;
    let place = intake::place_of(app, &response).await?;
    let key = AppealPublicKey::from_slice(place.public_key()).map_err(sealing)?;
    let mut message = seal_message(&response, &key, later.text, false, None, place.now(app))?;
    message.form_digest = Some(canonical::digest(&json!(["thread", later.token])));
    let more = More {
        response: &response,
        message: Some(message),
        files: later.files,
        thread: None,
        by: By::of_unit("public", &response.unit),
        action: "response.message_received",
    };
    intake::add(app, &place, more).await
}

/// The right to open a file that officers sent, by the receipt code alone.
pub fn file(conn: &mut Conn, code: &str, id: &AttachmentId) -> Result<Ticket, AppError> {
    let (response, code) = by_code(conn, code)?;
    let wrapped = WrappedThreadKey::from_bytes(response.thread_wrapped.clone());
    let key: ThreadPrivateKey = open_thread(&code, response.id.as_str(), &wrapped).map_err(sealing)?;
    let files = attachments::of_response(conn, &response.id)?;
    let file = files.into_iter().find(|file| file.id == *id).ok_or(AppError::NotFound)?;
    let sealed = file.sealed_thread.clone().ok_or(AppError::NotFound)?;
    let field = intake::thread_field(id);
    let opened = open(&key, &context(&response, &field), &Sealed::from_bytes(sealed)).map_err(sealing)?;
    let meta: Value = serde_json::from_slice(opened.expose()).map_err(|e| AppError::Broken(e.to_string()))?;
    // A picture as it was cleaned here: what the original holds besides is none of the sender's business.
    let form = if file.view.is_some() { FileForm::View } else { FileForm::Original };
    Ticket::new(response, file, form, &meta)
}
