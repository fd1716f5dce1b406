//! Tokens for programs as rows. Only their digests are kept.

use super::access::{User, UserRow};
use super::schema::{tokens, users};
use super::{Conn, DbError};
use crate::domain::ids::{TokenId, UserId};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

/// A token for programs.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What its owner called it.
    pub name: String,
    /// Permissions it carries, by code.
    pub scopes: Vec<String>,
    /// When it stops working.
    pub ends_at: DateTime<Utc>,
}

/// Adds a token.
pub fn add_token(
    conn: &mut Conn,
    token: &Token,
    user: &UserId,
    digest: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(tokens::table)
        .values((
            tokens::id.eq(token.id.as_str()),
            tokens::user_id.eq(user.as_str()),
            tokens::name.eq(&token.name),
            tokens::digest.eq(digest),
            tokens::scopes.eq(token.scopes.join(" ")),
            tokens::ends_at.eq(token.ends_at.naive_utc()),
            tokens::created_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

type TokenColumns = (String, String, String, NaiveDateTime);

fn token_from((id, name, scopes, ends_at): TokenColumns) -> Result<Token, DbError> {
    Ok(Token {
        id: TokenId::parse(&id).map_err(|e| DbError::corrupt("tokens.id", e))?,
        name,
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        ends_at: ends_at.and_utc(),
    })
}

/// The working token and its account behind a digest.
pub fn token_by_digest(conn: &mut Conn, digest: &str, now: DateTime<Utc>) -> Result<(Token, User), DbError> {
    let (columns, user): (TokenColumns, UserRow) = tokens::table
        .inner_join(users::table.on(users::id.eq(tokens::user_id)))
        .filter(tokens::digest.eq(digest))
        .filter(tokens::revoked_at.is_null().and(tokens::ends_at.gt(now.naive_utc())).and(users::disabled_at.is_null()))
        .select(((tokens::id, tokens::name, tokens::scopes, tokens::ends_at), UserRow::as_select()))
        .first(conn)?;
    Ok((token_from(columns)?, user.try_into()?))
}

/// A user's working tokens.
pub fn tokens_of(conn: &mut Conn, user: &UserId, now: DateTime<Utc>) -> Result<Vec<Token>, DbError> {
    let rows: Vec<TokenColumns> = tokens::table
        .filter(
            tokens::user_id
                .eq(user.as_str())
                .and(tokens::revoked_at.is_null())
                .and(tokens::ends_at.gt(now.naive_utc())),
        )
        .select((tokens::id, tokens::name, tokens::scopes, tokens::ends_at))
        .order(tokens::id)
        .load(conn)?;
    rows.into_iter().map(token_from).collect()
}

/// Ends one of the user's tokens; `NotFound` when it is not theirs.
pub fn revoke_token(conn: &mut Conn, user: &UserId, id: &TokenId, now: DateTime<Utc>) -> Result<(), DbError> {
    let changed = diesel::update(tokens::table.find(id.as_str()).filter(tokens::user_id.eq(user.as_str())))
        .set(tokens::revoked_at.eq(now.naive_utc()))
        .execute(conn)?;
    if changed == 1 { Ok(()) } else { Err(DbError::NotFound) }
}
