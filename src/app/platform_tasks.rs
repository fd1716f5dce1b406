//! What is done at a platform that forwards messages, outside any request: fetching the pictures somebody sent there, telling
//! somebody that it is night. Queued sealed with the server key, done by a worker, tried again for a day, then forgotten.
//! Fetched files become attachments by the way files take that are added to a thread.

use super::audit::By;
use super::intake::{self, More, Upload};
use super::{App, AppError, random};
use crate::channels::messenger::{Messenger, Trouble};
use crate::db::platform_tasks::{self as rows, Task};
use crate::db::{Conn, responses};
use crate::domain::canonical;
use crate::domain::dispatch::retry_delay;
use crate::domain::ids::ResponseId;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// After so many tries a platform has nothing to give any more: about a day.
const TRIES: i32 = 20;
/// How long a worker has for one task before another may take it.
const LEASE: TimeDelta = TimeDelta::minutes(3);

fn sealed(app: &App, kind: &str, response: Option<&ResponseId>, what: &Value) -> Result<Task, AppError> {
    let id = format!("task.{}", canonical::hex(&random::bytes::<16>()));
    let sealed = app.key.seal(&place(&id), what.to_string().as_bytes(), random::bytes());
    let sealed = sealed.ok_or_else(|| AppError::Broken("sealing".to_owned()))?;
    Ok(Task { id, kind: kind.to_owned(), response_id: response.map(ToString::to_string), sealed, attempts: 0 })
}

fn place(id: &str) -> String {
    format!("platform task {id}")
}

/// Something to tell somebody.
pub(super) fn tell(app: &App, recipient: &str, text: &str) -> Result<Task, AppError> {
    sealed(app, "acknowledge", None, &json!({"to": recipient, "text": text}))
}

/// Queues pictures to be fetched for a response.
pub(super) async fn fetch(app: &App, response: &ResponseId, urls: &[String]) -> Result<(), AppError> {
    let tasks: Result<Vec<Task>, AppError> =
        urls.iter().map(|url| sealed(app, "fetch", Some(response), &json!({"url": url}))).collect();
    let (tasks, context) = (tasks?, app.clone());
    app.db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            tasks.iter().try_for_each(|task| rows::add(conn, task, now)).map_err(AppError::from)
        })
        .await
}

/// Whether something is due.
pub fn is_due(conn: &mut Conn, app: &App) -> Result<bool, AppError> {
    let now = app.clock.now(conn)?;
    Ok(rows::is_due(conn, now)?)
}

/// Does one due task; whether there was one.
pub async fn work(app: &App, messenger: &Messenger) -> Result<bool, AppError> {
    let context = app.clone();
    let claimed = app
        .db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            Ok::<_, AppError>(rows::claim(conn, now, LEASE)?)
        })
        .await?;
    let Some(task) = claimed else { return Ok(false) };
    let outcome = run(app, messenger, &task).await;
    if let Err(cause) = &outcome {
        // Never the address: it opens a picture.
        tracing::warn!(event = "platform.task", kind = %task.kind, attempts = task.attempts, %cause);
    }
    let again = matches!(outcome, Err(Trouble::Later(_))) && task.attempts < TRIES;
    let context = app.clone();
    app.db
        .write(move |conn| {
            let now = context.clock.now(conn)?;
            if !again {
                return Ok::<_, AppError>(rows::remove(conn, &task.id)?);
            }
            let tries = u32::try_from(task.attempts).unwrap_or(0);
            Ok(rows::put_off(conn, &task.id, now + retry_delay(tries, None, context.chance.jitter()))?)
        })
        .await?;
    Ok(true)
}

async fn run(app: &App, messenger: &Messenger, task: &Task) -> Result<(), Trouble> {
    let never = |why: &str| Trouble::Never(why.to_owned());
    let opened = app.key.open_sealed(&place(&task.id), &task.sealed).ok_or_else(|| never("it does not open"))?;
    let what: Value = serde_json::from_slice(&opened).map_err(|_| never("it does not read"))?;
    let text = |key: &str| what.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    match (task.kind.as_str(), &task.response_id) {
        ("acknowledge", _) => messenger.tell(&text("to"), &text("text")).await,
        (_, Some(response)) => {
            let bytes = messenger.fetch(&text("url")).await?;
            let id = ResponseId::parse(response).map_err(|_| never("no response"))?;
            attach(app, &id, bytes).await
        }
        _ => Err(never("nothing to do")),
    }
}

async fn attach(app: &App, id: &ResponseId, bytes: Vec<u8>) -> Result<(), Trouble> {
    let later = |e: AppError| match e {
        AppError::NotFound | AppError::Conflict { .. } => Trouble::Never(e.to_string()),
        other => Trouble::Later(other.to_string()),
    };
    let wanted = id.clone();
    let response = app.db.read(move |conn| Ok::<_, AppError>(responses::any(conn, &wanted)?)).await.map_err(later)?;
    let upload = Upload { name: String::new(), bytes: bytes.into() };
    let files = match intake::check(app, vec![upload]).await.map_err(later)? {
        Ok(files) => files,
        // What cannot be kept is not kept: the answer says that something was there.
        Err(refused) => return Err(Trouble::Never(refused.fault.code().to_owned())),
    };
    let place = intake::place_of(app, &response).await.map_err(later)?;
    let more = More {
        response: &response,
        message: None,
        files: &files,
        thread: None,
        by: By::of_unit("public", &response.unit),
        action: "response.file_received",
    };
    intake::add(app, &place, more).await.map_err(later)
}
