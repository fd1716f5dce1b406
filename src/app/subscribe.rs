//! Sign-up with double opt-in, one-click out, and import of confirmed lists. A subscriber's place becomes one cell of
//! resolution 10 before anything is stored.

use super::audit::{self, Act, By};
use super::{App, AppError, bounce, mail, random};
use crate::db::letters::{self, Letter};
use crate::db::subscribers::{self, NewSubscriber, SignUp};
use crate::db::{Conn, bounces};
use crate::domain::email::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::language::Language;
use crate::domain::place::{Country, PlaceCode};
use crate::sealing::{LinkToken, OsRandom};
use chrono::TimeDelta;

/// How long a confirmation link works.
pub const CONFIRMATION_HOURS: u32 = 48;

/// Where a municipality's subscribers are placed when they name no finer spot: a cell well inside it.
fn cell_of(app: &App, place: &PlaceCode) -> Option<u64> {
    let cells = app.gazetteer.cells_of(place).ok()?;
    let ranges = cells.ranges(crate::domain::area::SUBSCRIBER_RESOLUTION);
    let longest = ranges.iter().max_by_key(|range| range.last - range.first)?;
    Some(longest.first)
}

/// The places a typed text may mean: a postal code, or an official code like `NIS:21009`.
#[must_use]
pub fn places_named(app: &App, typed: &str) -> Vec<PlaceCode> {
    let typed = typed.trim();
    let postal = |country, code: &str| PlaceCode::Post { country, code: code.to_owned() };
    let candidates = match typed.len() {
        4 if typed.bytes().all(|b| b.is_ascii_digit()) => vec![postal(Country::Be, typed)],
        5 if typed.bytes().all(|b| b.is_ascii_digit()) => vec![postal(Country::Fr, typed)],
        _ => PlaceCode::parse(typed).into_iter().collect(),
    };
    candidates.iter().filter_map(|code| app.gazetteer.municipalities(code).ok()).flatten().collect()
}

/// Signs an address up and queues the letter that asks its owner. An active address gets no letter and no change: the
/// answer to whoever typed it is the same.
pub fn sign_up(
    conn: &mut Conn,
    app: &App,
    email: EmailAddress,
    language: Language,
    place: &PlaceCode,
) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let cell = cell_of(app, place).ok_or(AppError::NotFound)?;
    let token = LinkToken::generate(&mut OsRandom);
    let new = NewSubscriber {
        id: SubscriberId::from_parts(now, random::bytes()),
        email: email.as_str().to_owned(),
        language,
        cell: i64::try_from(cell).map_err(|e| AppError::Broken(e.to_string()))?,
        source: "form".to_owned(),
        confirmation: Some((token.digest().to_hex(), now + TimeDelta::hours(i64::from(CONFIRMATION_HOURS)))),
    };
    if subscribers::sign_up(conn, &new, now)? == SignUp::Known {
        return Ok(());
    }
    audit::record(
        conn,
        now,
        By::service("public"),
        &Act { action: "subscriber.asked", object: new.id.as_str(), ..Act::default() },
    )?;
    let mail = mail::confirmation(app, language, token.text().expose(), CONFIRMATION_HOURS)?;
    let letter = Letter {
        id: format!("confirm.{}", new.id),
        recipient: new.email,
        language: language.code().to_owned(),
        subject: mail.subject,
        plain: mail.text,
        html: mail.html,
        attempts: 0,
        answers: None,
    };
    Ok(letters::add(conn, &letter, now)?)
}

/// Confirms the address behind a link.
pub fn confirm(conn: &mut Conn, app: &App, token: &str) -> Result<Language, AppError> {
    let now = app.clock.now(conn)?;
    let token = LinkToken::parse(token).map_err(|_| AppError::NotFound)?;
    let (language, address) = subscribers::confirm(conn, &token.digest().to_hex(), now)?;
    bounce::lift(conn, app, &address)?;
    audit::record(conn, now, By::service("public"), &Act { action: "subscriber.confirmed", ..Act::default() })?;
    Ok(language)
}

/// Erases the subscriber behind a signed link; again is harmless.
pub fn unsubscribe(conn: &mut Conn, app: &App, link: &str) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let id = signed_subscriber(app, link).ok_or(AppError::NotFound)?;
    if subscribers::erase(conn, &id, now)? {
        audit::record(
            conn,
            now,
            By::service("public"),
            &Act { action: "subscriber.left", object: id.as_str(), ..Act::default() },
        )?;
    }
    Ok(())
}

/// The subscriber a link is signed for.
#[must_use]
pub fn signed_subscriber(app: &App, link: &str) -> Option<SubscriberId> {
    let (id, signature) = link.split_once('.')?;
    let id = SubscriberId::parse(id).ok()?;
    app.key.signed("unsubscribe", id.as_str(), signature).then_some(id)
}

/// One line of an import as typed: a cell, or coordinates that become a cell here and are forgotten, or a place.
pub struct ImportLine<'a> {
    /// Address.
    pub email: &'a str,
    /// `fr`, `nl` or `de`.
    pub language: &'a str,
    /// H3 index at resolution 10; may be empty.
    pub cell: &'a str,
    /// Place code or postal code; may be empty.
    pub place: &'a str,
}

/// Turns a line into a subscriber, or says why not.
pub fn parse_line(
    app: &App,
    line: &ImportLine<'_>,
    source: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<NewSubscriber, String> {
    let email = EmailAddress::parse(line.email).map_err(|e| e.to_string())?;
    let language = Language::parse(line.language).map_err(|e| e.to_string())?;
    let cell = match (line.cell.trim(), line.place.trim()) {
        ("", "") => return Err("neither a cell nor a place".to_owned()),
        ("", place) => match places_named(app, place).as_slice() {
            [] => return Err(format!("`{place}` is not a known place")),
            [municipality, ..] => cell_of(app, municipality).ok_or_else(|| format!("no cells known for `{place}`"))?,
        },
        (cell, _) => crate::area::subscriber_cell(cell)?,
    };
    Ok(NewSubscriber {
        id: SubscriberId::from_parts(now, random::bytes()),
        email: email.as_str().to_owned(),
        language,
        cell: i64::try_from(cell).map_err(|e| e.to_string())?,
        source: source.to_owned(),
        confirmation: None,
    })
}

/// What became of a part of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// New here.
    pub added: usize,
    /// Left out, because mail to them came back for good.
    pub unreachable: usize,
}

/// Stores a part of an import. A list brings nobody back whose mail came back for good: only they themselves can.
pub fn import(conn: &mut Conn, app: &App, new: &[NewSubscriber]) -> Result<Imported, AppError> {
    let now = app.clock.now(conn)?;
    let digests: Vec<String> = new.iter().map(|new| bounce::digest_of(app, &new.email)).collect();
    let struck = bounces::suppressed(conn, &digests)?;
    if struck.is_empty() {
        return Ok(Imported { added: subscribers::import(conn, new, now)?, unreachable: 0 });
    }
    let people = new.iter().zip(&digests);
    let left: Vec<_> = people.filter(|(_, digest)| !struck.contains(*digest)).map(|(new, _)| new.clone()).collect();
    let added = subscribers::import(conn, &left, now)?;
    Ok(Imported { added, unreachable: new.len() - left.len() })
}

/// Writes the import into the audit.
pub fn imported(conn: &mut Conn, app: &App, source: &str, added: usize) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    let reason = format!("{added} added");
    audit::record(
        conn,
        now,
        By::service("cli"),
        &Act { action: "subscribers.imported", object: source, reason: &reason, ..Act::default() },
    )
}
