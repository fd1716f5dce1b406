//! Tokens for programs: made by their owner for what needs no person, ended by their owner.

use super::audit::{self, Act, By};
use super::{App, AppError, random};
use crate::db::Conn;
use crate::db::tokens::{self, Token};
use crate::domain::actor::{Actor, Permission, TokenScope};
use crate::domain::faults::Fault;
use crate::domain::ids::{TokenId, UserId};
use crate::sealing::{ApiToken, OsRandom};
use chrono::TimeDelta;

/// The longest a token may work.
const TOKEN_DAYS: i64 = 90;

/// A new token for the caller's own programs; shown once.
pub fn add_token(
    conn: &mut Conn,
    app: &App,
    by: By,
    user: &UserId,
    name: &str,
    scopes: &[Permission],
    days: i64,
) -> Result<(Token, ApiToken), AppError> {
    let now = app.clock.now(conn)?;
    let mut faults = Vec::new();
    if !(1..=80).contains(&name.trim().chars().count()) {
        faults.push(Fault::at("/name", "too-long").with("limit", 80).with("length", name.chars().count()));
    }
    if !(1..=TOKEN_DAYS).contains(&days) {
        faults.push(Fault::at("/days", "out-of-range").with("min", 1).with("max", TOKEN_DAYS).with("value", days));
    }
    if let Err(interactive) = TokenScope::new(scopes.iter().copied()) {
        faults.push(Fault::at("/scopes", "scope-needs-person").with("value", interactive));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let token = ApiToken::personal(&mut OsRandom);
    let row = Token {
        id: TokenId::from_parts(now, random::bytes()),
        name: name.trim().to_owned(),
        scopes: scopes.iter().map(ToString::to_string).collect(),
        ends_at: now + TimeDelta::days(days),
    };
    tokens::add_token(conn, &row, user, &token.digest().to_hex(), now)?;
    audit::record(conn, now, by, &Act { action: "token.added", object: row.id.as_str(), ..Act::default() })?;
    Ok((row, token))
}

/// Ends one of the caller's tokens.
pub fn revoke_token(conn: &mut Conn, app: &App, actor: &Actor, id: &TokenId) -> Result<(), AppError> {
    let now = app.clock.now(conn)?;
    tokens::revoke_token(conn, &actor.user, id, now)?;
    audit::record(conn, now, actor, &Act { action: "token.ended", object: id.as_str(), ..Act::default() })
}
