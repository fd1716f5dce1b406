//! Is the process alive; can it do its work.

use crate::app::{App, AppError};
use crate::db::migration_state;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// The process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "alive"}))
}

/// The database answers and is up to date, and the process is not about to end.
pub async fn ready(app: web::Data<App>) -> HttpResponse {
    if app.stopping.is_asked() {
        return HttpResponse::ServiceUnavailable().json(json!({"status": "stopping"}));
    }
    let db = app.db.clone();
    let state = tokio::task::spawn_blocking(move || db.bare(migration_state)).await;
    match state.map_err(|e| AppError::Broken(e.to_string())).and_then(|state| Ok(state?)) {
        Ok(state) if state.pending.is_empty() => HttpResponse::Ok().json(json!({"status": "ready"})),
        Ok(state) => {
            HttpResponse::ServiceUnavailable().json(json!({"status": "migrations pending", "pending": state.pending}))
        }
        Err(cause) => {
            tracing::error!(event = "not ready", %cause);
            HttpResponse::ServiceUnavailable().json(json!({"status": "database unavailable"}))
        }
    }
}
