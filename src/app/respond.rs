//! What the public sends: sealed before it is stored, answered through the receipt code. This side never holds a key that
//! opens anything but the sender's own thread, and that only while the sender's code is in the request.

use super::audit::{self, Act, By};
use super::{App, AppError, random};
use crate::db::responses::{self, Message, Response};
use crate::db::{Conn, DbError, appeals, publications};
use crate::domain::canonical;
use crate::domain::ids::{MessageId, ResponseId};
use crate::domain::language::Language;
use crate::domain::response::{ResponseKind, ResponseState};
use crate::domain::scope::ChannelKind;
use crate::sealing::{
    AppealPublicKey, LinkToken, NewThreadKey, OsRandom, ReceiptCode, SealContext, SealError, Sealed, ThreadPrivateKey,
    ThreadPublicKey, WrappedThreadKey, open, open_thread, seal,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Version of what is inside the sealed fields.
const SCHEMA: u16 = 1;
/// A message is a few pages; more belongs into attachments.
pub const LONGEST_TEXT: usize = 10_000;

/// What somebody wrote. Never printed.
#[derive(Clone, Default)]
pub struct Told {
    /// What it is.
    pub kind: Option<ResponseKind>,
    /// What they saw or know.
    pub what: String,
    /// Where.
    pub place: String,
    /// When.
    pub when: String,
    /// Name, telephone, address: only if they want to.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// Address.
    pub email: String,
}

impl Told {
    fn text(&self) -> Value {
        json!({"what": self.what, "place": self.place, "when": self.when})
    }

    fn sender(&self) -> Option<Value> {
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

/// A form's one-time token: signed by us, so that only forms we gave out come back, and each counts once.
#[must_use]
pub fn form_token(app: &App) -> String {
    let token = LinkToken::generate(&mut OsRandom);
    let text = token.text().expose().clone();
    format!("{text}.{}", app.key.sign("form", &text))
}

/// Whether a token is one of ours.
#[must_use]
pub fn is_form_token(app: &App, token: &str) -> bool {
    token.split_once('.').is_some_and(|(text, signature)| app.key.signed("form", text, signature))
}

/// Stores a response; the receipt code is shown once. `Conflict` when the same form came before.
pub fn receive(
    conn: &mut Conn,
    app: &App,
    language: Language,
    slug: &str,
    channel: &str,
    token: &str,
    told: &Told,
) -> Result<ReceiptCode, AppError> {
    let now = app.clock.now(conn)?;
    let publication = publications::by_slug(conn, ChannelKind::Page, language, slug)?;
    let appeal = appeals::any(conn, &publication.appeal)?;
    let public = AppealPublicKey::from_slice(&appeal.public_key).map_err(sealing)?;
    let id = ResponseId::from_parts(now, random::bytes());
    let receipt = ReceiptCode::generate(&mut OsRandom);
    let thread = NewThreadKey::generate(&receipt, id.as_str(), &mut OsRandom).map_err(sealing)?;
    let mut response = Response {
        id,
        appeal: appeal.id,
        unit: appeal.unit,
        kind: told.kind.unwrap_or(ResponseKind::Tip),
        channel: channel.to_owned(),
        language: language.code().to_owned(),
        state: ResponseState::New,
        version: 1,
        receipt_digest: receipt.digest().to_hex(),
        form_digest: canonical::digest(&json!(token)),
        key_id: public.id().to_string(),
        sealed_text: Vec::new(),
        sealed_sender: None,
        thread_public: thread.public.as_bytes().to_vec(),
        thread_wrapped: thread.wrapped.as_bytes().to_vec(),
        received_at: now,
    };
    let sealed = |field: &str, value: &Value| {
        seal(&public, &context(&response, field), value.to_string().as_bytes(), &mut OsRandom).map(Sealed::into_bytes)
    };
    let text = sealed("text", &told.text()).map_err(sealing)?;
    let sender = told.sender().map(|sender| sealed("sender", &sender)).transpose().map_err(sealing)?;
    response.sealed_text = text;
    response.sealed_sender = sender;
    responses::add(conn, &response).map_err(|e| match e {
        DbError::Conflict => AppError::Conflict { code: "form-sent-before" },
        other => other.into(),
    })?;
    let act = Act { action: "response.received", object: response.id.as_str(), ..Act::default() };
    audit::record(conn, now, By::service("public"), &act)?;
    Ok(receipt)
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
    Ok(Message { id, to_sender, by, sealed_reader, sealed_thread, at: now })
}

/// One message as its reader sees it.
pub struct Line {
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
    /// When the response came.
    pub received_at: DateTime<Utc>,
    /// Messages, oldest first.
    pub lines: Vec<Line>,
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
    for message in responses::messages(conn, &response.id)? {
        let field = format!("message/{}/witness", message.id);
        let sealed = Sealed::from_bytes(message.sealed_thread);
        let opened = open(&key, &context(&response, &field), &sealed).map_err(sealing)?;
        let text = String::from_utf8_lossy(opened.expose()).into_owned();
        lines.push(Line { to_sender: message.to_sender, at: message.at, text });
    }
    Ok(Thread { state: response.state, received_at: response.received_at, lines })
}

/// Adds the sender's message to their thread.
pub fn add(conn: &mut Conn, app: &App, code: &str, text: &str) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let (response, _) = by_code(conn, code)?;
    let appeal = appeals::any(conn, &response.appeal)?;
    let key = AppealPublicKey::from_slice(&appeal.public_key).map_err(sealing)?;
    let message = seal_message(&response, &key, text, false, None, now)?;
    responses::add_message(conn, &response.id, &message)?;
    let act = Act { action: "response.message_received", object: response.id.as_str(), ..Act::default() };
    audit::record(conn, now, By::service("public"), &act)
}
