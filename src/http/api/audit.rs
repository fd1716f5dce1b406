//! The audit chain of the caller's unit's objects, and the count of subscribers.

use crate::app::App;
use crate::db::{audit, checkpoints as rows, subscribers};
use crate::domain::actor::Permission;
use crate::domain::audit::Checkpoint;
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, SignedIn};
use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where to go on, and about what.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    after: Option<i64>,
    object: Option<String>,
    limit: Option<i64>,
}

/// Read the unit's audit entries in order
#[utoipa::path(tag = "audit", params(("after" = Option<i64>, Query), ("object" = Option<String>, Query), ("limit" = Option<i64>, Query)), responses((status = 200), (status = 403)))]
#[get("/audit")]
pub async fn list(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    query: web::Query<AuditQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.into_inner();
    let context = app.clone();
    let found = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ReadAudit, now)?;
        let limit = query.limit.unwrap_or(100).clamp(1, 1000);
        let unit = caller.actor.unit.as_str();
        let entries = audit::entries_after(conn, query.after.unwrap_or(0), Some(unit), query.object.as_deref(), limit)?;
        Ok(entries)
    })
    .await?;
    let items: Vec<Value> = found
        .iter()
        .map(|s| {
            let e = &s.entry;
            json!({"seq": e.seq, "at": e.at, "actor": e.actor, "action": e.action, "object": e.object, "version": e.object_version,
                "reason": e.reason, "reason_digest": e.reason_digest, "salt": e.salt, "form": e.form.number(), "payload_digest": e.payload_digest, "prev_hash": e.prev_hash, "hash": s.hash})
        })
        .collect();
    Ok(Answer::ok(json!({"items": items})).respond())
}

/// Where to go on among checkpoints.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointQuery {
    after: Option<i64>,
    limit: Option<i64>,
}

/// Read the signed checkpoints of the whole chain, and the key to check them with
///
/// A checkpoint says how many entries the chain had and what it ended in; it names no act, so every auditor may read all.
#[utoipa::path(tag = "audit", params(("after" = Option<i64>, Query), ("limit" = Option<i64>, Query)), responses((status = 200), (status = 403)))]
#[get("/audit/checkpoints")]
pub async fn checkpoints(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    query: web::Query<CheckpointQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.into_inner();
    let context = app.clone();
    let found = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ReadAudit, now)?;
        Ok(rows::after(conn, query.after.unwrap_or(0), query.limit.unwrap_or(100).clamp(1, 1000))?)
    })
    .await?;
    let items: Vec<Value> = found.iter().map(Checkpoint::to_document).collect();
    let key = app.audit_key.public();
    Ok(Answer::ok(json!({"items": items, "key": key.to_text(), "key_id": key.id()})).respond())
}

/// Count active subscribers by language
#[utoipa::path(tag = "subscribers", responses((status = 200), (status = 403)))]
#[get("/subscribers")]
pub async fn count_subscribers(app: web::Data<App>, SignedIn(caller): SignedIn) -> Result<HttpResponse, ApiError> {
    let context = app.clone();
    let totals = request::read(&app, move |conn| {
        let now = context.clock.now(conn)?;
        caller.actor.may(Permission::ManageSubscribers, now)?;
        Ok(subscribers::totals(conn)?)
    })
    .await?;
    let active: serde_json::Map<String, Value> =
        totals.into_iter().map(|(language, count)| (language, json!(count))).collect();
    Ok(Answer::ok(json!({"active": active})).respond())
}
