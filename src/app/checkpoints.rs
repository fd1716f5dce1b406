//! Seals the audit chain: signs how long it is and what it ends in, and brings that to places outside the database. A place
//! that cannot be reached is tried again; it never holds up the service.

use super::audit::{self, Act, By};
use super::{App, AppError};
use crate::channels::witness::file;
use crate::channels::witness::syslog::{LogHost, message};
use crate::db::letters::{self, Letter};
use crate::db::{self, Conn, DbError, checkpoints};
use crate::domain::audit::{ChainWalk, Checkpoint, GENESIS, Mark};
use crate::words::{Locale, Words};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// Entries or checkpoints a read.
const PAGE: i64 = 1000;

/// Whether entries wait for a checkpoint: as many as the configuration says, or one for as long as it says.
pub fn is_due(conn: &mut Conn, app: &App) -> Result<bool, AppError> {
    let (head, _) = db::audit::head(conn)?;
    let last = checkpoints::last(conn)?;
    let covered = size(last.as_ref())?;
    if head == covered {
        return Ok(false);
    }
    // A chain shorter than its checkpoint is a finding, and making one says so.
    if head < covered || head - covered >= i64::from(app.config.audit.checkpoint_entries) {
        return Ok(true);
    }
    let now = app.clock.now(conn)?;
    let waiting = db::audit::entries_after(conn, covered, None, None, 1)?;
    let patience = TimeDelta::seconds(i64::from(app.config.audit.checkpoint_seconds));
    Ok(waiting.first().is_none_or(|stored| now - stored.entry.at >= patience))
}

fn size(last: Option<&Checkpoint>) -> Result<i64, AppError> {
    let size = last.map_or(0, |checkpoint| checkpoint.mark.size);
    i64::try_from(size).map_err(|e| AppError::Broken(e.to_string()))
}

/// Makes a checkpoint of everything so far, after walking the entries since the last one: what does not continue it is
/// not signed. None when there is nothing new.
pub fn seal(conn: &mut Conn, app: &App) -> Result<Option<Checkpoint>, AppError> {
    let now = app.clock.now(conn)?;
    let key_id = app.audit_key.public().id();
    let last = checkpoints::last(conn)?;
    let genuine = |last: &Checkpoint| app.audit_key.public().signed(&last.mark.signed_bytes(), &last.signature);
    match &last {
        Some(last) if last.mark.key_id != key_id => {
            let act = Act { action: "audit.key_changed", object: &key_id, ..Act::default() };
            audit::record(conn, now, By::service("checkpoint"), &act)?;
        }
        Some(last) if !genuine(last) => {
            return Err(AppError::Broken(format!("audit: checkpoint {} in the database is forged", last.mark.number)));
        }
        _ => {}
    }
    let (head, hash) = db::audit::head(conn)?;
    let covered = size(last.as_ref())?;
    if head == covered {
        return Ok(None);
    }
    let before = last.as_ref().map(|last| &last.mark);
    let mut walk = ChainWalk::after(before.map_or(0, |m| m.size), before.map_or(GENESIS, |m| m.head.as_str()));
    let mut after = covered;
    while after < head {
        let page = db::audit::entries_after(conn, after, None, None, PAGE.min(head - after))?;
        for stored in &page {
            walk.follow(&stored.entry, &stored.hash).map_err(|broken| AppError::Broken(format!("audit: {broken}")))?;
        }
        if page.is_empty() {
            break;
        }
        after += i64::try_from(page.len()).unwrap_or(PAGE);
    }
    walk.end(u64::try_from(head).unwrap_or(0), &hash).map_err(|b| AppError::Broken(format!("audit: {b}")))?;
    let mark = Mark {
        number: before.map_or(0, |m| m.number) + 1,
        size: walk.length(),
        head: walk.head().to_owned(),
        at: now,
        prev: last.as_ref().map_or_else(|| GENESIS.to_owned(), Checkpoint::hash),
        key_id,
    };
    let signature = app.audit_key.sign(&mark.signed_bytes());
    let checkpoint = Checkpoint { mark, signature };
    match checkpoints::add(conn, &checkpoint) {
        // Another process was faster; its checkpoint does.
        Err(DbError::Conflict) => return Err(AppError::Stale),
        other => other?,
    }
    write_to_auditor(conn, app, &checkpoint, now)?;
    Ok(Some(checkpoint))
}

/// The name of the mailbox among the places.
const MAIL: &str = "mail";

fn write_to_auditor(conn: &mut Conn, app: &App, checkpoint: &Checkpoint, now: DateTime<Utc>) -> Result<(), AppError> {
    let settings = &app.config.audit;
    if settings.mailbox.is_empty() {
        return Ok(());
    }
    let pause = TimeDelta::minutes(i64::from(settings.mail_minutes));
    let places = checkpoints::places(conn)?;
    if places.iter().any(|p| p.place == MAIL && p.pushed_at.is_some_and(|at| now - at < pause)) {
        return Ok(());
    }
    let words = Words::of(Locale::parse(&settings.mail_language).unwrap_or(Locale::En));
    let (size, at) = (checkpoint.mark.size.to_string(), checkpoint.mark.at.to_rfc3339());
    let number = checkpoint.mark.number.to_string();
    let subject = words.say_with("audit-mail-subject", &[("number", number.as_str())]).into_owned();
    let text = words.say_with("audit-mail-text", &[("size", size.as_str()), ("at", at.as_str())]).into_owned();
    let line = checkpoint.to_document().to_string();
    let letter = Letter {
        id: format!("audit.{number}"),
        recipient: settings.mailbox.clone(),
        language: words.locale().code().to_owned(),
        subject,
        plain: format!("{text}\n\n{line}\n"),
        // A checkpoint is digits, letters and JSON's own marks: nothing in it is markup.
        html: format!("<p>{text}</p><pre>{line}</pre>"),
        attempts: 0,
        answers: None,
    };
    letters::add(conn, &letter, now)?;
    let number = i64::try_from(checkpoint.mark.number).map_err(|e| AppError::Broken(e.to_string()))?;
    Ok(checkpoints::pushed(conn, MAIL, number, now)?)
}

/// An outside place that is pushed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// A file that only grows.
    File(std::path::PathBuf),
    /// A log host.
    Syslog(String, LogHost),
}

impl Outside {
    /// Those the configuration names.
    #[must_use]
    pub fn configured(app: &App) -> Vec<Self> {
        let address = &app.config.audit.syslog;
        let log = LogHost::parse(address).map(|host| Self::Syslog(address.clone(), host));
        app.config.checkpoint_file().map(Self::File).into_iter().chain(log).collect()
    }

    /// Its name in the list of places.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => format!("file {}", path.display()),
            Self::Syslog(address, _) => format!("syslog {address}"),
        }
    }

    /// Whether it can be reached now, without saying anything there.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::File(path) => file::check(path),
            Self::Syslog(_, host) => host.check(),
        }
    }
}

/// Brings every checkpoint that a place lacks to it; blocking. The failure is noted for `tocsin check`.
pub fn push(app: &App, outside: &Outside) -> Result<(), AppError> {
    let name = outside.name();
    let outcome = match outside {
        Outside::File(path) => push_to_file(app, path),
        Outside::Syslog(_, host) => push_to_log(app, &name, host),
    };
    let pushed = match outcome {
        Ok(None) => return Ok(()),
        other => other,
    };
    app.db.write_now(|conn| {
        let now = app.clock.now(conn)?;
        match &pushed {
            Ok(number) => checkpoints::pushed(conn, &name, number.unwrap_or(0), now)?,
            Err(cause) => checkpoints::failed(conn, &name, cause, now)?,
        }
        Ok::<_, AppError>(())
    })?;
    pushed.map(drop).map_err(|cause| AppError::Unavailable(format!("{name}: {cause}")))
}

/// The number reached; none when there was nothing to do.
fn push_to_file(app: &App, path: &std::path::Path) -> Result<Option<i64>, String> {
    let mut reached = None;
    file::extend(path, |last| {
        let known = match last {
            None => 0,
            Some(line) => known_in_database(app, line)?,
        };
        let new = waiting(app, known)?;
        reached = new.last().and_then(|checkpoint| i64::try_from(checkpoint.mark.number).ok());
        Ok(new.iter().map(|checkpoint| checkpoint.to_document().to_string()).collect())
    })?;
    Ok(reached)
}

/// The number of a file's last line, which must be the database's own: else one of the two was tampered with, or the
/// database was restored from a backup, and a person decides.
fn known_in_database(app: &App, line: &str) -> Result<i64, String> {
    let read = serde_json::from_str(line).ok();
    let kept = read.as_ref().and_then(Checkpoint::from_document).ok_or("its last line is no checkpoint")?;
    let number = i64::try_from(kept.mark.number).map_err(|e| e.to_string())?;
    match app.db.read_now(|conn| checkpoints::one(conn, number)) {
        Ok(stored) if stored == kept => Ok(number),
        Ok(_) => Err(format!("its checkpoint {number} is another than the database's: run `tocsin audit verify`")),
        Err(DbError::NotFound) => {
            Err(format!("it ends in checkpoint {number}, which the database lacks: run `tocsin audit verify`"))
        }
        Err(other) => Err(other.to_string()),
    }
}

fn waiting(app: &App, known: i64) -> Result<Vec<Checkpoint>, String> {
    app.db.read_now(|conn| checkpoints::after(conn, known, PAGE)).map_err(|e| e.to_string())
}

fn push_to_log(app: &App, name: &str, host: &LogHost) -> Result<Option<i64>, String> {
    let places = app.db.read_now(checkpoints::places).map_err(|e| e.to_string())?;
    let known = places.iter().find(|place| place.place == name).map_or(0, |place| place.number);
    let new = waiting(app, known)?;
    let Some(last) = new.last() else { return Ok(None) };
    let messages: Vec<String> = new
        .iter()
        .map(|c| {
            let at = c.mark.at.to_rfc3339_opts(SecondsFormat::Micros, true);
            message(&at, "audit", &c.to_document().to_string())
        })
        .collect();
    host.send(&messages)?;
    i64::try_from(last.mark.number).map(Some).map_err(|e| e.to_string())
}

/// What an operator should know: how the last checkpoint and each place stand; the first problem as the error.
pub fn standing(app: &App) -> Result<String, String> {
    let outside = Outside::configured(app);
    if outside.is_empty() && app.config.audit.mailbox.is_empty() {
        return Err("no place outside the database is configured; see [audit]".to_owned());
    }
    for place in &outside {
        place.check().map_err(|cause| format!("{}: {cause}", place.name()))?;
    }
    let (now, last, places, letters) = app
        .db
        .read_now(|conn| {
            let now = app.clock.now(conn)?;
            let letters = checkpoints::waiting_letters(conn, now - TimeDelta::hours(1))?;
            Ok::<_, DbError>((now, checkpoints::last(conn)?, checkpoints::places(conn)?, letters))
        })
        .map_err(|e| e.to_string())?;
    let names: Vec<String> = outside.iter().map(Outside::name).collect();
    if let Some(failed) = places.iter().find(|p| names.contains(&p.place) && !p.failure.is_empty()) {
        return Err(format!("{}: {}", failed.place, failed.failure));
    }
    if letters > 0 {
        return Err(format!("{letters} letter(s) to the auditor could not be sent for an hour"));
    }
    let Some(last) = last else { return Ok(format!("no checkpoint yet; {} place(s)", names.len())) };
    let minutes = (now - last.mark.at).num_minutes();
    Ok(format!("checkpoint {} of {} entries, {minutes} min ago", last.mark.number, last.mark.size))
}
