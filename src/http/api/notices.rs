//! How the caller is told by mail what happens in their unit: ids and counts only, together rather than one by one.

use crate::app::notices::{self, Asked};
use crate::db::notices::Notices;
use crate::domain::notice_wish::Cadence;
use crate::http::problem::ApiError;
use crate::http::request::{Answer, Desk, text};
use actix_web::{HttpResponse, delete, get, put, web};
use serde_json::{Value, json};

fn view(wanted: Option<&Notices>) -> Value {
    let (every, daily) = match wanted.map(|wanted| wanted.wish.cadence) {
        Some(Cadence::Every(span)) => (Some(span.num_minutes()), None),
        Some(Cadence::Daily(time)) => (None, Some(time.format("%H:%M").to_string())),
        Some(Cadence::Never) | None => (None, None),
    };
    json!({
        "address": wanted.map(|wanted| &wanted.address), "language": wanted.map(|wanted| &wanted.language),
        "urgent": wanted.is_some_and(|wanted| wanted.wish.urgent), "every_minutes": every, "daily_at": daily,
        "last_at": wanted.and_then(|wanted| wanted.last_at), "next_at": wanted.and_then(|wanted| wanted.due_at),
    })
}

/// How the caller is told by mail what happens in their unit; all `null` when they never said
#[utoipa::path(tag = "access", responses((status = 200)))]
#[get("/me/notices")]
pub async fn show(desk: Desk) -> Result<HttpResponse, ApiError> {
    let wanted = desk.read(move |conn, _, caller| notices::show(conn, &caller.actor)).await?;
    Ok(Answer::ok(view(wanted.as_ref())).respond())
}

/// Be told by mail at `address` in `language`: `urgent` at once, the rest `every_minutes` (5 to 1440) or `daily_at` (`07:30`)
///
/// Mails carry ids and counts of what the caller may see, never a word of what somebody said; 11,000 answers are one line.
#[utoipa::path(tag = "access", request_body = Value, responses((status = 200), (status = 422)))]
#[put("/me/notices")]
pub async fn set(desk: Desk, body: web::Json<Value>) -> Result<HttpResponse, ApiError> {
    let asked = Asked {
        address: text(&body, "address").trim().to_owned(),
        language: text(&body, "language"),
        urgent: body.get("urgent").and_then(Value::as_bool).unwrap_or(false),
        // What is there and no number is out of range, not absent.
        every_minutes: body.get("every_minutes").filter(|n| !n.is_null()).map(|n| n.as_i64().unwrap_or(0)),
        daily_at: body.get("daily_at").filter(|at| !at.is_null()).map(|_| text(&body, "daily_at")),
    };
    desk.write(&body, move |conn, app, caller| {
        let wanted = notices::set(conn, app, &caller.actor, &asked)?;
        Ok(Answer::ok(view(Some(&wanted))))
    })
    .await
}

/// Be told nothing by mail any more; the address is forgotten
#[utoipa::path(tag = "access", responses((status = 200)))]
#[delete("/me/notices")]
pub async fn remove(desk: Desk) -> Result<HttpResponse, ApiError> {
    desk.write(&Value::Null, move |conn, app, caller| {
        notices::remove(conn, app, &caller.actor)?;
        Ok(Answer::ok(view(None)))
    })
    .await
}
